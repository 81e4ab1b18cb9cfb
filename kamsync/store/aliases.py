"""Records that were merged away: loser to winner, chains followed to their end, and what made us believe it.

An alias ends when its loser comes back. A merge that the CRM does not tell is inferred from children that moved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from kamsync.store.entities import TABLES
from kamsync.store.sql import fetch, upsert
from kamsync.store.tables import AliasRow, RawRow, Row, table
from kamsync.store.tables_watch import MovedRow

ALIAS, MOVED, RAW = table(AliasRow), table(MovedRow), table(RawRow)
FACTS = [target for name, target in TABLES.items() if "account_ref" in target.c and name != "account"]
ENOUGH = 2  # children that must have moved to one record before a merge is believed that nobody told
REMEMBERED = timedelta(days=7)  # how long after it moved a child speaks of a merge
CHUNK = 500
_PROPOSED = {"source": "proposed"}

Place = tuple[str, str]  # connection, stream


@dataclass(frozen=True, slots=True)
class Merge:
    """One record that was merged into another, told or (with its evidence) inferred."""

    connection: str
    stream: str
    loser: str
    winner: str
    source: str  # said | inferred | proposed


# ---- what the CRM tells


def put(
    tx: Connection,
    place: Place,
    merged: Mapping[str, str],
    at: datetime,
    *,
    source: str = "said",
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Each loser is now its winner; what hangs on it is looked at again."""
    before = _rows(tx, place)
    rows = dict(before)
    for loser, winner in merged.items():
        if loser == winner:
            continue
        known = rows.get(loser)
        if known is not None and known["winner"] == winner and known["source"] in (source, "said"):
            continue
        given = {"winner": winner, "source": source, "evidence": (evidence or {}).get(loser), "seen_at": at}
        rows[loser] = {"connection": place[0], "stream": place[1], "loser": loser, "joined": False} | given
        if _end(rows, winner) in (loser, None):  # whoever wins is alive: it was not merged away after all
            rows.pop(winner, None)
    _keep(tx, place, before, rows)


def back(tx: Connection, place: Place, ids: Iterable[str]) -> list[str]:
    """These are alive: whoever of them was thought merged away is itself again. Which ones."""
    before = _rows(tx, place, only=list(ids))
    if not before:
        return []
    every = _rows(tx, place)
    _keep(tx, place, every, {loser: row for loser, row in every.items() if loser not in before})
    _unmove(tx, place, sorted(before))  # what spoke for that merge says nothing of a later end
    return sorted(before)


def forget(tx: Connection, place: Place, ids: Sequence[str]) -> None:
    """These ids stand for other records now: nothing that was merged with the old ones is theirs."""
    before, own = _rows(tx, place), set(ids)
    _keep(tx, place, before, {
        loser: row for loser, row in before.items() if loser not in own and row["winner"] not in own
    })  # fmt: skip
    _unmove(tx, place, ids)


def _unmove(tx: Connection, place: Place, ids: Sequence[str]) -> None:
    for chunk in _chunks(ids):
        here = and_(MOVED.c.connection == place[0], MOVED.c.from_stream == place[1], MOVED.c.from_ref.in_(chunk))
        tx.execute(delete(MOVED).where(here))


def _rows(tx: Connection, place: Place, only: Sequence[str] | None = None) -> dict[str, Row]:
    query = select(ALIAS).where(ALIAS.c.connection == place[0], ALIAS.c.stream == place[1])
    if only is None:
        return {row["loser"]: row for row in fetch(tx, query)}
    found: dict[str, Row] = {}
    if tx.execute(query.limit(1)).first() is not None:  # of most streams no record was ever merged
        for chunk in _chunks(only):
            found.update({row["loser"]: row for row in fetch(tx, query.where(ALIAS.c.loser.in_(chunk)))})
    return found


def _end(rows: Mapping[str, Row], id: str) -> str | None:
    """Where the chain from here ends; None: it goes in a circle. A proposal leads nowhere."""
    seen = {id}
    while (row := rows.get(id)) is not None and row["source"] != "proposed":
        id = row["winner"]
        if id in seen:
            return None
        seen.add(id)
    return id


def _keep(tx: Connection, place: Place, before: Mapping[str, Row], rows: Mapping[str, Row]) -> None:
    """Write what changed, each alias with the end of its chain, and wake what hangs on those that end elsewhere."""
    over = [loser for loser in before if loser not in rows]
    for chunk in _chunks(over):
        here = and_(ALIAS.c.connection == place[0], ALIAS.c.stream == place[1], ALIAS.c.loser.in_(chunk))
        tx.execute(delete(ALIAS).where(here))
    new: list[Row] = []
    woken = [loser for loser in over if before[loser]["final"] is not None]
    for loser, row in rows.items():
        final = None if row["source"] == "proposed" else _end(rows, loser)
        was = before.get(loser)
        same_end = final == (was["final"] if was is not None else None)
        if not same_end:
            woken.append(loser)
        if not same_end or row is not was:
            new.append(row | {"final": final, "joined": row["joined"] and same_end})
    upsert(tx, ALIAS, new)
    wake(tx, place, woken)


def wake(tx: Connection, place: Place, ids: Sequence[str]) -> None:
    """Whatever points at these records is to be given its account anew."""
    for chunk in _chunks(ids):
        for target in FACTS:
            here = and_(
                target.c.connection == place[0],
                target.c.account_stream == place[1],
                target.c.account_ref.in_(chunk),
            )
            tx.execute(update(target).where(here).values(dirty=True))


