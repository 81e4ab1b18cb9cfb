"""Records that leave an account: what hangs on them goes with them, what the account was stays with it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from kamsync.model import Member
from kamsync.plugin import batches
from kamsync.store.clues import is_one_of
from kamsync.store.entities import TABLES
from kamsync.store.linking import ACCOUNT, AT_ONCE, DUTY, FACTS, INTENT, LINK, MEMBER
from kamsync.store.tables import StateRow, table

STATE = table(StateRow)


def leave(tx: Connection, members: Sequence[Member], old: str, new: str) -> None:
    """These records of one account now stand for another; facts of the old one are given their account anew."""
    for some in batches(members, AT_ONCE):
        tx.execute(update(MEMBER).where(is_one_of(MEMBER, some)).values(account_id=new, dirty=True))
        tx.execute(update(LINK).where(is_one_of(LINK, some)).values(account=new))
        tx.execute(update(STATE).where(is_one_of(STATE, some), STATE.c.account == old).values(account=new))
        _take_duties(tx, some, old, new)
    for name in FACTS:
        facts = TABLES[name]
        tx.execute(update(facts).where(facts.c.account_id == old).values(dirty=True))
    tx.execute(update(ACCOUNT).where(ACCOUNT.c.id.in_((old, new))).values(dirty=True))


def _take_duties(tx: Connection, members: Sequence[Member], old: str, new: str) -> None:
    """Duties at home at these records, and their tasks, are the other account's."""
    for duty in tx.execute(select(DUTY).where(is_one_of(DUTY, members), DUTY.c.account == old)).all():
        id = f"{duty.rule}|{new}|{duty.suffix}"
        intents = tx.execute(select(INTENT).where(INTENT.c.key.in_((f"task:{duty.id}", f"task:{id}")))).all()
        if any(intent.key == f"task:{id}" for intent in intents):
            continue  # the other account owes, or did, the same already
        tx.execute(delete(DUTY).where(DUTY.c.id == id))
        tx.execute(update(DUTY).where(DUTY.c.id == duty.id).values(id=id, account=new))
        for intent in intents:
            renamed = {"key": f"task:{id}", "account": new, "payload": intent.payload | {"duty": id}}
            tx.execute(update(INTENT).where(INTENT.c.id == intent.id).values(**renamed))
