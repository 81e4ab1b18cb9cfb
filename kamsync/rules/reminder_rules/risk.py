"""R23 and R25: a customer is about to leave us; a tier that was set by hand is about to end.

A risk is told when it crosses its bar, and again only after it has fallen well below. Who is at risk is measured
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from kamsync.plugin import Priority, Text
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words
from kamsync.rules.wording import short


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """The risk (0–100) from which we act, by rank; how far below it must fall before it is told again."""

    from_risk: tuple[int, ...] = (50, 70, 70)
    rearm: int = 10
    due: int = 2
    priority: Priority = "high"


def churning(question: Question, settings: Churn) -> Iterator[Owed]:
    """The day on which the risk crossed its bar, while it has not fallen well below since."""
    bar = question.of(settings.from_risk)
    crossed = crossing(question.churn, bar, settings.rearm)
    if crossed is None:
        return
    on, risk = crossed, question.churn[-1][1]
    yield Owed(
        suffix=str(on),
        series="",
        on=on,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(
            f"流失风险 {short(risk)}，{on} 起达到 {bar}", f"churn risk {short(risk)}, {bar} or more since {on}"
        ),
        values={"risk": short(risk), "since": on},
    )


def crossing(history: Iterable[tuple[date, Decimal]], bar: int, rearm: int) -> date | None:
    """The day of the last crossing that still stands."""
    since: date | None = None
    for day, risk in history:
        if since is None and risk >= bar:
            since = day
        elif since is not None and risk < bar - rearm:
            since = None
    return since


CHURN = Rule(
    id="R23",
    title=Text("流失风险", "churn risk"),
    settings=Churn,
    fields={"risk": "text", "since": "date"},
    words=Words(
        subject=Text("{{account}} 有流失风险：{{risk}}", "{{account}} may leave us: risk {{risk}}"),
        body=Text(
            "{{account}}（{{tier}}）的流失风险自 {{since|cn}} 起偏高，现在是 {{risk}}（满分 100）。\n"
            "请了解原因（订货间隔、业绩、投诉、满意度、关系），与主管商定挽留措施；依据见 kamsync tier explain。",
            "The churn risk of {{account}} ({{tier}}) has been high since {{since|long}}; it is {{risk}} of 100.\n"
            "Please find out why (orders, revenue, complaints, satisfaction, relations) and settle with the manager "
            "what to do; kamsync tier explain shows what it is made of.",
        ),
    ),
    owed=churning,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """How many days before the end of a tier set by hand we remind."""

    ahead: int = 14
    priority: Priority = "medium"


def overrides(question: Question, settings: Override) -> Iterator[Owed]:
    """The last days of a tier that was set by hand."""
    manual = question.manual
    if manual is None:
        return
    on = manual.until - timedelta(days=settings.ahead)
    if not on <= question.as_of <= manual.until:
        return
    yield Owed(
        suffix=str(manual.until),
        series="",
        on=on,
        due=question.calendar.prev(manual.until),
        priority=settings.priority,
        because=Text(
            f"{manual.author} 指定的{manual.tier}到 {manual.until} 为止",
            f"{manual.tier}, set by {manual.author}, holds until {manual.until}",
        ),
        values={"manual": manual.tier, "until": manual.until, "author": manual.author},
    )


OVERRIDE = Rule(
    id="R25",
    title=Text("人工指定到期", "override ends"),
    settings=Override,
    fields={"manual": "text", "until": "date", "author": "text"},
    words=Words(
        subject=Text("{{account}} 的人工分级 {{until}} 到期", "The tier set by hand for {{account}} ends {{until}}"),
        body=Text(
            "{{account}} 由 {{author}} 指定为{{manual}}，到 {{until|cn}} 为止，之后按评分定级。\n"
            "请决定是否需要延长；延长要写明理由。",
            "{{account}} was set to {{manual}} by {{author}} until {{until|long}}; its score decides afterwards.\n"
            "Please decide whether to extend it, and say why.",
        ),
    ),
    owed=overrides,
)
