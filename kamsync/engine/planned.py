"""A plan as it was made, and the rows it is made of: changes, what is skipped or held and why.

Decides about no row's coming into being; writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from kamsync.engine.connections import Connection
from kamsync.engine.guarantees import Guarantee
from kamsync.engine.standing import LASTING
from kamsync.engine.undone import kept_back
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Target, Text
from kamsync.store.tables import Row

AGAIN = timedelta(days=1)  # what a CRM refused is tried again the next day


@dataclass(slots=True)
class Plan:
    """A plan as it was made. Rows are `change` rows; see `kamsync.store.tables.ChangeRow`."""

    id: int
    as_of: date
    changes: list[Row] = field(default_factory=list)
    skipped: list[Row] = field(default_factory=list)
    held: list[Row] = field(default_factory=list)
    troubles: dict[str, KamsyncError] = field(default_factory=dict)
    adopted: int = 0
    waiting: int = 0  # intents under way or unknown: neither planned again nor forgotten
    digest: str = ""
    undoes: int | None = None  # the run that it takes back
    withdrawn: list[Row] = field(default_factory=list)  # of that run: accepted, not sent, and not to be
    guarantees: list[Guarantee] = field(default_factory=list)

    @property
    def credits(self) -> Decimal:
        return sum((row["credits"] for row in self.changes), Decimal(0))


def target_of(row: Row) -> Target:
    return Target(row["stream"], row["object"], row["remote_id"])


def base_row(row: Row, key: str, kind: str, now: Any, last: Any, wish: Any, credits: Decimal) -> Row:
    names = ("connection", "stream", "object", "remote_id", "account", "zh", "en")
    return {name: row[name] for name in names} | {
        "key": key,
        "kind": kind,
        "now": now,
        "last_written": last,
        "wanted": wish,
        "credits": credits,
        "payload": None,
        "state": "planned",
        "hold": None,
    }


def held_row(row: Row, earlier: Row) -> Row:
    why = kept_back(earlier)
    return row | {"state": "held", "hold": earlier["hold"], "zh": why.zh, "en": why.en}


def skipped_row(row: Row, why: Text | None) -> Row:
    return row | {"state": "skipped"} | ({"zh": why.zh, "en": why.en} if why else {})


def credits_of(connection: Connection, facet: str) -> Decimal:
    assert connection.writer is not None
    each = next((write.credits_per_row for write in connection.writer.writes() if write.facet == facet), 0.0)
    return Decimal(str(each))


def change_credits(connection: Connection) -> Decimal:
    """What one change of a task that is there costs."""
    assert connection.writer is not None
    writes = connection.writer.writes()
    return Decimal(str(next((write.credits_per_change for write in writes if write.facet == "task"), 0.0)))


def left_alone(workspace: Workspace, intent: Row | None, payload: Row) -> Text | None:
    """Why what a person dropped, or the CRM refused, is not asked for again now.

    A refusal of the same stands for a day; where asking again changes nothing, until something changes.
    """
    if intent is None or intent["state"] not in ("dropped", "refused"):
        return None
    again = f"kamsync dead replay {intent['id'][:8]}"
    if intent["state"] == "dropped":
        return Text(f"有人放弃了它;再试:{again}", f"a person gave it up; to try again: {again}")
    if _asked(intent["payload"]) != _asked(payload):
        return None
    said = f"{intent['code']} {intent['message']}".strip()
    if intent["cause"] in LASTING:
        return Text(f"CRM 已拒绝:{said};再试:{again}", f"the CRM refused it: {said}; to try again: {again}")
    if workspace.clock.now() - intent["sent_at"] >= AGAIN:
        return None
    return Text(f"CRM 已拒绝:{said};明天再试", f"the CRM refused it: {said}; tried again tomorrow")


def _asked(payload: Row) -> Row:
    """What it asks for, apart from when that was looked at."""
    return {name: value for name, value in payload.items() if name != "modified"}
