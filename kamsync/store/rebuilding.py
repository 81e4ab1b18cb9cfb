"""Make entities anew from records that are kept: what a page of them became, written in one unit.

No deed of the CRM's: a reference that points elsewhere by another mapping is no merge, and what is left out is not
deleted. Only what differs from what is stored is written.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, func, select, update

from kamsync.store.entities import TABLES
from kamsync.store.landing import NOTICE, OURS, QUARANTINE, RAW, UNCOMPARED, Landing, Place, drop_entities, note
from kamsync.store.sql import fetch, upsert
from kamsync.store.tables import Row

AT_ONCE = 500


def stored(tx: Connection, place: Place, first: str, last: str) -> dict[str, Row]:
    """The entities of a stretch of ids, by id, as they are stored."""
    target = TABLES[place.entity]
    here = and_(target.c.connection == place.connection, target.c.stream == place.stream)
    columns = [column for column in target.c if column.name not in UNCOMPARED]
    rows = fetch(tx, select(*columns).where(here, target.c.remote_id.between(first, last)))
    return {row["remote_id"]: row for row in rows}


def unplaced(tx: Connection, place: Place, first: str, last: str) -> set[str]:
    """Records of a stretch that their connector could not place: no mapping can."""
    here = and_(QUARANTINE.c.connection == place.connection, QUARANTINE.c.stream == place.stream)
    query = select(QUARANTINE.c.remote_id).where(here, QUARANTINE.c.field == "")
    return set(tx.execute(query.where(QUARANTINE.c.remote_id.between(first, last))).scalars())


def rebuilt(tx: Connection, place: Place, ids: Sequence[str], page: Landing, void: Sequence[str], run: int) -> None:
    """These records by another mapping; `page` holds what differs, `void` what says by now that it is no more."""
    upsert(tx, TABLES[place.entity], page.entities, keep=("account_id", "changed_at"))
    upsert(tx, OURS, page.ours, keep=("role", "modified_at"))
    bad = {row["remote_id"] for row in page.quarantine}
    here = and_(QUARANTINE.c.connection == place.connection, QUARANTINE.c.stream == place.stream)
    healed = [id for id in ids if id not in bad]
    for start in range(0, len(healed), AT_ONCE):
        these = QUARANTINE.c.remote_id.in_(healed[start : start + AT_ONCE])
        tx.execute(delete(QUARANTINE).where(here, QUARANTINE.c.field != "", these))
    upsert(tx, QUARANTINE, page.quarantine)
    drop_entities(tx, place, page.not_entities)
    kept = and_(RAW.c.connection == place.connection, RAW.c.stream == place.stream, RAW.c.life == "live")
    for start in range(0, len(void), AT_ONCE):
        tx.execute(update(RAW).where(kept, RAW.c.remote_id.in_(void[start : start + AT_ONCE])).values(life="going"))
    note(tx, place, page.notices, run)


def forget_notices(tx: Connection, place: Place) -> None:
    """What was odd by the mapping of before."""
    tx.execute(delete(NOTICE).where(NOTICE.c.connection == place.connection, NOTICE.c.stream == place.stream))


def forget_quarantine(tx: Connection, place: Place) -> None:
    """No mapping reads this stream any more: nothing of it can be unreadable."""
    here = and_(QUARANTINE.c.connection == place.connection, QUARANTINE.c.stream == place.stream)
    tx.execute(delete(QUARANTINE).where(here))


def count(tx: Connection, connection: str, stream: str, entity: str) -> int:
    """How many entities of this kind a stream has made."""
    target = TABLES[entity]
    here = and_(target.c.connection == connection, target.c.stream == stream)
    return tx.execute(select(func.count()).select_from(target).where(here)).scalar_one()


def entity_ids(tx: Connection, place: Place, most: int) -> list[str]:
    """Some records of a stream that are entities of this kind."""
    target = TABLES[place.entity]
    here = and_(target.c.connection == place.connection, target.c.stream == place.stream)
    return list(tx.execute(select(target.c.remote_id).where(here).limit(most)).scalars())
