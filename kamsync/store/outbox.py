"""The outbox: accepted changes and what became of them.

An intent is durable before any call leaves; every attempt leaves a receipt; `unknown` ends only by evidence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select, update

from kamsync.store import audit
from kamsync.store.audit import Deed
from kamsync.store.sql import fetch, insert_new
from kamsync.store.tables import Row, table
from kamsync.store.tables_outbox import IntentRow, IntentState, ReceiptRow

INTENT, RECEIPT = table(IntentRow), table(ReceiptRow)
# ended without being there: may be planned again
OVER: tuple[IntentState, ...] = ("refused", "stale", "superseded", "undone")
CHUNK = 500


def put_intents(tx: Connection, intents: Sequence[Row]) -> None:
    """Add what is new; a key that was refused, went stale or was undone is taken up again with the new payload."""
    known = by_keys(tx, [intent["key"] for intent in intents])
    insert_new(tx, INTENT, _under_own_ids(tx, [intent for intent in intents if intent["key"] not in known]))
    for intent in intents:
        if intent["key"] in known:
            fresh = {name: intent[name] for name in ("plan", "payload", "before", "epoch", "run", "account")}
            again = update(INTENT).where(INTENT.c.key == intent["key"], INTENT.c.state.in_(OVER))
            tx.execute(again.values(state="planned", code="", cause="", message="", hold=None, **fresh))


def _under_own_ids(tx: Connection, intents: Sequence[Row]) -> list[Row]:
    """An id follows from the first key; where the intent of that key has another by now, as its account has, this one
    gets an id of its own."""
    taken: set[str] = set()
    for chunk in _chunks([intent["id"] for intent in intents]):
        taken.update(tx.execute(select(INTENT.c.id).where(INTENT.c.id.in_(chunk))).scalars())
    return [
        intent | {"id": f"{intent['id']}-{intent['run']}"} if intent["id"] in taken else intent for intent in intents
    ]


def by_keys(tx: Connection, keys: Sequence[str]) -> dict[str, Row]:
    """The intents of these keys, by key."""
    found: dict[str, Row] = {}
    for chunk in _chunks(keys):
        found.update({row["key"]: row for row in fetch(tx, select(INTENT).where(INTENT.c.key.in_(chunk)))})
    return found


def named(tx: Connection, name: str) -> list[Row]:
    """Intents by their key, their id, or the beginning of it."""
    query = select(INTENT).where(or_(INTENT.c.key == name, INTENT.c.id.startswith(name, autoescape=True)))
    return fetch(tx, query.order_by(INTENT.c.id))


def in_state(tx: Connection, *states: str) -> list[Row]:
    """Intents in these states, oldest first."""
    query = select(INTENT).where(INTENT.c.state.in_(states)).order_by(INTENT.c.run, INTENT.c.connection, INTENT.c.key)
    return fetch(tx, query)


def send(tx: Connection, ids: Sequence[str], epoch: int, at: datetime) -> set[str]:
    """Those that leave now: after this is durable, a crash makes them unknown, never forgotten.

    What is no longer planned (a person dropped it a moment ago) stays.
    """
    leaving = (
        update(INTENT)
        .where(INTENT.c.id.in_(list(ids)), INTENT.c.state == "planned")
        .values(state="sending", epoch=epoch, sent_at=at, attempt=INTENT.c.attempt + 1)
    )
    return set(tx.execute(leaving.returning(INTENT.c.id)).scalars())


def decide(
    tx: Connection, id: str, states: Sequence[IntentState], then: IntentState, who: str, deed: str, at: datetime
) -> bool:
    """A person's word on an intent: from one of these states to another; False where it has moved on meanwhile.

    Needs no writer's lock: whoever comes second finds the row changed.
    """
    here = (INTENT.c.id == id, INTENT.c.state.in_(states))
    moved = update(INTENT).where(*here).values(state=then).returning(INTENT.c.attempt, INTENT.c.epoch, INTENT.c.key)
    row = tx.execute(moved).first()
    if row is None:
        return False
    receipt = {"intent": id, "attempt": row.attempt, "epoch": row.epoch, "outcome": deed, "evidence": f"by {who}"}
    tx.execute(RECEIPT.insert().values(**receipt, code="", at=at))
    audit.append(tx, who, at, [Deed(f"dead.{deed}", row.key, {"attempt": row.attempt})])
    return True


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of an attempt, as it is written down."""

    intent: Row
    state: str
    outcome: str
    remote_id: str | None = None
    code: str = ""
    message: str = ""
    evidence: str = ""
    cause: str = ""


