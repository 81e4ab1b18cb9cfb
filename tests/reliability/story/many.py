"""Many stories, machines or rounds beside each other: one process a core, each with its own numbers.

The result is the same whatever the number of processes: work is cut by seed, never by who is free.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog

from tests.reliability.part import Say

PROCESSES = min(2, os.cpu_count() or 1)


def beside(work: Callable[[Any], Any], tasks: Sequence[Any], say: Say) -> Iterator[Any]:
    """What each task came to, in order."""
    began = time.monotonic()
    if PROCESSES == 1 or len(tasks) == 1:
        yield from map(work, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(PROCESSES, _ready) as pool:
        for done, result in enumerate(pool.imap(work, tasks), 1):
            say(f"{done:,} of {len(tasks):,}, {time.monotonic() - began:.0f} s")
            yield result


def _ready() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    import tests.reliability.story.machine  # noqa: F401  everything is there before it is frozen

    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
