"""The driver wakes the work on every beat, one at a time, and stops when asked."""

from __future__ import annotations

import threading

from apscheduler.schedulers.background import BackgroundScheduler

from kamsync.daemon.ticker import serve


def test_the_work_is_woken_beat_after_beat_until_the_stop():
    stop, beats = threading.Event(), []

    def work() -> None:
        beats.append(threading.current_thread())
        if len(beats) == 4:
            stop.set()

    serve(work, stop, beat=0.02)

    assert beats == [threading.current_thread()] * 4


def test_a_stop_that_came_first_lets_nothing_begin():
    stop, beats = threading.Event(), []
    stop.set()

    serve(lambda: beats.append(1), stop, beat=0.02)

    assert beats == []


def test_a_clock_that_fell_asleep_is_wound_up_anew(monkeypatch):
    stop, beats = threading.Event(), []
    wound: list[BackgroundScheduler] = []
    start = BackgroundScheduler.start

    def sleepy(clock: BackgroundScheduler) -> None:
        """The first clock stands still, as after the machine's time was set back."""
        wound.append(clock)
        start(clock, paused=len(wound) == 1)

    monkeypatch.setattr(BackgroundScheduler, "start", sleepy)

    def work() -> None:
        beats.append(1)
        if len(beats) == 4:
            stop.set()

    serve(work, stop, beat=0.02)

    assert len(wound) == 2
    assert not any(clock.running for clock in wound)
