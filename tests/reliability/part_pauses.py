"""F6: a writer is stopped (SIGSTOP) past its lease on PostgreSQL, another takes over, and the first one wakes up.

Paused for less than the settle wait, nothing may be doubled anywhere. Paused for longer, a CRM that enforces a key
still has each task once; elsewhere the woken one may repeat the one call that it was about to make: that is told, and
is why the guarantee there is a lower one.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from tests.reliability import stores, world
from tests.reliability.checker import Found
from tests.reliability.faults import WRITES
from tests.reliability.part import Figure, Say, at_least, exactly, told
from tests.reliability.points import When
from tests.reliability.scene import TTL, Scene, scene
from tests.reliability.stores import let_lease_end

NAME = "pauses"
SIZES = {"pauses": (6, 200)}
SHORT, LONG = (TTL + 1, world.SETTLE - 20.0), (world.SETTLE + 60.0, 3 * world.SETTLE)


@dataclass
class Tally:
    pauses: int = 0
    found: Found = field(default_factory=Found)
    keyed_doubled: int = 0
    refused: int = 0  # woken writers that were told that another one has taken over
    usurped: int = 0  # rows of a newer writer's that a woken one changed


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    began, (short, long) = time.monotonic(), (Tally(), Tally())
    with tempfile.TemporaryDirectory(prefix="kamsync-rig-", dir=stores.SHM) as name:
        folder = Path(name)
        with stores.empty("postgres", folder) as url, scene(folder, url, seed, each=3, shared=1) as here:
            for number in range(sizes["pauses"]):
                (tally, span) = (long, LONG) if number % 3 == 2 else (short, SHORT)
                _pause(here, here.rng.uniform(*span), tally)
                say(f"{number + 1} of {sizes['pauses']} pauses, {short.found.wrong} + {long.found.wrong} wrong")
    seconds = time.monotonic() - began
    how = "stopped at a drawn commit or call of the writing part; another writer works meanwhile, and ends"
    wrongs = "; ".join(short.found.samples[:2])
    return [
        at_least("pauses past the lease", sizes["pauses"], short.pauses + long.pauses, "pauses", how, seconds),
        exactly("rows of the newer writer's that it changed", 0, short.usurped + long.usurped, "rows",
                f"{short.refused + long.refused} woken writers were told that their office had passed on"),
        exactly("shorter than settle: wrong", 0, short.found.wrong, "things", wrongs),
        exactly("longer: doubled where a key is enforced", 0, long.keyed_doubled, "tasks"),
        exactly("longer: lost, foreign", 0, long.found.lost + long.found.foreign, "things"),
        told("longer: doubled where no key is enforced", long.found.doubled, "tasks", "the woken one's own call"),
    ]  # fmt: skip


@dataclass
class Stop:
    """Stop this process at the n-th side of a place of the writing part where no unit of work is open."""

    nth: int
    passed: int = 0
    accepted: bool = False

    def __call__(self, name: str, when: When) -> None:
        self.accepted = self.accepted or name.startswith("commit engine.accept")
        safe = when == "after" or not name.startswith("commit")
        if not self.accepted or not safe or not (WRITES.fullmatch(name) or name.startswith("commit engine.push")):
            return
        self.passed += 1
        if self.passed == self.nth:
            os.kill(os.getpid(), signal.SIGSTOP)


def _pause(here: Scene, seconds: float, tally: Tally) -> None:
    here.day()
    first = here.victim.start(here.victim.cycle, hook=Stop(here.rng.randint(1, 24)))
    _, status = os.waitpid(first, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        here.settle()
        return
    tally.pauses += 1
    office, _ = _rows(here.store)
    here.clock.sleep(seconds)
    let_lease_end(here.store)
    here.settle() if seconds > world.SETTLE else here.cycle()
    _, before = _rows(here.store)
    os.kill(first, signal.SIGCONT)
    ended = here.victim.ended(first)
    _, after = _rows(here.store)
    tally.refused += "LeaseLost" in ended.said
    tally.usurped += sum(before[key] != after[key] for key in before if before[key]["epoch"] > office)
    here.clock.sleep(world.SETTLE)
    here.settle()
    found = here.look()
    tally.keyed_doubled += sum("doubled" in one and "'keyed'" in one for one in found.samples)
    tally.found = tally.found.and_then(found)
    here.office.ask("tidy")


def _rows(url: str) -> tuple[int, dict[str, Any]]:
    """The newest writer's number, and every intent by its key."""
    engine = create_engine(url)
    with engine.connect() as connection:
        office = connection.execute(text("SELECT epoch FROM lease WHERE resource = 'writer'")).scalar_one()
        query = text("SELECT key, state, epoch, attempt, written_id FROM intent")
        rows = {row["key"]: dict(row) for row in connection.execute(query).mappings()}
    engine.dispose()
    return office, rows
