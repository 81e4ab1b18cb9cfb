"""The smallest change of one metric that would move an account a tier up, or a tier down.

Found by running the score backwards. Nearness is measured on each metric's own scale, first anchor to last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from itertools import pairwise

from kamsync.plugin import Text
from kamsync.rules.metrics import CATALOGUE, Metrics
from kamsync.rules.policy import MetricRule, Policy, Tier
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
    score: Decimal
    text: Text


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest step each way; None where no single metric can do it, or where only time is missing."""

    up: Step | None = None
    down: Step | None = None


def nearest(metrics: Metrics, policy: Policy, score: Score, before: Tier | None, now: Tier) -> Nearest:
    """The steps out of the scored tier `now`; `before` is the scored tier of the run before, None for a first one."""
    if score.exact is None or score.known < policy.coverage.judge:
        return Nearest()
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
