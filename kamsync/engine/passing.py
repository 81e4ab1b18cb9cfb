"""Plan to close tasks of ours whose cause is gone or that a later one replaced, and to open one again where it is back.

Judging says which duties are over and why; a task is closed only while it is open and nobody touched it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from kamsync.engine.connections import Connection
from kamsync.engine.planned import Plan, change_credits, held_row, left_alone, skipped_row
from kamsync.engine.reconciling import task_write
from kamsync.engine.rows import change_row
from kamsync.engine.undoing_rows import GRACE, Wrote, later_changes, why_not
from kamsync.engine.workspace import Workspace
from kamsync.plugin import LiveTask, ReadsTasks, Target, TaskChange, TaskRef, Text, batches
from kamsync.store import Writer, landing, outbox, passed, still_ours, verdicts
from kamsync.store.passed import Passed
from kamsync.store.tables import Row

MOST = 500  # tasks of a connection that one plan looks at
LOOK = 100
WHY: Mapping[str, Text] = {
    "gone": Text("事由已消失,任务没有人动过", "its cause is gone, and nobody touched the task"),
    "later": Text("已有后一条提醒,这一条没有人动过", "a later reminder took its place, and nobody touched this one"),
    "": Text("事由又出现,重新打开", "its cause is back: opened again"),
}


def plan_passed(
    workspace: Workspace, writer: Writer, connection: Connection, made: Plan, only: Collection[str] | None
) -> None:
    """Add these rows to the plan of a connection that can do so. `only`: those of these keys."""
    write, session = task_write(connection), connection.session
    if not workspace.config.policy.close_ended:
        return
    if write is None or not {"close", "reopen"} <= write.changes or not isinstance(session, ReadsTasks):
        return
    with workspace.store.read() as tx:
        unclear = verdicts.dirty_accounts(tx) | landing.held_accounts(tx)
        found = [one for one in passed.tasks(tx, connection.name, MOST) if one.duty["account"] not in unclear]
        found = [one for one in found if only is None or _key(one) in only]
        sent = outbox.by_keys(tx, [_key(one) for one in found])
        wrote = {one.intent["id"]: Wrote.of(tx, [one.intent]) for one in found}
    theirs: list[str] = []
    for some in batches(found, LOOK):
        lives = session.tasks([TaskRef(one.duty["marker"], one.intent["written_id"]) for one in some])
        later = later_changes(workspace, connection, [wrote[one.intent["id"]] for one in some])
        skew = connection.door.now() - workspace.clock.now()
        for one, live, changes in zip(some, lives, later, strict=True):
            if live.state == "hidden":  # nobody can tell: asked again by the next plan
                continue
            if _touched(wrote[one.intent["id"]], live, changes, skew):
                theirs.append(one.duty["id"])
                continue
            _add(workspace, one, _row(connection, one, live), sent.get(_key(one)), made)
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        passed.leave(tx, theirs)


def _touched(one: Wrote, live: LiveTask, ours: Sequence[Row], skew: timedelta) -> bool:
    """May somebody have touched it since our last write? A stamp from before that proves that a clock was wrong."""
    sent = max(row["sent_at"] for row in (one.intent, *ours) if row["sent_at"])
    early = live.modified is not None and live.modified < sent + skew - GRACE
    return early or why_not(one, live, ours, skew) is not None


def _key(one: Passed) -> str:
    return passed.key(one.duty["marker"], one.turns)


def _row(connection: Connection, one: Passed, live: LiveTask) -> Row:
    intent, closes = one.intent, one.duty["state"] == "over"
    target = Target(intent["stream"], intent["object"], intent["remote_id"])
    task = live.remote_id or intent["written_id"]
    change = TaskChange(target, task, one.duty["marker"], close=closes, modified=live.modified)
    row = change_row(intent, change, live, WHY[one.duty["ended"]], change_credits(connection))
    return row | {"key": _key(one), "payload": row["payload"] | {"duty": one.duty["id"]}}


def _add(workspace: Workspace, one: Passed, row: Row, earlier: Row | None, made: Plan) -> None:
    if earlier is not None and earlier["hold"] is not None:
        made.held.append(held_row(row, earlier))
    elif earlier is not None and earlier["state"] in ("planned", "sending", "unknown"):
        made.waiting += 1
    elif why := left_alone(workspace, earlier, row["payload"]):
        made.skipped.append(skipped_row(row, why))
    else:
        made.changes.append(row)
