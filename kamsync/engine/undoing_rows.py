"""The rows of an undo's plan: for each write its opposite, or the reason why it is left alone.

Reads the live CRM and compares; sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection as Tx

from kamsync.engine.connections import Connection
from kamsync.engine.live import look, ours_of
from kamsync.engine.planned import change_credits
from kamsync.engine.rows import change_row, tag_revision, undo_key
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Change, Live, LiveTask, ReadsTasks, Target, TaskChange, TaskRef, Text
from kamsync.rules.undo import Left, why_tags_stay, why_task_stays
from kamsync.store import outbox, undone
from kamsync.store.tables import Row

FACETS = ("close", "due", "owner")
GRACE = timedelta(seconds=60)  # a CRM goes on stamping a task for a moment after it was written


@dataclass(frozen=True, slots=True)
class Wrote:
    """A write that may be taken back. `root`: the wish's own intent it began with; `back`: that one ends undone."""

    intent: Row
    root: Row
    back: bool
    at: datetime  # when its outcome was known

    @classmethod
    def of(cls, tx: Tx, line: Sequence[Row]) -> Wrote:
        told = [row["at"] for row in outbox.receipts(tx, line[0]["id"])]
        return cls(line[0], line[-1], len(line) % 2 == 1, max(told))

    @property
    def marks(self) -> dict[str, Any]:
        return {"undoes": self.intent["id"], "back": self.back}

    @property
    def why(self) -> Text:
        run = self.intent["run"]
        if self.back:
            return Text(f"撤销第 {run} 次运行的写入", f"undoes what run {run} wrote")
        return Text(f"取消第 {run} 次运行的撤销", f"takes back the undo of run {run}")


# ---- tags


def tag_rows(workspace: Workspace, connection: Connection, wrote: Sequence[Wrote]) -> list[Row | Text]:
    """The before-image of our own tags, where they stand as that write left them and no later wish was written over it.

    A write that was undone and redone stands by the hand that redid it.
    """
    live = look(connection, [_target(one.intent) for one in wrote])
    with workspace.store.read() as tx:
        owned = undone.owned(tx, connection.name, [one.intent["remote_id"] for one in wrote])
        writers = undone.by_ids(tx, [row["intent"] for row in owned.values()])
        standing = {id: {each["id"] for each in undone.lineage(tx, row)} for id, row in writers.items()}
    price = _price(connection)
    rows: list[Row | Text] = []
    for one in wrote:
        ours = owned.get((one.intent["stream"], one.intent["remote_id"]))
        now = live[_target(one.intent)]
        if ours is None or one.intent["id"] not in standing.get(ours["intent"], ()):
            rows.append(_written_over(writers.get(ours["intent"]) if ours else None))
        else:
            rows.append(_tag_row(one, ours, now, price))
    return rows


def _tag_row(one: Wrote, owned: Row, live: Live, price: Decimal) -> Row | Text:
    intent, payload = one.intent, one.intent["payload"]
    now = ours_of(live, payload["prefix"])
    left = (set(intent["before"]["now"] or ()) - set(payload["remove"])) | set(payload["add"])
    why = why_tags_stay(left, now)
    if why is not None:
        return why
    stamp = live.modified.isoformat() if live.modified else None
    delta = {"add": payload["remove"], "remove": payload["add"], "modified": stamp, "prefix": payload["prefix"]}
    shown = {"now": now, "last_written": owned["value"], "wanted": next(iter(payload["remove"]), None)}
    names = ("kind", "connection", "stream", "object", "remote_id", "account")
    return {name: intent[name] for name in names} | shown | {
        "key": undo_key(intent),
        "zh": one.why.zh,
        "en": one.why.en,
        "credits": price,
        "payload": delta | one.marks | {"revision": 0 if one.back else tag_revision(one.root)},
        "state": "planned",
        "hold": None,
    }  # fmt: skip


def _written_over(by: Row | None) -> Text:
    if by is None:
        return Text("之后又写过,或记录已换", "it was written again since, or the record is another")
    run = by["run"]
    return Text(f"第 {run} 次运行又写过:先撤销它", f"run {run} wrote over it: undo that one first")


def _price(connection: Connection) -> Decimal:
    assert connection.writer is not None
    each = next((write.credits_per_row for write in connection.writer.writes() if write.facet == "tags"), 0.0)
    return Decimal(str(each))


def _target(row: Row) -> Target:
    return Target(row["stream"], row["object"], row["remote_id"])


# ---- tasks


def task_rows(workspace: Workspace, connection: Connection, wrote: Sequence[Wrote]) -> list[Row | Text]:
    """Tasks that were made are closed or deleted, changes changed back, where nobody touched the task since."""
    assert connection.writer is not None
    session, promise = connection.session, {write.facet: write for write in connection.writer.writes()}.get("task")
    if not isinstance(session, ReadsTasks) or promise is None or not promise.undoable:
        return [_NO_WAY for _ in wrote]
    refs = [TaskRef(one.intent["payload"]["marker"], _task(one.intent)) for one in wrote]
    lives = session.tasks(refs)
    later = later_changes(workspace, connection, wrote)
    skew = connection.door.now() - workspace.clock.now()
    price = change_credits(connection)
    rows: list[Row | Text] = []
    for one, live, ours in zip(wrote, lives, later, strict=True):
        why = why_not(one, live, ours, skew)
        opposite = why or _opposite(one, connection.config.may_delete, promise.changes)
        rows.append(opposite if isinstance(opposite, Text) else _task_row(one, opposite, live, price))
    return rows


