"""Plan: what is wanted less what is live and ours, read from the CRMs themselves; the plan is kept, the file a view.

Writes to no CRM. A task of ours that the CRM holds already is adopted, not planned again.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection as Tx

from kamsync.engine import contesting, guarantees
from kamsync.engine.closing import spares
from kamsync.engine.connections import Connection
from kamsync.engine.guarantees import Guarantee
from kamsync.engine.knowing import know
from kamsync.engine.live import look, ours_of
from kamsync.engine.redoing import closings as closings_of
from kamsync.engine.redoing import reopened
from kamsync.engine.rows import intent_row, tag_key, task_key, task_payload, undoes
from kamsync.engine.standing import LASTING
from kamsync.engine.standins import stand_in
from kamsync.engine.undone import keep_true, kept_back
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.model import Member
from kamsync.plugin import KamsyncError, ReadsTasks, Target, TaskRef, Text
from kamsync.rules.plan import tag_step
from kamsync.rules.undo import Left, why_task_stays
from kamsync.store import Writer, known, landing, outbox, plans, runs, still_ours, undone, verdicts, wanted
from kamsync.store.outbox import Ending
from kamsync.store.tables import Row

LOOK_AGAIN = 500  # records a connection that a plan looks at though nothing is known to have changed
AGAIN = timedelta(days=1)  # what a CRM refused is tried again the next day


@dataclass(slots=True)
class Plan:
    """A plan as it was made. Rows are `change` rows; see `kamsync.store.tables.ChangeRow`."""

    id: int
    as_of: date
    changes: list[Row] = field(default_factory=list)
    skipped: list[Row] = field(default_factory=list)
    held: list[Row] = field(default_factory=list)
    troubles: dict[str, KamsyncError] = field(default_factory=dict)
    adopted: int = 0
    waiting: int = 0  # intents under way or unknown: neither planned again nor forgotten
    digest: str = ""
    undoes: int | None = None  # the run that it takes back
    withdrawn: list[Row] = field(default_factory=list)  # of that run: accepted, not sent, and not to be
    guarantees: list[Guarantee] = field(default_factory=list)

    @property
    def credits(self) -> Decimal:
        return sum((row["credits"] for row in self.changes), Decimal(0))


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
    for rows, plan_of in ((states, _plan_tags), (duties, _plan_tasks)):
        for connection, theirs in _writable(ready, rows):
            try:
                plan_of(workspace, writer, connection, theirs, made)
            except ENDS_ALL:
                raise
            except KamsyncError as failed:
                made.troubles[connection.name] = failed
    if only is None:
        _plan_spares(workspace, ready, made)
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
    price, began = _credits(connection, "tags"), workspace.clock.now()
    as_wanted: list[Row] = []
    otherwise: list[Row] = []
    live = look(connection, [_target(row) for row in rows])
    with workspace.store.read() as tx:
        sent = outbox.by_keys(tx, [tag_key(row) for row in rows])
        contests = contesting.look(workspace, tx, connection.name)
        reversing = {(row["stream"], row["remote_id"]) for row in undone.reversing(tx, connection.name, "tags")}
    prefix = connection.options.tag_prefix
    for row in rows:
        now = live.get(_target(row))
        ours = ours_of(now, prefix)
        step = tag_step(row["wanted"], row["revision"], row["owned"], row["owned_revision"], ours)
        base = _change(row, tag_key(row), "tags", ours, row["owned"], row["wanted"], price)
        earlier = sent.get(tag_key(row))
        (as_wanted if step.verdict == "settled" else otherwise).append(row)
        if step.verdict == "settled":
            contests.is_as_wanted(row)
            continue
        if (row["stream"], row["remote_id"]) in reversing:
            made.waiting += 1
        elif earlier is not None and earlier["hold"] is not None:
            made.held.append(_held(base, earlier))
        elif step.verdict == "skip":
            made.skipped.append(_skipped(base, step.why))
        elif earlier is not None and earlier["state"] in ("planned", "sending", "unknown"):
            made.waiting += 1
        else:
            stamp = now.modified.isoformat() if now and now.modified else None
            base["payload"] = {"add": list(step.add), "remove": list(step.remove), "modified": stamp, "prefix": prefix}
            why = _left_alone(workspace, earlier, base["payload"]) or contests.stops(row)
            if why is None:
                made.changes.append(base)
            else:
                made.skipped.append(_skipped(base, why))
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        wanted.note_looks(tx, as_wanted, began)
        wanted.note_looks(tx, [row for row in otherwise if row["seen_at"] is not None], None)
        contesting.keep(workspace, tx, connection.name, contests)


def _left_alone(workspace: Workspace, intent: Row | None, payload: Row) -> Text | None:
    """Why what a person dropped, or the CRM refused, is not asked for again now.

    A refusal of the same stands for a day; where asking again changes nothing, until something changes.
    """
    if intent is None or intent["state"] not in ("dropped", "refused"):
        return None
    again = f"kamsync dead replay {intent['id'][:8]}"
    if intent["state"] == "dropped":
        return Text(f"有人放弃了它;再试:{again}", f"a person gave it up; to try again: {again}")
    if _asked(intent["payload"]) != _asked(payload):
        return None
    said = f"{intent['code']} {intent['message']}".strip()
    if intent["cause"] in LASTING:
        return Text(f"CRM 已拒绝:{said};再试:{again}", f"the CRM refused it: {said}; to try again: {again}")
    if workspace.clock.now() - intent["sent_at"] >= AGAIN:
        return None
    return Text(f"CRM 已拒绝:{said};明天再试", f"the CRM refused it: {said}; tried again tomorrow")


def _asked(payload: Row) -> Row:
    """What it asks for, apart from when that was looked at."""
    return {name: value for name, value in payload.items() if name != "modified"}


# ---- tasks


def _plan_tasks(workspace: Workspace, writer: Writer, connection: Connection, rows: Sequence[Row], made: Plan) -> None:
    price = _credits(connection, "task")
    with workspace.store.read() as tx:
        seen = wanted.seen_markers(tx, connection.name, [row["marker"] for row in rows])
        sent = outbox.by_keys(tx, [task_key(row) for row in rows])
        blind, elsewhere = connection.name in known.blind(tx, [connection.name]), _unread(workspace, tx, connection)
        names = landing.names(tx, [Member(row["connection"], row["stream"], row["remote_id"]) for row in rows])
        reversing = {undoes(row) for row in undone.reversing(tx, connection.name, "task_change")}
        closings = closings_of(tx, list(sent.values()))
    fresh, closed = [], []
    for row in rows:
        earlier = sent.get(task_key(row))
        base = _change(row, task_key(row), "task", None, None, row["subject"], price)
        closing = closings.get(task_key(row))
        if earlier is not None and earlier["state"] == "done":
            continue
        if earlier is not None and earlier["hold"] is not None:
            made.held.append(_held(base, earlier))
        elif closing is not None and closing["id"] in reversing:
            made.waiting += 1
        elif closing is not None:
            closed.append((row, base, closing))
        elif row["marker"] in seen and not _is_deleted(earlier):
            _adopt(workspace, writer, base, row, seen[row["marker"]], made)
        elif blind:
            made.skipped.append(_skipped(base, _NOT_READ))
        elif earlier is None and elsewhere and row["stream"] in connection.mapping.account_streams:
            made.skipped.append(_skipped(base, _not_read(elsewhere)))
        elif row["state"] == "listed":
            made.skipped.append(base | {"state": "skipped"})
        elif earlier is not None and earlier["state"] in ("planned", "sending", "unknown"):
            made.waiting += 1
        else:
            name = names.get(Member(row["connection"], row["stream"], row["remote_id"]), "")
            base["payload"] = task_payload(row) | {"target_name": name}
            if earlier is not None:
                base = stand_in(base, earlier, connection.config.fallback_owner)
            why = _left_alone(workspace, earlier, base["payload"])
            if why is None:
                fresh.append(base)
            else:
                made.skipped.append(_skipped(base, why))
    _plan_reopening(workspace, writer, connection, closed, made)
    live = look(connection, [_target(row) for row in fresh])
    for base in fresh:
        if live[_target(base)].found:
            made.changes.append(base)
        else:
            made.skipped.append(_skipped(base, Text("CRM 中看不到此记录", "the record cannot be seen in the CRM")))


def _is_deleted(earlier: Row | None) -> bool:
    """Was it undone by deleting its task? Then the mirror's memory of that task says nothing."""
    return earlier is not None and earlier["state"] == "undone" and earlier["attempt"] > 0


