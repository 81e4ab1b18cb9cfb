"""Judge the book: measure, decide and work out what is owed, a chunk of accounts at a time.

A verdict and what it makes wanted become true together. Judging twice on one date changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from kamsync.engine import caring, owed, pacing, worth
from kamsync.engine.grouping import Groups, groups, pooled
from kamsync.engine.homes import Homes
from kamsync.engine.replay import NOWHERE, Circumstances, kept, previous_of, verdict
from kamsync.engine.workspace import Workspace
from kamsync.net import Stopped
from kamsync.rules.facts import Facts
from kamsync.rules.metrics import Metrics, measure
from kamsync.rules.metrics_risk import churn, lifecycle
from kamsync.rules.placing import Bars, bars, figure
from kamsync.rules.policy import Policy
from kamsync.rules.scoring import rounded
from kamsync.rules.tiers import Verdict
from kamsync.store import Writer, cursors, facts_care, landing, runs, still_ours, verdicts, wanted
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What holds for all accounts of one run. `bars`: where the whole book put them; `heads`: figures of groups."""

    as_of: date
    policy: Policy
    reach: Reach
    worth: worth.Worth | None = None
    run: int = 0
    looking_back: bool = False
    groups: Groups = field(default_factory=Groups)
    bars: Bars = NOWHERE
    heads: Mapping[str, Metrics] = field(default_factory=dict)
    group_tiers: Mapping[str, str] = field(default_factory=dict)


def judge(workspace: Workspace, writer: Writer, as_of: date) -> TierReport:
    """Judge every account of the book that was not judged on this date, or about which something landed since."""
    policy = workspace.policy
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        run = runs.start(tx, "tier", writer.epoch, workspace.clock.now(), as_of)
        verdicts.put_policy(tx, policy.version, policy.name, workspace.policy_text, as_of)
        held = landing.held_accounts(tx)
        found = groups(workspace, tx)
        todo = [one for one in _to_judge(workspace, tx, as_of, found) if one not in held]
        ground = caring.ground(tx, reach(workspace, tx))
        newest = verdicts.latest_date(tx, until=workspace.today)
        sitting = Sitting(
            as_of=as_of, policy=policy, reach=reach(workspace, tx), run=run, groups=found,
            looking_back=newest is not None and as_of < newest,
        )  # fmt: skip
    report = TierReport(run, as_of, held=len(held))
    if todo:
        sitting = seated(workspace, sitting, todo, held)
    for chunk in chunks(todo):
        if workspace.stop.is_set():
            raise Stopped
        with workspace.store.write() as tx:
            still_ours(tx, writer)
            _judge_chunk(workspace, tx, chunk, sitting, ground)
        report.judged += len(chunk)
        workspace.say("tier.judged", done=report.judged, of=len(todo))
    with workspace.store.write() as tx:
        if not sitting.looking_back:
            still_ours(tx, writer)
            pacing.pace(workspace, tx, as_of)
        _count(workspace, tx, report)
        figures = {"judged": report.judged, "tiers": report.tiers, "policies": _policies(workspace)}
        runs.finish(tx, run, workspace.clock.now(), "ok", figures)
    return report


def seated(workspace: Workspace, sitting: Sitting, todo: Sequence[str], held: Collection[str] = ()) -> Sitting:
    """The sitting with what has to be known of the whole book, or of whole groups, before anyone is judged."""
    policy, as_of = sitting.policy, sitting.as_of
    sitting = replace(sitting, worth=worth.fitted(workspace, as_of))
    together = [one for one in todo if one in sitting.groups.top]
    if not together and not policy.is_relative:
        return sitting
    with workspace.store.read() as tx:
        before = verdicts.previous(tx, [*sitting.groups.members], as_of)
        everyone = [one for one in book(tx) if one not in held] if policy.is_relative else []
        looked = dict(_looked(workspace, tx, sitting, everyone or together))
    measured = {one: metrics for one, (_, metrics) in looked.items()}
    figures = (figure(metrics, policy) for metrics in measured.values())
    found = bars(policy, figures) if policy.is_relative else NOWHERE
    heads = pooled(sitting.groups, measured)
    tiers = {
        top: verdict(
            metrics, policy, previous_of(before.get(top)), as_of, Circumstances.of(looked[top][0], policy, bars=found)
        ).tier
        for top, metrics in heads.items()
    }
    return replace(sitting, bars=found, heads=heads, group_tiers=tiers)


