"""May this be taken back? Only what still is as we left it: whatever people did since stays theirs.

Pure: compares what we left with what is there now. What is not known is not compared.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from kamsync.plugin import LiveTask, Text


@dataclass(frozen=True, slots=True)
class Left:
    """A task as we left it, and when; None: not known."""

    done: bool | None
    owner: str | None
    due: date | None
    subject: str | None
    at: datetime | None = None

    def changed(self, asked: dict[str, Any], at: datetime | None) -> Left:
        """The same after one of our own changes (`asked`: a change's payload)."""
        return replace(
            self,
            done=self.done if asked["close"] is None else asked["close"],
            owner=asked["owner"] or self.owner,
            due=date.fromisoformat(asked["due"]) if asked["due"] else self.due,
            at=at or self.at,
        )


def why_tags_stay(left: Collection[str], live: Collection[str] | None) -> Text | None:
    """Why our tags on a record are left alone; None: they are as we left them. `live` None: not to be seen."""
    if live is None:
        return Text("CRM 中看不到此记录", "the record cannot be seen in the CRM")
    if set(live) != set(left):
        return Text("之后有人改过它的标签", "someone changed its tags since")
    return None


def why_task_stays(left: Left, live: LiveTask) -> Text | None:
    """Why a task is left alone; None: nobody touched it."""
    if live.state == "gone":
        return Text("任务已被删除", "the task was deleted")
    if live.state == "hidden":
        return Text("看不到该任务,请人工处理", "the task cannot be seen: a person has to look at it")
    if live.state == "foreign":
        return Text("任务已不带本系统的标记", "the task no longer carries our marker")
    if live.locked:
        return Text("任务已锁定", "the task is locked")
    if _differs(left.done, live.done):
        return _BY_HAND[live.done is True]
    if _differs(left.owner, live.owner):
        return Text("有人已改派该任务", "someone gave the task to another")
    if _differs(left.due, live.due):
        return Text("有人改过任务的日期", "someone moved the task to another day")
    if _differs(left.subject, live.subject) and not _cut(left.subject or "", live.subject or ""):
        return Text("有人改过任务的文字", "someone edited the task")
    if left.at is not None and live.modified is not None and live.modified > left.at:
        return Text("之后有人改动过该任务", "someone changed the task since")
    return None


_BY_HAND = {
    True: Text("有人已完成该任务", "someone completed the task"),
    False: Text("有人又打开了该任务", "someone opened the task again"),
}


def _differs(ours: object, theirs: object) -> bool:
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours.split() != theirs.split()
    return ours is not None and theirs is not None and ours != theirs


def _cut(ours: str, theirs: str) -> bool:
    """Did the CRM keep less of the text than we sent?"""
    return theirs.endswith("…") and " ".join(ours.split()).startswith(" ".join(theirs[:-1].split()))
