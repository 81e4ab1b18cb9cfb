"""Make entities anew from the records that are kept, where they were made by another mapping. No CRM is called.

Some records at a time, each unit with how far it came: what was killed goes on where it was. Only what differs is
written, and only its accounts are judged anew. While a stream is half made, nobody judges: every verb that writes ends
it first, and a page lands only where its stream stands by the mapping that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection as Tx

from kamsync.engine.connections import Connection
from kamsync.engine.land import Reading, work_anew
from kamsync.engine.link import link
from kamsync.engine.mapping_force import force_of
from kamsync.engine.mapping_meaning import reading
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping
from kamsync.net import Stopped
from kamsync.store import Writer, landing, mappings, raw, rebuilding, still_ours
from kamsync.store.landing import Landing, Place
from kamsync.store.tables import Row

AT_ONCE = 2_000


@dataclass(slots=True)
class Rebuilt:
    """What making one stream anew did. `left`: entities that are none any more; `seconds` by the machine's clock."""

    connection: str
    stream: str
    records: int = 0
    changed: int = 0
    left: int = 0
    quarantined: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Due:
    """A stream whose entities were made by another mapping. `position`: how far an earlier run came."""

    place: Place
    was: str | None  # the entity that it was; None: it never was one
    target: str | None  # the reading to come; None: the mapping has no such stream any more
    position: str = ""


def due(tx: Tx, workspace: Workspace, connection: str, mapping: Mapping) -> list[Due]:
    """The streams of a connection that do not follow its mapping."""
    known = mappings.mapped(tx, connection)
    found = []
    for stream in mapping.streams:
        row, target = known.get(stream), _reading(workspace, mapping, stream)
        place = Place(connection, stream, mapping.entities[stream])
        if row is None and raw.is_kept(tx, place):
            found.append(Due(place, None, target))
        elif row is not None and (row["digest"] != target or row["target"] is not None):
            begun = row["position"] if row["target"] == target else ""
            found.append(Due(place, row["entity"], target, begun))
    gone = [row for stream, row in known.items() if stream not in mapping.specs]
    return found + [Due(Place(connection, row["stream"], row["entity"]), row["entity"], None) for row in gone]


def keep_up(workspace: Workspace, writer: Writer, connection: Connection, place: Place) -> None:
    """Before a page lands: its stream stands by the mapping that reads it, or is made anew first.

    A version that somebody published meanwhile is taken up here, unless it makes other streams or entities of the
    CRM's objects: then it waits until this pull is over.
    """
    with workspace.store.read() as tx:
        if mappings.newest(tx, connection.name) > connection.version:
            _take_up(workspace, tx, connection)
        row = mappings.mapped_at(tx, place)
        is_new = row is None and not raw.is_kept(tx, place)
    if is_new:
        with workspace.store.write() as tx:
            mappings.put_mapped(tx, [_row(workspace, connection.mapping, place)])
    elif row is None or row["target"] or row["digest"] != _reading(workspace, connection.mapping, place.stream):
        rebuild(workspace, writer, connection.name, connection.mapping)


def _take_up(workspace: Workspace, tx: Tx, connection: Connection) -> None:
    newest = force_of(tx, connection.config, workspace.connectors)
    connection.version = newest.version
    if _shape(newest.mapping) == _shape(connection.mapping):
        connection.mapping = newest.mapping
        workspace.look_again()
    workspace.say("map.taken", connection=connection.name, version=newest.version)


def _shape(mapping: Mapping) -> dict[str, tuple[str, str]]:
    return {name: (spec.object, spec.entity) for name, spec in mapping.specs.items()}


def rebuild(workspace: Workspace, writer: Writer, connection: str, mapping: Mapping, *, run: int = 0) -> list[Rebuilt]:
    """Every stream of a connection by this mapping; those that follow it already are left alone.

    Raises Stopped where the workspace is asked to stop; the next call goes on from there.
    """
    with workspace.store.read() as tx:
        todo = due(tx, workspace, connection, mapping)
    return [_stream(workspace, writer, mapping, one, run) for one in todo]


def _reading(workspace: Workspace, mapping: Mapping, stream: str) -> str:
    return reading(mapping, stream, workspace.config.timezone, workspace.config.base_currency)


def _row(workspace: Workspace, mapping: Mapping, place: Place) -> Row:
    return {
        "connection": place.connection, "stream": place.stream, "entity": place.entity,
        "digest": _reading(workspace, mapping, place.stream), "target": None, "position": "", "linked": True,
    }  # fmt: skip


