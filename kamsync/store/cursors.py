"""Where reading goes on: the cursors of a stream by lane, read once a pull and written with what they belong to.

Only the writer changes them, so that what it has read stays true until it has written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from kamsync.store.landing import Place
from kamsync.store.sql import fetch, upsert
from kamsync.store.tables import CursorRow, Row, table

CURSOR = table(CursorRow)
_FRESH: Row = {
    "position": None, "lo": None, "hi": None, "cursor": None, "through_at": None, "through_id": None, "completed": 0,
    "object": "", "slice": None, "began_at": None,
}  # fmt: skip
_ONE = (CURSOR.c.connection == bindparam("c"), CURSOR.c.stream == bindparam("s"), CURSOR.c.lane == bindparam("l"))


class Cursors:
    """The cursors of one stream. What `put` and `drop` change is in the store after the next `write`."""

    def __init__(self, place: Place, rows: Iterable[Row] = ()) -> None:
        self.place = place
        self._rows = {row["lane"]: row for row in rows}
        self._changed: set[str] = set()

    def get(self, lane: str) -> Row | None:
        """Where this lane stands; None before its first window."""
        return self._rows.get(lane)

    def put(self, lane: str, **values: Any) -> None:
        """Move the lane's cursor; columns not named stay as they are."""
        key = {"connection": self.place.connection, "stream": self.place.stream, "lane": lane}
        self._rows[lane] = {**key, **_FRESH, **self._rows.get(lane, {}), **values}
        self._changed.add(lane)

    def parts(self, lane: str) -> list[Row]:
        """The parts that this lane's window was cut into, done and open, in order."""
        return [row for name, row in sorted(self._rows.items()) if name.startswith(f"{lane}:")]

    def drop(self, lane: str, *, parts_only: bool = False) -> None:
        """Forget a lane, or only the parts that its window was cut into."""
        over = [row["lane"] for row in self.parts(lane)]
        over += [lane] if lane in self._rows and not parts_only else []
        for name in over:
            del self._rows[name]
        self._changed.update(over)

    def begin(self, lanes: Mapping[str, datetime]) -> None:
        """Lanes that begin with the first whole read, each from its own time on."""
        for lane, at in lanes.items():
            if lane not in self._rows:
                self.put(lane, position=at)

    def take_changes(self) -> tuple[list[Row], list[Row]]:
        """(rows to keep, keys to forget) of what changed since the last time."""
        keys = {"c": self.place.connection, "s": self.place.stream}
        kept = [self._rows[lane] for lane in sorted(self._changed) if lane in self._rows]
        over = [keys | {"l": lane} for lane in sorted(self._changed) if lane not in self._rows]
        self._changed.clear()
        return kept, over


def of(tx: Connection, place: Place) -> Cursors:
    """The cursors of one stream."""
    here = (CURSOR.c.connection == place.connection, CURSOR.c.stream == place.stream)
    return Cursors(place, fetch(tx, select(CURSOR).where(*here)))


def by_stream(tx: Connection, connection: str) -> Mapping[str, list[Row]]:
    """The cursors of every stream of a connection; none of one that was never read."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in fetch(tx, select(CURSOR).where(CURSOR.c.connection == connection)):
        found[row["stream"]].append(row)
    return found


def write(tx: Connection, *changed: Cursors) -> None:
    """Put into the store what was changed."""
    rows, over = [], []
    for one in changed:
        kept, gone = one.take_changes()
        rows += kept
        over += gone
    if over:
        tx.execute(delete(CURSOR).where(*_ONE), over)
    upsert(tx, CURSOR, rows)


def sweep_soon(tx: Connection, connection: str) -> None:
    """Every stream of this connection is to be compared whole at the next occasion."""
    here = (CURSOR.c.connection == connection, CURSOR.c.lane == "sweep", CURSOR.c.hi.is_(None))
    tx.execute(update(CURSOR).where(*here).values(position=None))


def completed(tx: Connection) -> set[tuple[str, str]]:
    """(connection, stream) of every stream that was read whole at least once."""
    whole = select(CURSOR.c.connection, CURSOR.c.stream).where(CURSOR.c.completed > 0, CURSOR.c.lane == "records")
    return {(row.connection, row.stream) for row in tx.execute(whole)}
