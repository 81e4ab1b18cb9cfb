"""Which CRMs call us, as status shows it: when each last did, and until when it said it would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.store import hooks


@dataclass(frozen=True, slots=True)
class Caller:
    """One connection. `last` None: it never called. `until` None: nobody asked it to, or it is for good."""

    connection: str
    last: datetime | None
    until: datetime | None

    def to_json(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "last": self.last.isoformat() if self.last else None,
            "until": self.until.isoformat() if self.until else None,
        }


def callers(workspace: Workspace, tx: Connection) -> list[Caller]:
    """The connections that called, or were asked to, in the config's order."""
    last, watched = hooks.last(tx), hooks.watches(tx)
    names = [one.name for one in workspace.config.connections if one.name in last or one.name in watched]
    return [Caller(name, last.get(name), watched.get(name, {}).get("until")) for name in names]
