"""R14 and R15: the next inspection (巡检) of a site is near, and the report of the last one is missing.

A site that was never inspected has no cycle to go by; a CRM that tells of no reports has none that are missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from kamsync.plugin import Priority, Text
from kamsync.rules.care_facts import InspectionFact
from kamsync.rules.marker import slug
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words
from kamsync.rules.template import days_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Days between inspections by rank, where none were agreed for the site (0: none is due)."""

    every: tuple[int, ...] = (90, 180, 365)
    ahead: int = 14
    priority: Priority = "medium"


def inspections(question: Question, settings: Inspection) -> Iterator[Owed]:
    """The next inspection of each site."""
    for last in _latest(question).values():
        cycle = last.cycle_days or question.of(settings.every)
        expected = last.done + timedelta(days=cycle)
        on = expected - timedelta(days=settings.ahead)
        if not cycle or question.as_of < on:
            continue
        yield Owed(
            suffix=f"{_site(last)}-{last.done}",
            series=_site(last),
            on=on,
            due=question.calendar.prev(expected),
            priority=settings.priority,
            because=Text(
                f"{last.site or '现场'}上次巡检 {last.done}，每 {cycle} 天一次，下次 {expected}",
                f"{last.site or 'the site'} was inspected on {last.done}; every {days_en(cycle)}, so next {expected}",
            ),
            values={"site": last.site, "last": last.done, "cycle": cycle, "expected": expected},
        )


def _latest(question: Question) -> dict[str, InspectionFact]:
    """The last inspection of each site."""
    done = (one for one in question.care.inspections or () if one.done <= question.as_of)
    return {one.site: one for one in sorted(done, key=lambda one: (one.done, one.member))}


def _site(one: InspectionFact) -> str:
    return slug(one.site) if one.site else "site"


INSPECTION = Rule(
    id="R14",
    title=Text("巡检到期", "inspection due"),
    settings=Inspection,
    fields={"site": "text", "last": "date", "cycle": "number", "expected": "date"},
    words=Words(
        subject=Text("巡检 {{account}} {{site}}：{{expected}} 前", "Inspect {{account}} {{site}} by {{expected}}"),
        body=Text(
            "{{account}}（{{tier}}）约定每 {{cycle}} 天巡检一次。上次巡检 {{last|cn}}，下次应在 {{expected|cn}}之前。\n"
            "请约好时间和人员，带上巡检清单；完成后三个工作日内出具报告。",
            "{{account}} ({{tier}}) is to be inspected every {{cycle|days}}. "
            "The last inspection was on {{last|long}}, the next one is due by {{expected|long}}.\n"
            "Please agree on time and people and take the checklist along; "
            "the report is due within three working days after.",
        ),
    ),
    owed=inspections,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How many working days a report may take, and in how many it is to be done once it is late."""

    after: int = 3
    due: int = 2
    priority: Priority = "medium"


def reports(question: Question, settings: Report) -> Iterator[Owed]:
    """Each inspection whose report is not there in time."""
    for one in question.care.inspections or ():
        on = question.calendar.plus(one.done, settings.after)
        if one.reported is not False or question.as_of < on:
            continue
        yield Owed(
            suffix=f"{_site(one)}-{one.done}",
            series=f"{_site(one)}-{one.done}",
            on=on,
            due=question.calendar.plus(question.as_of, settings.due),
            priority=settings.priority,
            cause=one.member,
            because=Text(
                f"{one.site or '现场'} {one.done} 的巡检还没有报告",
                f"the inspection of {one.site or 'the site'} on {one.done} has no report",
            ),
            values={"site": one.site, "done": one.done},
        )


REPORT = Rule(
    id="R15",
    title=Text("巡检报告", "inspection report"),
    settings=Report,
    fields={"site": "text", "done": "date"},
    words=Words(
        subject=Text(
            "出具巡检报告：{{account}} {{site}}（{{done}}）",
            "Report on the inspection of {{account}} {{site}} ({{done}})",
        ),
        body=Text(
            "{{account}}（{{tier}}）{{site}} 已于 {{done|cn}} 巡检，还没有报告。\n"
            "请写明检查内容、发现的问题、建议和责任人，发给客户，并在 CRM 中填写报告日期。",
            "{{account}} ({{tier}}) {{site}} was inspected on {{done|long}}; there is no report yet.\n"
            "Please write down what was checked, what was found, advice and who sees to it, send it to the customer, "
            "and note the day of the report in the CRM.",
        ),
    ),
    owed=reports,
)
