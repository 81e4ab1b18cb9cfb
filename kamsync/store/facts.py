"""Gather what is known of accounts on a date: set-based queries, a chunk of accounts at a time.

Reads only live entities; what was never read for an account stays None. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select

from kamsync.model import Member
from kamsync.rules.facts import DealFacts, Facts, OrderFacts, SurveyFacts, TouchFacts
from kamsync.store.entities import TABLES
from kamsync.store.receivables import receivables
from kamsync.store.tables import AccountRow, table

ACCOUNT = table(AccountRow)
MEMBER = TABLES["account"]
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which connections have been read for which entity: what was never read is unknown, not zero."""

    read: Mapping[str, frozenset[str]]  # entity -> connections

    def of(self, entity: str, connections: Iterable[str]) -> bool:
        return not self.read.get(entity, frozenset()).isdisjoint(connections)


@dataclass(frozen=True, slots=True)
class History:
    """An account's purchases over all time up to a date, for the lifetime fit. Money in minor units."""

    account: str
    days: int
    first: date
    last: date
    net: int
    first_day_net: int


def book(tx: Connection) -> list[str]:
    """Every account that has a member, oldest first."""
    has_member = select(MEMBER.c.account_id).where(MEMBER.c.account_id.is_not(None))
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.into.is_(None), ACCOUNT.c.id.in_(has_member)).order_by(ACCOUNT.c.seq)
    return list(tx.execute(query).scalars())


def gather(tx: Connection, accounts: Sequence[str], as_of: date, reach: Reach, prefer: Sequence[str]) -> list[Facts]:
    """The facts of these accounts, in their order. `prefer`: whose field values win, best first."""
    members = _members(tx, accounts, prefer)
    orders, touches = _orders(tx, accounts, as_of), _touches(tx, accounts, as_of)
    deals, surveys = _deals(tx, accounts, as_of), _surveys(tx, accounts, as_of)
    due = receivables(tx, accounts, as_of, reach.read.get("payment", frozenset()))
    gathered = []
    for account in accounts:
        rows = members.get(account, [])
        where = {row["connection"] for row in rows}
        money, invoices = due.get(account, due[None])
        gathered.append(
            Facts(
                account=account,
                as_of=as_of,
                members=tuple(Member(row["connection"], row["stream"], row["remote_id"]) for row in rows),
                orders=orders.get(account, OrderFacts()) if reach.of("order", where) else None,
                touches=touches.get(account, TouchFacts()) if reach.of("activity", where) else None,
                deals=deals.get(account, DealFacts()) if reach.of("deal", where) else None,
                surveys=surveys.get(account, SurveyFacts()) if reach.of("survey", where) else None,
                due=money if reach.of("invoice", where) else None,
                invoices=invoices,
                **_profile(rows),
            )
        )
    return gathered


