"""Which lanes of a stream are due, and where each goes on: what is new, late, deleted, and what is there at all.

Reads the store, calls nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection as Tx

from kamsync.engine.connections import Connection
from kamsync.engine.reading import AHEAD, Errand, window_from
from kamsync.plugin import Describes, ListsIds, ReadsGone, Stream, Window
from kamsync.store import described, sweeping
from kamsync.store.cursors import Cursors
from kamsync.store.landing import Place
from kamsync.store.tables import Row

OVERLAP = timedelta(minutes=5)
LOOK_BACK = timedelta(hours=2)  # at least so far
MOST_LOOK_BACK = timedelta(hours=24)  # beyond it the sweep is there
LOOK_BACK_EVERY = timedelta(hours=1)
SWEEP_EVERY = timedelta(hours=24)
GONE_EVERY = timedelta(minutes=30)  # where nobody waits: it is a call a stream, and nearly always brings nothing
FIELDS_EVERY = timedelta(minutes=15)
BACK = timedelta(minutes=1)  # a server's clock, told in whole seconds, may seem to have stepped back so far
IN_TIME = 0.999  # the share of late changes that the look-back must reach


@dataclass(slots=True)
class Due:
    """The errands of one stream. `begins`: a whole list is begun anew. `skipped`: lanes that the others cover."""

    errands: list[Errand] = field(default_factory=list)
    begins: bool = False
    skipped: list[str] = field(default_factory=list)


def due(
    tx: Tx,
    connection: Connection,
    stream: Stream,
    kept: Cursors,
    asked_at: datetime | None,
    *,
    full: bool = False,
    sweep: bool = False,
    soon: bool = False,
    routine: bool = False,
) -> Due:
    """Everything to be read of this stream now. `asked_at`: when its fields were asked for last.

    `soon`: only what is new, and only where that takes no whole list. `routine`: nobody waits for it, and nothing is
    decided on it; deletions have time.
    """
    now, known = connection.door.now(), kept.get("records")
    want = connection.mapping.wanted_fields(stream.name)
    base = Errand(connection.name, connection.session, stream, "", Window(None, now + AHEAD, want))
    records = _records(base, kept, parts=connection.door.concurrency, full=full)
    if soon:
        return Due([errand for errand in records if errand.purpose == "delta"])
    records = _described(records, asked_at, now)
    found = Due(list(records))
    whole = any(errand.notes for errand in records)
    found.begins = whole and (full or not _is_open(known))
    if isinstance(connection.session, ReadsGone):
        found.errands += _gone(base, kept, routine=routine)
    if known is None or not known["completed"]:
        return found
    if not whole and stream.incremental:
        swept = _sweep(tx, base, kept, connection, asked=sweep) if stream.lists_all else []
        found.begins = bool(swept) and not _is_open(kept.get("sweep"))
        found.errands += swept
        if stream.keeps_cursor:  # it goes by a ledger or state of its own, in which nothing comes late
            return found
        late = _look_back(tx, base, kept, records[0].window.lo)
        found.errands += late or []
        found.skipped += ["lookback"] if late is None else []
    return found


IDS = "ids"  # in place of a slice: a list of ids is being read, which only who has the list can go on with


def standing(connection: Connection, stream: Stream, kept: Cursors) -> list[Errand]:
    """What is left of a window that a person asked to be read again: it goes on after everything else, until done."""
    row = kept.get("backfill")
    if row is None or not _is_open(row) or row["slice"] == IDS:
        return []
    window = Window(row["lo"], row["hi"], connection.mapping.wanted_fields(stream.name))
    errand = Errand(connection.name, connection.session, stream, "backfill", window, purpose="backfill")
    return _resumed(errand, kept, row, connection.door.concurrency)


def _described(records: list[Errand], told: datetime | None, now: datetime) -> list[Errand]:
    """The first errand also asks for the fields, where that was long ago."""
    if not records or not isinstance(records[0].session, Describes):
        return records
    if _lately(told, now, FIELDS_EVERY):
        return records
    return [replace(records[0], describe=True), *records[1:]]


# ---- what is new


def _records(base: Errand, kept: Cursors, *, parts: int, full: bool) -> list[Errand]:
    stream, row = base.stream, kept.get("records")
    again = bool(row and row["completed"])
    if row is not None and _is_open(row) and not full:
        whole = row["began_at"] is not None
        one = replace(
            base, lane="records", notes=whole and again and _proves(stream), purpose="backfill" if whole else "delta"
        )
        return _resumed(one, kept, row, parts)
    position = row["position"] if row is not None and not full else None
    window = window_from(position, base.window.hi - AHEAD, stream, base.window.want, OVERLAP)
    whole = window.lo is None
    cursor = row["cursor"] if row is not None and not full and keeps(stream, "records") else None
    return [
        replace(
            base,
            lane="records",
            window=window,
            cursor=cursor,
            notes=whole and again and _proves(stream),
            parts=parts,
            purpose="backfill" if whole else "delta",
        )
    ]


def _proves(stream: Stream) -> bool:
    """Does reading it from the beginning show which records are no more?"""
    return stream.lists_all and not stream.keeps_cursor


def keeps(stream: Stream, lane: str) -> bool:
    """Does this lane's cursor outlive its window?"""
    return stream.keeps_cursor and lane == "records"


