"""A window of one stream, or some of its records, read again because a person asks.

It moves no cursor and takes nothing out of the files. Its own place is kept: the same wish goes on where it was broken
off, and a window also goes on with every pull, after what is new, until it is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from kamsync.engine import lanes
from kamsync.engine.connections import Connection
from kamsync.engine.reading import AHEAD, Errand
from kamsync.engine.streams import chosen, no_such_stream
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, Gets, Stream, Text, Window
from kamsync.store import cursors
from kamsync.store.landing import Place


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read again: a window of local days, both included, or ids."""

    since: date | None = None
    until: date | None = None
    ids: tuple[str, ...] = ()


NOTHING = Wanted()


def errands(workspace: Workspace, ready: Mapping[str, Connection], stream: str, wanted: Wanted) -> list[Errand]:
    """What to read; what an earlier run of the same wish has read is not read again."""
    found = [
        errand
        for connection in ready.values()
        for one in chosen(connection, stream)
        for errand in _errands(workspace, connection, one, wanted)
    ]
    if ready and not found:
        raise no_such_stream(dict(ready), stream)
    return found


def begin(workspace: Workspace, asked: list[Errand]) -> None:
    """A wish that begins anew takes the place of the one before it, and stands even if no page of it comes today."""
    for errand in asked:
        fresh = errand.cursor is None or (errand.how == "get" and errand.cursor.endswith(" 0"))
        if errand.lane == "backfill" and errand.through is None and fresh:
            place, window = Place(errand.connection, errand.stream.name, ""), errand.window
            values = {"lo": window.lo, "hi": window.hi, "slice": window.slice, "object": errand.stream.object}
            with workspace.store.write() as tx:
                kept = cursors.of(tx, place)
                kept.drop("backfill")
                kept.put("backfill", cursor=errand.cursor, **values)
                cursors.write(tx, kept)


def _errands(workspace: Workspace, connection: Connection, stream: Stream, wanted: Wanted) -> list[Errand]:
    window = _window(workspace, connection, stream, wanted)
    errand = Errand(connection.name, connection.session, stream, "backfill", window, purpose="backfill")
    if wanted.ids:
        return [_by_ids(workspace, connection, errand, wanted.ids)]
    place = Place(connection.name, stream.name, stream.entity or "")
    with workspace.store.read() as tx:
        kept = cursors.of(tx, place)
    row = kept.get("backfill")
    if row is not None and row["slice"] != lanes.IDS and _is_same(workspace, window, row["lo"], row["hi"]):
        return lanes.standing(connection, stream, kept)
    return [replace(errand, parts=connection.door.concurrency)]


def _is_same(workspace: Workspace, window: Window, lo: datetime | None, hi: datetime | None) -> bool:
    """Is it the window that was begun? One that is open towards now ends at no midnight, whenever it began."""
    if hi is None or lo != window.lo:
        return False
    ends = [end.astimezone(workspace.config.timezone).time() for end in (window.hi, hi)]
    return window.hi == hi or time() not in ends


def _by_ids(workspace: Workspace, connection: Connection, errand: Errand, ids: tuple[str, ...]) -> Errand:
    """Each by itself. How far an earlier run came is known by the list's own digest."""
    if not isinstance(connection.session, Gets):
        raise ConfigError(
            Text(f"{connection.name} 不能按编号读取", f"{connection.name} cannot be read by id"),
            next=f"kamsync pull {connection.name} {errand.stream.name} --since 2026-01-01",
        )
    named = hashlib.blake2b("\n".join(ids).encode(), digest_size=8).hexdigest()
    with workspace.store.read() as tx:
        row = cursors.of(tx, Place(connection.name, errand.stream.name, "")).get("backfill")
    kept = row["cursor"] if row is not None and row["slice"] == lanes.IDS else None
    cursor = kept if kept and kept.startswith(f"{named} ") else f"{named} 0"
    window = replace(errand.window, slice=lanes.IDS)
    return replace(errand, how="get", ids=ids, fresh=True, window=window, cursor=cursor)


def _window(workspace: Workspace, connection: Connection, stream: Stream, wanted: Wanted) -> Window:
    end = connection.door.now() + AHEAD
    lo = _midnight(workspace, wanted.since) if wanted.since else None
    hi = min(end, _midnight(workspace, date.fromordinal(wanted.until.toordinal() + 1))) if wanted.until else end
    if lo is not None and lo >= hi:
        raise ConfigError(
            Text(
                f"时间段 {wanted.since} – {wanted.until} 是空的", f"the window {wanted.since} – {wanted.until} is empty"
            ),
            next="kamsync pull --help",
        )
    return Window(lo if stream.incremental else None, hi, connection.mapping.wanted_fields(stream.name))


def _midnight(workspace: Workspace, day: date) -> datetime:
    return datetime.combine(day, time(), workspace.config.timezone)
