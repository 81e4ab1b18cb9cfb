"""Keep each connection within its day's credits, over restarts and beside other processes: a rolling ledger.

Urgent calls (people, writes) may use all of it, changes what the reserve leaves, first loads a tenth less. When the CRM
itself says that the day's quota is gone, or nearly, nothing is read until it is back.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from kamsync.config import ConnectionConfig
from kamsync.engine.counting import purpose
from kamsync.plugin import Clock, Health, Options, QuotaSpent, Text, Wire
from kamsync.store import Store, spending

DAY = timedelta(hours=24)
LOOK_EVERY = 30.0  # seconds between two looks at what others have spent
WRITE_EVERY = 10.0  # seconds of spending that a killed process may forget
PROBE_EVERY = 900.0  # seconds between two looks whether a quota is back, where the CRM does not say when
COURTESY = 2  # calls at one time that stay free for others of this app, where nobody has set a number
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
        self._told: tuple[float, int] | None = None  # when, and credits that the whole organisation had left then
        self._parked: datetime | None = None
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

    def left(self, credits: int) -> None:
        """The CRM counts what everybody spends; our own books know only what we did."""
        with self._lock:
            self._told = self._clock.monotonic(), credits

    def park(self, seconds: float | None) -> None:
        """Nothing is read until the quota is back, by any process on this store."""
        until = self._clock.now() + timedelta(seconds=PROBE_EVERY if seconds is None else seconds)
        with self._lock:
            self._parked = until
        with self._store.write() as tx:
            spending.park(tx, self.name, until)

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
        if credits:
            self._look()
            if lane != "urgent":
                self._read_on(lane, credits, limit)
        with self._lock:
            over = 0 if limit is None or not credits else self._sum() + self._own + self._under_way + credits - limit
            if over <= 0:
                self._under_way += credits
                return
            after = self._until(over)
        raise self._spent(lane, limit or 0, after)

    def _read_on(self, lane: str, credits: int, limit: int | None) -> None:
        """May reading go on, as far as the CRM has told? What it keeps for people is theirs, whoever spent the rest."""
        with self._lock:
            rest = (self._parked - self._clock.now()).total_seconds() if self._parked else 0.0
            kept = (self.total or 0) - limit if limit is not None else 0
            told = None if self._told is None or self._is_old(self._told[0]) else self._told[1]
            spent = told is not None and told - self._under_way - credits < kept
        if rest > 0:
            raise self._gone(rest)
        if spent:
            if lane == "delta":
                self.park(PROBE_EVERY)
            raise self._gone(PROBE_EVERY)

    def _is_old(self, told_at: float) -> bool:
        """What the CRM told long ago is asked anew, by a call: else nobody would hear that the quota is back."""
        return self._clock.monotonic() - told_at >= PROBE_EVERY

    def _look(self) -> None:
        with self._lock:
            if self._clock.monotonic() - self._looked < LOOK_EVERY:
                return
            self._looked = self._clock.monotonic()
        self.write()
        with self._store.read() as tx:
            known = spending.by_minute(tx, self.name, self._clock.now() - DAY)
            parked = spending.parked(tx, self.name)
        with self._lock:
            self._known, self._own, self._parked = known, sum(self._credits.values()), parked

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

    def _back(self, after: float) -> str:
        return (self._clock.now() + timedelta(seconds=after)).strftime("%Y-%m-%d %H:%M UTC")

    def _gone(self, after: float) -> QuotaSpent:
        back = self._back(after)
        return QuotaSpent(
            Text(
                f"{self.name}:CRM 的调用额度已用完(或只剩留给人的部分);{back} 之后接着读",
                f"{self.name}: the CRM's quota is used up, or only people's part is left; reading goes on after {back}",
            ),
            after=after,
            next="kamsync status",
        )

    def _spent(self, lane: str, limit: int, after: float) -> QuotaSpent:
        back = self._back(after)
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
    """Credits a day: what the owner grants, never above what the tenant has; else what the connector knows; None: no
    limit."""
    told = (getattr(options, "daily_credits", None), health.credits if health is not None else None)
    known = [credits for credits in told if credits is not None]
    if not known and wire is not None:
        known = [one.amount for one in wire.limits(options) if one.seconds >= DAY.total_seconds()]
    return min(known, default=None)


def at_once(options: Options, health: Health) -> int | None:
    """Calls at one time: what the owner set, never above what the tenant allows; None: the tenant does not say."""
    if health.concurrency is None:
        return None
    return health.concurrency if options.concurrency is not None else max(1, health.concurrency - COURTESY)


def reserve(one: ConnectionConfig, default: float) -> float:
    return default if one.reserve is None else one.reserve
