"""Read much with little: what Python and the C library do by habit costs a long pull a fifth of its time and memory.

Settings of this process only, put back where that can be done; results are the same with and without.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ARENA_MAX, MMAP_THRESHOLD = -8, -3  # M_… of malloc.h
LARGE = 128 * 1024  # bytes from which a piece of memory is one of its own, and goes back whole


@contextmanager
def sparing() -> Iterator[None]:
    """Look for circles of objects less often meanwhile (pages make many objects, and no circles), and let all threads
    share one heap."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    _small_heap()
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _small_heap() -> None:
    """The GNU library gives each thread a heap of its own, and each keeps the largest answers it ever held: 50 MB. Nor
    does it stay with what counts as large: after the first answer of 2 MB the next lie in the heap, and holes stay."""
    with suppress(OSError, AttributeError, TypeError):  # another C library has no such habits
        library = ctypes.CDLL(None)
        library.mallopt(ARENA_MAX, 1)
        library.mallopt(MMAP_THRESHOLD, LARGE)
