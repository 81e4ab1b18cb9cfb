"""The kill switch: a person stops all writes, or those to one connection, and lets them go on.

Needs no lock, so that it works beside a daemon in the middle of a push: the next batch sees it and does not leave.
"""

from __future__ import annotations

from kamsync.engine.verbs import known_connection
from kamsync.engine.workspace import Workspace
from kamsync.store import audit, runs
from kamsync.store.audit import Deed

PAUSED = "paused"
EVERYWHERE = ""


def pause(workspace: Workspace, connection: str = EVERYWHERE) -> bool:
    """Let no further write leave; False when they were stopped already. Reading, judging and planning go on."""
    where = connection and known_connection(workspace, connection)
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        if runs.held(tx, PAUSED, where, "push") is not None:
            return False
        of_zh, of_en = (f"{where}:", f"{where}: ") if where else ("", "")
        runs.hold(
            tx,
            {
                "guard": PAUSED,
                "connection": where,
                "subject": "push",
                "count": 0,
                "of": 0,
                "sample": None,
                "zh": f"{of_zh}{workspace.who} 已暂停写回;恢复:kamsync resume push",
                "en": f"{of_en}writes were paused by {workspace.who}; to go on: kamsync resume push",
                "state": "held",
                "made_at": now,
            },
        )
        audit.append(tx, workspace.who, now, [Deed("push.paused", where or "*")])
    return True


def resume(workspace: Workspace, connection: str = EVERYWHERE) -> bool:
    """Let writes leave again; False when they were not stopped. What is no longer wanted is not sent."""
    where = connection and known_connection(workspace, connection)
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        hold = runs.held(tx, PAUSED, where, "push")
        if hold is None:
            return False
        runs.set_hold(tx, hold, "approved", now)
        audit.append(tx, workspace.who, now, [Deed("push.resumed", where or "*")])
    return True


def paused(workspace: Workspace) -> list[str]:
    """Where writes are stopped: names of connections, or EVERYWHERE."""
    with workspace.store.read() as tx:
        return [hold["connection"] for hold in runs.holds(tx) if hold["guard"] == PAUSED]