def _plan_reopening(
    workspace: Workspace, writer: Writer, connection: Connection, rows: Sequence[tuple[Row, Row, Row]], made: Plan
) -> None:
    """Tasks that an undo closed and that may be open again: (duty, its plan row, what closed it)."""
    if not rows or not isinstance(connection.session, ReadsTasks):
        return
    price = change_credits(connection)
    refs = [TaskRef(duty["marker"], closing["payload"]["task"]) for duty, _, closing in rows]
    for (duty, base, closing), live in zip(rows, connection.session.tasks(refs), strict=True):
        if live.state == "found" and live.done:
            made.changes.append(reopened(closing, live, price))
        elif live.state == "found":  # a person was quicker
            _adopt(workspace, writer, base, duty, {"remote_id": live.remote_id}, made)
        else:
            made.skipped.append(_skipped(base, why_task_stays(Left(True, None, None, None), live)))


_NOT_READ = Text(
    "此 CRM 的任务还没有读全:这一条可能已经在里面", "this CRM's tasks have not been read yet: it may hold this one"
)


def _not_read(connection: str) -> Text:
    return Text(
        f"{connection} 的客户或任务还没有读全:同一客户的这一条可能已经在那里",
        f"the customers or tasks of {connection} have not been read yet: it may hold this one for the same customer",
    )


