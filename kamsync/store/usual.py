"""What is usual in this deployment: the figures that guards compare a plan with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from kamsync.store.sql import fetch
from kamsync.store.tables import OwnedRow, Row, RunRow, StateRow, table

STATE, OWNED, RUN = table(StateRow), table(OwnedRow), table(RunRow)


def customers(tx: Connection) -> dict[str, int]:
    """How many customers of the book have a record on each connection."""
    query = select(STATE.c.connection, func.count(STATE.c.account.distinct())).group_by(STATE.c.connection)
    return {row[0]: row[1] for row in tx.execute(query)}


def tagged(tx: Connection) -> dict[tuple[str, str], int]:
    """How many records carry each of our tags by our own hand, by (connection, tag)."""
    here = (OWNED.c.facet == "tags", OWNED.c.value.is_not(None))
    query = select(OWNED.c.connection, OWNED.c.value, func.count()).where(*here)
    return {(row[0], row[1]): row[2] for row in tx.execute(query.group_by(OWNED.c.connection, OWNED.c.value))}


def acceptances(tx: Connection, since: datetime) -> list[Row]:
    """When plans were accepted since, and their figures."""
    query = select(RUN.c.started_at, RUN.c.figures)
    return fetch(tx, query.where(RUN.c.kind == "accept", RUN.c.started_at >= since, RUN.c.figures.is_not(None)))
