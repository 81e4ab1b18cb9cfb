"""What people ask the store: find an account, list records, name things. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, func, or_, select

from kamsync.model import Member
from kamsync.store.database import Store
from kamsync.store.entities import TABLES
from kamsync.store.tables import (
    AccountRow,
    EvaluationRow,
    LeaseRow,
    PolicyRow,
    QuarantineRow,
    RawRow,
    Row,
    RunRow,
    table,
)

ACCOUNT, EVALUATION, POLICY, LEASE = table(AccountRow), table(EvaluationRow), table(PolicyRow), table(LeaseRow)
RAW, QUARANTINE, RUN = table(RawRow), table(QuarantineRow), table(RunRow)
MEMBER = TABLES["account"]
CHUNK = 500


# ---- accounts


def account(tx: Connection, id: str) -> Row | None:
    """The account of this id, or the one that it was joined to."""
    row = tx.execute(select(ACCOUNT).where(ACCOUNT.c.id == id)).mappings().first()
    while row is not None and row["into"] is not None:
        row = tx.execute(select(ACCOUNT).where(ACCOUNT.c.id == row["into"])).mappings().first()
    return dict(row) if row else None


def accounts_at(tx: Connection, connection: str, remote_id: str) -> list[str]:
    """The accounts that a record of this connection stands for."""
    here = (MEMBER.c.connection == connection, MEMBER.c.remote_id == remote_id, MEMBER.c.account_id.is_not(None))
    return list(tx.execute(select(MEMBER.c.account_id).where(*here).distinct()).scalars())


def members_called(tx: Connection, connection: str, remote_id: str) -> list[Member]:
    """The member records with this id at this connection: one in most CRMs, one a stream in others."""
    query = select(MEMBER.c.connection, MEMBER.c.stream, MEMBER.c.remote_id)
    here = (MEMBER.c.connection == connection, MEMBER.c.remote_id == remote_id)
    return [Member(*row) for row in tx.execute(query.where(*here).order_by(MEMBER.c.stream))]


def member_names(tx: Connection) -> list[tuple[str, str]]:
    """(account, name) of every member record, the oldest account first."""
    joined = MEMBER.join(ACCOUNT, ACCOUNT.c.id == MEMBER.c.account_id)
    query = select(MEMBER.c.account_id, MEMBER.c.name).select_from(joined).order_by(ACCOUNT.c.seq, MEMBER.c.name)
    return [(row.account_id, row.name or "") for row in tx.execute(query)]


def account_names(tx: Connection, ids: Sequence[str]) -> dict[str, str]:
    """What these accounts are called."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(ACCOUNT.c.id, ACCOUNT.c.name).where(ACCOUNT.c.id.in_(ids[start : start + CHUNK]))
        found.update({row.id: row.name for row in tx.execute(query)})
    return found


def members_of(tx: Connection, accounts: Sequence[str]) -> dict[str, list[Row]]:
    """Each account's member records, all columns."""
    found: dict[str, list[Row]] = {}
    for start in range(0, len(accounts), CHUNK):
        query = select(MEMBER).where(MEMBER.c.account_id.in_(accounts[start : start + CHUNK]))
        for row in tx.execute(query.order_by(MEMBER.c.connection, MEMBER.c.stream, MEMBER.c.remote_id)).mappings():
            found.setdefault(row["account_id"], []).append(dict(row))
    return found


def records(tx: Connection, entity: str) -> Iterator[Row]:
    """Every live record of an entity, by account and place."""
    target = TABLES[entity]
    order = (target.c.account_id, target.c.connection, target.c.stream, target.c.remote_id)
    for row in tx.execution_options(yield_per=CHUNK).execute(select(target).order_by(*order)).mappings():
        yield dict(row)


# ---- verdicts


def policy_text(tx: Connection, version: str) -> str | None:
    """The text of a policy that judged."""
    return tx.execute(select(POLICY.c.text).where(POLICY.c.version == version)).scalar()


def newest_evaluations(tx: Connection) -> dict[str, Row]:
    """Each account's newest evaluation."""
    newest = (
        select(EVALUATION.c.account, func.max(EVALUATION.c.as_of).label("as_of"))
        .group_by(EVALUATION.c.account)
        .subquery()
    )
    same = (EVALUATION.c.account == newest.c.account) & (EVALUATION.c.as_of == newest.c.as_of)
    return {row["account"]: dict(row) for row in tx.execute(select(EVALUATION).join(newest, same)).mappings()}


def last_words(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, list[list[str]]]:
    """The reasons kept with each account's verdict; they are kept when something changed."""
    found: dict[str, list[list[str]]] = {}
    for start in range(0, len(accounts), CHUNK):
        query = select(EVALUATION.c.account, EVALUATION.c.verdict).where(
            EVALUATION.c.account.in_(accounts[start : start + CHUNK]), EVALUATION.c.as_of <= as_of
        )
        for row in tx.execute(query.order_by(EVALUATION.c.as_of)):
            if row.verdict:
                found[row.account] = row.verdict["reasons"]
    return found


# ---- streams, runs, the writer


def record_counts(tx: Connection) -> dict[tuple[str, str], int]:
    """Live records by (connection, stream)."""
    query = select(RAW.c.connection, RAW.c.stream, func.count()).where(RAW.c.life != "gone")
    return {(row[0], row[1]): row[2] for row in tx.execute(query.group_by(RAW.c.connection, RAW.c.stream))}


def quarantine_counts(tx: Connection) -> dict[tuple[str, str], int]:
    """Records in quarantine by (connection, stream)."""
    query = select(QUARANTINE.c.connection, QUARANTINE.c.stream, func.count())
    rows = tx.execute(query.group_by(QUARANTINE.c.connection, QUARANTINE.c.stream))
    return {(row[0], row[1]): row[2] for row in rows}


def ended_runs(tx: Connection, kind: str, many: int) -> list[Row]:
    """The latest runs of a kind that ended or broke off, newest first."""
    epoch = select(func.max(LEASE.c.epoch)).where(LEASE.c.resource == "writer").scalar_subquery()
    over = or_(RUN.c.ended_at.is_not(None), RUN.c.epoch < epoch)
    query = select(RUN).where(RUN.c.kind == kind, over).order_by(RUN.c.id.desc()).limit(many)
    return [dict(row) for row in tx.execute(query).mappings()]


def open_run(tx: Connection) -> Row | None:
    """The newest run that has not ended."""
    row = tx.execute(select(RUN).where(RUN.c.ended_at.is_(None)).order_by(RUN.c.id.desc()).limit(1)).mappings().first()
    return dict(row) if row else None


def writer(store: Store, now: datetime) -> str | None:
    """Who is writing here at this moment; None: nobody."""
    with store.read() as tx:
        row: Any = tx.execute(select(LEASE).where(LEASE.c.resource == "writer")).mappings().first()
    if row is None:
        return None
    if store.path is None:
        return row["owner"] if row["expires_at"] > now else None
    lock = FileLock(f"{store.path}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return str(row["owner"])
    except OSError:  # who may not touch the lock cannot tell
        return None
    lock.release()
    return None
