"""Guards on what is written unattended: what is too much waits for a person, and never expires by itself.

Decides on rows that still hold; sends nothing. What is held keeps back no other row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, get_args

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.rules import guards
from kamsync.rules.guards import Limits, Stop, Usual, Wish
from kamsync.store import owners, plans, runs, usual
from kamsync.store.tables import Row

SAMPLE = 20
VOLUME: tuple[str, ...] = get_args(guards.Guard)  # the guards that hold rows of a plan
USUAL_DAYS = 30
PRIORITIES = ("urgent", "high", "medium", "low")  # the most pressing first


def guard(workspace: Workspace, tx: Connection, rows: Sequence[Row], plan: int) -> tuple[list[Row], list[Row]]:
    """What may go, and what is held; the hold of an earlier plan on the same subject goes on with the new figures."""
    held: dict[str, int] = {}
    for stop in stops(workspace, tx, rows):
        number = runs.hold(tx, _hold(workspace, stop, plan))
        held |= dict.fromkeys(stop.keys, number)
        plans.set_changes(tx, plan, stop.keys, state="held", hold=number)
    return [row for row in rows if row["key"] not in held], [row for row in rows if row["key"] in held]


def stops(workspace: Workspace, tx: Connection, rows: Sequence[Row]) -> list[Stop]:
    """What an unattended run would not let go of these rows."""
    if not rows:
        return []
    return guards.stops([_wish(row) for row in rows], _limits(workspace), _usual(workspace, tx))


def held_of(tx: Connection, plan: int) -> list[Row]:
    """The rows of a plan that these guards hold."""
    ours = {hold["id"] for hold in runs.holds(tx, None) if hold["guard"] in VOLUME}
    return [row for row in plans.changes(tx, plan, "held") if row["hold"] in ours]


def lift(workspace: Workspace, tx: Connection, connections: Collection[str], plan: int | None) -> None:
    """A newer plan was taken up here: what it does not ask for any more is no longer a question.

    `plan`: the holds that this plan asked for again stay; None: a person let everything go.
    """
    for hold in runs.holds(tx):
        if hold["guard"] in VOLUME and hold["connection"] in connections and hold["sample"]["plan"] != plan:
            runs.set_hold(tx, hold["id"], "over", workspace.clock.now())


def tally(rows: Sequence[Row]) -> dict[str, Any]:
    """How many new tasks of each rule, and for each owner (urgent ones aside), were let go: kept with the run."""
    wishes = [_wish(row) for row in rows]
    rules = Counter((one.connection, one.rule) for one in wishes if one.rule)
    people = Counter((one.connection, one.owner) for one in wishes if one.owner and not one.urgent)
    return {"rules": [[*key, count] for key, count in rules.items()],
            "owners": [[*key, count] for key, count in people.items()]}  # fmt: skip


def _wish(row: Row) -> Wish:
    payload = row["payload"]
    if row["kind"] == "tags":
        return Wish(row["key"], row["connection"], row["account"], was=row["last_written"], becomes=row["wanted"])
    if row["kind"] != "task":
        return Wish(row["key"], row["connection"], row["account"])
    return Wish(
        row["key"],
        row["connection"],
        row["account"],
        rule=payload["duty"].partition("|")[0],
        owner=payload["owner"],
        urgent=payload["priority"] == "urgent",
        pressing=(PRIORITIES.index(payload["priority"]), payload["due"]),
    )


def _limits(workspace: Workspace) -> Limits:
    block = workspace.config.guards
    return Limits(
        writes=block.max_writes,
        customers=block.max_customers,
        customers_from=block.customers_from,
        per_owner=block.max_per_owner,
        moved=block.max_moved,
        moved_from=block.moved_from,
        surge=block.max_surge,
        surge_from=block.surge_from,
    )


def _usual(workspace: Workspace, tx: Connection) -> Usual:
    names = [one.name for one in workspace.config.connections]
    people = owners.colleagues(tx, names)
    days, by_rule, by_owner = _history(workspace, tx)
    return Usual(
        customers=usual.customers(tx),
        tagged=usual.tagged(tx),
        days=days,
        by_rule=by_rule,
        by_owner=by_owner,
        names={key: one.name for key, one in people.items()},
    )


Counts = Mapping[tuple[str, str], int]


def _history(workspace: Workspace, tx: Connection) -> tuple[dict[tuple[str, str], list[int]], Counts, Counts]:
    """Tasks of each rule on each earlier day that had any, and what went out unattended today."""
    today, zone = workspace.today, workspace.config.timezone
    a_day: dict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    by_rule: Counter[tuple[str, str]] = Counter()
    by_owner: Counter[tuple[str, str]] = Counter()
    for run in usual.acceptances(tx, workspace.clock.now() - timedelta(days=USUAL_DAYS + 1)):
        day, told = run["started_at"].astimezone(zone).date(), run["figures"]
        if day < today:
            for connection, rule, count in told.get("rules", ()):
                a_day[connection, rule][day] += count
        elif not told.get("by_person"):
            by_rule += Counter({(name, rule): count for name, rule, count in told.get("rules", ())})
            by_owner += Counter({(name, owner): count for name, owner, count in told.get("owners", ())})
    return {key: list(counts.values()) for key, counts in a_day.items()}, by_rule, by_owner


def _hold(workspace: Workspace, stop: Stop, plan: int) -> dict[str, Any]:
    return {
        "guard": stop.guard,
        "connection": stop.connection,
        "subject": stop.subject,
        "count": stop.count,
        "of": stop.of,
        "sample": {"plan": plan, "rows": len(stop.keys), "keys": list(stop.keys[:SAMPLE])},
        "zh": stop.text.zh,
        "en": stop.text.en,
        "state": "held",
        "made_at": workspace.clock.now(),
    }
