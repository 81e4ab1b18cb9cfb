"""G9, F46, F48, F129, F130: answers that are garbage, fed to everything that a connector asks of its CRM."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from tests.reliability import fed
from tests.reliability.apart import together
from tests.reliability.part import Figure, Say, exactly, told

NAME = "garbage"
SIZES = {"garbage": (2_000, 100_000)}
WAYS = tuple(fed.CONNECTORS)


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    each = -(-sizes["garbage"] // len(WAYS))
    found = together({way: (_fed, way, each, seed) for way in WAYS}, say)
    return [figure for way in WAYS for figure in _figures(way, each, *found[way])]


def _fed(say: Say, way: str, count: int, seed: int) -> tuple[fed.Bad, float]:
    began = time.monotonic()
    return fed.stories(way, range(count), seed, say), time.monotonic() - began


def _figures(way: str, count: int, bad: fed.Bad, seconds: float) -> list[Figure]:
    kinds = {"crashed": 0, "hung": 0, "moved past": 0, "believed": 0, "took": 0, "called": 0}
    samples = dict.fromkeys(kinds, "")
    for kind, number in bad.counts.items():
        name = next(name for name in kinds if kind.startswith(name))
        kinds[name] += number
        samples[name] = samples[name] or bad.samples[kind]
    wrong = kinds["took"] + kinds["called"]
    ends = kinds["moved past"] + kinds["believed"]
    return [
        told(f"{way}: answers that were garbage", count, "stories", "one asking each, by its number", seconds),
        exactly(f"{way}: crashed", 0, kinds["crashed"], "stories", samples["crashed"]),
        exactly(f"{way}: hung (5 s of work, 20 s in all)", 0, kinds["hung"], "stories", samples["hung"]),
        exactly(f"{way}: place past what came", 0, ends, "stories", samples["moved past"] or samples["believed"]),
        exactly(f"{way}: garbage believed", 0, wrong, "stories", samples["took"] or samples["called"]),
    ]
