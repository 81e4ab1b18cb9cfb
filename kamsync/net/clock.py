"""The real clock, whose sleep ends at once when the process is asked to stop.

It decides nothing: everything that needs the time is handed a `Clock`.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from kamsync.plugin import KamsyncError, Text


class Stopped(KamsyncError):
    """The process was asked to stop; what was under way ended at a safe place."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__(Text("已按要求停止", "stopped as asked"), next="kamsync status")


class SystemClock:
    """The machine's clock. `stop` set: every sleep, present and future, raises `Stopped`."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if self.stop.wait(max(0.0, seconds)):
            raise Stopped
