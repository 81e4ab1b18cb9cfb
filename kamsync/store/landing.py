"""Land pages: records, entities, gone marks, quarantine, cursor and dirty marks become true together.

The caller holds the write unit. What did not change is not written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, delete, func, select, union, union_all, update

from kamsync.model import Member
from kamsync.plugin import Gone
from kamsync.store import aliases, clues
from kamsync.store.entities import KEY, TABLES
from kamsync.store.sql import fetch, upsert
from kamsync.store.tables import (
    AccountRow,
    LinkRow,
    NoticeRow,
    OursRow,
    QuarantineRow,
    RawRow,
    Row,
    table,
)

MEMBER, RAW, QUARANTINE = TABLES["account"], table(RawRow), table(QuarantineRow)
UNCOMPARED = ("account_id", "dirty", "changed_at")  # whose it is, what linking still has to do, since when it says so
OURS, ACCOUNT, LINK, NOTICE = table(OursRow), table(AccountRow), table(LinkRow), table(NoticeRow)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page belongs."""

    connection: str
    stream: str
    entity: str


@dataclass(slots=True)
class Landing:
    """A page, worked out and ready to be written. Entity rows carry their columns without the key."""

    raw: list[Row] = field(default_factory=list)
    again: list[str] = field(default_factory=list)  # ids in `raw` that were stored before
    entities: list[Row] = field(default_factory=list)
    quarantine: list[Row] = field(default_factory=list)
    ours: list[Row] = field(default_factory=list)
    not_entities: list[str] = field(default_factory=list)  # ids that must have no entity row: rejected, ours, skipped
    notices: dict[tuple[str, str], int] = field(default_factory=dict)


def known(tx: Connection, place: Place, ids: Sequence[str]) -> dict[str, tuple[str, datetime | None, str]]:
    """What is stored of these ids: (hash, modified, life)."""
    found: dict[str, tuple[str, datetime | None, str]] = {}
    for start in range(0, len(ids), CHUNK):
        rows = tx.execute(
            select(RAW.c.remote_id, RAW.c.hash, RAW.c.modified_at, RAW.c.life).where(
                _at(RAW, place), RAW.c.remote_id.in_(ids[start : start + CHUNK])
            )
        )
        found.update({row.remote_id: (row.hash, row.modified_at, row.life) for row in rows})
    return found


def _at(target: Any, place: Place) -> Any:
    return and_(target.c.connection == place.connection, target.c.stream == place.stream)


def land(tx: Connection, place: Place, page: Landing) -> None:
    """Write what a page brought (all but its cursor)."""
    here = (place.connection, place.stream)
    if page.again:
        known = set(page.again)
        moved = [row for row in page.entities if row["remote_id"] in known]
        aliases.moved(tx, here, place.entity, moved, page.raw[0]["landed_at"])
    upsert(tx, RAW, page.raw)
    aliases.back(tx, here, [row["remote_id"] for row in page.raw if row["life"] == "live"])
    target = TABLES[place.entity]
    if place.entity == "account" and page.again:
        _keep_ages(tx, place, page)
    upsert(tx, target, page.entities, keep=("account_id",))
    upsert(tx, QUARANTINE, page.quarantine)
    upsert(tx, OURS, page.ours, keep=("role", "modified_at"))
    healed = sorted(set(page.again).difference(row["remote_id"] for row in page.quarantine))
    for chunk in _chunks(healed):
        tx.execute(delete(QUARANTINE).where(_at(QUARANTINE, place), QUARANTINE.c.remote_id.in_(chunk)))
    drop_entities(tx, place, page.not_entities)
    note(tx, place, page.notices, page.raw[0]["run"] if page.raw else 0)


def _keep_ages(tx: Connection, place: Place, page: Landing) -> None:
    """Customers that are as they were (only tags moved, ours perhaps) are no newer than before."""
    again = set(page.again)
    came = {row["remote_id"]: row for row in page.entities if row["remote_id"] in again}
    compared = [column.name for column in MEMBER.c if column.name not in UNCOMPARED]
    for chunk in _chunks(list(came)):
        for before in fetch(tx, select(MEMBER).where(_at(MEMBER, place), MEMBER.c.remote_id.in_(chunk))):
            row = came[before["remote_id"]]
            if all(row[name] == before[name] for name in compared):
                row["changed_at"] = before["changed_at"]


