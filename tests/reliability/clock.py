"""One time for every process of the rig: the machine's, ahead by all that was slept. Nobody really waits."""

from __future__ import annotations

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta


class SharedClock:
    """A `Clock` that children made by fork share with whoever made them.

    No lock guards it: a child may be killed at any instruction. Two sleeps at the very same moment may count as one.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 8)

    @property
    def ahead(self) -> float:
        """Seconds before the machine's clock."""
        return float(struct.unpack_from("d", self._shared)[0])

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self._set(self.ahead + max(0.0, seconds))

    def go_to(self, moment: datetime) -> None:
        self.sleep((moment - self.now()).total_seconds())

    def go_back(self, moment: datetime) -> None:
        """Only while nobody looks at it."""
        self._set((moment - datetime.now(UTC)).total_seconds())

    def _set(self, ahead: float) -> None:
        struct.pack_into("d", self._shared, 0, ahead)
