"""What the companies of the made-up world buy, owe, sign and are offered.

Decides amounts and dates only; every row hangs on an account record that already exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from kamsync.testing.world import WorldAccount, WorldContract, WorldDeal, WorldInvoice, WorldOrder
from kamsync.testing.world_names import Class, Company
from kamsync.testing.world_words import GOODS

CHINA = ZoneInfo("Asia/Shanghai")
HISTORY = 39 * 30  # days of orders on file: a little over 36 months
STAGES = (1, 2, 7, 9, 15, 17, 30, 33, 60, 64, 90, 95, 180, 215)


@dataclass(frozen=True, slots=True)
class Habit:
    """How one company trades. `first`, `last`: age in days of its first and last order; None where it never ordered."""

    value: Class
    yearly: int  # whole yuan a year, now
    growth: float
    days: int  # order days a year
    margin: float
    term: int  # days to pay
    late: float  # share of bills paid late
    first: int | None
    last: int
    costed: bool
    wallet: int | None
    wallet_age: int
    new: bool = False  # large and new: no earlier year, nobody has rated or surveyed it yet


def make_habit(rng: Random, company: Company) -> Habit:
    """Turnover, rhythm and what is known of it, by class; each gap that a missing-data rule speaks of occurs."""
    low, high, days, deep = {
        "large": (24_000_000, 68_000_000, (30, 48), (0.22, 0.32)),
        "medium": (4_200_000, 14_000_000, (10, 20), (0.18, 0.28)),
        "small": (60_000, 2_400_000, (2, 9), (0.12, 0.30)),
    }[company.value]
    yearly = int(low * (high / low) ** rng.random())
    known = {"large": 0.94, "medium": 0.86, "small": 0.5}[company.value]
    first: int | None = HISTORY
    last, costed, stale = rng.randint(1, 20), True, rng.random()
    new = company.value == "large" and rng.random() < 0.09
    if new:
        first, stale = rng.randint(220, 330), 1.1
    elif company.value != "small":
        first = HISTORY if rng.random() < 0.85 else rng.randint(200, 800)
    else:
        first, last, costed = _small(rng)
    extra = rng.randint(500, 1200) / 1000 * (yearly if company.value != "medium" else 5_500_000)
    return Habit(
        value=company.value,
        yearly=yearly,
        growth=rng.triangular(-0.2, 0.4, 0.15),
        days=rng.randint(*days),
        margin=rng.uniform(*deep),
        term=rng.choice((30, 30, 45, 60)),
        late=rng.choice((0.0, 0.03, 0.08, 0.15, 0.35)),
        first=first,
        last=last,
        costed=costed,
        wallet=round((yearly + int(extra)) / 10_000) * 10_000 if stale < known + 0.12 else None,
        wallet_age=rng.randint(10, 340) if stale < known else rng.randint(380, 900),
        new=new,
    )


def _small(rng: Random) -> tuple[int | None, int, bool]:
    """A small company's first and last order, and whether costs are on file."""
    draw = rng.random()
    if draw < 0.05:
        return None, 0, True
    if draw < 0.12:
        return HISTORY, rng.randint(190, 700), True
    if draw < 0.22:
        return rng.randint(20, 330), rng.randint(1, 15), True
    return rng.randint(400, HISTORY), rng.randint(5, 100), draw < 0.96


def make_orders(rng: Random, accounts: Sequence[WorldAccount], habit: Habit, today: date) -> Iterator[WorldOrder]:
    """Orders at a steady rhythm with noise; a company in both CRMs orders through either."""
    if habit.first is None:
        return
    gap = 365 / habit.days
    age = float(min(habit.last, habit.first))
    turn = 0
    while age <= habit.first:
        account = accounts[turn * 5 % 8 % len(accounts)]
        yield _order(rng, account, habit, today, int(age), turn)
        age += max(1.0, gap * rng.uniform(0.55, 1.45))
        turn += 1


def _order(rng: Random, account: WorldAccount, habit: Habit, today: date, age: int, turn: int) -> WorldOrder:
    day = today - timedelta(days=age)
    then = habit.yearly / habit.days * (1 + habit.growth) ** (-age / 365)
    amount = Decimal(int(then * rng.uniform(0.6, 1.4) * 100)) / 100
    returned = refunded = Decimal(0)
    status: Literal["draft", "confirmed", "delivered", "cancelled"] = "delivered"
    fate = rng.random()
    if fate < 0.03:
        status = "cancelled" if fate < 0.02 else "draft"
    elif fate < 0.07:
        returned = (amount * rng.randint(1, 15) / 100).quantize(Decimal("0.01"))
    if account.crm == "fxiaoke" and 0.07 <= fate < 0.09:
        refunded = (amount * rng.randint(1, 5) / 100).quantize(Decimal("0.01"))
    if turn == 0 and status == "delivered":
        status = "confirmed"
    cost = (amount * Decimal(str(round(1 - habit.margin + rng.uniform(-0.03, 0.03), 4)))).quantize(Decimal("0.01"))
    return WorldOrder(
        key=f"{account.key}-o{turn:03d}",
        account=account.key,
        number=f"SO{day:%y%m%d}-{account.key.upper()}-{turn:03d}",
        date=day,
        amount=amount,
        returned=returned,
        refunded=refunded,
        cost=cost if habit.costed else None,
        status=status,
    )


