"""The two usual patterns beside kamsync: same invented CRM, same faults, same kills. No goals; only to compare."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from tests.reliability import strawmen
from tests.reliability.apart import together
from tests.reliability.part import Figure, Say, told

NAME = "strawmen"
SIZES = {"straw_kills": (100, 2000)}
WAYS = ("send, then mark", "mark, then send")


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    began = time.monotonic()
    found = together({way: (strawmen.run, way, sizes["straw_kills"], seed) for way in WAYS}, say)
    seconds = time.monotonic() - began
    figures = []
    for way, one in found.items():
        how = f"{one.wanted} tasks one by one, {one.kills} kills; no key, no look before sending again"
        figures.append(told(f"{way}: lost", round(100 * one.lost / one.wanted, 1), "%", how, seconds))
        figures.append(told(f"{way}: doubled", round(100 * one.doubled / one.wanted, 1), "%", how))
    return figures
