"""From the scored tier to the final one: floors, caps and a person's word, in their order.

Each gate says when it bites. None of them changes the scored tier, its date or its counter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from kamsync.plugin import Text
from kamsync.rules.metrics import Metrics
from kamsync.rules.policy import Clause, Override, Policy, Tier
from kamsync.rules.scoring import Score
from kamsync.rules.wording import money, short


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that bit: the tier it left and why."""

    flag: str
    tier: Tier
    text: Text
    binds: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the gates look at besides the score; money in yuan, None is unknown."""

    strategic: Decimal | int | None = None
    group_tier: str | None = None
    overdue_180d: Decimal | None = None
    revenue_12m: Decimal | None = None
    blacklisted: bool = False
    deregistered: bool = False
    override: Override | None = None
    metrics: Metrics | None = None  # for the policy's own rules


def settle(
    scored: Tier, score: Score, policy: Policy, standing: Standing, as_of: date
) -> tuple[Tier, tuple[Gate, ...]]:
    """The final tier, and the gates that bit on the way to it."""
    tier, bitten = scored, []
    for gate in (_coverage_cap, _strategic_floor, _group_floor, _credit_cap, *_clauses(policy), _barred, _override):
        bite = gate(_Case(tier, score, policy, standing, as_of))
        if bite:
            tier = bite.tier
            bitten.append(bite)
    return tier, tuple(bitten)


@dataclass(frozen=True, slots=True)
class _Case:
    tier: Tier
    score: Score
    policy: Policy
    standing: Standing
    as_of: date

    def not_below(self, floor: Tier, flag: str, text: Text) -> Gate | None:
        return Gate(flag, floor, text) if self.tier.rank > floor.rank else None

    def not_above(self, cap: Tier, flag: str, text: Text) -> Gate | None:
        return Gate(flag, cap, text) if self.tier.rank < cap.rank else None


def _coverage_cap(case: _Case) -> Gate | None:
    bar = case.policy.coverage.best
    if case.score.known >= bar:
        return None
    best, cap = case.policy.best, case.policy.ranked(2)
    known, needed = short(case.score.coverage * 100), short(bar * 100)
    text = Text(
        f"只掌握 {known}% 的权重，不足 {needed}% 不能为{best.label.zh}",
        f"only {known}% of the weight is known; {best.label.en} takes {needed}%",
    )
    return case.not_above(cap, "coverage_cap", text)


def _strategic_floor(case: _Case) -> Gate | None:
    gates, rating = case.policy.gates, case.standing.strategic
    floor = _named(case.policy, gates.strategic_tier)
    if floor is None or rating is None or rating < gates.strategic_rating:
        return None
    text = Text(
        f"战略客户（评分 {short(Decimal(rating))}）：不低于{floor.label.zh}",
        f"strategic account (rated {short(Decimal(rating))}): not below {floor.label.en}",
    )
    return case.not_below(floor, "strategic_floor", text)


def _group_floor(case: _Case) -> Gate | None:
    below = case.policy.gates.group_below
    group = _named(case.policy, case.standing.group_tier)
    if group is None or below is None:
        return None
    floor = case.policy.ranked(group.rank + below)
    text = Text(
        f"所属集团为{group.label.zh}：不低于{floor.label.zh}",
        f"its group is {group.label.en}: not below {floor.label.en}",
    )
    return case.not_below(floor, "group_floor", text)


def _credit_cap(case: _Case) -> Gate | None:
    gates, overdue, revenue = case.policy.gates, case.standing.overdue_180d, case.standing.revenue_12m
    cap = _named(case.policy, gates.credit_tier)
    if cap is None or overdue is None or revenue is None or overdue <= gates.credit_share * revenue:
        return None
    owed, share = money(overdue), short(gates.credit_share * 100)
    text = Text(
        f"逾期超过 180 天的欠款 {owed.zh}，超过近 12 个月销售额的 {share}%：不高于{cap.label.zh}",
        f"{owed.en} unpaid for more than 180 days, over {share}% of a year's sales: not above {cap.label.en}",
    )
    return case.not_above(cap, "credit_cap", text)


def _clauses(policy: Policy) -> Iterator[Callable[[_Case], Gate | None]]:
    return (partial(_clause, clause) for clause in policy.clauses)


def _clause(clause: Clause, case: _Case) -> Gate | None:
    """A rule of the policy's own, where all its conditions hold."""
    metrics = case.standing.metrics
    if metrics is None or not all(one.holds(metrics.value(one.metric)) for one in clause.when):
        return None
    floor, cap = _named(case.policy, clause.at_least), _named(case.policy, clause.at_most)
    flag = f"rule:{clause.name}"
    if floor is not None:
        text = Text(f"{clause.reason.zh}：不低于{floor.label.zh}", f"{clause.reason.en}: not below {floor.label.en}")
        return case.not_below(floor, flag, text)
    if cap is not None:
        text = Text(f"{clause.reason.zh}：不高于{cap.label.zh}", f"{clause.reason.en}: not above {cap.label.en}")
        return case.not_above(cap, flag, text)
    return None


def _barred(case: _Case) -> Gate | None:
    lowest = case.policy.lowest
    if case.standing.blacklisted:
        return Gate("blacklisted", lowest, Text("已列入黑名单：列最低等级", "blacklisted: the lowest tier"))
    if case.standing.deregistered:
        return Gate("deregistered", lowest, Text("已注销：列最低等级", "deregistered: the lowest tier"))
    return None


def _override(case: _Case) -> Gate | None:
    """A standing override decides; one that may not stand is said aloud and ignored."""
    override = case.standing.override
    if override is None or not override.holds_on(case.as_of):
        return None
    tier = _named(case.policy, override.tier)
    refusal = override.refusal(case.policy.gates.override_days)
    if tier is None:
        refusal = Text(f'策略里没有等级 "{override.tier}"', f'the policy has no tier "{override.tier}"')
    if tier is None or refusal:
        why = refusal or Text("", "")
        text = Text(f"人工指定无效：{why.zh}", f"the override does not count: {why.en}")
        return Gate("override_ignored", case.tier, text, binds=False)
    text = Text(
        f"{override.author} 指定为{tier.label.zh}（至 {override.until}）：{override.reason}",
        f"{override.author} set {tier.label.en} until {override.until}: {override.reason}",
    )
    return Gate("override", tier, text)


def _named(policy: Policy, name: str | None) -> Tier | None:
    return policy.tier(name) if name else None