def make_invoices(
    rng: Random, orders: Sequence[WorldOrder], fxiaoke: frozenset[str], habit: Habit, today: date, overdue: int | None
) -> Iterator[WorldInvoice]:
    """A bill for each order of the last fourteen months; `overdue` picks the one debt of a company that owes."""
    billed = [o for o in orders if o.status in ("confirmed", "delivered") and (today - o.date).days <= 425]
    for order in billed:
        yield _bill(rng, order, habit, today)
    if overdue is None or not billed:
        return
    order, age = billed[0], STAGES[overdue % len(STAGES)]
    amount = order.amount if overdue % 14 < 13 else order.amount * 8
    due = today - timedelta(days=age)
    part = (due, (amount * 3 / 10).quantize(Decimal("0.01")))
    yield WorldInvoice(
        key=f"{order.account}-i-open",
        account=order.account,
        number=f"INV{due:%y%m%d}-{order.account.upper()}-A",
        issued=due - timedelta(days=habit.term),
        due=due,
        amount=amount,
        # Only Fxiaoke knows payments, so only there can a bill be paid in part.
        paid=(part,) if order.account in fxiaoke and overdue % 3 == 0 else (),
    )


def _bill(rng: Random, order: WorldOrder, habit: Habit, today: date) -> WorldInvoice:
    issued = min(order.date + timedelta(days=rng.randint(0, 3)), today - timedelta(days=1))
    due = issued + timedelta(days=habit.term)
    slip = rng.randint(3, 25) if rng.random() < habit.late else -rng.randint(0, 9)
    when = due + timedelta(days=slip)
    amount = order.amount - order.returned
    half = (amount / 2).quantize(Decimal("0.01"))
    paid: tuple[tuple[date, Decimal], ...] = ((when, amount),)
    if order.account[0] == "f" and rng.random() < 0.15:
        paid = ((when - timedelta(days=5), half), (when, amount - half))
    return WorldInvoice(
        key=order.key.replace("-o", "-i"),
        account=order.account,
        number=order.number.replace("SO", "INV"),
        issued=issued,
        due=due,
        amount=amount,
        paid=paid if when < today else (),
    )


def make_deals(rng: Random, account: WorldAccount, habit: Habit, today: date) -> Iterator[WorldDeal]:
    """Open chances that close within the year, and some that are won or lost."""
    count = {"large": (3, 5), "medium": (1, 3), "small": (0, 1)}[habit.value]
    for number in range(rng.randint(*count)):
        yield _deal(rng, account, habit, today, number, "open")
    for number in range(rng.randint(0, count[1])):
        yield _deal(rng, account, habit, today, 10 + number, rng.choice(("won", "won", "lost")))


def _deal(
    rng: Random, account: WorldAccount, habit: Habit, today: date, number: int, status: Literal["open", "won", "lost"]
) -> WorldDeal:
    size = {"large": (0.1, 0.3), "medium": (0.1, 0.4), "small": (0.1, 0.5)}[habit.value]
    amount = max(1, round(habit.yearly * rng.uniform(*size) / 10_000)) * 10_000
    close = today + timedelta(days=rng.randint(5, 340) if status == "open" else -rng.randint(10, 500))
    created = min(close, today) - timedelta(days=rng.randint(2, 150))
    return WorldDeal(
        key=f"{account.key}-d{number:02d}",
        account=account.key,
        name=f"{rng.choice(GOODS)} {close:%Y-%m}",
        amount=Decimal(amount),
        probability=rng.choice((10, 25, 40, 60, 75, 90)) if status == "open" else (100 if status == "won" else 0),
        status=status,
        close=close,
        created=at_hour(created, rng.randint(9, 17), rng.randint(0, 59)),
    )


def make_contracts(rng: Random, account: WorldAccount, habit: Habit, today: date) -> Iterator[WorldContract]:
    """Yearly contracts: some end soon, some have a successor, some are over."""
    if rng.random() > {"large": 1.0, "medium": 0.75, "small": 0.32}[habit.value]:
        return
    end = today + timedelta(days=rng.choice((5, 7, 25, 30, 58, 60, 88, 90, 150, 180, 240, 300, 355, -20, -200)))
    for number in range(2 if habit.value == "large" else 1):
        last = end - timedelta(days=365 * number)
        yield WorldContract(
            key=f"{account.key}-k{number}",
            account=account.key,
            number=f"HT{last:%Y%m}-{account.key.upper()}-{number}",
            start=last - timedelta(days=364),
            end=last,
            amount=Decimal(round(habit.yearly / 10_000) * 10_000),
            auto_renew=rng.random() < 0.25,
        )


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in China."""
    return datetime.combine(day, time(hour, minute), CHINA)
