"""Read a window of one stream, or some of its records, again because a person asks: what it costs is told first.

It moves no cursor and takes nothing out of the files.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from kamsync.engine import forecasting
from kamsync.engine.connections import Connection
from kamsync.engine.forecasting import Estimate, Purse
from kamsync.engine.pull import PullReport, pull
from kamsync.engine.reading import AHEAD, Errand
from kamsync.engine.streams import chosen, no_such_stream
from kamsync.engine.verbs import connected_at_work, known_connection
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, Gets, Stream, Text, Window


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read again: a window of local days, both included, or ids."""

    since: date | None = None
    until: date | None = None
    ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Prospect:
    """What a job would cost, and what may still be spent."""

    estimates: list[Estimate] = field(default_factory=list)
    purses: list[Purse] = field(default_factory=list)


def prospect(workspace: Workspace, connection: str | None, stream: str | None, wanted: Wanted) -> Prospect:
    """Reckon the job without doing it."""
    names = None if connection is None else [known_connection(workspace, connection)]
    with connected_at_work(workspace, names) as (_, ready, troubles):
        if connection is not None and troubles:
            raise troubles[connection]
        found = Prospect(purses=forecasting.purses(ready.values()))
        for one in ready.values():
            for each in chosen(one, stream):
                found.estimates.append(_estimate(workspace, one, each, wanted))
        if stream is not None and not found.estimates:
            raise no_such_stream(ready, stream)
    return found


def _estimate(workspace: Workspace, connection: Connection, stream: Stream, wanted: Wanted) -> Estimate:
    if wanted.ids:
        return forecasting.by_ids(connection, stream, len(wanted.ids))
    return forecasting.estimate(workspace, connection, stream, _window(workspace, connection, stream, wanted))


def backfill(workspace: Workspace, connection: str, stream: str, wanted: Wanted) -> PullReport:
    """Read it again; what is newer here stays."""
    name = known_connection(workspace, connection)
    with connected_at_work(workspace, [name]) as (writer, ready, troubles):
        errands = [_errand(workspace, one, each, wanted) for one in ready.values() for each in chosen(one, stream)]
        return pull(workspace, writer, ready, troubles, stream=stream, only=errands)


def _errand(workspace: Workspace, connection: Connection, stream: Stream, wanted: Wanted) -> Errand:
    window = _window(workspace, connection, stream, wanted)
    parts = 1 if wanted.ids else connection.door.concurrency
    errand = Errand(connection.name, connection.session, stream, "backfill", window, purpose="backfill", parts=parts)
    if not wanted.ids:
        return errand
    if not isinstance(connection.session, Gets):
        raise ConfigError(
            Text(f"{connection.name} 不能按编号读取", f"{connection.name} cannot be read by id"),
            next=f"kamsync pull {connection.name} {stream.name} --since 2026-01-01",
        )
    return replace(errand, how="get", ids=wanted.ids, fresh=True)


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
