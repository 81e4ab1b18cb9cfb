"""A clock that nobody waits for: sleeping moves it, and the simulated tenant's clock with it.

Runs with the real time in between, so that both sides go on agreeing on what time it is.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from kamsync.testing.tenant import Tenant


class FastClock:
    """The real time plus everything that was slept."""

    def __init__(self, tenant: Tenant | None = None) -> None:
        self.slept: list[float] = []
        self._tenant = tenant
        self._ahead = timedelta(0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead.total_seconds()

    def sleep(self, seconds: float) -> None:
        """Let so much time pass, here and at the tenant."""
        if seconds <= 0:
            return
        with self._lock:
            self.slept.append(seconds)
            self._ahead += timedelta(seconds=seconds)
            if self._tenant is not None:
                self._tenant.offset += timedelta(seconds=seconds)
