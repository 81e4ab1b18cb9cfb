"""Read 20,000 accounts from a simulated Fxiaoke, 40 ms away, while five of them change with every page.

First as bought (100 calls in 20 seconds), then by a tenant without limits 5 ms away: only read, whole and in six parts
side by side, and by `kamsync pull` into the normalized store. The floor under the limit is 20 s: 200 pages, of which
the second hundred must wait for the first to be past. Reading whole, page after page, adds what a hundred pages take.

What it was said to take is asked first. That is one call more in the window of 100, so that the window is let pass
before the clock starts: a pull counts beforehand only when somebody asks.

Run: python benchmarks/pull_fxiaoke.py [--accounts N]     beyond 20,000 only in six parts, under the limit
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from _rig import Simulated, Used, accounts_asked, apart, deployment, folder, measured, show, simulated
from sqlalchemy import select

from kamsync.engine.connections import connected
from kamsync.engine.pull import pull
from kamsync.engine.workspace import opened
from kamsync.net import Door, SystemClock
from kamsync.plugin import Stream, Window
from kamsync.store import writing
from kamsync.store.entities import TABLES
from kamsync.testing.server import Answer, Call
from kamsync_fxiaoke import connector
from kamsync_fxiaoke.sim import FxiaokeTenant

ACCOUNTS = Stream("accounts", "AccountObj", "account")
COUNT = 20_000
SIDE_BY_SIDE = 6
PAGE, WINDOW, BOUGHT = 100, 20.0, 100
FREE = 1_000_000
CASES = (("as bought, 40 ms", BOUGHT, 0.040), ("no limit, 5 ms", FREE, 0.005))


@dataclass(slots=True)
class Read:
    """`twice`: ids that came more than once. `again`: calls that were answered with "too many", or not at all, and made
    once more. `said`: calls that it was told to take; None: nobody asked."""

    used: Used
    ids: int
    twice: int
    calls: int
    again: int
    said: int | None = None


class Restless(FxiaokeTenant):
    """Whoever reads a page changes five rows by it."""

    def handle(self, call: Call) -> Answer:
        answer = super().handle(call)
        if call.path.endswith("/query"):
            with self.lock:
                rows = list(self.crm.tables["AccountObj"].rows)
                first = self.traffic.total * 7919
                for number in range(5):
                    self.change("account", rows[(first + number * 997) % len(rows)], address=f"改 {first}")
        return answer


def restless(count: int, calls: int, latency: float) -> Restless:
    tenant = Restless(calls_per_20s=calls, latency=latency)
    began = datetime.now(UTC) - timedelta(days=400)
    for number in range(count):
        tenant.add("account", name=f"示例公司 {number}", phone=f"010-{number:08d}", modified=began)
    tenant.crm.settle()
    return tenant


def read_all(options: dict[str, Any], parts: int, limited: bool) -> Read:
    """Only read: no store, no mapping."""
    clock = SystemClock()
    door = Door("fx", connector.wire, connector.options(**options), clock)
    session: Any = connector.open(connector.options(**options), door, clock)
    whole = Window(None, datetime.now(UTC) + timedelta(hours=1))

    def ids(window: Window) -> list[str]:
        return [record.id for page in session.read(ACCOUNTS, window, None) for record in page.records]

    said = session.forecast(ACCOUNTS, whole, parts).calls
    if limited:
        clock.sleep(WINDOW + 0.5)
    asked = door.spent.requests
    with measured() as used, ThreadPoolExecutor(parts) as pool:
        windows = session.slices(ACCOUNTS, whole, parts) if parts > 1 else [whole]
        found = [id for got in pool.map(ids, windows) for id in got]
    calls = door.spent.requests - asked
    door.close()
    return Read(used, len(set(found)), len(found) - len(set(found)), calls, door.spent.retries, said)


def pull_all(config: Path) -> Read:
    """As `kamsync pull fx accounts`: normalized, linked, in SQLite."""
    with (
        opened(config, SystemClock()) as workspace,
        writing(workspace.store) as writer,
        connected(workspace) as (ready, bad),
    ):
        with measured() as used:
            report = pull(workspace, writer, ready, bad, stream="accounts")
        [told] = report.streams
        if report.verdict != "ok":
            raise SystemExit(f"the pull ended {report.verdict}: {told.trouble}")
        with workspace.store.read() as tx:
            stored = set(tx.execute(select(TABLES["account"].c.remote_id)).scalars())
        return Read(used, len(stored), told.tally.records - len(stored), told.requests, ready["fx"].door.spent.retries)


def measure(crm: Simulated, how: int | None, limited: bool) -> Read:
    if how is not None:
        return apart(read_all, dict(crm.options), how, limited)
    with folder() as here:
        return apart(pull_all, deployment(here, {"fx": crm}, concurrency=SIDE_BY_SIDE))


def chosen(count: int) -> Iterator[tuple[str, int, float, int | None]]:
    """Tenant and way: so many parts, or None for the normalized store."""
    few = count <= COUNT
    for name, calls, latency in CASES if few else CASES[:1]:
        for how in (1, SIDE_BY_SIDE, None) if few else (None,):
            yield name, calls, latency, how


def main() -> None:
    count = accounts_asked(COUNT, __doc__)
    rows = []
    for name, calls, latency, how in chosen(count):
        with simulated(restless, count, calls, latency) as crm:
            read = measure(crm, how, calls == BOUGHT)
        way = {1: "read whole", None: "into the store"}.get(how, f"read in {how} parts")
        said = [f"{read.said}", f"{(read.calls - read.said) / read.said:+.1%}"] if read.said is not None else ["–", "–"]
        rows.append([f"{name}, {way}", f"{read.used.wall:.2f} s", f"{read.used.cpu:.2f} s", f"{read.used.peak:.0f}",
                     f"{read.calls}", *said, f"{read.again}", f"{count - read.ids}", f"{read.twice}"])  # fmt: skip
    show(["", "wall", "CPU", "peak MB", "calls", "said", "off", "again", "missing", "twice"], rows)
    floor = ((count // PAGE) - 1) // BOUGHT * WINDOW
    print(f"{count:,} accounts; the limit alone takes {floor:g} s")


if __name__ == "__main__":
    main()
