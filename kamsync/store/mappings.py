"""Mappings that were published, and how far each stream's entities follow them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from kamsync.store.landing import Place
from kamsync.store.sql import fetch, upsert
from kamsync.store.tables import Row, table
from kamsync.store.tables_mapping import AsideRow, MappedRow, MappingRow

MAPPING, ASIDE, MAPPED = table(MappingRow), table(AsideRow), table(MappedRow)


# ---- versions


def head(tx: Connection, connection: str) -> Row | None:
    """The version in force; None: nothing was ever published."""
    query = select(MAPPING).where(MAPPING.c.connection == connection).order_by(MAPPING.c.version.desc()).limit(1)
    return next(iter(fetch(tx, query)), None)


def newest(tx: Connection, connection: str) -> int:
    """The number of the version in force; 0: none was ever published."""
    query = select(func.max(MAPPING.c.version)).where(MAPPING.c.connection == connection)
    return tx.execute(query).scalar() or 0


def version(tx: Connection, connection: str, number: int) -> Row | None:
    """One version, with its text."""
    here = (MAPPING.c.connection == connection, MAPPING.c.version == number)
    return next(iter(fetch(tx, select(MAPPING).where(*here))), None)


def history(tx: Connection, connection: str) -> list[Row]:
    """Every version, newest first."""
    query = select(MAPPING).where(MAPPING.c.connection == connection)
    return fetch(tx, query.order_by(MAPPING.c.version.desc()))


def publish(tx: Connection, connection: str, row: Row) -> int:
    """The next version, in force from now on; its number. `row`: digest, text, who, at, why."""
    number = newest(tx, connection) + 1
    tx.execute(MAPPING.insert(), [row | {"connection": connection, "version": number}])
    return number


def set_aside(tx: Connection, connection: str, digest: str, why: tuple[str, str], at: datetime) -> None:
    """A file of this text does not come into force by itself. `why` in zh and en."""
    upsert(tx, ASIDE, [{"connection": connection, "digest": digest, "zh": why[0], "en": why[1], "at": at}])


def aside(tx: Connection, connection: str) -> Row | None:
    """The file that does not come into force by itself, if there is one."""
    return next(iter(fetch(tx, select(ASIDE).where(ASIDE.c.connection == connection))), None)


def forget_aside(tx: Connection, connection: str) -> None:
    tx.execute(delete(ASIDE).where(ASIDE.c.connection == connection))


# ---- how far entities follow


def mapped(tx: Connection, connection: str) -> dict[str, Row]:
    """By stream, which reading its entities were made by."""
    rows = fetch(tx, select(MAPPED).where(MAPPED.c.connection == connection))
    return {row["stream"]: row for row in rows}


def mapped_at(tx: Connection, place: Place) -> Row | None:
    """The same, of one stream; None: nothing of it ever landed."""
    here = (MAPPED.c.connection == place.connection, MAPPED.c.stream == place.stream)
    return next(iter(fetch(tx, select(MAPPED).where(*here))), None)


def put_mapped(tx: Connection, rows: Sequence[Row]) -> None:
    upsert(tx, MAPPED, rows)


def drop_mapped(tx: Connection, place: Place) -> None:
    tx.execute(delete(MAPPED).where(MAPPED.c.connection == place.connection, MAPPED.c.stream == place.stream))


def is_unlinked(tx: Connection) -> bool:
    """Was something made anew that has not found its accounts yet?"""
    return tx.execute(select(MAPPED.c.stream).where(~MAPPED.c.linked).limit(1)).first() is not None


def linked(tx: Connection) -> None:
    """All that was made anew has found its accounts."""
    tx.execute(update(MAPPED).where(~MAPPED.c.linked, MAPPED.c.target.is_(None)).values(linked=True))
