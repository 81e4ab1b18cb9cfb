"""The driver of this version: APScheduler as a clock and nothing more, in the one file that imports it.

It knows no jobs. It wakes the work every beat; what is due then, the pure part and the run ledger decide. A clock that
was set back puts APScheduler to sleep, so a beat that stays away is noticed and the clock is wound up anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

BEAT = 1.0  # seconds
LATE = 5  # beats that may stay away
OPTIONS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


def serve(work: Callable[[], None], stop: threading.Event, *, beat: float = BEAT) -> None:
    """Call `work` at once and on every beat until `stop` is set; it never runs twice at a time."""
    wake = threading.Event()
    clock = _wound(wake, beat)
    try:
        while not stop.is_set():
            work()
            if not _waited(wake, stop, beat * LATE):
                clock.shutdown(wait=False)
                clock = _wound(wake, beat)
    finally:
        clock.shutdown(wait=False)


def _waited(wake: threading.Event, stop: threading.Event, patience: float) -> bool:
    """Wait for the next beat or for the stop; False when neither came."""
    came = wake.wait(patience)
    wake.clear()
    return came or stop.is_set()


def _wound(wake: threading.Event, beat: float) -> BackgroundScheduler:
    """A running clock that sets `wake` on every beat."""
    clock = BackgroundScheduler(timezone="UTC", daemon=True, job_defaults=OPTIONS)
    job = clock.add_job(wake.set, IntervalTrigger(seconds=beat, timezone="UTC"))
    clock.start()
    _assert_options(job)
    return clock


def _assert_options(job: Job) -> None:
    """An option that APScheduler took at the wrong level is ignored without a word."""
    wrong = [name for name, value in OPTIONS.items() if getattr(job, name) != value]
    if wrong:
        raise RuntimeError(f"APScheduler did not take {', '.join(wrong)}")
