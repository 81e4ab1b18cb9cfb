"""What calls and credits were spent, by minute and purpose, and what a whole read of a stream took.

Every process of a deployment adds to the same rows, so that a budget outlives each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from kamsync.store.sql import upsert
from kamsync.store.tables import Row, table
from kamsync.store.tables_watch import CostRow, ParkedRow, SpentRow

SPENT, COST, PARKED = table(SpentRow), table(CostRow), table(ParkedRow)
KEPT = timedelta(days=8)


def spend(tx: Connection, connection: str, at: datetime, spent: Mapping[str, tuple[int, int]]) -> None:
    """Add (calls, credits) by lane to the minute's rows; what is long past is dropped."""
    minute = at.replace(second=0, microsecond=0)
    here = (SPENT.c.connection == connection, SPENT.c.minute == minute)
    before = {row.lane: row for row in tx.execute(select(SPENT).where(*here))}
    for lane, (calls, credits) in spent.items():
        old = before.get(lane)
        row = {"connection": connection, "minute": minute, "lane": lane}
        sums = {"calls": calls + (old.calls if old else 0), "credits": credits + (old.credits if old else 0)}
        upsert(tx, SPENT, [row | sums])
    tx.execute(delete(SPENT).where(SPENT.c.connection == connection, SPENT.c.minute < at - KEPT))


def since(tx: Connection, at: datetime) -> dict[str, tuple[int, int]]:
    """(calls, credits) by connection in the minutes since."""
    query = select(SPENT.c.connection, func.sum(SPENT.c.calls), func.sum(SPENT.c.credits))
    rows = tx.execute(query.where(SPENT.c.minute > at - timedelta(minutes=1)).group_by(SPENT.c.connection))
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def by_minute(tx: Connection, connection: str, at: datetime) -> list[tuple[datetime, int]]:
    """(minute, credits) of one connection since, oldest first."""
    query = select(SPENT.c.minute, func.sum(SPENT.c.credits)).group_by(SPENT.c.minute).order_by(SPENT.c.minute)
    mine = (SPENT.c.connection == connection, SPENT.c.minute > at - timedelta(minutes=1))
    return [(row[0], int(row[1])) for row in tx.execute(query.where(*mine))]


# ---- a quota that is gone


def park(tx: Connection, connection: str, until: datetime) -> None:
    """Nothing is read there before this moment."""
    upsert(tx, PARKED, [{"connection": connection, "until": until}])


def parked(tx: Connection, connection: str) -> datetime | None:
    """Until when; None where it never was."""
    return tx.execute(select(PARKED.c.until).where(PARKED.c.connection == connection)).scalar()


# ---- what a whole read took


def put_cost(tx: Connection, row: Row) -> None:
    upsert(tx, COST, [row])


def cost(tx: Connection, connection: str, stream: str, lane: str = "records") -> Row | None:
    query = select(COST).where(COST.c.connection == connection, COST.c.stream == stream, COST.c.lane == lane)
    row = tx.execute(query).mappings().first()
    return dict(row) if row else None
