"""What every kind of table file is read into: numbered lines of cells, and the errors that name them.

Values only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kamsync.plugin import Refused, Text, same
from kamsync_files.cells import SINCE_1900


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `problem`: it could not be read as it stands, and `cells` are only for people to look at."""

    number: int
    cells: list[Any]
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: its lines, how it was read, and what is odd about it. `strict`: a row's width means something."""

    lines: Iterator[Line]
    how: Text
    strict: bool
    since: datetime = SINCE_1900
    odd: tuple[Text, ...] = ()


def bad_file(name: str, zh: str, en: str, fix: Text | None = None) -> Refused:
    """This file cannot be read at all; the others of its stream can."""
    after = Text(f"。{fix.zh}", f". {fix.en}") if fix else same("")
    return Refused(Text(f"{name}:{zh}{after.zh}", f"{name}: {en}{after.en}"), code="bad_file", next="kamsync doctor")


def at(name: str, number: int, zh: str, en: str) -> Text:
    """Something about one line of a file."""
    return Text(f"{name}:{number} {zh}", f"{name}:{number} {en}")
