"""F3, F4: the daemon is asked to stop, once or in bursts, at drawn places of its cycle, when idle, and while it starts.

It must end by itself with 0 and leave nothing as `sending`; the next cycles set all right.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from kamsync.daemon import serve
from kamsync.net import Stopped
from kamsync.store import open_store, outbox
from tests.reliability import stores
from tests.reliability.checker import Found
from tests.reliability.clock import SharedClock
from tests.reliability.part import Figure, Say, at_least, at_most, exactly
from tests.reliability.points import When
from tests.reliability.scene import Scene, scene

NAME = "signals"
SIZES = {"stops": (10, 300), "starts": (3, 100)}
TERM, INT = signal.SIGTERM, signal.SIGINT
BURSTS = ((TERM,), (INT,), (TERM, TERM), (INT, TERM), (TERM, INT, TERM))
SIDES = 260  # of places in a cycle that writes; beyond: the daemon is idle
COMMAND = (sys.executable, "-c", "import sys; from kamsync.cli import main; sys.exit(main(['run']))")


@dataclass
class Tally:
    stops: int = 0
    odd: list[str] = field(default_factory=list)  # ends that were not clean
    sending: int = 0
    slowest: float = 0.0
    found: Found = field(default_factory=Found)


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kamsync-rig-", dir=stores.SHM) as name:
        folder = Path(name)
        with stores.empty("sqlite", folder) as url, scene(folder, url, seed, each=2, shared=1) as here:
            stops, starts = _stops(here, sizes["stops"], say), _starts(here, sizes["starts"], seed, say)
    how = "SIGTERM and SIGINT, one or up to three, at a drawn place of the daemon's cycle, or idle"
    seconds = time.monotonic() - began
    return [
        at_least("the daemon was asked to stop", sizes["stops"], stops.stops, "times", how, seconds),
        exactly("stops that did not end with 0", 0, len(stops.odd), "stops", "; ".join(stops.odd[:2])),
        exactly("writes left as sending", 0, stops.sending, "writes", "after the stop"),
        exactly("lost, doubled, foreign, unasked", 0, stops.found.wrong, "things", "; ".join(stops.found.samples[:2])),
        at_most("slowest stop", 30, round(stops.slowest, 1), "s", "a stop is to take half a minute at the most"),
        exactly("signals while it starts: hangs", 0, len(starts.odd), "starts",
                f"{starts.stops} starts, each with a burst in its first second; " + "; ".join(starts.odd[:2])),
    ]  # fmt: skip


# ---- at work


class Stoppable:
    """The scene's time, whose sleeps end when the process is asked to stop."""

    def __init__(self, clock: SharedClock, stop: threading.Event) -> None:
        self._clock, self._stop = clock, stop
        self.now, self.monotonic = clock.now, clock.monotonic

    def sleep(self, seconds: float) -> None:
        if self._stop.is_set():
            raise Stopped
        self._clock.sleep(seconds)


@dataclass
class Asked:
    """Ask this process to stop: at the n-th side of a place, or once its cycle has ended."""

    nth: int
    burst: tuple[signal.Signals, ...]
    into: Path
    passed: int = 0

    def __call__(self, name: str, when: When) -> None:
        self.passed += 1
        if self.passed == self.nth:
            self.strike()

    def strike(self) -> None:
        self.into.write_text(str(time.monotonic()))
        for number in self.burst:
            os.kill(os.getpid(), number)


def _stops(here: Scene, count: int, say: Say) -> Tally:
    tally = Tally()
    for number in range(count):
        here.day()
        asked = Asked(here.rng.randint(1, SIDES + SIDES // 5), here.rng.choice(BURSTS), here.folder / "asked")
        child = here.victim.start(lambda one=asked: _serve(here, one), hook=asked)  # type: ignore[misc]
        ended = here.victim.ended(child)
        tally.stops += 1
        tally.slowest = max(tally.slowest, time.monotonic() - float(asked.into.read_text()))
        if ended.said != "clean":
            tally.odd.append(f"{asked.burst} at {asked.nth}: {ended}")
        store = open_store(here.store)
        with store.read() as tx:
            tally.sending += len(outbox.in_state(tx, "sending"))
        store.close()
        here.clock.sleep(here.rng.choice((1.0, 200.0)))
        here.settle()
        tally.found = tally.found.and_then(here.look())
        say(f"{number + 1} of {count} stops, {len(tally.odd)} odd, {tally.found.wrong} wrong")
    return tally


def _serve(here: Scene, asked: Asked) -> str:
    """The daemon, in this process."""
    stop = threading.Event()
    for number in (TERM, INT):
        signal.signal(number, lambda *_: stop.set())
    with here.victim.workspace(Stoppable(here.clock, stop)) as workspace:
        workspace.stop = stop

        def log(event: str, **facts: Any) -> None:
            if event == "job.end" and asked.passed < asked.nth:
                asked.strike()

        return "clean" if serve.run(workspace, log) else "a call hung"


# ---- while it starts


def _starts(here: Scene, count: int, seed: int, say: Say) -> Tally:
    """Real processes, which must be gone soon whatever comes when: before they can heed a signal, it just ends them."""
    tally, rng = Tally(), Random(f"starts {seed}")
    for number in range(count):
        process = subprocess.Popen(
            COMMAND,
            cwd=here.folder,
            env={**os.environ, "KAMSYNC_CONFIG": ""},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for one in rng.choice(BURSTS):
            time.sleep(rng.uniform(0, 0.5))
            process.send_signal(one)
        tally.stops += 1
        try:
            _, said = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            tally.odd.append("it hung")
        else:
            if process.returncode not in (0, 1, 130, -TERM, -INT):  # 1: Python itself was still starting
                tally.odd.append(f"ended {process.returncode}: {said.decode()[-200:]}")
        say(f"{number + 1} of {count} starts")
    return tally
