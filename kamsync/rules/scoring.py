"""Turn metrics into a score: metric, dimension, total, and how much of it is known.

Decimals of 50 digits throughout, rounded half up to two places once, at the end. It knows no tiers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext

from kamsync.plugin import Text
from kamsync.rules.metrics import CATALOGUE, Metrics
from kamsync.rules.policy import Dimension, MetricRule, Policy

WORKING = Context(prec=50, rounding=ROUND_HALF_EVEN)
_ZERO = Decimal("0.00")
_NOISE = Decimal("1e-20")  # what the 50th digit of a third leaves behind: a half stays a half


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricScore:
    """A metric's part. `points` add up to the total over all metrics; `score` is None where the value is unknown."""

    name: str
    label: Text
    unit: str
    value: Decimal | None
    weight: Decimal
    score: Decimal | None
    points: Decimal
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionScore:
    """A dimension's part. `score` is None where less than the policy's bar of its weight is `present`."""

    name: str
    label: Text
    weight: Decimal
    present: Decimal
    score: Decimal | None
    points: Decimal
    metrics: tuple[MetricScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`total` and `coverage` are for people and bars; `exact` and `shares` for whoever asks what would change them."""

    total: Decimal | None
    coverage: Decimal
    dimensions: tuple[DimensionScore, ...]
    exact: Decimal | None
    known: Decimal  # the coverage, not rounded
    shares: Mapping[str, Decimal]  # metric -> what one point of it adds to the total


def score(metrics: Metrics, policy: Policy, *, briefly: bool = False) -> Score:
    """The account's score under a policy; what is unknown gives its weight to what is known.

    `briefly`: the total alone, without what each dimension and metric gave.
    """
    with localcontext(WORKING):
        raw = {
            rule.name: points_at(value, rule)
            for rule in policy.rules
            if (value := metrics.value(rule.name)) is not None
        }
        weights = _Weights(policy, raw)
        parts = {name: share * raw[name] for name, share in weights.shares.items()}
        exact = sum(parts.values(), _ZERO) if parts else None
        total = None if exact is None else rounded(exact)
        dimensions: tuple[DimensionScore, ...] = ()
        if not briefly:
            points = _adding_up(parts, total or _ZERO)
            dimensions = tuple(_dimension(dimension, metrics, raw, points, weights) for dimension in policy.dimensions)
        return Score(
            total=total, coverage=rounded(weights.known, 4), dimensions=dimensions,
            exact=exact, known=_settled(weights.known), shares=weights.shares,
        )  # fmt: skip


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Half up, to that many places."""
    return _settled(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def points_at(value: Decimal, rule: MetricRule) -> Decimal:
    """The score of a value: piecewise linear through the anchors, level beyond both ends."""
    x0, s0 = rule.anchors[0]
    if value <= x0:
        return s0
    for x1, s1 in rule.anchors[1:]:
        if value <= x1:
            return s0 + (value - x0) * (s1 - s0) / (x1 - x0)
        x0, s0 = x1, s1
    return s0


def _settled(value: Decimal) -> Decimal:
    return value.quantize(_NOISE, context=WORKING)


class _Weights:
    """What each known metric weighs, once the unknown ones have given theirs away."""

    def __init__(self, policy: Policy, known: Mapping[str, Decimal]) -> None:
        whole = sum(dimension.weight for dimension in policy.dimensions)
        self.present = {d.name: _sum(rule for rule in d.metrics if rule.name in known) for d in policy.dimensions}
        full = {d.name: _sum(d.metrics) for d in policy.dimensions}
        self.known = sum((d.weight * self.present[d.name] / full[d.name] for d in policy.dimensions), _ZERO) / whole
        counted = [
            d
            for d in policy.dimensions
            if self.present[d.name] and self.present[d.name] >= policy.coverage.dimension * full[d.name]
        ]
        over = sum((d.weight for d in counted), _ZERO)
        self.shares = {
            rule.name: d.weight * rule.weight / (over * self.present[d.name])
            for d in counted
            for rule in d.metrics
            if rule.name in known
        }


def _sum(rules: Iterable[MetricRule]) -> Decimal:
    return sum((rule.weight for rule in rules), _ZERO)


def _dimension(
    dimension: Dimension,
    metrics: Metrics,
    raw: Mapping[str, Decimal],
    points: Mapping[str, Decimal],
    weights: _Weights,
) -> DimensionScore:
    parts = tuple(_metric(rule, metrics, raw, points) for rule in dimension.metrics)
    present = weights.present[dimension.name]
    counts = any(rule.name in weights.shares for rule in dimension.metrics)
    summed = sum((rule.weight * raw[rule.name] for rule in dimension.metrics if rule.name in raw), _ZERO)
    return DimensionScore(
        name=dimension.name, label=dimension.label, weight=dimension.weight, present=present,
        score=rounded(summed / present) if counts else None,
        points=sum((part.points for part in parts), _ZERO), metrics=parts,
    )  # fmt: skip


def _metric(
    rule: MetricRule, metrics: Metrics, raw: Mapping[str, Decimal], points: Mapping[str, Decimal]
) -> MetricScore:
    metric = metrics.get(rule.name)
    return MetricScore(
        name=rule.name, label=CATALOGUE[rule.name].label, unit=rule.unit, value=metric.value if metric else None,
        weight=rule.weight, score=rounded(raw[rule.name]) if rule.name in raw else None,
        points=points.get(rule.name, _ZERO), assumed=bool(metric and metric.assumed),
    )  # fmt: skip


def _adding_up(parts: Mapping[str, Decimal], total: Decimal) -> dict[str, Decimal]:
    """Every part in hundredths, so that they add up to the total: the largest remainders are rounded up."""
    cent = Decimal("0.01")
    settled = {name: _settled(part) for name, part in parts.items()}
    floors = {name: part.quantize(cent, rounding=ROUND_FLOOR) for name, part in settled.items()}
    left = int((total - sum(floors.values(), _ZERO)) / cent)
    largest = sorted(settled, key=lambda name: floors[name] - settled[name])[:left]
    return {name: floor + cent if name in largest else floor for name, floor in floors.items()}
