"""People and another program act between any two calls of one apply: after a look and before its write, between
batches, after a write and before its fate is known."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.reliability.story import actors
from tests.reliability.story.machine import begun
from tests.reliability.story.stories import KINDS
from tests.reliability.story.world import World

ACTS = ("untag", "tag", "rewrite_tags", "same_record", "rate", "rename", "delete", "merge", "throw_away", "complete",
        "reword", "reassign", "copy", "visit")  # fmt: skip
ROUNDS = 12  # rounds that one world lives


def interleave(seed: int) -> tuple[int, list[str], Counter[str]]:
    """The rounds of one world: how many acts fell between two calls of an apply, what broke, and what was written."""
    random = Random(seed)
    world = begun(KINDS[:3][seed % 3], seed)
    fell = 0
    try:
        for _ in range(ROUNDS):
            fell += _round(world, random)
            if world.book.broken:
                break
        return fell, world.book.broken, world.book.figures
    finally:
        world.end()


def _round(world: World, random: Random) -> int:
    """Tags change hands and contacts fall due; meanwhile somebody acts."""
    world.time.pass_by(15 * 86_400)
    actors.act(world, "rate", random.randrange(100), random.randrange(3))
    actors.act(world, "rate", random.randrange(100), random.randrange(3))
    if random.random() < 0.2:
        actors.act(world, "new_customer", 0, random.randrange(100))
    if random.random() < 0.2:
        world.coming[True] = ["well", "lost"][random.randrange(2) :]
    fell: list[int] = []
    world.run(lambda: world.round(lambda: _acts(world, random, fell, 1 + random.randrange(4))))
    if random.random() < 0.2:
        world.time.pass_by(200)
        _acts(world, random, fell, 1)
        world.run(world.apply)
    world.coming[True] = []
    return len(fell)


def _acts(world: World, random: Random, fell: list[int], many: int) -> None:
    """Before so many of the next calls somebody will act."""
    for gap in random.sample(range(8), many):
        name, pick, value = random.choice(ACTS), random.randrange(100), random.randrange(1000)

        def do(name: str = name, pick: int = pick, value: int = value) -> None:
            fell.append(1)
            world.trace(f"{name} {pick} {value}")
            actors.act(world, name, pick, value)

        world.gaps[world.line.calls + 1 + gap] = do
