"""What screens and files show of plans and tiers: names beside ids, the top of the book, the plan as a file.

Reads only; it never needs the writer's lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from kamsync.engine.planned import Plan
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, Text
from kamsync.store import looking, runs, verdicts


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the book: who, where they stand, and the weightiest reason."""

    account: str
    name: str
    tier: str
    score: Decimal | None
    coverage: Decimal
    why: Text


def account_names(workspace: Workspace, ids: Iterable[str]) -> dict[str, str]:
    """What these accounts are called."""
    with workspace.store.read() as tx:
        return looking.account_names(tx, sorted(set(ids)))


def plan_names(workspace: Workspace, made: Plan) -> dict[str, str]:
    """The names of the accounts that a plan speaks of."""
    return account_names(
        workspace, (row["account"] for row in (*made.changes, *made.skipped, *made.held, *made.withdrawn))
    )


def top(workspace: Workspace, many: int = 10, as_of: date | None = None) -> list[Standing]:
    """The best of the book on a date (default: the newest judged), best first."""
    with workspace.store.read() as tx:
        day = as_of or verdicts.latest_date(tx)
        if day is None:
            return []
        rows = verdicts.evaluations(tx, day)[:many]
        words = looking.last_words(tx, [row["account"] for row in rows], day)
    return [
        Standing(
            row["account"], row["name"], row["tier"], row["score"], row["coverage"],
            Text(*(words.get(row["account"]) or [["", ""]])[0]),
        )
        for row in rows
    ]  # fmt: skip


def plan_file(workspace: Workspace, made: Plan) -> Path:
    """Where a plan's view lies unless a person says otherwise: beside the config."""
    return workspace.config.folder / f"plan-{made.id:04d}.json"


def write_view(shape: dict[str, Any], path: Path) -> None:
    """Write a plan's view; only ever a view, the plan itself is stored."""
    try:
        path.write_text(json.dumps(shape, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise ConfigError(
            Text(
                f"计划 {shape['plan']} 已存好,但写不了文件 {path}({why})",
                f"plan {shape['plan']} is stored, but {path} cannot be written ({why})",
            ),
            next=f"kamsync apply {shape['plan']}",
        ) from broken


def quarantined(workspace: Workspace, run: int, many: int = 3) -> list[dict[str, Any]]:
    """A few of the records that a pull could not read, with the reason."""
    with workspace.store.read() as tx:
        return [row for row in runs.quarantine(tx) if row["run"] == run][:many]
