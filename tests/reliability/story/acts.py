"""What happens on our own side: verbs in any order, crashes, lost and old stores, clocks that jump, pauses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from kamsync.engine import pausing
from tests.reliability.story import actors
from tests.reliability.story.actors import Act
from tests.reliability.story.wire import FATES, Fate
from tests.reliability.story.world import World, empty_store

READS: tuple[Fate, ...] = ("refused", "dropped", "broken", "login", "busy")
VERBS = (("cycle", 40), ("apply", 12), ("plan", 12), ("pull", 30))  # and how many calls they make
BETWEEN = (*actors.PEOPLE, *actors.RIVALS)


def _verb(name: str) -> Act:
    return lambda world, pick, value: world.run(getattr(world, name))


def _wait(world: World, pick: int, value: int) -> None:
    world.time.pass_by((30, 200, 3600, 20 * 3600)[value % 4])


def _weather(world: World, pick: int, value: int) -> None:
    """Something befalls the next calls that change something."""
    world.coming[True] = [FATES[(value + step) % len(FATES)] for step in range(pick % 3)] or ["lost"]


def _bad_reads(world: World, pick: int, value: int) -> None:
    world.coming[False] = [READS[value % len(READS)]] * (1 + pick % 8)


def _dies(where: str) -> Act:
    def do(world: World, pick: int, value: int) -> None:
        verb, most = VERBS[value % len(VERBS)]
        world.fuse = (where, pick % (most if where in ("call", "commit") else 4))
        world.run(getattr(world, verb))

    return do


def _busy_day(world: World, pick: int, value: int) -> None:
    """Two customers are rated anew, and a round follows."""
    for step in (0, 1):
        actors.act(world, "rate", pick + step, value + step)
    world.run(world.cycle)


def _meanwhile(world: World, pick: int, value: int) -> None:
    """People act between any two calls of one round."""
    for step in range(1 + pick % 3):
        at = world.line.calls + 1 + (value + 7 * step) % 45
        name = BETWEEN[(pick + step) % len(BETWEEN)]
        world.gaps[at] = lambda name=name, step=step: actors.act(world, name, pick + step, value)  # type: ignore[misc]
    world.run(world.cycle)


def _overtaken(world: World, pick: int, value: int) -> None:
    """Another process takes over in the middle of a round; this one must not write any more."""
    world.workspace  # noqa: B018  opened before, so that it is this one that is overtaken
    world.gaps[world.line.calls + 1 + value % 45] = world.overtake
    world.run(world.cycle)


def _lose_store(world: World, pick: int, value: int) -> None:
    world.book.figures["amnesia"] += 1
    world.lose_store(empty_store())
    if value % 2:
        world.run(world.recover)


def _keep_store(world: World, pick: int, value: int) -> None:
    world.keep_store()


def _old_store(world: World, pick: int, value: int) -> None:
    if world.kept is not None:
        world.book.figures["old stores"] += 1
        world.lose_store(world.kept[0])


def _clock(world: World, pick: int, value: int) -> None:
    """Our machine's date is wrong, or right again."""
    world.clock.wrong = (timedelta(), timedelta(hours=3), timedelta(hours=-5), timedelta(days=1))[value % 4]


def _pause(world: World, pick: int, value: int) -> None:
    world.run(lambda: pausing.pause(world.workspace))


def _resume(world: World, pick: int, value: int) -> None:
    world.run(lambda: pausing.resume(world.workspace))


def _approve(world: World, pick: int, value: int) -> None:
    world.run(world.approve_all)


OURS: dict[str, Callable[[World, int, int], None]] = {
    "cycle": _verb("cycle"),
    "busy_day": _busy_day,
    "pull": _verb("pull"),
    "judge": _verb("judge"),
    "plan": _verb("plan"),
    "apply": _verb("apply"),
    "restart": _verb("close"),
    "wait": _wait,
    "weather": _weather,
    "bad_reads": _bad_reads,
    "dies_at_call": _dies("call"),
    "dies_at_write": _dies("write"),
    "dies_at_answer": _dies("answer"),
    "dies_at_commit": _dies("commit"),
    "meanwhile": _meanwhile,
    "overtaken": _overtaken,
    "lose_store": _lose_store,
    "recover": _verb("recover"),
    "keep_store": _keep_store,
    "old_store": _old_store,
    "clock": _clock,
    "pause": _pause,
    "resume": _resume,
    "approve": _approve,
}
