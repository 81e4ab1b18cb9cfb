"""One file as records: opened by what it is (not by its ending), header found, every row named.

A row that cannot be read is a record with a problem; only a file that cannot be read at all is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.plugin import Record, Text, stamp
from kamsync_files import sheets, text
from kamsync_files.cells import Plain, clean, is_dated
from kamsync_files.folder import Found
from kamsync_files.header import DEEPEST, Header, find_header, name_of
from kamsync_files.keys import Names, Unnamed, is_total
from kamsync_files.lines import Line, Source, at, bad_file
from kamsync_files.options import FileSet

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a record. `readable` False: nobody can tell which record it is."""

    record: Record
    readable: bool = True


class Table:
    """One opened file of a stream. Raises Refused when it cannot be read."""

    def __init__(self, file: Found, wanted: FileSet, zone: ZoneInfo) -> None:
        self.file = file
        self.wanted = wanted
        self._zone = zone
        self.source = _open(file, wanted)
        depth = max(DEEPEST, wanted.header or 0)
        self._first = list(islice(self.source.lines, depth))
        if not any(clean(cell) is not None for line in self._first for cell in line.cells):
            raise bad_file(file.name, "是空的", "is empty")
        self.header: Header = find_header(file.name, self._first, wanted)
        forced = {name_of(column) for column in wanted.dates}
        self._dated = [name in forced or is_dated(name) for name in self.header.names]
        self._only = {name_of(column) for column in wanted.columns} | {name_of(column) for column in wanted.key}

    def rows(self) -> Iterator[Row]:
        """Every row below the header; those that say nothing are left out."""
        names = Names(self.file.name, [name_of(column) for column in self.wanted.key], once=bool(self.wanted.columns))
        for line in chain(self._first, self.source.lines):
            if line.number <= self.header.number:
                continue
            if line.problem:
                yield self._unreadable(line, line.problem)
            elif any(cell is not None and cell != "" for cell in line.cells):
                row = self._row(line, names)
                if row is not None:
                    yield row

    def bodies(self, most: int) -> list[dict[str, Plain]]:
        """The first rows, for people to look at."""
        return [dict(row.record.body) for row in islice(self.rows(), most) if row.record.problem is None]

    def _row(self, line: Line, names: Names) -> Row | None:
        width = len(self.header.names)
        extra = [cell for cell in line.cells[width:] if cell is not None and cell != ""]
        if self.source.strict and (extra or len(line.cells) < width):
            return self._unreadable(line, self._ragged(line))
        body = self._body(line)
        if not body:
            return None
        try:
            if is_total(body):
                raise Unnamed(
                    at(self.file.name, line.number, "看来是合计行,没有算作记录", "looks like a sum, not a record")
                )
            id = names.of(line.number, body)
        except Unnamed as unnamed:
            return Row(self._told(line, body, unnamed.why))
        return None if id is None else Row(Record(id, self._modified(body), body))

    def _body(self, line: Line) -> dict[str, Plain]:
        """Column by column; what lies beside the named columns of a sheet is kept under its place."""
        body: dict[str, Plain] = {}
        width, since = len(self.header.names), self.source.since
        for place, cell in enumerate(line.cells):
            if cell is None or cell == "":
                continue
            named = place < width
            value = clean(cell, dated=named and self._dated[place], since=since)
            name = self.header.names[place] if named else f"#{place + 1}"
            if value is not None and (not self.wanted.columns or name in self._only):
                body[name] = value
        return body

    def _modified(self, body: dict[str, Plain]) -> datetime | None:
        """What the row says itself, in the files' zone; else when its file came to be so."""
        value = body.get(name_of(self.wanted.modified)) if self.wanted.modified else None
        if isinstance(value, str):
            try:
                read = datetime.fromisoformat(value)
            except ValueError:
                return None
            return stamp((read if read.tzinfo else read.replace(tzinfo=self._zone)).isoformat())
        return None if self.wanted.modified else self.file.changed

    def _unreadable(self, line: Line, why: Text) -> Row:
        return Row(self._told(line, {"row": [_shown(cell) for cell in line.cells]}, why), readable=False)

    def _told(self, line: Line, body: Any, why: Text) -> Record:
        return Record(f"{self.file.name}:{line.number}", None, body, problem=why)

    def _ragged(self, line: Line) -> Text:
        got, wanted = len(line.cells), len(self.header.names)
        return at(
            self.file.name,
            line.number,
            f"有 {got} 格,列名有 {wanted} 个:少了引号,或没有写完",
            f"has {got} cells where {wanted} columns are named: a quote is missing, or the line is cut",
        )


def _open(file: Found, wanted: FileSet) -> Source:
    try:
        with file.path.open("rb") as handle:
            start = handle.read(4)
        if start == ZIP:
            return sheets.open_sheet(file.path, file.name, wanted)
        if start == OLE:
            raise bad_file(
                file.name,
                "是旧版 Excel 文件,或加了密码",
                "is an Excel file of the old kind, or has a password",
                sheets.SAVE_AGAIN,
            )
        return text.open_text(file.path, file.name, wanted)
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise bad_file(file.name, f"打不开:{why}", f"cannot be opened: {why}") from broken


def _shown(cell: Any) -> str:
    value = clean(cell)
    return "" if value is None else str(value)[:200]
