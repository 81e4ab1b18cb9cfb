"""What each tenant last let us promise about writing, for those who look without asking it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from kamsync.store.sql import fetch, upsert
from kamsync.store.tables import Row, table
from kamsync.store.tables_watch import GuaranteeRow

GUARANTEE = table(GuaranteeRow)


def put(tx: Connection, rows: Sequence[Row]) -> None:
    upsert(tx, GUARANTEE, rows)


def all(tx: Connection) -> list[Row]:
    """Every one, in the order of places."""
    return fetch(tx, select(GUARANTEE).order_by(GUARANTEE.c.connection, GUARANTEE.c.kind.desc()))