def _looked(
    workspace: Workspace, tx: Connection, sitting: Sitting, accounts: Sequence[str]
) -> Iterator[tuple[str, tuple[Facts, Metrics]]]:
    """Facts and metrics of these accounts, as far as they are in the policy's book."""
    for chunk in chunks(accounts):
        for facts in gathered(workspace, tx, sitting, chunk):
            if sitting.policy.book.admits(facts):
                yield facts.account, (facts, measure(facts, sitting.policy))


def gathered(workspace: Workspace, tx: Connection, sitting: Sitting, accounts: Sequence[str]) -> list[Facts]:
    """What is known of these accounts on the date, and what the whole book says of them."""
    zone = workspace.config.timezone
    return worth.with_worth(gather(tx, accounts, sitting.as_of, sitting.reach, workspace.golden, zone), sitting.worth)


def _to_judge(workspace: Workspace, tx: Connection, as_of: date, found: Groups) -> list[str]:
    """Who is to be judged: the whole book where other reminders hold than last time, or where one moves all bars."""
    accounts = book(tx)
    reminders = _policies(workspace)["reminders"]
    if runs.published(tx).get("reminders", reminders) != reminders:
        return accounts
    touched = verdicts.to_judge(tx, accounts, as_of, workspace.policy.version)
    if as_of == workspace.today:  # whoever has a case open: what is owed then goes by the hour
        watched = facts_care.watched(tx) | set(touched)
        touched = [account for account in accounts if account in watched]
    if workspace.policy.is_relative:
        return accounts if touched else []
    return found.whole(touched)


def _policies(workspace: Workspace) -> dict[str, str]:
    return {"tiers": workspace.policy.version, "reminders": workspace.reminders.version}


def chunks(accounts: Sequence[str]) -> Iterator[list[str]]:
    """So many at a time."""
    return (list(accounts[start : start + CHUNK]) for start in range(0, len(accounts), CHUNK))


def _judge_chunk(
    workspace: Workspace, tx: Connection, accounts: list[str], sitting: Sitting, ground: caring.Ground
) -> None:
    """The verdicts of some accounts and what they make wanted; a look back at an older date moves nothing of today."""
    before = verdicts.previous(tx, accounts, sitting.as_of)
    rows, seen, states = [], [], []
    for facts in gathered(workspace, tx, sitting, accounts):
        if not sitting.policy.book.admits(facts):
            continue
        row, found = judged(workspace, facts, sitting, before.get(facts.account))
        rows.append(row)
        seen.append(facts)
        states += owed.states(workspace, facts, row, found)
    verdicts.put_evaluations(tx, rows)
    if sitting.looking_back:
        return
    verdicts.clean(tx, accounts)
    homes, churns = Homes.of(workspace, tx, accounts), caring.churns(workspace, tx, rows, sitting.as_of)
    cared = caring.with_care(workspace, tx, seen, ground, homes)
    owing = [
        owed.found(workspace, facts, row, homes, churns.get(facts.account, ()))
        for facts, row in zip(cared, rows, strict=True)
    ]
    wanted.offer(tx, accounts, owed.duties(workspace, tx, owing, homes), owed.endings(owing))
    wanted.want(tx, accounts, states)


def judged(workspace: Workspace, facts: Facts, sitting: Sitting, earlier: Row | None) -> tuple[Row, Verdict]:
    """One account's verdict and the row that keeps it. The top parent of a group is judged on the group's sums."""
    policy, account = sitting.policy, facts.account
    metrics = sitting.heads.get(account) or measure(facts, policy)
    top = sitting.groups.top.get(account)
    group = sitting.group_tiers.get(top) if top and top != account else None
    around = Circumstances.of(facts, policy, group, sitting.bars)
    found = verdict(metrics, policy, previous_of(earlier), sitting.as_of, around)
    companies = len(sitting.groups.members.get(account, ()))
    row = _row(facts, metrics, found, earlier, sitting.run) | {"standing": kept(around, earlier, companies)}
    row["metrics"] |= _prospects(workspace, facts, metrics, found)
    return row, found


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
        "metrics": _values(metrics),
        "verdict": None if same else _said(verdict),
        "run": run,
    }


def _values(metrics: Metrics) -> dict[str, Any]:
    """Every figure as it judged, and which of them the policy's word stood in for."""
    values: dict[str, Any] = {one.name: None if one.value is None else str(one.value) for one in metrics}
    assumed = sorted(one.name for one in metrics if one.assumed)
    return values | ({"assumed": assumed} if assumed else {})


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
