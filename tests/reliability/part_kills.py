"""G1, G14, G15, F1: random SIGKILLs on both stores; nothing lost, doubled or foreign; quiet cycles write nothing."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.databases import postgres_database, postgres_server
from tests.reliability import kills
from tests.reliability.apart import together
from tests.reliability.part import Figure, Say, at_least, at_most, exactly

NAME = "kills"
SIZES = {"kills": (100, 2000)}
SHM = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a killed process loses no page of the file cache


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    found = together({name: (_kills, name, sizes["kills"], seed) for name in ("sqlite", "postgres")}, say)
    return [figure for name in found for figure in _figures(name, *found[name])]


def _kills(say: Say, store: str, count: int, seed: int) -> tuple[kills.Tally, float]:
    began = time.monotonic()
    keep = os.environ.get("KAMSYNC_RIG_KEEP")
    with tempfile.TemporaryDirectory(prefix="kamsync-rig-", dir=SHM) as folder, _store(store, Path(folder)) as url:
        home = Path(keep, f"kills-{store}") if keep else Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        return kills.run(home, url, count, seed, say), time.monotonic() - began


@contextmanager
def _store(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/kamsync.db"
        return
    with postgres_server() as server, postgres_database(server) as url:
        yield url


def _figures(store: str, tally: kills.Tally, seconds: float) -> list[Figure]:
    wrong, kinds = tally.found, ", ".join(f"{count} {name}" for name, count in sorted(tally.places.items()))
    how = f"in {tally.rounds} rounds, {tally.children} cycles begun; killed at: {kinds}; faults: {dict(tally.struck)}"
    ratio = tally.written / max(1, wrong.needed)
    return [
        at_least(f"{store}: kills (-9) of a cycle", tally.kills, tally.kills, "kills", how, seconds),
        exactly(f"{store}: lost", 0, wrong.lost, "changes", f"of {wrong.needed} that had to be written"),
        exactly(f"{store}: doubled", 0, wrong.doubled, "tasks", "; ".join(wrong.samples[:2])),
        exactly(f"{store}: foreign touched", 0, wrong.foreign, "things", "people's tags, tasks and fields"),
        exactly(f"{store}: not asked for", 0, wrong.unasked, "writes", "tags or tasks of ours that no rule wants"),
        exactly(f"{store}: rounds that found no rest", 0, tally.restless, "rounds"),
        exactly(f"{store}: writes of two quiet cycles", 0, tally.quiet_writes, "calls", "after each round"),
        at_most(f"{store}: applied writes a needed change", 1.02, round(ratio, 4), "", f"{tally.written:,} writes"),
    ]  # fmt: skip
