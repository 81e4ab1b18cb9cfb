"""Accept a plan: only now are there intents. Guards stop what is too much; rows that have moved are left out.

Writes to no CRM.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from kamsync.engine.guarding import guard, held_of, lift, tally
from kamsync.engine.rows import intent_row
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Text
from kamsync.store import Writer, audit, known, landing, outbox, plans, runs, still_ours, verdicts, wanted
from kamsync.store.audit import Deed
from kamsync.store.tables import Row

NOT_KNOWN = Text(
    "CRM 中带标记的任务还没有核对完:这一条可能已经在里面",
    "the tasks in the CRM that carry our marker were not compared yet: this one may be there",
)


class NoSuchPlan(KamsyncError):
    """The plan named is not kept here."""

    exit_code = 2


@dataclass(slots=True)
class Accepted:
    """What was accepted, and what was left out with the reason."""

    plan: int
    keys: list[str] = field(default_factory=list)
    skipped: list[tuple[Row, Text]] = field(default_factory=list)
    held: list[Row] = field(default_factory=list)


def accept(
    workspace: Workspace,
    writer: Writer,
    plan: int,
    connections: Collection[str],
    *,
    by_person: bool,
    whole: bool = True,
) -> Accepted:
    """Make intents of the plan's rows on these connections that still hold.

    Unattended, what is beyond a guard waits for a person; who applies a plan lets go what was held of it, too.
    `whole`: the plan speaks of all that is wanted there, so that an older one that is held is over.
    """
    accepted = Accepted(plan)
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        if plans.get(tx, plan) is None:
            raise no_such_plan(str(plan))
        run = runs.start(tx, "accept", writer.epoch, now)
        asked = plans.changes(tx, plan, "planned") + (held_of(tx, plan) if by_person else [])
        rows = _still_true(workspace, tx, [row for row in asked if row["connection"] in connections], accepted)
        if not by_person:
            rows, accepted.held = guard(workspace, tx, rows, plan)
        if whole:
            lift(workspace, tx, connections, None if by_person else plan)
        outbox.put_intents(tx, [intent_row(row, plan, writer.epoch, run) for row in rows])
        plans.accepted(tx, plan, now)
        accepted.keys = [row["key"] for row in rows]
        figures = {"plan": plan, "accepted": len(rows), "held": len(accepted.held)}
        if by_person:
            audit.append(tx, workspace.who, now, [Deed("plan.applied", str(plan), figures | {"run": run})])
        runs.finish(tx, run, now, "ok", figures | tally(rows) | {"by_person": by_person})
    return accepted


def no_such_plan(name: str) -> NoSuchPlan:
    return NoSuchPlan(Text(f"没有计划 {name}", f"there is no plan {name}"), next="kamsync plan")


def _still_true(workspace: Workspace, tx: Connection, rows: Sequence[Row], accepted: Accepted) -> list[Row]:
    """Leave out rows whose connection may not write, whose account moved, or whose wish changed since."""
    off = {one.name for one in workspace.config.connections if one.writes == "off"}
    restored = {hold["connection"] for hold in runs.holds(tx) if hold["guard"] == "restored"}
    moved = verdicts.dirty_accounts(tx) | landing.held_accounts(tx)
    asked_for = still_wanted(tx, rows)
    blind = known.blind(tx, {row["connection"] for row in rows})
    kept = []
    for row in rows:
        if row["connection"] in off:
            why: Text | None = Text("此连接禁止写入(writes = off)", "this connection may not write (writes = off)")
        elif row["connection"] in restored:
            why = Text(
                "租户像是从备份恢复过,写回已暂停:kamsync hold list",
                "the tenant seems restored from a backup, writes are held: kamsync hold list",
            )
        elif row["kind"] == "task" and row["connection"] in blind:
            why = NOT_KNOWN
        elif row["account"] in moved:
            why = Text("计划之后有新数据到达,请重新计划", "something landed since the plan: plan again")
        elif row["key"] not in asked_for:
            why = Text("计划之后要求已变,请重新计划", "what is wanted changed since the plan: plan again")
        else:
            why = None
        if why is None:
            kept.append(row)
        else:
            accepted.skipped.append((row, why))
    return kept


def still_wanted(tx: Connection, rows: Sequence[Row]) -> set[str]:
    """The keys of those changes or intents that are what their duty or state asks for today.

    A change of a task stands by itself: what it was planned on is the task, and that is looked at when it is sent.
    """
    tasks = [row for row in rows if row["kind"] == "task"]
    duties = wanted.duties(tx, [row["payload"]["duty"] for row in tasks])
    kept = {row["key"] for row in tasks if _is_owed(duties.get(row["payload"]["duty"]), row)}
    kept |= {row["key"] for row in rows if row["kind"] == "task_change"}
    tags = [row for row in rows if row["kind"] == "tags"]
    revisions = wanted.revisions(tx, map(_record, tags), "tags")
    return kept | {row["key"] for row in tags if row["key"].endswith(f":r{revisions.get(_record(row))}")}


def _is_owed(duty: Row | None, row: Row) -> bool:
    return duty is not None and duty["state"] == "wanted" and duty["marker"] == row["payload"]["marker"]


def _record(row: Row) -> tuple[str, str, str]:
    return row["connection"], row["stream"], row["remote_id"]


def approve_writes(workspace: Workspace, writer: Writer, hold: Row) -> Accepted:
    """A person approved a hold: exactly its rows become intents, if they still hold."""
    plan = hold["sample"]["plan"]
    accepted = Accepted(plan)
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        run = runs.start(tx, "accept", writer.epoch, now)
        asked = [row for row in held_of(tx, plan) if row["hold"] == hold["id"]]
        rows = _still_true(workspace, tx, asked, accepted)
        outbox.put_intents(tx, [intent_row(row, plan, writer.epoch, run) for row in rows])
        approved(workspace, tx, hold)
        accepted.keys = [row["key"] for row in rows]
        figures = {"plan": plan, "hold": hold["id"], "accepted": len(rows), "by_person": True}
        runs.finish(tx, run, now, "ok", figures | tally(rows))
    return accepted


def approved(workspace: Workspace, tx: Connection, hold: Row) -> None:
    """A person let this go on: the hold is decided, and by whom is in the trail."""
    now = workspace.clock.now()
    facts = {name: hold[name] for name in ("guard", "connection", "subject", "count")}
    runs.set_hold(tx, hold["id"], "approved", now)
    audit.append(tx, workspace.who, now, [Deed("hold.approved", str(hold["id"]), facts)])
