"""Decide an account's tier from its metrics: score, steady move, gates, reasons, nearest step.

Pure: no clock, no store. The previous state is handed in, so that the same date judged twice is the same verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kamsync.plugin import Text
from kamsync.rules.earning import Earning, earn
from kamsync.rules.facts import Facts
from kamsync.rules.gates import Gate, Standing, settle
from kamsync.rules.metrics import Metrics, measure
from kamsync.rules.moving import Move, Previous, move
from kamsync.rules.nearest import Nearest, Step, nearest
from kamsync.rules.policy import Override, Policy, Tier, Traits
from kamsync.rules.reasons import reasons
from kamsync.rules.scoring import DimensionScore, rounded, score

__all__ = ["Nearest", "Previous", "Step", "Verdict", "decide", "judge"]


NO_TRAITS = Traits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An account's tier on a date. `scored_tier`, `since` and `pending_down` are the next run's `Previous`."""

    tier: str
    rank: int
    scored_tier: str
    score: Decimal | None
    coverage: Decimal
    dimensions: tuple[DimensionScore, ...]
    since: date
    pending_down: int
    reasons: tuple[Text, ...]
    flags: tuple[str, ...]
    nearest: Nearest
    as_of: date
    policy: str  # its version
    cell: str | None = None  # of a matrix: value class and potential class

    @property
    def previous(self) -> Previous:
        """This verdict as the state that a later run starts from."""
        return Previous(
            scored_tier=self.scored_tier, since=self.since, pending_down=self.pending_down,
            tier=self.tier, as_of=self.as_of,
        )  # fmt: skip


def judge(facts: Facts, policy: Policy, previous: Previous | None = None, *, group_tier: str | None = None) -> Verdict:
    """Measure one account's file and decide its tier on the date of the facts."""
    metrics = measure(facts, policy)
    return decide(
        metrics, policy, previous, facts.as_of,
        strategic=facts.strategic, group_tier=group_tier, override=policy.override_for(facts),
        first_order=facts.orders.first if facts.orders else None,
        blacklisted=facts.blacklisted, deregistered=facts.deregistered, traits=traits_of(facts),
    )  # fmt: skip


def traits_of(facts: Facts) -> Traits:
    """What a policy may ask of an account besides its metrics."""
    return Traits(size=facts.size, industry=facts.industry)


def decide(
    metrics: Metrics,
    policy: Policy,
    previous: Previous | None,
    as_of: date,
    *,
    strategic: Decimal | int | None = None,
    group_tier: str | None = None,
    overdue_180d: Decimal | None = None,
    override: Override | None = None,
    first_order: date | None = None,
    blacklisted: bool = False,
    deregistered: bool = False,
    traits: Traits = NO_TRAITS,
) -> Verdict:
    """The verdict of one run. `overdue_180d` is in yuan; left out, the metric of that name counts.

    A policy that depends on the book (`Policy.is_relative`) must have been bound to it.
    """
    standing = Standing(
        strategic=strategic, group_tier=group_tier, override=override,
        overdue_180d=metrics.value("overdue_180d") if overdue_180d is None else overdue_180d,
        revenue_12m=metrics.value("revenue_12m"), blacklisted=blacklisted, deregistered=deregistered,
        metrics=metrics,
    )  # fmt: skip
    placed = place(metrics, policy, previous, as_of, standing, first_order, traits)
    earning, moved, tier, gates = placed.earning, placed.moved, placed.tier, placed.gates
    scored = earning.score
    before = policy.tier(previous.scored_tier) if previous else None
    flags = [moved.flag, *(gate.flag for gate in gates)]
    flags += ["short_of_data"] if not earning.is_known or scored.known < policy.coverage.judge else []
    flags += ["assumed"] if any(part.assumed for dim in scored.dimensions for part in dim.metrics) else []
    return Verdict(
        tier=tier.name, rank=tier.rank, scored_tier=moved.tier.name,
        score=None if policy.matrix else scored.total, coverage=_coverage(earning),
        dimensions=scored.dimensions, since=moved.since, pending_down=moved.pending_down,
        reasons=reasons(earning, metrics, moved, gates), flags=tuple(flag for flag in flags if flag),
        nearest=nearest(earning, metrics, before, moved.tier), as_of=as_of, policy=policy.version,
        cell=earning.cell.name if earning.cell else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one run puts an account, not yet put into words."""

    earning: Earning
    moved: Move
    tier: Tier
    gates: tuple[Gate, ...]


def place(
    metrics: Metrics,
    policy: Policy,
    previous: Previous | None,
    as_of: date,
    standing: Standing,
    first_order: date | None = None,
    traits: Traits = NO_TRAITS,
    *,
    briefly: bool = False,
) -> Placed:
    """The decision of one run, without reasons and steps. `briefly`: without what each metric gave, either."""
    earning = earn(policy, score(metrics, policy, briefly=briefly), metrics, traits, standing.strategic)
    moved = move(earning, previous, as_of, first_order)
    tier, gates = settle(moved.tier, earning.score, policy, standing, as_of)
    return Placed(earning, moved, tier, gates)


def _coverage(earning: Earning) -> Decimal:
    """How much is known: by weight, and for a matrix half by the value and half by the potential."""
    if earning.cell is None:
        return earning.score.coverage
    promise = Decimal(1) if earning.cell.rated else earning.score.known
    return rounded((promise + (earning.cell.value is not None)) / 2, 4)
