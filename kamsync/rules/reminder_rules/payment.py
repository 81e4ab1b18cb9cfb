"""R08: a receivable is overdue, told in stages.

What is disputed is left out before it comes here, and a promise to pay is waited for; nothing is ever forgiven.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from kamsync.plugin import Priority, Text
from kamsync.rules.facts import OpenInvoice
from kamsync.rules.marker import slug
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words, nth
from kamsync.rules.template import days_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Days overdue at which we remind, fewest first, and how loudly at each."""

    stages: tuple[int, ...] = (1, 7, 15, 30, 60, 90, 180)
    priority: tuple[Priority, ...] = ("medium", "medium", "high", "high", "urgent")
    due: int = 1


def check(settings: Settings) -> Iterator[tuple[str, Text]]:
    """Stages are told in the order they are reached."""
    if list(settings.stages) != sorted(set(settings.stages)) or 0 in settings.stages:
        yield "stages", Text("要从 1 起由小到大，不能重复", "must rise from 1 on, none twice")


def owed(question: Question, settings: Settings) -> Iterator[Owed]:
    """For each unpaid receivable the largest stage it has reached."""
    ids = Counter(invoice.member.remote_id for invoice in question.facts.invoices)
    for invoice in question.facts.invoices:
        days = (question.as_of - invoice.due).days
        reached = [stage for stage in settings.stages if stage <= days]
        waiting = invoice.promised is not None and question.as_of <= invoice.promised
        if invoice.open > 0 and reached and not waiting:
            yield _stage(question, settings, invoice, len(reached) - 1, shared=ids[invoice.member.remote_id] > 1)


def _stage(question: Question, settings: Settings, invoice: OpenInvoice, index: int, *, shared: bool) -> Owed:
    stage = settings.stages[index]
    days = (question.as_of - invoice.due).days
    reached = invoice.due + timedelta(days=stage)
    # Two CRMs may number their receivables alike; then the number alone names neither.
    name = slug(f"{invoice.member.connection}/{invoice.member.remote_id}" if shared else invoice.member.remote_id)
    return Owed(
        suffix=f"{name}-{stage}",
        series=name,
        on=max(reached, invoice.promised + timedelta(days=1)) if invoice.promised else reached,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=nth(settings.priority, index),
        cause=invoice.member,
        because=Text(
            f"{invoice.number} 应于 {invoice.due} 付清，已逾期 {days} 天",
            f"{invoice.number} was due on {invoice.due} and is {days_en(days)} overdue",
        ),
        values={"invoice": invoice.number, "payable": invoice.due, "days": days, "stage": stage, "open": invoice.open},
    )


RULE = Rule(
    id="R08",
    title=Text("回款逾期", "payment overdue"),
    settings=Settings,
    fields={"invoice": "text", "payable": "date", "days": "number", "stage": "number", "open": "money"},
    words=Words(
        subject=Text(
            "催收 {{account}}：{{invoice}} 已逾期 {{days}} 天，未收 {{open}} 元",
            "Collect from {{account}}: {{invoice}} is {{days|days}} overdue, {{open}} yuan open",
        ),
        body=Text(
            "应收 {{invoice}} 应于 {{payable|cn}} 付清，尚有 {{open}} 元未收（有争议的部分不计）。\n"
            "请与客户确认付款日期，并在 CRM 中记下结果。",
            "Receivable {{invoice}} was payable by {{payable|long}}; {{open}} yuan are still open "
            "(what is disputed is left out).\n"
            "Please agree on a date of payment with the customer and note it in the CRM.",
        ),
    ),
    owed=owed,
    check=check,
)
