"""Which account is whose parent, as the CRMs tell it. Questions only."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, select

from kamsync.store.entities import TABLES

MEMBER = TABLES["account"]


def told(tx: Connection) -> dict[str, str]:
    """Account -> its parent's account; where two members disagree, the first of them by key counts."""
    above = MEMBER.alias("above")
    same = and_(
        above.c.connection == MEMBER.c.connection,
        above.c.stream == MEMBER.c.parent_stream,
        above.c.remote_id == MEMBER.c.parent_ref,
    )
    query = (
        select(MEMBER.c.account_id, above.c.account_id.label("parent"))
        .select_from(MEMBER.join(above, same))
        .where(MEMBER.c.account_id.is_not(None), above.c.account_id.is_not(None))
        .order_by(MEMBER.c.connection.desc(), MEMBER.c.stream.desc(), MEMBER.c.remote_id.desc())
    )
    return {row.account_id: row.parent for row in tx.execute(query) if row.account_id != row.parent}


def named(tx: Connection, names: Iterable[str]) -> dict[str, str]:
    """The account behind each name, "connection/record id" or an account's own id, where there is one."""
    asked = set(names)
    if not asked:
        return {}
    query = select(MEMBER.c.connection, MEMBER.c.remote_id, MEMBER.c.account_id).where(
        MEMBER.c.remote_id.in_({name.rpartition("/")[2] for name in asked}), MEMBER.c.account_id.is_not(None)
    )
    known = {f"{row.connection}/{row.remote_id}": row.account_id for row in tx.execute(query)}
    ids = set(tx.execute(select(MEMBER.c.account_id).where(MEMBER.c.account_id.in_(asked))).scalars())
    return {name: known.get(name, name) for name in asked if name in known or name in ids}
