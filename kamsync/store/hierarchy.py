"""What records tell of the customers they belong to: the CRM's own field, and names that name a unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, func, or_, select

from kamsync.plugin import batches
from kamsync.store.aliases import ALIAS
from kamsync.store.clues import CLUE, FACE
from kamsync.store.entities import KEY, TABLES
from kamsync.store.sql import fetch
from kamsync.store.tables import Row

MEMBER = TABLES["account"]
PARENT = MEMBER.alias("parent")
CHUNK = 500


def told(tx: Connection) -> list[Row]:
    """Every record whose CRM names a parent that is here: its key, account and relation, and the `parent` account; a
    parent that was merged away is what it was merged into."""
    now = and_(
        ALIAS.c.connection == MEMBER.c.connection,
        ALIAS.c.stream == MEMBER.c.parent_stream,
        ALIAS.c.loser == MEMBER.c.parent_ref,
    )
    here = and_(
        PARENT.c.connection == MEMBER.c.connection,
        PARENT.c.stream == MEMBER.c.parent_stream,
        PARENT.c.remote_id == func.coalesce(ALIAS.c.final, MEMBER.c.parent_ref),
    )
    query = (
        select(*(MEMBER.c[name] for name in KEY), MEMBER.c.account_id, MEMBER.c.relation)
        .add_columns(PARENT.c.account_id.label("parent"))
        .select_from(MEMBER.outerjoin(ALIAS, now).join(PARENT, here))
        .where(MEMBER.c.parent_ref.is_not(None), MEMBER.c.account_id.is_not(None), PARENT.c.account_id.is_not(None))
    )
    return fetch(tx, query)


def named(tx: Connection, words: Collection[str]) -> list[Row]:
    """Records whose name ends in one of these words, perhaps in brackets: key, account and name."""
    ends = or_(*(func.lower(MEMBER.c.name).like(f"%{word}{end}") for word in sorted(words) for end in ("", ")", "）")))
    query = select(*(MEMBER.c[name] for name in KEY), MEMBER.c.account_id, MEMBER.c.name)
    return fetch(tx, query.where(ends, MEMBER.c.account_id.is_not(None)))


def bearing(tx: Connection, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Who is looked up by each of these clues: account and name."""
    same = and_(*(FACE.c[name] == MEMBER.c[name] for name in KEY))
    query = (
        select(CLUE.c.clue, MEMBER.c.account_id, MEMBER.c.name).join(FACE, FACE.c.no == CLUE.c.no).join(MEMBER, same)
    )
    found: dict[str, list[Row]] = {}
    for some in batches(keys, CHUNK):
        for row in fetch(tx, query.where(CLUE.c.clue.in_(some), MEMBER.c.account_id.is_not(None))):
            found.setdefault(row["clue"], []).append(row)
    return found
