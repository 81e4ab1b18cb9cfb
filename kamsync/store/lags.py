"""How long tasks of ours took to be found again: of those that surely were made, what each look showed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from kamsync.store.sql import fetch, upsert
from kamsync.store.tables import Row, table
from kamsync.store.tables_outbox import IntentRow
from kamsync.store.tables_watch import LagRow

LAG, INTENT = table(LagRow), table(IntentRow)
KEPT = 1_000  # looks at tasks, a connection


def of(tx: Connection, connection: str) -> list[Row]:
    """What is known, the newest first."""
    return fetch(tx, select(LAG).where(LAG.c.connection == connection).order_by(LAG.c.sent_at.desc(), LAG.c.intent))


def note(tx: Connection, connection: str, rows: Sequence[Row]) -> None:
    """Keep what a look showed; of a connection the newest thousand stay."""
    upsert(tx, LAG, rows)
    old = of(tx, connection)[KEPT:]
    if old:
        mine = (LAG.c.connection == connection, LAG.c.intent.in_([row["intent"] for row in old]))
        tx.execute(delete(LAG).where(*mine))


def forget_unseen(tx: Connection, connection: str, before: datetime) -> None:
    """What was missed and never seen: somebody deleted it before anybody looked. It proves nothing."""
    tx.execute(delete(LAG).where(LAG.c.connection == connection, LAG.c.seen.is_(None), LAG.c.sent_at < before))


def made(tx: Connection, connection: str, since: datetime, most: int) -> list[Row]:
    """Tasks that the CRM itself said it made, sent since then, the oldest first."""
    here = (INTENT.c.connection == connection, INTENT.c.kind == "task", INTENT.c.state == "done")
    sure = (INTENT.c.written_id.is_not(None), INTENT.c.sent_at >= since)
    return fetch(tx, select(INTENT).where(*here, *sure).order_by(INTENT.c.sent_at, INTENT.c.id).limit(most))


def intents(tx: Connection, ids: Collection[str]) -> list[Row]:
    """These intents."""
    return fetch(tx, select(INTENT).where(INTENT.c.id.in_(list(ids))).order_by(INTENT.c.id))
