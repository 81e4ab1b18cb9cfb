"""The state machine: any acts in any order, every promise looked at after each step, and a calm end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.reliability.part import Figure, Say, at_least, exactly, told
from tests.reliability.story import machine
from tests.reliability.story.many import beside
from tests.reliability.story.world import World

NAME = "machine"
SIZES = {"machines": (200, 20_000), "steps": (50, 100)}
SHARE = 50  # machines that one seed makes


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    began, many = time.monotonic(), sizes["machines"]
    tasks = [(min(SHARE, many - start), sizes["steps"], seed * 1_000 + start) for start in range(0, many, SHARE)]
    broken, figures = [], Counter[str]()
    for said, found in beside(_some, tasks, say):
        broken += [said] if said else []
        figures += found
    took = time.monotonic() - began
    how = f"seeds {', '.join(str(task[2]) for task in tasks[:4])} …; " + "; ".join(broken[:3])
    return [
        exactly("machines in which a promise was broken", 0, len(broken), "", how, took),
        at_least("rules", 25, len(machine.RULES), ""),
        told("machines", figures["machines"], "", f"of {sizes['steps']} steps"),
        told("verbs of kamsync's in them", figures["verbs"], ""),
        told("tasks and tags written in them", figures["tasks"] + figures["tags"], ""),
    ]


def _some(task: tuple[int, int, int]) -> tuple[str | None, Counter[str]]:
    figures = Counter[str]()

    def count(world: World) -> None:
        figures.update(world.book.figures)
        figures["machines"] += 1

    examples, steps, seed = task
    return machine.run(examples, steps, seed, count), figures
