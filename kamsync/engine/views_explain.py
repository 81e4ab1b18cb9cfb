"""Why an account stands where it stands: its stored verdict, worked out again from the stored figures.

Reads only. Where the CRMs' data has changed since it was judged, the figures that judged it count, and it is said so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from kamsync.config.policies import policy_of
from kamsync.engine import replay
from kamsync.engine.judge import reach
from kamsync.engine.shapes import figure
from kamsync.engine.views_find import find_account
from kamsync.engine.workspace import Workspace
from kamsync.model import to_minor
from kamsync.plugin import KamsyncError, Text
from kamsync.plugin.document import parse
from kamsync.rules.facts import Facts
from kamsync.rules.metrics import Metric, Metrics, measure
from kamsync.rules.policy import Policy
from kamsync.rules.tiers import Step, Verdict
from kamsync.store import looking, verdicts
from kamsync.store.facts import gather
from kamsync.store.tables import Row

FITTED = Text("评级时按全体客户的购买规律拟合", "fitted over the whole book when it was judged")


class NotJudged(KamsyncError):
    """The account has no verdict on or before that date."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Member:
    """One CRM record that stands for the account."""

    connection: str
    stream: str
    remote_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that one screen shows. `drifted`: metrics that would be measured otherwise today."""

    account: str
    name: str
    row: Row  # the stored evaluation
    verdict: Verdict
    metrics: Metrics
    members: tuple[Member, ...]
    drifted: tuple[str, ...]
    tier_label: Text
    dirty: bool


def explain(workspace: Workspace, asked: str, as_of: date | None = None) -> Explanation:
    """The explanation of one account, on a date or of its newest verdict."""
    account = find_account(workspace, asked)
    with workspace.store.read() as tx:
        row = verdicts.evaluation(tx, account, as_of)
        known = looking.account(tx, account) or {"name": "", "dirty": False}
        if row is None:
            raise _not_judged(known["name"] or account, as_of)
        policy = _policy(workspace, tx, row)
        facts = gather(tx, [account], row["as_of"], reach(workspace, tx), workspace.golden, workspace.config.timezone)[
            0
        ]
        members = looking.members_of(tx, [account]).get(account, [])
    metrics, drifted = _as_judged(_with_stored_worth(facts, row), policy, row)
    verdict = replay.verdict(metrics, policy, replay.before(row), row["as_of"], replay.circumstances(row))
    label = policy.tier(row["tier"])
    return Explanation(
        account=account,
        name=known["name"] or facts.name,
        row=row,
        verdict=verdict,
        metrics=metrics,
        members=tuple(Member(m["connection"], m["stream"], m["remote_id"], m["name"] or "") for m in members),
        drifted=drifted,
        tier_label=label.label if label else Text(row["tier"], row["tier"]),
        dirty=bool(known["dirty"]),
    )


def _not_judged(name: str, as_of: date | None) -> NotJudged:
    when = Text(f"在 {as_of} 及之前", f" on or before {as_of}") if as_of else Text("", "")
    return NotJudged(
        Text(
            f"{name} {when.zh}还没有评级(没有评过,或不在策略的 [book] 之内)",
            f"{name} has no verdict{when.en} (never judged, or outside the policy's [book])",
        ),
        next="kamsync tier",
    )


def _policy(workspace: Workspace, tx: Connection, row: Row) -> Policy:
    """The policy that judged, even if the file was edited since."""
    if workspace.policy.version == row["policy"]:
        return workspace.policy
    text = looking.policy_text(tx, row["policy"])
    return workspace.policy if text is None else policy_of(parse(text, workspace.config.policy.tiers))


def _with_stored_worth(facts: Facts, row: Row) -> Facts:
    """Lifetime value and RFM come from the whole book; the stored values are the ones that counted."""
    stored: dict[str, str | None] = row["metrics"] or {}
    fifths = {name: int(value) for name, value in stored.items() if name.startswith("rfm_") and value is not None}
    worth = stored.get("clv_36m")
    return replace(facts, fifths=fifths, clv_36m=None if worth is None else to_minor(Decimal(worth), "CNY"))


def _as_judged(facts: Facts, policy: Policy, row: Row) -> tuple[Metrics, tuple[str, ...]]:
    """Today's measurements with the values that judged, and the names of those that differ."""
    if (row["standing"] or {}).get("companies"):  # a group's parent: its figures are those of all its companies
        return replay.metrics_of(row), ()
    measured = measure(facts, policy)
    kept: dict[str, str | None] = row["metrics"] or {}
    metrics, drifted = {}, []
    for metric in measured:
        stored = kept.get(metric.name)
        value = None if stored is None else Decimal(stored)
        if metric.name in kept and value != metric.value:
            drifted.append(metric.name)
            metric = _kept(metric, value)
        metrics[metric.name] = replace(metric, source=FITTED) if metric.name == "clv_36m" and value else metric
    return Metrics(row["as_of"], metrics), tuple(drifted)


