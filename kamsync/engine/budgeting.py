"""Keep each connection within its day's credits, over restarts and beside other processes: a rolling ledger.

Urgent calls (people, writes) may use all of it, changes what the reserve leaves, first loads a tenth less.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from kamsync.config import ConnectionConfig
from kamsync.engine.counting import purpose
from kamsync.plugin import Clock, Health, QuotaSpent, Text, Wire
from kamsync.store import Store, spending

DAY = timedelta(hours=24)
LOOK_EVERY = 30.0  # seconds between two looks at what others have spent
WRITE_EVERY = 10.0  # seconds of spending that a killed process may forget
BACKFILL = 0.9  # of what reading may use: the rest is for changes while a first load is going on


class StoredLedger:
    """The ledger of one connection. `total` may be set later, when the tenant has said what it allows."""

    def __init__(self, store: Store, clock: Clock, name: str, reserve: float) -> None:
        self.name = name
        self.total: int | None = None
        self.reserve = reserve
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._known: list[tuple[datetime, int]] = []
        self._looked = -LOOK_EVERY
        self._wrote = clock.monotonic()
        self._under_way = 0
        self._own = 0  # spent since the last look
        self._calls: Counter[str] = Counter()
        self._credits: Counter[str] = Counter()

    @contextmanager
    def turn(self, credits: int) -> Iterator[None]:
        """Put credits aside for a call; QuotaSpent when this purpose's share of the day is used up."""
        self._admit(credits)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= credits

    def note(self, credits: int) -> None:
        with self._lock:
            self._own += credits
            self._calls[purpose()] += 1
            self._credits[purpose()] += credits
            due = self._clock.monotonic() - self._wrote >= WRITE_EVERY
        if due:
            self.write()

    def write(self) -> None:
        """Book what was spent since the last time."""
        with self._lock:
            spent = {lane: (calls, self._credits[lane]) for lane, calls in self._calls.items()}
            self._calls.clear()
            self._credits.clear()
            self._wrote = self._clock.monotonic()
        if spent:
            with self._store.write() as tx:
                spending.spend(tx, self.name, self._clock.now(), spent)

    def allowed(self, lane: str) -> int | None:
        """How many credits in 24 hours may have been spent when a call of this purpose goes out."""
        if self.total is None:
            return None
        share = {"urgent": 1.0, "delta": 1 - self.reserve}.get(lane, (1 - self.reserve) * BACKFILL)
        return int(self.total * share)

    def used(self) -> int:
        """Credits spent in the last 24 hours, by everyone on this store."""
        self._look()
        with self._lock:
            return self._sum() + self._own

    def _admit(self, credits: int) -> None:
        lane = purpose()
        limit = self.allowed(lane)
        if limit is not None and credits:
            self._look()
        with self._lock:
            over = 0 if limit is None or not credits else self._sum() + self._own + self._under_way + credits - limit
            if over <= 0:
                self._under_way += credits
                return
            after = self._until(over)
        raise self._spent(lane, limit or 0, after)

    def _look(self) -> None:
        with self._lock:
            if self._clock.monotonic() - self._looked < LOOK_EVERY:
                return
            self._looked = self._clock.monotonic()
        self.write()
        with self._store.read() as tx:
            known = spending.by_minute(tx, self.name, self._clock.now() - DAY)
        with self._lock:
            self._known, self._own = known, sum(self._credits.values())

    def _sum(self) -> int:
        begin = self._clock.now() - DAY
        return sum(credits for minute, credits in self._known if minute > begin)

    def _until(self, over: int) -> float:
        """Seconds until so many credits have come back."""
        for minute, credits in self._known:
            over -= credits
            if over <= 0:
                return max(60.0, (minute + timedelta(minutes=1) + DAY - self._clock.now()).total_seconds())
        return DAY.total_seconds()

    def _spent(self, lane: str, limit: int, after: float) -> QuotaSpent:
        back = (self._clock.now() + timedelta(seconds=after)).strftime("%Y-%m-%d %H:%M UTC")
        return QuotaSpent(
            Text(
                f"{self.name}:今日可用于读取的 {limit} 积分已用完(总额 {self.total},为人和写回保留 {self.reserve:.0%});"
                f"{back} 之后接着读",
                f"{self.name}: the {limit} credits a day for {lane} are used up (of {self.total}; "
                f"{self.reserve:.0%} stay for people and writes); reading goes on after {back}",
            ),
            after=after,
            next="kamsync status",
        )


def total(wire: Wire | None, options: object, health: Health | None) -> int | None:
    """Credits a day: what the owner grants, else what the tenant has, else what the connector knows; None: no limit."""
    granted = getattr(options, "daily_credits", None)
    if granted is None and health is not None:
        granted = health.credits
    if granted is None and wire is not None:
        daily = [
            one.amount for one in wire.limits(options) if one.unit == "credit" and one.seconds >= DAY.total_seconds()
        ]
        granted = min(daily, default=None)
    return granted


def reserve(one: ConnectionConfig, default: float) -> float:
    return default if one.reserve is None else one.reserve
