"""Verdicts that can be worked out again, bit for bit: what counted besides the metrics is kept with each evaluation.

Reads and writes JSON; decides by the same rules as the day it was judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kamsync.plugin import Text
from kamsync.rules.facts import Facts
from kamsync.rules.gates import Standing
from kamsync.rules.metrics import CATALOGUE, Metric, Metrics
from kamsync.rules.placing import Bars, bound
from kamsync.rules.policy import Override, Policy, Traits
from kamsync.rules.tiers import NO_TRAITS, Placed, Previous, Verdict, decide, place, traits_of
from kamsync.store.tables import Row

STORED = Text("评级时的数值", "as it was when judged")
NOWHERE = Bars({}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What counts besides an account's metrics. `bars`: where the book put them, for a policy that depends on it."""

    strategic: int | None = None
    group_tier: str | None = None
    override: Override | None = None
    first_order: date | None = None
    blacklisted: bool = False
    deregistered: bool = False
    traits: Traits = NO_TRAITS
    bars: Bars = NOWHERE

    @classmethod
    def of(cls, facts: Facts, policy: Policy, group_tier: str | None = None, bars: Bars = NOWHERE) -> Circumstances:
        """Those of an account on the date of its facts."""
        return cls(
            strategic=facts.strategic, group_tier=group_tier, override=policy.override_for(facts),
            first_order=facts.orders.first if facts.orders else None,
            blacklisted=facts.blacklisted, deregistered=facts.deregistered, traits=traits_of(facts), bars=bars,
        )  # fmt: skip


def verdict(metrics: Metrics, policy: Policy, earlier: Previous | None, as_of: date, around: Circumstances) -> Verdict:
    """The verdict that a policy gives, bound to the book it judged in."""
    if policy.is_relative:
        policy = bound(policy, around.bars)
    return decide(
        metrics, policy, earlier, as_of,
        strategic=around.strategic, group_tier=around.group_tier, override=around.override,
        first_order=around.first_order, blacklisted=around.blacklisted, deregistered=around.deregistered,
        traits=around.traits,
    )  # fmt: skip


def previous_of(row: Row | None) -> Previous | None:
    """The evaluation before, as the rules want it."""
    if row is None:
        return None
    return Previous(
        tier=row["tier"], scored_tier=row["scored_tier"], since=row["since"], pending_down=row["pending_down"],
        as_of=row["as_of"],
    )  # fmt: skip


def placed(metrics: Metrics, policy: Policy, earlier: Previous | None, as_of: date, around: Circumstances) -> Placed:
    """The same decision without its words. The policy must be bound already."""
    standing = Standing(
        strategic=around.strategic, group_tier=around.group_tier, override=around.override,
        overdue_180d=metrics.value("overdue_180d"), revenue_12m=metrics.value("revenue_12m"),
        blacklisted=around.blacklisted, deregistered=around.deregistered, metrics=metrics,
    )  # fmt: skip
    return place(metrics, policy, earlier, as_of, standing, around.first_order, around.traits, briefly=True)


# ---- kept with an evaluation


def kept(around: Circumstances, earlier: Row | None, companies: int = 0) -> dict[str, Any]:
    """As JSON, with the state before; what is not so is left out. `companies`: whose sums judged a group's parent."""
    before = earlier and {
        name: str(earlier[name]) for name in ("tier", "scored_tier", "since", "pending_down", "as_of")
    }
    told: dict[str, Any] = {
        "before": before,
        "companies": companies or None,
        "strategic": around.strategic,
        "group": around.group_tier,
        "first_order": around.first_order and around.first_order.isoformat(),
        "blacklisted": around.blacklisted,
        "deregistered": around.deregistered,
        "size": around.traits.size,
        "industry": around.traits.industry,
        "override": around.override and _override(around.override),
        "floors": {name: str(bar) for name, bar in around.bars.floors.items()},
        "classes": {name: str(bar) for name, bar in around.bars.classes.items()},
    }
    return {name: value for name, value in told.items() if value not in (None, False, {})}


def _override(override: Override) -> dict[str, str]:
    return {
        "tier": override.tier, "reason": override.reason, "author": override.author,
        "from": override.start.isoformat(), "until": override.until.isoformat(),
    }  # fmt: skip


def circumstances(row: Row) -> Circumstances:
    """What counted for an evaluation."""
    told: Mapping[str, Any] = row["standing"] or {}
    word = told.get("override")
    spell = word and Override(
        word["tier"], word["reason"], word["author"],
        date.fromisoformat(word["from"]), date.fromisoformat(word["until"]),
    )  # fmt: skip
    first = told.get("first_order")
    return Circumstances(
        strategic=told.get("strategic"), group_tier=told.get("group"), override=spell,
        first_order=first and date.fromisoformat(first),
        blacklisted=told.get("blacklisted", False), deregistered=told.get("deregistered", False),
        traits=Traits(size=told.get("size"), industry=told.get("industry")),
        bars=Bars(*({k: Decimal(v) for k, v in told.get(side, {}).items()} for side in ("floors", "classes"))),
    )  # fmt: skip


def metrics_of(row: Row) -> Metrics:
    """The figures that judged, by their values alone; `assumed` are those that the policy's word stood in for."""
    values: Mapping[str, str | None] = row["metrics"] or {}
    assumed = set(values.get("assumed") or ())
    return Metrics(
        row["as_of"],
        {
            name: Metric(
                name=name, value=None if (value := values.get(name)) is None else Decimal(value), source=STORED,
                assumed=name in assumed,
            )
            for name in CATALOGUE
            if name in values
        },
    )  # fmt: skip


def before(row: Row) -> Previous | None:
    """The state from which an evaluation started."""
    told = (row["standing"] or {}).get("before")
    if told is None:
        return None
    return Previous(
        tier=told["tier"], scored_tier=told["scored_tier"], since=date.fromisoformat(told["since"]),
        pending_down=int(told["pending_down"]), as_of=date.fromisoformat(told["as_of"]),
    )  # fmt: skip


def replayed(row: Row, policy: Policy) -> Verdict:
    """The verdict of a stored evaluation, from what is stored alone."""
    return verdict(metrics_of(row), policy, before(row), row["as_of"], circumstances(row))
