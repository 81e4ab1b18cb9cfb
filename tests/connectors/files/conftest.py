"""A folder to put files into, and what kamsync reads out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from kamsync.plugin import Field, Page, Record, Session, Stream, Window
from kamsync_files import connector

WINDOW = Window(None, datetime(2100, 1, 1, tzinfo=UTC))


class Now:
    """The machine's clock, as far as files ask for it."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=1)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("reading files waits for nobody")


@dataclass
class Shelf:
    """`sets` are the [connections.….files.*] tables; without one a file is a stream under its own name."""

    folder: Path
    sets: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    cursor: str | None = None

    def put(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def sheet(self, name: str, rows: Sequence[Sequence[Any]], *, title: str = "Sheet1") -> Path:
        book = Workbook()
        book.active.title = title
        for row in rows:
            book.active.append(list(row))
        book.save(self.folder / name)
        book.close()
        return self.folder / name

    def open(self) -> Session:
        return connector.open(connector.options(folder=self.folder, files=self.sets), None, Now())

    def stream(self, name: str) -> Stream:
        return next(one for one in self.open().streams() if one.object == name)

    def read(self, name: str) -> list[Record]:
        """What is new since the last read, as the engine would get it."""
        records: list[Record] = []
        for page in self._pages(name):
            records += page.records
        return records

    def follow(self, name: str, came: list[str]) -> None:
        """As `read`, with what has come so far at hand even where the reading ends in trouble."""
        for page in self._pages(name):
            came += [record.id for record in page.records]

    def _pages(self, name: str) -> Iterator[Page]:
        for page in self.open().read(self.stream(name), WINDOW, self.cursor):
            self.cursor = page.cursor
            yield page

    def bodies(self, name: str) -> list[Mapping[str, Any]]:
        return [record.body for record in self.read(name)]

    def problems(self, name: str) -> list[str]:
        return [record.problem.en for record in self.read(name) if record.problem]

    def ids(self, name: str) -> list[str]:
        pages = self.open().ids(self.stream(name), None)
        return [record.id for page in pages for record in page.records]

    def fields(self, name: str) -> dict[str, Field]:
        return {one.name: one for one in self.open().fields(self.stream(name))}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)
