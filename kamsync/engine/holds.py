"""What guards have stopped, and how a person lets it go on. Nothing here expires by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kamsync.engine import burial, contesting, guarding, pausing, shapes, undone
from kamsync.engine.accept import approve_writes, approved
from kamsync.engine.cycle import Applied
from kamsync.engine.knowing import know
from kamsync.engine.link import link
from kamsync.engine.push import push
from kamsync.engine.settle import settle, take_over
from kamsync.engine.verbs import at_work, connected_at_work, known_connection
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Text
from kamsync.store import Writer, contests, runs
from kamsync.store.tables import Row


class NoSuchHold(KamsyncError):
    """The hold named is not there, or was decided already."""

    exit_code = 2


@dataclass(slots=True)
class Approved:
    """What approving a hold did: records taken out of the files, or rows written."""

    hold: Row
    deleted: int | None = None
    applied: Applied | None = None


def held(workspace: Workspace) -> list[Row]:
    """Everything that waits for a person."""
    with workspace.store.read() as tx:
        return runs.holds(tx)


def held_writes(workspace: Workspace, connection: str | None = None) -> list[int]:
    """The holds that keep back rows of a plan, there or everywhere; raises NoSuchHold where there are none."""
    name = connection and known_connection(workspace, connection)
    found = [hold["id"] for hold in held(workspace)
             if hold["guard"] in guarding.VOLUME and name in (None, hold["connection"])]  # fmt: skip
    if not found:
        raise NoSuchHold(Text("没有扣住的写入", "no writes are held"), next="kamsync hold list")
    return found


def approve_verb(workspace: Workspace, number: int) -> Approved:
    """Let one hold go on, and nothing else; raises NoSuchHold."""
    hold = _held(workspace, number)
    if hold["guard"] == pausing.PAUSED:
        pausing.resume(workspace, hold["connection"])
        return Approved(hold)
    if hold["guard"] == "gone":
        with at_work(workspace) as writer:
            return _bury(workspace, writer, hold)
    if hold["guard"] == undone.GUARD:
        with at_work(workspace), workspace.store.write() as tx:
            undone.release(tx, hold["id"])
        _decided(workspace, hold)
        return Approved(hold)
    known_connection(workspace, hold["connection"])
    if hold["guard"] in ("restored", contests.GUARD):
        with at_work(workspace) as writer:
            if hold["guard"] == contests.GUARD:
                contesting.release(workspace, writer, hold)
            _decided(workspace, hold)
        return Approved(hold)
    with connected_at_work(workspace, [hold["connection"]]) as (writer, ready, troubles):
        if troubles:
            raise troubles[hold["connection"]]
        take_over(workspace, writer)
        settled = settle(workspace, writer, ready)
        know(workspace, writer, ready)
        accepted = approve_writes(workspace, writer, hold)
        pushed = push(workspace, writer, ready, accepted.keys)
        return Approved(hold, applied=Applied(accepted, pushed, settled))


def _held(workspace: Workspace, number: int) -> Row:
    found = next((hold for hold in held(workspace) if hold["id"] == number), None)
    if found is None:
        raise NoSuchHold(
            Text(f"没有等待决定的第 {number} 号扣留", f"no hold {number} is waiting"), next="kamsync hold list"
        )
    return found


def _bury(workspace: Workspace, writer: Writer, hold: Row) -> Approved:
    count = burial.release(workspace, known_connection(workspace, hold["connection"]), hold["subject"])
    _decided(workspace, hold)
    link(workspace, writer)
    return Approved(hold, deleted=count)


def _decided(workspace: Workspace, hold: Row) -> None:
    with workspace.store.write() as tx:
        approved(workspace, tx, hold)


# ---- as JSON


def to_json(holds: list[Row], language: str) -> dict[str, Any]:
    return {"holds": [_hold(hold, language) for hold in holds]}


def approved_json(done: Approved, language: str) -> dict[str, Any]:
    shape: dict[str, Any] = {"approved": done.hold["id"], "hold": _hold(done.hold, language)}
    if done.deleted is not None:
        shape["deleted"] = done.deleted
    if done.applied is not None:
        shape |= shapes.apply(done.applied, language)
    return shape


def _hold(hold: Row, language: str) -> dict[str, Any]:
    return {
        "id": hold["id"],
        "guard": hold["guard"],
        "connection": hold["connection"],
        "subject": hold["subject"],
        "count": hold["count"],
        "of": hold["of"],
        "why": hold["zh"] if language == "zh" else hold["en"],
        "since": hold["made_at"].isoformat(),
        "sample": hold["sample"],
    }
