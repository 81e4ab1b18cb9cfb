"""What customers bought, by day: sums over the years that metrics look at, and whole histories for the lifetime fit.

Set-based queries over orders that count; judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from kamsync.rules.facts import OrderFacts
from kamsync.store.entities import TABLES

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class History:
    """An account's purchases over all time up to a date, for the lifetime fit. Money in minor units."""

    account: str
    days: int
    first: date
    last: date
    net: int
    first_day_net: int
    days_12m: int
    net_12m: int


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


def order_facts(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, OrderFacts]:
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
        func.sum(case((ranked.c.date > as_of - YEAR, 1), else_=0)).label("days_12m"),
        func.sum(case((ranked.c.date > as_of - YEAR, ranked.c.net), else_=0)).label("net_12m"),
    ).group_by(ranked.c.account_id)
    return [
        History(
            row.account_id,
            row.days,
            row.first,
            row.last,
            int(row.net),
            int(row.first_net),
            int(row.days_12m),
            int(row.net_12m),
        )
        for row in tx.execute(query.order_by(ranked.c.account_id))
    ]