_NO_WAY = Text(
    "这种提醒发出后撤不回(看 kamsync doctor),请人工处理",
    "reminders of this kind cannot be called back (see kamsync doctor): a person has to",
)
_CANNOT = Text("此连接不能这样改动任务,请人工处理", "this connection cannot do that to a task: a person has to")
_SO_BEFORE = Text("写入之前已是如此", "it was so before that run wrote")


def _task(intent: Row) -> str | None:
    found: str | None = intent["payload"].get("task") or intent["written_id"]
    return found


def later_changes(workspace: Workspace, connection: Connection, wrote: Sequence[Wrote]) -> list[list[Row]]:
    """Our own changes of each task that came after and stand, the oldest first."""
    with workspace.store.read() as tx:
        records = sorted({one.intent["remote_id"] for one in wrote})
        changes = undone.at_records(tx, connection.name, "task_change", records)
    changes = [row for row in changes if row["state"] == "done"]
    return [[row for row in changes if row["run"] > one.intent["run"] and row["id"] != one.intent["id"]
             and row["payload"]["marker"] == one.intent["payload"]["marker"]] for one in wrote]  # fmt: skip


def why_not(one: Wrote, live: LiveTask, later: Sequence[Row], skew: timedelta) -> Text | None:
    """Why a task is left alone; None: it is as we left it."""
    intent = one.intent
    if intent["kind"] == "task_change" and later:
        return _written_over(later[-1])
    if intent["kind"] == "task_change" and intent["payload"]["delete"]:
        return None if live.state == "gone" and not one.back else _DELETED
    last = max([one.at, *(row["sent_at"] for row in later if row["sent_at"])])
    left = _left(intent, last + skew + GRACE)
    for row in later:
        left = left.changed(row["payload"], None)
    return why_task_stays(left, live)


_DELETED = Text("任务已删除:只能在 CRM 的回收站里恢复", "the task was deleted: only the CRM's bin brings it back")


def _left(intent: Row, at: datetime) -> Left:
    """The task as this write left it."""
    payload = intent["payload"]
    if intent["kind"] == "task":
        return Left(False, payload["owner"], date.fromisoformat(payload["due"]), payload["subject"], at)
    was: Mapping[str, Any] = intent["before"]["now"] or {}
    due = date.fromisoformat(was["due"]) if was.get("due") else None
    return Left(was.get("done"), was.get("owner"), due, was.get("subject"), at).changed(payload, None)


def _opposite(one: Wrote, may_delete: bool, able: frozenset[Change]) -> dict[str, Any] | Text:
    """What undoes it, in the words of a change, or why that cannot be; empty: its task is made anew."""
    payload, was = one.intent["payload"], one.intent["before"]["now"] or {}
    if one.intent["kind"] == "task":
        if may_delete and "delete" in able:
            return {"delete": True}
        return {"close": True} if "close" in able else _CANNOT
    if payload["delete"]:
        return {}
    asked: dict[str, Any] = {}
    if payload["close"] is not None and was.get("done") not in (None, payload["close"]):
        asked["close"] = was["done"]
    if payload["due"] and was.get("due") not in (None, payload["due"]):
        asked["due"] = date.fromisoformat(was["due"])
    if payload["owner"] and was.get("owner") not in (None, payload["owner"]):
        asked["owner"] = was["owner"]
    if not asked:
        return _SO_BEFORE
    return asked if _change(one, "", None, asked).asks <= able else _CANNOT


def _change(one: Wrote, task: str, modified: datetime | None, asked: Mapping[str, Any]) -> TaskChange:
    return TaskChange(_target(one.intent), task, one.intent["payload"]["marker"], modified=modified, **asked)


def _task_row(one: Wrote, asked: Mapping[str, Any], live: LiveTask, price: Decimal) -> Row:
    if not asked:
        return _made_anew(one, price)
    intent, payload = one.intent, one.intent["payload"]
    change = _change(one, live.remote_id or _task(intent) or "", live.modified, asked)
    row = change_row(intent, change, live, one.why, price)
    written = payload["subject"] if intent["kind"] == "task" else {name: payload[name] for name in FACETS}
    return row | {"key": undo_key(intent), "last_written": written, "payload": row["payload"] | one.marks}


def _made_anew(one: Wrote, price: Decimal) -> Row:
    """A task that an undo deleted is made again by its duty's own intent, under the same marker."""
    names = ("key", "kind", "connection", "stream", "object", "remote_id", "account", "payload")
    shown = {"now": None, "last_written": None, "wanted": one.root["payload"]["subject"], "credits": price}
    return {name: one.root[name] for name in names} | shown | {
        "zh": one.why.zh, "en": one.why.en, "state": "planned", "hold": None}  # fmt: skip
