"""What is not as it should be with a stream or a connection, kept until it is over, so that no screen forgets it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from kamsync.store.sql import upsert
from kamsync.store.tables import Row, table
from kamsync.store.tables_watch import ConcernRow

CONCERN = table(ConcernRow)


def put(
    tx: Connection, connection: str, stream: str, looked: Collection[str], found: Sequence[Row], at: datetime
) -> None:
    """Of the kinds that were looked at, exactly these are true now; each keeps the time of its first telling."""
    here = (CONCERN.c.connection == connection, CONCERN.c.stream == stream)
    before = {row.kind: row.since for row in tx.execute(select(CONCERN.c.kind, CONCERN.c.since).where(*here))}
    over = set(looked) - {row["kind"] for row in found}
    if over & before.keys():
        tx.execute(delete(CONCERN).where(*here, CONCERN.c.kind.in_(over)))
    place = {"connection": connection, "stream": stream}
    upsert(tx, CONCERN, [place | row | {"since": before.get(row["kind"], at)} for row in found])


def all(tx: Connection) -> list[Row]:
    """Every concern, in the order of places."""
    query = select(CONCERN).order_by(CONCERN.c.connection, CONCERN.c.stream, CONCERN.c.kind)
    return [dict(row) for row in tx.execute(query).mappings()]


def of(tx: Connection, connection: str, stream: str) -> list[Row]:
    """The concerns of one stream."""
    query = select(CONCERN).where(CONCERN.c.connection == connection, CONCERN.c.stream == stream)
    return [dict(row) for row in tx.execute(query.order_by(CONCERN.c.kind)).mappings()]
