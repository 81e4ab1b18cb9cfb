"""A world whose time is invented: clocks that move when told to, tenants without sockets, reading in turn.

Everything here follows from what it is handed; nothing asks the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kamsync.engine.reading import Cut, Errand, Event, Readers, brings
from kamsync.plugin import Clock
from kamsync.testing.faults import Faults
from kamsync.testing.server import Answer, Call, Server, Traffic
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant

BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine in the morning in Shanghai, a Monday


class Time:
    """The one true time. `wakes`: what is to happen when it passes, handed the moment."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.wakes: list[tuple[float, int, Callable[[], None]]] = []
        self._told = 0

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        """Let something happen when so many more seconds have passed."""
        self._told += 1
        self.wakes.append((self.seconds + seconds, self._told, act))

    def pass_by(self, seconds: float) -> None:
        until = self.seconds + max(0.0, seconds)
        while due := sorted(wake for wake in self.wakes if wake[0] <= until)[:1]:
            self.wakes.remove(due[0])
            self.seconds = max(self.seconds, due[0][0])
            due[0][2]()
        self.seconds = until


class ProcessClock:
    """What kamsync's machine believes: it may be wrong about the date, never about how long something took."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.wrong = timedelta()

    def now(self) -> datetime:
        return self.time.now() + self.wrong

    def monotonic(self) -> float:
        return self.time.seconds

    def sleep(self, seconds: float) -> None:
        self.time.pass_by(seconds)


class Unbound(Server):
    """A tenant's door that no socket leads to: whoever holds the tenant hands it the calls."""

    def __init__(self, handle: Callable[[Call], Answer], now: Callable[[], datetime], **_: Any) -> None:
        self.handle, self.now = handle, now
        self.faults, self.traffic, self.at = Faults(), Traffic(), 0

    @property
    def port(self) -> int:
        return self.at

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Zoho(ZohoTenant):
    """A Zoho org in invented time."""

    door = Unbound

    def __init__(self, time: Time, **knobs: Any) -> None:
        self.time = time
        super().__init__(**knobs)
        self.server.at = 81

    def now(self) -> datetime:
        return self.time.now() + self.offset


class Fxiaoke(FxiaokeTenant):
    """A Fxiaoke enterprise in invented time, whose tokens are made at once."""

    door = Unbound

    def __init__(self, time: Time, **knobs: Any) -> None:
        self.time = time
        super().__init__(**knobs)
        self.server.at = 82
        self.tokens.seconds = 0.0

    def now(self) -> datetime:
        return self.time.now() + self.offset


class InTurn(Readers):
    """Reads one errand after the other on the caller's own thread, so that the order is always the same."""

    def __init__(self, clock: Clock, workers: Mapping[str, int]) -> None:
        super().__init__(clock, {}, rows=10**9)
        self._told: list[Event] = []

    def fetch(self, errands: Sequence[Errand]) -> Iterator[Iterator[Event]]:
        waiting = list(errands)
        while waiting:
            self._told.clear()
            self._run(waiting.pop(0))
            group: list[Event] = []
            for event in list(self._told):
                if brings(event) and group:
                    yield iter(group)
                    group = []
                group.append(event)
                if isinstance(event, Cut):
                    waiting[:0] = event.parts
            yield iter(group)

    def _tell(self, event: Event) -> None:
        self._told.append(event)
