"""Contests: facets on which we wrote again and again while others changed them back; nothing is written there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select

from kamsync.store.sql import fetch, insert_new
from kamsync.store.tables import Row, RunRow, table
from kamsync.store.tables_outbox import ContestRow, HoldRow, IntentRow

CONTEST, INTENT, RUN, HOLD = table(ContestRow), table(IntentRow), table(RunRow), table(HoldRow)
GUARD = "contest"

Place = tuple[str, str]  # (stream, remote id)


def standing(tx: Connection, connection: str, facet: str) -> dict[Place, Row]:
    """The contests on a connection that nobody has decided, by record."""
    query = select(CONTEST).where(CONTEST.c.connection == connection, CONTEST.c.facet == facet)
    return {(row["stream"], row["remote_id"]): row for row in fetch(tx, query)}


def writes(tx: Connection, connection: str, kind: str, since: datetime) -> dict[Place, int]:
    """How often we wrote on a record since, and since a person last decided: by an undo there, or on a contest."""
    decided = select(func.max(HOLD.c.decided_at)).where(
        HOLD.c.guard == GUARD, HOLD.c.connection == connection, HOLD.c.state == "approved"
    )
    begin = max(since, tx.execute(decided).scalar() or since)
    query = (
        select(INTENT.c.stream, INTENT.c.remote_id, INTENT.c.sent_at, RUN.c.kind)
        .select_from(INTENT.join(RUN, RUN.c.id == INTENT.c.run))
        .where(INTENT.c.connection == connection, INTENT.c.kind == kind, INTENT.c.state == "done")
        .where(INTENT.c.sent_at > begin)
        .order_by(INTENT.c.sent_at)
    )
    counts: dict[Place, int] = defaultdict(int)
    for row in tx.execute(query):
        place = (row.stream, row.remote_id)
        counts[place] = counts[place] + 1 if row.kind == "accept" else 0
    return counts


def begin(tx: Connection, rows: Sequence[Row]) -> None:
    insert_new(tx, CONTEST, rows)


def end(tx: Connection, connection: str, facet: str, places: Collection[Place] | None = None) -> None:
    """These are over; None: all of them."""
    here = and_(CONTEST.c.connection == connection, CONTEST.c.facet == facet)
    if places is None:
        tx.execute(delete(CONTEST).where(here))
    for stream, remote_id in places or ():
        tx.execute(delete(CONTEST).where(here, CONTEST.c.stream == stream, CONTEST.c.remote_id == remote_id))
