"""Kill kamsync again and again, in rounds: people act, cycles die at random, clean ones end the round, all is checked.

Everything is drawn from the seed; what happened is written down line by line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.checker import Found
from tests.reliability.faults import Odds
from tests.reliability.part import Say
from tests.reliability.scene import Scene, scene
from tests.reliability.victim import Blow

A_ROUND = 8  # kills
PAUSES = (1.0, 20.0, 200.0)  # seconds between a kill and the next start
TYPICAL = (200, 60)  # sides of places in a cycle, and in the writing part of it
TRIES = 20  # children until one dies


@dataclass
class Tally:
    """What a run of kills found."""

    kills: int = 0
    children: int = 0
    rounds: int = 0
    found: Found = field(default_factory=Found)
    applied: int = 0  # rows that writes changed
    quiet_writes: int = 0
    restless: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)


def run(folder: Path, store: str, kills: int, seed: int, say: Say, *, first_wrong: bool = False) -> Tally:
    """So many kills on an empty store; `first_wrong`: or until something is wrong."""
    tally = Tally()
    with scene(folder, store, seed) as here:
        tally.found = here.look()  # the first day had no kills, and is to be right too
        while tally.kills < kills and not (first_wrong and (tally.found.wrong or here.restless)):
            tally.rounds += 1
            here.day()
            here.weather(Odds())
            for _ in range(min(A_ROUND, kills - tally.kills)):
                tally.kills += 1
                tally.places[_kind(_kill(here))] += 1
            here.rest()
            tally.found = tally.found.and_then(here.look())
            say(f"{tally.kills} of {kills}, {tally.found.wrong} wrong")
        traffic = here.office.ask("traffic")
        tally.struck.update(traffic["struck"])
        tally.applied, tally.children = traffic["applied"], here.children
        tally.quiet_writes, tally.restless = here.quiet_writes, here.restless
    return tally


def _kill(here: Scene) -> str:
    """Cycles until one dies, more often than not in its writing part; where it did."""
    for _ in range(TRIES):
        while_writing = here.rng.random() < 0.6
        nth = here.rng.randint(1, TYPICAL[while_writing])
        ended = here.cycle(Blow(nth, while_writing, here.rng.choice([0.0, 0.0, here.rng.expovariate(250)])))
        here.clock.sleep(here.rng.choice(PAUSES))
        if ended.killed:
            return ended.place
    raise RuntimeError(f"no cycle dies: {ended}")


def _kind(place: str) -> str:
    """Where a kill hit, in one word: a verb of the engine, or a call."""
    _, kind, name = place.split(" ", 2)
    if kind != "commit":
        return "call"
    return name.split(".")[1] if name.startswith("engine.") else "store"
