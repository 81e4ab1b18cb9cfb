"""Read 20,000 accounts from a simulated Fxiaoke, 40 ms away, while five of them change with every page.

First as bought (100 calls in 20 seconds), then by a tenant without limits 5 ms away; whole, and in six parts read side
by side. The floor under the limit is 20 s: 200 pages, of which the second hundred must wait for the first to be past.

Run: python benchmarks/pull_fxiaoke.py [--accounts N]
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from _rig import Used, accounts_asked, apart, measured, show, simulated

from kamsync.net import Door, SystemClock
from kamsync.plugin import Stream, Window
from kamsync.testing.server import Answer, Call
from kamsync_fxiaoke import connector
from kamsync_fxiaoke.sim import FxiaokeTenant

ACCOUNTS = Stream("accounts", "AccountObj", "account")
SIDE_BY_SIDE = 6
FREE = 1_000_000
CASES = (("as bought, 40 ms", 100, 0.040), ("no limit, 5 ms", FREE, 0.005))


@dataclass(slots=True)
class Read:
    used: Used
    ids: int
    twice: int
    calls: int
    throttled: int
    said: int  # calls that it was told to take


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


def read_all(options: dict[str, Any], parts: int) -> Read:
    given = connector.options(**options)
    clock = SystemClock()
    throttled: list[str] = []
    door = Door(
        "fx", connector.wire, given, clock, on_call=lambda call: throttled.extend(["x"] * (call.outcome == "Throttled"))
    )
    session: Any = connector.open(given, door, clock)
    whole = Window(None, datetime.now(UTC) + timedelta(hours=1))

    def ids(window: Window) -> list[str]:
        return [record.id for page in session.read(ACCOUNTS, window, None) for record in page.records]

    said = session.forecast(ACCOUNTS, whole, parts).calls
    asked = door.spent.requests
    with measured() as used, ThreadPoolExecutor(parts) as pool:
        windows = session.slices(ACCOUNTS, whole, parts) if parts > 1 else [whole]
        found = [id for got in pool.map(ids, windows) for id in got]
    calls = door.spent.requests - asked
    door.close()
    return Read(used, len(set(found)), len(found) - len(set(found)), calls, len(throttled), said)


def main() -> None:
    count = accounts_asked(20_000, __doc__)
    rows = []
    for name, calls, latency in CASES:
        for parts in (1, SIDE_BY_SIDE):
            with simulated(restless, count, calls, latency) as crm:
                read = apart(read_all, dict(crm.options), parts)
            how = f"{name}, {'whole' if parts == 1 else f'{parts} parts'}"
            missing = count - read.ids
            figures = (read.used.wall, read.used.cpu)
            rows.append(
                [how, *(f"{each:.2f} s" for each in figures), f"{read.calls}", f"{read.said}",
                 f"{(read.calls - read.said) / read.said:+.1%}", f"{read.throttled}", f"{missing}"]
            )  # fmt: skip
    show(["reading", "wall", "CPU", "calls", "forecast", "off", "throttled", "missing"], rows)


if __name__ == "__main__":
    main()
