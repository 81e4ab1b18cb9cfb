"""Does the rig bite? Each thing that keeps a promise is taken out in turn, and the rig must find the harm.

What is taken out is replaced in a process of the rig's own, before its children are forked; no file is touched.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kamsync.engine import push, settle
from kamsync.engine.push import Result
from kamsync.net.door import Door
from kamsync.net.retry import retrying
from kamsync.store import outbox
from kamsync_fxiaoke import tags as fxiaoke_tags
from tests.reliability import kills, part_pauses, stores
from tests.reliability.apart import together
from tests.reliability.part import Figure, Say, exactly

NAME = "bites"
SIZES = {"bites": (0, 200)}  # kills that a harm may take to be found; 0: nothing is taken out

SEND, SETTLE = outbox.send, outbox.settle


def at_once(*given: Any) -> list[Any]:
    """`settle._ripe`, without the wait."""
    return list(given[1])


def unmarked(tx: Any, ids: Sequence[str], epoch: int, at: Any) -> set[str]:
    """`outbox.send`, noting nothing."""
    return set(ids)


def whatever_became_of_them(tx: Any, ids: Sequence[str], epoch: int, at: Any) -> set[str]:
    """`outbox.send`, not asking whether the rows are still planned."""
    SEND(tx, ids, epoch, at)
    return set(ids)


def first_for_all(rows: Sequence[Any], outcomes: Sequence[Any]) -> list[Result]:
    """`push._matched`, with one outcome for the whole batch."""
    one = outcomes[0]
    return [Result(row, one.state, one.remote_id, one.code, one.message) for row in rows]


def again_as_reads_are(door: Any, request: Any) -> Any:
    """`Door._write`, tried again."""
    return retrying(door._clock, door._random)(door._read, request, itertools.count())


def anybodys(*_: Any) -> None:
    """`still_ours`, for anybody."""


def whoever_settles(tx: Any, endings: Any, epoch: int, at: Any) -> set[str]:
    """`outbox.settle`, whatever office its writer holds."""
    return SETTLE(tx, endings, 1 << 60, at)


def only_ours(held: Any, options: Any, change: Any) -> list[str]:
    """`kamsync_fxiaoke.tags.merged`, leaving out what others put there."""
    return [options.value(tag) for tag in change.add]


@dataclass(frozen=True)
class Bite:
    """`without`: the code that goes, as (where, its name, what stands there instead)."""

    keeps: str
    without: Sequence[tuple[Any, str, Any]]
    found_by: str = "kills"


FENCES = [(where, "still_ours", anybodys) for where in (push, settle)]
BITES = (
    Bite("settle wait", [(settle, "_ripe", at_once)]),
    Bite("durable sending", [(outbox, "send", unmarked)]),
    Bite("outcome a row", [(push, "_matched", first_for_all)]),
    Bite("take-over of what was sending", [(outbox, "orphaned", lambda tx, epoch: 0)]),
    Bite("single sending of writes", [(Door, "_write", again_as_reads_are)]),
    Bite("merging with people's tags", [(fxiaoke_tags, "merged", only_ours)]),
    Bite("epoch check",
         [*FENCES, (outbox, "settle", whoever_settles), (outbox, "send", whatever_became_of_them)], "pauses"),
)  # fmt: skip


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    figures = []
    for bite in BITES if sizes["bites"] else ():
        began = time.monotonic()
        (harm, how), *_ = together({bite.keeps: (_bite, bite, sizes["bites"], seed)}, say).values()
        figures.append(exactly(f"found: no {bite.keeps}", 1, int(harm > 0), "", how, time.monotonic() - began))
    return figures


def _bite(say: Say, bite: Bite, most: int, seed: int) -> tuple[int, str]:
    """How much harm was found, and how."""
    with taken_out(bite):
        if bite.found_by == "pauses":
            figures = part_pauses.run({"pauses": max(9, most // 4)}, seed, say)
            wrong = [one.name for one in figures if not one.passed]
            return len(wrong), f"pauses: {', '.join(wrong)}"
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kamsync-rig-", dir=stores.SHM)))
            url = stack.enter_context(stores.empty("sqlite", folder))
            tally = kills.run(folder, url, most, seed, say, first_wrong=True)
    sample = next(iter(tally.found.samples), "rounds that found no rest" if tally.restless else "nothing")
    return tally.found.wrong + tally.restless, f"after {tally.kills} kills: {sample}"


@contextmanager
def taken_out(bite: Bite) -> Iterator[None]:
    with ExitStack() as stack:
        for where, name, instead in bite.without:
            stack.enter_context(patch.object(where, name, instead))
        yield