def note(tx: Connection, place: Place, notices: Mapping[tuple[str, str], int], run: int) -> None:
    """So many more records were odd in these ways."""
    for (name, value), count in notices.items():
        key = (_at(NOTICE, place), NOTICE.c.field == name, NOTICE.c.value == value)
        before = tx.execute(select(NOTICE.c.count).where(*key)).scalar() or 0
        row = {"connection": place.connection, "stream": place.stream, "field": name, "value": value}
        upsert(tx, NOTICE, [row | {"count": before + count, "run": run}])


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def drop_entities(tx: Connection, place: Place, ids: Sequence[str]) -> None:
    """Take these records out of the accounts' files; the accounts they counted for become dirty."""
    target = TABLES[place.entity]
    for chunk in _chunks(ids):
        here = and_(_at(target, place), target.c.remote_id.in_(chunk))
        accounts = select(target.c.account_id).where(here, target.c.account_id.is_not(None)).distinct()
        tx.execute(update(ACCOUNT).where(ACCOUNT.c.id.in_(accounts)).values(dirty=True))
        tx.execute(delete(target).where(here))
        if place.entity == "account":
            clues.drop(tx, place.connection, place.stream, chunk)


def mark_gone(tx: Connection, place: Place, gone: Sequence[Gone], at: datetime) -> None:
    """The CRM says these are no more: noted with the page, effective when the whole run has landed."""
    times = {one.id: one.at for one in gone}
    for chunk in _chunks(list(times)):
        here = and_(_at(RAW, place), RAW.c.remote_id.in_(chunk), RAW.c.life == "live")
        kept = tx.execute(select(RAW.c.remote_id, RAW.c.modified_at).where(here)).all()
        over = [row.remote_id for row in kept if not _is_later(row.modified_at, times[row.remote_id])]
        tx.execute(update(RAW).where(here, RAW.c.remote_id.in_(over)).values(life="going"))
    merged = {one.id: one.into for one in gone if one.into is not None}
    if merged:
        aliases.put(tx, (place.connection, place.stream), merged, at)


def _is_later(changed: datetime | None, gone: datetime | None) -> bool:
    """Was it changed after that deletion? Then it is back, or the id is another record's by now."""
    return changed is not None and gone is not None and changed > gone


def going(tx: Connection) -> dict[tuple[str, str], list[str]]:
    """Records said to be gone that still count, by (connection, stream)."""
    found: dict[tuple[str, str], list[str]] = {}
    key = (RAW.c.connection, RAW.c.stream, RAW.c.remote_id)
    for row in tx.execute(select(*key).where(RAW.c.life == "going").order_by(*key)):
        found.setdefault((row.connection, row.stream), []).append(row.remote_id)
    return found


def bury(tx: Connection, place: Place, ids: Sequence[str]) -> int:
    """These are out of the accounts' files from now on; their raw record stays."""
    count = 0
    for chunk in _chunks(ids):
        here = and_(_at(RAW, place), RAW.c.remote_id.in_(chunk), RAW.c.life != "gone")
        count += tx.execute(update(RAW).where(here).values(life="gone")).rowcount
        mine = and_(OURS.c.connection == place.connection, OURS.c.stream == place.stream, OURS.c.remote_id.in_(chunk))
        tx.execute(update(OURS).where(mine).values(gone=True))
    drop_entities(tx, place, ids)
    if place.entity == "account":  # what points at a customer that is gone belongs to nobody, whenever it was read
        aliases.wake(tx, (place.connection, place.stream), ids)
    return count


def held_accounts(tx: Connection) -> set[str]:
    """Accounts touched by deletions that wait for a person: neither judged nor written."""
    return {row.account_id for row in tx.execute(_HELD)}


def _waiting(target: Table) -> Select[tuple[str]]:
    """The accounts of this table's rows whose record is said to be gone and still counts."""
    same = [target.c[name] == RAW.c[name] for name in KEY]
    return select(target.c.account_id).where(RAW.c.life == "going", *same, target.c.account_id.is_not(None))


_HELD = union(*map(_waiting, TABLES.values()))


def live_count(tx: Connection, place: Place) -> int:
    here = and_(_at(RAW, place), RAW.c.life == "live")
    return tx.execute(select(func.count()).select_from(RAW).where(here)).scalar_one()


def names(tx: Connection, members: Sequence[Member]) -> dict[Member, str]:
    """What these records are called in their CRM, where they have a name or number."""
    found: dict[Member, str] = {}
    wanted = set(members)
    words = {one: one.c.get("name", one.c.get("number")) for one in TABLES.values()}
    for chunk in _chunks([member.remote_id for member in members]):
        queries = (
            select(*(one.c[name] for name in KEY), word.label("word")).where(one.c.remote_id.in_(chunk))
            for one, word in words.items()
            if word is not None
        )
        for row in tx.execute(union_all(*queries)):
            member = Member(row.connection, row.stream, row.remote_id)
            if member in wanted and row.word:
                found[member] = row.word
    return found
