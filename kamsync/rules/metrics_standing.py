"""Metrics of money owed, of what customers say and how often we meet: payment, satisfaction, engagement, ratings.

Pure: facts and a policy in, metrics out. Unknown stays None and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, localcontext

from kamsync.plugin import Text
from kamsync.rules.facts import Facts
from kamsync.rules.metrics_kinds import Input, Metric, unknown, window, yuan
from kamsync.rules.policy import Policy

WARM = 6  # what the strength of all touches is set against

# ---- payment, satisfaction, ratings


def _on_time(facts: Facts, policy: Policy) -> Metric:
    source = Text("到期应收中按期收到的金额", "money due that came by its due date")
    name, due = "on_time_rate", facts.due
    if due is None or due.on_time_12m is None or due.due_12m is None:
        note = Text("没有回款记录", "there are no payment records")
        return Metric(name=name, value=None, source=source, note=note)
    if not due.due_12m:
        note = Text("近 12 个月没有到期应收", "nothing fell due in the last 12 months")
        return Metric(name=name, value=None, source=source, note=note)
    on_time, all_due = yuan(due.on_time_12m), yuan(due.due_12m)
    inputs: dict[str, Input] = {"on_time": on_time, "due": all_due}
    return Metric(name=name, value=on_time / all_due, source=source, inputs=inputs, window=window(facts))


def _overdue(facts: Facts, policy: Policy) -> Metric:
    source = Text("到期 180 天后仍未付的应收", "receivables unpaid 180 days after they were due")
    if facts.due is None:
        note = Text("没有读到应收", "no receivables were read")
        return Metric(name="overdue_180d", value=None, source=source, note=note)
    return Metric(name="overdue_180d", value=yuan(facts.due.overdue_180d), source=source)


def _satisfaction(facts: Facts, policy: Policy) -> Metric:
    """The mean of CSAT and NPS, both on 0–100, or the one that is there."""
    source = Text("近 12 个月的满意度与 NPS 调查", "satisfaction and NPS answers of the last 12 months")
    csat = facts.surveys.csat if facts.surveys else None
    nps = facts.surveys.nps if facts.surveys else None
    parts = [part for part in (csat, None if nps is None else (nps + 100) / 2) if part is not None]
    if not parts:
        note = Text("近 12 个月没有调查结果", "no survey was answered in the last 12 months")
        return Metric(name="satisfaction", value=None, source=source, note=note)
    inputs: dict[str, Input] = {name: part for name, part in (("csat", csat), ("nps", nps)) if part is not None}
    value = sum(parts, Decimal(0)) / len(parts)
    return Metric(name="satisfaction", value=value, source=source, inputs=inputs, window=window(facts))


def _influence(facts: Facts, policy: Policy) -> Metric:
    source = Text("人工评分", "a person's rating")
    if facts.influence is None:
        return Metric(name="influence", value=None, source=source, note=Text("没有人评过分", "nobody has rated it"))
    return Metric(name="influence", value=Decimal(facts.influence), source=source)


def _days_late(facts: Facts, policy: Policy) -> Metric:
    """By money: what came before its due date was 0 days late, what is still open counts to the date judged."""
    source = Text("按金额加权的逾期天数，未付的算到当日", "days late weighed by money, open money counted to the day")
    name, due = "avg_days_late", facts.due
    if due is None or due.timed is None or due.late_days is None:
        return unknown(name, source, Text("没有回款记录", "there are no payment records"))
    if not due.timed:
        return unknown(name, source, Text("近 12 个月没有到期应收", "nothing fell due in the last 12 months"))
    inputs: dict[str, Input] = {"money": yuan(due.timed), "money_days": yuan(due.late_days)}
    value = Decimal(due.late_days) / due.timed
    return Metric(name=name, value=value, source=source, inputs=inputs, window=window(facts))


def _dso(facts: Facts, policy: Policy) -> Metric:
    source = Text("未收应收 ÷ 近 90 天开票额 × 90", "open receivables over what was invoiced in 90 days, times 90")
    if facts.due is None:
        return unknown("dso", source, Text("没有读到应收", "no receivables were read"))
    if facts.due.invoiced_90d is None:
        return unknown("dso", source, Text("应收没有开票日期", "receivables carry no day of issue"))
    if facts.due.invoiced_90d <= 0:
        return unknown("dso", source, Text("近 90 天没有开票", "nothing was invoiced in 90 days"))
    inputs: dict[str, Input] = {"open": yuan(facts.due.open), "invoiced": yuan(facts.due.invoiced_90d)}
    value = Decimal(facts.due.open) / facts.due.invoiced_90d * 90
    return Metric(name="dso", value=value, source=source, inputs=inputs, window=window(facts, 90))


def _csat(facts: Facts, policy: Policy) -> Metric:
    source = Text("近 12 个月满意度评分的平均，换算为 0–100", "mean of the scores of the last 12 months, on 0–100")
    value = facts.surveys.csat if facts.surveys else None
    if value is None:
        return unknown("csat", source, Text("近 12 个月没有满意度评分", "no score was given in the last 12 months"))
    return Metric(name="csat", value=value, source=source, window=window(facts))


def _nps(facts: Facts, policy: Policy) -> Metric:
    source = Text("推荐者（9–10）占比减贬损者（0–6）占比", "share of promoters (9–10) less detractors (0–6)")
    value = facts.surveys.nps if facts.surveys else None
    if value is None:
        return unknown("nps", source, Text("近 12 个月没有 NPS 评分", "no NPS answer in the last 12 months"))
    return Metric(name="nps", value=value, source=source, window=window(facts))


def engagement(strength: Decimal) -> Decimal:
    """100(1 − e^(−S/6)): how warm the contact is, from the strength of all touches."""
    with localcontext(Context(prec=28)):
        return 100 * (1 - (-strength / WARM).exp())


def _engagement(facts: Facts, policy: Policy) -> Metric:
    source = Text("拜访、会议、电话等往来，45 天减半", "visits, meetings, calls and mail, halved every 45 days")
    if facts.touches is None:
        return unknown("engagement", source, Text("没有读到往来记录", "no activities were read"))
    strength = facts.touches.strength
    return Metric(name="engagement", value=engagement(strength), source=source, inputs={"strength": strength})


def _services(facts: Facts, policy: Policy) -> Metric:
    source = Text("近 12 个月的工单、巡检与培训", "cases, inspections and trainings of the last 12 months")
    if facts.cases is None:
        return unknown("service_events_12m", source, Text("没有读到工单", "no cases were read"))
    cases, done = facts.cases.opened_12m, facts.touches.services_12m if facts.touches else 0
    inputs: dict[str, Input] = {"cases": Decimal(cases), "services": Decimal(done)}
    value = Decimal(cases + done)
    return Metric(name="service_events_12m", value=value, source=source, inputs=inputs, window=window(facts))


MEASURES: Mapping[str, Callable[[Facts, Policy], Metric]] = {
    "on_time_rate": _on_time, "avg_days_late": _days_late, "dso": _dso, "overdue_180d": _overdue,
    "satisfaction": _satisfaction, "csat": _csat, "nps": _nps, "engagement": _engagement,
    "service_events_12m": _services, "influence": _influence,
}  # fmt: skip
