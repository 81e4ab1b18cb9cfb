"""One CRM behind a bad line: what is to be written goes out one call each, and each call is broken at its own byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kamsync.cli.opening import quiet_logs
from kamsync.engine import cycle as steps
from kamsync.engine.plan import plan
from kamsync.plugin import KamsyncError
from kamsync.testing.tenant import Tenant
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant
from tests.engine.around import DeskClock
from tests.engine.desk import BASIC, MONDAY, Desk
from tests.reliability.proxy import Proxy, Toxic

CRMS = ("E3", "E2", "fxiaoke")
WRITES = {
    "task": r"^POST .*(/Tasks|data/create)[ ?]",
    "tags": r"^POST .*(/actions/add_tags|data/update)[ ?]",
}
DEADLINE = 2.0  # seconds that a call may take; a line that stays silent costs as much
READS = r"^(GET|POST) "
LOW = "KAM·三级及以下"


@dataclass
class Tally:
    """What was broken, and how it ended."""

    broken: Counter[str] = field(default_factory=Counter)  # by kind of write and of toxic
    bytes: dict[str, int] = field(default_factory=dict)  # of one request and its answer, by kind of write
    wanted: int = 0
    lost: int = 0
    doubled: int = 0
    restless: int = 0


def _behind(crm: type[Any]) -> type[Any]:
    """This invented CRM, named in its own answers by the address of whatever stands before it."""
    return type(f"Behind{crm.__name__}", (crm,), {"front": "", "url": property(lambda self: self.front)})


@contextmanager
def line(kind: str, folder: Path, url: str) -> Iterator[tuple[Desk, Proxy]]:
    """A desk at one CRM, all of whose calls pass a proxy."""
    quiet_logs()
    zoho = _behind(ZohoTenant)(task_key_field=kind != "E2", credits=10_000_000)
    fxiaoke = _behind(FxiaokeTenant)(calls_per_20s=10_000_000)
    name, tenant = ("fxiaoke", fxiaoke) if kind == "fxiaoke" else ("zoho", zoho)
    clock = DeskClock(zoho, fxiaoke)
    clock.set(MONDAY)
    fxiaoke.add("user", name="韩梅梅")
    tenant.start()
    with Proxy(tenant.server.port) as proxy:
        zoho.front = fxiaoke.front = proxy.url
        desk = Desk(folder, url, zoho, fxiaoke, clock, (name,), BASIC, [], deadline=DEADLINE)
        desk.options[name] = {"allow_hosts": ["127.0.0.1"]}
        try:
            yield desk, proxy
        finally:
            desk.close()
            tenant.stop()


def customers(desk: Desk, count: int) -> list[str]:
    """So many customers to whom a tag and a reminder are owed."""
    return [
        desk.overdue(name=f"星河{number:05d}号精密机械有限公司", uscc=f"91310000000{number:05d}XX")
        for number in range(count)
    ]


def write_each(
    desk: Desk, proxy: Proxy, kind: str, toxics: Callable[[int, int], Sequence[Toxic]], tally: Tally
) -> None:
    """Apply what is planned of a kind, one row a call, each over a line that breaks.

    `toxics`: what befalls them, given how many bytes one's request and its answer have.
    """
    proxy.strike(WRITES[kind], [Toxic()])
    assert apply(desk, kind, most=1) == 1
    (clean,) = proxy.passed
    told = list(toxics(clean.request, clean.answer))
    tally.bytes[kind] = clean.request + clean.answer
    proxy.strike(WRITES[kind], told)
    assert apply(desk, kind, most=len(told)) == len(told)
    tally.broken.update(f"{kind}: {one.kind}" for one in told[: len(told) - proxy.left])
    proxy.strike("(?!)", [])


def apply(desk: Desk, kind: str, most: int) -> int:
    """Accept so many rows of the newest plan and send them, one a call; how many were sent."""
    with desk.at_work() as (workspace, writer, ready, troubles):
        for connection in ready.values():
            one_a_call(connection.session)
        made = plan(workspace, writer, ready, troubles, desk.today)
        assert not troubles, troubles
        keep(workspace.store, made.id, kind, most)
        done = steps.apply(workspace, writer, ready, made.id, by_person=True)
    return len(done.accepted.keys)


def one_a_call(session: Any) -> None:
    """However many rows the CRM takes at once: a call of one row is the shortest there is to cut."""
    writes = type(session).writes
    session.writes = lambda: [replace(one, batch=1) for one in writes(session)]


def keep(store: Any, number: int, kind: str, most: int) -> None:
    """Leave so many changes of a kind in a plan; the others are for another time."""
    from kamsync.store import plans

    with store.write() as tx:
        rows = plans.changes(tx, number)
        left = [row["key"] for row in rows if row["kind"] == kind][:most]
        plans.set_changes(tx, number, [row["key"] for row in rows if row["key"] not in left], state="skipped")


def to_rest(desk: Desk) -> bool:
    """Cycle on until nothing is open; False: it never came to rest."""
    for _ in range(8):
        desk.wait(minutes=20)
        try:
            done = desk.cycle()
        except KamsyncError:
            continue
        open_still = {"planned", "sending", "unknown"} & set(desk.intents.values())
        if done.applied is not None and not done.plan.changes and not open_still:
            return True
    return False


def judge(tenant: Tenant, ids: Sequence[str], tally: Tally) -> None:
    """Each customer carries the tag once and has the reminder once."""
    there = Counter(task.target for task in tenant.tasks() if task.marker)
    tags = {id: tenant.tags(id) for id in ids}
    tally.wanted = 2 * len(ids)
    tally.lost = sum(there[id] == 0 for id in ids) + sum(LOW not in tags[id] for id in ids)
    tally.doubled = sum(max(0, there[id] - 1) for id in ids) + sum(max(0, len(tags[id]) - 1) for id in ids)


def reads(desk: Desk, proxy: Proxy, cuts: Sequence[int], id: str) -> int:
    """Pulls whose answers break off after so many bytes, by turns once and always; what went unnoticed or missing.

    The connections that were kept from the pull before are dead by then: they close first.
    """
    missed = 0
    for number, at in enumerate(cuts):
        desk.tenant.change("account", id, phone=f"0571-{number:08d}")
        proxy.strike(READS, [Toxic("cut answer", at, hard=bool(at % 2))] * (1 if number % 2 else 400))
        proxy.drop(hard=bool(number % 3))
        went_well = attempt(desk)
        torn = proxy.passed
        proxy.strike("(?!)", [])
        missed += not torn or went_well != (number % 2 == 1)
        desk.wait(minutes=2)
        went_well = went_well or attempt(desk)
        there = any(f"0571-{number:08d}" in row["body"] for row in desk.rows("raw") if row["remote_id"] == id)
        missed += not (went_well and there)
    return missed


def attempt(desk: Desk) -> bool:
    """Pull accounts; did it go well?"""
    try:
        return desk.pull("accounts").verdict == "ok"
    except KamsyncError:
        return False
