"""A state machine over the same world: any acts in any order, every promise looked at after each step, and a calm end.

Hypothesis chooses and, when a promise breaks, finds the shortest way there; `run` prints it as a plain list of acts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import structlog
from hypothesis import Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.reliability.story import actors
from tests.reliability.story.acts import OURS
from tests.reliability.story.calm import calm
from tests.reliability.story.stories import KINDS
from tests.reliability.story.world import Saved, World

NUMBER = st.integers(0, 999)


class Broken(AssertionError):
    """A promise was not kept; the acts that led there are in `steps`."""


class Machine(RuleBasedStateMachine):
    """`told`: where each machine's figures go."""

    told: Callable[[World], None] = staticmethod(lambda world: None)

    def __init__(self) -> None:
        super().__init__()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        self.world: World | None = None

    @initialize(kinds=st.sampled_from(KINDS[:3]), seed=NUMBER)
    def begin(self, kinds: tuple[str, ...], seed: int) -> None:
        self.world = begun(kinds, seed)

    @invariant()
    def every_promise_holds(self) -> None:
        if self.world is not None and self.world.book.broken:
            raise Broken("; ".join(self.world.book.broken))

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            if not self.world.book.broken:
                calm(self.world)
            type(self).told(self.world)
            self.every_promise_holds()
        finally:
            self.world.end()


def begun(kinds: tuple[str, ...], seed: int) -> World:
    """A world with its people in it, and kamsync's first round done."""
    world = World(kinds, Random(seed))
    world.load(first_round(kinds))
    return world


@cache
def first_round(kinds: tuple[str, ...]) -> Saved:
    """Done once: it takes longer than most steps."""
    world = World(kinds, Random(0))
    try:
        actors.people(world)
        world.begin()
        world.run(world.cycle)
        return world.save()
    finally:
        world.end()


def _rule(name: str) -> Any:
    def step(self: Machine, pick: int, value: int) -> None:
        assert self.world is not None
        play(self.world, name, pick, value)

    step.__name__ = name
    return rule(pick=NUMBER, value=NUMBER)(step)


def play(world: World, name: str, pick: int, value: int) -> None:
    """One act, whoever's it is; a minute passes."""
    world.time.pass_by(60)
    if name in OURS:
        OURS[name](world, pick, value)
    else:
        actors.act(world, name, pick, value)


RULES = (*actors.PEOPLE, *actors.RIVALS, *actors.ADMINS, *OURS)
for _name in RULES:
    setattr(Machine, _name, _rule(_name))


def run(examples: int, steps: int, seed: int, told: Callable[[World], None]) -> str | None:
    """So many machines of so many steps; what broke, if anything did."""
    chosen = type("Chosen", (Machine,), {"told": staticmethod(told)})
    how = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=[], verbosity=settings.default.verbosity,  # type: ignore[union-attr]
    )  # fmt: skip
    try:
        run_state_machine_as_test(seeded(seed)(chosen), settings=how)
    except Broken as broken:
        return "\n".join([str(broken), *getattr(broken, "__notes__", [])])
    return None
