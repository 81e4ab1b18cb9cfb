"""How often one may call: so many calls per path in 20 s, so many a day.

Runs on the tenant's clock, so that a test may let the window pass by moving it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from kamsync_fxiaoke.sim.envelope import QUOTA_NONE, QUOTA_SPENT, TOO_OFTEN, Problem
from kamsync_fxiaoke.sim.values import CHINA

WINDOW = 20.0


class Limits:
    """Counts what was let through; a refused call costs nothing."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.refused = 0
        self.used_today = 0
        self._day: date | None = None
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def dump(self) -> dict[str, Any]:
        day = self._day.isoformat() if self._day else None
        calls = {path: list(times) for path, times in self._calls.items()}
        return {"day": day, "used_today": self.used_today, "calls": calls}

    def load(self, state: Mapping[str, Any]) -> None:
        self._day = date.fromisoformat(state["day"]) if state["day"] else None
        self.used_today = int(state["used_today"])
        self._calls = defaultdict(deque, {path: deque(times) for path, times in state["calls"].items()})

    def admit(self, path: str, calls_per_20s: int, daily_quota: int | None) -> None:
        """Let the call through, or refuse it for the day or for the moment. A quota of 0 was never bought."""
        now = self.now()
        self._new_day(now.astimezone(CHINA).date())
        if daily_quota == 0:
            raise Problem(QUOTA_NONE, "the enterprise has not purchased an OpenAPI quota")
        if daily_quota is not None and self.used_today >= daily_quota:
            raise Problem(QUOTA_SPENT, "the daily OpenAPI quota is used up")
        self._window(path, now.timestamp(), calls_per_20s)
        self.used_today += 1

    def _new_day(self, today: date) -> None:
        if today != self._day:
            self._day = today
            self.used_today = 0

    def _window(self, path: str, now: float, most: int) -> None:
        calls = self._calls[path]
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if len(calls) >= most:
            self.refused += 1
            raise Problem(TOO_OFTEN, "the frequency limit of this interface is exceeded")
        calls.append(now)
