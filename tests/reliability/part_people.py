"""People and another program act between the calls of an apply; nothing that is theirs may change."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.reliability.part import Figure, Say, at_least, exactly, told
from tests.reliability.story.between import interleave
from tests.reliability.story.many import beside

NAME = "people"
SIZES = {"interleavings": (2_000, 100_000)}
EACH = 18  # that one world is good for, about


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    began, fell, worlds = time.monotonic(), 0, 0
    broken, figures = [], Counter[str]()
    first = seed * 1_000_000
    while fell < sizes["interleavings"]:
        chosen = range(first + worlds, first + worlds + max(2, (sizes["interleavings"] - fell) // EACH))
        for number, (many, said, found) in zip(chosen, beside(interleave, chosen, say), strict=True):
            fell, worlds, figures = fell + many, worlds + 1, figures + found
            broken += [f"world {number}: {'; '.join(said)}"] if said else []
    took = time.monotonic() - began
    how = "an act of people or rivals between two calls of one apply; " + "; ".join(broken[:5])
    return [
        exactly("changed though it was theirs, or doubled", 0, len(broken), "worlds", how, took),
        at_least("interleavings", sizes["interleavings"], fell, "", f"in {worlds} worlds"),
        told("tasks and tags written meanwhile", figures["tasks"] + figures["tags"], ""),
    ]
