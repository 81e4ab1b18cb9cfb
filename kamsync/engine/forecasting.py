"""What a large read would cost, before it begins: by the connector's own count, else by what the last one took.

Reads nothing but counts. What nobody can say stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from kamsync.engine.connections import Connection
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Forecasts, KamsyncError, Stream, Window
from kamsync.store import landing, spending
from kamsync.store.landing import Place


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one stream would take. `basis`: count (the CRM counted), history, or none."""

    connection: str
    stream: str
    records: int | None = None
    calls: int | None = None
    credits: int | None = None
    seconds: float | None = None
    basis: str = "none"


@dataclass(frozen=True, slots=True)
class Purse:
    """What a connection may still spend on such a job today. None: no limit is known."""

    connection: str
    used: int
    allowed: int | None

    @property
    def left(self) -> int | None:
        return None if self.allowed is None else max(0, self.allowed - self.used)


def estimate(workspace: Workspace, connection: Connection, stream: Stream, window: Window) -> Estimate:
    """What reading this window would take."""
    place = Place(connection.name, stream.name, stream.entity or "")
    with workspace.store.read() as tx:
        past, stored = spending.cost(tx, connection.name, stream.name), landing.live_count(tx, place)
    pace = past["seconds"] / past["calls"] if past and past["calls"] else None
    if isinstance(connection.session, Forecasts):
        try:
            told = connection.session.forecast(stream, window)
        except KamsyncError:
            told = None  # a count that fails says nothing of the read
        if told is not None:
            seconds = told.calls * pace if pace is not None else None
            return Estimate(place.connection, place.stream, told.records, told.calls, told.credits, seconds, "count")
    if past is None or window.lo is not None:
        return Estimate(place.connection, place.stream)
    share = stored / past["records"] if past["records"] else 1.0
    calls, credits = ceil(past["calls"] * share), ceil(past["credits"] * share)
    return Estimate(place.connection, place.stream, stored, calls, credits, past["seconds"] * share, "history")


def by_ids(connection: Connection, stream: Stream, count: int) -> Estimate:
    """Records asked for by id: at most a call each."""
    return Estimate(connection.name, stream.name, count, count, count, basis="count")


def purses(connections: Iterable[Connection]) -> list[Purse]:
    return [Purse(one.name, one.ledger.used(), one.ledger.allowed("backfill")) for one in connections]
