"""Records that leave an account: what hangs on them goes with them, what the account was stays with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, select, update

from kamsync.model import Member
from kamsync.plugin import batches
from kamsync.store.clues import is_one_of
from kamsync.store.entities import TABLES
from kamsync.store.linking import ACCOUNT, AT_ONCE, DUTY, FACTS, INTENT, LINK, MEMBER
from kamsync.store.tables import StateRow, table

STATE = table(StateRow)


def leave(tx: Connection, moves: Mapping[Member, tuple[str, str]]) -> None:
    """Each of these records stood for one account and now stands for another, `(old, new)`; facts of the old ones are
    given their account anew."""
    if not moves:
        return
    rows = [
        {"at_connection": one.connection, "at_stream": one.stream, "at_id": one.remote_id, "old": old, "new": new}
        for one, (old, new) in moves.items()
    ]
    tx.execute(update(MEMBER).where(_here(MEMBER)).values(account_id=bindparam("new"), dirty=True), rows)
    tx.execute(update(LINK).where(_here(LINK)).values(account=bindparam("new")), rows)
    stated = update(STATE).where(_here(STATE), STATE.c.account == bindparam("old"))
    tx.execute(stated.values(account=bindparam("new")), rows)
    _take_duties(tx, moves)
    accounts = sorted({account for move in moves.values() for account in move})
    for some in batches(accounts, AT_ONCE):
        tx.execute(update(ACCOUNT).where(ACCOUNT.c.id.in_(some)).values(dirty=True))
    for some in batches(sorted({old for old, _ in moves.values()}), AT_ONCE):
        for name in FACTS:
            facts = TABLES[name]
            tx.execute(update(facts).where(facts.c.account_id.in_(some)).values(dirty=True))


def _here(target: Table) -> ColumnElement[bool]:
    key = (target.c.connection == bindparam("at_connection"), target.c.stream == bindparam("at_stream"))
    return and_(*key, target.c.remote_id == bindparam("at_id"))


def _take_duties(tx: Connection, moves: Mapping[Member, tuple[str, str]]) -> None:
    """Duties at home at these records, and their tasks, are the other account's."""
    for some in batches(sorted(moves), AT_ONCE):
        for duty in tx.execute(select(DUTY).where(is_one_of(DUTY, some))).all():
            old, new = moves[Member(duty.connection, duty.stream, duty.remote_id)]
            if duty.account == old:
                _take_duty(tx, duty, new)


def _take_duty(tx: Connection, duty: Any, new: str) -> None:
    id = f"{duty.rule}|{new}|{duty.suffix}"
    intents = tx.execute(select(INTENT).where(INTENT.c.key.in_((f"task:{duty.id}", f"task:{id}")))).all()
    if any(intent.key == f"task:{id}" for intent in intents):
        return  # the other account owes, or did, the same already
    tx.execute(delete(DUTY).where(DUTY.c.id == id))
    tx.execute(update(DUTY).where(DUTY.c.id == duty.id).values(id=id, account=new))
    for intent in intents:
        renamed = {"key": f"task:{id}", "account": new, "payload": intent.payload | {"duty": id}}
        tx.execute(update(INTENT).where(INTENT.c.id == intent.id).values(**renamed))
