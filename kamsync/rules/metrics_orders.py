"""Metrics that come from orders, deals and estimates of what the customer spends.

Pure: facts and a policy in, metrics out. Unknown stays None and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from kamsync.plugin import Text
from kamsync.rules.facts import Facts, OrderFacts
from kamsync.rules.metrics_kinds import Input, Metric, unknown, window, yuan
from kamsync.rules.policy import Policy

YEAR = timedelta(days=365)
GAPS = 10  # how many of the last gaps between order days are looked at
FEWEST = 3  # order days, below which they have no rhythm


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


def _from_orders(name: str, facts: Facts, pick: Callable[[OrderFacts], Decimal]) -> Metric:
    if facts.orders is None:
        return Metric(name=name, value=None, source=_ORDERS, note=_NO_ORDERS)
    return Metric(name=name, value=pick(facts.orders), source=_ORDERS, window=window(facts))


def _revenue(facts: Facts, policy: Policy) -> Metric:
    return _from_orders("revenue_12m", facts, lambda orders: yuan(orders.net_12m))


def _order_days(facts: Facts, policy: Policy) -> Metric:
    return _from_orders("order_days_12m", facts, lambda orders: Decimal(orders.days_12m))


def _active_months(facts: Facts, policy: Policy) -> Metric:
    return _from_orders("active_months_12", facts, lambda orders: Decimal(min(orders.months_12m, 12)))


def _growth(facts: Facts, policy: Policy) -> Metric:
    source = Text("最近 365 天与其前 365 天的净销售额", "net sales of the last 365 days and of the 365 before")
    if facts.orders is None:
        return Metric(name="growth_yoy", value=None, source=source, note=_NO_ORDERS)
    now, before = yuan(facts.orders.net_12m), yuan(facts.orders.net_prev_12m)
    value = growth(now, before)
    nothing = Text("前一年没有销售额，无从比较", "nothing was sold the year before")
    return Metric(
        name="growth_yoy", value=value, source=source, window=window(facts, 730),
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
    net, costed, cost = map(yuan, sums)
    rest, rate = net - costed, policy.value.margin_rate
    inputs: dict[str, Input] = {"net": net, "costed": costed, "cost": cost}
    counted = window(facts, days)
    if not rest:
        source = Text("订单净额减订单成本", "net order amounts less their costs")
        return Metric(name=name, value=net - cost, source=source, inputs=inputs, window=counted)
    if rate is None:
        note = Text("订单没有成本，策略也没有给毛利率", "orders carry no cost and the policy gives no margin rate")
        return Metric(name=name, value=None, source=_ORDERS, inputs=inputs, window=counted, note=note)
    percent = f"{(rate * 100).normalize():f}%"
    source = Text(f"无成本的订单按假定毛利率 {percent}", f"orders without cost at an assumed margin of {percent}")
    inputs["margin_rate"] = rate
    value = costed - cost + rest * rate
    return Metric(name=name, value=value, source=source, inputs=inputs, window=counted, assumed=True)


# ---- wallet, pipeline, lifetime


def _wallet(facts: Facts) -> tuple[Decimal | None, dict[str, Input], Text | None]:
    """What the customer spends a year, if that is known freshly enough; else why not."""
    if facts.wallet is None:
        return None, {}, Text("没有年采购额估计", "there is no estimate of its yearly spend")
    spend = yuan(facts.wallet)
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
    revenue = yuan(facts.orders.net_12m)
    value = max(Decimal(0), spend - revenue)
    return Metric(name="wallet_gap", value=value, source=source, inputs={**inputs, "revenue": revenue})


def _share_of_wallet(facts: Facts, policy: Policy) -> Metric:
    source = Text("净销售额除以年采购额估计", "net sales over estimated yearly spend")
    spend, inputs, note = _wallet(facts)
    if not spend or facts.orders is None:
        return Metric(name="share_of_wallet", value=None, source=source, inputs=inputs, note=note or _NO_ORDERS)
    revenue = yuan(facts.orders.net_12m)
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
    return Metric(name=name, value=yuan(facts.deals.weighted_12m), source=source, window=window)


def _clv(facts: Facts, policy: Policy) -> Metric:
    how = facts.clv_how or Text("未拟合", "not fitted")
    source = Text(f"36 个月生命周期价值：{how.zh}", f"36-month lifetime value: {how.en}")
    if facts.clv_36m is None:
        note = Text("还没有算出生命周期价值", "no lifetime value was fitted")
        return Metric(name="clv_36m", value=None, source=source, note=note)
    return Metric(name="clv_36m", value=yuan(facts.clv_36m), source=source)


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


# ---- the rhythm of orders

_GAPS = Text("最近至多 10 个下单间隔", "the last 10 gaps between order days, or as many as there are")


def gaps(days: Sequence[date]) -> list[int]:
    """The last ≤ 10 gaps between order days, in days; none where there are too few to tell a rhythm."""
    return [(later - earlier).days for earlier, later in pairwise(days[-GAPS - 1 :])] if len(days) >= FEWEST else []


def median_gap(orders: OrderFacts) -> Decimal | None:
    """The customer's own rhythm in days; None below three order days."""
    found = gaps(orders.recent_days)
    return Decimal(median(found)) if found else None


def _gap_cv(facts: Facts, policy: Policy) -> Metric:
    """Standard deviation over mean of the gaps, of the gaps as they are (population)."""
    name = "order_gap_cv"
    if facts.orders is None:
        return unknown(name, _GAPS, _NO_ORDERS)
    found = gaps(facts.orders.recent_days)
    if not found:
        return unknown(name, _GAPS, Text("下单不足 3 天，看不出间隔", "fewer than 3 order days show no rhythm"))
    mean = Decimal(sum(found)) / len(found)
    spread = (sum(((gap - mean) ** 2 for gap in found), Decimal(0)) / len(found)).sqrt()
    span = (facts.orders.recent_days[-len(found) - 1], facts.orders.recent_days[-1])
    inputs: dict[str, Input] = {"gaps": Decimal(len(found)), "mean": mean, "deviation": spread}
    return Metric(name=name, value=spread / mean, source=_GAPS, inputs=inputs, window=span)


# ---- the place in the book (RFM)

_NEVER = Text("从未下单", "it never ordered")
_FIFTH = Text("与全体客户相比，5 分最高，同值同分", "beside the whole book, 5 is best; equal values score alike")


def _fifth(name: str) -> Callable[[Facts, Policy], Metric]:
    def measured(facts: Facts, policy: Policy) -> Metric:
        place = facts.fifths.get(name)
        if place is None:
            return unknown(name, _FIFTH, _NO_ORDERS if facts.orders is None else _NEVER)
        return Metric(name=name, value=Decimal(place), source=_FIFTH, window=window(facts))

    return measured


MEASURES: Mapping[str, Callable[[Facts, Policy], Metric]] = {
    "revenue_12m": _revenue, "gross_margin_12m": _margin_12m, "order_days_12m": _order_days,
    "order_gap_cv": _gap_cv, "wallet_gap": _wallet_gap, "weighted_pipeline_12m": _pipeline,
    "growth_yoy": _growth, "clv_36m": _clv, "margin_cum_36m": _margin_36m, "tenure_months": _tenure,
    "active_months_12": _active_months, "share_of_wallet": _share_of_wallet,
    "rfm_recency": _fifth("rfm_recency"), "rfm_frequency": _fifth("rfm_frequency"),
    "rfm_monetary": _fifth("rfm_monetary"),
}  # fmt: skip
