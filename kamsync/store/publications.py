"""Policies on their way into force. Tables and questions; who may do what is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update

from kamsync.store.sql import fetch
from kamsync.store.tables import Row, table
from kamsync.store.tables_policies import PublicationRow

PUBLICATION = table(PublicationRow)


def add(tx: Connection, row: Mapping[str, Any]) -> int:
    """A new draft; its number."""
    return int(tx.execute(PUBLICATION.insert().values(**row).returning(PUBLICATION.c.id)).scalar_one())


def change(tx: Connection, id: int, **values: Any) -> None:
    tx.execute(update(PUBLICATION).where(PUBLICATION.c.id == id).values(**values))


def note_simulation(tx: Connection, version: str, summary: Any) -> None:
    """What a simulation showed of a version, kept with every draft of it that is not yet published."""
    open_drafts = (PUBLICATION.c.version == version, PUBLICATION.c.published_at.is_(None))
    tx.execute(update(PUBLICATION).where(*open_drafts).values(simulation=summary))


def get(tx: Connection, id: int) -> Row | None:
    row = tx.execute(select(PUBLICATION).where(PUBLICATION.c.id == id)).mappings().first()
    return dict(row) if row else None


def listed(tx: Connection) -> list[Row]:
    """All of them, newest first."""
    return fetch(tx, select(PUBLICATION).order_by(PUBLICATION.c.id.desc()))


def published(tx: Connection) -> list[Row]:
    """Those that were published and not rolled back, the latest published first."""
    standing = (PUBLICATION.c.published_at.is_not(None), PUBLICATION.c.ended_at.is_(None))
    order = (PUBLICATION.c.published_at.desc(), PUBLICATION.c.id.desc())
    return fetch(tx, select(PUBLICATION).where(*standing).order_by(*order))


def in_force(tx: Connection, on: date) -> Row | None:
    """The one that judges on a date: begun, not rolled back, the newest start (then the latest published)."""
    begun = [row for row in published(tx) if row["starts"] <= on]
    return max(begun, key=lambda row: (row["starts"], row["published_at"], row["id"]), default=None)
