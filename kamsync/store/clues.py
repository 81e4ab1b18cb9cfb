"""What account records can be known by, one row a clue: so that only records that share one are looked at together.

Clues come from `rules.identity`; here they are kept with their records and followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, tuple_, update

from kamsync.model import Member
from kamsync.store.entities import TABLES
from kamsync.store.sql import insert_new
from kamsync.store.tables import ClueRow, Row, table

CLUE, MEMBER = table(ClueRow), TABLES["account"]
THEIRS, OTHER = CLUE.alias("theirs"), MEMBER.alias("other")
CHUNK = 200
_KEY = ("connection", "stream", "remote_id")
_OF_CLUE, _OF_MEMBER, _OF_THEIRS, _OF_OTHER = (
    [target.c[name] for name in _KEY] for target in (CLUE, MEMBER, THEIRS, OTHER)
)


def renew(tx: Connection, rules: str) -> None:
    """Clues made by other rules say nothing: all go, and every record is looked at again."""
    made_by = and_(CLUE.c.connection == "", CLUE.c.clue == rules)
    if tx.execute(select(CLUE.c.clue).where(made_by)).first() is None:
        tx.execute(delete(CLUE))
        tx.execute(update(MEMBER).values(dirty=True))
        insert_new(tx, CLUE, [{"connection": "", "stream": "", "remote_id": "", "clue": rules}])


def forget_dirty(tx: Connection) -> None:
    """What records that changed were known by says nothing of them any more."""
    tx.execute(delete(CLUE).where(tuple_(*_OF_CLUE).in_(select(*_OF_MEMBER).where(MEMBER.c.dirty))))


def put(tx: Connection, rows: Sequence[Row]) -> None:
    """Records that had none, each with a clue it is known by."""
    insert_new(tx, CLUE, rows)


def drop(tx: Connection, connection: str, stream: str, ids: Sequence[str]) -> None:
    """These records are no more. What was alike is looked at again: a number of too many may now be of few."""
    theirs = and_(THEIRS.c.connection == connection, THEIRS.c.stream == stream, THEIRS.c.remote_id.in_(ids))
    alike = select(*_OF_CLUE).where(CLUE.c.clue.in_(select(THEIRS.c.clue).where(theirs)))
    tx.execute(update(MEMBER).where(tuple_(*_OF_MEMBER).in_(alike)).values(dirty=True))
    here = and_(CLUE.c.connection == connection, CLUE.c.stream == stream, CLUE.c.remote_id.in_(ids))
    tx.execute(delete(CLUE).where(here))


def together(tx: Connection) -> set[Member]:
    """Dirty records that share a clue or an account with others, with all that these share one with, and so on."""
    found = _around_dirty(tx)
    front: set[Member] = found
    while front:
        front = {each for some in _chunks(front) for each in _around(tx, some)} - found
        found |= front
    return found


def _around_dirty(tx: Connection) -> set[Member]:
    """Records of which several share a clue or an account, one of them dirty."""
    same = and_(*(one == other for one, other in zip(_OF_THEIRS, _OF_OTHER, strict=True)))
    touched = select(THEIRS.c.clue).join(OTHER, same).where(OTHER.c.dirty)
    shared = select(CLUE.c.clue).where(CLUE.c.clue.in_(touched)).group_by(CLUE.c.clue).having(func.count() > 1)
    held = select(OTHER.c.account_id).where(OTHER.c.dirty, OTHER.c.account_id.is_not(None))
    several = select(MEMBER.c.account_id).where(MEMBER.c.account_id.in_(held))
    several = several.group_by(MEMBER.c.account_id).having(func.count() > 1)
    return _members(tx, shared, several)


def _around(tx: Connection, members: Sequence[Member]) -> set[Member]:
    """Records that share a clue or an account with one of these."""
    shared = select(THEIRS.c.clue).where(is_one_of(THEIRS, members))
    held = select(OTHER.c.account_id).where(is_one_of(OTHER, members), OTHER.c.account_id.is_not(None))
    return _members(tx, shared, held)


def _members(tx: Connection, shared: Any, held: Any) -> set[Member]:
    """Who bears one of the clues, or stands for one of the accounts."""
    shared, held = shared.subquery(), held.subquery()
    queries = (
        select(*_OF_CLUE).where(CLUE.c.clue.in_(select(shared))).distinct(),
        select(*_OF_MEMBER).where(MEMBER.c.account_id.in_(select(held))),
    )
    return {Member(*row) for query in queries for row in tx.execute(query)}


def is_one_of(target: Any, members: Iterable[Member]) -> Any:
    """The rows of these records. By stream: SQLite looks nothing up by a list of triples."""
    streams: dict[tuple[str, str], list[str]] = {}
    for one in members:
        streams.setdefault((one.connection, one.stream), []).append(one.remote_id)
    within = (
        and_(target.c.connection == connection, target.c.stream == stream, target.c.remote_id.in_(ids))
        for (connection, stream), ids in streams.items()
    )
    return or_(*within)


def _chunks(members: Iterable[Member]) -> Iterable[list[Member]]:
    left = iter(members)
    return iter(lambda: list(islice(left, CHUNK)), [])
