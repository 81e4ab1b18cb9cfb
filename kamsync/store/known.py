"""What is known of the tasks in the CRMs that carry our marker, beside what our receipts say of them.

Tables and questions only; what follows from a difference is decided elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from kamsync.store.entities import TABLES
from kamsync.store.sql import fetch, upsert
from kamsync.store.tables import OursRow, Row, table
from kamsync.store.tables_outbox import IntentRow, ReceiptRow
from kamsync.store.tables_watch import KnownRow

KNOWN, OURS, INTENT, RECEIPT = table(KnownRow), table(OursRow), table(IntentRow), table(ReceiptRow)
CHUNK = 500
NOTHING: Row = {"sure": False, "listed_at": None, "whole_at": None, "lost_at": None, "due": False, "figures": None}


@dataclass(frozen=True, slots=True)
class Sent:
    """An intent that makes a task, as far as finding its task again needs it."""

    id: str
    key: str
    state: str
    written: str | None
    sent_at: datetime | None


# ---- how well a connection is known


def of(tx: Connection, connection: str) -> Row:
    """How well this connection's tasks are known; all empty where nobody ever asked."""
    row = tx.execute(select(KNOWN).where(KNOWN.c.connection == connection)).mappings().first()
    return dict(row) if row else {"connection": connection} | NOTHING


def put(tx: Connection, connection: str, **values: Any) -> None:
    """Note what was learned; columns not named stay as they are."""
    upsert(tx, KNOWN, [of(tx, connection) | values])


def blind(tx: Connection, connections: Collection[str]) -> set[str]:
    """Those where a new task might be a second one."""
    sure = select(KNOWN.c.connection).where(KNOWN.c.sure)
    return set(connections) - set(tx.execute(sure).scalars())


def all(tx: Connection) -> list[Row]:
    return fetch(tx, select(KNOWN).order_by(KNOWN.c.connection))


def wake_orphaned(tx: Connection, epoch: int) -> None:
    """Where an earlier writer was sending when it ended, everything is to be compared."""
    orphaned = (INTENT.c.state == "sending", INTENT.c.epoch < epoch)
    for name in tx.execute(select(INTENT.c.connection).where(*orphaned).distinct()).scalars().all():
        put(tx, name, due=True)


# ---- what our books say


def sent(tx: Connection, connection: str) -> dict[str, Sent]:
    """Every intent of this connection that makes a task, by its marker; a done one first where there are several."""
    names = ("id", "key", "state", "written_id", "sent_at", "payload")
    here = (INTENT.c.connection == connection, INTENT.c.kind == "task")
    query = select(*(INTENT.c[name] for name in names)).where(*here)
    found: dict[str, Sent] = {}
    for row in tx.execute(query.execution_options(yield_per=CHUNK)):
        known = found.get(row.payload["marker"])
        if known is None or known.state != "done":
            found[row.payload["marker"]] = Sent(row.id, row.key, row.state, row.written_id, row.sent_at)
    return found


def put_away(tx: Connection, connection: str) -> set[str]:
    """The ids of tasks that we closed or deleted ourselves."""
    here = (INTENT.c.connection == connection, INTENT.c.kind == "task_change", INTENT.c.state == "done")
    told = tx.execute(select(INTENT.c.payload).where(*here)).scalars()
    return {payload["task"] for payload in told if payload["close"] or payload["delete"]}


def intents(tx: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """These intents, by id."""
    found: dict[str, Row] = {}
    for chunk in _chunks(ids):
        found.update({row["id"]: row for row in fetch(tx, select(INTENT).where(INTENT.c.id.in_(chunk)))})
    return found


def note(tx: Connection, intents: Collection[str], epoch: int, at: datetime, outcome: str, evidence: str) -> None:
    """Add a receipt that says what became of written tasks since."""
    query = select(INTENT.c.id, INTENT.c.attempt, INTENT.c.written_id)
    for chunk in _chunks(sorted(intents)):
        rows = tx.execute(query.where(INTENT.c.id.in_(chunk))).all()
        told = {"epoch": epoch, "outcome": outcome, "code": "", "evidence": evidence, "at": at}
        tx.execute(RECEIPT.insert(), [
            {"intent": row.id, "attempt": row.attempt, "remote_id": row.written_id} | told for row in rows
        ])  # fmt: skip


# ---- what the CRM was seen to hold


def ours(tx: Connection, connection: str) -> dict[tuple[str, str], Row]:
    """Tasks that carry a marker, by (marker, id), as they were last seen."""
    rows = fetch(tx, select(OURS).where(OURS.c.connection == connection))
    return {(row["marker"], row["remote_id"]): row for row in rows}


def put_ours(tx: Connection, rows: Sequence[Row]) -> None:
    upsert(tx, OURS, rows)


def spares(tx: Connection, connection: str) -> list[Row]:
    """Open tasks that we made once too often."""
    here = (OURS.c.connection == connection, OURS.c.role == "spare", ~OURS.c.done, ~OURS.c.gone)
    return fetch(tx, select(OURS).where(*here).order_by(OURS.c.marker, OURS.c.remote_id))


def accounts_of(tx: Connection, connection: str, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The accounts that records (stream, id) stand for or belong to."""
    by_stream: dict[str, set[str]] = defaultdict(set)
    for stream, id in places:
        by_stream[stream].add(id)
    found: dict[tuple[str, str], str] = {}
    for target in TABLES.values():
        for stream, ids in by_stream.items():
            for chunk in _chunks(sorted(ids)):
                here = and_(target.c.connection == connection, target.c.stream == stream)
                query = select(target.c.remote_id, target.c.account_id).where(here, target.c.remote_id.in_(chunk))
                found.update({(stream, row.remote_id): row.account_id for row in tx.execute(query) if row.account_id})
    return found


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
