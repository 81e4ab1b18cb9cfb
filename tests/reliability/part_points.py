"""G2, F2: every commit and every call of a cycle, broken before, after and with a torn answer; then all comes right.

Two cycles are taken apart: one that writes, and one that comes after a crash in the middle of writing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from zlib import crc32

from tests.reliability import stores
from tests.reliability.apart import together
from tests.reliability.breaking import MODES, Break, Mode, Place, counted
from tests.reliability.checker import Found
from tests.reliability.faults import WRITES
from tests.reliability.part import Figure, Say, at_least, exactly
from tests.reliability.scene import Moment, Scene, scene

NAME = "points"
SIZES = {"points": (0, 1)}  # 1: all; 0: all about writing, and the first of each other name in one way
ABOUT_WRITING = ("engine.accept", "engine.push", "engine.settle")
WORKERS = 2
ATTEMPTS = 3  # to reach a place


@dataclass
class Tally:
    names: int = 0
    places: int = 0
    tried: int = 0
    missed: list[str] = field(default_factory=list)  # places that were not reached again
    restless: list[str] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    about_writing: int = 0
    about_writing_tried: int = 0


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    every = bool(sizes["points"])
    kinds = stores.KINDS if every else ("sqlite",)
    works = {f"{kind} {worker + 1}": (_work, kind, worker, every, seed) for kind in kinds for worker in range(WORKERS)}
    found = together(works, say)
    return [figure for kind in kinds for figure in _figures(kind, [one for name, one in found.items() if kind in name])]


def _work(say: Say, kind: str, worker: int, every: bool, seed: int) -> tuple[Tally, float]:
    """This worker's share of the places, on its own CRMs and store."""
    began, tally = time.monotonic(), Tally()
    with tempfile.TemporaryDirectory(prefix="kamsync-rig-", dir=stores.SHM) as name:
        folder = Path(name)
        with stores.empty(kind, folder) as url, scene(folder, url, seed, each=1, shared=1) as here:
            here.begin(dict.fromkeys(here.case.places, 90))
            for cycle in ("writing", "after a crash"):
                if cycle == "after a crash":
                    _crash(here)
                _take_apart(here, cycle, worker, tally, say, every=every)
    return tally, time.monotonic() - began


def _crash(here: Scene) -> None:
    """Die when the first reminders have just been made, and let the settle wait pass."""
    ended = here.cycle(hook=Break((_first_task(here), 1), "after"))
    assert ended.killed, ended
    here.clock.sleep(200)


def _first_task(here: Scene) -> str:
    moment = Moment.of(here)
    places = counted(lambda hook: here.cycle(hook=hook), here.folder)
    moment.come_back()
    moment.store.drop()
    return next(name for name, _ in places if name.endswith("/Tasks"))


def _take_apart(here: Scene, cycle: str, worker: int, tally: Tally, say: Say, *, every: bool) -> None:
    moment = Moment.of(here)
    places = counted(lambda hook: here.cycle(hook=hook), here.folder)
    moment.come_back()
    tally.names += len({name for name, _ in places})
    tally.places += len(places)
    tally.about_writing += sum(_is_about_writing(name) for name, _ in places) if every or cycle == "writing" else 0
    tries = list(_tries(places, every=every, again=cycle == "after a crash"))
    tried = len({place for place, _ in tries if _is_about_writing(place[0])})
    tally.about_writing_tried += tried if every or cycle == "writing" else 0
    mine = [one for one in tries if crc32(repr(one).encode()) % WORKERS == worker]
    for number, (place, mode) in enumerate(mine):
        for _ in range(ATTEMPTS):  # how far two connections are at one time is not ours to say
            reached = here.cycle(hook=Break(place, mode)).killed or mode == "torn"
            if reached:
                break
            moment.come_back()
        _after(here, f"{mode} {place[0]} #{place[1]}", tally, reached=reached)
        moment.come_back()
        say(f"{cycle} {number + 1} of {len(mine)}, {tally.found.wrong} wrong")
    moment.store.drop()


def _tries(places: Sequence[Place], *, every: bool, again: bool) -> Iterator[tuple[Place, Mode]]:
    """All that is about writing, in each way; the first of each other name, one way or another.

    `again`: of the second cycle only what the first one had not, or had in another state.
    """
    for place in places:
        new = place[0].startswith("commit engine.settle") or WRITES.fullmatch(place[0])
        if every or (new if again else _is_about_writing(place[0])):
            yield from ((place, mode) for mode in MODES)
        elif not again and place[1] == 1:
            yield place, MODES[crc32(place[0].encode()) % len(MODES)]


def _is_about_writing(name: str) -> bool:
    kind, _, what = name.partition(" ")
    return what.startswith(ABOUT_WRITING) if kind == "commit" else WRITES.fullmatch(name) is not None


def _after(here: Scene, name: str, tally: Tally, *, reached: bool) -> None:
    """Clean cycles, then the checker."""
    if not reached:
        tally.missed.append(name)
    tally.tried += 1
    here.clock.sleep(Random(name).choice((1.0, 20.0, 200.0)))
    if not here.settle():
        tally.restless.append(name)
    found = here.look()
    found.samples = [f"{name}: {sample}" for sample in found.samples]
    tally.found = tally.found.and_then(found)


def _figures(kind: str, done: Sequence[tuple[Tally, float]]) -> list[Figure]:
    tallies = [tally for tally, _ in done]
    one, found = tallies[0], Found()
    for tally in tallies:
        found = found.and_then(tally.found)
    missed = [name for tally in tallies for name in tally.missed]
    restless = [name for tally in tallies for name in tally.restless]
    tried = sum(tally.tried for tally in tallies)
    how = f"{one.places} places of {one.names} names, {one.about_writing} about writing, in two cycles"
    wrongs = "; ".join(found.samples[:3])
    return [
        at_least(f"{kind}: places x before, after, torn", 1, tried, "tries", how,
                 max(seconds for _, seconds in done)),
        exactly(f"{kind}: places about writing left out", 0, one.about_writing - one.about_writing_tried, "places"),
        exactly(f"{kind}: tries whose place was not passed again", 0, len(missed), "tries", "; ".join(missed[:3])),
        exactly(f"{kind}: lost, doubled, foreign, unasked", 0, found.wrong, "things", wrongs),
        exactly(f"{kind}: broken cycles without rest", 0, len(restless), "tries", "; ".join(restless[:3])),
    ]  # fmt: skip
