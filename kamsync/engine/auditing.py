"""The audit trail as people ask for it: is it whole, and what does it say.

Reads only; deeds are added by the steps that do them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from kamsync.engine.workspace import Workspace
from kamsync.store import audit
from kamsync.store.audit import Verdict
from kamsync.store.tables import Row

COLUMNS = ("seq", "at", "who", "deed", "subject", "facts", "previous", "digest")


def verify(workspace: Workspace, noted: str | None = None) -> Verdict:
    """Walk the whole trail. `noted`: a head written down earlier, which must be met on the way."""
    with workspace.store.read() as tx:
        return audit.verify(tx, noted)


def export(workspace: Workspace, since: date | None = None) -> Iterator[Row]:
    """The deeds in their order, those of a local date and later; instants in UTC as ISO 8601."""
    first = None if since is None else datetime.combine(since, time(), workspace.config.timezone)
    with workspace.store.read() as tx:
        for row in audit.walk(tx):
            if first is None or row["at"] >= first:
                yield {name: row[name] for name in COLUMNS} | {"at": row["at"].isoformat()}


def is_whole(found: Verdict) -> bool:
    """Does every row fit the one before it, and was the noted head met?"""
    return found.broken is None and found.met is not False


def to_json(found: Verdict) -> dict[str, Any]:
    row, why = found.broken or (None, None)
    return {
        "whole": is_whole(found),
        "deeds": found.head.deeds,
        "head": found.head.digest,
        "broken": None if row is None else {"seq": row, "why": why},
        "noted_head_met": found.met,
    }
