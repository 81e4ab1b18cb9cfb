"""Hold the store beside a simulated CRM's own truth, record for record. It reads the database file and nothing of ours.

A record is right when it is there, alive, with every value as the CRM has it, and in its customer's file.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from _drill_hands import Hands, TrueRecord

ENTITIES = ("member", "contact", "deal", "orders", "activity", "users")
KINDS = ("missing", "ghosts", "stale", "unfiled", "wrong home", "wrong alias", "passed over")
NEEDED = frozenset({
    "Modified_Time", "Owner", "Account_Name", "Phone", "Title", "Amount", "Grand_Total", "Subject", "What_Id",
    "last_modified_time", "owner", "name", "account_id", "tel", "job_title", "amount", "order_amount", "life_status",
    "related_object_data", "content",
})  # fmt: skip


@dataclass
class Differences:
    """How many of each kind, and a few of them in words."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)
    records: int = 0
    aliases: int = 0
    merges: int = 0

    def add(self, kind: str, what: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= 5:
            self.samples.append(f"{kind}: {what}")


def compare(store: Path, connection: str, hands: Hands) -> Differences:
    """Every record of one connection."""
    found = Differences(merges=len(hands.merged))
    with hands.tenant.lock, sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
        truth = {(one.stream, one.id): one for one in hands.truth()}
        found.records = len(truth)
        _bodies(db, connection, truth, found)
        _files(db, connection, truth, found)
        _aliases(db, connection, truth, hands.merged, found)
        _passed(db, connection, truth, hands, found)
    return found


Truth = Mapping[tuple[str, str], TrueRecord]


def _bodies(db: sqlite3.Connection, connection: str, truth: Truth, found: Differences) -> None:
    seen = set()
    query = "SELECT stream, remote_id, life, body FROM raw WHERE connection = ?"
    for stream, id, life, body in db.execute(query, (connection,)):
        true = truth.get((stream, id))
        if life != "live":
            continue
        if true is None:
            if not (stream == "users" and json.loads(body).get("status") == "deleted"):
                found.add("ghosts", f"{stream} {id}")
            continue
        seen.add((stream, id))
        wrong = _differs(json.loads(body), true.body)
        if wrong:
            found.add("stale", f"{stream} {id}: {wrong}")
    for stream, id in truth.keys() - seen:
        found.add("missing", f"{stream} {id} of {truth[stream, id].modified:%F %T}")


def _differs(stored: Mapping[str, Any], true: Mapping[str, Any]) -> str:
    """The first value that is not as the CRM has it; what was not asked for is not compared."""
    for name, value in true.items():
        if name in stored:
            if not same(stored[name], value):
                return f"{name} is {stored[name]!r}, should be {value!r}"
        elif name in NEEDED and _plain(value) is not None:
            return f"{name} is not there"
    return ""


def same(stored: Any, true: Any) -> bool:
    """One value, whatever its spelling: a lookup is its id, a tag its name, emptiness is one."""
    one, other = _plain(stored), _plain(true)
    if one == other:
        return True
    if isinstance(other, int | float | Decimal) and not isinstance(other, bool):
        return _number(one) == _number(other)
    return False


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get("id", value.get("name", dict(value)))
    if isinstance(value, list):
        return sorted(json.dumps(_plain(one), sort_keys=True, default=str) for one in value) or None
    return None if value in ("", "-None-") else value


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)).normalize()
    except InvalidOperation:
        return None


# ---- the customers' files


def _files(db: sqlite3.Connection, connection: str, truth: Truth, found: Differences) -> None:
    filed = set()
    aliases = {
        (stream, loser): final
        for stream, loser, final in db.execute(
            "SELECT stream, loser, final FROM alias WHERE connection = ? AND final IS NOT NULL", (connection,)
        )
    }
    home = {
        (stream, id): account
        for stream, id, account in db.execute(
            "SELECT stream, remote_id, account_id FROM member WHERE connection = ?", (connection,)
        )
    }
    for target in ENTITIES:
        points = target not in ("member", "users")
        columns = "stream, remote_id, account_id" + (", account_stream, account_ref" if points else "")
        query = f"SELECT {columns} FROM {target} WHERE connection = ?"
        for stream, id, account, *ref in db.execute(query, (connection,)):
            filed.add((stream, id))
            if (stream, id) not in truth and target != "users":
                found.add("ghosts", f"{stream} {id} has a file")
            if not points or ref[1] is None:
                continue
            to = (ref[0], aliases.get((ref[0], ref[1]), ref[1]))
            if account != home.get(to):
                found.add("wrong home", f"{stream} {id} points at {ref[1]}, is at {account}, not {home.get(to)}")
    aside = set(db.execute("SELECT stream, remote_id FROM quarantine WHERE connection = ?", (connection,)))
    for key in truth.keys() - filed - aside:
        found.add("unfiled", " ".join(key))


def _aliases(
    db: sqlite3.Connection, connection: str, truth: Truth, merged: Mapping[str, str], found: Differences
) -> None:
    query = "SELECT stream, loser, final, source FROM alias WHERE connection = ? AND final IS NOT NULL"
    for stream, loser, final, source in db.execute(query, (connection,)):
        found.aliases += 1
        end, steps = loser, 0
        while end in merged and steps < len(merged):
            end, steps = merged[end], steps + 1
        if (stream, loser) in truth:
            found.add("wrong alias", f"{stream} {loser} is alive, not {final} ({source})")
        elif end != final:
            found.add("wrong alias", f"{stream} {loser} is {end}, not {final} ({source})")


# ---- cursors


def passed(store: Path, connection: str, hands: Hands) -> Differences:
    """What a reading place has left behind: changed before it, not late, and not here. Of the latest changes only."""
    found = Differences()
    with hands.tenant.lock, sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
        truth = {}
        for id in hands.touched:
            at = hands.look(id)
            if at is not None and id in hands.where:
                truth[at[0], id] = TrueRecord(at[0], id, at[1], {})
        _passed(db, connection, truth, hands, found)
    return found


def _passed(db: sqlite3.Connection, connection: str, truth: Truth, hands: Hands, found: Differences) -> None:
    query = "SELECT stream, position FROM cursor WHERE connection = ? AND lane = 'records' AND completed > 0"
    places = {stream: _moment(at) for stream, at in db.execute(query, (connection,)) if at is not None}
    for (stream, id), true in truth.items():
        if id in hands.late or stream == "users" or true.modified >= places.get(stream, _FIRST):
            continue
        row = db.execute(
            "SELECT modified_at FROM raw WHERE connection = ? AND stream = ? AND remote_id = ?",
            (connection, stream, id),
        ).fetchone()
        if row is None or row[0] is None or _moment(row[0]) < true.modified - timedelta(milliseconds=1):
            found.add("passed over", f"{stream} {id} of {true.modified:%F %T}, the place is {places[stream]:%F %T}")


_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(text: str | int) -> datetime:
    if isinstance(text, int):
        return datetime.fromtimestamp(text / 1_000_000, UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def total(found: Iterable[Differences]) -> Counter[str]:
    """All of them together."""
    counts: Counter[str] = Counter()
    for one in found:
        counts.update(one.counts)
    return counts
