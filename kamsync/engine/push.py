"""Push: send what was accepted, batch by batch, each durable as `sending` before its call leaves.

Never repeats a write whose fate is unknown: `settle` ends that by evidence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection as Connected

from kamsync.engine.connections import Connection
from kamsync.engine.lagging import measure
from kamsync.engine.live import look
from kamsync.engine.rows import FACETS, tag_revision, takes_back, task_change, to_write
from kamsync.engine.undone import take_effect
from kamsync.engine.wishes import still_wanted
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.plugin import (
    KamsyncError,
    Live,
    NotSent,
    Outcome,
    QuotaSpent,
    Target,
    batches,
)
from kamsync.store import Writer, known, landing, outbox, runs, still_ours, verdicts, wanted
from kamsync.store.outbox import Ending
from kamsync.store.tables import Row

PAUSED = "writes are paused: kamsync resume push"
PASSES = 3  # how often what surely was not sent is tried in one push
STATE = {"applied": "done", "refused": "refused", "stale": "stale", "not_sent": "planned", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row."""

    row: Row
    outcome: str  # applied | refused | stale | not_sent | unknown
    remote_id: str | None = None
    code: str = ""
    message: str = ""
    cause: str = ""


@dataclass(slots=True)
class PushReport:
    """What a push did, row by row."""

    results: list[Result] = field(default_factory=list)
    troubles: dict[str, KamsyncError] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[str]:
        return Counter(result.outcome for result in self.results)


def push(workspace: Workspace, writer: Writer, ready: Mapping[str, Connection], keys: Sequence[str]) -> PushReport:
    """Send the planned intents of these keys, and any that an earlier push could not send."""
    report = PushReport()
    for connection in ready.values():
        if connection.writer is None or connection.config.writes == "off":
            continue
        try:
            _push_to(workspace, writer, connection, report)
            done = [one.row for one in report.results if one.outcome == "applied" and one.row["kind"] == "task"]
            measure(workspace, writer, connection, [row for row in done if row["connection"] == connection.name])
        except ENDS_ALL:
            raise
        except KamsyncError as failed:
            report.troubles[connection.name] = failed
    sent = {result.row["key"] for result in report.results}
    with workspace.store.read() as tx:
        left = outbox.by_keys(tx, [key for key in keys if key not in sent])
        unsent = [row for row in left.values() if row["state"] == "planned"]
        stopped = {row["connection"]: runs.is_paused(tx, row["connection"]) for row in unsent}
    for row in unsent:
        report.results.append(Result(row, "not_sent", message=PAUSED if stopped[row["connection"]] else row["message"]))
    return report


def _push_to(workspace: Workspace, writer: Writer, connection: Connection, report: PushReport) -> None:
    for turn in range(PASSES):
        again = False
        for batch in _batches(workspace, writer, connection):
            results, wait = _send(workspace, writer, connection, batch)
            unsent = [result for result in results if result.outcome == "not_sent"]
            report.results += [result for result in results if result.outcome != "not_sent"]
            workspace.say("push.batch", connection=connection.name, rows=len(results))
            if unsent:
                again = True
                if wait is None or wait > 60 or turn == PASSES - 1:
                    return
                workspace.clock.sleep(wait)
        if not again:
            return


def _batches(workspace: Workspace, writer: Writer, connection: Connection) -> Iterator[list[Row]]:
    """What is planned for this connection, by kind, in the sizes it takes."""
    assert connection.writer is not None
    sizes: dict[str, int] = {write.facet: write.batch for write in connection.writer.writes()}
    rows = _due(workspace, writer, connection)
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_kind[row["kind"]].append(row)
    for kind, facet in FACETS.items():
        for batch in batches(by_kind[kind], sizes.get(facet, 1)):
            yield list(batch)


def _due(workspace: Workspace, writer: Writer, connection: Connection) -> list[Row]:
    """Planned intents of this connection; those whose wish has changed since are superseded.

    An account about which something landed, or whose deletion waits for a person, is not written meanwhile; what we
    wrote there may be taken back all the same. No task is made where those that are there are not known.
    """
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        planned = [row for row in outbox.in_state(tx, "planned") if row["connection"] == connection.name]
        kept = still_wanted(tx, planned)
        unclear = verdicts.dirty_accounts(tx) | landing.held_accounts(tx) if kept else set()
        blind = bool(known.blind(tx, [connection.name]))
        over = [Ending(row, "superseded", "superseded") for row in planned if row["key"] not in kept]
        outbox.settle(tx, over, writer.epoch, workspace.clock.now())
    return [
        row for row in planned
        if row["key"] in kept and (row["account"] not in unclear or takes_back(row))
        and not (blind and row["kind"] == "task")
    ]  # fmt: skip


