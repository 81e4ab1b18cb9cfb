"""What every check of the conformance suite stands on: one connector, opened on its simulated tenant.

Opens through the real door, with the tenant's own options, on a clock that nobody waits for. Knows no CRM.
"""

from __future__ import annotations

import json
import re
import time
from collections import abc
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NoReturn, TypeVar

import pytest

from kamsync.mapping import Mapping, read_mapping
from kamsync.net import Door, Spent
from kamsync.plugin import (
    Connector,
    Describes,
    Forecasts,
    Gets,
    Gone,
    Gotten,
    Hints,
    ListsIds,
    Page,
    ReadsGone,
    ReadsSlices,
    Record,
    Request,
    Secret,
    Session,
    Stream,
    Target,
    Token,
    Watches,
    Window,
    Wire,
    Writes,
)
from kamsync.testing.clock import FastClock
from kamsync.testing.faults import Fault
from kamsync.testing.server import Answer, Call, dumps
from kamsync.testing.tenant import Lacks, Tenant

MOST_PAGES = 500
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

T = TypeVar("T")


class Bench:
    """One connector before its tenant. `session` is open from the start; `open` gives another, as after a restart."""

    def __init__(self, connector: Connector, tenant: Tenant) -> None:
        self.connector = connector
        self.tenant = tenant
        self.clock = FastClock(tenant)
        self.secrets: set[str] = set()  # every token and password that was used
        self._doors: list[Door] = []
        self._streams: Sequence[Stream] | None = None
        self.start = (tenant.now() - timedelta(days=30)).replace(microsecond=0)
        self.session: Session = self.open()

    def open(self, **changed: Any) -> Session:
        """A new session through a new door, no token at hand; `changed` options in place of the tenant's."""
        options = self.connector.options(**{**self.tenant.options(), **changed})
        self.secrets |= {value.reveal() for _, value in options if isinstance(value, Secret)}
        door = Door("bench", replace(self._wire, sign=self._sign), options, self.clock, deadline=5.0)
        self._doors.append(door)
        return self.connector.open(options, door, self.clock)

    def _sign(self, options: Any, token: Token, request: Request) -> Request:
        self.secrets.add(token.secret.reveal())
        return self._wire.sign(options, token, request)

    @property
    def spent(self) -> Spent:
        """What the first session has used so far."""
        return self._doors[0].spent

    @property
    def concurrency(self) -> int:
        """Calls that may be in flight at one time."""
        return self._doors[0].concurrency

    @property
    def _wire(self) -> Wire:
        assert self.connector.wire is not None, "this suite meets tenants over a network"
        return self.connector.wire

    def close(self) -> None:
        for door in self._doors:
            door.close()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- what the session claims

    def gone(self) -> ReadsGone:
        return self.session if isinstance(self.session, ReadsGone) else _unclaimed("gone")

    def slices(self) -> ReadsSlices:
        return self.session if isinstance(self.session, ReadsSlices) else _unclaimed("slices")

    def sweep(self) -> ListsIds:
        return self.session if isinstance(self.session, ListsIds) else _unclaimed("ids")

    def gets(self) -> Gets:
        return self.session if isinstance(self.session, Gets) else _unclaimed("get")

    def forecasts(self) -> Forecasts:
        return self.session if isinstance(self.session, Forecasts) else _unclaimed("forecast")

    def hints(self) -> Hints:
        """A session that takes notices from the tenant."""
        session = self.open(**self.tenant.listening)
        return session if isinstance(session, Hints) else _unclaimed("hint")

    def watches(self) -> Watches:
        """A session that has the tenant call us."""
        session = self.open(**self.tenant.listening)
        return session if isinstance(session, Watches) else _unclaimed("watch")

    def has(self, capability: str) -> bool:
        """Does the session claim this method?"""
        return hasattr(self.session, capability)

    def describes(self) -> Describes:
        return self.session if isinstance(self.session, Describes) else _unclaimed("fields")

    def writer(self) -> Writes:
        return self.session if isinstance(self.session, Writes) else _unclaimed("write")

    # ---- streams and windows

    def stream(self, entity: str = "account") -> Stream:
        """The first stream that holds this entity."""
        if self._streams is None:
            self._streams = self.session.streams()
        found = next((stream for stream in self._streams if stream.entity == entity), None)
        return found or _unclaimed(f"a stream of {entity}s")

    @cached_property
    def mapping(self) -> Mapping:
        """The connector's own mapping."""
        return read_mapping(self.connector.mapping(), f"{self.connector.name}.toml")

    def want(self, stream: Stream) -> frozenset[str]:
        """The fields that the connector's own mapping reads, as the engine would ask for them."""
        name = self.mapping.stream_of(stream.object)
        return self.mapping.wanted_fields(name) if name else frozenset()

    def window(
        self,
        stream: Stream,
        lo: datetime | None = None,
        hi: datetime | None = None,
        want: frozenset[str] | None = None,
    ) -> Window:
        """From `lo` (the beginning of time) to `hi` (an hour from now)."""
        return Window(lo, hi or self.tenant.now() + HOUR, self.want(stream) if want is None else want)

    def pages(
        self,
        stream: Stream | None = None,
        window: Window | None = None,
        cursor: str | None = None,
        session: Session | None = None,
    ) -> list[Page]:
        """Every page of a window; by default all accounts."""
        stream = stream or self.stream()
        return self.drain((session or self.session).read(stream, window or self.window(stream), cursor))

    def drain(self, pages: Iterable[Page]) -> list[Page]:
        """All pages; one that is not ready yet is waited for. A list without end is a failure."""
        found: list[Page] = []
        for page in pages:
            found.append(page)
            self.clock.sleep(page.wait or 0.0)
            assert len(found) <= MOST_PAGES, f"a list of {MOST_PAGES} pages and still no end"
        return found

    # ---- what people put into the CRM

    def accounts(self, count: int, *, apart: timedelta = SECOND) -> list[str]:
        """So many new accounts, changed one after the other, 30 days ago."""
        return [
            self.tenant.add("account", name=f"“华为”技术😀有限公司{number}", modified=self.start + number * apart)
            for number in range(count)
        ]

    def several_pages(self, *, apart: timedelta = SECOND) -> list[str]:
        """Accounts for two and a half answers of a list."""
        return self.accounts(self.tenant.most_rows * 5 // 2, apart=apart)

    def target(self, id: str) -> Target:
        """An account as something to write on."""
        stream = self.stream()
        return Target(stream.name, stream.object, id)

    # ---- trouble

    def at_once(self, acts: Sequence[Callable[[], T]]) -> list[T]:
        """Do all of these at one time, each on a thread of its own; their results in order."""
        with ThreadPoolExecutor(len(acts)) as pool:
            return [each.result() for each in [pool.submit(act) for act in acts]]

    def last_call(self, act: Callable[[], object]) -> str:
        """The call that `act` ends with, in the form that a fault is aimed by."""
        act()
        self.quiet()
        return f"^{re.escape(self.tenant.traffic.log[-1].name)}$"

    def listing(self) -> str:
        """The call that lists accounts."""
        return self.last_call(self.pages)

    def times(self, on: str) -> int:
        """How often such a call came so far."""
        self.quiet()
        return sum(count for name, count in self.tenant.traffic.calls.items() if re.search(on, name))

    def quiet(self) -> None:
        """Until the tenant is done with what it has been asked."""
        while self.tenant.traffic.in_flight:
            time.sleep(0.001)

    def fault(self, kind: Any, on: str, **more: Any) -> None:
        self.tenant.fault(Fault(kind, on=on, **more))

    def answer(self, answer: Answer, on: str, times: int = 1) -> None:
        """Give this answer instead of handling the call."""
        headers = dict(answer.headers)
        self.fault("answer", on, times=times, status=answer.status, body=answer.body, headers=headers)

    def well_again(self) -> None:
        """No fault is in force any more."""
        self.tenant.server.faults.clear()

    def tamper(self, change: Callable[[Call, Answer], Answer]) -> None:
        """Let every answer pass through `change` on its way out."""
        handle = self.tenant.server.handle
        self.tenant.server.handle = lambda call: change(call, handle(call))


def skip(capability: str) -> NoReturn:
    """The check does not apply; the report says why."""
    pytest.skip(f"{capability}: not claimed by this session")


def able(act: Callable[..., T], *given: Any) -> T:
    """Do what people can do in this CRM; skips where its simulator knows no such thing."""
    try:
        return act(*given)
    except Lacks as lacks:
        skip(str(lacks))


def _unclaimed(capability: str) -> Any:
    skip(capability)


# ---- looking at pages


def records(pages: Iterable[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def ids(pages: Iterable[Page]) -> list[str]:
    """The ids of all records, in the order they came."""
    return [record.id for record in records(pages)]


def gone(pages: Iterable[Page]) -> list[Gone]:
    return [each for page in pages for each in page.gone]


def states(gotten: Iterable[Gotten]) -> list[str]:
    return [each.state for each in gotten]


def leaves(value: Any) -> Iterator[Any]:
    """Every plain value inside a body."""
    if isinstance(value, abc.Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def body_of(answer: Answer) -> Any:
    """An answer's body as JSON, whether it is bytes already or not; None where it has none."""
    data, _ = answer.wire()
    return json.loads(data) if data else None


def longest_list(value: Any) -> list[Any] | None:
    """The longest list of objects inside an answer: its rows."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [rows for rows in map(longest_list, inner) if rows]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        found.append(value)
    return max(found, key=len, default=None)


def with_rows(answer: Answer, change: Callable[[list[Any]], list[Any]]) -> Answer:
    """The answer with its rows changed; one without rows as it is."""
    body = body_of(answer)
    rows = longest_list(body)
    if rows is None:
        return answer
    rows[:] = change(rows)
    return Answer(answer.status, dumps(body), answer.headers)
