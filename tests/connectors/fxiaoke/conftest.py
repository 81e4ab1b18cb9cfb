"""A simulated tenant, a session through the real door, and hands to look at what went over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kamsync.net import Door, SystemClock
from kamsync.plugin import Intent, Options, Stream, TagChange, Target, Task, Window
from kamsync.testing.server import Answer, Call
from kamsync_fxiaoke import connector
from kamsync_fxiaoke.sim import FxiaokeTenant

MARKER = "kam:R08:INV-0012-30:" + "abcdefgh23456" * 2


class HastyClock(SystemClock):
    """The real time, but nobody waits: what would have been waited passes at the tenant's, too."""

    def __init__(self, tenant: FxiaokeTenant) -> None:
        super().__init__()
        self.tenant = tenant
        self.skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds
        self.tenant.offset += timedelta(seconds=seconds)


class Desk:
    """One tenant and one open session, with the words that tests are told in."""

    accounts = Stream("accounts", "AccountObj", "account")
    users = Stream("users", "users", "user", incremental=False)

    def __init__(self, tenant: FxiaokeTenant, **options: Any) -> None:
        self.tenant = tenant
        self.seen: list[tuple[Call, Answer]] = []
        self.tamper: Callable[[Call, Answer], Answer] = lambda call, answer: answer
        handle = tenant.server.handle
        tenant.server.handle = lambda call: self._note(call, self.tamper(call, handle(call)))
        given: Options = connector.options(**{**tenant.options(), **options})
        self.clock = HastyClock(tenant)
        self.door = Door("fx", connector.wire, given, self.clock, deadline=5.0)
        self.session = connector.open(given, self.door, self.clock)

    def _note(self, call: Call, answer: Answer) -> Answer:
        self.seen.append((call, answer))
        return answer

    def sent(self, end: str) -> list[dict[str, Any]]:
        """The bodies of the calls whose path ends so."""
        return [call.json() for call, _ in self.seen if call.path.endswith(end)]

    def refusals(self) -> list[Any]:
        return [answer.body["errorCode"] for _, answer in self.seen if answer.body["errorCode"] not in (0, "0")]

    def window(self, lo: datetime | None = None) -> Window:
        return Window(lo, datetime.now(UTC) + timedelta(hours=1))

    def lately(self) -> Window:
        return self.window(datetime.now(UTC) - timedelta(hours=1))

    def read(self, stream: Stream | None = None, within: Window | None = None, cursor: str | None = None) -> list[Any]:
        return list(self.session.read(stream or self.accounts, within or self.window(), cursor))

    def ids(self, *given: Any, **named: Any) -> list[str]:
        return [record.id for page in self.read(*given, **named) for record in page.records]

    def gone(self, *given: Any, **named: Any) -> set[tuple[str, str]]:
        return {(each.id, each.kind) for page in self.read(*given, **named) for each in page.gone}

    def findings(self, state: str) -> dict[str, str]:
        return {one.check: one.detail.en for one in self.session.check().findings if one.state == state}

    @staticmethod
    def task(id: str, marker: str = MARKER, owner: str | None = None) -> Intent:
        target = Target("accounts", "AccountObj", id)
        due = date(2026, 3, 2)
        told = Task(target, "催收 华为技术", "发票 INV-0012 已逾期 30 天", due, "high", owner, marker, "华为技术")
        return Intent("i1", told)

    @staticmethod
    def tagged(id: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = (), intent: str = "t1") -> Intent:
        return Intent(intent, TagChange(Target("accounts", "AccountObj", id), add, remove))

    def outcomes(self, *intents: Intent) -> list[tuple[str, str]]:
        return [(one.state, one.code) for one in self.session.write(intents)]

    def many(self, count: int, **neutral: Any) -> list[str]:
        return [self.tenant.add("account", name=f"客户 {number}", **neutral) for number in range(count)]


@pytest.fixture
def desk() -> Iterator[Callable[..., Desk]]:
    """Opens desks; words that are the tenant's knobs go there, the rest are options."""
    from kamsync_fxiaoke.sim import Knobs

    open_desks: list[Desk] = []

    def build(**words: Any) -> Desk:
        knobs = {name: words.pop(name) for name in list(words) if name in Knobs.__slots__ and name != "void_rows"}
        if "tenant_void_rows" in words:
            knobs["void_rows"] = words.pop("tenant_void_rows")
        tenant = FxiaokeTenant(**knobs)
        tenant.start()
        open_desks.append(Desk(tenant, **words))
        return open_desks[-1]

    yield build
    for one in open_desks:
        one.door.close()
        one.tenant.stop()
