"""R10 to R13: a case waits for its first answer, a complaint for its end, an emergency for anybody, a customer for
our asking whether all is well.

Times run in working hours, those of an emergency round the clock. Whether anybody answered is never guessed: a CRM
that notes no first responses has none that are late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kamsync.plugin import Priority, Text
from kamsync.rules.calendar import WorkCalendar
from kamsync.rules.care_facts import CaseFact
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words, known_by

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstResponse:
    """Times to answer in, by rank: working hours; minutes round the clock for an emergency. `steps`: % of them."""

    hours: tuple[int, ...] = (4, 8, 16)
    complaint_hours: tuple[int, ...] = (2, 4, 8)
    emergency_minutes: tuple[int, ...] = (15, 30, 120)
    steps: tuple[int, ...] = (50, 80, 100)
    priority: Priority = "high"


def check_steps(settings: Any) -> Iterator[tuple[str, Text]]:
    """Steps are told in the order they are reached."""
    if list(settings.steps) != sorted(set(settings.steps)) or 0 in settings.steps:
        yield "steps", Text("要从 1 起由小到大，不能重复", "must rise from 1 on, none twice")


def unanswered(question: Question, settings: FirstResponse) -> Iterator[Owed]:
    """For each open case that nobody answered, the latest step of its time."""
    for case in question.care.cases or ():
        if not case.open or case.responded is not None or not case.responses_told:
            continue

        def at(percent: int, case: CaseFact = case) -> datetime:
            return _answer_by(question, settings, case, percent)

        yield from _step(question, case, settings, at, Text("尚无首次响应", "has no first response"))


def _answer_by(question: Question, settings: FirstResponse, case: CaseFact, percent: int) -> datetime:
    if case.kind == "emergency":
        return case.opened + MINUTE * question.of(settings.emergency_minutes) * percent / 100
    hours = question.of(settings.complaint_hours if case.kind == "complaint" else settings.hours)
    return question.calendar.plus_hours(case.opened, hours * percent / 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Working days to end a complaint in, by rank, and at which % of them we remind."""

    days: tuple[int, ...] = (3, 5, 10)
    steps: tuple[int, ...] = (80, 100, 200)
    priority: Priority = "high"


def unsolved(question: Question, settings: Complaint) -> Iterator[Owed]:
    """For each open complaint the latest step of its time; a working day counts as its working hours."""
    days = question.of(settings.days)
    for case in question.care.cases or ():
        if not case.open or case.kind != "complaint":
            continue

        def at(percent: int, case: CaseFact = case) -> datetime:
            return _in_days(question.calendar, case.opened, days * percent / 100)

        yield from _step(question, case, settings, at, Text("投诉尚未解决", "is a complaint that is not solved"))


def _in_days(calendar: WorkCalendar, opened: datetime, days: float) -> datetime:
    """So many working days later, by the hour; from the opening of one day, it is the opening of another."""
    end = calendar.plus_hours(opened, calendar.hours_a_day * days)
    if calendar.is_working(opened.date()) and opened.time() <= calendar.opens and end.time() == calendar.closes:
        return datetime.combine(calendar.plus(end.date(), 1), calendar.opens, end.tzinfo)
    return end


def _step(question: Question, case: CaseFact, settings: Any, at: Any, what: Text) -> Iterator[Owed]:
    now = question.moment(case.opened.tzinfo)
    reached = [place for place, percent in enumerate(settings.steps) if at(percent) <= now]
    if not reached:
        return
    percent, deadline = settings.steps[reached[-1]], at(100)
    name = known_by(case.member, _members(question))
    said = f"{deadline:%Y-%m-%d %H:%M}"
    yield Owed(
        suffix=f"{name}-{percent}",
        series=name,
        stage=reached[-1],
        on=at(percent).date(),
        due=deadline.date(),
        priority=settings.priority,
        cause=case.member,
        because=Text(
            f"{case.number} {what.zh}，时限 {said} 已过 {percent}%",
            f"{case.number} {what.en}; {percent}% of the time until {said} is over",
        ),
        values={"case": case.number, "opened": f"{case.opened:%Y-%m-%d %H:%M}", "deadline": said, "percent": percent},
    )


def _members(question: Question) -> Sequence[Any]:
    return [case.member for case in question.care.cases or ()]


_TIMED: Any = {"case": "text", "opened": "text", "deadline": "text", "percent": "number"}

RESPONSE = Rule(
    id="R10",
    title=Text("首次响应", "first response"),
    settings=FirstResponse,
    fields=_TIMED,
    words=Words(
        subject=Text(
            "响应 {{account}} 的工单 {{case}}：最迟 {{deadline}}",
            "Answer case {{case}} of {{account}} by {{deadline}}",
        ),
        body=Text(
            "{{account}}（{{tier}}）的工单 {{case}} 于 {{opened}} 提出，首次响应时限 {{deadline}}，已过 "
            "{{percent}}%。\n"
            "请先联系客户，告知由谁处理、何时答复，并在 CRM 中记下响应时间。",
            "Case {{case}} of {{account}} ({{tier}}) was opened at {{opened}}; it is to be answered by {{deadline}}, "
            "and {{percent}}% of that time is over.\n"
            "Please tell the customer who looks after it and when to expect an answer, and note the response in "
            "the CRM.",
        ),
    ),
    owed=unanswered,
    check=check_steps,
)

