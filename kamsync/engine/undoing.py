"""Plan an undo: what one apply wrote, row by row, as far as it still stands as we left it.

The plan is like any other: kept, shown, applied by a person. Writes to no CRM.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection as Tx

from kamsync.engine.connections import Connection
from kamsync.engine.plan import keep
from kamsync.engine.planned import Plan
from kamsync.engine.rows import undoes
from kamsync.engine.undoing_rows import Wrote, tag_rows, task_rows
from kamsync.engine.wishes import still_wanted
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.plugin import KamsyncError, Text
from kamsync.store import Writer, outbox, undone
from kamsync.store.tables import Row

Only = Literal["tags", "tasks"]
KINDS: Mapping[Only | None, frozenset[str]] = {
    None: frozenset({"tags", "task", "task_change"}),
    "tags": frozenset({"tags"}),
    "tasks": frozenset({"task", "task_change"}),
}
TOLD = 5  # runs that are named to one who named none of them


class NothingToUndo(KamsyncError):
    """The run named, or the last, is no apply that wrote anything; or it may not be taken back now."""

    exit_code = 2


# ---- which run


def last_run(workspace: Workspace) -> int:
    """The newest apply that was no undo itself and sent anything. Raises NothingToUndo."""
    with workspace.store.read() as tx:
        for run in undone.applies(tx):
            if run["kind"] == "accept":
                return int(run["id"])
    raise NothingToUndo(Text("还没有执行过任何计划", "nothing was ever applied"), next="kamsync plan")


def known_run(workspace: Workspace, number: int) -> int:
    """The run of that number, if it is an apply that accepted anything. Raises NothingToUndo."""
    with workspace.store.read() as tx:
        known = [run["id"] for run in undone.applies(tx)]
    if number in known:
        return number
    listed = ", ".join(map(str, known[:TOLD])) or "-"
    raise NothingToUndo(
        Text(f"第 {number} 次运行没有写过什么;最近写过的:{listed}",
             f"run {number} wrote nothing; the latest that did: {listed}"),
        next="kamsync undo --last" if known else "kamsync plan",
    )  # fmt: skip


def connections_of(workspace: Workspace, run: int, only: Only | None) -> list[str]:
    """The configured connections that an apply wrote to. Raises NothingToUndo where none of them may be written."""
    with workspace.store.read() as tx:
        names = {row["connection"] for row in undone.of_run(tx, run) if row["kind"] in KINDS[only]}
    known = [one for one in workspace.config.connections if one.name in names]
    off = [one.name for one in known if one.writes == "off"]
    if off and len(off) == len(known):
        listed = ", ".join(off)
        raise NothingToUndo(
            Text(f'{listed} 禁止写入(writes = "off"):先在配置中改为 "plan"',
                 f'{listed} may not be written (writes = "off"): set it to "plan" in the config first'),
            next=f"kamsync undo --run {run}",
        )  # fmt: skip
    return [one.name for one in known]


# ---- the plan


@dataclass(frozen=True, slots=True)
class _Found:
    """The intents of a run by what can be done about them."""

    written: Mapping[tuple[str, str], Sequence[Wrote]]  # by connection and kind
    unsent: Sequence[Row]
    left: Sequence[tuple[Row, Text]]


def plan_undo(
    workspace: Workspace,
    writer: Writer,
    ready: Mapping[str, Connection],
    troubles: Mapping[str, KamsyncError],
    run: int,
    only: Only | None = None,
) -> Plan:
    """Compare what an apply wrote with the live CRMs, and keep what can be taken back as a plan."""
    with workspace.store.read() as tx:
        found = _found(tx, [row for row in undone.of_run(tx, run) if row["kind"] in KINDS[only]])
    made = Plan(0, workspace.today, undoes=run)
    made.withdrawn = [_told(row, _NOT_SENT) | {"state": "withdrawn"} for row in found.unsent]
    made.skipped = [_told(row, why) for row, why in found.left]
    for (name, kind), wrote in sorted(found.written.items()):
        connection = ready.get(name)
        if connection is None or connection.writer is None or connection.config.writes == "off":
            if name in troubles:
                made.troubles[name] = troubles[name]
            made.skipped += [_told(one.intent, _NOT_OPEN) for one in wrote]
            continue
        plan_of = tag_rows if kind == "tags" else task_rows
        try:
            rows = plan_of(workspace, connection, wrote)
        except ENDS_ALL:
            raise
        except KamsyncError as failed:
            made.troubles[name] = failed
            continue
        for one, row in zip(wrote, rows, strict=True):
            if isinstance(row, Text):
                made.skipped.append(_told(one.intent, row))
            else:
                made.changes.append(row)
    keep(workspace, writer, made)
    workspace.say("undo.planned", changes=len(made.changes), skipped=len(made.skipped))
    return made


_NOT_SENT = Text("已批准,尚未发出:不再发出", "accepted, not sent yet: it will not be")
_NOT_OPEN = Text("连接打不开或禁止写入", "its connection cannot be opened, or may not be written")
_UNSETTLED = Text("结果不明,核实之后再撤销", "its fate is not settled yet: undo it once it is")
_ALREADY = Text("已经撤销过", "it was undone already")
_ON_ITS_WAY = Text("撤销已批准,正等待写入", "its undoing was accepted and waits to be written")
_ANOTHER = Text("对同一记录的另一次写入还没有到达", "another write to its record has not arrived yet")
_WISHED_OTHERWISE = Text("要求已变,由新的计划决定", "what is wanted changed since: a plan will tell")


def _found(tx: Tx, intents: Sequence[Row]) -> _Found:
    """Sort the intents of a run; those that the CRM refused or that never left need nothing."""
    written: dict[tuple[str, str], list[Wrote]] = defaultdict(list)
    unsent, left = [], []
    waiting = outbox.in_state(tx, *undone.ON_ITS_WAY)
    records = {_record(row) for row in waiting if row["kind"] == "tags"}
    reversing = {undoes(row): row for row in waiting if undoes(row)}
    for intent in intents:
        if intent["state"] == "planned":
            unsent.append(intent)
        elif intent["state"] in ("sending", "unknown"):
            left.append((intent, _UNSETTLED))
        elif intent["state"] == "undone":
            left.append((intent, _ALREADY))
        elif intent["state"] == "done":
            line = undone.lineage(tx, intent)
            again = reversing.get(intent["id"])
            if again is None and intent["kind"] == "tags" and _record(intent) in records:
                left.append((intent, _ANOTHER))
            elif again is not None and again["state"] != "planned":
                left.append((intent, _ON_ITS_WAY))
            elif len(line) % 2 == 0 and line[-1]["key"] not in still_wanted(tx, [line[-1]]):
                left.append((intent, _WISHED_OTHERWISE))
            else:
                written[intent["connection"], intent["kind"]].append(Wrote.of(tx, line))
    return _Found(written, unsent, left)


def _record(row: Row) -> tuple[str, str, str]:
    return row["connection"], row["stream"], row["remote_id"]


def _told(intent: Row, why: Text) -> Row:
    """A row of the plan that changes nothing in the CRM."""
    names = ("key", "kind", "connection", "stream", "object", "remote_id", "account")
    shown = {"now": None, "last_written": None, "wanted": None, "credits": 0, "payload": None, "hold": None}
    return {name: intent[name] for name in names} | shown | {"zh": why.zh, "en": why.en, "state": "skipped"}
