"""Measure an account: each number with its inputs, its source and its window.

Pure: facts and a policy in, metrics out. Unknown stays None and says why; it judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from kamsync.model import from_minor
from kamsync.plugin import Text
from kamsync.rules.facts import Facts, OrderFacts
from kamsync.rules.policy import Policy

Input = Decimal | date | str
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class MetricKind:
    """What a metric is called and measured in. `earned`: work with the customer can change it."""

    label: Text
    unit: str
    earned: bool = True


CATALOGUE: Mapping[str, MetricKind] = {
    "revenue_12m": MetricKind(Text("近 12 个月净销售额", "12-month net sales"), "yuan"),
    "gross_margin_12m": MetricKind(Text("近 12 个月毛利", "12-month gross margin"), "yuan"),
    "order_days_12m": MetricKind(Text("近 12 个月下单天数", "12-month order days"), "days"),
    "wallet_gap": MetricKind(Text("尚未拿到的采购额", "spend elsewhere"), "yuan"),
    "weighted_pipeline_12m": MetricKind(Text("未来 12 个月加权商机", "12-month weighted pipeline"), "yuan"),
    "growth_yoy": MetricKind(Text("销售同比增长", "growth on the year before"), "ratio"),
    "clv_36m": MetricKind(Text("36 个月生命周期价值", "36-month lifetime value"), "yuan"),
    "margin_cum_36m": MetricKind(Text("近 36 个月累计毛利", "36-month gross margin"), "yuan"),
    "tenure_months": MetricKind(Text("合作时长", "months as a customer"), "months", earned=False),
    "on_time_rate": MetricKind(Text("按期付款率", "money paid on time"), "ratio"),
    "satisfaction": MetricKind(Text("满意度", "satisfaction"), "points"),
    "active_months_12": MetricKind(Text("近 12 个月有订单的月数", "active months of 12"), "months"),
    "influence": MetricKind(Text("影响力评分", "influence rating"), "rating"),
    "share_of_wallet": MetricKind(Text("钱包份额", "share of wallet"), "ratio"),
    "overdue_180d": MetricKind(Text("逾期超过 180 天的欠款", "unpaid for more than 180 days"), "yuan"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number on one date. `assumed`: the policy's word stands in for data; `note`: why it is unknown or odd."""

    name: str
    value: Decimal | None
    source: Text
    inputs: Mapping[str, Input] = field(default_factory=dict)
    window: tuple[date, date] | None = None  # first and last day that counted
    assumed: bool = False
    note: Text | None = None

    @property
    def label(self) -> Text:
        return CATALOGUE[self.name].label

    @property
    def unit(self) -> str:
        return CATALOGUE[self.name].unit


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one account on one date, by name."""

    as_of: date
    by_name: Mapping[str, Metric]

    def get(self, name: str) -> Metric | None:
        return self.by_name.get(name)

    def value(self, name: str) -> Decimal | None:
        """The value, None where it is unknown or was never measured."""
        metric = self.by_name.get(name)
        return metric.value if metric else None

    def __iter__(self) -> Iterator[Metric]:
        return iter(self.by_name.values())


def measure(facts: Facts, policy: Policy) -> Metrics:
    """Every metric of the catalogue for one account on the date of its facts."""
    measured = (_MEASURES[name](facts, policy) for name in CATALOGUE)
    return Metrics(facts.as_of, {metric.name: metric for metric in measured})


def growth(now: Decimal, before: Decimal) -> Decimal | None:
    """Change on the year before, between −1 and 5; None when there was nothing to grow from."""
    if before <= 0:
        return None
    return min(max((now - before) / before, Decimal(-1)), Decimal(5))


def whole_months(start: date, end: date) -> int:
    """Calendar months that have been completed between two dates."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < start.day and (end + timedelta(days=1)).month == end.month)


# ---- orders

_ORDERS = Text("已确认订单，减退货与退款", "orders that count, less returns and refunds")
_NO_ORDERS = Text("没有读到订单", "no orders were read")


def _window(facts: Facts, days: int = 365) -> tuple[date, date]:
    return facts.as_of - timedelta(days=days - 1), facts.as_of


def _yuan(minor: int) -> Decimal:
    return from_minor(minor, "CNY")


def _from_orders(name: str, facts: Facts, pick: Callable[[OrderFacts], Decimal]) -> Metric:
    if facts.orders is None:
        return Metric(name=name, value=None, source=_ORDERS, note=_NO_ORDERS)
    return Metric(name=name, value=pick(facts.orders), source=_ORDERS, window=_window(facts))


