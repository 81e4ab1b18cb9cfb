"""The accounts that a policy names. Questions only."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from kamsync.store.entities import TABLES

MEMBER = TABLES["account"]


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
