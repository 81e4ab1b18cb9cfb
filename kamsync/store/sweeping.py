"""Whole lists beside what is stored: which ids were seen, which were missed how often, how late changes come.

Marks only; nothing is taken out of the files here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, literal, select, update

from kamsync.plugin import Record
from kamsync.store.landing import RAW, Place
from kamsync.store.sql import upsert
from kamsync.store.tables import table
from kamsync.store.tables_watch import LatenessRow, MissedRow, SeenRow

SEEN, MISSED, LATENESS = table(SeenRow), table(MissedRow), table(LatenessRow)
CHUNK = 500


def note(tx: Connection, place: Place, records: Sequence[Record], stale: set[str]) -> None:
    """These ids were listed; of the `stale` ones something else is stored, or nothing."""
    key = {"connection": place.connection, "stream": place.stream}
    rows = {
        one.id: {"remote_id": one.id, "stale": one.id in stale, "modified_at": one.modified}
        for one in records
        if one.id
    }
    upsert(tx, SEEN, [key | row for row in rows.values()])


def count(tx: Connection, place: Place) -> int:
    """How many ids the list under way has shown."""
    return int(tx.execute(select(func.count()).select_from(SEEN).where(_at(SEEN, place))).scalar_one())


def stale(tx: Connection, place: Place) -> list[tuple[str, datetime | None]]:
    """(id, listed stamp) of what the list showed and the store does not hold so."""
    query = (
        select(SEEN.c.remote_id, SEEN.c.modified_at).where(_at(SEEN, place), SEEN.c.stale).order_by(SEEN.c.remote_id)
    )
    return [(row.remote_id, row.modified_at) for row in tx.execute(query)]


def settle(tx: Connection, place: Place, began: datetime, at: datetime) -> int:
    """The list is complete: who was missing in it is missing once more, who was seen is no longer. How many miss."""
    seen = exists().where(
        SEEN.c.connection == RAW.c.connection, SEEN.c.stream == RAW.c.stream, SEEN.c.remote_id == RAW.c.remote_id
    )
    absent = and_(_at(RAW, place), RAW.c.life == "live", RAW.c.landed_at < began, ~seen)
    ids = select(RAW.c.remote_id).where(absent)
    tx.execute(delete(MISSED).where(_at(MISSED, place), MISSED.c.remote_id.not_in(ids)))
    tx.execute(update(MISSED).where(_at(MISSED, place)).values(lists=MISSED.c.lists + 1))
    known = select(MISSED.c.remote_id).where(_at(MISSED, place))
    fresh = select(
        RAW.c.connection,
        RAW.c.stream,
        RAW.c.remote_id,
        literal(1),
        literal(at, MISSED.c.since.type),
        literal(value=False),
    ).where(absent, RAW.c.remote_id.not_in(known))
    names = ["connection", "stream", "remote_id", "lists", "since", "hidden"]
    tx.execute(MISSED.insert().from_select(names, fresh))
    forget(tx, place)
    return int(tx.execute(select(func.count()).select_from(MISSED).where(_at(MISSED, place))).scalar_one())


def forget(tx: Connection, place: Place) -> None:
    """A new list begins: nothing was seen yet."""
    tx.execute(delete(SEEN).where(_at(SEEN, place)))


def missed(tx: Connection, place: Place, lists: int = 1) -> list[str]:
    """Live records that so many whole lists in a row did not show; those not known to be hidden first."""
    query = select(MISSED.c.remote_id).where(_at(MISSED, place), MISSED.c.lists >= lists)
    return list(tx.execute(query.order_by(MISSED.c.hidden, MISSED.c.since, MISSED.c.remote_id)).scalars())


def hidden(tx: Connection, place: Place, ids: Sequence[str]) -> None:
    """The CRM would not say whether these are there."""
    for start in range(0, len(ids), CHUNK):
        here = and_(_at(MISSED, place), MISSED.c.remote_id.in_(ids[start : start + CHUNK]))
        tx.execute(update(MISSED).where(here).values(hidden=True))


def found_again(tx: Connection, place: Place, ids: Sequence[str]) -> None:
    """These were not listed and are there all the same, or their end is proven: the question is closed."""
    for start in range(0, len(ids), CHUNK):
        tx.execute(delete(MISSED).where(_at(MISSED, place), MISSED.c.remote_id.in_(ids[start : start + CHUNK])))


def going(tx: Connection, place: Place, ids: Sequence[str]) -> None:
    """It is proven that these are no more: they leave with the run's other deletions, under their guard."""
    for start in range(0, len(ids), CHUNK):
        here = and_(_at(RAW, place), RAW.c.remote_id.in_(ids[start : start + CHUNK]), RAW.c.life == "live")
        tx.execute(update(RAW).where(here).values(life="going"))


def newest(tx: Connection, place: Place, lo: datetime, hi: datetime, most: int) -> list[tuple[str, datetime]]:
    """(id, stamp) of the live records last changed in a window."""
    query = select(RAW.c.remote_id, RAW.c.modified_at).where(
        _at(RAW, place), RAW.c.life == "live", RAW.c.modified_at >= lo, RAW.c.modified_at < hi
    )
    return [(row[0], row[1]) for row in tx.execute(query.order_by(RAW.c.modified_at.desc()).limit(most))]


# ---- how late changes become visible


def late(tx: Connection, place: Place, samples: Iterable[int]) -> None:
    """Count changes by how many seconds late they became visible (0: in time)."""
    tally: dict[int, int] = {}
    for seconds in samples:
        tally[seconds] = tally.get(seconds, 0) + 1
    before = dict(lateness(tx, place)) if tally else {}
    key = {"connection": place.connection, "stream": place.stream}
    upsert(tx, LATENESS, [key | {"seconds": s, "count": n + before.get(s, 0)} for s, n in tally.items()])


def lateness(tx: Connection, place: Place) -> list[tuple[int, int]]:
    """(seconds, count), least late first."""
    query = select(LATENESS.c.seconds, LATENESS.c.count).where(_at(LATENESS, place)).order_by(LATENESS.c.seconds)
    return [(row[0], row[1]) for row in tx.execute(query)]


def _at(target: Any, place: Place) -> Any:
    return and_(target.c.connection == place.connection, target.c.stream == place.stream)