def _lately(last: datetime | None, now: datetime, every: timedelta) -> bool:
    """Was it done so short a time ago? A clock that was set back has done nothing yet."""
    return last is not None and -BACK <= now - last < every


def _is_open(row: Row | None) -> bool:
    """Is a window of this lane being read?"""
    return row is not None and row["hi"] is not None


def _resumed(errand: Errand, kept: Cursors, row: Row, parts: int = 1) -> list[Errand]:
    """The rest of a window that was begun: its own, or those of its parts that are not done."""
    pieces = kept.parts(errand.lane)
    if not pieces:
        return [replace(_at(errand, row), lane=errand.lane, parts=parts)]
    return [_at(replace(errand, lane=piece["lane"]), piece) for piece in pieces if not piece["completed"]]


def _at(errand: Errand, row: Row) -> Errand:
    cursor, through = row["cursor"], row["through_at"]
    lo = row["lo"] if cursor or through is None else through
    window = Window(lo, row["hi"], errand.window.want, row["slice"])
    return replace(errand, window=window, cursor=cursor, through=through)


# ---- what was deleted


def _gone(base: Errand, kept: Cursors, *, routine: bool) -> list[Errand]:
    """What was deleted before the first look was never here: the lane begins with the first whole read."""
    errand, row = replace(base, lane="gone", how="gone"), kept.get("gone")
    if row is not None and _is_open(row):
        return _resumed(errand, kept, row)
    if row is None or row["position"] is None:
        return []
    now = base.window.hi - AHEAD
    if routine and _lately(row["position"], now, GONE_EVERY):
        return []
    window = Window(min(row["position"], now) - OVERLAP, base.window.hi, base.window.want)
    return [replace(errand, window=window)]


# ---- what came late


def _look_back(tx: Tx, base: Errand, kept: Cursors, lo: datetime | None) -> list[Errand] | None:
    """The time before the newest window, once more; [] when that is not due, None when the window covers it."""
    errand, row = replace(base, lane="lookback"), kept.get("lookback")
    if row is not None and _is_open(row):
        return _resumed(errand, kept, row)
    now = base.window.hi - AHEAD
    if row is None or row["position"] is None or lo is None:
        return []
    if _lately(row["position"], now, LOOK_BACK_EVERY):
        return []
    begin = now - horizon(sweeping.lateness(tx, kept.place))
    if begin >= lo:
        return None
    return [replace(errand, window=Window(begin, lo, base.window.want))]


def horizon(lateness: list[tuple[int, int]]) -> timedelta:
    """How far to look back: what 99.9 % of this stream's changes needed to become visible, within bounds."""
    total, sum_, needed = sum(count for _, count in lateness), 0, 0
    for seconds, count in lateness:
        sum_, needed = sum_ + count, seconds
        if sum_ >= IN_TIME * total:
            break
    return min(max(LOOK_BACK, timedelta(seconds=needed)), MOST_LOOK_BACK)


# ---- what is there at all


def _sweep(tx: Tx, base: Errand, kept: Cursors, connection: Connection, *, asked: bool) -> list[Errand]:
    row, now, parts = kept.get("sweep"), base.window.hi - AHEAD, connection.door.concurrency
    last = row["position"] if row else None
    is_recent = _lately(last, now, SWEEP_EVERY) and not _forgotten(base.stream, kept.get("gone"), now)
    if is_recent and not asked and not _is_open(row):
        return []
    by_id = isinstance(connection.session, ListsIds) and not _silent(tx, base, kept.place)
    errand = replace(base, lane="sweep", notes=True, purpose="backfill", how="ids" if by_id else "read")
    return _resumed(errand, kept, row, parts) if row is not None and _is_open(row) else [replace(errand, parts=parts)]


def _silent(tx: Tx, base: Errand, place: Place) -> bool:
    """Is a mapped field one that may change without the record's stamp moving? Then ids alone show too little."""
    rows = described.fields(tx, place)
    return any(row["silent"] and row["here"] and name in base.window.want for name, row in rows.items())


def _forgotten(stream: Stream, gone: Row | None, now: datetime) -> bool:
    """Were we away for longer than the CRM remembers deletions?"""
    since = gone["position"] if gone else None
    return stream.remembers is not None and since is not None and now - since > stream.remembers
