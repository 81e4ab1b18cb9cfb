"""Write again what was undone, once it may be: a task that the undo closed is opened again, never made a second time.

Makes rows; decides nothing about when.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection

from kamsync.engine.rows import change_row, undo_key
from kamsync.plugin import LiveTask, Target, TaskChange, Text
from kamsync.store import outbox
from kamsync.store.tables import Row

AGAIN = Text("曾被撤销,现在重新打开", "it was undone, and is opened again")


def closings(tx: Connection, roots: Sequence[Row]) -> dict[str, Row]:
    """What closed the tasks of these undone intents, by the intent's key; a task that was deleted has none."""
    by_undo = {undo_key(root): root for root in roots if root["state"] == "undone" and root["kind"] == "task"}
    found = outbox.by_keys(tx, list(by_undo))
    return {
        by_undo[key]["key"]: row
        for key, row in found.items()
        if row["state"] == "done" and row["kind"] == "task_change" and not row["payload"]["delete"]
    }


def reopened(closing: Row, live: LiveTask | None, credits: Decimal) -> Row:
    """The plan row that opens a task again. `live` None: nobody has looked; its connector does before it sends."""
    payload = closing["payload"]
    target = Target(closing["stream"], closing["object"], closing["remote_id"])
    modified = live.modified if live else None
    change = TaskChange(target, payload["task"], payload["marker"], close=False, modified=modified)
    row = change_row(closing, change, live, AGAIN, credits)
    now = row["now"] or (closing["before"]["now"] or {}) | {"done": True}
    marks = {"undoes": closing["id"], "back": False}
    return row | {"key": undo_key(closing), "now": now, "payload": row["payload"] | marks}
