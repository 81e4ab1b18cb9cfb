"""Guards on what is written unattended: what is too much waits for a person, and never expires by itself.

Decides on rows that still hold; sends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.store import plans, runs
from kamsync.store.tables import Row

SAMPLE = 20


def guard(workspace: Workspace, tx: Connection, rows: list[Row], plan: int) -> tuple[list[Row], list[Row]]:
    """What may go, and what is held: more rows on one connection than an unattended apply may write all wait."""
    most = workspace.config.guards.max_writes
    counts = Counter(row["connection"] for row in rows)
    too_many = {name for name, count in counts.items() if count > most}
    for name in sorted(too_many):
        sample = [row["key"] for row in rows if row["connection"] == name][:SAMPLE]
        runs.hold(tx, _hold(workspace, name, counts[name], most, sample, plan))
    held = [row for row in rows if row["connection"] in too_many]
    plans.set_changes(tx, plan, [row["key"] for row in held], state="held")
    return [row for row in rows if row["connection"] not in too_many], held


def no_longer_held(workspace: Workspace, tx: Connection, connections: Collection[str]) -> None:
    """A newer plan was taken up here: what an older one wanted to write is no longer a question."""
    for name in sorted(connections):
        held = runs.held(tx, "writes", name, "plan")
        if held is not None:
            runs.set_hold(tx, held, "over", workspace.clock.now())


def _hold(workspace: Workspace, connection: str, count: int, most: int, sample: list[str], plan: int) -> dict[str, Any]:
    return {
        "guard": "writes",
        "connection": connection,
        "subject": "plan",
        "count": count,
        "of": most,
        "sample": {"plan": plan, "keys": sample},
        "zh": f"{connection}:计划 {plan} 要写 {count} 处,超过无人值守上限 {most}",
        "en": f"{connection}: plan {plan} would write {count} rows, beyond the {most} allowed unattended",
        "state": "held",
        "made_at": workspace.clock.now(),
    }
