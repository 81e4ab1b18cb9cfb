"""The store is lost in the middle of a round; ordinary rounds build it again, and the CRMs hold nothing twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from tests.reliability.part import Figure, Say, exactly, told
from tests.reliability.story.many import beside
from tests.reliability.story.stories import tell

NAME = "amnesia"
SIZES = {"amnesia": (3, 200)}


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    began, figures = time.monotonic(), Counter[str]()
    broken: list[str] = []
    first = 500_000_000 + seed * 1_000_000
    for story in beside(partial(tell, amnesia=True), range(first, first + sizes["amnesia"]), say):
        figures += story.figures
        broken += [f"story {story.number}: {one}" for one in story.broken]
    took = time.monotonic() - began
    twice = [one for one in broken if "twice:" in one]
    foreign = [one for one in broken if "foreign:" in one]
    others = [one for one in broken if one not in twice and one not in foreign]
    return [
        exactly("lost stores after which something was there twice", 0, len(twice), "", "; ".join(twice[:5]), took),
        exactly("things of people's changed by the rebuilding", 0, len(foreign), "", "; ".join(foreign[:5])),
        exactly("other promises broken", 0, len(others), "", "; ".join(others[:5])),
        told("stores lost", figures["amnesia"], ""),
        told(
            "records that went before the store knew them again",
            figures["records lost"],
            "",
            "whose they were, no CRM can tell: their tasks may come again on another record",
        ),
        told(
            "records nobody could know as their customer's",
            figures["records lost"],
            "",
            "gone before a new store had seen them: a task on them may come again on another record of the customer",
        ),
        told("tasks made again that people had deleted", figures["reappeared"], "", "a deletion nobody remembers"),
    ]
