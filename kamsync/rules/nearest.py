"""The smallest change of one metric that would move an account a tier up, or a tier down.

Found by running the score backwards. Nearness is measured on each metric's own scale, first anchor to last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from itertools import pairwise

from kamsync.plugin import Text
from kamsync.rules.earning import Earning, value_class
from kamsync.rules.metrics import CATALOGUE, Metrics
from kamsync.rules.policy import Matrix, MetricRule, Policy, Tier
from kamsync.rules.scoring import WORKING, Score, points_at, rounded
from kamsync.rules.wording import say

# The smallest change worth naming, by unit; 1 for all others.
_GRAIN = {"ratio": Decimal("0.0001"), "points": Decimal("0.01")}
_ONE = Decimal(1)
_HALF = Decimal("0.005")  # totals are rounded half up
_BEFORE_GRAINS = Decimal("1e-12")  # noise to drop before counting grains


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`metric` at `to` instead of `now`, all else equal, gives `score` and so, on the bars of today, `tier`."""

    metric: str
    now: Decimal
    to: Decimal
    tier: str
    score: Decimal | None
    text: Text


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest step each way; None where no single metric can do it, or where only time is missing."""

    up: Step | None = None
    down: Step | None = None


def nearest(earning: Earning, metrics: Metrics, before: Tier | None, now: Tier) -> Nearest:
    """The steps out of the scored tier `now`; `before` is the scored tier of the run before, None for a first one."""
    policy, score = earning.policy, earning.score
    if not earning.is_known:
        return Nearest()
    if earning.cell is not None:
        return across_matrix(earning, metrics, now)
    if earning.large is False:
        return into_large(earning, metrics, now)
    up_margin = policy.steadiness.up_margin if before else Decimal(0)
    down_margin = policy.steadiness.down_margin if before else Decimal(0)
    above, below = policy.ranked(now.rank - 1), policy.ranked(now.rank + 1)
    search = _Search(metrics, policy, score)
    with localcontext(WORKING):
        return Nearest(
            up=search.best(above, above.floor + up_margin, up=True) if above is not now else None,
            down=search.best(below, now.floor - down_margin, up=False) if below is not now else None,
        )


class _Search:
    """All known metrics, each tried alone."""

    def __init__(self, metrics: Metrics, policy: Policy, score: Score) -> None:
        self.metrics = metrics
        self.rules = [rule for rule in policy.rules if rule.name in score.shares and CATALOGUE[rule.name].earned]
        self.exact, self.shares = score.exact or Decimal(0), score.shares

    def best(self, tier: Tier, bar: Decimal, *, up: bool) -> Step | None:
        """The nearest single change with a total of at least the bar (up), or less than it (down)."""
        if up == (rounded(self.exact) >= bar):
            return None
        found = [found for rule in self.rules for found in self._try(rule, bar, up=up)]
        if not found:
            return None
        _, rule, now, to, total = min(found, key=lambda each: each[0])
        text = _text(rule, now, to, tier, total)
        return Step(metric=rule.name, now=now, to=to, tier=tier.name, score=total, text=text)

    def _try(
        self, rule: MetricRule, bar: Decimal, *, up: bool
    ) -> Iterator[tuple[Decimal, MetricRule, Decimal, Decimal, Decimal]]:
        now, share = self.metrics.value(rule.name), self.shares[rule.name]
        if now is None:
            return
        held = points_at(now, rule)
        edge = _where(rule, now, held + (bar - _HALF - self.exact) / share)
        if edge is None:
            return
        grain = _GRAIN.get(rule.unit, _ONE)
        heading = grain if edge > now or (edge == now and up == _rises(rule)) else -grain
        to = _whole(edge, grain, upwards=heading > 0)
        for value in (to, to + heading):  # on the edge itself a fall is not yet one
            total = rounded(self.exact + share * (points_at(value, rule) - held))
            if up == (total >= bar):
                yield abs(value - now) / (rule.anchors[-1][0] - rule.anchors[0][0]), rule, now, value, total
                return


def _rises(rule: MetricRule) -> bool:
    return rule.anchors[-1][1] >= rule.anchors[0][1]


def _where(rule: MetricRule, now: Decimal, wanted: Decimal) -> Decimal | None:
    """The value nearest to `now` that scores `wanted`; None where no value does."""
    places = []
    for (x0, s0), (x1, s1) in pairwise(rule.anchors):
        if s0 == s1 == wanted:
            places += [x0, x1]
        elif s0 != s1 and (s0 <= wanted <= s1 or s1 <= wanted <= s0):
            places.append(x0 + (wanted - s0) * (x1 - x0) / (s1 - s0))
    return min(places, key=lambda x: abs(x - now)) if places else None


def _whole(value: Decimal, grain: Decimal, *, upwards: bool) -> Decimal:
    grains = (value / grain).quantize(_BEFORE_GRAINS)
    return grains.quantize(_ONE, rounding=ROUND_CEILING if upwards else ROUND_FLOOR) * grain


def _text(rule: MetricRule, now: Decimal, to: Decimal, tier: Tier, total: Decimal) -> Text:
    label, old, new = CATALOGUE[rule.name].label, say(now, rule.unit), say(to, rule.unit)
    return Text(
        f"{label.zh}由 {old.zh}变为 {new.zh}，得分 {total}，即为{tier.label.zh}",
        f"{label.en} from {old.en} to {new.en} would give {total}: {tier.label.en}",
    )


# ---- policies without bars on a score


def into_large(earning: Earning, metrics: Metrics, now: Tier) -> Nearest:
    """Past the first stage: the sales that would do, all else equal; the tier they lead to follows from the score."""
    ways = [entry.min_revenue_12m for entry in earning.policy.entries if not entry.sizes and not entry.industries]
    revenue, bar = metrics.value("revenue_12m"), min((way for way in ways if way is not None), default=None)
    if revenue is None or bar is None:
        return Nearest()
    tier = replace(earning, large=True).best()
    if tier.rank >= now.rank:
        return Nearest()
    return Nearest(up=_plain_step("revenue_12m", revenue, bar, tier, earning.score))


def across_matrix(earning: Earning, metrics: Metrics, now: Tier) -> Nearest:
    """The nearest change of the value or of one metric of the potential that leads to another cell's tier."""
    matrix, cell = earning.policy.matrix, earning.cell
    if matrix is None or cell is None or cell.value is None:
        return Nearest()
    found: dict[bool, list[tuple[Decimal, Step]]] = {True: [], False: []}
    for step, tier in (*_by_value(earning, matrix, metrics), *_by_potential(earning, matrix, metrics)):
        if tier.rank != now.rank:
            away = abs(step.to - step.now) / max(abs(step.now), _ONE)
            found[tier.rank < now.rank].append((away, step))
    best = {up: min(steps, key=lambda each: each[0])[1] if steps else None for up, steps in found.items()}
    return Nearest(up=best[True], down=best[False])


