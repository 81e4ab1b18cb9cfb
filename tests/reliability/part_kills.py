"""G1, G14, G15, F1: random SIGKILLs on both stores; nothing lost, doubled or foreign; quiet cycles write nothing."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.reliability import kills, stores
from tests.reliability.apart import together
from tests.reliability.part import Figure, Say, at_least, at_most, exactly

NAME = "kills"
SIZES = {"kills": (100, 2000)}


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    found = together({kind: (_kills, kind, sizes["kills"], seed) for kind in stores.KINDS}, say)
    return [figure for kind in stores.KINDS for figure in _figures(kind, sizes["kills"], *found[kind])]


def _kills(say: Say, kind: str, count: int, seed: int) -> tuple[kills.Tally, float]:
    began = time.monotonic()
    keep = os.environ.get("KAMSYNC_RIG_KEEP")
    with tempfile.TemporaryDirectory(prefix="kamsync-rig-", dir=stores.SHM) as folder:
        home = Path(keep, f"kills-{kind}") if keep else Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        with stores.empty(kind, Path(folder)) as url:
            return kills.run(home, url, count, seed, say), time.monotonic() - began


def _figures(kind: str, asked: int, tally: kills.Tally, seconds: float) -> list[Figure]:
    wrong, hit = tally.found, ", ".join(f"{count} {name}" for name, count in sorted(tally.places.items()))
    struck = ", ".join(f"{count} {name}" for name, count in sorted(tally.struck.items()))
    how = f"{tally.rounds} rounds, {tally.children} cycles begun; died in: {hit}; writes struck: {struck}"
    ratio = tally.applied / max(1, wrong.needed)
    wrongs = "; ".join(wrong.samples[:3])
    return [
        at_least(f"{kind}: kills (-9) of a cycle", asked, tally.kills, "kills", how, seconds),
        exactly(f"{kind}: lost", 0, wrong.lost, "changes", wrongs or f"{wrong.needed} writes had to be made"),
        exactly(f"{kind}: doubled", 0, wrong.doubled, "tasks", wrongs or "tasks of ours, by marker"),
        exactly(f"{kind}: foreign touched", 0, wrong.foreign, "things", wrongs or "people's tags, tasks and fields"),
        exactly(f"{kind}: not asked for", 0, wrong.unasked, "writes", wrongs or "what no rule wants of us"),
        exactly(f"{kind}: rounds that found no rest", 0, tally.restless, "rounds", "20 clean cycles are enough"),
        exactly(f"{kind}: writes of two quiet cycles", 0, tally.quiet_writes, "calls", "after each round"),
        at_most(f"{kind}: writes applied a write needed", 1.02, round(ratio, 4), "", f"{tally.applied} were applied"),
    ]
