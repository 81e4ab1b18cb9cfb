"""How well the tasks in each CRM are known here: when they were last compared, and what did not add up.

Reads the store only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text
from kamsync.store import known

OLD = timedelta(days=3)  # a comparison is made once a day


@dataclass(frozen=True, slots=True)
class Comparison:
    """The latest comparison of one connection. `figures`: see `kamsync.engine.reconciling.Reckoning`."""

    connection: str
    at: datetime | None
    sure: bool
    lost: bool
    figures: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        at = self.at.isoformat() if self.at else None
        return {"connection": self.connection, "at": at, "sure": self.sure, "figures": self.figures}


def comparisons(workspace: Workspace, tx: Connection) -> list[Comparison]:
    """Of every connection that may be written to and was compared, or should have been."""
    open_to_us = {one.name for one in workspace.config.connections if one.writes != "off"}
    return [
        Comparison(row["connection"], row["whole_at"], row["sure"], row["lost_at"] is not None, row["figures"] or {})
        for row in known.all(tx)
        if row["connection"] in open_to_us and (row["whole_at"] is not None or not row["sure"])
    ]


def not_as_it_should_be(found: list[Comparison], now: datetime) -> list[tuple[Text, str]]:
    """What is wrong with them, each with the command that helps."""
    told = []
    for one in found:
        name = one.connection
        if one.lost:
            text = Text(
                f"{name}:数据库丢失过,尚未核对完;之前不建任务",
                f"{name}: books were lost; no task is made until all is compared",
            )
            told.append((text, "kamsync recover"))
        elif not one.sure:
            text = Text(
                f"{name}:CRM 中带标记的任务没有核对成;之前不建任务",
                f"{name}: the tasks there could not be compared; none is made until they are",
            )
            told.append((text, f"kamsync reconcile {name}"))
        elif one.at is not None and now - one.at > OLD:
            days = (now - one.at).days
            text = Text(
                f"{name}:已 {days} 天没有核对任务与回执",
                f"{name}: tasks and receipts were last compared {days} days ago",
            )
            told.append((text, f"kamsync reconcile {name}"))
    return told
