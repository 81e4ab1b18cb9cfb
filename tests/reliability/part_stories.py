"""A deployment and its CRMs live for days on invented time, among people, rivals, admins, crashes and lost stores.

All of a story follows from its number: `python -m tests.reliability --story N --trace` tells it again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.reliability.part import Figure, Say, at_least, exactly, told
from tests.reliability.story.many import beside
from tests.reliability.story.stories import DAYS, Told, tell

NAME = "stories"
SIZES = {"stories": (60, 20_000)}
RATIO = 1_000  # simulated to real


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    began, days, figures = time.monotonic(), 0.0, Counter[str]()
    broken: list[str] = []
    first = seed * 1_000_000 if seed != 1 else 0
    for story in beside(tell, range(first, first + sizes["stories"]), say):
        days += story.days
        figures += story.figures
        broken += _said(story)
    took = time.monotonic() - began
    how = f"stories of {DAYS} days and a calm end, in which every kind of trouble comes; " + "; ".join(broken[:5])
    return [
        exactly("stories in which a promise was broken", 0, len(broken), "", how, took),
        at_least("simulated : real time", RATIO, round(days * 86_400 / took), ": 1", "over all stories, by the wall"),
        told("stories", sizes["stories"], "", "each from its number"),
        told("tenant-days", round(days), "days"),
        told("tasks and tags written in them", figures["tasks"] + figures["tags"], ""),
        told("duties and tags due at the end, all there", figures["duties due"] + figures["tags due"], ""),
        told("stores lost or put back in them", figures["amnesia"] + figures["old stores"], ""),
        told("tasks made again after such a loss", figures["reappeared"], "", "a deletion that nobody remembers"),
    ]


def _said(story: Told) -> list[str]:
    return [f"story {story.number}: {'; '.join(story.broken)}"] if story.broken else []
