"""R07 to R09: a receivable is payable soon, or overdue (told in stages), or the customer pays later than it used to.

What is disputed is left out before it comes here, and a promise to pay is waited for; nothing is ever forgiven.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from kamsync.plugin import Priority, Text
from kamsync.rules.facts import OpenInvoice
from kamsync.rules.marker import slug
from kamsync.rules.reminder_rules.rule import Owed, Question, Rests, Rule, Words, nth
from kamsync.rules.template import days_en
from kamsync.rules.wording import short


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


def owed(question: Question, settings: Settings) -> Iterator[Owed | Rests]:
    """For each unpaid receivable the largest stage it has reached; of an unclear one nothing can be said."""
    ids = Counter(invoice.member.remote_id for invoice in question.facts.invoices)
    for member in question.facts.unclear:
        yield from (Rests(slug(name)) for name in (member.remote_id, f"{member.connection}/{member.remote_id}"))
    for invoice in question.facts.invoices:
        days = (question.as_of - invoice.due).days
        reached = [stage for stage in settings.stages if stage <= days]
        if invoice.open <= 0 or not reached:
            continue
        name = _name(invoice, shared=ids[invoice.member.remote_id] > 1)
        if invoice.promised is not None and question.as_of <= invoice.promised:
            yield Rests(name)
        else:
            yield _stage(question, settings, invoice, name, len(reached) - 1)


def _stage(question: Question, settings: Settings, invoice: OpenInvoice, name: str, index: int) -> Owed:
    stage = settings.stages[index]
    days = (question.as_of - invoice.due).days
    reached = invoice.due + timedelta(days=stage)
    return Owed(
        suffix=f"{name}-{stage}",
        series=name,
        stage=index,
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


def _name(invoice: OpenInvoice, *, shared: bool) -> str:
    """Two CRMs may number their receivables alike; then the number alone names neither."""
    return slug(f"{invoice.member.connection}/{invoice.member.remote_id}" if shared else invoice.member.remote_id)


OVERDUE = Rule(
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
    needs=("invoice",),
    fades=True,
    check=check,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Soon:
    """How many days before its due date a receivable is told of, by rank (0: not at all)."""

    ahead: tuple[int, ...] = (7, 7, 7)
    priority: Priority = "medium"


def payable(question: Question, settings: Soon) -> Iterator[Owed]:
    """Each unpaid receivable that falls due within the next days, its day included."""
    ahead = question.of(settings.ahead)
    ids = Counter(invoice.member.remote_id for invoice in question.facts.invoices)
    for invoice in question.facts.invoices:
        on = invoice.due - timedelta(days=ahead)
        waiting = invoice.promised is not None and question.as_of <= invoice.promised
        if not ahead or invoice.open <= 0 or waiting or not on <= question.as_of <= invoice.due:
            continue
        name = _name(invoice, shared=ids[invoice.member.remote_id] > 1)
        yield Owed(
            suffix=name,
            series=name,
            on=on,
            due=question.calendar.prev(invoice.due),
            priority=settings.priority,
            cause=invoice.member,
            because=Text(f"{invoice.number} 应于 {invoice.due} 付清", f"{invoice.number} is payable by {invoice.due}"),
            values={"invoice": invoice.number, "payable": invoice.due, "open": invoice.open},
        )


SOON = Rule(
    id="R07",
    title=Text("回款将到期", "payment due soon"),
    settings=Soon,
    fields={"invoice": "text", "payable": "date", "open": "money"},
    words=Words(
        subject=Text(
            "提醒 {{account}} 付款：{{invoice}} {{payable}} 到期，{{open}} 元",
            "Remind {{account}}: {{invoice}} payable by {{payable}}, {{open}} yuan",
        ),
        body=Text(
            "应收 {{invoice}} 应于 {{payable|cn}} 付清，尚有 {{open}} 元未收（有争议的部分不计）。\n"
            "请确认发票和付款流程都没有卡住，必要时提前与客户财务沟通。",
            "Receivable {{invoice}} is payable by {{payable|long}}; {{open}} yuan are open "
            "(what is disputed is left out).\n"
            "Please make sure that neither invoice nor approval is stuck, and talk to the customer's accounting early.",
        ),
    ),
    owed=payable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """From how many days late on average, and how many hundredths of the year before, we ask why."""

    days: int = 15
    percent_of_before: int = 150
    due: int = 3
    priority: Priority = "medium"


def slower(question: Question, settings: Later) -> Iterator[Owed]:
    """Once a month while the customer pays that much later than in the year before."""
    late, before = question.care.paid_late, question.care.paid_late_before
    if late is None or before is None or late < settings.days:
        return
    if late * 100 < max(before, Decimal(0)) * settings.percent_of_before:
        return
    yield Owed(
        suffix=f"{question.as_of:%Y-%m}",
        series="",
        on=question.as_of,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(
            f"近 12 个月平均晚付 {short(late, 1)} 天，前一年 {short(before, 1)} 天",
            f"paid {short(late, 1)} days late on average in 12 months, {short(before, 1)} the year before",
        ),
        values={"late": short(late, 1), "before": short(before, 1)},
    )


LATER = Rule(
    id="R09",
    title=Text("付款变慢", "paying later"),
    settings=Later,
    fields={"late": "text", "before": "text"},
    words=Words(
        subject=Text(
            "{{account}} 付款变慢：平均晚 {{late}} 天（前一年 {{before}} 天）",
            "{{account}} pays later: {{late}} days late on average, {{before}} the year before",
        ),
        body=Text(
            "{{account}}（{{tier}}）近 12 个月平均晚付 {{late}} 天，前一年是 {{before}} 天（按金额加权，"
            "未付的算到今天）。\n"
            "请了解原因：流程、质量争议，还是资金紧张；需要时与财务商定信用额度和付款条件。",
            "{{account}} ({{tier}}) paid {{late}} days late on average in the last 12 months, {{before}} the "
            "year before "
            "(weighted by money, what is open counted to today).\n"
            "Please find out why: their process, a dispute, or a lack of funds; settle credit and terms with "
            "accounting.",
        ),
    ),
    owed=slower,
)
