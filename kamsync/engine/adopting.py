"""Take back what is ours and what our books do not tell of: tasks by their marker, tags by our own namespace.

Writes to no CRM. Only what can be proven to be of this deployment is taken for ours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection as Tx

from kamsync.engine.connections import Connection
from kamsync.engine.live import look, ours_of
from kamsync.engine.rows import intent_row, task_key, task_payload
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Ours, Probe, Target
from kamsync.rules.doubles import age
from kamsync.rules.marker import duty_in, marker
from kamsync.store import Writer, known, outbox, still_ours, wanted
from kamsync.store.known import Sent
from kamsync.store.outbox import Ending
from kamsync.store.tables import Row

EVIDENCE = "its marker was found in the CRM"


@dataclass(slots=True)
class Sorted:
    """Tasks with a marker, by what our books know of them. `lost`: ours, and no book tells of it."""

    lost: list[tuple[Ours, Row]] = field(default_factory=list)  # each with the intent that it must have had
    unfinished: list[tuple[Ours, Sent]] = field(default_factory=list)  # written, and the books think otherwise
    unplaced: list[Ours] = field(default_factory=list)  # ours, on a record that is not (yet) known here
    strangers: list[Ours] = field(default_factory=list)  # of another deployment, or moved to another record


def sort(
    workspace: Workspace, tx: Tx, connection: Connection, tasks: Sequence[Ours], sent: Mapping[str, Sent]
) -> Sorted:
    """Which of these tasks our books do not tell of, as far as a marker proves them ours."""
    found = Sorted()
    streams = {object.casefold(): stream for stream, object in connection.mapping.objects.items()}
    places = {task.remote_id: _place(task, streams) for task in tasks if task.marker not in sent}
    accounts = known.accounts_of(tx, connection.name, [place for place in places.values() if place])
    told: set[str] = set()  # markers: the oldest of several tasks speaks for all
    for task in sorted(tasks, key=age):
        if task.marker in told:
            continue
        one, place = sent.get(task.marker), places.get(task.remote_id)
        if one is not None:
            if one.state not in ("done", "undone"):  # what was undone was closed, and is known
                found.unfinished.append((task, one))
                told.add(task.marker)
        elif place is None or not _is_ours(workspace, connection, task, place[1]):
            found.strangers.append(task)
        elif place not in accounts:
            found.unplaced.append(task)
        else:
            found.lost.append((task, _intent(task, connection, place, accounts[place])))
            told.add(task.marker)
    return found


def _place(task: Ours, streams: Mapping[str, str]) -> tuple[str, str] | None:
    """(stream, id) of the record that a task hangs on, under the mapping's name."""
    if task.target is None or task.target.object.casefold() not in streams:
        return None
    return streams[task.target.object.casefold()], task.target.remote_id


def _is_ours(workspace: Workspace, connection: Connection, task: Ours, remote_id: str) -> bool:
    """Would this deployment write this very marker on that record?"""
    duty = duty_in(task.marker)
    if duty is None or connection.health is None:
        return False
    rule, suffix = duty
    return task.marker == marker(workspace.config.deployment, connection.health.org, rule, remote_id, suffix)


def _intent(task: Ours, connection: Connection, place: tuple[str, str], account: str) -> Row:
    """The intent that made this task, as far as the task tells."""
    rule, suffix = duty_in(task.marker) or ("", "")
    duty = f"{rule}|{account}|{suffix}"
    payload = {
        "subject": task.subject or "", "body": "", "priority": "medium", "owner": task.owner, "marker": task.marker,
        "due": task.due.isoformat() if task.due else None, "duty": duty,
    }  # fmt: skip
    row = {
        "key": f"task:{duty}", "kind": "task", "connection": connection.name, "stream": place[0],
        "object": connection.mapping.objects[place[0]], "remote_id": place[1], "account": account,
        "payload": payload, "now": None, "last_written": None,
    }  # fmt: skip
    return intent_row(row, 0, 0, 0)


