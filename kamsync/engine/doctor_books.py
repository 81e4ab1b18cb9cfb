"""Does the store look younger than the CRM? Tasks of ours that no book tells of say so.

Reads only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from kamsync.engine import adopting
from kamsync.engine.connections import Connection
from kamsync.engine.reconciling import task_write
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Finding, KamsyncError, Text, same
from kamsync.store import known

UNKNOWN = timedelta(days=30)  # so far back does a store look that was never compared: the whole list may be long


def look(workspace: Workspace, connection: Connection) -> Iterator[Finding]:
    """One finding on the tasks that carry our marker, where this connection shows them."""
    write = task_write(connection)
    if write is None or connection.writer is None:
        return
    with workspace.store.read() as tx:
        row, sent = known.of(tx, connection.name), known.sent(tx, connection.name)
    since = row["listed_at"] or connection.door.now() - UNKNOWN
    try:
        tasks = list(connection.writer.ours(since - timedelta(seconds=write.settle)))
    except KamsyncError as failed:
        yield Finding("books", "warn", failed.text, Text("请管理员授权读取任务", "ask for the right to read tasks"))
        return
    with workspace.store.read() as tx:
        found = adopting.sort(workspace, tx, connection, tasks, sent)
    count = len(found.lost) + len(found.unplaced)
    if count == 0:
        yield Finding("books", "ok", Text("CRM 中没有账上没有的任务", "the CRM holds no task that our books lack"))
        return
    yield Finding(
        "books",
        "bad",
        Text(
            f"CRM 中有 {count} 条我们建的任务,这个数据库却不知道:它是新的,或是旧备份",
            f"the CRM holds {count} tasks of ours that this store knows nothing of: it is new, or an old copy",
        ),
        same("kamsync recover"),
    )
