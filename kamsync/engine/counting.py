"""Calls and credits by what they were for: a thread says what it is doing, the door's calls are noted under it.

Counts only; it slows and refuses nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kamsync.net import CallRecord

_DOING: ContextVar[str] = ContextVar("doing", default="")
_PURPOSE: ContextVar[str] = ContextVar("purpose", default="urgent")


@contextmanager
def doing(what: str, purpose: str = "urgent") -> Iterator[None]:
    """Calls that this thread makes meanwhile count for `what`, and are paid from that purpose's share."""
    token, paid = _DOING.set(what), _PURPOSE.set(purpose)
    try:
        yield
    finally:
        _DOING.reset(token)
        _PURPOSE.reset(paid)


def purpose() -> str:
    """What this thread's calls are for: urgent (people and writes), delta, or backfill."""
    return _PURPOSE.get()


class Calls:
    """One connection's calls, by what they were for and whose share paid them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent: dict[tuple[str, str], tuple[int, int]] = {}

    def note(self, call: CallRecord) -> None:
        """Take one attempt into account, on the thread that made it."""
        key = (_DOING.get(), _PURPOSE.get())
        with self._lock:
            requests, credits = self._spent.get(key, (0, 0))
            self._spent[key] = (requests + 1, credits + call.credits)

    def of(self, what: str, purpose: str | None = None) -> tuple[int, int]:
        """(requests, credits) spent on `what`, by every purpose or by one."""
        return self._sum(lambda key: key[0] == what and purpose in (None, key[1]))

    @property
    def total(self) -> tuple[int, int]:
        """(requests, credits) of everything, signing in and metadata too."""
        return self._sum(lambda _: True)

    def _sum(self, wanted: Callable[[tuple[str, str]], bool]) -> tuple[int, int]:
        with self._lock:
            kept = [spent for key, spent in self._spent.items() if wanted(key)]
        return sum(one[0] for one in kept), sum(one[1] for one in kept)
