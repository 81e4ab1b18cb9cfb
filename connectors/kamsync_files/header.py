"""Find the line that names the columns, below whatever titles stand above it, and give each column one name.

Pure: lines are handed in. It refuses to guess where the settings name columns that no line has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kamsync.plugin import Text
from kamsync_files.cells import FIGURES, WHEN, clean
from kamsync_files.lines import Line, bad_file
from kamsync_files.options import FileSet

DEEPEST = 30  # lines that are looked at
SHARE = 0.6  # of the widest line: what a line of names fills at least


@dataclass(frozen=True, slots=True)
class Header:
    """The columns' names by place, and names that stood there more than once."""

    number: int
    names: tuple[str, ...]
    repeated: tuple[str, ...] = ()


def name_of(cell: object) -> str:
    """A column's name as mappings can say it: on one line, and without dots, which would lead into the value."""
    return re.sub(r"\s+", " ", str(clean(cell) or "")).replace(".", "_").strip()


def find_header(name: str, first: Sequence[Line], wanted: FileSet) -> Header:
    """The header among a file's first lines. Raises Refused, saying what was found instead."""
    if wanted.header is not None:
        line = next((one for one in first if one.number == wanted.header), None)
        if line is None:
            raise bad_file(name, f"没有第 {wanted.header} 行", f"has no line {wanted.header}")
        return _checked(name, _header(line), wanted)
    needed = {name_of(column) for column in wanted.named}
    if needed:
        line = next((one for one in first if needed <= set(_header(one).names)), None)
        guess = line or _guess(first)
        if guess is None:
            raise _none(name)
        return _checked(name, _header(guess), wanted)
    line = _guess(first)
    if line is None:
        raise _none(name)
    return _header(line)


def _guess(first: Sequence[Line]) -> Line | None:
    """The first line that is nearly as wide as the widest and holds words only."""
    widths = [sum(clean(cell) is not None for cell in line.cells) for line in first[:DEEPEST]]
    widest = max(widths, default=0)
    for line, width in zip(first, widths, strict=False):
        if width and width >= SHARE * widest and all(_is_word(cell) for cell in line.cells):
            return line
    return None


def _is_word(cell: object) -> bool:
    value = clean(cell)
    return value is None or (isinstance(value, str) and not FIGURES.fullmatch(value) and not WHEN.fullmatch(value))


def _header(line: Line) -> Header:
    names: list[str] = []
    seen: dict[str, int] = {}
    for place, cell in enumerate(line.cells, 1):
        name = name_of(cell) or f"#{place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    while names and names[-1] == f"#{len(names)}":
        names.pop()
    return Header(line.number, tuple(names), tuple(name for name, count in seen.items() if count > 1))


def _checked(name: str, header: Header, wanted: FileSet) -> Header:
    missing = [column for column in wanted.named if name_of(column) not in header.names]
    if not missing:
        return header
    listed, there = ", ".join(missing), ", ".join(header.names)
    raise bad_file(
        name,
        f"没有列 {listed};第 {header.number} 行的列是:{there}",
        f"has no column {listed}; line {header.number} names: {there}",
    )


def _none(name: str) -> Exception:
    return bad_file(
        name,
        "看不出哪一行是列名",
        "no line looks like the names of columns",
        Text("在配置里写 header = 行号", "set header = its line number in the config"),
    )
