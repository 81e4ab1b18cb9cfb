"""What time it is at the CRM, told by the Date of its last answers.

Measured against a clock that never jumps, so that a change of the machine's own time moves nothing.
"""

from __future__ import annotations

import statistics
import threading
from collections import deque
from datetime import UTC, datetime

from kamsync.plugin import Clock

KEPT = 9


class Skew:
    """The median of the last few answers decides: one odd proxy does not move it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: deque[float] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def note(self, date: datetime | None, began: float, ended: float) -> None:
        """An answer stamped `date`, to a call between two moments of the monotonic clock."""
        if date is None:
            return
        with self._lock:
            # Date has whole seconds: the true moment lies half a second later on average.
            self._seen.append(date.timestamp() + 0.5 - (began + ended) / 2)

    def now(self) -> datetime:
        """The CRM's clock, UTC; this machine's until the CRM has answered once."""
        with self._lock:
            seen = tuple(self._seen)
        if not seen:
            return self._clock.now()
        return datetime.fromtimestamp(statistics.median(seen) + self._clock.monotonic(), UTC)
