"""Whose records these are, and how much business is behind them: what makes one change of a mapping weigh more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, and_, func, select

from kamsync.store.entities import TABLES
from kamsync.store.landing import Place

AT_ONCE = 500
ORDER = TABLES["order"]


def sales(tx: Connection, after: date, until: date) -> dict[str, int]:
    """Net sales of each account in (after, until], in minor units of the base currency; what has no rate counts not."""
    back = func.coalesce(ORDER.c.returned_base, 0) + func.coalesce(ORDER.c.refunded_base, 0)
    query = select(ORDER.c.account_id, func.sum(ORDER.c.gross_base - back)).where(
        ORDER.c.counts, ORDER.c.account_id.is_not(None), ORDER.c.date > after, ORDER.c.date <= until
    )
    return {row[0]: int(row[1] or 0) for row in tx.execute(query.group_by(ORDER.c.account_id))}


def accounts_of(tx: Connection, place: Place, entity: str, ids: Sequence[str]) -> set[str]:
    """The accounts that these records, as entities of this kind, stand for or belong to."""
    return set(homes(tx, place, entity, ids).values())


def homes(tx: Connection, place: Place, entity: str, ids: Sequence[str]) -> dict[str, str]:
    """The account of each of these records that has one."""
    target, found = TABLES[entity], {}
    here = and_(target.c.connection == place.connection, target.c.stream == place.stream)
    for start in range(0, len(ids), AT_ONCE):
        query = select(target.c.remote_id, target.c.account_id).where(here, target.c.account_id.is_not(None))
        rows = tx.execute(query.where(target.c.remote_id.in_(ids[start : start + AT_ONCE])))
        found.update({row.remote_id: row.account_id for row in rows})
    return found
