"""R26, R27, R30, R31: a new customer's first weeks, the next order, a deal that stands still, no contract.

Counts from what was ordered; forecasts nothing beyond the customer's own rhythm.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from statistics import median

from kamsync.plugin import Priority, Text
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words, known_by
from kamsync.rules.template import days_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarding:
    """Days after the first order at which we look after a new customer; the last one stays for `last` days."""

    steps: tuple[int, ...] = (1, 7, 30, 60, 90)
    last: int = 30
    priority: Priority = "medium"


def check_steps(settings: Onboarding) -> Iterator[tuple[str, Text]]:
    if list(settings.steps) != sorted(set(settings.steps)):
        yield "steps", Text("要由小到大，不能重复", "must rise, none twice")


def onboarding(question: Question, settings: Onboarding) -> Iterator[Owed]:
    """The latest step that a new customer has reached."""
    orders = question.facts.orders
    if orders is None or orders.first is None:
        return
    days = (question.as_of - orders.first).days
    reached = [place for place, step in enumerate(settings.steps) if step <= days]
    if not reached or days >= settings.steps[-1] + settings.last:
        return
    step = settings.steps[reached[-1]]
    on = orders.first + timedelta(days=step)
    yield Owed(
        suffix=f"{orders.first}-{step}",
        series=str(orders.first),
        stage=reached[-1],
        on=on,
        due=question.calendar.next(on),
        priority=settings.priority,
        because=Text(f"首单 {orders.first}，满 {step} 天", f"first order {orders.first}, {days_en(step)} ago"),
        values={"first": orders.first, "step": step},
    )


ONBOARDING = Rule(
    id="R26",
    title=Text("新客户跟进", "onboarding"),
    settings=Onboarding,
    fields={"first": "date", "step": "number"},
    words=Words(
        subject=Text(
            "新客户 {{account}}：首单后第 {{step}} 天", "New customer {{account}}: day {{step}} after its first order"
        ),
        body=Text(
            "{{account}} 于 {{first|cn}} 首次下单，现在是第 {{step}} 天。\n"
            "请确认交付、使用和开票都顺利，介绍服务团队，了解下一步需求。",
            "{{account}} ordered first on {{first|long}}; this is day {{step}}.\n"
            "Please make sure that delivery, use and invoicing went well, introduce the service team, ask what "
            "is next.",
        ),
    ),
    owed=onboarding,
    check=check_steps,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder:
    """From how many order days on there is a rhythm; how many days ahead, and at which % of it, we remind."""

    days: int = 4
    ahead: int = 14
    late_percent: int = 150
    priority: Priority = "medium"


def reorders(question: Question, settings: Reorder) -> Iterator[Owed]:
    """The next order is near by the customer's own rhythm, or well past its day."""
    orders = question.facts.orders
    if orders is None or orders.last is None or orders.days < max(2, settings.days):
        return
    usual = rhythm(orders.recent_days)
    expected = orders.last + timedelta(days=ceil(usual))
    late = orders.last + timedelta(days=ceil(usual * settings.late_percent / 100))
    if question.as_of >= late:
        stage, on, by = 1, late, late
    elif usual > settings.ahead and question.as_of >= expected - timedelta(days=settings.ahead):
        stage, on, by = 0, expected - timedelta(days=settings.ahead), expected
    else:
        return
    yield Owed(
        suffix=f"{expected}-{('ahead', 'late')[stage]}",
        series=str(expected),
        stage=stage,
        on=on,
        due=question.calendar.prev(by),
        priority=settings.priority,
        because=Text(
            f"上次订货 {orders.last}，通常每 {ceil(usual)} 天一次，预计 {expected}",
            f"last order {orders.last}, usually every {days_en(ceil(usual))}: expected {expected}",
        ),
        values={"last": orders.last, "usual": ceil(usual), "expected": expected},
    )


def rhythm(days: tuple[date, ...]) -> Decimal:
    """The median of the last ten gaps between order days, in days."""
    gaps = [(after - before).days for before, after in itertools.pairwise(days)][-10:]
    return Decimal(str(median(gaps)))


