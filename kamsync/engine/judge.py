"""Judge the book: measure, decide and work out what is owed, a chunk of accounts at a time.

A verdict and what it makes wanted become true together. Judging twice on one date changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from kamsync.engine import caring, owed, pacing, worth
from kamsync.engine.homes import Homes
from kamsync.engine.workspace import Workspace
from kamsync.net import Stopped
from kamsync.rules.facts import Facts
from kamsync.rules.metrics import Metrics, measure
from kamsync.rules.metrics_risk import churn, lifecycle
from kamsync.rules.scoring import rounded
from kamsync.rules.tiers import Previous, Verdict, decide
from kamsync.store import Writer, cursors, landing, runs, still_ours, verdicts, wanted
from kamsync.store.facts import Reach, book, gather
from kamsync.store.tables import Row

CHUNK = 1000


@dataclass(slots=True)
class TierReport:
    """What judging found. `short_of_data`: accounts below the coverage that a verdict needs."""

    run: int
    as_of: date
    accounts: int = 0
    judged: int = 0
    tiers: dict[str, int] = field(default_factory=dict)
    changed: int = 0
    short_of_data: int = 0
    held: int = 0


def reach(workspace: Workspace, tx: Connection) -> Reach:
    """Which connections were read whole for which entity."""
    read: dict[str, set[str]] = {}
    for connection, stream in cursors.completed(tx):
        entity = workspace.mappings[connection].entities.get(stream) if connection in workspace.mappings else None
        if entity is not None:
            read.setdefault(entity, set()).add(connection)
    return Reach({entity: frozenset(connections) for entity, connections in read.items()})


def judge(workspace: Workspace, writer: Writer, as_of: date) -> TierReport:
    """Judge every account of the book that was not judged on this date, or about which something landed since."""
    policy = workspace.policy
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        run = runs.start(tx, "tier", writer.epoch, workspace.clock.now(), as_of)
        verdicts.put_policy(tx, policy.version, policy.name, workspace.config.policy.tiers.read_text("utf-8"), as_of)
        held = landing.held_accounts(tx)
        todo = [one for one in _to_judge(workspace, tx, as_of) if one not in held]
        ground = caring.ground(tx, reach(workspace, tx))
        newest = verdicts.latest_date(tx, until=workspace.today)
    looking_back = newest is not None and as_of < newest
    report = TierReport(run, as_of, held=len(held))
    valuing = worth.fitted(workspace, as_of) if todo else None
    for chunk in _chunks(todo):
        if workspace.stop.is_set():
            raise Stopped
        with workspace.store.write() as tx:
            still_ours(tx, writer)
            _judge_chunk(workspace, tx, chunk, as_of, ground, valuing, run, looking_back=looking_back)
        report.judged += len(chunk)
        workspace.say("tier.judged", done=report.judged, of=len(todo))
    with workspace.store.write() as tx:
        if not looking_back:
            still_ours(tx, writer)
            pacing.pace(workspace, tx, as_of)
        _count(workspace, tx, report)
        figures = {"judged": report.judged, "tiers": report.tiers, "policies": _policies(workspace)}
        runs.finish(tx, run, workspace.clock.now(), "ok", figures)
    return report


def _to_judge(workspace: Workspace, tx: Connection, as_of: date) -> list[str]:
    """Who is to be judged: the whole book where other reminders hold than last time."""
    accounts = book(tx)
    reminders = _policies(workspace)["reminders"]
    if runs.published(tx).get("reminders", reminders) != reminders:
        return accounts
    return verdicts.to_judge(tx, accounts, as_of, workspace.policy.version)


def _policies(workspace: Workspace) -> dict[str, str]:
    return {"tiers": workspace.policy.version, "reminders": workspace.reminders.version}


def _chunks(accounts: Sequence[str]) -> Iterator[list[str]]:
    return (list(accounts[start : start + CHUNK]) for start in range(0, len(accounts), CHUNK))


def _judge_chunk(
    workspace: Workspace,
    tx: Connection,
    accounts: list[str],
    as_of: date,
    ground: caring.Ground,
    valuing: worth.Worth | None,
    run: int,
    *,
    looking_back: bool,
) -> None:
    """The verdicts of some accounts and what they make wanted; a look back at an older date moves nothing of today."""
    policy = workspace.policy
    before = verdicts.previous(tx, accounts, as_of)
    zone = workspace.config.timezone
    gathered = worth.with_worth(gather(tx, accounts, as_of, ground.read, workspace.golden, zone), valuing)
    rows, judged, states = [], [], []
    for facts in gathered:
        if not policy.book.admits(facts):
            continue
        metrics = measure(facts, policy)
        earlier = before.get(facts.account)
        verdict = verdict_on(workspace, facts, metrics, earlier)
        row = _row(facts, metrics, verdict, earlier, run)
        row["metrics"] |= _prospects(workspace, facts, metrics, verdict)
        rows.append(row)
        judged.append(facts)
        states += owed.states(workspace, facts, row, verdict)
    verdicts.put_evaluations(tx, rows)
    if looking_back:
        return
    verdicts.clean(tx, accounts)
    homes, churns = Homes.of(workspace, tx, accounts), caring.churns(workspace, tx, rows, as_of)
    cared = caring.with_care(workspace, tx, judged, ground, homes)
    owing = [
        owed.found(workspace, facts, row, homes, churns.get(facts.account, ()))
        for facts, row in zip(cared, rows, strict=True)
    ]
    wanted.offer(tx, accounts, owed.duties(workspace, tx, owing, homes))
    wanted.want(tx, accounts, states)


def verdict_on(workspace: Workspace, facts: Facts, metrics: Metrics, earlier: Row | None) -> Verdict:
    """The verdict that the policy gives an account, given the evaluation before it."""
    policy = workspace.policy
    return decide(
        metrics,
        policy,
        previous_of(earlier),
        facts.as_of,
        strategic=facts.strategic,
        override=policy.override_for(facts),
        first_order=facts.orders.first if facts.orders else None,
        blacklisted=facts.blacklisted,
        deregistered=facts.deregistered,
    )


def previous_of(row: Row | None) -> Previous | None:
    """The evaluation before, as the rules want it."""
    if row is None:
        return None
    return Previous(
        tier=row["tier"],
        scored_tier=row["scored_tier"],
        since=row["since"],
        pending_down=row["pending_down"],
        as_of=row["as_of"],
    )


def _prospects(workspace: Workspace, facts: Facts, metrics: Metrics, verdict: Verdict) -> dict[str, str | None]:
    """What is expected of the customer, now that its rank is known: the risk that it leaves and its stage of life."""
    risk = churn(facts, metrics, verdict.rank, workspace.calendar).value
    shown = None if risk is None else str(rounded(risk))
    return {"churn_risk": shown, "lifecycle": lifecycle(facts, metrics)}


def _row(facts: Facts, metrics: Metrics, verdict: Verdict, earlier: Row | None, run: int) -> Row:
    changed = earlier is not None and earlier["tier"] != verdict.tier
    same = earlier is not None and not changed and earlier["score"] == verdict.score
    return {
        "account": facts.account,
        "as_of": facts.as_of,
        "policy": verdict.policy,
        "tier": verdict.tier,
        "rank": verdict.rank,
        "scored_tier": verdict.scored_tier,
        "score": verdict.score,
        "coverage": verdict.coverage,
        "since": verdict.since,
        "pending_down": verdict.pending_down,
        "changed_from": earlier["tier"] if earlier and changed else earlier["changed_from"] if earlier else None,
        "changed_on": facts.as_of if changed else earlier["changed_on"] if earlier else None,
        "metrics": {metric.name: None if metric.value is None else str(metric.value) for metric in metrics},
        "verdict": None if same else _said(verdict),
        "run": run,
    }


def _said(verdict: Verdict) -> dict[str, Any]:
    """What is worth keeping in words: the reasons, main one first."""
    return {"reasons": [[reason.zh, reason.en] for reason in verdict.reasons], "flags": sorted(verdict.flags)}


def _count(workspace: Workspace, tx: Connection, report: TierReport) -> None:
    report.tiers = {tier.name: 0 for tier in workspace.policy.tiers}
    for row in verdicts.figures(tx, report.as_of):
        report.accounts += row.count
        report.tiers[row.tier] = report.tiers.get(row.tier, 0) + row.count
        report.changed += row.count if row.changed_on == report.as_of else 0
        report.short_of_data += row.count if row.coverage < workspace.policy.coverage.judge else 0
