"""Watch a tenant's clock from pull to pull: one that runs backwards is told, one that lost a day stops writing."""

from __future__ import annotations

from datetime import datetime, timedelta

from kamsync.engine import proving
from kamsync.engine.connections import Connection
from kamsync.engine.course import Concern
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text
from kamsync.store import concerns, cursors, runs

PATIENCE = timedelta(minutes=10)  # a server may set its clock right by so much
BACKUP = timedelta(hours=12)  # a clock so far behind itself is that of another time


def watch(workspace: Workspace, connection: Connection) -> list[Concern]:
    """Compare the server's now with the latest we knew of it."""
    with workspace.store.write() as tx:
        known = runs.tenant(tx, connection.name)
        told = (known["facts"] or {}).get("clock") if known else None
        last = datetime.fromisoformat(told) if told else None
        behind = last - connection.door.now() if last is not None else timedelta()
        found = [_concern(connection.name, behind)] if behind > PATIENCE else []
        concerns.put(tx, connection.name, "", {"clock"}, [one.row() for one in found], workspace.clock.now())
        if behind > BACKUP:
            runs.hold(tx, proving.hold(connection.name, _said(behind), workspace.clock.now()))
            cursors.sweep_soon(tx, connection.name)
    if found:
        workspace.say("pull.clock", connection=connection.name, behind=round(behind.total_seconds()))
    return found


def _said(behind: timedelta) -> Text:
    minutes = round(behind.total_seconds() / 60)
    return Text(f"服务器时钟倒退了 {minutes} 分钟", f"the server's clock went back {minutes} minutes")


def _concern(name: str, behind: timedelta) -> Concern:
    said = _said(behind)
    return Concern(
        "clock",
        Text(f"{name}:{said.zh};按服务器时间读取,不会读过头", f"{name}: {said.en}; reading keeps to its time"),
        "kamsync doctor",
    )