def _revenue(facts: Facts, policy: Policy) -> Metric:
    return _from_orders("revenue_12m", facts, lambda orders: _yuan(orders.net_12m))


def _order_days(facts: Facts, policy: Policy) -> Metric:
    return _from_orders("order_days_12m", facts, lambda orders: Decimal(orders.days_12m))


def _active_months(facts: Facts, policy: Policy) -> Metric:
    return _from_orders("active_months_12", facts, lambda orders: Decimal(min(orders.months_12m, 12)))


def _growth(facts: Facts, policy: Policy) -> Metric:
    source = Text("最近 365 天与其前 365 天的净销售额", "net sales of the last 365 days and of the 365 before")
    if facts.orders is None:
        return Metric(name="growth_yoy", value=None, source=source, note=_NO_ORDERS)
    now, before = _yuan(facts.orders.net_12m), _yuan(facts.orders.net_prev_12m)
    value = growth(now, before)
    nothing = Text("前一年没有销售额，无从比较", "nothing was sold the year before")
    return Metric(
        name="growth_yoy", value=value, source=source, window=_window(facts, 730),
        inputs={"now": now, "before": before}, note=nothing if value is None else None,
    )  # fmt: skip


def _margin_12m(facts: Facts, policy: Policy) -> Metric:
    orders = facts.orders
    sums = (orders.net_12m, orders.costed_12m, orders.cost_12m) if orders else None
    return _margin("gross_margin_12m", facts, policy, sums, 365)


def _margin_36m(facts: Facts, policy: Policy) -> Metric:
    orders = facts.orders
    sums = (orders.net_36m, orders.costed_36m, orders.cost_36m) if orders else None
    return _margin("margin_cum_36m", facts, policy, sums, 3 * 365)


def _margin(name: str, facts: Facts, policy: Policy, sums: tuple[int, int, int] | None, days: int) -> Metric:
    """Net less cost where the cost is known; the rest at the policy's rate, and then the whole is assumed."""
    if sums is None:
        return Metric(name=name, value=None, source=_ORDERS, note=_NO_ORDERS)
    net, costed, cost = map(_yuan, sums)
    rest, rate = net - costed, policy.value.margin_rate
    inputs: dict[str, Input] = {"net": net, "costed": costed, "cost": cost}
    window = _window(facts, days)
    if not rest:
        source = Text("订单净额减订单成本", "net order amounts less their costs")
        return Metric(name=name, value=net - cost, source=source, inputs=inputs, window=window)
    if rate is None:
        note = Text("订单没有成本，策略也没有给毛利率", "orders carry no cost and the policy gives no margin rate")
        return Metric(name=name, value=None, source=_ORDERS, inputs=inputs, window=window, note=note)
    percent = f"{(rate * 100).normalize():f}%"
    source = Text(f"无成本的订单按假定毛利率 {percent}", f"orders without cost at an assumed margin of {percent}")
    inputs["margin_rate"] = rate
    value = costed - cost + rest * rate
    return Metric(name=name, value=value, source=source, inputs=inputs, window=window, assumed=True)


# ---- wallet, pipeline, lifetime


def _wallet(facts: Facts) -> tuple[Decimal | None, dict[str, Input], Text | None]:
    """What the customer spends a year, if that is known freshly enough; else why not."""
    if facts.wallet is None:
        return None, {}, Text("没有年采购额估计", "there is no estimate of its yearly spend")
    spend = _yuan(facts.wallet)
    if facts.wallet_date is None:
        return None, {"spend": spend}, Text("年采购额估计没有日期", "the estimate of its yearly spend has no date")
    inputs: dict[str, Input] = {"spend": spend, "estimated": facts.wallet_date}
    if not timedelta() <= facts.as_of - facts.wallet_date <= YEAR:
        note = Text(
            f"{facts.wallet_date} 的年采购额估计已过期", f"the spend estimate of {facts.wallet_date} is out of date"
        )
        return None, inputs, note
    return spend, inputs, None


def _wallet_gap(facts: Facts, policy: Policy) -> Metric:
    source = Text("年采购额估计减净销售额", "estimated yearly spend less net sales")
    spend, inputs, note = _wallet(facts)
    if spend is None or facts.orders is None:
        return Metric(name="wallet_gap", value=None, source=source, inputs=inputs, note=note or _NO_ORDERS)
    revenue = _yuan(facts.orders.net_12m)
    value = max(Decimal(0), spend - revenue)
    return Metric(name="wallet_gap", value=value, source=source, inputs={**inputs, "revenue": revenue})


