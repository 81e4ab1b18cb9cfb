"""Read Fxiaoke's rows: lists in their several wrappings, epoch milliseconds, life status.

Pure; a row is kept as it came, less what only describes the query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kamsync.plugin import Gone, Record, Text, Unavailable

Row = Mapping[str, Any]

_OF_THE_QUERY = frozenset({"searchAfterId", "total_num"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def rows_of(said: Mapping[str, Any], *, more: bool = False) -> list[Row]:
    """The rows of a list answer, wherever this tenant puts them. `more`: there are some to come.

    `Unavailable` where something else stands in their place: taken for an empty list it would end one in the middle.
    """
    data = said.get("data")
    inside = data.get("dataList") if isinstance(data, Mapping) else None
    for found in (inside, said.get("dataList"), data):
        if isinstance(found, Sequence) and not isinstance(found, str):
            rows = [row for row in found if isinstance(row, Mapping)]
            if rows or not found:
                return rows
    if isinstance(data, Mapping) and data.get("_id"):
        return [data]
    if data or inside is not None or more or "data" not in said:
        raise Unavailable(
            Text(f"纷享销客的列表回答里没有列表:{data!r:.60}", f"Fxiaoke's answer holds no list: {data!r:.60}"),
            next="kamsync doctor",
        )
    return []


def row_of(said: Mapping[str, Any]) -> Row | None:
    """The one row of a `get`; None when there is none."""
    data = said.get("data")
    if isinstance(data, Mapping):
        inner = data.get("objectData")
        row = inner if isinstance(inner, Mapping) else data
        return row if row.get("_id") else None
    return None


def page_size(said: Mapping[str, Any], asked: int) -> int | None:
    """How many rows the CRM says a whole page has; None when it does not say."""
    data = said.get("data")
    inside = data if isinstance(data, Mapping) else said
    limit = whole(inside.get("limit", said.get("limit")))
    return min(limit, asked) if limit else None


def total_of(said: Mapping[str, Any]) -> int | None:
    """How many rows fit the query in all; None when it does not say: 0 means that nobody counted."""
    data = said.get("data")
    inside = data if isinstance(data, Mapping) else said
    return whole(inside.get("total", said.get("total"))) or None


def whole(value: Any) -> int | None:
    """An integer that may come as text."""
    try:
        return None if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def moment(value: Any) -> datetime | None:
    """Epoch milliseconds as an instant; None when absent or absurd."""
    millis = whole(value)
    if millis is None:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=millis)
    except OverflowError:
        return None


def millis(instant: datetime, *, up: bool = False) -> int:
    """An instant as epoch milliseconds, rounded down (or up)."""
    passed = instant - _EPOCH
    return -(-passed // _MILLISECOND) if up else passed // _MILLISECOND


def id_of(row: Row) -> str:
    value = row.get("_id")
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def record(row: Row) -> Record:
    """A row as a record; one without an id is a problem of its own."""
    body = {name: value for name, value in row.items() if name not in _OF_THE_QUERY}
    id = id_of(row)
    problem = None if id else Text("记录没有 _id", "the record has no _id")
    return Record(id, moment(row.get("last_modified_time")), body, problem)


def gone(row: Row) -> Gone | None:
    """What an invalid (作废) or deleted row says; None for a live one."""
    if not id_of(row):
        return None
    if row.get("is_deleted") in (True, "true", 1, "1"):
        return Gone(id_of(row), "deleted")
    return Gone(id_of(row), "void") if row.get("life_status") == "invalid" else None