def _unread(workspace: Workspace, tx: Tx, here: Connection) -> str | None:
    """Another CRM that we write to, and that may hold a task for a customer of this one; None: all were read whole."""
    read, beside = landing.completed(tx), [one.name for one in workspace.config.connections if one.writes != "off"]
    blind = known.blind(tx, beside)
    for name in beside:
        mapping = workspace.mappings[name]
        if name == here.name or not any(spec.marker_from for spec in mapping.specs.values()):
            continue
        if name in blind or not all((name, stream) in read for stream in mapping.account_streams):
            return name
    return None


def _adopt(workspace: Workspace, writer: Writer, base: Row, duty: Row, seen: Row, made: Plan) -> None:
    """The CRM holds a task with this marker and we have no record of making it: it is ours all the same."""
    now = workspace.clock.now()
    intent = intent_row(base | {"payload": task_payload(duty)}, 0, writer.epoch, 0)
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        outbox.put_intents(tx, [intent])
        kept = outbox.by_keys(tx, [intent["key"]])[intent["key"]]
        told = Ending(kept, "done", "adopted", seen["remote_id"], evidence="its marker was found in the CRM")
        outbox.settle(tx, [told], writer.epoch, now)
    made.adopted += 1


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
            elif why := _left_alone(workspace, earlier, row["payload"]):
                made.skipped.append(_skipped(row, why))


# ---- rows


def _target(row: Row) -> Target:
    return Target(row["stream"], row["object"], row["remote_id"])


def _change(row: Row, key: str, kind: str, now: Any, last: Any, wish: Any, credits: Decimal) -> Row:
    names = ("connection", "stream", "object", "remote_id", "account", "zh", "en")
    return {name: row[name] for name in names} | {
        "key": key,
        "kind": kind,
        "now": now,
        "last_written": last,
        "wanted": wish,
        "credits": credits,
        "payload": None,
        "state": "planned",
        "hold": None,
    }


def _held(row: Row, earlier: Row) -> Row:
    why = kept_back(earlier)
    return row | {"state": "held", "hold": earlier["hold"], "zh": why.zh, "en": why.en}


def _skipped(row: Row, why: Text | None) -> Row:
    return row | {"state": "skipped"} | ({"zh": why.zh, "en": why.en} if why else {})


def _credits(connection: Connection, facet: str) -> Decimal:
    assert connection.writer is not None
    each = next((write.credits_per_row for write in connection.writer.writes() if write.facet == facet), 0.0)
    return Decimal(str(each))


def change_credits(connection: Connection) -> Decimal:
    """What one change of a task that is there costs."""
    assert connection.writer is not None
    writes = connection.writer.writes()
    return Decimal(str(next((write.credits_per_change for write in writes if write.facet == "task"), 0.0)))


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