def _stream(workspace: Workspace, writer: Writer, mapping: Mapping, one: Due, run: int) -> Rebuilt:
    began, told = workspace.clock.monotonic(), Rebuilt(one.place.connection, one.place.stream)
    if one.was is not None and (one.target is None or one.was != one.place.entity):
        told.left += _clear(workspace, writer, Place(one.place.connection, one.place.stream, one.was))
    if one.target is None:
        with workspace.store.write() as tx:
            still_ours(tx, writer)
            rebuilding.forget_notices(tx, one.place)
            rebuilding.forget_quarantine(tx, one.place)
            mappings.drop_mapped(tx, one.place)
    else:
        _walk(workspace, writer, mapping, one, run, told)
    told.seconds = workspace.clock.monotonic() - began
    facts = {"connection": told.connection, "stream": told.stream}
    workspace.say("map.rebuilt", **facts, records=told.records, changed=told.changed, left=told.left)
    return told


def _clear(workspace: Workspace, writer: Writer, place: Place) -> int:
    """Nothing of this stream is an entity of that kind any more; how many were."""
    count = 0
    while True:
        with workspace.store.write() as tx:
            still_ours(tx, writer)
            ids = rebuilding.entity_ids(tx, place, AT_ONCE)
            landing.drop_entities(tx, place, ids)
        if not ids:
            return count
        count += len(ids)


def _walk(workspace: Workspace, writer: Writer, mapping: Mapping, one: Due, run: int, told: Rebuilt) -> None:
    place, config = one.place, workspace.config
    state = _row(workspace, mapping, place) | {"target": one.target, "digest": "", "linked": False}
    state["position"] = one.position
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        if not one.position:
            rebuilding.forget_notices(tx, place)
        mappings.put_mapped(tx, [state])
    how = Reading(place, mapping, config.timezone, config.base_currency, run)
    for ids, write in _pages(workspace, how, one.position, told):
        if workspace.stop.is_set():
            raise Stopped
        with workspace.store.write() as tx:
            still_ours(tx, writer)
            write(tx)
            mappings.put_mapped(tx, [state | {"position": ids[-1]}])
        workspace.say("map.page", connection=place.connection, stream=place.stream, records=told.records)
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        mappings.put_mapped(tx, [_row(workspace, mapping, place) | {"linked": False}])


def _pages(
    workspace: Workspace, how: Reading, position: str, told: Rebuilt
) -> Iterator[tuple[list[str], Callable[[Tx], None]]]:
    """Some records after the others: their ids, and what writes that which differs."""
    while True:
        with workspace.store.read() as tx:
            rows = raw.after(tx, how.place, position, AT_ONCE)
            if not rows:
                return
            ids = [row["remote_id"] for row in rows]
            stored = rebuilding.stored(tx, how.place, ids[0], ids[-1])
            unplaced = rebuilding.unplaced(tx, how.place, ids[0], ids[-1])
        page, void = work_anew(how, [row for row in rows if row["remote_id"] not in unplaced], workspace.clock.now())
        _narrow(page, stored)
        told.records += len(rows)
        told.changed += len(page.entities)
        told.left += len(page.not_entities)
        told.quarantined += len(page.quarantine)
        yield ids, _writing(how, ids, page, void)
        position = ids[-1]


def _writing(how: Reading, ids: list[str], page: Landing, void: list[str]) -> Callable[[Tx], None]:
    return lambda tx: rebuilding.rebuilt(tx, how.place, ids, page, void, how.run)


def _narrow(page: Landing, stored: dict[str, Row]) -> None:
    """Leave only what differs from what is stored."""
    page.entities = [row for row in page.entities if not _is_stored(row, stored.get(row["remote_id"]))]
    page.not_entities = [id for id in page.not_entities if id in stored]


def _is_stored(row: Row, before: Row | None) -> bool:
    return before is not None and all(row[name] == value for name, value in before.items())


def catch_up(workspace: Workspace, writer: Writer) -> list[Rebuilt]:
    """What a publish began, or a kill broke off: every stream follows its mapping, and its facts their accounts."""
    done = [told for name, mapping in workspace.mappings.items() for told in rebuild(workspace, writer, name, mapping)]
    with workspace.store.read() as tx:
        unlinked = mappings.is_unlinked(tx)
    if unlinked:
        link(workspace, writer)
    return done