def adopt(workspace: Workspace, writer: Writer, found: Sorted) -> int:
    """From now on our books tell of these tasks; how many were not in them at all."""
    now = workspace.clock.now()
    if not (found.lost or found.unfinished):
        return 0
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        fresh = [intent | {"epoch": writer.epoch} for _, intent in found.lost]
        outbox.put_intents(tx, fresh)
        kept = outbox.by_keys(tx, [intent["key"] for intent in fresh])
        open_ones = known.intents(tx, [sent.id for _, sent in found.unfinished])
        pairs = [(task, kept[intent["key"]]) for task, intent in found.lost]
        pairs += [(task, open_ones[sent.id]) for task, sent in found.unfinished]
        endings = [Ending(row, "done", "adopted", task.remote_id, evidence=EVIDENCE) for task, row in pairs]
        outbox.settle(tx, [one for one in endings if one.intent["state"] != "done"], writer.epoch, now)
    return len(fresh)


def thrown_away(workspace: Workspace, writer: Writer, connection: Connection) -> int:
    """What is owed and not listed is looked for once more by its marker: some CRMs show what lies in their bin.

    How many were there; our books tell of them from now on, and they are not made again.
    """
    assert connection.writer is not None
    now = workspace.clock.now()
    with workspace.store.read() as tx:
        here = {"connection": connection.name, "state": "wanted"}.items()
        undone = {marker for marker, one in known.sent(tx, connection.name).items() if one.state == "undone"}
        owed = [row for row in wanted.unwritten_duties(tx) if here <= row.items()]
        duties = {row["marker"]: row for row in owed if row["marker"] not in undone}
    probes = [Probe(marker, _target(row), now) for marker, row in duties.items()]
    found = [one for one in connection.writer.find(probes) if one.state == "found"] if probes else []
    pairs = [(one, _intent_of(duties[one.marker], writer)) for one in found]
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        outbox.put_intents(tx, [intent for _, intent in pairs])
        kept = outbox.by_keys(tx, [intent["key"] for _, intent in pairs])
        endings = [Ending(kept[intent["key"]], "done", "adopted", one.remote_id, evidence=EVIDENCE)
                   for one, intent in pairs]  # fmt: skip
        outbox.settle(tx, endings, writer.epoch, now)
    return len(endings)


def _intent_of(duty: Row, writer: Writer) -> Row:
    """The intent that a duty of ours must have had."""
    names = ("connection", "stream", "object", "remote_id", "account")
    row = {name: duty[name] for name in names} | {
        "key": task_key(duty), "kind": "task", "payload": task_payload(duty), "now": None, "last_written": None
    }  # fmt: skip
    return intent_row(row, 0, writer.epoch, 0)


# ---- tags


def tags(workspace: Workspace, writer: Writer, connection: Connection, *, proven: bool) -> int:
    """Take the tags for ours that only we would have set, where our books do not tell of them; how many.

    A record that carries several of them, none the wanted one, is left as it is: one of them may be a person's. Where
    no task has proven that books were lost, so are records at which we wrote nothing while we did at others.
    """
    assert connection.writer is not None
    began, prefix = workspace.clock.now(), connection.options.tag_prefix
    possible = {prefix + tier.name for tier in workspace.policy.tiers}
    with workspace.store.read() as tx:
        states = wanted.states_of(tx, connection.name, "tags")
    if not proven and any(row["owned"] is not None for row in states):
        states = [row for row in states if row["owned"] is not None]
    live = look(connection, [_target(row) for row in states])
    rows, otherwise = [], []
    for state in states:
        there = [tag for tag in ours_of(live.get(_target(state)), prefix) or () if tag in possible]
        tag = _taken(state, there)
        if tag is not None:
            rows.append(_owned(state, tag) | {"written_at": began})
        if there != ([] if state["wanted"] is None else [state["wanted"]]):
            otherwise.append(state)
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        wanted.own(tx, rows)
        wanted.note_looks(tx, otherwise, None)
    return len(rows)


def _taken(state: Row, there: Collection[str]) -> str | None:
    """The tag on a record that is ours though our books say otherwise; None: none, or nobody can say which."""
    if state["owned"] in there:
        return None
    if state["wanted"] in there:
        return str(state["wanted"])
    return next(iter(there)) if len(there) == 1 else None


def _owned(state: Row, tag: str) -> Row:
    place = {name: state[name] for name in ("connection", "stream", "remote_id", "facet")}
    revision = state["revision"] if tag == state["wanted"] else 0
    return place | {"value": tag, "revision": revision, "intent": ""}


def _target(row: Row) -> Target:
    return Target(row["stream"], row["object"], row["remote_id"])