def _send(
    workspace: Workspace, writer: Writer, connection: Connection, batch: list[Row]
) -> tuple[list[Result], float | None]:
    """Send one batch; its results, and how long to wait before what was not sent may be tried again."""
    assert connection.writer is not None
    results = _unable(connection, batch) if batch[0]["kind"] == "task_change" else _moved(connection, batch)
    _settle(workspace, writer, connection, results)
    left = {result.row["id"] for result in results}
    rows = [row for row in batch if row["id"] not in left]
    if not rows:
        return results, None
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        if runs.is_paused(tx, connection.name):
            return results + [Result(row, "not_sent", code="paused", message=PAUSED) for row in rows], None
        leaving = outbox.send(tx, [row["id"] for row in rows], writer.epoch, workspace.clock.now())
    rows = [row | {"state": "sending", "attempt": row["attempt"] + 1} for row in rows if row["id"] in leaving]
    if not rows:
        return results, None
    wait: float | None = 0.0
    try:
        outcomes = list(connection.writer.write([to_write(row) for row in rows]))
    except NotSent as nothing:
        outcomes = [Outcome(row["id"], "not_sent", message=nothing.text.en) for row in rows]
        wait = _after(nothing)
    except KamsyncError as lost:
        outcomes = [Outcome(row["id"], "unknown", message=lost.text.en) for row in rows]
    sent = _matched(rows, outcomes)
    _settle(workspace, writer, connection, sent)
    return results + sent, wait


def _after(nothing: NotSent) -> float | None:
    """How long to wait before trying again; None: not today."""
    if isinstance(nothing.__cause__, QuotaSpent):
        return None
    return 1.0 if nothing.after is None else nothing.after


def _target(row: Row) -> Target:
    return Target(row["stream"], row["object"], row["remote_id"])


def _unable(connection: Connection, batch: Sequence[Row]) -> list[Result]:
    """Changes of tasks that are not claimed here. Whether one still holds, its connector looks just before it sends."""
    assert connection.writer is not None
    able = next((write.changes for write in connection.writer.writes() if write.facet == "task"), frozenset())
    missing = [(row, sorted(task_change(row).asks - able)) for row in batch]
    words = "this connection cannot do that to a task"
    return [Result(row, "refused", None, "unsupported", f"{words}: {', '.join(names)}", "unsupported")
            for row, names in missing if names]  # fmt: skip


def _moved(connection: Connection, batch: Sequence[Row]) -> list[Result]:
    """Rows that no longer hold, by what their records are now."""
    live = look(connection, [_target(row) for row in batch])
    moved = [(row, why) for row in batch if (why := _why_moved(row, live[_target(row)]))]
    return [Result(row, "stale", code="moved", message=why) for row, why in moved]


def _why_moved(row: Row, live: Live) -> str:
    """Why this row no longer holds: its record is gone, or someone touched our tags since the plan."""
    if not live.found:
        return "the record is no longer there"
    if row["kind"] == "tags" and row["before"]["now"] is not None and live.tags is not None:
        ours = {tag for tag in live.tags if tag.startswith(row["payload"]["prefix"])}
        if ours != set(row["before"]["now"]):
            return "someone changed its tags since the plan"
    return ""


def settled_as(result: Result, intent: Row) -> Result:
    """The result as the outbox knows it by now: unknown may have turned out done."""
    if result.outcome == "unknown" and intent["state"] == "done":
        return Result(intent, "applied", intent["written_id"], message="found in the CRM afterwards")
    return result


def _matched(rows: Sequence[Row], outcomes: Sequence[Outcome]) -> list[Result]:
    """One result a row; a row that the answer does not speak of is unknown."""
    by_id = {outcome.intent: outcome for outcome in outcomes}
    found = [
        (row, by_id.get(row["id"]) or Outcome(row["id"], "unknown", message="no answer for this row")) for row in rows
    ]
    return [Result(row, one.state, one.remote_id, one.code, one.message, one.cause or "") for row, one in found]


def _settle(workspace: Workspace, writer: Writer, connection: Connection, results: Sequence[Result]) -> None:
    """Outcomes, receipts and what we now own: one unit."""
    if not results:
        return
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        settled = outbox.settle(tx, list(map(_ending, results)), writer.epoch, now)
        done = [one.row for one in results if one.outcome == "applied" and one.row["id"] in settled]
        own_tags(tx, [row for row in done if row["kind"] == "tags"], now)
        take_effect(tx, done, writer.epoch, now)


def _ending(one: Result) -> Ending:
    return Ending(one.row, STATE[one.outcome], one.outcome, one.remote_id, one.code, one.message, cause=one.cause)


def own_tags(tx: Connected, rows: Sequence[Row], at: datetime) -> None:
    """What we last wrote on these records' tags."""
    wanted.own(tx, [_owned(row) | {"written_at": at} for row in rows])


def _owned(row: Row) -> Row:
    add = row["payload"]["add"]
    place = {name: row[name] for name in ("connection", "stream", "remote_id")}
    value = add[0] if add else None
    return place | {"facet": "tags", "value": value, "revision": tag_revision(row), "intent": row["id"]}
