"""The fields of each stream as the tenant described them first, so that a change of its schema is seen as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Known:
    """Of one stream's fields: when the tenant was last asked for them, and which were there once and are gone."""

    looked_at: datetime | None = None
    gone: set[str] = field(default_factory=set)


def known(tx: Connection, connection: str) -> Mapping[str, Known]:
    """By stream; none of one whose fields were never asked for."""
    found: defaultdict[str, Known] = defaultdict(Known)
    query = select(FIELD.c.stream, FIELD.c.name, FIELD.c.seen_at)
    for row in tx.execute(query.where(FIELD.c.connection == connection, FIELD.c.here.is_(False))):
        if row.name == _LOOKED:
            found[row.stream].looked_at = row.seen_at
        else:
            found[row.stream].gone.add(row.name)
    return found


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
