"""Feed garbage to one connector, story by story: one thing is asked of the CRM, and an answer on the way is garbage.

Each story is made by its number alone; `stories` tells what must not happen and did.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest

from kamsync.cli.opening import quiet_logs
from kamsync.engine.land import Reading, Tally, work_out
from kamsync.net import Door, Transport
from kamsync.plugin import Intent, KamsyncError, Page, Probe, Reply, Stream, TagChange, TaskChange, TaskRef, Window
from kamsync.store.landing import Place
from kamsync.testing.server import Answer, Call
from kamsync.testing.suite_bench import Bench
from kamsync.testing.suite_tasks import marker, reminder
from kamsync.testing.tenant import Tenant
from kamsync_fxiaoke import api as fxiaoke_api
from kamsync_fxiaoke import connector as fxiaoke
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho import connector as zoho
from kamsync_zoho import place as zoho_place
from kamsync_zoho import queries as zoho_queries
from kamsync_zoho.sim import ZohoTenant
from tests.reliability.garbage import Garbage, garbage, named, read, rows

CONNECTORS = {"zoho": zoho, "zoho by lists": zoho, "fxiaoke": fxiaoke}
WORK, PATIENCE = 5, 20  # seconds that a story may take: of work, and in all on a machine with other things to do
FRESH = 150  # stories that share a tenant
WIRED = 8  # one story in so many really goes over HTTP
ROWS = 4  # of one page, so that lists have several
MANY = 10
OURS = "KAM·一级"


class Hung(BaseException):
    """Nothing in between may take it for an answer's fault."""


@dataclass
class Bad:
    """What went wrong, by kind, and how to see the first of each again."""

    counts: dict[str, int] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)

    def note(self, kind: str, how: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.samples.setdefault(kind, how)


@dataclass
class Weather:
    """What the tenant's next answers become: the one in this place of those that an asking takes."""

    rng: Random
    strike: int = -1
    forever: bool = False
    wire: bool = False
    seen: int = 0
    got: list[Garbage] = field(default_factory=list)
    torn: set[str] = field(default_factory=set)  # records that an odd answer no longer names as it should

    def pass_by(self, call: Call, answer: Answer) -> Answer:
        self.seen += 1
        if self.seen - 1 != self.strike and not (self.forever and 0 <= self.strike < self.seen):
            return answer
        made = garbage(answer, self.rng, wire=self.wire)
        self.got.append(made)
        self.torn |= named(rows(read(answer.wire()[0]))) - named(made.kept)
        return made.answer


class Straight:
    """How calls reach a tenant without a socket: the same bytes, a hundred times as fast."""

    tenant: Tenant

    def __init__(self, *, connections: int, deadline: float) -> None: ...

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, **_: Any) -> Reply:
        split = urlsplit(url)
        named = {name.lower(): value for name, value in headers.items()}
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        answer = self.tenant.server.handle(Call(method, split.path, query, named, body or b""))
        data, kind = answer.wire()
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, {"content-type": kind} | told, data)

    def close(self) -> None: ...


class Fed(Bench):
    """A bench whose answers pass through the weather; its calls go straight, or over HTTP."""

    def __init__(self, name: str, *, wire: bool) -> None:
        tenant = FxiaokeTenant(calls_per_20s=10_000_000) if name == "fxiaoke" else ZohoTenant(credits=10_000_000)
        if name == "zoho by lists":
            tenant.knobs.scopes = tuple(scope for scope in tenant.knobs.scopes if "coql" not in scope)
        self.weather = Weather(Random(0))
        self.transport: type[Transport] = Transport
        if wire:
            tenant.start()
        else:
            self.transport = cast(type[Transport], type("To", (Straight,), {"tenant": tenant}))
        super().__init__(CONNECTORS[name], tenant)
        self.began = self.clock.now()
        honest = tenant.server.handle
        tenant.server.handle = lambda call: self.weather.pass_by(call, honest(call))
        self.there = self.accounts(MANY)
        self.tasks = [self._task(number) for number in range(3)]
        self.pages()  # signed in, and what the CRM describes is known

    def _door(self, options: Any) -> Door:
        assert self.connector.wire is not None
        return Door("fed", self.connector.wire, options, self.clock, deadline=4.0, transport=self.transport)

    def _task(self, number: int) -> str:
        (told,) = self.writer().write([reminder(self, self.there[number], 900_000 + number)])
        assert told.remote_id
        return told.remote_id


# ---- what is asked for, and what may not come of it

Ask = Callable[[Fed, int, Bad], None]


def stories(name: str, numbers: range, seed: int, say: Callable[[str], None]) -> Bad:
    """Story after story; what went wrong. Only in a main thread: it watches for those that hang."""
    quiet_logs()
    bad = Bad()
    benches: dict[bool, tuple[Fed, int]] = {}
    with small_pages():
        for number in numbers:
            wire = number % WIRED == 0
            bench, left = benches.get(wire, (None, 0))
            if bench is None or left == 0:
                if bench is not None:
                    done(bench)
                bench, left = Fed(name, wire=wire), FRESH
            benches[wire] = bench, left - 1
            story(bench, name, number, seed, bad)
            if number % 100 == 0:
                say(f"{name} {number - numbers.start:,}")
    for bench, _ in benches.values():
        done(bench)
    return bad


