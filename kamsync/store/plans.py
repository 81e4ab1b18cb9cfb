"""Plans as they were made, and the state of their rows. What was accepted of them is the outbox's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from kamsync.store.sql import fetch
from kamsync.store.tables import Row, table
from kamsync.store.tables_outbox import ChangeRow, PlanRow

PLAN, CHANGE = table(PlanRow), table(ChangeRow)
CHUNK = 500


def put(tx: Connection, plan: Row, changes: Sequence[Row]) -> int:
    """Keep a plan; its number."""
    id = tx.execute(PLAN.insert().values(**plan).returning(PLAN.c.id)).scalar_one()
    if changes:
        tx.execute(CHANGE.insert(), [change | {"plan": id, "seq": seq} for seq, change in enumerate(changes, 1)])
    return int(id)


def get(tx: Connection, id: int) -> Row | None:
    row = tx.execute(select(PLAN).where(PLAN.c.id == id)).mappings().first()
    return dict(row) if row else None


def changes(tx: Connection, plan: int, state: str | None = None) -> list[Row]:
    query = select(CHANGE).where(CHANGE.c.plan == plan).order_by(CHANGE.c.seq)
    if state is not None:
        query = query.where(CHANGE.c.state == state)
    return fetch(tx, query)


def set_changes(tx: Connection, plan: int, keys: Sequence[str], *, state: str, hold: int | None = None) -> None:
    """`hold`: the hold that these rows wait for."""
    for start in range(0, len(keys), CHUNK):
        tx.execute(
            update(CHANGE)
            .where(CHANGE.c.plan == plan, CHANGE.c.key.in_(keys[start : start + CHUNK]))
            .values(state=state, hold=hold)
        )


def accepted(tx: Connection, plan: int, at: datetime) -> None:
    tx.execute(update(PLAN).where(PLAN.c.id == plan).values(accepted_at=at))
