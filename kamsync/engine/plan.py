"""Plan: what is wanted less what is live and ours, read from the CRMs themselves; the plan is kept, the file a view.

Writes to no CRM. A task of ours that the CRM holds already is adopted, not planned again.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from kamsync.engine import contesting, guarantees
from kamsync.engine.closing import spares
from kamsync.engine.connections import Connection
from kamsync.engine.knowing import know
from kamsync.engine.live import look, ours_of
from kamsync.engine.passing import plan_passed
from kamsync.engine.plan_tasks import plan_tasks
from kamsync.engine.planned import Plan, base_row, credits_of, held_row, left_alone, skipped_row, target_of
from kamsync.engine.rows import tag_key, task_key
from kamsync.engine.undone import keep_true
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.plugin import KamsyncError
from kamsync.rules.plan import tag_step
from kamsync.store import Writer, landing, outbox, plans, runs, still_ours, undone, verdicts, wanted
from kamsync.store.tables import Row

LOOK_AGAIN = 500  # records a connection that a plan looks at though nothing is known to have changed


def plan(
    workspace: Workspace,
    writer: Writer,
    ready: Mapping[str, Connection],
    troubles: dict[str, KamsyncError],
    as_of: date,
    *,
    only: Collection[str] | None = None,
) -> Plan:
    """Compare what is wanted with the live CRMs and keep the result. `only`: of what has these keys."""
    made = Plan(0, as_of, troubles=dict(troubles))
    _promise(workspace, writer, ready, made)
    looked = know(workspace, writer, ready)
    made.adopted, made.troubles = looked.adopted, made.troubles | looked.troubles
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        keep_true(tx, workspace.clock.now())
    with workspace.store.read() as tx:
        untouchable = verdicts.dirty_accounts(tx) | landing.held_accounts(tx)
        states = [row for row in wanted.to_look_at(tx, LOOK_AGAIN) if row["account"] not in untouchable]
        duties = [row for row in wanted.unwritten_duties(tx) if row["account"] not in untouchable]
    if only is not None:
        states = [row for row in states if tag_key(row) in only]
        duties = [row for row in duties if task_key(row) in only]
    for rows, plan_of in ((states, _plan_tags), (duties, plan_tasks)):
        for connection, theirs in _writable(ready, rows):
            try:
                plan_of(workspace, writer, connection, theirs, made)
            except ENDS_ALL:
                raise
            except KamsyncError as failed:
                made.troubles[connection.name] = failed
    if only is None:
        _plan_spares(workspace, ready, made)
    _plan_passed(workspace, writer, ready, made, only)
    keep(workspace, writer, made)
    workspace.say("plan.made", changes=len(made.changes), skipped=len(made.skipped))
    return made


def _promise(workspace: Workspace, writer: Writer, ready: Mapping[str, Connection], made: Plan) -> None:
    """What each tenant lets us promise today."""
    for connection in ready.values():
        try:
            made.guarantees += guarantees.probe(workspace, connection)
        except ENDS_ALL:
            raise
        except KamsyncError as failed:
            made.troubles[connection.name] = failed
    guarantees.keep(workspace, writer, made.guarantees)


def _writable(ready: Mapping[str, Connection], rows: Sequence[Row]) -> Iterator[tuple[Connection, list[Row]]]:
    """The rows of each connection that is open and may be written to."""
    by_connection: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_connection[row["connection"]].append(row)
    for name, theirs in by_connection.items():
        connection = ready.get(name)
        if connection is not None and connection.writer is not None and connection.config.writes != "off":
            yield connection, theirs


# ---- tags


def _plan_tags(workspace: Workspace, writer: Writer, connection: Connection, rows: Sequence[Row], made: Plan) -> None:
    price, began = credits_of(connection, "tags"), workspace.clock.now()
    as_wanted: list[Row] = []
    otherwise: list[Row] = []
    live = look(connection, [target_of(row) for row in rows])
    with workspace.store.read() as tx:
        sent = outbox.by_keys(tx, [tag_key(row) for row in rows])
        contests = contesting.look(workspace, tx, connection.name)
        reversing = {(row["stream"], row["remote_id"]) for row in undone.reversing(tx, connection.name, "tags")}
    prefix = connection.options.tag_prefix
    for row in rows:
        now = live.get(target_of(row))
        ours = ours_of(now, prefix)
        step = tag_step(row["wanted"], row["revision"], row["owned"], row["owned_revision"], ours)
        base = base_row(row, tag_key(row), "tags", ours, row["owned"], row["wanted"], price)
        earlier = sent.get(tag_key(row))
        (as_wanted if step.verdict == "settled" else otherwise).append(row)
        if step.verdict == "settled":
            contests.is_as_wanted(row)
            continue
        if (row["stream"], row["remote_id"]) in reversing:
            made.waiting += 1
        elif earlier is not None and earlier["hold"] is not None:
            made.held.append(held_row(base, earlier))
        elif step.verdict == "skip":
            made.skipped.append(skipped_row(base, step.why))
        elif earlier is not None and earlier["state"] in ("planned", "sending", "unknown"):
            made.waiting += 1
        else:
            stamp = now.modified.isoformat() if now and now.modified else None
            base["payload"] = {"add": list(step.add), "remove": list(step.remove), "modified": stamp, "prefix": prefix}
            why = left_alone(workspace, earlier, base["payload"]) or contests.stops(row)
            if why is None:
                made.changes.append(base)
            else:
                made.skipped.append(skipped_row(base, why))
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        wanted.note_looks(tx, as_wanted, began)
        wanted.note_looks(tx, [row for row in otherwise if row["seen_at"] is not None], None)
        contesting.keep(workspace, tx, connection.name, contests)


def _plan_spares(workspace: Workspace, ready: Mapping[str, Connection], made: Plan) -> None:
    """Tasks that we made once too often are closed, where that is not under way already."""
    for connection in ready.values():
        try:
            rows = list(spares(workspace, connection))
        except ENDS_ALL:
            raise
        except KamsyncError as failed:
            made.troubles[connection.name] = failed
            continue
        with workspace.store.read() as tx:
            sent = outbox.by_keys(tx, [row["key"] for row in rows])
        for row in rows:
            earlier = sent.get(row["key"])
            if earlier is None or earlier["state"] in ("stale", "superseded"):
                made.changes.append(row)
            elif why := left_alone(workspace, earlier, row["payload"]):
                made.skipped.append(skipped_row(row, why))


def _plan_passed(
    workspace: Workspace, writer: Writer, ready: Mapping[str, Connection], made: Plan, only: Collection[str] | None
) -> None:
    """Tasks whose duty is over are closed; those whose duty is back are opened again."""
    for connection in ready.values():
        try:
            plan_passed(workspace, writer, connection, made, only)
        except ENDS_ALL:
            raise
        except KamsyncError as failed:
            made.troubles[connection.name] = failed


def keep(workspace: Workspace, writer: Writer, made: Plan) -> None:
    """Store the plan; its digest tells whether two plans ask for the same."""
    rows = made.changes + made.skipped + made.held + made.withdrawn
    asked = sorted([row["key"], json.dumps(row["payload"], sort_keys=True)] for row in made.changes)
    made.digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        run = runs.start(tx, "plan", writer.epoch, now, made.as_of)
        row = {"as_of": made.as_of, "made_at": now, "digest": made.digest, "credits": made.credits}
        row |= {"undoes": made.undoes}
        made.id = plans.put(tx, row, rows)
        figures = {"plan": made.id, "changes": len(made.changes), "skipped": len(made.skipped)}
        runs.finish(tx, run, now, "ok" if not made.troubles else "degraded", figures)
