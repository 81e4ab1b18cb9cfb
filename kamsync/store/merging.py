"""What becomes of accounts, duties and intents when a record was merged away, is gone, or its id is another's now.

What went out stays as it is; what did not is owed anew, at a record that is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select, update

from kamsync.model import Member
from kamsync.store import aliases, linking
from kamsync.store.entities import TABLES
from kamsync.store.tables import AccountRow, DutyRow, LinkRow, OursRow, OwnedRow, Row, StateRow, table
from kamsync.store.tables_outbox import IntentRow

ACCOUNT, DUTY, INTENT = table(AccountRow), table(DutyRow), table(IntentRow)
LINK, OURS, OWNED, STATE = table(LinkRow), table(OursRow), table(OwnedRow), table(StateRow)
MEMBER = TABLES["account"]
CHUNK = 500
OUT = ("sending", "unknown", "done")  # states of an intent that is, or may be, in the CRM


def follow(tx: Connection, at: datetime) -> None:
    """Accounts whose last record was merged away go on in the winner's; where another CRM still holds a record of
    the loser's account, a person is asked whether it is the winner's customer too."""
    done: list[Row] = []
    for row in aliases.unjoined(tx):
        loser = Member(row["connection"], row["stream"], row["loser"])
        winner = Member(row["connection"], row["stream"], row["final"])
        into = _stands_for(tx, winner)
        if into is None or _stands_for(tx, loser) is not None:
            continue  # the winner was not linked yet, or the loser's end waits for a person
        done.append(row)
        was = _stood_for(tx, loser)
        tx.execute(update(DUTY).where(_at(DUTY, loser)).values(remote_id=winner.remote_id))
        tx.execute(update(ACCOUNT).where(ACCOUNT.c.id == into).values(dirty=True))
        if was is None or was == into:
            continue
        others = linking.members(tx, [was])
        if others:
            linking.put_reviews(tx, [_review(winner, one, row, at) for one in others])
        else:
            linking.join_accounts(tx, {was: into})
    aliases.joined(tx, done)


def _stands_for(tx: Connection, member: Member) -> str | None:
    """The account of a record that is there."""
    account: str | None = tx.execute(select(MEMBER.c.account_id).where(_at(MEMBER, member))).scalar()
    return account


def _stood_for(tx: Connection, member: Member) -> str | None:
    """The account that a record had, and what it was joined to since."""
    account: str | None = tx.execute(select(LINK.c.account).where(_at(LINK, member))).scalar()
    seen: set[str] = set()
    while account is not None and account not in seen:
        seen.add(account)
        into = tx.execute(select(ACCOUNT.c.into).where(ACCOUNT.c.id == account)).scalar()
        if into is None:
            return account
        account = into
    return account


def _review(winner: Member, other: Row, alias: Row, at: datetime) -> Row:
    names = [f"{winner.connection}/{winner.stream}/{winner.remote_id}"]
    names.append(f"{other['connection']}/{other['stream']}/{other['remote_id']}")
    a, b = sorted(names)
    why = {
        "rule": "merged",
        "zh": f"同一客户的另一条记录 {alias['loser']} 已并入 {alias['final']}",
        "en": f"{alias['loser']}, another record of this customer, was merged into {alias['final']}",
    }
    return {"a": a, "b": b, "score": 0, "evidence": [why], "verdict": "review", "decided_at": at}


# ---- records that are no more


def unowe(tx: Connection, connection: str, stream: str, ids: Sequence[str]) -> None:
    """These records are gone: duties at home there that did not go out are owed anew elsewhere, if they still are."""
    for chunk in _chunks(ids):
        here = and_(DUTY.c.connection == connection, DUTY.c.stream == stream, DUTY.c.remote_id.in_(chunk))
        at_home = list(tx.execute(select(DUTY.c.id).where(here)).scalars())
        keys = [f"task:{id}" for id in at_home]
        sent = set(tx.execute(select(INTENT.c.key).where(INTENT.c.key.in_(keys), INTENT.c.state.in_(OUT))).scalars())
        left = [id for id in at_home if f"task:{id}" not in sent]
        tx.execute(delete(DUTY).where(DUTY.c.id.in_(left)))
        unsent = and_(INTENT.c.connection == connection, INTENT.c.stream == stream, INTENT.c.remote_id.in_(chunk))
        tx.execute(
            update(INTENT)
            .where(unsent, INTENT.c.state == "planned")
            .values(state="superseded", message="the record is gone")
        )


def another(tx: Connection, connection: str, stream: str, ids: Sequence[str]) -> None:
    """These ids stand for other records now: account, tags and duties of the old ones are not theirs."""
    aliases.forget(tx, (connection, stream), ids)
    unowe(tx, connection, stream, ids)
    for chunk in _chunks(ids):
        for target in (LINK, OWNED):
            tx.execute(delete(target).where(_within(target, connection, stream, chunk)))
        held = _within(MEMBER, connection, stream, chunk)
        touched = select(MEMBER.c.account_id).where(held, MEMBER.c.account_id.is_not(None))
        tx.execute(update(ACCOUNT).where(ACCOUNT.c.id.in_(touched)).values(dirty=True))
        tx.execute(update(MEMBER).where(held).values(account_id=None))
        asked = _within(STATE, connection, stream, chunk)
        tx.execute(update(STATE).where(asked).values(wanted=None, revision=STATE.c.revision + 1, seen_at=None))
        tx.execute(update(OURS).where(_within(OURS, connection, stream, chunk)).values(gone=True))


def was_linked(tx: Connection, member: Member) -> bool:
    """Did this record stand for an account before? Then that is its own when it comes back."""
    return tx.execute(select(LINK.c.account).where(_at(LINK, member))).first() is not None


def _at(target: Any, member: Member) -> Any:
    return and_(
        target.c.connection == member.connection,
        target.c.stream == member.stream,
        target.c.remote_id == member.remote_id,
    )


def _within(target: Any, connection: str, stream: str, ids: Sequence[str]) -> Any:
    return and_(target.c.connection == connection, target.c.stream == stream, target.c.remote_id.in_(ids))


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
