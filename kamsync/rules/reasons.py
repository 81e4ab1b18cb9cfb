"""Say why an account stands where it stands, the weightiest reason first.

Wording only: every figure in it was decided elsewhere, and the points it names add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kamsync.plugin import Text
from kamsync.rules.earning import Earning, say_cell
from kamsync.rules.gates import Gate
from kamsync.rules.metrics import Metrics
from kamsync.rules.moving import Move
from kamsync.rules.policy import Policy, Tier
from kamsync.rules.scoring import MetricScore, Score, rounded
from kamsync.rules.wording import join, say, short

_MANY = 5


def reasons(earning: Earning, metrics: Metrics, moved: Move, gates: tuple[Gate, ...]) -> tuple[Text, ...]:
    """What lifted or held the account most, then the sum, the move, what is unknown and what is assumed."""
    score, policy = earning.score, earning.policy
    biting = [gate.text for gate in reversed(gates) if gate.binds]
    idle = [gate.text for gate in gates if not gate.binds]
    driver = [*_stage(earning), *_driver(score, moved.tier, policy, fell=moved.flag == "moved_down")]
    if policy.matrix is not None and earning.cell is not None:
        worth = metrics.get(policy.matrix.value)
        said = say(worth.value, worth.unit) if worth and worth.value is not None else None
        driver.insert(0, say_cell(earning.cell, said))
    moving = [moved.text] if moved.text else []
    if moved.flag in (None, "moved_up", "moved_down"):
        told = [*biting, *driver, *_sum(earning, moved.tier), *moving]
    else:
        told = [*biting, *moving, *driver, *_sum(earning, moved.tier)]
    return (*told, *idle, *_unknown(score), *_assumed(score, metrics))


def _driver(score: Score, tier: Tier, policy: Policy, *, fell: bool) -> Iterator[Text]:
    """The metric that gave the most; for the lowest tier and after a fall, the one that withheld the most."""
    known = [m for dimension in score.dimensions for m in dimension.metrics if m.name in score.shares]
    if not known:
        return
    if fell or tier is policy.lowest:
        part = max(known, key=lambda metric: _withheld(score, metric))
        value, lost = _value(part), _withheld(score, part)
        yield Text(
            f"{part.label.zh} {value.zh}，失分最多：{lost} 分", f"{part.label.en} {value.en} cost most: {lost} points"
        )
    else:
        part = max(known, key=lambda metric: metric.points)
        value, won = _value(part), part.points
        yield Text(
            f"{part.label.zh} {value.zh}，得分最多：{won} 分", f"{part.label.en} {value.en} gave most: {won} points"
        )


def _withheld(score: Score, metric: MetricScore) -> Decimal:
    return rounded(score.shares[metric.name] * 100) - metric.points


def _value(metric: MetricScore) -> Text:
    return say(metric.value or Decimal(0), metric.unit)


def _stage(earning: Earning) -> Iterator[Text]:
    """What the first stage says, where there is one."""
    if earning.policy.entries and earning.large is not None:
        yield Text("属于大客户", "a large customer") if earning.large else earning.said()


def _sum(earning: Earning, tier: Tier) -> Iterator[Text]:
    """The total as its dimensions' points: they add up to it."""
    score = earning.score
    if earning.cell is not None:
        return
    counted = [dimension for dimension in score.dimensions if dimension.score is not None]
    if score.total is None:
        return
    floor = short(tier.floor)
    zh = " + ".join(f"{dimension.label.zh} {dimension.points}" for dimension in counted)
    en = " + ".join(f"{dimension.label.en} {dimension.points}" for dimension in counted)
    yield Text(
        f"总分 {score.total} = {zh}；{tier.label.zh}从 {floor} 分起",
        f"score {score.total} = {en}; {tier.label.en} begins at {floor}",
    )


def _unknown(score: Score) -> Iterator[Text]:
    missing = [metric.label for dimension in score.dimensions for metric in dimension.metrics if metric.score is None]
    if missing:
        names, known = _some(missing), short(score.coverage * 100)
        yield Text(f"未知：{names.zh}；已知权重 {known}%", f"unknown: {names.en}; {known}% of the weight is known")


def _some(texts: list[Text]) -> Text:
    """All of them, or the first few and how many there are."""
    few = join(texts[:_MANY])
    if len(texts) <= _MANY:
        return few
    return Text(f"{few.zh}等 {len(texts)} 项", f"{few.en} and {len(texts) - _MANY} more")


def _assumed(score: Score, metrics: Metrics) -> Iterator[Text]:
    named = [metrics.get(part.name) for dimension in score.dimensions for part in dimension.metrics if part.assumed]
    for metric in filter(None, named):
        yield Text(f"假定：{metric.label.zh}，{metric.source.zh}", f"assumed: {metric.label.en}, {metric.source.en}")
