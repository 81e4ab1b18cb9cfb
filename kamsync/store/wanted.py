"""What should be true in the CRMs: duties by their key, states by facet, and what we last wrote.

A duty's due date, owner and text are frozen when first offered. A state's new mind is a new revision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from kamsync.store.sql import fetch, insert_new, upsert
from kamsync.store.tables import DutyRow, OursRow, OwnedRow, RawRow, Row, StateRow, table
from kamsync.store.tables_outbox import IntentRow

DUTY, STATE, OWNED, OURS, INTENT = table(DutyRow), table(StateRow), table(OwnedRow), table(OursRow), table(IntentRow)
RAW = table(RawRow)
RECORD_KEY = ("connection", "stream", "remote_id")
FACET_KEY = (*RECORD_KEY, "facet")
CHUNK = 500

Key = tuple[str, ...]


def offer(tx: Connection, accounts: Sequence[str], duties: Sequence[Row], why_over: Callable[[Row], str]) -> None:
    """These are all the duties of these accounts now: new ones are added, missing ones are over, known ones stay.

    `why_over`: what is known of why one is missing; empty where nobody can tell.
    """
    offered = {duty["id"] for duty in duties}
    names = ("id", "account", "rule", "series", "stage", "shared", "connection", "state", "ended")
    known = fetch(tx, select(*(DUTY.c[name] for name in names)).where(DUTY.c.account.in_(accounts)))
    over: dict[str, list[str]] = defaultdict(list)
    for row in known:
        why = "left" if row["state"] == "over" and row["ended"] == "left" else why_over(row)
        if row["id"] not in offered and (row["state"], row["ended"]) != ("over", why):
            over[why].append(row["id"])
    was = {row["id"]: row["state"] for row in known}
    insert_new(tx, DUTY, duties)
    for why, ids in over.items():
        for chunk in _chunks(ids):
            tx.execute(update(DUTY).where(DUTY.c.id.in_(chunk)).values(state="over", ended=why))
    for duty in duties:
        if was.get(duty["id"], duty["state"]) != duty["state"]:
            told = {name: duty[name] for name in ("state", "said", "ended")}
            tx.execute(update(DUTY).where(DUTY.c.id == duty["id"]).values(**told))


def want(tx: Connection, accounts: Sequence[str], states: Sequence[Row]) -> None:
    """These are all the states of these accounts now; a facet no longer named is wanted empty."""
    known = {_key_of(row): row for row in fetch(tx, select(STATE).where(STATE.c.account.in_(accounts)))}
    elsewhere = _states(tx, [key for key in map(_key_of, states) if key not in known])  # held by another account
    rows = []
    for state in states:
        before = known.pop(_key_of(state), None) or elsewhere.get(_key_of(state))
        if before is None:
            rows.append(state | {"revision": 1, "seen_at": None})
        elif before["wanted"] != state["wanted"]:
            rows.append(state | {"revision": before["revision"] + 1, "seen_at": None})
        elif before["account"] != state["account"] or before["zh"] != state["zh"]:
            rows.append(state | {"revision": before["revision"], "seen_at": before["seen_at"]})
    none = {"wanted": None, "seen_at": None, "zh": "不再需要标签", "en": "no tag is wanted any more"}
    dropped = [row | none | {"revision": row["revision"] + 1} for row in known.values() if row["wanted"] is not None]
    upsert(tx, STATE, rows + dropped)


def _key_of(row: Row) -> Key:
    return tuple(row[name] for name in FACET_KEY)


def _states(tx: Connection, keys: Sequence[Key]) -> dict[Key, Row]:
    """The states of these (connection, stream, remote id, facet)."""
    places: dict[Key, list[str]] = defaultdict(list)
    for connection, stream, remote_id, facet in keys:
        places[connection, stream, facet].append(remote_id)
    found: dict[Key, Row] = {}
    for (connection, stream, facet), ids in places.items():
        here = and_(STATE.c.connection == connection, STATE.c.stream == stream, STATE.c.facet == facet)
        for chunk in _chunks(ids):
            rows = fetch(tx, select(STATE).where(here, STATE.c.remote_id.in_(chunk)))
            found.update({_key_of(row): row for row in rows})
    return found


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def revisions(tx: Connection, records: Iterable[Sequence[str]], facet: str) -> dict[Key, int]:
    """The revision of today's wish for a facet of these (connection, stream, remote id)."""
    states = _states(tx, [(*record, facet) for record in records])
    return {key[:-1]: state["revision"] for key, state in states.items()}


