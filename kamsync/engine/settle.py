"""Settle what nobody could tell: after the wait a tenant needs, look, and believe only evidence.

Found is done. Surely absent is planned again. A weak look must find nothing twice, a wait apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection as Tx

from kamsync.engine.connections import Connection
from kamsync.engine.lagging import Learned, controls, doubt, learned, learns, measure, note, probe, resolved
from kamsync.engine.live import look
from kamsync.engine.push import own_tags
from kamsync.engine.rows import FACETS, task_change
from kamsync.engine.standing import UNSURE
from kamsync.engine.undone import take_effect
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.plugin import (
    Found,
    KamsyncError,
    Live,
    LiveTask,
    ReadsTasks,
    Target,
    TaskRef,
    Write,
    Writes,
    as_asked,
)
from kamsync.store import Writer, known, outbox, still_ours
from kamsync.store.outbox import Ending
from kamsync.store.tables import Row

ONCE = "a first look did not find its marker"
AROUND = timedelta(minutes=10)  # clocks differ
PATIENCE = 10.0  # seconds that settling may wait for a look that is almost due


@dataclass(slots=True)
class SettleReport:
    """How unknown intents ended. `waiting`: it is too early to look."""

    done: int = 0
    planned: int = 0
    waiting: int = 0
    looked_in_vain: int = 0


def take_over(workspace: Workspace, writer: Writer) -> None:
    """What an earlier writer was sending when it ended is unknown."""
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        known.wake_orphaned(tx, writer.epoch)
        outbox.orphaned(tx, writer.epoch)


def settle(workspace: Workspace, writer: Writer, ready: Mapping[str, Connection]) -> SettleReport:
    """Look after every unknown intent of these connections whose time has come; short waits are sat out."""
    for connection in ready.values():
        if connection.writer is not None and connection.config.writes != "off":
            measure(workspace, writer, connection)
    report = _round(workspace, writer, ready)
    if report.looked_in_vain:  # a weak look found nothing: a second one, a wait later, may be had at once
        second = _round(workspace, writer, ready)
        report = SettleReport(report.done + second.done, report.planned + second.planned, second.waiting)
    return report


def _round(workspace: Workspace, writer: Writer, ready: Mapping[str, Connection]) -> SettleReport:
    report = SettleReport()
    with workspace.store.read() as tx:
        rows = outbox.in_state(tx, "unknown")
    by_place: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_place[row["connection"], row["kind"]].append(row)
    for (name, kind), unknown in by_place.items():
        connection = ready.get(name)
        if connection is None or connection.writer is None:
            report.waiting += len(unknown)
            continue
        try:
            _look_after(workspace, writer, connection, kind, unknown, report)
        except ENDS_ALL:
            raise
        except KamsyncError as failed:  # told by whoever reads or writes there; the others' rows are not kept waiting
            report.waiting += len(unknown)
            workspace.say("settle.failed", connection=name, why=failed.text)
    return report


def _look_after(
    workspace: Workspace,
    writer: Writer,
    connection: Connection,
    kind: str,
    unknown: Sequence[Row],
    report: SettleReport,
) -> None:
    """The unknown rows of one kind on one connection."""
    assert connection.writer is not None
    write = next(write for write in connection.writer.writes() if write.facet == FACETS[kind])
    with workspace.store.read() as tx:
        wait = _wait(tx, connection, write)
        due = {row["id"]: _due(tx, row, wait) for row in unknown}
    safe = kind == "task" and write.level == "E3"  # the CRM refuses a second one: nothing to wait for
    ripe = list(unknown) if safe else _ripe(workspace, unknown, due, report)
    if kind == "task":
        _settle_tasks(workspace, writer, connection, ripe, write, report)
    elif kind == "task_change":
        _settle_changes(workspace, writer, connection, ripe, report)
    else:
        _settle_tags(workspace, writer, connection, ripe, report)


def _wait(tx: Tx, connection: Connection, write: Write) -> timedelta:
    """A settle wait: as declared, or longer where this tenant has shown that it needs longer."""
    known = learned(tx, connection.name) if learns(connection, write) else Learned()
    return known.wait(write.settle)


def _due(tx: Tx, row: Row, wait: timedelta) -> datetime:
    """When a look tells something new: a settle wait after it was sent, and after each look in vain."""
    looks = outbox.looks(tx, row["id"], row["attempt"])
    last: datetime = looks[-1]["at"] if looks else row["sent_at"]
    return last + wait


def _ripe(workspace: Workspace, rows: Sequence[Row], due: Mapping[str, datetime], report: SettleReport) -> list[Row]:
    """Those whose time has come; a short rest of the wait is sat out."""
    rest = (max(due.values(), default=workspace.clock.now()) - workspace.clock.now()).total_seconds()
    if 0 < rest <= PATIENCE:
        workspace.clock.sleep(rest)
    now = workspace.clock.now()
    ripe = [row for row in rows if due[row["id"]] <= now]
    report.waiting += len(rows) - len(ripe)
    return ripe


def _settle_tasks(
    workspace: Workspace,
    writer: Writer,
    connection: Connection,
    rows: Sequence[Row],
    write: Write,
    report: SettleReport,
) -> None:
    assert connection.writer is not None
    if not rows:
        return
    doubts = learns(connection, write)
    with workspace.store.read() as tx:
        there = controls(tx, connection.name, rows) if doubts else []
    answers = {found.marker: found for found in connection.writer.find([probe(row) for row in (*rows, *there)])}
    answers |= _beside_the_old(connection.writer, rows, answers)
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        note(tx, connection.name, there, answers, now)
        for row in rows:
            found = answers.get(row["payload"]["marker"])
            looks = [look["evidence"] for look in outbox.looks(tx, row["id"], row["attempt"])]
            why = doubt(tx, connection.name, row, now) if doubts else ""
            state, evidence = _verdict(found, write, why, seen_once=ONCE in looks)
            if state == "waiting":
                report.waiting += 1
                report.looked_in_vain += 1
                outbox.looked(tx, row, writer.epoch, now, evidence)
                continue
            if doubts and state == "done":
                resolved(tx, connection.name, row, outbox.looks(tx, row["id"], row["attempt"]), now)
            remote_id = found.remote_id if found else None
            told = Ending(row, state, f"settled {state}", remote_id, evidence=evidence)
            outbox.settle(tx, [told], writer.epoch, now)
            report.done += state == "done"
            report.planned += state == "planned"


def _beside_the_old(writer: Writes, rows: Sequence[Row], answers: Mapping[str, Found]) -> dict[str, Found]:
    """Of tasks that are made anew: a deleted one that is found in the bin says nothing of the one that was sent."""
    old: dict[str, Row] = {}
    for row in rows:
        answer = answers.get(row["payload"]["marker"])
        if row["written_id"] is not None and answer is not None and answer.remote_id == row["written_id"]:
            old[answer.marker] = row
    if not old:
        return {}
    told = {marker: Found(marker, "absent", strong=False) for marker in old}
    for task in writer.ours(min(row["sent_at"] for row in old.values()) - AROUND):
        if task.marker in old and task.remote_id != old[task.marker]["written_id"]:
            told[task.marker] = Found(task.marker, "found", task.remote_id)
    return told


def _verdict(found: Found | None, write: Write, doubt: str, *, seen_once: bool) -> tuple[str, str]:
    """done, planned or still waiting, with the evidence in words. `seen_once`: a look that counts found nothing."""
    if found is not None and found.state == "found":
        return "done", "its marker was found in the CRM"
    if write.level == "E3":
        return "planned", "the CRM refuses a second task with this key: safe to send again"
    if found is None or found.state == "unsure":
        return "waiting", UNSURE
    if doubt:
        return "waiting", doubt
    if found.strong:
        return "planned", "a direct look did not find its marker"
    if seen_once:
        return "planned", "two looks, a settle wait apart, did not find its marker"
    return "waiting", ONCE


def _settle_changes(
    workspace: Workspace, writer: Writer, connection: Connection, rows: Sequence[Row], report: SettleReport
) -> None:
    """Each task tells whether it is what was asked for; if not, it is planned anew from what it is. None is resent."""
    session = connection.session
    if not rows or not isinstance(session, ReadsTasks):
        report.waiting += len(rows)
        return
    refs = [TaskRef(row["payload"]["marker"], row["payload"]["task"]) for row in rows]
    lives = {live.ref: live for live in session.tasks(refs)}
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        for row, ref in zip(rows, refs, strict=True):
            state, evidence = _read_back(row, lives.get(ref))
            if state == "waiting":
                report.waiting += 1
                outbox.looked(tx, row, writer.epoch, now, evidence)
                continue
            outbox.settle(tx, [Ending(row, state, f"settled {state}", evidence=evidence)], writer.epoch, now)
            take_effect(tx, [row] if state == "done" else [], writer.epoch, now)
            report.done += state == "done"
            report.planned += state == "stale"


def _read_back(row: Row, live: LiveTask | None) -> tuple[str, str]:
    """done, stale or still waiting, with the evidence in words."""
    if live is None or live.state == "hidden":
        return "waiting", "the CRM would not say what its task is"
    if as_asked(task_change(row), live):
        return "done", "its task is gone" if live.state == "gone" else "its task was read back as asked"
    return "stale", f"its task was read back otherwise ({live.state})"


def _settle_tags(
    workspace: Workspace, writer: Writer, connection: Connection, rows: Sequence[Row], report: SettleReport
) -> None:
    """Tags converge: read what stands there; what is missing is planned anew from that."""
    if not rows:
        return
    live = look(connection, [_target(row) for row in rows])
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        for row in rows:
            done = _stands(row, live[_target(row)])
            evidence = "its tags read back as wanted" if done else "its tags read back otherwise"
            state = "done" if done else "stale"
            outbox.settle(tx, [Ending(row, state, f"settled {state}", evidence=evidence)], writer.epoch, now)
            own_tags(tx, [row] if done else [], now)
            take_effect(tx, [row] if done else [], writer.epoch, now)
            report.done += done
            report.planned += not done


def _stands(row: Row, live: Live) -> bool:
    tags = set(live.tags or ())
    return live.found and tags.issuperset(row["payload"]["add"]) and tags.isdisjoint(row["payload"]["remove"])


def _target(row: Row) -> Target:
    return Target(row["stream"], row["object"], row["remote_id"])
