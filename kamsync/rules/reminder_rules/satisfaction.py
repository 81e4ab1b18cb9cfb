"""R16 and R17: it is time to ask the customer how satisfied it is; it said that it is not.

Nobody is asked amid an open complaint, nor twice in a quarter. A bad answer stands until a better one comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from kamsync.plugin import Priority, Text
from kamsync.rules.care_facts import AnswerFact
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words, known_by
from kamsync.rules.template import days_en
from kamsync.rules.wording import short


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Days between surveys by rank (0: none is due); `rest`: nobody is asked twice within so many days."""

    every: tuple[int, ...] = (90, 180, 365)
    rest: int = 90
    due: int = 5
    priority: Priority = "low"


def surveys(question: Question, settings: Survey) -> Iterator[Owed]:
    """One duty a cycle since the last answer, or since the first order where there was none."""
    cycle, answers = question.of(settings.every), question.care.answers
    orders = question.facts.orders
    if not cycle or answers is None:
        return
    last = max((one.on for one in answers), default=orders.first if orders else None)
    if last is None or (question.as_of - last).days < cycle or _complains(question) or not _may_ask(question, settings):
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
            f"约定每 {cycle} 天做一次满意度调查，上次（或首单）{last}",
            f"a survey is agreed every {days_en(cycle)}; the last answer, or the first order, was on {last}",
        ),
        values={"last": last, "cycle": cycle},
    )


def _complains(question: Question) -> bool:
    return any(case.open and case.kind == "complaint" for case in question.care.cases or ())


def _may_ask(question: Question, settings: Survey) -> bool:
    """Is there anybody who was not asked lately? Where nobody knows who answered, the last answer counts for all."""
    lately = [one for one in question.care.answers or () if (question.as_of - one.on).days < settings.rest]
    people = [one for one in question.care.contacts or () if one.left is not True]
    if not lately:
        return True
    asked = {one.contact for one in lately}
    return None not in asked and any(one.member.remote_id not in asked for one in people)


SURVEY = Rule(
    id="R16",
    title=Text("满意度调查", "survey due"),
    settings=Survey,
    fields={"last": "date", "cycle": "number"},
    words=Words(
        subject=Text("请 {{account}} 做满意度调查", "Ask {{account}} how satisfied it is"),
        body=Text(
            "{{account}}（{{tier}}）约定每 {{cycle}} 天做一次满意度调查，上次（或首单）是 {{last|cn}}。\n"
            "请选一位近三个月没有被调查过的联系人，用问卷、电话或面谈了解，并在 CRM 中录入得分。",
            "{{account}} ({{tier}}) is to be asked every {{cycle|days}}; the last answer, or the first order, "
            "was on {{last|long}}.\n"
            "Please choose a contact who was not asked in three months, by form, telephone or talk, "
            "and enter the score in the CRM.",
        ),
    ),
    owed=surveys,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LowScore:
    """What is low: CSAT in % between its lowest and highest answer (3 of 5 is 50), NPS as answered."""

    csat_percent: int = 50
    nps: int = 6
    due: tuple[int, ...] = (1, 2, 2)
    priority: Priority = "high"


def low_scores(question: Question, settings: LowScore) -> Iterator[Owed]:
    """Each low answer that no better one of its kind, by the same person where that is known, has followed."""
    answers = [one for one in question.care.answers or () if one.on <= question.as_of]
    for one in answers:
        better = any(
            after.kind == one.kind and after.contact == one.contact and after.on > one.on and not _low(after, settings)
            for after in answers
        )
        if not _low(one, settings) or better:
            continue
        name = known_by(one.member, [answer.member for answer in answers])
        said = f"{one.kind.upper()} {short(one.score)}/{short(one.out_of)}"
        yield Owed(
            suffix=name,
            series=name,
            on=one.on,
            due=question.calendar.plus(question.as_of, question.of(settings.due)),
            priority=settings.priority,
            cause=one.member,
            because=Text(f"{one.on} 的调查得分 {said}", f"a survey of {one.on} scored {said}"),
            values={"score": said, "answered": one.on},
        )


def _low(one: AnswerFact, settings: LowScore) -> bool:
    return one.score <= settings.nps if one.kind == "nps" else one.percent <= settings.csat_percent


LOW_SCORE = Rule(
    id="R17",
    title=Text("满意度低", "low score"),
    settings=LowScore,
    fields={"score": "text", "answered": "date"},
    words=Words(
        subject=Text("{{account}} 满意度低：{{score}}", "{{account}} is not satisfied: {{score}}"),
        body=Text(
            "{{account}}（{{tier}}）在 {{answered|cn}} 的调查中给了 {{score}}。\n"
            "请联系客户了解原因，商定改进措施和时间，完成后再请客户评一次；更好的得分会关闭此任务。",
            "{{account}} ({{tier}}) gave {{score}} on {{answered|long}}.\n"
            "Please ask why, settle what will be better and by when, and ask again afterwards; "
            "a better score closes this task.",
        ),
    ),
    owed=low_scores,
)
