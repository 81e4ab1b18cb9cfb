"""Read much with little: what Python and the C library do by habit costs a long pull a fifth of its time and memory.

Settings of this process only, put back where that can be done; results are the same with and without.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


@contextmanager
def sparing() -> Iterator[None]:
    """Look for circles of objects less often meanwhile (pages make many objects, and no circles), and let all threads
    share one heap."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    _one_heap()
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _one_heap() -> None:
    """The GNU library gives each thread a heap of its own, and each keeps the largest answers it ever held: 50 MB."""
    with suppress(OSError, AttributeError, TypeError):  # another C library has no such habit
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)
