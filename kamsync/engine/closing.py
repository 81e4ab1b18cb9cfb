"""Plan to close what we made once too often: open tasks of ours beside another with the same marker, touched by nobody.

Reconcile says which they are; each is looked at again here, and once more just before it is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kamsync.engine.connections import Connection
from kamsync.engine.reconciling import task_write
from kamsync.engine.rows import change_row
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ReadsTasks, Target, TaskChange, TaskRef, Text, batches
from kamsync.store import known
from kamsync.store.tables import Row

LOOK = 100
WHY = Text(
    "此任务重复(同一标记已有一条),没有人动过",
    "it is there twice: another task carries its marker, nobody touched this one",
)


def spares(workspace: Workspace, connection: Connection) -> Iterator[Row]:
    """A plan row for each that is still open and as it was when it was compared."""
    write, session = task_write(connection), connection.session
    if write is None or "close" not in write.changes or not isinstance(session, ReadsTasks):
        return
    with workspace.store.read() as tx:
        rows = known.spares(tx, connection.name)
        sent = known.sent(tx, connection.name) if rows else {}
        kept = known.intents(tx, [one.id for one in sent.values()]) if rows else {}
    for some in batches([row for row in rows if row["marker"] in sent], LOOK):
        lives = session.tasks([TaskRef(row["marker"], row["remote_id"]) for row in some])
        for row, live in zip(some, lives, strict=True):
            if live.state != "found" or live.done or live.modified != row["modified_at"]:
                continue
            intent = kept[sent[row["marker"]].id]
            target = Target(intent["stream"], intent["object"], intent["remote_id"])
            change = TaskChange(target, row["remote_id"], row["marker"], close=True, modified=live.modified)
            yield change_row(intent, change, live, WHY, Decimal(str(write.credits_per_change)))
