"""Look at what the CRMs called about: soon, together, and once more when even late changes must show.

A call comes before its change shows in a list: after as long as the stream lags, it is looked at again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from kamsync.engine.connections import Connection
from kamsync.engine.hearing import Ears
from kamsync.engine.lines import Lines
from kamsync.engine.pull import PullReport, pull
from kamsync.engine.streams import called_for
from kamsync.engine.verbs import at_work
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.net import Stopped
from kamsync.plugin import KamsyncError
from kamsync.store import hooks

GAP = 5.0  # seconds between two polls of one connection: what comes meanwhile is looked at together


class Poller:
    """Polls what was called about, one poll a connection at a time."""

    def __init__(self, workspace: Workspace, lines: Lines, ears: Ears) -> None:
        self._workspace = workspace
        self._lines = lines
        self._ears = ears
        self._next: dict[str, float] = {}  # by connection: not before
        self._again: dict[tuple[str, str], float] = {}  # by connection and object: when late changes must show

    @property
    def due(self) -> frozenset[str]:
        """Connections to be polled now."""
        now = self._workspace.clock.monotonic()
        late = {name for (name, _), at in self._again.items() if at <= now}
        return frozenset(name for name in self._ears.due | late if self._next.get(name, 0.0) <= now)

    def poll(self) -> PullReport | None:
        """Poll what is due; None where it turns out that nothing is. What could not be begun goes on waiting."""
        names = self.due
        try:
            return self._poll(names)
        except BaseException:
            self._ears.put_back(names)
            raise

    def _poll(self, names: Collection[str]) -> PullReport | None:
        with at_work(self._workspace) as writer:
            rows = self._ears.take(names)
            called = [(row["connection"], row["object"]) for row in rows]
            wanted = _by_connection([*called, *self._late(names)])
            ready, troubles = self._connected(wanted)
            report = pull(self._workspace, writer, ready, troubles, called=wanted) if wanted else None
            if self._workspace.stop.is_set():
                raise Stopped
        with self._workspace.store.write() as tx:
            hooks.looked(tx, rows)
        for connection in ready.values():
            connection.ledger.write()
        self._note(ready, wanted, called)
        return report

    def _late(self, names: Collection[str]) -> list[tuple[str, str]]:
        now = self._workspace.clock.monotonic()
        return [each for each, at in self._again.items() if each[0] in names and at <= now]

    def _note(
        self, ready: Mapping[str, Connection], wanted: Mapping[str, Collection[str]], called: list[tuple[str, str]]
    ) -> None:
        """When to poll next, and what to look at again."""
        now = self._workspace.clock.monotonic()
        for name, objects in wanted.items():
            self._next[name] = now + GAP
            for object in objects:
                self._again.pop((name, object), None)
        for name, object in called:
            streams = called_for(ready[name], [object]) if name in ready else []
            lag = max((stream.lag.total_seconds() for stream in streams), default=0.0)
            if lag > 0:
                self._again[name, object] = now + lag

    def _connected(self, names: Collection[str]) -> tuple[dict[str, Connection], dict[str, KamsyncError]]:
        ready: dict[str, Connection] = {}
        troubles: dict[str, KamsyncError] = {}
        for name in names:
            try:
                ready[name] = self._lines.met(name)
            except ENDS_ALL:
                raise
            except KamsyncError as failed:
                troubles[name] = failed
        return ready, troubles


def _by_connection(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, object in pairs:
        found[name].add(object)
    return dict(found)
