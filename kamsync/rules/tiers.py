"""Decide an account's tier from its metrics: score, steady move, gates, reasons, nearest step.

Pure: no clock, no store. The previous state is handed in, so that the same date judged twice is the same verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kamsync.plugin import Text
from kamsync.rules.facts import Facts
from kamsync.rules.gates import Standing, settle
from kamsync.rules.metrics import Metrics, measure
from kamsync.rules.moving import Previous, move
from kamsync.rules.nearest import Nearest, Step, nearest
from kamsync.rules.policy import Override, Policy
from kamsync.rules.reasons import reasons
from kamsync.rules.scoring import DimensionScore, score

__all__ = ["Nearest", "Previous", "Step", "Verdict", "decide", "judge"]


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
        blacklisted=facts.blacklisted, deregistered=facts.deregistered,
    )  # fmt: skip


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
) -> Verdict:
    """The verdict of one run. `overdue_180d` is in yuan; left out, the metric of that name counts."""
    scored = score(metrics, policy)
    moved = move(scored, policy, previous, as_of, first_order)
    standing = Standing(
        strategic=strategic, group_tier=group_tier, override=override,
        overdue_180d=metrics.value("overdue_180d") if overdue_180d is None else overdue_180d,
        revenue_12m=metrics.value("revenue_12m"), blacklisted=blacklisted, deregistered=deregistered,
    )  # fmt: skip
    tier, gates = settle(moved.tier, scored, policy, standing, as_of)
    before = policy.tier(previous.scored_tier) if previous else None
    flags = [moved.flag, *(gate.flag for gate in gates)]
    flags += ["short_of_data"] if scored.known < policy.coverage.judge else []
    flags += ["assumed"] if any(part.assumed for dim in scored.dimensions for part in dim.metrics) else []
    return Verdict(
        tier=tier.name, rank=tier.rank, scored_tier=moved.tier.name, score=scored.total, coverage=scored.coverage,
        dimensions=scored.dimensions, since=moved.since, pending_down=moved.pending_down,
        reasons=reasons(scored, metrics, policy, moved, gates), flags=tuple(flag for flag in flags if flag),
        nearest=nearest(metrics, policy, scored, before, moved.tier), as_of=as_of, policy=policy.version,
    )  # fmt: skip
