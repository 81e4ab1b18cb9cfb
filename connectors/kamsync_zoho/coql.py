"""Write COQL: names, literals, pairs of criteria, and the keyset that walks a module without gaps.

Pure. A value never becomes part of the query but as an escaped literal, a name only when it looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kamsync.plugin import Position, Refused, Request, Text
from kamsync_zoho.wire import API

MOST_ROWS = 2_000
MOST_VALUES = 50  # of one `in`
MOST_OFFSET = 100_000

_NAME = re.compile(r"\$?[A-Za-z][A-Za-z0-9_.]*")
_IN_ORDER = "order by Modified_Time asc, id asc"


def select(
    names: Sequence[str], module: str, where: str, *, order: str = "", limit: int = 200, offset: int = 0
) -> Request:
    """The call of one query; `id` is always among its columns."""
    columns = ", ".join(column(name) for name in dict.fromkeys(("id", *names)))
    parts = [f"select {columns} from {column(module)} where {where}", order, f"limit {limit}"]  # noqa: S608  (every part is checked or escaped)
    parts += [f"offset {offset}"] if offset else []
    return Request("POST", f"{API}/coql", json={"select_query": " ".join(part for part in parts if part)})


def count(module: str, where: str) -> Request:
    """The call that counts what a query would bring."""
    query = f"select COUNT(id) from {column(module)} where {where} limit 1"  # noqa: S608  (every part is checked or escaped)
    return Request("POST", f"{API}/coql", json={"select_query": query})


def in_order() -> str:
    """The order of a keyset walk: stamps have one-second grain, so ids decide among equals."""
    return _IN_ORDER


def column(name: str) -> str:
    """A column's name; those that begin with $ stand in quotes."""
    if not _NAME.fullmatch(name):
        raise _improper(f"{name!r} 不是字段名", f"{name!r} is not the name of a field")
    return f"'{name}'" if name.startswith("$") else name


def literal(text: str) -> str:
    """A value as a COQL literal."""
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise _improper(
            "含控制字符的值不能用于 COQL 查询", "a value with control characters cannot go into a COQL query"
        )
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def values(texts: Sequence[str]) -> str:
    """The right side of an `in`."""
    return "(" + ", ".join(literal(text) for text in texts) + ")"


def moment(when: datetime) -> str:
    """An instant as a literal, in whole seconds."""
    return literal(when.astimezone(UTC).replace(microsecond=0).isoformat())


def whole_id(id: str) -> str:
    """An id as a number of any size: as text, a shorter id could sort behind a longer one."""
    if not (id.isdecimal() and id.isascii()):
        raise _improper(f"{id!r} 不是记录编号", f"{id!r} is not a record's id")
    return id


def both(*criteria: str) -> str:
    """All of them, nested in pairs as COQL wants it."""
    kept = [each for each in criteria if each]
    if len(kept) == 1:
        return kept[0]
    return f"({kept[0]} and {both(*kept[1:])})"


def after(place: Position) -> str:
    """Behind a place in the order of (Modified_Time, id)."""
    at = moment(place.modified)
    return f"(Modified_Time > {at} or (Modified_Time = {at} and id > {whole_id(place.id)}))"


def up_to(place: Position) -> str:
    """At or before a place in that order."""
    at = moment(place.modified)
    return f"(Modified_Time < {at} or (Modified_Time = {at} and id <= {whole_id(place.id)}))"


def since(lo: datetime | None) -> str:
    return f"Modified_Time >= {moment(lo)}" if lo else ""


def before(hi: datetime) -> str:
    """Before a moment; a part of a second counts as the whole."""
    return f"Modified_Time < {moment(hi + timedelta(microseconds=999_999))}"


def _improper(zh: str, en: str) -> Refused:
    return Refused(Text(zh, en), code="INVALID_QUERY")
