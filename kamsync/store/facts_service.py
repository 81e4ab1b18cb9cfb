"""How the customer was met and served: the strength of all touches, and cases. Set-based; judges nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, case, func, or_, select

from kamsync.rules.facts import CaseFacts
from kamsync.store.entities import TABLES

YEAR = timedelta(days=365)
QUARTER = timedelta(days=90)
FADED = timedelta(days=45 * 40)  # 40 half-lives: a millionth of a millionth is left
HALF_LIFE = 45
_EXACT = Context(prec=28)


def strengths(tx: Connection, accounts: Sequence[str], as_of: date) -> tuple[dict[str, Decimal], dict[str, int]]:
    """Per account Σ weight × 0.5^(age/45 d) of done touches, and its inspections and trainings of the last year.

    Weights in tenths: executive visit 50, visit and meeting 30, call 15, inbound mail 10, chat 5, other mail 3.
    """
    activity = TABLES["activity"]
    kind, mail = activity.c.kind, activity.c.direction.in_(("inbound", "mutual"))
    tenths = case(
        (kind == "exec_visit", 50),
        (kind.in_(("visit", "meeting")), 30),
        (kind == "call", 15),
        (and_(kind == "email", mail), 10),
        (kind == "chat", 5),
        (kind == "email", 3),
        else_=0,
    )
    query = (
        select(
            activity.c.account_id,
            activity.c.day,
            func.sum(tenths).label("tenths"),
            func.sum(case((kind.in_(("inspection", "training")), 1), else_=0)).label("services"),
        )
        .where(
            activity.c.account_id.in_(accounts),
            activity.c.marker.is_(None),
            activity.c.status == "done",
            or_(activity.c.reached.is_(None), activity.c.reached),
            activity.c.day <= as_of,
            activity.c.day > as_of - FADED,
        )
        .group_by(activity.c.account_id, activity.c.day)
    )
    strong: dict[str, Decimal] = defaultdict(Decimal)
    served: dict[str, int] = defaultdict(int)
    for row in tx.execute(query.order_by(activity.c.account_id, activity.c.day)):
        if row.tenths:
            strong[row.account_id] += row.tenths * _left((as_of - row.day).days) / 10
        if row.services and row.day > as_of - YEAR:
            served[row.account_id] += row.services
    return strong, served


@lru_cache(maxsize=4096)
def _left(age: int) -> Decimal:
    """What a touch is still worth after so many days."""
    return _EXACT.power(Decimal("0.5"), _EXACT.divide(Decimal(age), Decimal(HALF_LIFE)))


def cases(tx: Connection, accounts: Sequence[str], as_of: date, zone: ZoneInfo) -> dict[str, CaseFacts]:
    """Cases by the local day on which they were opened. Open on the day: not resolved by its end, and not closed."""
    table = TABLES["case"]
    end = datetime.combine(as_of + timedelta(days=1), time(), zone)
    query = select(table.c.account_id, table.c.kind, table.c.opened_at, table.c.resolved_at, table.c.status).where(
        table.c.account_id.in_(accounts),
        table.c.opened_at < end,
        or_(table.c.opened_at >= datetime.combine(as_of - YEAR, time(), zone), table.c.status == "open"),
    )
    opened: dict[str, int] = defaultdict(int)
    complaints: dict[str, list[date]] = defaultdict(list)
    recent: dict[str, int] = defaultdict(int)
    for row in tx.execute(query.order_by(table.c.opened_at)):
        day = row.opened_at.astimezone(zone).date()
        opened[row.account_id] += day > as_of - YEAR
        if row.kind == "complaint":
            recent[row.account_id] += day > as_of - QUARTER
            if row.resolved_at >= end if row.resolved_at is not None else row.status != "closed":
                complaints[row.account_id].append(day)
    return {
        account: CaseFacts(
            opened_12m=opened[account],
            open_complaints=tuple(complaints.get(account, ())),
            complaints_90d=recent.get(account, 0),
        )
        for account in opened
    }