def settle(tx: Connection, endings: Sequence[Ending], epoch: int, at: datetime) -> set[str]:
    """Write outcomes and their receipts; the ids of those intents that still stand as they were when looked at.

    The rest a newer epoch has taken over, or a person has decided about meanwhile.
    """
    states: dict[str, str] = {}
    for chunk in _chunks([one.intent["id"] for one in endings]):
        query = select(INTENT.c.id, INTENT.c.state).where(INTENT.c.id.in_(chunk), INTENT.c.epoch <= epoch)
        states |= {row.id: row.state for row in tx.execute(query.with_for_update())}
    mine = [one for one in endings if states.get(one.intent["id"]) == one.intent["state"]]
    ours = {one.intent["id"] for one in mine}
    if mine:
        tx.execute(_END, [_end(one, epoch) for one in mine])
        tx.execute(RECEIPT.insert(), [_receipt(one, epoch, at) for one in mine])
        audit.append(tx, "kamsync", at, [_deed(one, epoch) for one in mine if one.outcome != "superseded"])
    return ours


_END = (
    update(INTENT)
    .where(INTENT.c.id == bindparam("its_id"))
    .values(
        epoch=bindparam("by"),
        state=bindparam("now"),
        code=bindparam("said"),
        cause=bindparam("means"),
        message=bindparam("words"),
        written_id=func.coalesce(bindparam("written"), INTENT.c.written_id),
    )
)


def _end(one: Ending, epoch: int) -> Row:
    named = {"its_id": one.intent["id"], "by": epoch, "now": one.state, "written": one.remote_id}
    return named | {"said": one.code, "means": one.cause, "words": one.message}


def _receipt(one: Ending, epoch: int, at: datetime) -> Row:
    return {
        "intent": one.intent["id"],
        "attempt": one.intent["attempt"],
        "epoch": epoch,
        "outcome": one.outcome,
        "code": one.code,
        "remote_id": one.remote_id,
        "evidence": one.evidence or one.message,
        "at": at,
    }


def _deed(one: Ending, epoch: int) -> Deed:
    names = ("connection", "stream", "remote_id", "plan", "run", "attempt")
    facts = {name: one.intent[name] for name in names} | {"written": one.remote_id, "epoch": epoch, "code": one.code}
    payload = json.dumps(one.intent["payload"], ensure_ascii=False, sort_keys=True, default=str)
    return Deed(
        f"write.{one.outcome}",
        one.intent["key"],
        facts | {"payload": hashlib.sha256(payload.encode()).hexdigest(), "evidence": one.evidence},
    )


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def orphaned(tx: Connection, epoch: int) -> int:
    """Intents that an earlier writer was sending when it ended: nobody can tell, so they are unknown."""
    return tx.execute(
        update(INTENT).where(INTENT.c.state == "sending", INTENT.c.epoch < epoch).values(state="unknown")
    ).rowcount


def counts(tx: Connection) -> dict[str, int]:
    rows = tx.execute(select(INTENT.c.state, func.count()).group_by(INTENT.c.state))
    return {row[0]: row[1] for row in rows}


def receipts(tx: Connection, intent: str) -> list[Row]:
    rows = tx.execute(select(RECEIPT).where(RECEIPT.c.intent == intent).order_by(RECEIPT.c.id))
    return [dict(row) for row in rows.mappings()]


def receipts_of(tx: Connection, intents: Sequence[str]) -> dict[str, list[Row]]:
    """The receipts of each of these intents, in order."""
    found: dict[str, list[Row]] = {}
    for chunk in _chunks(intents):
        for row in fetch(tx, select(RECEIPT).where(RECEIPT.c.intent.in_(chunk)).order_by(RECEIPT.c.id)):
            found.setdefault(row["intent"], []).append(row)
    return found


def looks(tx: Connection, intent: str, attempt: int) -> list[Row]:
    """The looks that ended nothing since its last attempt, each with its evidence."""
    same = (RECEIPT.c.intent == intent, RECEIPT.c.attempt == attempt, RECEIPT.c.outcome == "looked")
    return fetch(tx, select(RECEIPT).where(*same).order_by(RECEIPT.c.id))


def looked(tx: Connection, intent: Row, epoch: int, at: datetime, evidence: str) -> None:
    """A look found nothing that is believed."""
    tx.execute(
        RECEIPT.insert().values(
            intent=intent["id"], attempt=intent["attempt"], epoch=epoch, outcome="looked", evidence=evidence, at=at
        )
    )


def written(tx: Connection) -> list[Row]:
    """How many intents were done, by connection and kind."""
    query = select(INTENT.c.connection, INTENT.c.kind, func.count().label("count")).where(INTENT.c.state == "done")
    return [dict(row) for row in tx.execute(query.group_by(INTENT.c.connection, INTENT.c.kind)).mappings()]
