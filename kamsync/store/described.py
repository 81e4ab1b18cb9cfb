"""The fields of each stream as the tenant described them first, so that a change of its schema is seen as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from kamsync.store.landing import RAW, Place
from kamsync.store.sql import upsert
from kamsync.store.tables import Row, table
from kamsync.store.tables_watch import FieldRow

FIELD = table(FieldRow)
CHUNK = 500
_LOOKED = ""  # the row that says when the fields were last asked for


def fields(tx: Connection, place: Place) -> dict[str, Row]:
    """What is remembered of a stream's fields, by name; those that are gone too."""
    query = select(FIELD).where(_at(place), FIELD.c.name != _LOOKED)
    return {row["name"]: dict(row) for row in tx.execute(query).mappings()}


def looked_at(tx: Connection, place: Place) -> datetime | None:
    """When the tenant was last asked for this stream's fields."""
    return tx.execute(select(FIELD.c.seen_at).where(_at(place), FIELD.c.name == _LOOKED)).scalar()


def looked(tx: Connection, place: Place, at: datetime) -> None:
    row = {"name": _LOOKED, "lasting_id": "", "label": "", "type": "", "choices": None, "silent": False}
    put(tx, place, [row | {"here": False, "mapping": ""}], at)


def _at(place: Place) -> Any:
    return and_(FIELD.c.connection == place.connection, FIELD.c.stream == place.stream)


def put(tx: Connection, place: Place, rows: Sequence[Row], at: datetime) -> None:
    key = {"connection": place.connection, "stream": place.stream, "seen_at": at}
    upsert(tx, FIELD, [key | row for row in rows])


def bodies(tx: Connection, place: Place, ids: Sequence[str]) -> dict[str, str]:
    """The stored bodies of these ids, as JSON text."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), CHUNK):
        here: Any = and_(RAW.c.connection == place.connection, RAW.c.stream == place.stream)
        query = select(RAW.c.remote_id, RAW.c.body).where(here, RAW.c.remote_id.in_(ids[start : start + CHUNK]))
        found.update({row.remote_id: row.body for row in tx.execute(query)})
    return found
