"""Hear the CRMs' calls: prove each, drop what came before or was kept back, note once what to look at sooner.

A call moves no data and nobody waits for one: what it says is forgotten but for the objects that it names.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from kamsync.engine.connections import Connection
from kamsync.engine.lines import Lines
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, Hint, Hints, KamsyncError
from kamsync.store import hooks
from kamsync.store.tables import Row

LATE = timedelta(minutes=5)  # by the CRM's clock, either way
REMEMBERED = 86_400.0  # seconds that a call is known for
MOST = 100_000  # calls that are known at one time

State = Literal["taken", "known", "unknown", "unset", "unproven", "stale"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a call.

    taken: noted, durably. known: it came before. unknown: no such connection, or one that is not called. unset:
    nothing is set to prove a call by. unproven: not the CRM's. stale: kept back. `answer`: what the CRM waits for.
    """

    state: State
    answer: bytes = b""

    @property
    def is_welcome(self) -> bool:
        return self.state in ("taken", "known")


class Ears:
    """What is heard in one daemon's life. `hear` may run on many threads at a time, and asks no CRM."""

    def __init__(self, workspace: Workspace, lines: Lines) -> None:
        self._workspace = workspace
        self._lines = lines
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._noted: set[tuple[str, str]] = set()  # waits in the store: once is enough
        self._takes = 0
        with workspace.store.read() as tx:
            self._due = {row["connection"] for row in hooks.waiting(tx)}  # from before a restart

    def hear(self, name: str, headers: Mapping[str, str], body: bytes) -> Heard:
        """A call came in for this connection. Raises StoreUnusable where it could not be noted."""
        connection = self._lines.open.get(name)
        if connection is None or not isinstance(connection.session, Hints):
            return Heard("unknown")
        try:
            hint = connection.session.hint(headers, body)
        except ConfigError:
            return Heard("unset")
        except KamsyncError:
            return Heard("unproven")
        if hint.at is not None and abs(connection.door.now() - hint.at) > LATE:
            return Heard("stale")
        if self._is_known(name, hint):
            return Heard("known", hint.answer)
        self._note(name, _mapped(connection, hint.objects))
        self._remember(name, hint)  # only now: one that could not be noted is taken when it is sent again
        return Heard("taken", hint.answer)

    @property
    def due(self) -> frozenset[str]:
        """Connections that something waits for."""
        with self._lock:
            return frozenset(self._due)

    def take(self, names: Collection[str]) -> list[Row]:
        """What waits to be looked at there. A call that comes from now on counts anew."""
        with self._lock:
            self._takes += 1
            self._noted = {each for each in self._noted if each[0] not in names}
            self._due -= set(names)
        with self._workspace.store.read() as tx:
            return [row for row in hooks.waiting(tx) if row["connection"] in names]

    def put_back(self, names: Collection[str]) -> None:
        """Nobody came to look: it goes on waiting."""
        with self._lock:
            self._due |= set(names)

    def _note(self, name: str, objects: Collection[str]) -> None:
        with self._lock:
            new = {object for object in objects if (name, object) not in self._noted}
            takes = self._takes
        if not new:
            return
        with self._workspace.store.write() as tx:
            hooks.ask(tx, name, new, self._workspace.clock.now())
        with self._lock:
            self._due.add(name)
            if takes == self._takes:  # else somebody looked meanwhile, and perhaps saw it
                self._noted |= {(name, object) for object in new}

    def _is_known(self, name: str, hint: Hint) -> bool:
        now = self._workspace.clock.monotonic()
        with self._lock:
            while self._seen and next(iter(self._seen.values())) < now - REMEMBERED:
                self._seen.popitem(last=False)
            return bool(hint.id) and (name, hint.id) in self._seen

    def _remember(self, name: str, hint: Hint) -> None:
        with self._lock:
            if hint.id:
                self._seen[name, hint.id] = self._workspace.clock.monotonic()
            if len(self._seen) > MOST:
                self._seen.popitem(last=False)


def _mapped(connection: Connection, objects: Collection[str]) -> list[str]:
    """Those of the objects that are read here, so that nobody can fill the store with names."""
    read = {object.casefold() for object in connection.mapping.objects.values()}
    read |= {name.casefold() for one in connection.streams for name in (one.object, *one.stands_for)}
    return [object for object in dict.fromkeys(objects) if object.casefold() in read]