REORDER = Rule(
    id="R27",
    title=Text("预计补货", "reorder"),
    settings=Reorder,
    fields={"last": "date", "usual": "number", "expected": "date"},
    words=Words(
        subject=Text("{{account}} 预计 {{expected}} 再次订货", "{{account}} is expected to order by {{expected}}"),
        body=Text(
            "{{account}}（{{tier}}）通常每 {{usual}} 天订一次货，上次是 {{last|cn}}，预计下次 {{expected|cn}}。\n"
            "请与客户确认需求和交期，好安排备货；长时间没有订货的，请了解原因。",
            "{{account}} ({{tier}}) usually orders every {{usual|days}}; the last time was {{last|long}}, "
            "so the next is expected by {{expected|long}}.\n"
            "Please ask what is needed and when, so that goods are ready; where it is overdue, ask why.",
        ),
    ),
    owed=reorders,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalled:
    """After how many days in one stage a deal stands still."""

    days: int = 30
    due: int = 3
    priority: Priority = "medium"


def stalled(question: Question, settings: Stalled) -> Iterator[Owed]:
    """Each open deal that has been in its stage for so long; told again after as long."""
    deals = question.care.deals or ()
    for deal in deals:
        days = (question.as_of - deal.moved).days if deal.moved else 0
        if deal.moved is None or not settings.days or days < settings.days:
            continue
        n = days // settings.days
        name = known_by(deal.member, [one.member for one in deals])
        yield Owed(
            suffix=f"{name}-{deal.moved}-{n}",
            series=f"{name}-{deal.moved}",
            stage=n,
            on=deal.moved + timedelta(days=n * settings.days),
            due=question.calendar.plus(question.as_of, settings.due),
            priority=settings.priority,
            cause=deal.member,
            because=Text(
                f"商机 {deal.name} 停在同一阶段 {days} 天", f"deal {deal.name} has not moved for {days_en(days)}"
            ),
            values={"deal": deal.name, "moved": deal.moved, "days": days},
        )


STALLED = Rule(
    id="R30",
    title=Text("商机停滞", "stalled deal"),
    settings=Stalled,
    fields={"deal": "text", "moved": "date", "days": "number"},
    words=Words(
        subject=Text(
            "推进 {{account}} 的商机 {{deal|short}}：停滞 {{days}} 天",
            "Move {{deal|short}} of {{account}}: {{days|days}} still",
        ),
        body=Text(
            "{{account}} 的商机 {{deal}} 自 {{moved|cn}} 起停在同一阶段，已 {{days}} 天。\n"
            "请确定下一步和时间；没有希望的，请如实关闭并写明原因。",
            "Deal {{deal}} of {{account}} has been in one stage since {{moved|long}}, {{days|days}}.\n"
            "Please settle the next step and its day; if there is no hope, close it and say why.",
        ),
    ),
    owed=stalled,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoContract:
    """From how many order days within a year on there should be a contract, by rank (0: not asked for)."""

    days: tuple[int, ...] = (1, 1, 12)
    due: int = 5
    priority: Priority = "medium"


def no_contract(question: Question, settings: NoContract) -> Iterator[Owed]:
    """The customer orders, and no contract is in force: once for each last contract there was."""
    contracts, orders, least = question.care.contracts, question.facts.orders, question.of(settings.days)
    if contracts is None or orders is None or orders.last is None or not least or orders.days_12m < least:
        return
    ends = [one.end for one in contracts]
    if None in ends or any(end >= orders.last for end in ends if end):
        return
    ended = max((end for end in ends if end), default=None)
    yield Owed(
        suffix=str(ended) if ended else "none",
        series="",
        on=max(orders.first or orders.last, ended + timedelta(days=1)) if ended else orders.first or orders.last,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(
            f"近 12 个月有 {orders.days_12m} 天订货，最近 {orders.last}，没有有效合同",
            f"{orders.days_12m} order days in 12 months, the last {orders.last}, and no contract in force",
        ),
        values={"last": orders.last, "count": orders.days_12m},
    )


NO_CONTRACT = Rule(
    id="R31",
    title=Text("有订单无合同", "orders without contract"),
    settings=NoContract,
    fields={"last": "date", "count": "number"},
    words=Words(
        subject=Text("{{account}} 有订单但没有有效合同", "{{account}} orders without a contract"),
        body=Text(
            "{{account}}（{{tier}}）近 12 个月有 {{count}} 天订货，最近一次 {{last|cn}}，但没有有效合同。\n"
            "请签订或补录合同，写明价格、付款和交付条款。",
            "{{account}} ({{tier}}) ordered on {{count|days}} in 12 months, last on {{last|long}}, "
            "and no contract is in force.\n"
            "Please sign one, or enter it in the CRM, with prices, terms of payment and delivery.",
        ),
    ),
    owed=no_contract,
)
