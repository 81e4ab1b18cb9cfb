"""Hold calls back so that no window of the CRM's limits is ever overfull, however many threads call.

Counts in this process only; it does not know what a call is for.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from kamsync.plugin import Clock, Limit, QuotaSpent, Text

PATIENCE = 120.0  # a longer wait is not a pause but a spent quota
_POLL = 0.05


@dataclass(slots=True)
class _Spell:
    """Units of calls that ended close together, counted as if all had ended with the last."""

    began: float
    ended: float
    units: int


@dataclass(slots=True)
class _Account:
    """One limit for one path (or for all): what is under way and what has ended inside the window."""

    limit: Limit
    under_way: int = 0
    ended: deque[_Spell] = field(default_factory=deque)
    total: int = 0

    def wait(self, units: int, now: float) -> float | None:
        """Seconds until `units` more fit: 0 now, None when that hangs on calls under way."""
        self._forget(now)
        over = self.under_way + self.total + min(units, self.limit.amount) - self.limit.amount
        if over <= 0:
            return 0.0
        for spell in self.ended:
            over -= spell.units
            if over <= 0:
                return max(0.0, spell.ended + self.limit.seconds - now)
        return None

    def begin(self, units: int) -> None:
        self.under_way += min(units, self.limit.amount)

    def end(self, units: int, now: float) -> None:
        units = min(units, self.limit.amount)
        self.under_way -= units
        self.total += units
        last = self.ended[-1] if self.ended else None
        if last is not None and now - last.began < self.limit.seconds / 1000:
            last.ended, last.units = now, last.units + units
        else:
            self.ended.append(_Spell(now, now, units))

    def _forget(self, now: float) -> None:
        while self.ended and self.ended[0].ended + self.limit.seconds <= now:
            self.total -= self.ended.popleft().units


class Pace:
    """The windows of one connection and the number of calls it may have under way.

    A call counts from its start until `seconds` after its end: the CRM stamped it somewhere between, so its window
    can never hold more than ours, whatever the way there takes.
    """

    def __init__(self, name: str, limits: Sequence[Limit], concurrency: int, clock: Clock) -> None:
        self._name = name
        self._limits = [(limit, re.compile(limit.paths) if limit.paths else None) for limit in limits]
        self._most = max(1, concurrency)
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way = 0
        self._accounts: dict[tuple[str, str], _Account] = {}
        self._resting: dict[str, float] = {}

    @contextmanager
    def turn(self, path: str, credits: int) -> Iterator[None]:
        """Wait until the call may go; it counts as under way inside. `QuotaSpent` when that would take too long."""
        self._admit(path, credits)
        try:
            yield
        finally:
            self._leave(path, credits)

    def allow(self, concurrency: int) -> None:
        """So many calls at one time from now on; what is under way goes on."""
        with self._changed:
            self._most = max(1, concurrency)
            self._changed.notify_all()

    def rest(self, path: str, seconds: float) -> None:
        """The CRM said stop: no call to `path` for so long."""
        with self._changed:
            self._resting[path] = max(self._resting.get(path, 0.0), self._clock.monotonic() + seconds)

    def _admit(self, path: str, credits: int) -> None:
        while True:
            with self._changed:
                wait = self._wait(path, credits)
                if wait == 0.0:
                    self._under_way += 1
                    for account, units in self._charged(path, credits):
                        account.begin(units)
                    return
                if wait is None:
                    self._changed.wait(_POLL)
            self._clock.sleep(0.0 if wait is None else wait)  # hears the wish to stop, too

    def _wait(self, path: str, credits: int) -> float | None:
        now = self._clock.monotonic()
        if self._under_way >= self._most:
            return None
        longest = max(0.0, self._resting.get(path, 0.0) - now)
        for account, units in self._charged(path, credits):
            wait = account.wait(units, now)
            if wait is None:
                return None
            if wait > PATIENCE:
                raise self._spent(account.limit, wait)
            longest = max(longest, wait)
        return longest

    def _leave(self, path: str, credits: int) -> None:
        with self._changed:
            self._under_way -= 1
            now = self._clock.monotonic()
            for account, units in self._charged(path, credits):
                account.end(units, now)
            self._changed.notify_all()

    def _charged(self, path: str, credits: int) -> list[tuple[_Account, int]]:
        charged = []
        for limit, pattern in self._limits:
            if pattern is not None and pattern.search(path) is None:
                continue
            key = (limit.name, path if limit.per_path else "")
            account = self._accounts.setdefault(key, _Account(limit))
            charged.append((account, 1 if limit.unit == "call" else credits))
        return [(account, units) for account, units in charged if units > 0]

    def _spent(self, limit: Limit, wait: float) -> QuotaSpent:
        return QuotaSpent(
            Text(
                f"连接 {self._name}:额度 {limit.name} 已用完({limit.amount} / {limit.seconds:g} 秒),还需 {wait:.0f} 秒",
                f"connection {self._name}: the limit {limit.name} is used up ({limit.amount} in {limit.seconds:g} s); "
                f"{wait:.0f} s to go",
            ),
            after=wait,
            next="kamsync status",
        )
