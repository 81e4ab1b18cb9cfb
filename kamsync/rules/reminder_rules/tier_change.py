"""R24: the customer's tier has changed, so what we owe it has too.

Tells of the change; it decides no tier. A first verdict never comes here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kamsync.plugin import Priority, Text
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Working days to react, and how loudly."""

    due: int = 5
    priority: Priority = "medium"


def owed(question: Question, settings: Settings) -> Iterator[Owed]:
    """One duty a change; a later change closes it."""
    change = question.change
    if change is None or change.before == change.after or change.on > question.as_of:
        return
    why = change.because or Text("见分级说明", "see the explanation of the tier")
    yield Owed(
        suffix=str(change.on),
        series="tier",
        on=change.on,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(
            f"{change.on} 由{change.before}变为{change.after}", f"{change.before} became {change.after} on {change.on}"
        ),
        values={"before": change.before, "after": change.after, "changed": change.on, "why": why.zh, "why_en": why.en},
    )


RULE = Rule(
    id="R24",
    title=Text("分级变化", "tier change"),
    settings=Settings,
    fields={"before": "text", "after": "text", "changed": "date", "why": "text", "why_en": "text"},
    words=Words(
        subject=Text(
            "分级变化 {{account}}：{{before}} → {{after}}",
            "Tier change of {{account}}: {{before}} → {{after}}",
        ),
        body=Text(
            "{{account}} 于 {{changed|cn}} 由{{before}}变为{{after}}。原因：{{why}}\n"
            "请按新的服务标准调整联系与拜访计划，必要时告知客户与相关同事。",
            "{{account}} went from {{before}} to {{after}} on {{changed|long}}. Why: {{why_en}}\n"
            "Please adapt contact and visit plans to the new service standard, "
            "and tell the customer and colleagues where needed.",
        ),
    ),
    owed=owed,
)
