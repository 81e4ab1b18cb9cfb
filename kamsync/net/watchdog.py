"""One thread that acts on deadlines, because a read timeout starts anew with every byte.

It runs an action once when its time comes; it knows nothing of what the action does.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable


class Watchdog:
    """Actions by the moment they are due; the thread begins with the first."""

    def __init__(self) -> None:
        self._due: dict[int, tuple[float, Callable[[], None]]] = {}
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def watch(self, at: float, act: Callable[[], None]) -> int:
        """Run `act` at `at` (time.monotonic) unless dropped before; the number to drop it by."""
        number = next(self._numbers)
        with self._changed:
            earliest = min((due for due, _ in self._due.values()), default=None)
            self._due[number] = (at, act)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="kamsync-deadlines", daemon=True)
                self._thread.start()
            if earliest is None or at < earliest:
                self._changed.notify()
        return number

    def drop(self, number: int) -> None:
        with self._changed:
            self._due.pop(number, None)

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                now = time.monotonic()
                struck = [number for number, (at, _) in self._due.items() if at <= now]
                for number in struck:
                    self._due.pop(number)[1]()
                wake = min((at for at, _ in self._due.values()), default=None)
                self._changed.wait(None if wake is None else max(0.0, wake - now))
