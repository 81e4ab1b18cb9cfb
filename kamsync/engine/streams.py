"""Which streams a pull is about: those a person names, those that are offered, those that were and are not any more."""

from __future__ import annotations

from collections.abc import Collection

from kamsync.engine.connections import Connection
from kamsync.engine.course import StreamReport
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, Refused, Stream, Text
from kamsync.store import cursors


def chosen(connection: Connection, stream: str | None) -> list[Stream]:
    if stream is None:
        return connection.streams
    return [one for one in connection.streams if stream.casefold() in (one.name.casefold(), one.object.casefold())]


def called_for(connection: Connection, objects: Collection[str]) -> list[Stream]:
    """The streams of these objects, whichever name the CRM calls them by."""
    wanted = {object.casefold() for object in objects}
    return [one for one in connection.streams if wanted & {name.casefold() for name in (one.object, *one.stands_for)}]


def lost(workspace: Workspace, connection: Connection) -> list[StreamReport]:
    """Streams that were read before and that the tenant does not offer any more: a right was taken away."""
    with workspace.store.read() as tx:
        read = cursors.completed(tx)
    gone = [gap for gap in connection.missing if (connection.name, gap[0]) in read]
    return [StreamReport(connection.name, name, object, trouble=_hidden(object)) for name, object in gone]


def _hidden(object: str) -> Refused:
    return Refused(
        Text(
            f"此前读到过 {object},现在 CRM 不再提供", f"{object} was read before and the CRM does not offer it any more"
        ),
        code="hidden",
        next="kamsync doctor",
    )


def no_such_stream(ready: dict[str, Connection], stream: str) -> ConfigError:
    known = ", ".join(sorted({one.name for connection in ready.values() for one in connection.streams}))
    return ConfigError(
        Text(f"没有名为 {stream} 的数据流;可选:{known}", f"there is no stream {stream}; there are: {known}"),
        next="kamsync pull",
    )
