"""One whole cycle, in the order of the house: pull, judge, plan, accept, push. Holds no logic of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kamsync.engine.accept import Accepted, accept
from kamsync.engine.connections import Connection
from kamsync.engine.judge import TierReport, judge
from kamsync.engine.knowing import know
from kamsync.engine.plan import plan
from kamsync.engine.planned import Plan
from kamsync.engine.pull import PullReport, pull
from kamsync.engine.push import PushReport, push, settled_as
from kamsync.engine.settle import SettleReport, settle, take_over
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError
from kamsync.store import Writer, outbox


@dataclass(slots=True)
class Applied:
    """What an apply did: accepted rows, what became of them, and how older unknown ones ended."""

    accepted: Accepted
    push: PushReport
    settled: SettleReport = field(default_factory=SettleReport)


@dataclass(slots=True)
class Cycle:
    """The reports of one cycle. `applied` is None where nothing may be written without a person."""

    pull: PullReport
    tier: TierReport
    plan: Plan
    applied: Applied | None = None


def apply(
    workspace: Workspace,
    writer: Writer,
    ready: Mapping[str, Connection],
    plan: int,
    *,
    by_person: bool,
    whole: bool = True,
    just_planned: bool = False,
) -> Applied:
    """Accept a plan and send it, after what an earlier apply left unknown has been looked after.

    `whole`: the plan speaks of all that is wanted on these connections. `just_planned`: what the CRMs hold of ours was
    looked at a moment ago.
    """
    take_over(workspace, writer)
    settled = settle(workspace, writer, ready)
    troubles = {} if just_planned else know(workspace, writer, ready).troubles
    accepted = accept(workspace, writer, plan, ready.keys(), by_person=by_person, whole=whole)
    pushed = push(workspace, writer, ready, accepted.keys)
    if pushed.counts["unknown"]:
        pushed = _again(workspace, writer, ready, accepted, pushed, settled)
    pushed.troubles |= {name: why for name, why in troubles.items() if name not in pushed.troubles}
    return Applied(accepted, pushed, settled)


def _again(
    workspace: Workspace,
    writer: Writer,
    ready: Mapping[str, Connection],
    accepted: Accepted,
    first: PushReport,
    settled: SettleReport,
) -> PushReport:
    """What the first push left unknown, once it can be settled without a long wait; the last word on each row."""
    second = settle(workspace, writer, ready)
    settled.done, settled.planned = settled.done + second.done, settled.planned + second.planned
    settled.waiting = second.waiting
    resent = push(workspace, writer, ready, accepted.keys)
    last = {result.row["key"]: result for result in [*first.results, *resent.results]}
    with workspace.store.read() as tx:
        now = outbox.by_keys(tx, list(last))
    results = [settled_as(result, now[key]) for key, result in last.items()]
    return PushReport(results, first.troubles | resent.troubles)


def cycle(
    workspace: Workspace,
    writer: Writer,
    ready: dict[str, Connection],
    troubles: dict[str, KamsyncError],
    as_of: date,
    *,
    by_person: bool = False,
) -> Cycle:
    """Pull, judge and plan; write where `writes = "on"`, or everywhere not off when a person accepts it."""
    pulled = pull(workspace, writer, ready, troubles)
    judged = judge(workspace, writer, as_of)
    take_over(workspace, writer)
    settle(workspace, writer, ready)
    planned = plan(workspace, writer, ready, troubles, as_of)
    open_to_us = {
        name: one
        for name, one in ready.items()
        if one.config.writes == "on" or (by_person and one.config.writes == "plan")
    }
    done = Cycle(pulled, judged, planned)
    if open_to_us:
        done.applied = apply(workspace, writer, open_to_us, planned.id, by_person=by_person, just_planned=True)
    return done