def open_duties(tx: Connection, accounts: Iterable[str] | None = None) -> list[Row]:
    """Duties wanted (or only listed) now, the oldest debt first."""
    query = select(DUTY).where(DUTY.c.state.in_(("wanted", "listed"))).order_by(DUTY.c.owed_on, DUTY.c.id)
    if accounts is not None:
        query = query.where(DUTY.c.account.in_(list(accounts)))
    return fetch(tx, query)


def shared(tx: Connection) -> dict[tuple[str, str], str]:
    """What all customers of an owner share and is wanted now: (rule, suffix) -> the account it hangs on."""
    query = select(DUTY.c.rule, DUTY.c.suffix, DUTY.c.account).where(DUTY.c.shared, DUTY.c.state != "over")
    return {(row.rule, row.suffix): row.account for row in tx.execute(query)}


def unwritten_duties(tx: Connection) -> list[Row]:
    """Duties wanted now (or only listed, or waiting for their turn) whose task is not known to be in the CRM."""
    done = select(INTENT.c.id).where(INTENT.c.key == "task:" + DUTY.c.id, INTENT.c.state == "done").exists()
    query = select(DUTY).where(DUTY.c.state != "over", ~done)
    return fetch(tx, query.order_by(DUTY.c.owed_on, DUTY.c.id))


