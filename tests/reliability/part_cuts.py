"""F38, F39, F42: calls that break off after every byte of the request and of the answer, and other bad lines."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.reliability import cut
from tests.reliability.apart import together
from tests.reliability.part import Figure, Say, exactly, told
from tests.reliability.proxy import Toxic

NAME = "cuts"
SIZES = {"cuts": (120, 1800), "torn": (16, 200)}  # writes of a kind, and pulls, at each CRM; 1,800 is every byte
OTHERS = (
    Toxic("twice"), Toxic("delay", seconds=0.05), Toxic("drip", seconds=0.1), Toxic("swallow"), Toxic("hole"),
    *(Toxic("corrupt", at) for at in (0, 9, 60, 200)),
)  # fmt: skip


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    found = together({kind: (_crm, kind, sizes["cuts"], sizes["torn"]) for kind in cut.CRMS}, say)
    return [figure for kind in cut.CRMS for figure in _figures(kind, *found[kind])]


def _crm(say: Say, kind: str, count: int, torn: int) -> tuple[cut.Tally, int, float]:
    began, tally = time.monotonic(), cut.Tally()
    with tempfile.TemporaryDirectory() as folder, cut.line(kind, Path(folder), f"sqlite:///{folder}/k.db") as at:
        desk, proxy = at
        ids = cut.customers(desk, count + len(OTHERS) + 1)
        desk.pull()
        desk.judge()
        for write in cut.WRITES:
            say(f"{kind} {write}: {count} calls are cut")
            cut.write_each(desk, proxy, write, lambda asked, said: [*_cuts(count, asked, said), *OTHERS], tally)
        tally.restless = not cut.to_rest(desk)
        cut.judge(desk.tenant, ids, tally)
        say(f"{kind}: {torn} pulls are torn")
        missed = cut.reads(desk, proxy, [number * 450 // torn for number in range(torn)], ids[0])
    return tally, missed, time.monotonic() - began


def _cuts(count: int, request: int, answer: int) -> list[Toxic]:
    """So many places, spread over all bytes of a call; each byte, where there are as many as bytes."""
    places = sorted({number * (request + answer) // count for number in range(count)})
    places += [request + answer] * (count - len(places))
    return [
        Toxic("cut request", place, hard=place % 2 == 1)
        if place <= request
        else Toxic("cut answer", place - request, hard=place % 2 == 1)
        for place in places
    ]


def _figures(kind: str, tally: cut.Tally, missed: int, seconds: float) -> list[Figure]:
    how = ", ".join(f"{name} {count}" for name, count in sorted(tally.broken.items()))
    size = ", ".join(f"{name} {count}" for name, count in tally.bytes.items())
    return [
        told(f"{kind}: calls that broke", tally.broken.total(), "calls", f"{how}; bytes of a call: {size}", seconds),
        exactly(f"{kind}: lost on a bad line", 0, tally.lost, "changes", f"of {tally.wanted}"),
        exactly(f"{kind}: doubled on a bad line", 0, tally.doubled, "changes"),
        exactly(f"{kind}: never came to rest", 0, int(tally.restless), "runs"),
        exactly(f"{kind}: records missed by torn pulls", 0, missed, "records"),
    ]  # fmt: skip
