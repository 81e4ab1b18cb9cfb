"""Measure a group of companies as one customer: money is summed, rates are worked out again from the sums.

It knows no account and no tier. What cannot be summed (order days, months) is taken from the member that has most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from kamsync.plugin import Text
from kamsync.rules.metrics import CATALOGUE, Input, Metric, Metrics, growth
from kamsync.rules.metrics_standing import engagement

Members = Sequence[Metrics]

_POOLED = Text("集团成员合计", "all members of the group together")


def pool(members: Members) -> Metrics:
    """The group's metrics; a member's unknown is left out, and a metric that no member has is unknown."""
    if len(members) == 1:
        return members[0]
    pooled = {name: _POOLS.get(name, _by_unit(name))(members, name) for name in CATALOGUE}
    return Metrics(members[0].as_of, pooled)


def _by_unit(name: str) -> Callable[[Members, str], Metric]:
    return _sum if CATALOGUE[name].unit == "yuan" else _most


def _known(members: Members, name: str) -> list[Metric]:
    return [metric for each in members if (metric := each.get(name)) and metric.value is not None]


def _pooled(name: str, value: Decimal | None, members: Members, inputs: dict[str, Input] | None = None) -> Metric:
    assumed = any(metric.assumed for metric in _known(members, name))
    return Metric(name=name, value=value, source=_POOLED, inputs=inputs or {}, assumed=assumed)


def _values(members: Members, name: str) -> list[Decimal]:
    return [metric.value for metric in _known(members, name) if metric.value is not None]


def _sum(members: Members, name: str) -> Metric:
    values = _values(members, name)
    return _pooled(name, sum(values, Decimal(0)) if values else None, members)


def _most(members: Members, name: str) -> Metric:
    return _pooled(name, max(_values(members, name), default=None), members)


def _mean(members: Members, name: str) -> Metric:
    values = _values(members, name)
    return _pooled(name, sum(values, Decimal(0)) / len(values) if values else None, members)


def _added(members: Members, name: str, *keys: str) -> list[Decimal] | None:
    """The sums of a metric's inputs over the members that have them all."""
    whole = [metric.inputs for each in members if (metric := each.get(name)) and set(keys) <= metric.inputs.keys()]
    if not whole:
        return None
    return [sum((Decimal(str(inputs[key])) for inputs in whole), Decimal(0)) for key in keys]


def _growth(members: Members, name: str) -> Metric:
    sums = _added(members, name, "now", "before")
    if sums is None:
        return _pooled(name, None, members)
    now, before = sums
    return _pooled(name, growth(now, before), members, {"now": now, "before": before})


def _on_time(members: Members, name: str) -> Metric:
    """Money on time over money due; where only rates are known, they are weighed by sales and marked as assumed."""
    sums = _added(members, name, "on_time", "due")
    if sums is not None:
        on_time, due = sums
        return _pooled(name, on_time / due if due else None, members, {"on_time": on_time, "due": due})
    weighed = [
        (rate, revenue)
        for each in members
        if (rate := each.value(name)) is not None and (revenue := each.value("revenue_12m")) is not None and revenue > 0
    ]
    if not weighed:
        return _pooled(name, None, members)
    value = sum((rate * revenue for rate, revenue in weighed), Decimal(0)) / sum(revenue for _, revenue in weighed)
    source = Text("集团成员按期率按销售额加权", "the members' rates, weighed by their sales")
    return Metric(name=name, value=value, source=source, assumed=True)


def _wallet_gap(members: Members, name: str) -> Metric:
    """What the group is thought to spend less all it bought; where only gaps are known, their sum."""
    spend, bought = _added(members, name, "spend", "revenue"), _sum(members, "revenue_12m").value
    if spend is None or bought is None:
        return _sum(members, name)
    return _pooled(name, max(Decimal(0), spend[0] - bought), members, {"spend": spend[0], "revenue": bought})


def _share_of_wallet(members: Members, name: str) -> Metric:
    spend, bought = _added(members, name, "spend", "revenue"), _sum(members, "revenue_12m").value
    if spend is None or bought is None or not spend[0]:
        return _pooled(name, None, members)
    share = min(bought / spend[0], Decimal(1))
    return _pooled(name, share, members, {"spend": spend[0], "revenue": bought})


def _days_late(members: Members, name: str) -> Metric:
    sums = _added(members, name, "money_days", "money")
    if sums is None:
        return _most(members, name)
    days, money = sums
    return _pooled(name, days / money if money else None, members, {"money_days": days, "money": money})


def _dso(members: Members, name: str) -> Metric:
    sums = _added(members, name, "open", "invoiced")
    if sums is None:
        return _most(members, name)
    due, invoiced = sums
    return _pooled(name, due / invoiced * 90 if invoiced else None, members, {"open": due, "invoiced": invoiced})


def _engagement(members: Members, name: str) -> Metric:
    sums = _added(members, name, "strength")
    if sums is None:
        return _most(members, name)
    return _pooled(name, engagement(sums[0]), members, {"strength": sums[0]})


def _unknown(members: Members, name: str) -> Metric:
    """A rhythm of several companies together cannot be told from theirs."""
    return _pooled(name, None, members)


_POOLS: dict[str, Callable[[Members, str], Metric]] = {
    "growth_yoy": _growth,
    "on_time_rate": _on_time,
    "wallet_gap": _wallet_gap,
    "share_of_wallet": _share_of_wallet,
    "satisfaction": _mean,
    "csat": _mean,
    "nps": _mean,
    "avg_days_late": _days_late,
    "dso": _dso,
    "engagement": _engagement,
    "service_events_12m": _sum,
    "order_gap_cv": _unknown,
}
