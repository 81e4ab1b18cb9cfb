"""Accept a plan: only now are there intents. Guards stop what is too much; rows that have moved are left out.

Writes to no CRM.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from kamsync.engine import redoing
from kamsync.engine.guarding import guard, held_of, lift, tally
from kamsync.engine.rows import intent_row, takes_back, undoes
from kamsync.engine.undone import keep_true, kept_back, withdraw
from kamsync.engine.wishes import still_wanted
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Text
from kamsync.store import Writer, audit, known, landing, outbox, plans, runs, still_ours, verdicts
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
    by_person: bool = True
    undoes: int | None = None
    run: int = 0
    keys: list[str] = field(default_factory=list)
    skipped: list[tuple[Row, Text]] = field(default_factory=list)
    held: list[Row] = field(default_factory=list)
    withdrawn: list[Row] = field(default_factory=list)


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
    accepted = Accepted(plan, by_person)
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        kept = plans.get(tx, plan)
        if kept is None:
            raise no_such_plan(str(plan))
        accepted.undoes = kept["undoes"]
        kind = "accept" if accepted.undoes is None else "undo"
        run = accepted.run = runs.start(tx, kind, writer.epoch, now)
        asked = plans.changes(tx, plan, "planned") + (held_of(tx, plan) if by_person else [])
        rows = _still_true(workspace, tx, [row for row in asked if row["connection"] in connections], accepted)
        if not by_person:
            rows, accepted.held = guard(workspace, tx, rows, plan)
        if whole and accepted.undoes is None:
            lift(workspace, tx, connections, None if by_person else plan)
        accepted.withdrawn = _withdraw(tx, plan, connections, writer.epoch, now)
        outbox.put_intents(tx, [intent_row(row, plan, writer.epoch, run) for row in rows])
        keep_true(tx, now)
        plans.accepted(tx, plan, now)
        accepted.keys = [row["key"] for row in rows]
        figures = {"plan": plan, "accepted": len(rows), "held": len(accepted.held)}
        figures |= {} if accepted.undoes is None else {"undoes": accepted.undoes}
        if by_person:
            audit.append(tx, workspace.who, now, [Deed("plan.applied", str(plan), figures | {"run": run})])
        runs.finish(tx, run, now, "ok", figures | tally(rows) | {"by_person": by_person})
    return accepted


def _withdraw(tx: Connection, plan: int, connections: Collection[str], epoch: int, at: datetime) -> list[Row]:
    """What an undo's plan found accepted and not yet on its way does not leave any more."""
    keys = [row["key"] for row in plans.changes(tx, plan, "withdrawn") if row["connection"] in connections]
    unsent = [one for one in outbox.by_keys(tx, keys).values() if one["state"] == "planned"]
    withdraw(tx, unsent, epoch, at)
    return unsent


def no_such_plan(name: str) -> NoSuchPlan:
    return NoSuchPlan(Text(f"没有计划 {name}", f"there is no plan {name}"), next="kamsync plan")


def _still_true(workspace: Workspace, tx: Connection, rows: Sequence[Row], accepted: Accepted) -> list[Row]:
    """Leave out rows that may not be written now; what was undone and may come back goes the way that makes one."""
    found = _Now.of(workspace, tx, rows)
    kept = []
    for row in rows:
        why = found.why_not(row, accepted)
        if why is None:
            kept.append(row)
        else:
            accepted.skipped.append((row, why))
    closings = redoing.closings(tx, [found.earlier[row["key"]] for row in kept if row["key"] in found.earlier])
    return [redoing.reopened(closings[row["key"]], None, row["credits"]) if row["key"] in closings else row
            for row in kept]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Now:
    """What decides whether a row still holds. `earlier`: what was accepted of these keys before."""

    off: frozenset[str]
    restored: frozenset[str]
    moved: frozenset[str]
    asked_for: frozenset[str]
    blind: frozenset[str]
    earlier: Mapping[str, Row]

    @classmethod
    def of(cls, workspace: Workspace, tx: Connection, rows: Sequence[Row]) -> _Now:
        return cls(
            off=frozenset(one.name for one in workspace.config.connections if one.writes == "off"),
            restored=frozenset(hold["connection"] for hold in runs.holds(tx) if hold["guard"] == "restored"),
            moved=frozenset(verdicts.dirty_accounts(tx) | landing.held_accounts(tx)),
            asked_for=frozenset(still_wanted(tx, rows)),
            blind=frozenset(known.blind(tx, {row["connection"] for row in rows})),
            earlier=outbox.by_keys(tx, [row["key"] for row in rows]),
        )

    def why_not(self, row: Row, accepted: Accepted) -> Text | None:
        """Why a row is left out; None: it holds. What was undone comes back by its own plan, or by another undo."""
        earlier = self.earlier.get(row["key"])
        if row["connection"] in self.off:
            return Text("此连接禁止写入(writes = off)", "this connection may not write (writes = off)")
        if row["connection"] in self.restored:
            return Text(
                "租户像是从备份恢复过,写回已暂停:kamsync hold list",
                "the tenant seems restored from a backup, writes are held: kamsync hold list",
            )
        if row["kind"] == "task" and row["connection"] in self.blind:
            return NOT_KNOWN
        if row["account"] in self.moved and not takes_back(row):
            return Text("计划之后有新数据到达,请重新计划", "something landed since the plan: plan again")
        if row["key"] not in self.asked_for:
            return _TAKEN_BACK if undoes(row) else _WISHED_OTHERWISE
        if earlier is not None and earlier["hold"] is not None:
            asked_again = accepted.undoes is not None or earlier["plan"] == accepted.plan
            return None if accepted.by_person and asked_again else kept_back(earlier)
        return None


_TAKEN_BACK = Text("已撤销过,或要求已变", "it was undone already, or is wanted otherwise by now")
_WISHED_OTHERWISE = Text("计划之后要求已变,请重新计划", "what is wanted changed since the plan: plan again")


def approve_writes(workspace: Workspace, writer: Writer, hold: Row) -> Accepted:
    """A person approved a hold: exactly its rows become intents, if they still hold."""
    plan = hold["sample"]["plan"]
    accepted = Accepted(plan)
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        run = accepted.run = runs.start(tx, "accept", writer.epoch, now)
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
