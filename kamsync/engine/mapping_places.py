"""Which stream a person means, and its records as they are kept: what every command about mappings begins with.

Reads the store only; no CRM is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection as Tx

from kamsync.engine.land import kept
from kamsync.engine.mapping_force import file_of
from kamsync.engine.verbs import known_connection
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping
from kamsync.plugin import ConfigError, Record, Text
from kamsync.plugin.document import did_you_mean
from kamsync.store import raw
from kamsync.store.landing import Place


def drafted(workspace: Workspace, connection: str) -> Mapping:
    """The connection's mapping file as it lies there; raises Problems with its mistakes."""
    name = known_connection(workspace, connection)
    return next(file_of(one, workspace.connectors) for one in workspace.config.connections if one.name == name)


def place_of(workspace: Workspace, connection: str, stream: str, mapping: Mapping | None = None) -> Place:
    """The stream of that name, or of that object's; raises ConfigError that lists those there are."""
    name = known_connection(workspace, connection)
    mapping = mapping or workspace.mappings[name]
    by_name = {one.casefold(): one for one in mapping.streams}
    found = by_name.get(stream.casefold()) or mapping.stream_of(stream)
    if found is not None:
        return Place(name, found, mapping.entities[found])
    listed = ", ".join(mapping.streams)
    hint = did_you_mean(stream, [*mapping.streams, *mapping.objects.values()])
    meant = hint or Text(f"可选:{listed}", f"there are: {listed}")
    raise ConfigError(
        Text(f"{name} 没有映射数据流 {stream};{meant.zh}", f"{name} maps no stream {stream}; {meant.en}"),
        next="kamsync map",
    )


def places(mapping: Mapping, connection: str) -> Iterator[Place]:
    """Every stream of a mapping."""
    for name, spec in mapping.specs.items():
        yield Place(connection, name, spec.entity)


def records(tx: Tx, place: Place) -> Iterator[list[Record]]:
    """All of a stream's records that count, some at a time."""
    for rows in raw.pages(tx, place):
        yield [kept(row) for row in rows]


def some(tx: Tx, place: Place, ids: Iterable[str]) -> list[Record]:
    """These records; raises ConfigError for an id of which nothing is kept."""
    wanted = list(ids)
    found = {row["remote_id"]: kept(row) for row in raw.these(tx, place, wanted)}
    for id in wanted:
        if id not in found:
            where = f"{place.connection}/{place.stream}"
            raise ConfigError(
                Text(f"{where} 没有保存过记录 {id}", f"no record {id} of {where} is kept"),
                next=f"kamsync pull {place.connection} {place.stream}",
            )
    return [found[id] for id in wanted]
