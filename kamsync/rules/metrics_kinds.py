"""What a metric is: the catalogue of all, and one number with its inputs, source, systems and window.

Definitions only: how each is worked out is in the `metrics_…` files beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from kamsync.model import from_minor
from kamsync.plugin import Text
from kamsync.rules.facts import Facts

Input = Decimal | date | str


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
    "order_gap_cv": MetricKind(Text("下单间隔变异系数", "variation of order gaps"), "number"),
    "wallet_gap": MetricKind(Text("尚未拿到的采购额", "spend elsewhere"), "yuan"),
    "weighted_pipeline_12m": MetricKind(Text("未来 12 个月加权商机", "12-month weighted pipeline"), "yuan"),
    "growth_yoy": MetricKind(Text("销售同比增长", "growth on the year before"), "ratio"),
    "clv_36m": MetricKind(Text("36 个月生命周期价值", "36-month lifetime value"), "yuan"),
    "margin_cum_36m": MetricKind(Text("近 36 个月累计毛利", "36-month gross margin"), "yuan"),
    "tenure_months": MetricKind(Text("合作时长", "months as a customer"), "months", earned=False),
    "on_time_rate": MetricKind(Text("按期付款率", "money paid on time"), "ratio"),
    "avg_days_late": MetricKind(Text("平均逾期天数", "average days late"), "days"),
    "dso": MetricKind(Text("应收周转天数", "days of sales outstanding"), "days"),
    "satisfaction": MetricKind(Text("满意度", "satisfaction"), "points"),
    "csat": MetricKind(Text("客户满意度 CSAT", "CSAT"), "points"),
    "nps": MetricKind(Text("净推荐值 NPS", "NPS"), "number"),
    "engagement": MetricKind(Text("互动热度", "engagement"), "points"),
    "service_events_12m": MetricKind(Text("近 12 个月服务次数", "12-month service events"), "number"),
    "active_months_12": MetricKind(Text("近 12 个月有订单的月数", "active months of 12"), "months"),
    "influence": MetricKind(Text("影响力评分", "influence rating"), "rating"),
    "share_of_wallet": MetricKind(Text("钱包份额", "share of wallet"), "ratio"),
    "overdue_180d": MetricKind(Text("逾期超过 180 天的欠款", "unpaid for more than 180 days"), "yuan"),
    "rfm_recency": MetricKind(Text("RFM 最近购买", "RFM recency"), "fifth", earned=False),
    "rfm_frequency": MetricKind(Text("RFM 购买频次", "RFM frequency"), "fifth", earned=False),
    "rfm_monetary": MetricKind(Text("RFM 购买金额", "RFM monetary"), "fifth", earned=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number on one date. `assumed`: the policy's word stands in for data; `note`: why it is unknown or odd.

    `systems`: the connections whose records it was worked out from.
    """

    name: str
    value: Decimal | None
    source: Text
    inputs: Mapping[str, Input] = field(default_factory=dict)
    window: tuple[date, date] | None = None  # first and last day that counted
    assumed: bool = False
    note: Text | None = None
    systems: tuple[str, ...] = ()

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


def unknown(name: str, source: Text, note: Text, **more: Input) -> Metric:
    """The metric without a value, and why."""
    return Metric(name=name, value=None, source=source, note=note, inputs=more)


def window(facts: Facts, days: int = 365) -> tuple[date, date]:
    """The first and the last day of the `days` that end with the date judged."""
    return facts.as_of - timedelta(days=days - 1), facts.as_of


def yuan(minor: int) -> Decimal:
    return from_minor(minor, "CNY")
