"""The audit trail: every write to a CRM and every decision of a person, in a chain of digests.

A deed is written in the transaction that makes it true. The chain tells of a changed, removed or inserted row; only a
head noted elsewhere tells of a tail that was cut off.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, text

from kamsync.store.sql import fetch, insert_new
from kamsync.store.tables import Row, table
from kamsync.store.tables_audit import AuditRow

AUDIT = table(AuditRow)
GENESIS = ""
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, to what, with the facts that let it be told later. Facts carry no secrets and no bodies."""

    deed: str
    subject: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many deeds, and the digest of the last."""

    deeds: int
    digest: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain found. `broken`: the number of the first row that does not fit, and why."""

    head: Head
    broken: tuple[int, str] | None = None
    met: bool | None = None  # was a head that somebody noted seen on the way; None: none was asked for


def append(tx: Connection, who: str, at: datetime, deeds: Sequence[Deed]) -> None:
    """Add deeds to the end of the chain; two processes that add at once wait for each other."""
    if not deeds:
        return
    if tx.dialect.name == "postgresql":  # SQLite's write units are one at a time anyhow
        tx.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))
    last = head(tx)
    seq, previous = last.deeds, last.digest
    rows: list[Row] = []
    for deed in deeds:
        seq += 1
        row: Row = {"seq": seq, "at": at, "who": who, "deed": deed.deed, "subject": deed.subject}
        row |= {"facts": dict(deed.facts), "previous": previous}
        previous = row["digest"] = _digest(previous, row)
        rows.append(row)
    insert_new(tx, AUDIT, rows)


def head(tx: Connection) -> Head:
    """Where the chain ends now."""
    row = tx.execute(select(AUDIT.c.seq, AUDIT.c.digest).order_by(AUDIT.c.seq.desc()).limit(1)).first()
    return Head(row.seq, row.digest) if row else Head(0, GENESIS)


def verify(tx: Connection, noted: str | None = None) -> Verdict:
    """Walk the chain from its beginning. `noted`: the digest of a head that somebody wrote down earlier."""
    seq, previous = 0, GENESIS
    met = None if noted is None else noted == GENESIS
    for row in walk(tx):
        if (why := _misfit(row, seq, previous)) is not None:
            return Verdict(Head(seq, previous), (row["seq"], why), met)
        seq, previous = row["seq"], row["digest"]
        met = met or previous == noted if met is not None else None
    return Verdict(Head(seq, previous), None, met)


def walk(tx: Connection, after: int = 0) -> Iterator[Row]:
    """The deeds in their order, a thousand in memory at a time."""
    while True:
        query = select(AUDIT).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq).limit(CHUNK)
        rows = fetch(tx, query)
        yield from rows
        if len(rows) < CHUNK:
            return
        after = rows[-1]["seq"]


def _misfit(row: Row, seq: int, previous: str) -> str | None:
    if row["seq"] != seq + 1:
        return "missing"  # a row between the two was taken out
    if row["previous"] != previous or row["digest"] != _digest(previous, row):
        return "changed"
    return None


def _digest(previous: str, row: Row) -> str:
    told = [previous, row["seq"], row["at"].astimezone(UTC).isoformat(), row["who"], row["deed"], row["subject"]]
    text = json.dumps([*told, row["facts"]], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
