"""What reading would cost, before it begins: by the connector's own count, else by what the last one took.

Reads nothing but counts. What nobody can say stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from kamsync.engine import lanes
from kamsync.engine.connections import Connection
from kamsync.engine.counting import doing
from kamsync.engine.reading import Errand, most_parts
from kamsync.engine.streams import chosen, no_such_stream
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Forecast, Forecasts, KamsyncError, Stream
from kamsync.store import cursors, described, landing, spending
from kamsync.store.landing import Place
from kamsync.store.tables import Row

DAY = 86_400.0
COUNTING = "counting"  # what calls that only count are booked under


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
    """What a connection may still spend on such a job today. None: no limit is known.

    `opening`: (calls, credits) that signing in and looking at the tenant took, and will take again.
    """

    connection: str
    used: int
    allowed: int | None
    opening: tuple[int, int] = (0, 0)

    @property
    def left(self) -> int | None:
        return None if self.allowed is None else max(0, self.allowed - self.used)


@dataclass(slots=True)
class Prospect:
    """What a job would cost, and what may still be spent."""

    estimates: list[Estimate] = field(default_factory=list)
    purses: list[Purse] = field(default_factory=list)

    @property
    def of(self) -> dict[tuple[str, str], Estimate]:
        """By connection and stream."""
        return {(one.connection, one.stream): one for one in self.estimates}

    def credits(self, connection: str) -> int | None:
        """What it takes of one connection; None when that is not known of every stream."""
        return _sum(one.credits for one in self.estimates if one.connection == connection)

    def calls(self, connection: str) -> int | None:
        """As `credits`, in calls."""
        return _sum(one.calls for one in self.estimates if one.connection == connection)


def _sum(counts: Iterable[int | None]) -> int | None:
    """None as soon as one is not known."""
    told = list(counts)
    return None if None in told else sum(count for count in told if count is not None)


def prospect(
    workspace: Workspace,
    ready: Mapping[str, Connection],
    stream: str | None = None,
    only: Sequence[Errand] | None = None,
    *,
    full: bool = False,
    sweep: bool = False,
    large: bool = False,
) -> Prospect:
    """What a pull would take now: of everything that is due, or of `only` these errands.

    `large`: leave out streams of which only changes are due; counting those would cost as much as reading them.
    """
    if stream is not None and ready and not any(chosen(one, stream) for one in ready.values()):
        raise no_such_stream(dict(ready), stream)
    found = Prospect(purses=purses(ready.values()))
    for connection in ready.values():
        for each in chosen(connection, stream):
            errands = _due(workspace, connection, each, full=full, sweep=sweep) if only is None else only
            mine = [one for one in errands if (one.connection, one.stream.name) == (connection.name, each.name)]
            if any(one.purpose == "backfill" for one in mine) or not large:
                found.estimates.append(_estimate(workspace, connection, each, mine))
    return found


def purses(connections: Iterable[Connection]) -> list[Purse]:
    return [Purse(one.name, one.ledger.used(), one.ledger.allowed("backfill"), one.calls.of("")) for one in connections]


def _due(workspace: Workspace, connection: Connection, stream: Stream, *, full: bool, sweep: bool) -> list[Errand]:
    with workspace.store.read() as tx:
        kept = cursors.of(tx, _place(connection, stream))
        fields = described.known(tx, connection.name).get(stream.name, described.Known())
        errands = lanes.due(tx, connection, stream, kept, fields.looked_at, full=full, sweep=sweep).errands
    return errands if full else [*errands, *lanes.standing(connection, stream, kept)]


def _place(connection: Connection, stream: Stream) -> Place:
    return Place(connection.name, stream.name, stream.entity or "")


# ---- one stream


def _estimate(workspace: Workspace, connection: Connection, stream: Stream, errands: Sequence[Errand]) -> Estimate:
    """The sum of its errands; unknown as soon as one of them is."""
    place = _place(connection, stream)
    with workspace.store.read() as tx:
        past = {lane: spending.cost(tx, connection.name, stream.name, lane) for lane in ("records", "sweep")}
        stored = landing.live_count(tx, place)
    parts = [_part(connection, errand, past.get(errand.base), stored) for errand in errands]
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return Estimate(place.connection, place.stream)
    calls, credits = sum(part.calls for part in known), sum(part.credits for part in known)
    counted = isinstance(connection.session, Forecasts) or any(errand.how == "get" for errand in errands)
    return Estimate(
        place.connection,
        place.stream,
        _sum(part.records for part in known),
        calls,
        credits,
        _seconds(connection, calls, past["records"]),
        "count" if counted else "history",
    )


def _part(connection: Connection, errand: Errand, past: Row | None, stored: int) -> Forecast | None:
    """What one errand takes; None: nobody can say."""
    if errand.how == "get":
        count = len(errand.ids) - int((errand.cursor or "0").rpartition(" ")[2])
        return Forecast(count, count, count)
    if errand.how == "gone":
        return Forecast(1, 1, 0)  # a list of deletions rarely has a second page
    if errand.how == "read" and isinstance(connection.session, Forecasts):
        told = _counted(connection.session, errand)
        if told is not None:
            more = told.describing if errand.describe else 0
            return replace(told, calls=told.calls + more, credits=told.credits + more)
    return _as_before(past, stored) if errand.window.lo is None and errand.window.slice is None else None


def _counted(session: Forecasts, errand: Errand) -> Forecast | None:
    """By a count of what is left of its window."""
    window = errand.window
    if errand.through is not None:
        window = replace(window, lo=errand.through)
    elif errand.cursor is not None or window.slice is not None:
        return None  # somewhere in the middle, and no count tells where
    try:
        with doing(COUNTING, "backfill"):
            return session.forecast(errand.stream, window, most_parts(errand))
    except KamsyncError:
        return None  # a count that fails says nothing of the read


def _as_before(past: Row | None, stored: int) -> Forecast | None:
    """As much as the last one, in proportion to what is there now."""
    if past is None:
        return None
    share = stored / past["records"] if past["records"] else 1.0
    return Forecast(ceil(past["calls"] * share), ceil(past["credits"] * share), stored)


def _seconds(connection: Connection, calls: int, past: Row | None) -> float | None:
    """At the pace of the last one, and never faster than the tenant's limits; None where neither is known."""
    pace = past["seconds"] / past["calls"] * calls if past and past["calls"] else None
    wire = connection.connector.wire
    limits = wire.limits(connection.options) if wire is not None else ()
    floors = [
        one.seconds * (calls - one.amount) / one.amount
        for one in limits
        if one.unit == "call" and one.paths is None and 0 < one.seconds < DAY and calls > one.amount
    ]
    return max([*([pace] if pace is not None else []), *floors], default=None)