def _members(tx: Connection, accounts: Sequence[str], prefer: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    rank = {name: place for place, name in enumerate(prefer)}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tx.execute(select(MEMBER).where(MEMBER.c.account_id.in_(accounts))).mappings():
        found[row["account_id"]].append(dict(row))
    for rows in found.values():
        rows.sort(key=lambda row: (rank.get(row["connection"], len(rank)), row["connection"], row["remote_id"]))
    return found


def _profile(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The golden values: the first member that has one, in order of preference; the wallet with the newest date."""

    def first(name: str) -> Any:
        return next((row[name] for row in rows if row[name] is not None), None)

    wallets = [row for row in rows if row["wallet_base"] is not None]
    newest = max(wallets, key=lambda row: row["wallet_date"] or date.min, default=None)
    since = [row["since"] for row in rows if row["since"] is not None]
    return {
        "name": first("name") or "",
        "wallet": newest["wallet_base"] if newest else None,
        "wallet_date": newest["wallet_date"] if newest else None,
        "since": min(since, default=None),
        "size": first("size"),
        "industry": first("industry"),
        "strategic": first("strategic"),
        "influence": first("influence"),
        "blacklisted": any(row["blacklisted"] for row in rows),
        "deregistered": any(row["deregistered"] for row in rows),
    }


# ---- orders


def _order_days(accounts: Sequence[str] | None, as_of: date) -> Any:
    """One row an account and day: net, and net and cost of the orders whose cost is known."""
    orders = TABLES["order"]
    net = orders.c.gross_base - func.coalesce(orders.c.returned_base, 0) - func.coalesce(orders.c.refunded_base, 0)
    costed = case((orders.c.cost_base.is_not(None), net), else_=0)
    counted = and_(orders.c.counts, orders.c.date <= as_of, orders.c.gross_base.is_not(None))
    query = select(
        orders.c.account_id,
        orders.c.date,
        func.sum(net).label("net"),
        func.sum(costed).label("costed"),
        func.sum(func.coalesce(orders.c.cost_base, 0)).label("cost"),
    ).where(counted, orders.c.account_id.is_not(None))
    if accounts is not None:
        query = query.where(orders.c.account_id.in_(accounts))
    return query.group_by(orders.c.account_id, orders.c.date)


def _orders(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, OrderFacts]:
    days: dict[str, list[Any]] = defaultdict(list)
    query = _order_days(accounts, as_of)
    for row in tx.execute(query.order_by(TABLES["order"].c.account_id, TABLES["order"].c.date)):
        days[row.account_id].append(row)
    return {account: _order_facts(rows, as_of) for account, rows in days.items()}


def _order_facts(rows: Sequence[Any], as_of: date) -> OrderFacts:
    """Rows are one account's order days, oldest first."""
    this_year = [row for row in rows if row.date > as_of - YEAR]
    last_year = [row for row in rows if as_of - 2 * YEAR < row.date <= as_of - YEAR]
    three_years = [row for row in rows if row.date > as_of - 3 * YEAR]
    return OrderFacts(
        net_12m=sum(int(row.net) for row in this_year),
        net_prev_12m=sum(int(row.net) for row in last_year),
        costed_12m=sum(int(row.costed) for row in this_year),
        cost_12m=sum(int(row.cost) for row in this_year),
        net_36m=sum(int(row.net) for row in three_years),
        costed_36m=sum(int(row.costed) for row in three_years),
        cost_36m=sum(int(row.cost) for row in three_years),
        days_12m=len(this_year),
        months_12m=min(12, len({(row.date.year, row.date.month) for row in this_year})),
        first=rows[0].date,
        last=rows[-1].date,
        days=len(rows),
        repeat_net=sum(int(row.net) for row in rows[1:]),
        recent_days=tuple(row.date for row in rows[-11:]),
    )


def histories(tx: Connection, as_of: date) -> list[History]:
    """Every account's purchase history up to a date, in one query."""
    day = _order_days(None, as_of).subquery()
    ranked = select(
        day.c.account_id,
        day.c.date,
        day.c.net,
        func.row_number().over(partition_by=day.c.account_id, order_by=day.c.date).label("nth"),
    ).subquery()
    query = select(
        ranked.c.account_id,
        func.count().label("days"),
        func.min(ranked.c.date).label("first"),
        func.max(ranked.c.date).label("last"),
        func.sum(ranked.c.net).label("net"),
        func.sum(case((ranked.c.nth == 1, ranked.c.net), else_=0)).label("first_net"),
    ).group_by(ranked.c.account_id)
    return [
        History(row.account_id, row.days, row.first, row.last, int(row.net), int(row.first_net))
        for row in tx.execute(query.order_by(ranked.c.account_id))
    ]


# ---- touches, deals, surveys


def _touches(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, TouchFacts]:
    activity = TABLES["activity"]
    past = and_(activity.c.two_way, activity.c.day <= as_of)
    visits = and_(past, activity.c.kind.in_(("visit", "exec_visit")))
    kinds = activity.c.kind.in_(("visit", "exec_visit", "call", "meeting"))
    # A meeting has no status in some CRMs: one that lies ahead is planned, whatever it is called.
    ahead = or_(
        and_(activity.c.status == "planned", activity.c.day >= as_of),
        and_(activity.c.status != "cancelled", activity.c.day > as_of),
    )
    planned = and_(kinds, ahead)
    query = (
        select(
            activity.c.account_id,
            func.max(case((past, activity.c.day))).label("two_way"),
            func.max(case((visits, activity.c.day))).label("visit"),
            func.max(case((and_(past, activity.c.kind == "exec_visit"), activity.c.day))).label("exec_visit"),
            func.min(case((planned, activity.c.day))).label("planned"),
        )
        .where(activity.c.account_id.in_(accounts), activity.c.marker.is_(None), or_(past, planned))
        .group_by(activity.c.account_id)
    )
    return {
        row.account_id: TouchFacts(two_way=row.two_way, visit=row.visit, exec_visit=row.exec_visit, planned=row.planned)
        for row in tx.execute(query)
    }


def _deals(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, DealFacts]:
    deal = TABLES["deal"]
    query = select(deal.c.account_id, deal.c.amount_base, deal.c.probability).where(
        deal.c.account_id.in_(accounts),
        deal.c.status == "open",
        deal.c.close_date > as_of,
        deal.c.close_date <= as_of + YEAR,
        deal.c.amount_base.is_not(None),
        deal.c.probability.is_not(None),
    )
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in tx.execute(query):
        sums[row.account_id] += row.amount_base * row.probability
    return {
        account: DealFacts(weighted_12m=int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
        for account, total in sums.items()
    }


def _surveys(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, SurveyFacts]:
    survey = TABLES["survey"]
    query = select(survey.c.account_id, survey.c.kind, survey.c.score, survey.c.max_score).where(
        survey.c.account_id.in_(accounts),
        survey.c.score.is_not(None),
        survey.c.date > as_of - YEAR,
        survey.c.date <= as_of,
    )
    csat: dict[str, list[Decimal]] = defaultdict(list)
    nps: dict[str, list[Decimal]] = defaultdict(list)
    for row in tx.execute(query):
        if row.kind == "nps":
            nps[row.account_id].append(Decimal(100 if row.score >= 9 else -100 if row.score <= 6 else 0))
        elif row.max_score is not None and row.max_score > 1:
            csat[row.account_id].append((row.score - 1) / (row.max_score - 1) * 100)
    return {
        account: SurveyFacts(csat=_mean(csat.get(account)), nps=_mean(nps.get(account)))
        for account in csat.keys() | nps.keys()
    }


def _mean(values: Sequence[Decimal] | None) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None