def _kept(metric: Metric, value: Decimal | None) -> Metric:
    """Inputs and notes of today do not explain a value of then."""
    return replace(metric, value=value, inputs={}, note=replay.STORED)


# ---- as JSON


def to_json(told: Explanation, language: str) -> dict[str, Any]:
    """The explanation in the shape that programs rely on."""
    verdict, row = told.verdict, told.row
    return {
        "account": told.account,
        "name": told.name,
        "tier": row["tier"],
        "scored_tier": row["scored_tier"],
        "score": figure(row["score"]),
        "coverage": figure(row["coverage"]),
        "as_of": row["as_of"].isoformat(),
        "policy": row["policy"],
        "since": row["since"].isoformat(),
        "pending_down": row["pending_down"],
        "members": [{"connection": m.connection, "stream": m.stream, "remote_id": m.remote_id, "name": m.name}
                    for m in told.members],
        "dimensions": [_dimension(dimension, language) for dimension in verdict.dimensions],
        "metrics": [_metric(part, dimension.name, told, language)
                    for dimension in verdict.dimensions for part in dimension.metrics],
        "reasons": [reason.say(language) for reason in verdict.reasons],
        "nearest": {"up": _step(verdict.nearest.up, language), "down": _step(verdict.nearest.down, language)},
        "flags": list(verdict.flags),
        "cell": verdict.cell,
        "group": (row["standing"] or {}).get("group"),
        "churn_risk": (row["metrics"] or {}).get("churn_risk"),
        "lifecycle": (row["metrics"] or {}).get("lifecycle"),
        "missing": [p.name for d in verdict.dimensions for p in d.metrics if p.value is None],
        "changed_since": list(told.drifted),
        "stale": told.dirty,
    }  # fmt: skip


def _dimension(dimension: Any, language: str) -> dict[str, Any]:
    return {
        "name": dimension.name,
        "label": dimension.label.say(language),
        "weight": figure(dimension.weight),
        "present": figure(dimension.present),
        "score": figure(dimension.score),
        "points": figure(dimension.points),
    }


def _metric(part: Any, dimension: str, told: Explanation, language: str) -> dict[str, Any]:
    metric = told.metrics.get(part.name)
    return {
        "name": part.name,
        "dimension": dimension,
        "label": part.label.say(language),
        "value": figure(part.value),
        "unit": part.unit,
        "weight": figure(part.weight),
        "score": figure(part.score),
        "points": figure(part.points),
        "assumed": part.assumed,
        "source": metric.source.say(language) if metric else "",
        "systems": list(metric.systems) if metric else [],
        "note": metric.note.say(language) if metric and metric.note else None,
        "window": [day.isoformat() for day in metric.window] if metric and metric.window else None,
        "inputs": {name: str(value) for name, value in metric.inputs.items()} if metric else {},
    }


def _step(step: Step | None, language: str) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "metric": step.metric,
        "now": figure(step.now),
        "to": figure(step.to),
        "tier": step.tier,
        "score": figure(step.score),
        "text": step.text.say(language),
    }
