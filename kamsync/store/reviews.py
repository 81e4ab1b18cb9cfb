"""Pairs of records that may be one customer, waiting for a person."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from kamsync.model import Member
from kamsync.plugin import batches
from kamsync.store.clues import is_one_of
from kamsync.store.entities import TABLES
from kamsync.store.sql import fetch
from kamsync.store.tables import ReviewRow, Row, table

REVIEW, MEMBER = table(ReviewRow), TABLES["account"]
CHUNK = 400


def waiting(tx: Connection) -> list[Row]:
    """Every pair that waits."""
    return fetch(tx, select(REVIEW).where(REVIEW.c.verdict == "review").order_by(REVIEW.c.a, REVIEW.c.b))


def accounts_of(tx: Connection, names: Sequence[str]) -> dict[str, str | None]:
    """The account of each of these records (connection/stream/id) that is there."""
    found: dict[str, str | None] = {}
    columns = (MEMBER.c.connection, MEMBER.c.stream, MEMBER.c.remote_id, MEMBER.c.account_id)
    for some in batches(names, CHUNK):
        query = select(*columns).where(is_one_of(MEMBER, [Member(*name.split("/", 2)) for name in some]))
        found.update({f"{row[0]}/{row[1]}/{row[2]}": row[3] for row in tx.execute(query)})
    return found