def done(bench: Fed) -> None:
    bench.close()
    with suppress(AttributeError):
        bench.tenant.stop()


def story(bench: Fed, name: str, number: int, seed: int, bad: Bad) -> None:
    """One asking; an answer of it is garbage, by chance all that follow, too."""
    rng = Random(f"{seed} {name} {number}")
    what, ask = rng.choice(ASKS)
    told = Bad()
    with calm(bench, rng, number):
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        began = time.thread_time()
        try:
            ask(bench, number, told)
            if time.thread_time() - began > WORK:
                raise Hung
        except (KamsyncError, pytest.skip.Exception):
            pass  # it said so, or never claimed to: nothing more is asked of it
        except Hung:
            told.note("hung", "")
        except Exception as crash:  # noqa: BLE001  a crash is what is looked for
            told.note("crashed", f"{type(crash).__name__}: {crash!s:.120}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    how = "; ".join(dict.fromkeys(one.how for one in bench.weather.got))
    for kind, sample in told.samples.items():
        bad.note(f"{kind} ({what})", f"{name} story {number}: {what}, {how}: {sample}")


@contextmanager
def calm(bench: Fed, rng: Random, number: int) -> Iterator[None]:
    """The weather of one story; clear before and after."""
    bench.weather = Weather(rng, rng.choice((0, 0, 0, 1, 1, 2, 3)), rng.random() < 0.2, wire=number % WIRED == 0)
    before = signal.signal(signal.SIGALRM, _hang)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def _hang(*_: Any) -> None:
    raise Hung


SIZES = ((zoho_queries, ("QUIET", "GROWING", "FULL")), (zoho_place, ("PER_PAGE",)), (fxiaoke_api, ("PAGE",)))


@contextmanager
def small_pages() -> Iterator[None]:
    """Lists in pages of a few rows."""
    before = [(module, name, getattr(module, name)) for module, names in SIZES for name in names]
    for module, name, _ in before:
        setattr(module, name, ROWS)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def clear(bench: Fed) -> None:
    bench.weather.strike, bench.weather.forever = -1, False


def senseless(bench: Fed) -> bool:
    """Was every answer that was touched no answer at all?"""
    return bool(bench.weather.got) and all(one.senseless for one in bench.weather.got)


def _drained(bench: Fed, pages: Iterator[Page], into: list[Page]) -> None:
    for page in pages:
        into.append(page)
        for _ in work_out(_reading(bench), page, {}, bench.clock.now(), Tally()):
            pass
        assert len(into) < 60, "a list without end"


def _reading(bench: Fed) -> Reading:
    stream = bench.stream()
    name = bench.mapping.stream_of(stream.object) or ""
    return Reading(Place("fed", name, "account"), bench.mapping, ZoneInfo("Asia/Shanghai"), "CNY", 1)


def _listing(begin: Callable[[Fed, str | None], Iterator[Page]]) -> Ask:
    """A list: whatever was not delivered is still ahead of the place that the last page names."""

    def ask(bench: Fed, number: int, bad: Bad) -> None:
        pages: list[Page] = []
        with suppress(KamsyncError):
            _drained(bench, begin(bench, None), pages)
            _all_there(bench, pages, "believed that a list had ended", bad)
            return
        clear(bench)
        with suppress(KamsyncError):
            _drained(bench, begin(bench, pages[-1].cursor if pages else None), pages)
            _all_there(bench, pages, "moved past what was not delivered", bad)

    return ask


def _all_there(bench: Fed, pages: list[Page], what: str, bad: Bad) -> None:
    """Each account came, but for those whose rows were garbage themselves."""
    came = {record.id for page in pages for record in page.records} | {one.id for page in pages for one in page.gone}
    lied = any(one.ends for one in bench.weather.got)
    if not lied and (missing := set(bench.there) - came - bench.weather.torn):
        bad.note(what, f"{len(missing)} of {len(bench.there)} never came")


def _accounts(bench: Fed, cursor: str | None) -> Iterator[Page]:
    return bench.session.read(bench.stream(), bench.window(bench.stream()), cursor)


def _changed(bench: Fed, cursor: str | None) -> Iterator[Page]:
    stream = bench.stream()
    return bench.session.read(stream, bench.window(stream, lo=bench.start - timedelta(days=1)), cursor)


def _ids(bench: Fed, cursor: str | None) -> Iterator[Page]:
    return bench.sweep().ids(bench.stream(), cursor)


def _gone(bench: Fed, number: int, bad: Bad) -> None:
    stream = bench.stream()
    for page in bench.gone().gone(stream, Window(bench.start, bench.clock.now()), None):
        wrong = {one.id for one in page.gone} & set(bench.there)
        if wrong and senseless(bench):
            bad.note("took a live record for gone", str(wrong))


def _get(bench: Fed, number: int, bad: Bad) -> None:
    for one in bench.gets().get(bench.stream(), bench.there[:3]):
        if one.state == "gone" and senseless(bench):
            bad.note("took a live record for gone", one.id)


def _check(bench: Fed, number: int, bad: Bad) -> None:
    bench.session.check()
    bench.session.streams()


def _sign_in(bench: Fed, number: int, bad: Bad) -> None:
    """The token call, and the first after it."""
    session = bench.open()
    try:
        session.check()
    finally:
        bench._doors.pop().close()


def _describe(bench: Fed, number: int, bad: Bad) -> None:
    session = bench.open()
    try:
        fields: Callable[[Stream], Any] = session.fields  # type: ignore[attr-defined]  # both connectors claim it
        fields(bench.stream())
    finally:
        bench._doors.pop().close()


def _forecast(bench: Fed, number: int, bad: Bad) -> None:
    bench.forecasts().forecast(bench.stream(), bench.window(bench.stream()), 4)
    bench.slices().slices(bench.stream(), bench.window(bench.stream()), 4)


def _live(bench: Fed, number: int, bad: Bad) -> None:
    for one in bench.writer().live([bench.target(id) for id in bench.there[:3]]):
        if not one.found and senseless(bench):
            bad.note("took a live record for gone", one.target.remote_id)


def _find(bench: Fed, number: int, bad: Bad) -> None:
    probe = Probe(marker(900_000), bench.target(bench.there[0]), bench.began)
    bench.clock.sleep(400.0)
    for one in bench.writer().find([probe]):
        if one.state == "absent" and senseless(bench):
            bad.note("took a task for absent", str(one))


def _look_at_tasks(bench: Fed, number: int, bad: Bad) -> None:
    session: Any = bench.session
    for one in session.tasks([TaskRef(marker(900_000 + place), id) for place, id in enumerate(bench.tasks)]):
        if one.state == "gone" and senseless(bench):
            bad.note("took a task for gone", str(one))


def _all_ours(bench: Fed, number: int, bad: Bad) -> None:
    found = {one.remote_id for one in bench.writer().ours(None)}
    if senseless(bench) and not set(bench.tasks) <= found:
        bad.note("took a task for absent", f"{len(found)} of {len(bench.tasks)}")


def _heard(bench: Fed, number: int, bad: Bad) -> None:
    rng = bench.weather.rng
    body = garbage(Answer(200, {"object": "Accounts", "ids": bench.there[:2]}), rng, wire=False).answer.wire()[0]
    headers = {rng.choice(("x-token", "authorization", "content-type", "nonce")): "华" * rng.randrange(3)}
    bench.hints().hint(headers, body)


def _made(bench: Fed, number: int, bad: Bad) -> None:
    _write(bench, reminder(bench, bench.there[number % MANY], number), bad,
           lambda: marker(number) in {task.marker for task in bench.tenant.tasks()})  # fmt: skip


def _tagged(bench: Fed, number: int, bad: Bad) -> None:
    account = bench.there[number % MANY]
    bench.tenant.set_tags(account, ())
    _write(bench, Intent(f"tags-{number}", TagChange(bench.target(account), (OURS,), ())), bad,
           lambda: OURS in bench.tenant.tags(account))  # fmt: skip


def _moved(bench: Fed, number: int, bad: Bad) -> None:
    place = number % len(bench.tasks)
    due = reminder(bench, bench.there[place]).body.due + timedelta(days=number % 3000)  # type: ignore[union-attr]
    change = TaskChange(bench.target(bench.there[place]), bench.tasks[place], marker(900_000 + place), due=due)
    _write(bench, Intent(f"move-{number}", change), bad, lambda: due.isoformat() in _dues(bench, bench.tasks[place]))


def _dues(bench: Fed, id: str) -> list[str | None]:
    return [task.due for task in bench.tenant.tasks() if task.id == id]


def _write(bench: Fed, intent: Intent, bad: Bad, stands: Callable[[], bool]) -> None:
    """What is said of a write: only what is so may be said, and of garbage nothing follows."""
    (told,) = bench.writer().write([intent])
    happened = stands()
    if not bench.weather.got:
        return
    if told.state == "applied" and not happened:
        bad.note("called done what was not", f"{told}")
    if told.state in ("refused", "not_sent", "stale") and happened:
        bad.note(f"called {told.state} what was done", f"{told}")
    if told.state == "refused" and senseless(bench):
        bad.note("took garbage for a refusal", f"{told}")


ASKS: tuple[tuple[str, Ask], ...] = (
    ("read", _listing(_accounts)), ("read", _listing(_accounts)), ("changes", _listing(_changed)),
    ("sweep", _listing(_ids)), ("gone", _gone), ("get", _get), ("check", _check), ("sign in", _sign_in),
    ("describe", _describe), ("forecast", _forecast), ("live", _live), ("find", _find), ("tasks", _look_at_tasks),
    ("ours", _all_ours), ("hook", _heard), ("write task", _made), ("write task", _made), ("write tags", _tagged),
    ("write tags", _tagged), ("change task", _moved),
)  # fmt: skip