def _share_of_wallet(facts: Facts, policy: Policy) -> Metric:
    source = Text("净销售额除以年采购额估计", "net sales over estimated yearly spend")
    spend, inputs, note = _wallet(facts)
    if not spend or facts.orders is None:
        return Metric(name="share_of_wallet", value=None, source=source, inputs=inputs, note=note or _NO_ORDERS)
    revenue = _yuan(facts.orders.net_12m)
    share = revenue / spend
    over = Text(
        "销售额超过了估计的采购额，估计偏低", "we sell more than it is thought to spend: the estimate is too low"
    )
    return Metric(
        name="share_of_wallet", value=min(share, Decimal(1)), source=source,
        inputs={**inputs, "revenue": revenue}, note=over if share > 1 else None,
    )  # fmt: skip


def _pipeline(facts: Facts, policy: Policy) -> Metric:
    source = Text("未来 365 天内预计成交的商机 × 赢率", "open deals that close within 365 days, by probability")
    name = "weighted_pipeline_12m"
    if facts.deals is None:
        return Metric(name=name, value=None, source=source, note=Text("没有读到商机", "no deals were read"))
    window = (facts.as_of + timedelta(days=1), facts.as_of + YEAR)
    return Metric(name=name, value=_yuan(facts.deals.weighted_12m), source=source, window=window)


def _clv(facts: Facts, policy: Policy) -> Metric:
    how = facts.clv_how or Text("未拟合", "not fitted")
    source = Text(f"36 个月生命周期价值：{how.zh}", f"36-month lifetime value: {how.en}")
    if facts.clv_36m is None:
        note = Text("还没有算出生命周期价值", "no lifetime value was fitted")
        return Metric(name="clv_36m", value=None, source=source, note=note)
    return Metric(name="clv_36m", value=_yuan(facts.clv_36m), source=source)


def _tenure(facts: Facts, policy: Policy) -> Metric:
    source = Text("合作起始日与首单日中较早者起的整月数", "whole months since cooperation began or the first order")
    known = {"since": facts.since, "first_order": facts.orders.first if facts.orders else None}
    starts: dict[str, Input] = {name: day for name, day in known.items() if day and day <= facts.as_of}
    if not starts:
        note = Text("没有合作起始日，也没有订单", "neither a start of cooperation nor an order is known")
        return Metric(name="tenure_months", value=None, source=source, note=note)
    begun = min(day for day in known.values() if day and day <= facts.as_of)
    months = Decimal(whole_months(begun, facts.as_of))
    return Metric(name="tenure_months", value=months, source=source, inputs=starts, window=(begun, facts.as_of))


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
    on_time, all_due = _yuan(due.on_time_12m), _yuan(due.due_12m)
    inputs: dict[str, Input] = {"on_time": on_time, "due": all_due}
    return Metric(name=name, value=on_time / all_due, source=source, inputs=inputs, window=_window(facts))


def _overdue(facts: Facts, policy: Policy) -> Metric:
    source = Text("到期 180 天后仍未付的应收", "receivables unpaid 180 days after they were due")
    if facts.due is None:
        note = Text("没有读到应收", "no receivables were read")
        return Metric(name="overdue_180d", value=None, source=source, note=note)
    return Metric(name="overdue_180d", value=_yuan(facts.due.overdue_180d), source=source)


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
    return Metric(name="satisfaction", value=value, source=source, inputs=inputs, window=_window(facts))


def _influence(facts: Facts, policy: Policy) -> Metric:
    source = Text("人工评分", "a person's rating")
    if facts.influence is None:
        return Metric(name="influence", value=None, source=source, note=Text("没有人评过分", "nobody has rated it"))
    return Metric(name="influence", value=Decimal(facts.influence), source=source)


_MEASURES: Mapping[str, Callable[[Facts, Policy], Metric]] = {
    "revenue_12m": _revenue, "gross_margin_12m": _margin_12m, "order_days_12m": _order_days,
    "wallet_gap": _wallet_gap, "weighted_pipeline_12m": _pipeline, "growth_yoy": _growth,
    "clv_36m": _clv, "margin_cum_36m": _margin_36m, "tenure_months": _tenure,
    "on_time_rate": _on_time, "satisfaction": _satisfaction, "active_months_12": _active_months,
    "influence": _influence, "share_of_wallet": _share_of_wallet, "overdue_180d": _overdue,
}  # fmt: skip
