"""Where a walk by query or by bulk file stands: what the cursor of such a page holds.

A cursor is whole in itself: it needs nothing that a session remembers. Lists have their own (`place`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from kamsync.plugin import CursorLost, Position, Text, stamp

QUERY, BULK = "coql", "bulk"


@dataclass(frozen=True, slots=True)
class QueryPlace:
    """The next query of a walk, behind (`time`, `id`); behind `id` alone where the walk is by id."""

    fields: str
    limit: int
    time: str | None = None
    id: str | None = None
    rows: int = 0  # read so far, to know when a bulk file would be cheaper

    @property
    def position(self) -> Position | None:
        at = stamp(self.time)
        return Position(at, self.id) if at is not None and self.id else None

    def onward(self, last: Position, limit: int, rows: int) -> QueryPlace:
        return replace(self, time=last.modified.isoformat(), id=last.id, limit=limit, rows=self.rows + rows)

    def write(self) -> str:
        return _write(QUERY, asdict(self))


@dataclass(frozen=True, slots=True)
class JobPlace:
    """A bulk job to be made (no `job` yet), waited for, or read from row `rows` of its file on."""

    fields: str
    since: str | None = None  # rows modified from here on; None: all
    job: str | None = None
    made: str | None = None  # when, by Zoho's clock
    polls: int = 0
    rows: int = 0
    token: str | None = None  # of the part of the export that comes next
    part: int = 1

    @property
    def lo(self) -> datetime | None:
        return stamp(self.since)

    def next_part(self, token: str | None) -> JobPlace:
        return JobPlace(self.fields, self.since, token=token, part=self.part + 1)

    def write(self) -> str:
        return _write(BULK, asdict(self))


def way(cursor: str) -> str | None:
    """Which way the cursor belongs to; None: a list."""
    told = _told(cursor)
    return told.get("way") if isinstance(told, dict) else None


def query_place(cursor: str) -> QueryPlace:
    place = QueryPlace(**_parts(cursor))
    if not isinstance(place.fields, str) or (place.id is not None and not str(place.id).isdecimal()):
        raise _lost()
    return place


def job_place(cursor: str) -> JobPlace:
    return JobPlace(**_parts(cursor))


def _write(way: str, parts: dict[str, Any]) -> str:
    return json.dumps({"way": way, **parts}, separators=(",", ":"))


def _parts(cursor: str) -> dict[str, Any]:
    told = _told(cursor)
    known = {*QueryPlace.__slots__} if told.get("way") == QUERY else {*JobPlace.__slots__}
    parts = {name: value for name, value in told.items() if name != "way"}
    if "fields" not in parts or not parts.keys() <= known:
        raise _lost()
    if told["way"] == QUERY and not isinstance(parts.get("limit"), int):
        raise _lost()
    return parts


def _told(cursor: str) -> Any:
    try:
        return json.loads(cursor)
    except ValueError as broken:
        raise _lost() from broken


def _lost() -> CursorLost:
    return CursorLost(Text("存下的读取位置无法读取", "the place kept for this stream cannot be read"))
