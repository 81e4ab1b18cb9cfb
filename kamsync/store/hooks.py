"""What CRMs called about: noted once until it was looked at, however often they call; and who was asked to call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select, update

from kamsync.store.sql import fetch, insert_new, upsert
from kamsync.store.tables import Row, table
from kamsync.store.tables_hooks import HookRow, WatchRow

HOOK, WATCH = table(HookRow), table(WatchRow)


def ask(tx: Connection, connection: str, objects: Collection[str], at: datetime) -> None:
    """These objects are to be looked at."""
    place = {"connection": connection, "asked": 0, "done": 0, "at": at}
    insert_new(tx, HOOK, [place | {"object": object} for object in sorted(objects)])
    here = and_(HOOK.c.connection == connection, HOOK.c.object.in_(objects))
    tx.execute(update(HOOK).where(here).values(asked=HOOK.c.asked + 1, at=at))


def waiting(tx: Connection) -> list[Row]:
    """What was asked for and not looked at since."""
    query = select(HOOK).where(HOOK.c.asked > HOOK.c.done).order_by(HOOK.c.connection, HOOK.c.object)
    return fetch(tx, query)


def looked(tx: Connection, rows: Sequence[Row]) -> None:
    """These were looked at as they waited; what was asked for meanwhile goes on waiting."""
    for row in rows:
        here = (HOOK.c.connection == row["connection"], HOOK.c.object == row["object"], HOOK.c.done < row["asked"])
        tx.execute(update(HOOK).where(*here).values(done=row["asked"]))


def last(tx: Connection) -> dict[str, datetime]:
    """When each connection was last called for."""
    query = select(HOOK.c.connection, func.max(HOOK.c.at).label("at")).group_by(HOOK.c.connection)
    return {row["connection"]: row["at"] for row in fetch(tx, query)}


# ---- who was asked to call


def watches(tx: Connection) -> dict[str, Row]:
    return {row["connection"]: row for row in fetch(tx, select(WATCH))}


def put_watch(tx: Connection, connection: str, url: str, since: datetime, until: datetime | None) -> None:
    upsert(tx, WATCH, [{"connection": connection, "url": url, "since": since, "until": until}])


def drop_watch(tx: Connection, connection: str) -> None:
    tx.execute(delete(WATCH).where(WATCH.c.connection == connection))