COMPLAINT = Rule(
    id="R11",
    title=Text("投诉未解决", "open complaint"),
    settings=Complaint,
    fields=_TIMED,
    words=Words(
        subject=Text(
            "解决 {{account}} 的投诉 {{case}}：最迟 {{deadline}}",
            "Solve complaint {{case}} of {{account}} by {{deadline}}",
        ),
        body=Text(
            "{{account}}（{{tier}}）于 {{opened}} 提出的投诉 {{case}} 尚未解决，时限 {{deadline}}，已过 "
            "{{percent}}%。\n"
            "请推动解决并告知客户进展；超过时限的，请主管介入。",
            "Complaint {{case}} of {{account}} ({{tier}}), made at {{opened}}, is not solved; its time ends at "
            "{{deadline}}, and {{percent}}% of it is over.\n"
            "Please see to it and tell the customer how it stands; past its time, the manager should step in.",
        ),
    ),
    owed=unsolved,
    check=check_steps,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Every how many hours, round the clock, an open emergency is told of again."""

    every_hours: int = 4
    priority: Priority = "urgent"


def check_emergency(settings: Emergency) -> Iterator[tuple[str, Text]]:
    if not settings.every_hours:
        yield "every_hours", Text("不能是 0", "must not be 0")


def emergencies(question: Question, settings: Emergency) -> Iterator[Owed]:
    """Each open emergency, at once and again every few hours; the later closes the earlier."""
    every = timedelta(hours=settings.every_hours)
    for case in question.care.cases or ():
        now = question.moment(case.opened.tzinfo)
        if not case.open or case.kind != "emergency" or now < case.opened:
            continue
        step = int((now - case.opened) / every)
        name = known_by(case.member, _members(question))
        hours = step * settings.every_hours
        yield Owed(
            suffix=f"{name}-{step}",
            series=name,
            stage=step,
            on=(case.opened + step * every).date(),
            due=question.as_of,
            priority=settings.priority,
            cause=case.member,
            because=Text(
                f"紧急工单 {case.number} 于 {case.opened:%Y-%m-%d %H:%M} 提出，尚未关闭",
                f"emergency {case.number}, opened at {case.opened:%Y-%m-%d %H:%M}, is still open",
            ),
            values={"case": case.number, "opened": f"{case.opened:%Y-%m-%d %H:%M}", "hours": hours},
        )


EMERGENCY = Rule(
    id="R12",
    title=Text("紧急工单", "emergency"),
    settings=Emergency,
    fields={"case": "text", "opened": "text", "hours": "number"},
    words=Words(
        subject=Text("紧急：{{account}} 的工单 {{case}}", "Emergency at {{account}}: case {{case}}"),
        body=Text(
            "{{account}}（{{tier}}）的紧急工单 {{case}} 于 {{opened}} 提出，尚未关闭。\n"
            "请立即联系客户，按应急流程处理；解决之前每隔几小时会再次提醒。",
            "Emergency {{case}} of {{account}} ({{tier}}), opened at {{opened}}, is still open.\n"
            "Please call the customer now and follow the emergency procedure; "
            "until it is solved you are told again every few hours.",
        ),
    ),
    owed=emergencies,
    check=check_emergency,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """Working days to ask the customer in."""

    due: int = 2
    priority: Priority = "medium"


def unconfirmed(question: Question, settings: CallBack) -> Iterator[Owed]:
    """Each closed case of which the customer has not said that it is over."""
    for case in question.care.cases or ():
        if case.open or case.confirmed is not False or case.closed is None or case.closed > question.as_of:
            continue
        name = known_by(case.member, _members(question))
        yield Owed(
            suffix=name,
            series=name,
            on=case.closed,
            due=question.calendar.plus(question.as_of, settings.due),
            priority=settings.priority,
            cause=case.member,
            because=Text(
                f"{case.number} 于 {case.closed} 关闭，客户尚未确认",
                f"{case.number} was closed on {case.closed}; the customer has not confirmed it",
            ),
            values={"case": case.number, "closed": case.closed},
        )


CALL_BACK = Rule(
    id="R13",
    title=Text("关闭后回访", "call-back after closing"),
    settings=CallBack,
    fields={"case": "text", "closed": "date"},
    words=Words(
        subject=Text("回访 {{account}}：工单 {{case}} 已关闭", "Call {{account}} back: case {{case}} was closed"),
        body=Text(
            "{{account}}（{{tier}}）的工单 {{case}} 已于 {{closed|cn}} 关闭，客户还没有确认。\n"
            "请回访客户，确认问题已经解决；没有解决的，请重新打开工单。",
            "Case {{case}} of {{account}} ({{tier}}) was closed on {{closed|long}}; the customer has not "
            "confirmed it.\n"
            "Please ask whether all is well, and open the case again if it is not.",
        ),
    ),
    owed=unconfirmed,
)
