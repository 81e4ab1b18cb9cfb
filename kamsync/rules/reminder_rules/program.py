"""R29 and R35: what we do with a customer or partner by a calendar of its own: training, the partner's review.

Who was never trained has no cycle but its first order; who is a partner is said by a mark on the account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kamsync.plugin import Priority, Text
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words
from kamsync.rules.template import days_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Days between trainings by rank (0: none is due)."""

    every: tuple[int, ...] = (180, 365, 0)
    due: int = 10
    priority: Priority = "low"


def trainings(question: Question, settings: Training) -> Iterator[Owed]:
    """One duty a cycle since the last training, or since the first order where there was none."""
    cycle, held, orders = question.of(settings.every), question.care.trainings, question.facts.orders
    if not cycle or held is None:
        return
    last = max((day for day in held if day <= question.as_of), default=orders.first if orders else None)
    if last is None or (question.as_of - last).days < cycle:
        return
    n = (question.as_of - last).days // cycle
    yield Owed(
        suffix=f"{last}-{n}",
        series=str(last),
        stage=n,
        on=last + timedelta(days=n * cycle),
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(
            f"约定每 {cycle} 天培训一次，上次（或首单）{last}",
            f"a training is agreed every {days_en(cycle)}; the last, or the first order, was on {last}",
        ),
        values={"last": last, "cycle": cycle},
    )


TRAINING = Rule(
    id="R29",
    title=Text("培训到期", "training due"),
    settings=Training,
    fields={"last": "date", "cycle": "number"},
    words=Words(
        subject=Text("邀请 {{account}} 参加培训", "Invite {{account}} to a training"),
        body=Text(
            "{{account}}（{{tier}}）约定每 {{cycle}} 天一次培训或交流，上次（或首单）是 {{last|cn}}。\n"
            "请根据客户关心的问题选题，约好时间和参加人员。",
            "{{account}} ({{tier}}) is to be trained every {{cycle|days}}; the last time, or the first order, "
            "was on {{last|long}}.\n"
            "Please choose a subject the customer cares for, and agree on time and people.",
        ),
    ),
    owed=trainings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerReview:
    """Which marks on an account make it a partner, and how many months a review covers."""

    flags: tuple[str, ...] = ("合作伙伴", "伙伴", "渠道", "经销商", "partner", "reseller")
    months: int = 6
    due: int = 10
    priority: Priority = "medium"


def check_months(settings: PartnerReview) -> Iterator[tuple[str, Text]]:
    if settings.months not in (1, 2, 3, 4, 6, 12):
        yield "months", Text("可以用：1, 2, 3, 4, 6, 12", "there are: 1, 2, 3, 4, 6, 12")


def partner_reviews(question: Question, settings: PartnerReview) -> Iterator[Owed]:
    """One review a period, from its first day on."""
    profile = question.care.profile
    wanted = {flag.casefold() for flag in settings.flags}
    if profile is None or not any(flag.casefold() in wanted for flag in profile.flags):
        return
    day = question.as_of
    begin = date(day.year, (day.month - 1) // settings.months * settings.months + 1, 1)
    yield Owed(
        suffix=f"{begin:%Y-%m}",
        series="",
        on=begin,
        due=question.calendar.plus(day, settings.due),
        priority=settings.priority,
        because=Text(f"{begin:%Y-%m} 开始的一期合作回顾", f"the review of the period before {begin:%Y-%m}"),
        values={"begin": begin, "end": begin - timedelta(days=1)},
    )


PARTNER = Rule(
    id="R35",
    title=Text("伙伴回顾", "partner review"),
    settings=PartnerReview,
    fields={"begin": "date", "end": "date"},
    words=Words(
        subject=Text("回顾与伙伴 {{account}} 的合作（截至 {{end}}）", "Review the partner {{account}} (up to {{end}})"),
        body=Text(
            "请与 {{account}} 回顾截至 {{end|cn}} 的合作：业绩、商机、培训、客户反馈，商定下一期目标。",
            "Please review the period up to {{end|long}} with {{account}}: results, deals, training, "
            "what customers say; settle the goals of the next.",
        ),
    ),
    owed=partner_reviews,
    check=check_months,
)
