"""Break one place of a cycle: the n-th commit or call of a name, before, after, or with its answer torn.

"torn": the call was made, the unit committed, and the answer is lost on the way. Then kamsync goes on.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kamsync.net.transport import Failed
from kamsync.plugin import Text
from kamsync.store.database import unusable
from tests.reliability.points import When

Mode = Literal["before", "after", "torn"]
MODES: tuple[Mode, ...] = ("before", "after", "torn")
Place = tuple[str, int]  # its name, and which of that name it is


@dataclass
class Break:
    """A hook for `points.watched`: kamsync breaks at this place."""

    place: Place
    mode: Mode
    seen: int = 0  # of this name, on the side that breaks

    def __call__(self, name: str, when: When) -> None:
        if name != self.place[0] or when != ("before" if self.mode == "before" else "after"):
            return
        self.seen += 1
        if self.seen != self.place[1]:
            return
        if self.mode != "torn":
            os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("commit"):
            raise unusable("the rig's store", OSError("the answer to COMMIT was lost"))
        raise Failed(Text("回答被截断", "the answer was cut short"), sent=True)


@dataclass
class Count:
    """A hook that writes down every place of a cycle, in order."""

    into: Path
    seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, name: str, when: When) -> None:
        if when == "before":
            self.seen[name] += 1
            with self.into.open("a") as file:
                file.write(f"{self.seen[name]}\t{name}\n")


def counted(run: Callable[[Count], object], folder: Path) -> list[Place]:
    """The places that `run` passes with this hook."""
    into = folder / "places"
    into.unlink(missing_ok=True)
    run(Count(into))
    lines = [line.split("\t") for line in into.read_text("utf-8").splitlines()]
    return [(name, int(nth)) for nth, name in lines]
