"""Evaluations: what each account was judged on each date, kept so that it can be replayed and explained."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from kamsync.store.sql import fetch, insert_new, upsert
from kamsync.store.tables import AccountRow, EvaluationRow, PolicyRow, Row, table

EVALUATION, POLICY, ACCOUNT = table(EvaluationRow), table(PolicyRow), table(AccountRow)


def put_policy(tx: Connection, version: str, name: str, text: str, on: date) -> None:
    """Keep the text that judges from this date on."""
    insert_new(tx, POLICY, [{"version": version, "name": name, "text": text, "first_used": on}])


def to_judge(tx: Connection, accounts: Sequence[str], as_of: date, policy: str) -> list[str]:
    """Of these accounts, the ones not judged on this date by this policy, or changed since."""
    dirty = set(tx.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.dirty)).scalars())
    judged = set(
        tx.execute(
            select(EVALUATION.c.account).where(EVALUATION.c.as_of == as_of, EVALUATION.c.policy == policy)
        ).scalars()
    )
    return [account for account in accounts if account in dirty or account not in judged]


def previous(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, Row]:
    """Each account's latest evaluation of an earlier date: judging twice on one date changes nothing."""
    latest = (
        select(EVALUATION.c.account, func.max(EVALUATION.c.as_of).label("as_of"))
        .where(EVALUATION.c.account.in_(accounts), EVALUATION.c.as_of < as_of)
        .group_by(EVALUATION.c.account)
        .subquery()
    )
    query = select(EVALUATION).join(
        latest, (EVALUATION.c.account == latest.c.account) & (EVALUATION.c.as_of == latest.c.as_of)
    )
    return {row["account"]: dict(row) for row in tx.execute(query).mappings()}


def newest(tx: Connection, accounts: Sequence[str], as_of: date) -> list[Row]:
    """Each account's newest evaluation on or before a date."""
    return list(previous(tx, accounts, as_of + timedelta(days=1)).values())


def history(tx: Connection, accounts: Sequence[str], since: date, before: date) -> list[Row]:
    """Figures of these accounts on each date judged in [since, before), oldest first."""
    query = select(EVALUATION.c.account, EVALUATION.c.as_of, EVALUATION.c.metrics).where(
        EVALUATION.c.account.in_(accounts), EVALUATION.c.as_of >= since, EVALUATION.c.as_of < before
    )
    return fetch(tx, query.order_by(EVALUATION.c.as_of)) if accounts else []


def put_evaluations(tx: Connection, rows: Sequence[Row]) -> None:
    """Keep the verdicts of one chunk."""
    upsert(tx, EVALUATION, rows)


def clean(tx: Connection, accounts: Sequence[str]) -> None:
    """These accounts were looked at: clean until something lands again."""
    tx.execute(update(ACCOUNT).where(ACCOUNT.c.id.in_(accounts)).values(dirty=False))


def latest_date(tx: Connection, *, until: date | None = None) -> date | None:
    """The newest date anything was judged on, up to a date if one is given."""
    query = select(func.max(EVALUATION.c.as_of))
    return tx.execute(query if until is None else query.where(EVALUATION.c.as_of <= until)).scalar()


def evaluations(tx: Connection, as_of: date, accounts: Sequence[str] | None = None) -> list[Row]:
    """The verdicts of a date (all or of these accounts), best score first."""
    query = select(EVALUATION, ACCOUNT.c.name).join(ACCOUNT, ACCOUNT.c.id == EVALUATION.c.account)
    query = query.where(EVALUATION.c.as_of == as_of, ACCOUNT.c.into.is_(None))
    if accounts is not None:
        query = query.where(EVALUATION.c.account.in_(accounts))
    rows = fetch(tx, query)
    rows.sort(key=lambda row: (row["rank"], -(row["score"] if row["score"] is not None else -1), row["name"]))
    return rows


def dates(tx: Connection) -> set[date]:
    """Every date on which anything was judged."""
    return set(tx.execute(select(EVALUATION.c.as_of).distinct()).scalars())


def figures_of(tx: Connection, as_of: date) -> list[Row]:
    """What judged each account of the book on a date: its figures and what counted besides them."""
    kept = (EVALUATION.c.account, EVALUATION.c.as_of, EVALUATION.c.metrics, EVALUATION.c.standing)
    query = select(*kept).join(ACCOUNT, ACCOUNT.c.id == EVALUATION.c.account)
    return fetch(tx, query.where(EVALUATION.c.as_of == as_of, ACCOUNT.c.into.is_(None)).order_by(EVALUATION.c.account))


def evaluation(tx: Connection, account: str, as_of: date | None = None) -> Row | None:
    """An account's evaluation on a date, or its newest on or before it."""
    query = select(EVALUATION).where(EVALUATION.c.account == account)
    if as_of is not None:
        query = query.where(EVALUATION.c.as_of <= as_of)
    row = tx.execute(query.order_by(EVALUATION.c.as_of.desc()).limit(1)).mappings().first()
    return dict(row) if row else None


def tier_counts(tx: Connection, as_of: date) -> dict[str, int]:
    query = select(EVALUATION.c.tier, func.count()).join(ACCOUNT, ACCOUNT.c.id == EVALUATION.c.account)
    query = query.where(EVALUATION.c.as_of == as_of, ACCOUNT.c.into.is_(None)).group_by(EVALUATION.c.tier)
    return {row[0]: row[1] for row in tx.execute(query)}


def figures(tx: Connection, as_of: date) -> list[Any]:
    """How many verdicts of a date there are, by tier, coverage and day of the last change."""
    kinds = (EVALUATION.c.tier, EVALUATION.c.coverage, EVALUATION.c.changed_on)
    query = select(*kinds, func.count().label("count")).join(ACCOUNT, ACCOUNT.c.id == EVALUATION.c.account)
    return list(tx.execute(query.where(EVALUATION.c.as_of == as_of, ACCOUNT.c.into.is_(None)).group_by(*kinds)))


def dirty_accounts(tx: Connection) -> set[str]:
    """Accounts about which something landed since they were judged: nothing is written for them."""
    return set(tx.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.dirty)).scalars())
