"""Plan the tasks that duties ask for: new ones, those that the CRM holds already, and those to be opened again.

Sends nothing. A task of ours that the CRM holds is adopted, not planned again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection as Tx

from kamsync.engine.connections import Connection
from kamsync.engine.live import look
from kamsync.engine.planned import (
    Plan,
    base_row,
    change_credits,
    credits_of,
    held_row,
    left_alone,
    skipped_row,
    target_of,
)
from kamsync.engine.redoing import closings as closings_of
from kamsync.engine.redoing import reopened
from kamsync.engine.rows import intent_row, task_key, task_payload, undoes
from kamsync.engine.standins import stand_in
from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.plugin import ReadsTasks, TaskRef, Text
from kamsync.rules.undo import Left, why_task_stays
from kamsync.store import Writer, cursors, known, landing, outbox, still_ours, undone, wanted
from kamsync.store.outbox import Ending
from kamsync.store.tables import Row


def plan_tasks(workspace: Workspace, writer: Writer, connection: Connection, rows: Sequence[Row], made: Plan) -> None:
    price = credits_of(connection, "task")
    with workspace.store.read() as tx:
        seen = wanted.seen_markers(tx, connection.name, [row["marker"] for row in rows])
        sent = outbox.by_keys(tx, [task_key(row) for row in rows])
        blind, elsewhere = connection.name in known.blind(tx, [connection.name]), _unread(workspace, tx, connection)
        names = landing.names(tx, [Member(row["connection"], row["stream"], row["remote_id"]) for row in rows])
        reversing = {undoes(row) for row in undone.reversing(tx, connection.name, "task_change")}
        closings = closings_of(tx, list(sent.values()))
    fresh, closed = [], []
    for row in rows:
        earlier = sent.get(task_key(row))
        base = base_row(row, task_key(row), "task", None, None, row["subject"], price)
        closing = closings.get(task_key(row))
        if earlier is not None and earlier["state"] == "done":
            continue
        if earlier is not None and earlier["hold"] is not None:
            made.held.append(held_row(base, earlier))
        elif closing is not None and closing["id"] in reversing:
            made.waiting += 1
        elif closing is not None:
            closed.append((row, base, closing))
        elif row["marker"] in seen and not _is_deleted(earlier):
            _adopt(workspace, writer, base, row, seen[row["marker"]], made)
        elif blind:
            made.skipped.append(skipped_row(base, _NOT_READ))
        elif earlier is None and elsewhere and row["stream"] in connection.mapping.account_streams:
            made.skipped.append(skipped_row(base, _not_read(elsewhere)))
        elif row["state"] == "later":
            made.skipped.append(skipped_row(base, _NOT_TODAY))
        elif row["state"] == "listed":
            made.skipped.append(base | {"state": "skipped"})
        elif earlier is not None and earlier["state"] in ("planned", "sending", "unknown"):
            made.waiting += 1
        else:
            name = names.get(Member(row["connection"], row["stream"], row["remote_id"]), "")
            base["payload"] = task_payload(row) | {"target_name": name}
            if earlier is not None:
                base = stand_in(base, earlier, connection.config.fallback_owner)
            why = left_alone(workspace, earlier, base["payload"])
            if why is None:
                fresh.append(base)
            else:
                made.skipped.append(skipped_row(base, why))
    _plan_reopening(workspace, writer, connection, closed, made)
    live = look(connection, [target_of(row) for row in fresh])
    for base in fresh:
        if live[target_of(base)].found:
            made.changes.append(base)
        else:
            made.skipped.append(skipped_row(base, Text("CRM 中看不到此记录", "the record cannot be seen in the CRM")))


def _is_deleted(earlier: Row | None) -> bool:
    """Was it undone by deleting its task? Then the mirror's memory of that task says nothing."""
    return earlier is not None and earlier["state"] == "undone" and earlier["attempt"] > 0


def _plan_reopening(
    workspace: Workspace, writer: Writer, connection: Connection, rows: Sequence[tuple[Row, Row, Row]], made: Plan
) -> None:
    """Tasks that an undo closed and that may be open again: (duty, its plan row, what closed it)."""
    if not rows or not isinstance(connection.session, ReadsTasks):
        return
    price = change_credits(connection)
    refs = [TaskRef(duty["marker"], closing["payload"]["task"]) for duty, _, closing in rows]
    for (duty, base, closing), live in zip(rows, connection.session.tasks(refs), strict=True):
        if live.state == "found" and live.done:
            made.changes.append(reopened(closing, live, price))
        elif live.state == "found":  # a person was quicker
            _adopt(workspace, writer, base, duty, {"remote_id": live.remote_id}, made)
        else:
            made.skipped.append(skipped_row(base, why_task_stays(Left(True, None, None, None), live)))


_NOT_TODAY = Text("今天的新任务已满,改天再建;见摘要", "a full day of new tasks: it waits; see the digest")
_NOT_READ = Text(
    "此 CRM 的任务还没有读全:这一条可能已经在里面", "this CRM's tasks have not been read yet: it may hold this one"
)


def _not_read(connection: str) -> Text:
    return Text(
        f"{connection} 的客户或任务还没有读全:同一客户的这一条可能已经在那里",
        f"the customers or tasks of {connection} have not been read yet: it may hold this one for the same customer",
    )


def _unread(workspace: Workspace, tx: Tx, here: Connection) -> str | None:
    """Another CRM that we write to, and that may hold a task for a customer of this one; None: all were read whole."""
    read, beside = cursors.completed(tx), [one.name for one in workspace.config.connections if one.writes != "off"]
    blind = known.blind(tx, beside)
    for name in beside:
        mapping = workspace.mappings[name]
        if name == here.name or not any(spec.marker_from for spec in mapping.specs.values()):
            continue
        if name in blind or not all((name, stream) in read for stream in mapping.account_streams):
            return name
    return None


def _adopt(workspace: Workspace, writer: Writer, base: Row, duty: Row, seen: Row, made: Plan) -> None:
    """The CRM holds a task with this marker and we have no record of making it: it is ours all the same."""
    now = workspace.clock.now()
    intent = intent_row(base | {"payload": task_payload(duty)}, 0, writer.epoch, 0)
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        outbox.put_intents(tx, [intent])
        kept = outbox.by_keys(tx, [intent["key"]])[intent["key"]]
        told = Ending(kept, "done", "adopted", seen["remote_id"], evidence="its marker was found in the CRM")
        outbox.settle(tx, [told], writer.epoch, now)
    made.adopted += 1
