"""Measure an account: each number with its inputs, its source, its systems and its window.

Pure: facts and a policy in, metrics out. Unknown stays None and says why; it judges nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kamsync.rules import metrics_orders, metrics_standing
from kamsync.rules.facts import Facts
from kamsync.rules.metrics_kinds import CATALOGUE, Input, Metric, MetricKind, Metrics
from kamsync.rules.metrics_orders import growth, whole_months
from kamsync.rules.policy import Policy

__all__ = ["CATALOGUE", "Input", "Metric", "MetricKind", "Metrics", "growth", "measure", "whole_months"]

_MEASURES = {**metrics_orders.MEASURES, **metrics_standing.MEASURES}

# Whose records a metric is worked out from; all others come from orders.
_ENTITIES: Mapping[str, tuple[str, ...]] = {
    "wallet_gap": ("account", "order"), "share_of_wallet": ("account", "order"),
    "weighted_pipeline_12m": ("deal",), "tenure_months": ("account", "order"),
    "on_time_rate": ("invoice", "payment"), "avg_days_late": ("invoice", "payment"),
    "dso": ("invoice",), "overdue_180d": ("invoice", "payment"),
    "satisfaction": ("survey",), "csat": ("survey",), "nps": ("survey",),
    "engagement": ("activity",), "service_events_12m": ("case", "activity"), "influence": ("account",),
}  # fmt: skip


def measure(facts: Facts, policy: Policy) -> Metrics:
    """Every metric of the catalogue for one account on the date of its facts."""
    systems = {entities: _systems(facts, entities) for entities in {*_ENTITIES.values(), ("order",)}}
    measured = {}
    for name in CATALOGUE:
        metric = _MEASURES[name](facts, policy)
        measured[name] = replace(metric, systems=systems[entities_of(name)])
    return Metrics(facts.as_of, measured)


def entities_of(metric: str) -> tuple[str, ...]:
    """Whose records a metric is worked out from."""
    return _ENTITIES.get(metric, ("order",))


def _systems(facts: Facts, entities: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({connection for entity in entities for connection in facts.read.get(entity, ())}))
