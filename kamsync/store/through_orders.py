"""Lines and returns that name only their order belong to whom the order belongs to, wherever it moves.

Set-based; the caller holds the write unit.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, and_, select, tuple_, update

from kamsync.store.entities import TABLES

ORDER = TABLES["order"]
THROUGH = (TABLES["order_line"], TABLES["return"])


def wake(tx: Connection) -> None:
    """Whatever hangs on an order that changed is to be given its account anew."""
    if tx.execute(select(ORDER.c.remote_id).where(ORDER.c.dirty).limit(1)).first() is None:
        return
    changed = select(ORDER.c.connection, ORDER.c.stream, ORDER.c.remote_id).where(ORDER.c.dirty)
    for target in THROUGH:
        at = tuple_(target.c.connection, target.c.order_stream, target.c.order_ref)
        tx.execute(update(target).where(at.in_(changed), target.c.account_ref.is_(None)).values(dirty=True))


def attach(tx: Connection) -> None:
    """Give what names no customer itself the account of its order."""
    for target in THROUGH:
        nameless = and_(target.c.dirty, target.c.account_ref.is_(None))
        tx.execute(update(target).where(nameless).values(account_id=_of_the_order(target)))


def _of_the_order(target: Table) -> object:
    return (
        select(ORDER.c.account_id)
        .where(
            ORDER.c.connection == target.c.connection,
            ORDER.c.stream == target.c.order_stream,
            ORDER.c.remote_id == target.c.order_ref,
        )
        .scalar_subquery()
    )
