"""Stories: a deployment lives for some days among people, rivals and trouble. A number tells which story it is."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import structlog

from tests.reliability.story import actors
from tests.reliability.story.acts import OURS
from tests.reliability.story.calm import calm, ease
from tests.reliability.story.wire import FATES
from tests.reliability.story.world import World

DAYS = 5
KINDS = (("zoho",), ("zoho-e2",), ("fxiaoke",), ("zoho", "fxiaoke"))
ACTS = (*actors.PEOPLE, *actors.PEOPLE, *actors.PEOPLE, *actors.RIVALS, *actors.ADMINS, *OURS)
RATED = ("rate", "rate", "visit", "new_customer", "untag", "throw_away")


@dataclass
class Told:
    """What became of a story. `digest`: of all that happened in it."""

    number: int
    digest: str
    days: float
    broken: list[str]
    figures: Counter[str] = field(default_factory=Counter)


def tell(
    number: int, say: Callable[[str], None] = lambda line: None, days: int = DAYS, *, amnesia: bool = False
) -> Told:
    """Live through a story. `amnesia`: on one of its days the store is surely lost, in the middle of a round."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    random = Random(number)
    world = World(KINDS[number % len(KINDS)], random)
    digest = hashlib.sha256()

    def note(line: str) -> None:
        line = f"{world.time.now():%m-%d %H:%M:%S} {line}"
        digest.update(line.encode() + b"\n")
        say(line)

    try:
        world.trace = note
        actors.people(world)
        world.begin()
        for day in range(days):
            if amnesia and day == days // 2:
                _forget(world, random, note)
            _day(world, random, note)
        calm(world)
        note(_state(world))
        for broken in world.book.broken:
            note(f"BROKEN {broken}")
        world.book.figures["calls"] += world.line.calls
        return Told(number, digest.hexdigest()[:16], world.time.seconds / 86_400, world.book.broken, world.book.figures)
    finally:
        world.end()


def _forget(world: World, random: Random, note: Callable[[str], None]) -> None:
    where = random.choice(("call", "write", "answer", "commit"))
    note(f"the store is lost at a {where}")
    OURS[f"dies_at_{where}"](world, random.randrange(1000), random.randrange(1000))
    OURS["lose_store"](world, 0, 0)


def _day(world: World, random: Random, note: Callable[[str], None]) -> None:
    """Some things happen, then the daily round comes; trouble does not last for ever."""
    for _ in range(random.randrange(2, 7)):
        world.time.pass_by(random.randrange(60, 7200))
        among = ACTS if random.random() < 0.7 else RATED
        name, pick, value = random.choice(among), random.randrange(1000), random.randrange(1000)
        note(f"{name} {pick} {value}")
        if name in OURS:
            OURS[name](world, pick, value)
        else:
            actors.act(world, name, pick, value)
    if random.random() < 0.3:
        world.coming[True] = [random.choice(FATES) for _ in range(random.randrange(1, 4))]
    world.run(world.cycle)
    if random.random() < 0.5:
        ease(world)
    world.time.pass_by(86_400 - world.time.seconds % 86_400)


def _state(world: World) -> str:
    """The end, in a line: every tag and task as it is."""
    parts = [
        f"{name} {key[1]} {eye.tags(row) if key[0] == eye.account else eye.marker(row)}"
        for name, eye in world.book.eyes.items()
        for key, row in sorted(world.book.known[name].items())
        if key[0] in (eye.account, eye.task)
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
