"""No war over a tag: where others change back what we write, we stop after the second write of a day.

A person says when to go on; or the wish changes and a day has passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection as Tx

from kamsync.engine.course import Concern
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text
from kamsync.store import Writer, concerns, contests, runs, still_ours
from kamsync.store.contests import GUARD, Place
from kamsync.store.tables import Row

FACET = "tags"
MOST = 2  # writes a day on one facet of one record
DAY = timedelta(days=1)
SAMPLE = 20
WHY = Text(
    "有人反复改动它:我们写的标签一天内两次不再作数,已停写。由人决定:kamsync hold list",
    "someone keeps changing it: what we wrote did not last twice within a day, so we stopped; decide it: "
    "kamsync hold list",
)


@dataclass(slots=True)
class Contests:
    """What is contested on one connection, as one plan comes to know it."""

    now: datetime
    writes: Mapping[Place, int]
    standing: Mapping[Place, Row]
    begun: list[Row] = field(default_factory=list)
    over: set[Place] = field(default_factory=set)

    def stops(self, state: Row) -> Text | None:
        """Why a change that is wanted here is not to be written; None: it may be."""
        place = _place(state)
        known = self.standing.get(place)
        if known is None and self.writes.get(place, 0) < MOST:
            return None
        if known is not None and self._is_old(known) and state["revision"] != known["revision"]:
            self.over.add(place)
            return None
        if known is None:
            names = ("connection", "stream", "remote_id", "facet", "account", "revision")
            self.begun.append({name: state[name] for name in names} | {"since": self.now})
        return WHY

    def is_as_wanted(self, state: Row) -> None:
        """The CRM holds what we want there: a day later nothing is contested any more."""
        known = self.standing.get(_place(state))
        if known is not None and self._is_old(known):
            self.over.add(_place(state))

    def _is_old(self, known: Row) -> bool:
        return bool(self.now - known["since"] >= DAY)


def _place(state: Row) -> Place:
    return state["stream"], state["remote_id"]


def look(workspace: Workspace, tx: Tx, connection: str) -> Contests:
    """What is contested on this connection now."""
    now = workspace.clock.now()
    return Contests(now, contests.writes(tx, connection, FACET, now - DAY), contests.standing(tx, connection, FACET))


def keep(workspace: Workspace, tx: Tx, connection: str, found: Contests) -> None:
    """What began and what is over, with the one hold that asks a person about all that stands."""
    contests.begin(tx, found.begun)
    contests.end(tx, connection, FACET, found.over)
    streams = {stream for stream, _ in found.standing} | {row["stream"] for row in found.begun}
    if not streams:
        return
    left = contests.standing(tx, connection, FACET)
    _tell(tx, connection, streams, left, found.now)
    hold = runs.held(tx, GUARD, connection, FACET)
    if left:
        runs.hold(tx, _hold(connection, left, found.now))
    elif hold is not None:
        runs.set_hold(tx, hold, "over", found.now)


def release(workspace: Workspace, writer: Writer, hold: Row) -> None:
    """A person let us go on: nothing is contested on this connection, and the day's count begins anew."""
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        streams = {stream for stream, _ in contests.standing(tx, hold["connection"], FACET)}
        contests.end(tx, hold["connection"], FACET)
        _tell(tx, hold["connection"], streams, {}, workspace.clock.now())


def _tell(tx: Tx, connection: str, streams: Iterable[str], left: Mapping[Place, Row], now: datetime) -> None:
    counts = Counter(stream for stream, _ in left)
    for stream in streams:
        found = [_concern(connection, stream, counts[stream]).row()] if counts[stream] else []
        concerns.put(tx, connection, stream, {GUARD}, found, now)


def _concern(connection: str, stream: str, count: int) -> Concern:
    where = f"{connection}/{stream}"
    text = Text(
        f"{where}:{count} 条记录上的标签有人反复改动,已停写",
        f"{where}: someone keeps changing our tags on {count} records; they are left alone",
    )
    return Concern(GUARD, text, "kamsync hold list")


def _hold(connection: str, left: Mapping[Place, Row], now: datetime) -> Row:
    count = len(left)
    return {
        "guard": GUARD,
        "connection": connection,
        "subject": FACET,
        "count": count,
        "of": 0,
        "sample": {"keys": ["/".join(place) for place in sorted(left)[:SAMPLE]]},
        "zh": f"{connection}:{count} 条记录上我们的标签有人反复改动(一天内写了 {MOST} 次),已停写,等人决定",
        "en": f"{connection}: someone keeps changing our tags on {count} records ({MOST} writes within a day); "
        "they are left alone until a person decides",
        "state": "held",
        "made_at": now,
    }
