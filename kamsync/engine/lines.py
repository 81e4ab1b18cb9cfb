"""Connections that stay open from poll to poll, so that a call costs no new check-up; anew every ten minutes.

One thread asks the CRM; others may use a session for what asks nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kamsync.config import ConnectionConfig
from kamsync.engine.connections import Connection, meet, open_one
from kamsync.engine.counting import doing
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError

FRESH = 600.0  # seconds that what a tenant said of itself is good for


class Lines:
    """The connections of a workspace, each open. `broken`: those that could not be opened, with the cause."""

    def __init__(self, workspace: Workspace, names: Collection[str] | None = None) -> None:
        """`names`: the only connections that are wanted."""
        self._workspace = workspace
        self._open: dict[str, Connection] = {}
        self._met: dict[str, float] = {}
        self.broken: dict[str, KamsyncError] = {}
        for one in workspace.config.connections:
            if names is not None and one.name not in names:
                continue
            try:
                self._open[one.name] = open_one(workspace, one)
            except KamsyncError as failed:
                self.broken[one.name] = failed

    @property
    def open(self) -> Mapping[str, Connection]:
        """What is open; perhaps nobody was asked anything by it yet."""
        return self._open

    def met(self, name: str) -> Connection:
        """The connection, its tenant asked who it is not long ago. Raises what keeps us from that."""
        now = self._workspace.clock.monotonic()
        if name in self._met and now - self._met[name] < FRESH:
            return self._open[name]
        fresh = open_one(self._workspace, self._config(name))
        try:
            with doing("", "delta"):
                meet(self._workspace, fresh)
        except BaseException:
            _leave(fresh)
            raise
        if name in self._open:
            _leave(self._open[name])
        self._open[name], self._met[name] = fresh, now
        self.broken.pop(name, None)
        return fresh

    def close(self) -> None:
        for connection in self._open.values():
            _leave(connection)

    def _config(self, name: str) -> ConnectionConfig:
        return next(one for one in self._workspace.config.connections if one.name == name)


def _leave(connection: Connection) -> None:
    connection.ledger.write()
    connection.door.close()