def _by_value(earning: Earning, matrix: Matrix, metrics: Metrics) -> Iterator[tuple[Step, Tier]]:
    value = metrics.value(matrix.value)
    if value is None:
        return
    # Who reaches the least value of a class is in it. Who falls below one may still be: the bar falls with it.
    bars = [bar for bar in (matrix.a_from, matrix.b_from) if bar is not None and bar.is_finite() and bar > value]
    for to in (*bars, Decimal(0)):
        letter = value_class(matrix, to)
        if (cell := earning.cell) and letter != cell.value:
            tier = _lifted(earning, matrix, letter + cell.potential)
            yield _plain_step(matrix.value, value, to, tier, earning.score), tier


def _by_potential(earning: Earning, matrix: Matrix, metrics: Metrics) -> Iterator[tuple[Step, Tier]]:
    cell, score = earning.cell, earning.score
    if score.exact is None or cell is None or cell.rated:
        return
    search = _Search(metrics, earning.policy, score)
    with localcontext(WORKING):
        ways = (
            ("H", matrix.high, True),
            ("M", matrix.medium, True),
            ("M", matrix.high, False),
            ("L", matrix.medium, False),
        )
        for letter, bar, up in ways:
            if letter != cell.potential:
                tier = _lifted(earning, matrix, f"{cell.value}{letter}")
                step = search.best(tier, bar, up=up)
                if step is not None:
                    yield step, tier


def _lifted(earning: Earning, matrix: Matrix, cell: str) -> Tier:
    tier = earning.policy.tier(matrix.cells[cell]) or earning.policy.lowest
    return earning.policy.ranked(tier.rank - 1) if earning.cell and earning.cell.lifted else tier


def _plain_step(name: str, now: Decimal, to: Decimal, tier: Tier, score: Score) -> Step:
    label, old, new = CATALOGUE[name].label, say(now, CATALOGUE[name].unit), say(to, CATALOGUE[name].unit)
    text = Text(
        f"{label.zh}由 {old.zh}变为 {new.zh}，即为{tier.label.zh}",
        f"{label.en} from {old.en} to {new.en}: {tier.label.en}",
    )
    return Step(metric=name, now=now, to=to, tier=tier.name, score=score.total, text=text)