# ---- what nobody tells


def moved(tx: Connection, place: Place, entity: str, rows: Sequence[Row], at: datetime) -> None:
    """Remember which of these records (of which an older version is stored) now belong to another customer."""
    target = TABLES[entity]
    if target not in FACTS or not rows:
        return
    now = {row["remote_id"]: (row["account_stream"], row["account_ref"]) for row in rows}
    found: list[Row] = []
    for chunk in _chunks(list(now)):
        query = select(target.c.remote_id, target.c.account_stream, target.c.account_ref).where(
            target.c.connection == place[0], target.c.stream == place[1], target.c.remote_id.in_(chunk)
        )
        for id, stream, ref in tx.execute(query):
            to = now[id]
            if ref is not None and to[1] is not None and to[0] == stream and to[1] != ref:
                key = {"connection": place[0], "stream": place[1], "remote_id": id}
                found.append(key | {"from_stream": stream, "from_ref": ref, "to_ref": to[1], "at": at})
    upsert(tx, MOVED, found)


def infer(tx: Connection, at: datetime) -> list[Merge]:
    """Merges that the CRM told as plain deletions: most children of the deleted record moved to one other.

    With one child only it stays a proposal, which nothing follows.
    """
    tx.execute(delete(MOVED).where(MOVED.c.at < at - REMEMBERED))
    found: list[Merge] = []
    for place, losers in _evidence(tx).items():
        known = _rows(tx, place)
        lives = _lives(tx, place, {*losers, *(to for moves in losers.values() for to in moves)})
        winners: dict[str, tuple[str, int, int]] = {}
        gone = [id for id in losers if lives.get(id) == "gone" and known.get(id, _PROPOSED)["source"] == "proposed"]
        left = _still_there(tx, place, gone)
        for loser in gone:
            winner, count = max(losers[loser].items(), key=lambda item: (item[1], item[0]))
            of = sum(losers[loser].values()) + left.get(loser, 0)
            if 2 * count > of and (loser not in known or count >= ENOUGH):
                winners[loser] = (winner, count, of)
        sound = {id for id in winners if _ends_alive({k: v[0] for k, v in winners.items()}, known, lives, id)}
        for source, chosen in (
            ("inferred", {id for id in sound if winners[id][1] >= ENOUGH}),
            ("proposed", {id for id in sound if winners[id][1] < ENOUGH}),
        ):
            evidence = {id: {"moved": winners[id][1], "of": winners[id][2]} for id in chosen}
            put(tx, place, {id: winners[id][0] for id in sorted(chosen)}, at, source=source, evidence=evidence)
            found += [Merge(*place, id, winners[id][0], source) for id in sorted(chosen)]
    return found


def _evidence(tx: Connection) -> dict[Place, dict[str, dict[str, int]]]:
    """Per stream of customers: each record that children left, and how many of them went where."""
    query = select(MOVED.c.connection, MOVED.c.from_stream, MOVED.c.from_ref, MOVED.c.to_ref, func.count())
    found: dict[Place, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for connection, stream, left, to, count in tx.execute(query.group_by(*query.selected_columns[:4])):
        found[connection, stream][left][to] = count
    return found


def _lives(tx: Connection, place: Place, ids: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in _chunks(sorted(ids)):
        query = select(RAW.c.remote_id, RAW.c.life).where(
            RAW.c.connection == place[0], RAW.c.stream == place[1], RAW.c.remote_id.in_(chunk)
        )
        found.update({row.remote_id: row.life for row in tx.execute(query)})
    return found


def _still_there(tx: Connection, place: Place, ids: Sequence[str]) -> dict[str, int]:
    """How many records still point at each."""
    found: dict[str, int] = defaultdict(int)
    for chunk in _chunks(ids):
        for target in FACTS:
            here = and_(target.c.connection == place[0], target.c.account_stream == place[1])
            query = select(target.c.account_ref, func.count()).where(here, target.c.account_ref.in_(chunk))
            for id, count in tx.execute(query.group_by(target.c.account_ref)):
                found[id] += count
    return found


def _ends_alive(fresh: Mapping[str, str], known: Mapping[str, Row], lives: Mapping[str, str], id: str) -> bool:
    """Does the chain from here end at a record that is there?"""
    seen: set[str] = set()
    while id not in seen:
        seen.add(id)
        row = known.get(id)
        to = fresh.get(id) or (row["winner"] if row and row["source"] != "proposed" else None)
        if to is None:
            return lives.get(id, "live") == "live"
        id = to
    return False


# ---- who follows


def unjoined(tx: Connection) -> list[Row]:
    """Aliases whose accounts were not yet looked at."""
    return fetch(tx, select(ALIAS).where(ALIAS.c.final.is_not(None), ~ALIAS.c.joined).order_by(*ALIAS.primary_key))


def joined(tx: Connection, rows: Sequence[Row]) -> None:
    upsert(tx, ALIAS, [row | {"joined": True} for row in rows])


def finals(tx: Connection, connection: str) -> dict[tuple[str, str], str]:
    """(stream, loser) -> the record that it is now, of one connection."""
    query = select(ALIAS.c.stream, ALIAS.c.loser, ALIAS.c.final).where(
        ALIAS.c.connection == connection, ALIAS.c.final.is_not(None)
    )
    return {(row.stream, row.loser): row.final for row in tx.execute(query)}


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
