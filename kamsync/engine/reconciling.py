"""Reconcile: every task that carries our marker beside every receipt of ours; each difference gets its name.

Writes to no CRM. What people removed is noted and stays removed; what we made twice is planned to be closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from kamsync.engine import adopting
from kamsync.engine.connections import Connection
from kamsync.engine.counting import doing
from kamsync.engine.course import Concern
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Ours, ReadsTasks, TaskRef, Text, Write, batches
from kamsync.rules.doubles import Known, roles
from kamsync.store import Writer, concerns, known, runs, still_ours
from kamsync.store.known import Sent
from kamsync.store.tables import Row

RECONCILE = "reconcile"  # what its calls are booked under
MOST_ASKED = 500  # tasks that are missing in the list, asked for one by one in a run; the rest waits for the next
LOOK = 100
LOST = "lost"  # the concern that books were lost and nobody has said yet what becomes of our tags


@dataclass(slots=True)
class Reckoning:
    """The figures of one connection. Receipts are to be found + removed + unmarked; what is left is `unseen`."""

    connection: str
    listed: int = 0  # tasks in the CRM that carry a marker
    receipts: int = 0  # tasks that our receipts say were written
    found: int = 0
    removed: int = 0  # deleted by people, or with their record
    unmarked: int = 0  # a person took the marker off: theirs now
    unseen: int = 0  # not listed, and nobody could say why
    adopted: int = 0  # ours, and no book told of it
    finished: int = 0  # written, and our books thought otherwise
    tags: int = 0  # taken for ours again
    copies: int = 0  # by people's hands: left alone
    spares: int = 0  # made once too often: planned to be closed
    unclear: int = 0  # made once too often and changed by people: theirs to decide
    strangers: int = 0  # of another deployment, or on another record than they were made for
    calls: int = 0
    credits: int = 0

    @property
    def adds_up(self) -> bool:
        return self.unseen == 0 and self.receipts == self.found + self.removed + self.unmarked

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"adds_up": self.adds_up}


def task_write(connection: Connection) -> Write | None:
    """How this connection takes tasks, where it shows what it holds; None: there is nothing to compare."""
    if connection.writer is None or connection.config.writes == "off":
        return None
    found = next((write for write in connection.writer.writes() if write.facet == "task"), None)
    return None if found is None or found.level == "E0" else found


def reconcile(
    workspace: Workspace, writer: Writer, connection: Connection, purpose: str, *, recovering: bool = False
) -> Reckoning:
    """Compare one connection whole and keep what was found. `purpose`: whose share of the budget pays.

    `recovering`: a person says that books were lost, even where no task proves it.
    """
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        run = runs.start(tx, "reconcile", writer.epoch, workspace.clock.now())
    try:
        with doing(RECONCILE, purpose):
            return _compare(workspace, writer, connection, run, recovering=recovering)
    except KamsyncError as failed:
        told = {"where": connection.name, "zh": failed.text.zh, "en": failed.text.en}
        with workspace.store.write() as tx:
            runs.finish(tx, run, workspace.clock.now(), "degraded", None, [told])
        raise


def _compare(workspace: Workspace, writer: Writer, connection: Connection, run: int, *, recovering: bool) -> Reckoning:
    assert connection.writer is not None
    began, server, before = workspace.clock.now(), connection.door.now(), connection.calls.of(RECONCILE)
    told = Reckoning(connection.name)
    tasks = list({task.remote_id: task for task in connection.writer.ours(None)}.values())
    with workspace.store.read() as tx:
        found = adopting.sort(workspace, tx, connection, tasks, known.sent(tx, connection.name))
        lost = bool(found.lost) or known.of(tx, connection.name)["lost_at"] is not None
    if found.lost:
        _note_loss(workspace, writer, connection, began)
    told.listed, told.strangers = len(tasks), len(found.strangers)
    told.adopted, told.finished = adopting.adopt(workspace, writer, found), len(found.unfinished)
    if lost or recovering:
        told.adopted += adopting.thrown_away(workspace, writer, connection)
    if recovering:
        told.tags = adopting.tags(workspace, writer, connection, proven=_forget_loss(workspace, writer, connection))
    with workspace.store.read() as tx:
        books = _Books(known.sent(tx, connection.name), known.ours(tx, connection.name),
                       known.put_away(tx, connection.name))  # fmt: skip
    rows = _roles(workspace, connection, tasks, books, told)
    rows += _missing(workspace, writer, connection, tasks, books, began, told)
    told.calls, told.credits = (now - then for now, then in zip(connection.calls.of(RECONCILE), before, strict=True))
    _keep(workspace, writer, connection, rows, told, run, began, server)
    return told


def _note_loss(workspace: Workspace, writer: Writer, connection: Connection, at: datetime) -> None:
    """Our books of this connection were lost: known before they are made good, so that a crash forgets nothing."""
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        known.put(tx, connection.name, sure=False, lost_at=known.of(tx, connection.name)["lost_at"] or at)
        concerns.put(tx, connection.name, "", {LOST}, [_loss(connection.name).row()], at)
    workspace.say("reconcile.lost", connection=connection.name)


def _loss(name: str) -> Concern:
    return Concern(LOST, Text(
        f"{name}:数据库丢失过;任务已认回,我们的标签要有人发话才认回(可能是人打的)",
        f"{name}: books were lost; our tasks are taken back, tags only on a person's word: some may be people's",
    ), "kamsync recover")  # fmt: skip


def _forget_loss(workspace: Workspace, writer: Writer, connection: Connection) -> bool:
    """A person gave their word; was the loss proven?"""
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        proven = any(row["kind"] == LOST for row in concerns.of(tx, connection.name, ""))
        concerns.put(tx, connection.name, "", {LOST}, [], workspace.clock.now())
    return proven


@dataclass(frozen=True, slots=True)
class _Books:
    """Our receipts by marker, the tasks as last seen, and those that we put away ourselves."""

    sent: Mapping[str, Sent]
    ours: Mapping[tuple[str, str], Row]
    put_away: set[str]


def _roles(
    workspace: Workspace, connection: Connection, tasks: Sequence[Ours], books: _Books, told: Reckoning
) -> list[Row]:
    """The rows of what is there, each with its role among those of its marker."""
    by_marker: dict[str, list[Ours]] = defaultdict(list)
    for task in tasks:
        by_marker[task.marker].append(task)
    us = connection.health.user if connection.health else None
    rows = []
    for marker, same in by_marker.items():
        one = books.sent.get(marker)
        role = _among(same, one, us, books)
        told.found += one is not None and one.state == "done"
        told.copies += list(role.values()).count("copy")
        told.spares += list(role.values()).count("spare")
        told.unclear += list(role.values()).count("unclear")
        for task in same:
            seen = books.ours.get((marker, task.remote_id))
            rows.append(_row(connection, task, role[task.remote_id], seen, workspace.clock.now()))
            if role[task.remote_id] == "copy" and (seen is None or seen["role"] != "copy"):
                workspace.say("reconcile.copy", connection=connection.name, task=task.remote_id, marker=marker)
    return rows


def _among(same: Sequence[Ours], one: Sent | None, us: str | None, books: _Books) -> dict[str, str]:
    """The roles of tasks with one marker. What we put away ourselves counts no more; a task that our books learned of
    from the CRM may have been put away before they were lost, so nothing is called spare beside one that is done."""
    told: dict[str, str] = dict.fromkeys((task.remote_id for task in same), "")
    left = [task for task in same if task.remote_id not in books.put_away]
    if len(left) < 2:
        return told
    found = roles(left, Known(one.written if one else None, us))
    if any(task.done for task in left) and (one is None or one.sent_at is None):
        return told | {id: "" if role == "spare" else role for id, role in found.items()}
    return told | found


def _row(connection: Connection, task: Ours, role: str, seen: Row | None, now: datetime) -> Row:
    return {
        "connection": connection.name, "marker": task.marker, "remote_id": task.remote_id,
        "stream": seen["stream"] if seen else "", "done": task.done, "gone": False, "role": role,
        "modified_at": task.modified, "seen_at": now,
    }  # fmt: skip


# ---- receipts whose task is not there


def _missing(
    workspace: Workspace, writer: Writer, connection: Connection, tasks: Sequence[Ours], books: _Books,
    began: datetime, told: Reckoning,
) -> list[Row]:  # fmt: skip
    """What became of written tasks that the list does not show: each is asked for by its id, once."""
    there = {task.marker for task in tasks}
    write = task_write(connection)
    lag = timedelta(seconds=write.settle if write else 0)
    done = {marker: one for marker, one in books.sent.items() if one.state == "done"}
    told.receipts = len(done)
    asked: list[tuple[str, Sent]] = []
    states: dict[str, str] = {}
    for marker, one in done.items():
        seen = books.ours.get((marker, one.written or ""), {})
        if marker in there:
            continue
        if seen.get("gone") or seen.get("role") == "unmarked":
            states[marker] = "foreign" if seen["role"] == "unmarked" else "gone"
        elif one.sent_at is not None and one.sent_at > began - lag:
            told.found += 1  # too fresh for a list to show it
        else:
            asked.append((marker, one))
    told.unseen += max(0, len(asked) - MOST_ASKED)
    states |= _asked_for(connection, asked[:MOST_ASKED], books)
    return _became(workspace, writer, connection, states, books, told)


def _asked_for(connection: Connection, asked: Sequence[tuple[str, Sent]], books: _Books) -> dict[str, str]:
    """By marker: gone, foreign, hidden, found, or missed where the CRM cannot be asked: twice missed is gone."""
    states: dict[str, str] = {}
    for some in batches(asked, LOOK):
        if isinstance(connection.session, ReadsTasks):
            lives = connection.session.tasks([TaskRef(marker, one.written) for marker, one in some])
            states |= {live.ref.marker: live.state for live in lives}
            continue
        for marker, one in some:
            before = books.ours.get((marker, one.written or ""), {}).get("role")
            states[marker] = "gone" if before == "missed" else "missed"
    return states


def _became(
    workspace: Workspace, writer: Writer, connection: Connection, states: Mapping[str, str], books: _Books,
    told: Reckoning,
) -> list[Row]:  # fmt: skip
    """The rows of tasks that are not listed; that people removed one is noted on its intent, once."""
    rows, removed, now = [], set(), workspace.clock.now()
    for marker, state in states.items():
        one = books.sent[marker]
        seen = books.ours.get((marker, one.written or ""), {})
        told.removed += state == "gone"
        told.unmarked += state == "foreign"
        told.found += state == "found"
        told.unseen += state in ("hidden", "missed")
        role = {"gone": "removed", "foreign": "unmarked", "missed": "missed"}.get(state)
        if role is None or role == seen.get("role"):
            continue
        rows.append({
            "connection": connection.name, "marker": marker, "remote_id": one.written or "",
            "stream": seen.get("stream", ""), "done": bool(seen.get("done")), "gone": state == "gone", "role": role,
            "modified_at": None, "seen_at": now,
        })  # fmt: skip
        removed |= {one.id} if role == "removed" else set()
    if removed:
        with workspace.store.write() as tx:
            still_ours(tx, writer)
            known.note(tx, removed, writer.epoch, now, "removed", "it is no longer in the CRM: not made again")
    return rows


# ---- what is kept and told


def _keep(
    workspace: Workspace, writer: Writer, connection: Connection, rows: list[Row], told: Reckoning, run: int,
    began: datetime, server: datetime,
) -> None:  # fmt: skip
    name, found = connection.name, _concerns(told)
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        known.put_ours(tx, rows)
        known.put(tx, name, listed_at=server, whole_at=began, due=False, figures=told.to_json())
        concerns.put(tx, name, "", {"doubles", "receipts"}, [one.row() for one in found], workspace.clock.now())
        verdict = "degraded" if found else "ok"
        runs.finish(tx, run, workspace.clock.now(), verdict, [told.to_json()])
    workspace.say("reconcile.done", **{name: value for name, value in told.to_json().items() if value})


def _concerns(told: Reckoning) -> list[Concern]:
    found, name = [], told.connection
    if told.unclear:
        found.append(Concern("doubles", Text(
            f"{name}:{told.unclear} 条任务与另一条重复且都被人改过,请在 CRM 中自行取舍",
            f"{name}: {told.unclear} tasks are there twice and people changed both: keep one of each in the CRM",
        ), "kamsync reconcile"))  # fmt: skip
    if not told.adds_up:
        found.append(Concern("receipts", Text(
            f"{name}:已写入 {told.receipts} 条任务,CRM 中找到 {told.found},被人移除 {told.removed + told.unmarked},"
            f"{told.unseen} 条去向不明(权限被收走?)",
            f"{name}: {told.receipts} tasks were written, {told.found} are there, people removed "
            f"{told.removed + told.unmarked}, of {told.unseen} nobody can tell (a right taken away?)",
        ), "kamsync reconcile"))  # fmt: skip
    return found
