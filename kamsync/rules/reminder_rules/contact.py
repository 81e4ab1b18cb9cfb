"""R01: the customer has not been in touch with us for longer than its tier's cadence.

A planned touch within the next days is as good as one; a touch nobody knows the date of is never made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from kamsync.plugin import Priority, Text
from kamsync.rules.reminder_rules.rule import Owed, Question, Rests, Rule, Unsure, Words, nth
from kamsync.rules.template import days_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Days and priorities by rank, best first. `every` 0: this rank has no cadence."""

    every: tuple[int, ...] = (14, 30, 90)
    planned_within: int = 7
    due: tuple[int, ...] = (1, 2, 2)
    priority: tuple[Priority, ...] = ("high", "medium", "medium")


def owed(question: Question, settings: Settings) -> Iterator[Owed | Unsure | Rests]:
    """One duty a cadence missed: the n-th closes the one before it."""
    rank = question.rank - 1
    cadence = nth(settings.every, rank)
    touches = question.facts.touches
    if not cadence:
        return
    if touches is None:
        yield Unsure(Text("没有读取任何联系记录", "no contact records were ever read"))
        return
    if touches.two_way is None:
        yield Unsure(Text("没有找到任何双向联系记录", "no two-way contact is on record"))
        return
    days = (question.as_of - touches.two_way).days
    soon = question.as_of + timedelta(days=settings.planned_within)
    if days <= cadence:
        return
    if touches.planned is not None and question.as_of <= touches.planned <= soon:
        yield Rests(str(touches.two_way))
        return
    n = days // cadence
    yield Owed(
        suffix=f"{touches.two_way}-{n}",
        series=str(touches.two_way),
        stage=n,
        on=touches.two_way + timedelta(days=max(n * cadence, cadence + 1)),
        due=question.calendar.plus(question.as_of, nth(settings.due, rank)),
        priority=nth(settings.priority, rank),
        because=Text(
            f"上次双向联系 {touches.two_way}，距今 {days} 天，约定每 {cadence} 天一次",
            f"last two-way contact {touches.two_way}, {days_en(days)} ago; agreed: every {days_en(cadence)}",
        ),
        values={"touched": touches.two_way, "days": days, "cadence": cadence, "n": n},
    )


RULE = Rule(
    id="R01",
    title=Text("联系超期", "contact overdue"),
    settings=Settings,
    fields={"touched": "date", "days": "number", "cadence": "number", "n": "number"},
    words=Words(
        subject=Text(
            "联系 {{account}}：{{touched}} 以来没有双向联系",
            "Contact {{account}}: no two-way contact since {{touched}}",
        ),
        body=Text(
            "{{account}}（{{tier}}）约定每 {{cadence}} 天至少一次双向联系。上次是 {{touched|cn}}，距今 {{days}} 天。\n"
            "拜访、会议、接通的电话，或客户的来电来信都算；请在 CRM 中留下记录。",
            "{{account}} ({{tier}}) is to be in touch with us every {{cadence|days}}. "
            "The last time was {{touched|long}}, {{days|days}} ago.\n"
            "A visit, a meeting, an answered call or a message from the customer counts; please log it in the CRM.",
        ),
    ),
    owed=owed,
    fades=True,
)
