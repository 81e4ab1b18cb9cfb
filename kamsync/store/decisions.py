"""Who is one customer and who is not, as people decided it: kept for ever, with their reasons.

A decision names records as the CRM does and follows them through merges there. What is taken back ends; it stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from kamsync.model import Member
from kamsync.plugin import batches
from kamsync.store.aliases import ALIAS
from kamsync.store.clues import is_one_of
from kamsync.store.entities import TABLES
from kamsync.store.sql import fetch, insert_new
from kamsync.store.tables import Row, table
from kamsync.store.tables_decisions import DecisionRow

DECISION = table(DecisionRow)
MEMBER = TABLES["account"]
SIDES = ("a", "b")
STANDS = DECISION.c.ended_at.is_(None)
CHUNK = 500


def add(tx: Connection, rows: Sequence[Row]) -> list[Row]:
    """New decisions; each comes back with its number, and with that of the first as its batch where it has none."""
    last = tx.execute(select(func.max(DECISION.c.id))).scalar() or 0
    numbered = [row | {"id": last + place, "batch": row.get("batch") or last + 1} for place, row in enumerate(rows, 1)]
    insert_new(tx, DECISION, numbered)
    return numbered


def ends(a: Member, b: Member) -> Row:
    """The columns that say of which two records a decision is; of two, the one told to leave is `b`."""
    row: Row = {}
    for side, one in zip(SIDES, (a, b), strict=True):
        row |= {f"{side}_connection": one.connection, f"{side}_stream": one.stream}
        row |= {f"{side}_id": one.remote_id, f"{side}_now": one.remote_id}
    return row


def members(row: Row) -> tuple[Member, Member]:
    """The two records of a decision, as they are since merges."""
    a, b = (Member(row[f"{side}_connection"], row[f"{side}_stream"], row[f"{side}_now"]) for side in SIDES)
    return a, b


def standing(tx: Connection) -> list[Row]:
    """Every decision that stands: as many as people made, in their order."""
    return fetch(tx, select(DECISION).where(STANDS).order_by(DECISION.c.id))


def listed(tx: Connection, batch: int | None = None) -> list[Row]:
    """Decisions in the order in which they were made, those that ended too; `batch`: of one go."""
    query = select(DECISION).order_by(DECISION.c.id)
    return fetch(tx, query if batch is None else query.where(DECISION.c.batch == batch))


def latest_batch(tx: Connection) -> int | None:
    """The newest decisions that stand."""
    return tx.execute(select(func.max(DECISION.c.batch)).where(STANDS)).scalar()


def of_records(tx: Connection, records: Collection[Member]) -> list[Row]:
    """Decisions about any of these records, newest first, those that ended too."""
    found: dict[int, Row] = {}
    for some in batches(sorted(records), CHUNK):
        query = select(DECISION).where(or_(*(_is_one_of(side, some) for side in SIDES)))
        found.update({row["id"]: row for row in fetch(tx, query)})
    return [found[id] for id in sorted(found, reverse=True)]


def end(tx: Connection, ids: Sequence[int], by: str, at: datetime, why: str) -> None:
    """These stand no longer; the link step will see to it."""
    for some in batches(ids, CHUNK):
        gone = {"ended_at": at, "ended_by": by, "ended_why": why, "carried": False}
        tx.execute(update(DECISION).where(DECISION.c.id.in_(some), STANDS).values(**gone))


def end_of_records(tx: Connection, connection: str, stream: str, ids: Sequence[str], by: str, at: datetime) -> None:
    """These ids stand for other records now: what was said of the old ones is not theirs."""
    for some in batches(ids, CHUNK):
        records = [Member(connection, stream, id) for id in some]
        about = select(DECISION.c.id).where(STANDS, or_(*(_is_one_of(side, records) for side in SIDES)))
        end(tx, list(tx.execute(about).scalars()), by, at, "the id is another record's now")


def _is_one_of(side: str, records: Iterable[Member]) -> ColumnElement[bool]:
    streams: dict[tuple[str, str], list[str]] = {}
    for one in records:
        streams.setdefault((one.connection, one.stream), []).append(one.remote_id)
    return or_(
        *(
            and_(
                DECISION.c[f"{side}_connection"] == connection,
                DECISION.c[f"{side}_stream"] == stream,
                or_(DECISION.c[f"{side}_now"].in_(ids), DECISION.c[f"{side}_id"].in_(ids)),
            )
            for (connection, stream), ids in streams.items()
        )
    )


# ---- what the link step has yet to see to


def follow_merges(tx: Connection) -> None:
    """Each decision is now about what its records were merged into, or again about themselves."""
    for side in SIDES:
        ended = (
            select(ALIAS.c.final)
            .where(
                ALIAS.c.connection == DECISION.c[f"{side}_connection"],
                ALIAS.c.stream == DECISION.c[f"{side}_stream"],
                ALIAS.c.loser == DECISION.c[f"{side}_id"],
                ALIAS.c.final.is_not(None),
            )
            .correlate(DECISION)
            .scalar_subquery()
        )
        is_now = func.coalesce(ended, DECISION.c[f"{side}_id"])
        moved = update(DECISION).where(STANDS, DECISION.c[f"{side}_now"] != is_now)
        tx.execute(moved.values(**{f"{side}_now": is_now, "carried": False}))


def not_carried(tx: Connection) -> list[Row]:
    """Decisions made, ended or moved since the last time, oldest first."""
    return fetch(tx, select(DECISION).where(~DECISION.c.carried).order_by(DECISION.c.id))


def carry(tx: Connection, rows: Sequence[Row]) -> None:
    """These decisions are carried out: their records are to be looked at again."""
    about = sorted({one for row in rows for one in members(row)})
    for some in batches(about, CHUNK):
        tx.execute(update(MEMBER).where(is_one_of(MEMBER, some)).values(dirty=True))
    for ids in batches([row["id"] for row in rows], CHUNK):
        tx.execute(update(DECISION).where(DECISION.c.id.in_(ids)).values(carried=True))
