"""Questions to the records as they came, a few at a time: whoever reads a whole stream keeps little in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, select

from kamsync.store.landing import RAW, Place
from kamsync.store.sql import fetch
from kamsync.store.tables import Row

AT_ONCE = 1000
COUNTED = ("live", "going")  # what said to be gone waits under a guard still counts


def after(tx: Connection, place: Place, id: str, most: int) -> list[Row]:
    """The next records behind an id, in the order of ids: remote_id, modified_at, body, life."""
    query = select(RAW.c.remote_id, RAW.c.modified_at, RAW.c.body, RAW.c.life)
    here = and_(_at(place), RAW.c.remote_id > id, RAW.c.life.in_(COUNTED))
    return fetch(tx, query.where(here).order_by(RAW.c.remote_id).limit(most))


def pages(tx: Connection, place: Place) -> Iterator[list[Row]]:
    """All of a stream's records that count, some at a time."""
    id = ""
    while rows := after(tx, place, id, AT_ONCE):
        yield rows
        id = rows[-1]["remote_id"]


def these(tx: Connection, place: Place, ids: Sequence[str]) -> list[Row]:
    """As `after`, of these ids."""
    query = select(RAW.c.remote_id, RAW.c.modified_at, RAW.c.body, RAW.c.life)
    return fetch(tx, query.where(_at(place), RAW.c.remote_id.in_(ids)).order_by(RAW.c.remote_id))


def count(tx: Connection, place: Place) -> int:
    """How many records of a stream count."""
    query = select(func.count()).select_from(RAW).where(_at(place), RAW.c.life.in_(COUNTED))
    return tx.execute(query).scalar_one()


def is_kept(tx: Connection, place: Place) -> bool:
    """Is any record of a stream kept, one that is gone included?"""
    return tx.execute(select(RAW.c.remote_id).where(_at(place)).limit(1)).first() is not None


def _at(place: Place) -> Any:
    return and_(RAW.c.connection == place.connection, RAW.c.stream == place.stream)
