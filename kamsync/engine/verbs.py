"""The verbs that people run, each under the one writer's lock and with the connections it needs open.

Holds no logic of a step: it opens, calls and hands back the report.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from kamsync.engine import backfill, guarding, mapping_publish
from kamsync.engine.accept import NoSuchPlan, no_such_plan
from kamsync.engine.backfill import NOTHING, Wanted
from kamsync.engine.connections import Connection, connected
from kamsync.engine.cycle import Applied, Cycle, apply, cycle
from kamsync.engine.forecasting import Prospect, prospect
from kamsync.engine.judge import TierReport, judge
from kamsync.engine.plan import plan
from kamsync.engine.planned import Plan
from kamsync.engine.pull import PullReport, pull
from kamsync.engine.push import Result
from kamsync.engine.settle import settle, take_over
from kamsync.engine.undoing import Only, connections_of, plan_undo
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, KamsyncError, Text
from kamsync.plugin.document import did_you_mean
from kamsync.rules.guards import Stop
from kamsync.store import Writer, outbox, plans, runs, verdicts, writing
from kamsync.store.tables import Row

FRESH = ("planned", "sending", "unknown")


@dataclass(slots=True)
class Planned:
    """A plan as a verb made it. `judged`: anything was ever judged; without that there is nothing to plan.

    `stops`: what guards would hold of it, where kamsync writes by itself.
    """

    plan: Plan
    judged: bool
    stops: list[Stop] = field(default_factory=list)


@dataclass(slots=True)
class ApplyReport:
    """What an apply did. `others`: accepted rows that nothing was sent for this time, with what became of them."""

    plan: int
    applied: Applied
    others: list[Result] = field(default_factory=list)


@contextmanager
def at_work(workspace: Workspace) -> Iterator[Writer]:
    """Be the writer; runs that an earlier one never ended are closed, edited mappings come into force."""
    with writing(workspace.store) as writer:
        with workspace.store.write() as tx:
            runs.abandon(tx, writer.epoch, workspace.clock.now())
        mapping_publish.settle(workspace, writer)
        yield writer


@contextmanager
def connected_at_work(
    workspace: Workspace, names: Iterable[str] | None = None, purpose: str = "urgent"
) -> Iterator[tuple[Writer, dict[str, Connection], dict[str, KamsyncError]]]:
    """Be the writer, with these connections open."""
    with at_work(workspace) as writer, connected(workspace, names, purpose) as (ready, troubles):
        yield writer, ready, troubles


def pull_verb(workspace: Workspace) -> PullReport:
    """Pull everything, then look for what is unknown. Nobody waits: knocking is paid from what changes may use."""
    with connected_at_work(workspace, purpose="delta") as (writer, ready, troubles):
        report = pull(workspace, writer, ready, troubles, routine=True)
        take_over(workspace, writer)
        settle(workspace, writer, ready)
        return report


def reckoned_pull(
    workspace: Workspace,
    look: Callable[[Prospect], bool],
    connection: str | None = None,
    stream: str | None = None,
    *,
    full: bool = False,
    sweep: bool = False,
    accept_empty: bool = False,
    wanted: Wanted = NOTHING,
    changes_too: bool = False,
    reckon: bool = True,
) -> PullReport | None:
    """Pull what a person asks for, once they have seen what it will cost; None when that was not what they wanted.

    `changes_too`: reckon streams, too, of which only changes are due (a call or two each). `reckon`: count at all; a
    count that nobody looks at takes credits, and a place in the CRM's windows, from the reading.
    """
    names = None if connection is None else [known_connection(workspace, connection)]
    with connected_at_work(workspace, names) as (writer, ready, troubles):
        only = None if wanted == NOTHING else backfill.errands(workspace, ready, stream or "", wanted)
        found = None
        if reckon:
            found = prospect(workspace, ready, stream, only, full=full, sweep=sweep, large=not changes_too)
            if not look(found):
                return None
        if only is not None:
            backfill.begin(workspace, only)
        report = pull(
            workspace, writer, ready, troubles,
            stream=stream, full=full, sweep=sweep, accept_empty=accept_empty, only=only,
        )  # fmt: skip
        report.prospect = found
        return report


def tier_verb(workspace: Workspace, as_of: date | None = None) -> TierReport:
    """Measure and judge the book."""
    with at_work(workspace) as writer:
        return judge(workspace, writer, as_of or workspace.today)


def plan_verb(workspace: Workspace, as_of: date | None = None) -> Planned:
    """Look after what is unknown, then compare what is wanted with the live CRMs."""
    with connected_at_work(workspace) as (writer, ready, troubles):
        take_over(workspace, writer)
        settle(workspace, writer, ready)
        made = plan(workspace, writer, ready, troubles, as_of or workspace.today)
        by_itself = {one.name for one in workspace.config.connections if one.writes == "on"}
        with workspace.store.read() as tx:
            stops = guarding.stops(workspace, tx, [row for row in made.changes if row["connection"] in by_itself])
            return Planned(made, verdicts.latest_date(tx) is not None, stops)


def apply_verb(workspace: Workspace, number: int) -> ApplyReport:
    """A person applies a plan that they have seen."""
    with workspace.store.read() as tx:
        names = {row["connection"] for row in plans.changes(tx, number)}
    with connected_at_work(workspace, names) as (writer, ready, troubles):
        done = apply(workspace, writer, ready, number, by_person=True)
        done.push.troubles.update(troubles)
        return ApplyReport(number, done, settled_before(workspace, done))


@dataclass(slots=True)
class Undone:
    """An undo: its plan, and what applying it did; None where it was only looked at."""

    plan: Plan
    report: ApplyReport | None = None


def undo_verb(workspace: Workspace, run: int, only: Only | None, agree: Callable[[Plan], bool]) -> Undone:
    """Take back what one apply wrote, once a person has seen the plan of it and agrees."""
    with connected_at_work(workspace, connections_of(workspace, run, only)) as (writer, ready, troubles):
        take_over(workspace, writer)
        settle(workspace, writer, ready)
        done = Undone(plan_undo(workspace, writer, ready, troubles, run, only))
        if agree(done.plan):
            applied = apply(workspace, writer, ready, done.plan.id, by_person=True)
            applied.push.troubles.update(troubles)
            done.report = ApplyReport(done.plan.id, applied, settled_before(workspace, applied))
        return done


def cycle_verb(workspace: Workspace, as_of: date | None = None, *, by_person: bool = False) -> Cycle:
    """Pull, judge, plan, and apply what may be applied."""
    with connected_at_work(workspace) as (writer, ready, troubles):
        return cycle(workspace, writer, ready, troubles, as_of or workspace.today, by_person=by_person)


def known_connection(workspace: Workspace, name: str) -> str:
    """The connection of that name; raises ConfigError that lists those there are."""
    names = [one.name for one in workspace.config.connections]
    if name in names:
        return name
    listed = ", ".join(names) or "-"
    hint = did_you_mean(name, names) or Text(f"可选:{listed}", f"there are: {listed}")
    raise ConfigError(
        Text(f"没有名为 {name} 的连接;{hint.zh}", f"there is no connection {name}; {hint.en}"), next="kamsync pull"
    )


def settled_before(workspace: Workspace, done: Applied) -> list[Result]:
    """Accepted rows that this push did not speak of: done earlier, still unknown, or no longer wanted."""
    told = {result.row["key"] for result in done.push.results}
    with workspace.store.read() as tx:
        left = outbox.by_keys(tx, [key for key in done.accepted.keys if key not in told])
    return [_earlier(row) for row in left.values()]


def _earlier(row: Row) -> Result:
    if row["state"] == "done":
        return Result(row, "skipped", row["written_id"], "done", "applied before")
    if row["state"] in FRESH:
        outcome = "not_sent" if row["state"] == "planned" else "unknown"
        return Result(row, outcome, row["written_id"], row["code"], row["message"])
    return Result(row, "skipped", row["written_id"], row["state"], row["message"] or "no longer wanted")


# ---- which plan


def named_plan(workspace: Workspace, name: str) -> int:
    """The number of the plan that a person names: by number, or by the file that shows it.

    The file is only a view: it must carry the stored plan's digest and rows, else it is refused.
    """
    if name.isdigit():
        return int(_stored(workspace, int(name), name)["id"])
    path = next((path for path in (Path(name), workspace.config.folder / name) if path.is_file()), None)
    if path is None:
        raise no_such_plan(name)
    told = _told(path)
    stored = _stored(workspace, told["plan"], name)
    with workspace.store.read() as tx:
        keys = {row["key"] for row in plans.changes(tx, stored["id"]) if _is_shown(row)}
    if told.get("digest") != stored["digest"] or {change.get("key") for change in told["changes"]} != keys:
        raise NoSuchPlan(
            Text(
                f"{name} 与存储的计划 {stored['id']} 不一致(文件被改过,或属于另一套部署);文件只是计划的样子",
                f"{name} is not what plan {stored['id']} holds (it was edited, or belongs to another deployment); "
                "the file is only a view of the plan",
            ),
            next="kamsync plan",
        )
    return int(stored["id"])


def _is_shown(row: Row) -> bool:
    """Is it among a plan's changes? What a guard held later was; what is held because it was undone never was."""
    return row["state"] == "planned" or (row["state"] == "held" and row["payload"] is not None)


def _told(path: Path) -> Row:
    try:
        told = json.loads(path.read_text("utf-8"))
        sound = isinstance(told["plan"], int) and all(isinstance(one, dict) for one in told["changes"])
    except (OSError, ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise NoSuchPlan(Text(f"{path} 不是计划文件", f"{path} is not a plan file"), next="kamsync plan")
    return dict(told)


def _stored(workspace: Workspace, number: int, name: str) -> Row:
    with workspace.store.read() as tx:
        row = plans.get(tx, number) if 0 < number < 2**62 else None
    if row is None:
        raise no_such_plan(name)
    return row
