"""Have the CRMs call us: ask, renew at half the life they give, ask again after a loss, take it back when it is over.

What was asked for is left standing when the daemon stops: a restart is no reason to miss calls, and it ends by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

from kamsync.engine.connections import Connection
from kamsync.engine.course import Concern
from kamsync.engine.lines import Lines
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.plugin import KamsyncError, Text, Watches
from kamsync.store import concerns, hooks

LONGEST = timedelta(days=1)  # an end may come unannounced, whatever was promised
SHORTEST = timedelta(minutes=1)
AGAIN = 600.0  # seconds until a CRM that would not is asked again


def address(public_url: str, name: str) -> str:
    """Where a connection's CRM is to call."""
    return f"{public_url}/hooks/{quote(name, safe='')}"


def left_standing(workspace: Workspace) -> frozenset[str]:
    """Connections whose CRM an earlier daemon asked to call us."""
    with workspace.store.read() as tx:
        return frozenset(hooks.watches(tx))


class Watcher:
    """Keeps every connection watched that can be; `public_url` None: none is, and what was left standing ends."""

    def __init__(self, workspace: Workspace, lines: Lines, public_url: str | None) -> None:
        self._workspace = workspace
        self._lines = lines
        self._url = public_url
        left = left_standing(workspace)
        known = [name for name in lines.open if isinstance(lines.open[name].session, Watches)]
        self._next = {name: 0.0 for name in known if public_url is not None or name in left}

    @property
    def due(self) -> list[str]:
        """Connections whose CRM is to be asked now."""
        now = self._workspace.clock.monotonic()
        return [name for name, at in self._next.items() if at <= now]

    def keep(self) -> None:
        """Ask those that are due. One that will not is a concern until it will; the others go on."""
        for name in self.due:
            try:
                found = self._ask(name)
            except ENDS_ALL:
                raise
            except KamsyncError as failed:
                found = [_concern(name, failed)]
                self._next[name] = self._workspace.clock.monotonic() + AGAIN
                self._workspace.say("watch.failed", connection=name, cause=failed.text)
            with self._workspace.store.write() as tx:
                rows = [one.row() for one in found]
                concerns.put(tx, name, "", {"watch"}, rows, self._workspace.clock.now())

    def _ask(self, name: str) -> Sequence[Concern]:
        connection = self._lines.met(name)
        session = connection.session
        if not isinstance(session, Watches):
            return ()
        with self._workspace.store.read() as tx:
            before = hooks.watches(tx).get(name)
        url = address(self._url, name) if self._url is not None else None
        if before is not None and before["url"] != url:
            session.unwatch(before["url"])
            with self._workspace.store.write() as tx:
                hooks.drop_watch(tx, name)
            self._workspace.say("watch.ended", connection=name)
        if url is None:
            del self._next[name]
        else:
            self._watch(connection, session, url)
        return ()

    def _watch(self, connection: Connection, session: Watches, url: str) -> None:
        since = self._workspace.clock.now()
        until = session.watch(url, connection.streams)
        life = until - connection.door.now() if until is not None else 2 * LONGEST
        rest = min(max(life / 2, SHORTEST), LONGEST)
        self._next[connection.name] = self._workspace.clock.monotonic() + rest.total_seconds()
        with self._workspace.store.write() as tx:
            hooks.put_watch(tx, connection.name, url, since, until)
        told = until.isoformat(timespec="seconds") if until is not None else None
        self._workspace.say("watch.kept", connection=connection.name, until=told)


def _concern(name: str, failed: KamsyncError) -> Concern:
    return Concern(
        "watch",
        Text(
            f"{name}:CRM 不答应通知我们({failed.text.zh});照常轮询",
            f"{name}: the CRM does not agree to call us ({failed.text.en}); polling goes on",
        ),
        failed.next or "kamsync doctor",
    )
