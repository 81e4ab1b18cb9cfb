"""Accounts whose file has more than one source: their records, and the name that survives.

Set-based: only accounts with several records are ever looked at, and only those about which something landed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from kamsync.plugin import batches
from kamsync.store.entities import KEY, TABLES
from kamsync.store.sql import fetch
from kamsync.store.tables import AccountRow, Row, table

MEMBER, ACCOUNT = TABLES["account"], table(AccountRow)
CHUNK = 500


def members(tx: Connection, accounts: Sequence[str], columns: Sequence[str] | None = None) -> dict[str, list[Row]]:
    """The records of each of these accounts; all columns, or these, and `modified_at`: when what each says changed."""
    chosen = list(MEMBER.c) if columns is None else [MEMBER.c[name] for name in (*KEY, "account_id", *columns)]
    query = select(*chosen, MEMBER.c.changed_at.label("modified_at"))
    found: dict[str, list[Row]] = defaultdict(list)
    for some in batches(accounts, CHUNK):
        for row in fetch(tx, query.where(MEMBER.c.account_id.in_(some)).order_by(*(MEMBER.c[name] for name in KEY))):
            found[row["account_id"]].append(row)
    return found


def of_several(tx: Connection, *, changed: bool = False) -> Iterator[list[str]]:
    """Accounts that have more than one record, some at a time; `changed`: since they were last judged."""
    several = select(MEMBER.c.account_id).where(MEMBER.c.account_id.is_not(None))
    if changed:
        several = several.join(ACCOUNT, ACCOUNT.c.id == MEMBER.c.account_id).where(ACCOUNT.c.dirty)
    several = several.group_by(MEMBER.c.account_id).having(func.count() > 1).order_by(MEMBER.c.account_id)
    yield from map(list, batches(list(tx.execute(several).scalars()), CHUNK))


def called_otherwise(tx: Connection) -> dict[str, str]:
    """Accounts about which something landed that have one record and another name than it: what it is called."""
    name = func.min(MEMBER.c.name)
    query = select(MEMBER.c.account_id, name).join(ACCOUNT, ACCOUNT.c.id == MEMBER.c.account_id).where(ACCOUNT.c.dirty)
    alone = query.group_by(MEMBER.c.account_id, ACCOUNT.c.name).having(func.count() == 1, name != ACCOUNT.c.name)
    return {row[0]: row[1] for row in tx.execute(alone)}


def names(tx: Connection, accounts: Sequence[str]) -> dict[str, str]:
    """What these accounts are called."""
    query = select(ACCOUNT.c.id, ACCOUNT.c.name).where(ACCOUNT.c.id.in_(accounts))
    return {row.id: row.name for row in tx.execute(query)}


def rename(tx: Connection, called: Mapping[str, str]) -> None:
    """These accounts are called so from now on."""
    if called:
        renamed: list[dict[str, Any]] = [{"its_id": id, "name": name} for id, name in called.items()]
        tx.execute(update(ACCOUNT).where(ACCOUNT.c.id == bindparam("its_id")), renamed)
