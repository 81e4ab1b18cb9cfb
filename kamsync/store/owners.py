"""Who looks after a record in its CRM, and whether that person is still there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from kamsync.model import Member
from kamsync.store.entities import TABLES

MEMBER, USER = TABLES["account"], TABLES["user"]


@dataclass(frozen=True, slots=True)
class Keeper:
    """A member record's owner and backup, by the CRM's own user ids, and its name there."""

    name: str
    owner: str | None
    backup: str | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of our users in one CRM. `active` None: the CRM does not say."""

    name: str
    active: bool | None
    manager: str | None


def keepers(tx: Connection, accounts: Sequence[str]) -> dict[Member, Keeper]:
    """Owner and backup of every member record of these accounts."""
    query = select(
        MEMBER.c.connection, MEMBER.c.stream, MEMBER.c.remote_id, MEMBER.c.name, MEMBER.c.owner_ref,
        MEMBER.c.backup_owner_ref,
    ).where(MEMBER.c.account_id.in_(accounts))  # fmt: skip
    return {
        Member(row.connection, row.stream, row.remote_id): Keeper(row.name, row.owner_ref, row.backup_owner_ref)
        for row in tx.execute(query)
    }


def colleagues(tx: Connection, connections: Iterable[str]) -> dict[tuple[str, str], Colleague]:
    """Every known user of these connections, by (connection, user id)."""
    query = select(USER.c.connection, USER.c.remote_id, USER.c.name, USER.c.active, USER.c.manager_ref)
    rows = tx.execute(query.where(USER.c.connection.in_(list(connections))))
    return {(row.connection, row.remote_id): Colleague(row.name, row.active, row.manager_ref) for row in rows}
