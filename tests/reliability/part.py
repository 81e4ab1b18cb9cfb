"""What a part of the rig is, and what it reports: figures, each with its goal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `goal` is as it is printed; without one (`told`) it is there to compare with, and always passes.

    `how`: what was done, in one line. `seconds`: what it took; 0 where a figure shares its run with another.
    """

    name: str
    got: float
    unit: str
    goal: str
    passed: bool
    how: str = ""
    seconds: float = 0.0


def exactly(name: str, want: float, got: float, unit: str, how: str = "", seconds: float = 0.0) -> Figure:
    return Figure(name, got, unit, f"= {want:g}", got == want, how, seconds)


def at_most(name: str, want: float, got: float, unit: str, how: str = "", seconds: float = 0.0) -> Figure:
    return Figure(name, got, unit, f"<= {want:g}", got <= want, how, seconds)


def at_least(name: str, want: float, got: float, unit: str, how: str = "", seconds: float = 0.0) -> Figure:
    return Figure(name, got, unit, f">= {want:g}", got >= want, how, seconds)


def told(name: str, got: float, unit: str, how: str = "", seconds: float = 0.0) -> Figure:
    """No goal: to be read beside the others."""
    return Figure(name, got, unit, "", True, how, seconds)


class Part(Protocol):
    """A module `part_*.py`. Parts run in the order of their names.

    `SIZES`: its sizes by name, as (in the PR gate, in the long gate); `make reliability STORIES=500` sets `stories`.
    Names of sizes are unique over all parts. The same sizes and seed do the same things again.
    """

    NAME: str
    SIZES: Mapping[str, tuple[int, int]]

    def run(self, sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
        """Do it; raises only when the rig itself is broken. `say`: a line of progress, as often as one likes."""
        ...


def parts() -> list[Part]:
    """Every part there is, in order."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("part_*.py"))
    return [import_module(f"tests.reliability.{name}") for name in names]  # type: ignore[misc]
