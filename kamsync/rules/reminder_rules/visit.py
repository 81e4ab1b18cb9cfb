"""R02 and R03: the next visit is near, or past, its day; R03 for a visit by our management.

The day is that of the last visit and the cycle of the tier. A last visit that nobody knows of is never made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kamsync.plugin import Priority, Text
from kamsync.rules.facts import TouchFacts
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words
from kamsync.rules.template import days_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Days between visits by rank, best first (0: none is due), and how many days ahead we remind."""

    every: tuple[int, ...] = (30, 90, 365)
    ahead: int = 7
    priority: Priority = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecVisits:
    """The same for visits by our management."""

    every: tuple[int, ...] = (180, 365, 0)
    ahead: int = 30
    priority: Priority = "high"


def _next(last_of: Callable[[TouchFacts], date | None], what: Text) -> Callable[[Question, Any], Iterator[Any]]:
    def owed(question: Question, settings: Visits | ExecVisits) -> Iterator[Owed]:
        cycle = question.of(settings.every)
        touches = question.facts.touches
        if not cycle:
            return
        last = last_of(touches) if touches else None
        if last is None:
            return
        expected = last + timedelta(days=cycle)
        on = expected - timedelta(days=settings.ahead)
        if question.as_of < on:
            return
        yield Owed(
            suffix=str(last),
            series="",
            on=on,
            due=question.calendar.prev(expected),
            priority=settings.priority,
            because=Text(
                f"上次{what.zh} {last}，约定每 {cycle} 天一次，下次应在 {expected} 前",
                f"last {what.en} {last}; agreed: every {days_en(cycle)}, so the next one by {expected}",
            ),
            values={"last": last, "cycle": cycle, "expected": expected, "days": (question.as_of - last).days},
        )

    return owed


_FIELDS: Any = {"last": "date", "cycle": "number", "expected": "date", "days": "number"}

VISIT = Rule(
    id="R02",
    title=Text("拜访到期", "visit due"),
    settings=Visits,
    fields=_FIELDS,
    words=Words(
        subject=Text("拜访 {{account}}：{{expected}} 前", "Visit {{account}} by {{expected}}"),
        body=Text(
            "{{account}}（{{tier}}）约定每 {{cycle}} 天拜访一次。上次拜访是 {{last|cn}}，下次应在 "
            "{{expected|cn}}之前。\n"
            "请约好时间、对象和议题，拜访后在 CRM 中留下记录。",
            "{{account}} ({{tier}}) is to be visited every {{cycle|days}}. "
            "The last visit was on {{last|long}}, the next one is due by {{expected|long}}.\n"
            "Please agree on time, people and agenda, and log the visit in the CRM.",
        ),
    ),
    owed=_next(lambda touches: touches.visit, Text("拜访", "visit")),
)

EXEC_VISIT = Rule(
    id="R03",
    title=Text("高层拜访到期", "executive visit due"),
    settings=ExecVisits,
    fields=_FIELDS,
    words=Words(
        subject=Text("安排高层拜访 {{account}}：{{expected}} 前", "Executive visit to {{account}} by {{expected}}"),
        body=Text(
            "{{account}}（{{tier}}）约定每 {{cycle}} 天一次高层互访。上次是 {{last|cn}}，下次应在 "
            "{{expected|cn}}之前。\n"
            "请与我方领导和客户高层商定：目的、时间、地点、参加人员、议题。",
            "{{account}} ({{tier}}) is to meet our management every {{cycle|days}}. "
            "The last executive visit was on {{last|long}}, the next one is due by {{expected|long}}.\n"
            "Please settle with both managements: purpose, time, place, people, agenda.",
        ),
    ),
    owed=_next(lambda touches: touches.exec_visit, Text("高层拜访", "executive visit")),
)