def duties(tx: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """These duties, by id."""
    found: dict[str, Row] = {}
    for chunk in _chunks(ids):
        found.update({row["id"]: row for row in fetch(tx, select(DUTY).where(DUTY.c.id.in_(chunk)))})
    return found


# ---- whose turn it is


def without_task(tx: Connection) -> list[Row]:
    """Duties wanted now, or waiting for their turn, for which nothing was ever accepted nor seen in the CRM."""
    sent = select(INTENT.c.id).where(INTENT.c.key == "task:" + DUTY.c.id).exists()
    seen = select(OURS.c.marker).where(OURS.c.connection == DUTY.c.connection, OURS.c.marker == DUTY.c.marker).exists()
    return fetch(tx, select(DUTY).where(DUTY.c.state.in_(("wanted", "later")), ~sent, ~seen).order_by(DUTY.c.id))


def given(tx: Connection, on: date, *, but: str) -> list[Row]:
    """Duties that had their turn on that day and went out; `but`: not of this rule, nor urgent ones."""
    sent = select(INTENT.c.id).where(INTENT.c.key == "task:" + DUTY.c.id).exists()
    here = (DUTY.c.given_on == on, DUTY.c.rule != but, DUTY.c.priority != "urgent", sent)
    return fetch(tx, select(DUTY.c.connection, DUTY.c.owner).where(*here))


def give_turns(tx: Connection, waiting: Sequence[Row], now: Collection[str], on: date) -> None:
    """These of the waiting have their turn today; the others wait on."""
    changed = [
        {"its": row["id"], "state": state, "day": day}
        for row in waiting
        for state, day in [("wanted", on) if row["id"] in now else ("later", None)]
        if (row["state"], row["given_on"]) != (state, day)
    ]
    if changed:
        to: dict[str, Any] = {"state": bindparam("state"), "given_on": bindparam("day")}
        tx.execute(update(DUTY).where(DUTY.c.id == bindparam("its")).values(to), changed)


def end_waiting(tx: Connection) -> None:
    """There is no limit: nothing waits for its turn."""
    if tx.execute(select(DUTY.c.id).where(DUTY.c.state == "later").limit(1)).first() is not None:
        tx.execute(update(DUTY).where(DUTY.c.state == "later").values(state="wanted"))


def put_digests(tx: Connection, rule: str, digests: Sequence[Row]) -> None:
    """These are today's digests; a day's digest stays as it was first told, older ones are over."""
    today = {digest["suffix"] for digest in digests}
    rows = fetch(tx, select(DUTY.c.id, DUTY.c.suffix, DUTY.c.state).where(DUTY.c.rule == rule))
    known, states = {row["suffix"]: row["id"] for row in rows}, {row["id"]: row["state"] for row in rows}
    insert_new(tx, DUTY, [digest for digest in digests if digest["suffix"] not in known])
    again = [known[suffix] for suffix in today & known.keys()]
    over = [id for suffix, id in known.items() if suffix not in today]
    for ids, state in ((again, "wanted"), (over, "over")):
        stand = [id for id in ids if states[id] != state]
        for chunk in _chunks(stand):
            tx.execute(update(DUTY).where(DUTY.c.id.in_(chunk)).values(state=state))


# ---- what stands in the CRMs


def to_look_at(tx: Connection, again: int) -> list[Row]:
    """States to compare with the live CRMs, with what we last wrote there.

    All whose wish or record changed since they were last seen as wanted; of the others, on each connection, the
    `again` that were not looked at for longest: a person's hand on a tag may leave no trace on the record.
    """
    owned = and_(*(STATE.c[name] == OWNED.c[name] for name in FACET_KEY))
    record = and_(*(STATE.c[name] == RAW.c[name] for name in RECORD_KEY))
    news = or_(STATE.c.seen_at.is_(None), RAW.c.landed_at > STATE.c.seen_at)
    order = (STATE.c.seen_at, STATE.c.stream, STATE.c.remote_id)
    turn = func.row_number().over(partition_by=(STATE.c.connection, news), order_by=order)
    every = (
        select(STATE, OWNED.c.value.label("owned"), OWNED.c.revision.label("owned_revision"))
        .add_columns(news.label("news"), turn.label("turn"))
        .select_from(STATE.outerjoin(OWNED, owned).outerjoin(RAW, record))
        .where(or_(STATE.c.wanted.is_not(None), OWNED.c.value.is_not(None)))
        .subquery()
    )
    query = select(every).where(or_(every.c.news, every.c.turn <= again))
    return fetch(tx, query.order_by(*(every.c[name] for name in FACET_KEY)))


def states_of(tx: Connection, connection: str, facet: str) -> list[Row]:
    """Every state of one facet at a connection, with what we last wrote there."""
    owned = and_(*(STATE.c[name] == OWNED.c[name] for name in FACET_KEY))
    query = select(STATE, OWNED.c.value.label("owned")).select_from(STATE.outerjoin(OWNED, owned))
    here = (STATE.c.connection == connection, STATE.c.facet == facet)
    return fetch(tx, query.where(*here).order_by(STATE.c.stream, STATE.c.remote_id))


def note_looks(tx: Connection, states: Sequence[Row], at: datetime | None) -> None:
    """The CRM was seen to be as these states want it (None: it was not), unless they have changed their mind since."""
    if states:
        here = and_(*(STATE.c[name] == bindparam(f"its_{name}") for name in (*FACET_KEY, "revision")))
        keys = [{f"its_{name}": state[name] for name in (*FACET_KEY, "revision")} for state in states]
        tx.execute(update(STATE).where(here).values(seen_at=at), keys)


def own(tx: Connection, rows: Sequence[Row]) -> None:
    """Remember what we wrote on facets, with the revision and the intent that did it."""
    upsert(tx, OWNED, rows)
    for at in {row["written_at"] for row in rows}:
        note_looks(tx, [row for row in rows if row["written_at"] == at], at)


def seen_markers(tx: Connection, connection: str, markers: Sequence[str]) -> dict[str, Row]:
    """Tasks of ours known from the mirror, by marker; the live one first where there are several."""
    found: dict[str, Row] = {}
    for chunk in _chunks(markers):
        query = select(OURS).where(OURS.c.connection == connection, OURS.c.marker.in_(chunk))
        found.update({row["marker"]: row for row in fetch(tx, query.order_by(OURS.c.gone.desc()))})
    return found
