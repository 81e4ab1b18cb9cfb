"""Before a task is planned or sent: is every task that carries our marker known here?

The CRM outlives our database. A store that is new, or an old copy in its place, shows by tasks that no book of ours
tells of; then nothing is made there until all of them were compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

from kamsync.engine import adopting
from kamsync.engine.connections import Connection
from kamsync.engine.counting import doing
from kamsync.engine.reconciling import RECONCILE, Reckoning, reconcile, task_write
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.plugin import KamsyncError, Text, Write
from kamsync.store import Writer, known, runs, still_ours

DAILY = timedelta(hours=20)  # a cycle a day finds the last one older than this, whatever hour it runs at
OVERLAP = timedelta(minutes=5)
PATIENCE = 10.0  # seconds that are sat out until a list surely shows what an earlier life had just sent


class NotReady(KamsyncError):
    """What an earlier life of this store had just sent cannot surely be seen yet."""

    exit_code = 7


@dataclass(slots=True)
class Looked:
    """What a look brought. Where it failed no task is planned or sent: `known.blind` names those connections."""

    adopted: int = 0
    troubles: dict[str, KamsyncError] = field(default_factory=dict)


def know(
    workspace: Workspace, writer: Writer, ready: Mapping[str, Connection], *, patience: float = PATIENCE
) -> Looked:
    """Look at each of these connections; one that fails keeps no other back."""
    looked = Looked()
    for connection in ready.values():
        try:
            looked.adopted += _know(workspace, writer, connection, patience)
        except ENDS_ALL:
            raise
        except KamsyncError as failed:
            looked.troubles[connection.name] = failed
            workspace.say("reconcile.failed", connection=connection.name, why=failed.text)
    return looked


def compare(
    workspace: Workspace, writer: Writer, connections: Iterable[Connection], *, recovering: bool = False
) -> tuple[list[Reckoning], dict[str, KamsyncError]]:
    """A person asks for all of it, and waits as long as it takes; the troubles of those that could not be compared."""
    told, troubles = [], {}
    for connection in connections:
        write = task_write(connection)
        if write is None:
            continue
        try:
            told.append(_whole(workspace, writer, connection, write, inf, recovering=recovering))
        except ENDS_ALL:
            raise
        except KamsyncError as failed:
            troubles[connection.name] = failed
    return told, troubles


def _know(workspace: Workspace, writer: Writer, connection: Connection, patience: float) -> int:
    """How many tasks were there that our books did not tell of."""
    write = task_write(connection)
    if write is None:  # nothing there can be seen
        _note(workspace, writer, connection, sure=True)
        return 0
    with workspace.store.read() as tx:
        row = known.of(tx, connection.name)
        away = any(hold["guard"] == "restored" and hold["connection"] == connection.name for hold in runs.holds(tx))
    if away:  # a tenant that went back in time proves nothing; it is not written to either
        return 0
    _note(workspace, writer, connection, sure=False)
    new = row["whole_at"] is None or row["lost_at"] is not None
    if new or _glance(workspace, writer, connection, write, row["listed_at"]):
        return _whole(workspace, writer, connection, write, patience).adopted
    _note(workspace, writer, connection, sure=True)
    if row["due"] or workspace.clock.now() - row["whole_at"] >= DAILY:
        _daily(workspace, writer, connection)
    return 0


def _note(workspace: Workspace, writer: Writer, connection: Connection, *, sure: bool) -> None:
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        known.put(tx, connection.name, sure=sure)


def _daily(workspace: Workspace, writer: Writer, connection: Connection) -> None:
    """What is new is known already: that the rest could not be compared today keeps nothing back."""
    try:
        reconcile(workspace, writer, connection, "backfill")
    except ENDS_ALL:
        raise
    except KamsyncError as failed:
        workspace.say("reconcile.failed", connection=connection.name, why=failed.text)


def _glance(workspace: Workspace, writer: Writer, connection: Connection, write: Write, listed_at: datetime) -> bool:
    """Of what changed since the last look: is there a task of ours that no book of ours tells of?"""
    assert connection.writer is not None
    server = connection.door.now()
    with doing(RECONCILE, "urgent"):
        tasks = list(connection.writer.ours(listed_at - OVERLAP - timedelta(seconds=write.settle)))
    with workspace.store.read() as tx:
        sent = known.sent(tx, connection.name) if tasks else {}
        found = adopting.sort(workspace, tx, connection, tasks, sent)
    if found.lost:
        return True
    adopting.adopt(workspace, writer, found)
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        known.put(tx, connection.name, listed_at=server)
    return False


def _whole(
    workspace: Workspace,
    writer: Writer,
    connection: Connection,
    write: Write,
    patience: float,
    *,
    recovering: bool = False,
) -> Reckoning:
    """Compare everything. Where our books turn out to have been lost, a task that was on its way then may show only a
    settle wait later: without a key that the CRM enforces, none is made before another look."""
    began = workspace.clock.now()
    told = reconcile(workspace, writer, connection, "urgent", recovering=recovering)
    with workspace.store.read() as tx:
        row = known.of(tx, connection.name)
    rest = 0.0
    if row["lost_at"] is not None and write.level != "E3":
        rest = (row["lost_at"] + timedelta(seconds=write.settle) - began).total_seconds()
    if rest > patience:
        raise _too_early(connection, rest)
    if rest > 0:
        workspace.say("reconcile.waiting", connection=connection.name, seconds=round(rest))
        workspace.clock.sleep(rest)
        if _glance(workspace, writer, connection, write, row["listed_at"]):
            told.adopted += reconcile(workspace, writer, connection, "urgent").adopted
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        known.put(tx, connection.name, lost_at=None, sure=True)
    return told


def _too_early(connection: Connection, rest: float) -> NotReady:
    minutes = max(1, round(rest / 60))
    return NotReady(
        Text(
            f"{connection.name}:数据库丢失过,丢失前刚发出的任务可能还没有显示;{minutes} 分钟后再核对,之前不建任务",
            f"{connection.name}: the database was lost; a task sent just before may not show yet, so none is made for "
            f"{minutes} min, until another look",
        ),
        next="kamsync recover",
    )
