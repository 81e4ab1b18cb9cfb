"""The ways a reminder can take into this CRM, chosen per connection, each with the promise it can keep.

schedule: made once, found again by a list that may lag (E1). function: a true task, made by an APL function, but no
list shows it to us (E0). message: seen at once, kept nowhere (E0). What E0 lost an answer of is not sent again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Protocol

from kamsync.plugin import (
    Change,
    Clock,
    Found,
    Intent,
    LiveTask,
    Ours,
    Outcome,
    Probe,
    Task,
    TaskChange,
    TaskRef,
    Text,
    Write,
)
from kamsync_fxiaoke import tasks
from kamsync_fxiaoke.api import Api
from kamsync_fxiaoke.changes import Changes, creator_of, facts
from kamsync_fxiaoke.codes import ZONE
from kamsync_fxiaoke.functions import Functions
from kamsync_fxiaoke.marker import signed
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.rows import Row, id_of, millis, moment

BATCH = 20
NEW, CHANGED = 1.0, 2.0  # calls a row: a new one; one that is looked at first
END_OF_DAY = time(18, 0)
PRIORITIES = {"urgent": "紧急", "high": "高", "medium": "中", "low": "低"}

_NO_COPY = Text(
    ";系统不会查重,kamsync 自己保证只发一次:回答丢失的不会重发,由人确认",
    "; the CRM looks for no duplicates, so kamsync sends once: where the answer was lost a person decides",
)
_SEEN = Text('task_channel = "schedule" 查得到,即为 E1', 'task_channel = "schedule" can be found again: that is E1')


class Channel(Protocol):
    """One way; the session hands it what the contract asks of tasks."""

    def promise(self, settle: float) -> Write: ...
    def create(self, intent: Intent, task: Task) -> Outcome: ...
    def find(self, probes: Sequence[Probe]) -> Sequence[Found]: ...
    def ours(self, since: datetime | None) -> Iterator[Ours]: ...
    def tasks(self, refs: Sequence[TaskRef]) -> Sequence[LiveTask]: ...
    def able(self) -> frozenset[Change]: ...
    def look(self, change: TaskChange) -> tuple[LiveTask, Row]: ...
    def change(self, intent: Intent, change: TaskChange, row: Row) -> Outcome: ...


def channel(api: Api, options: FxiaokeOptions, functions: Functions, clock: Clock) -> Channel:
    """The way that the connection's settings name."""
    if options.task_channel == "function":
        return ByFunction(options, functions)
    return ByMessage(api, options) if options.task_channel == "message" else Schedules(api, options, clock)


class Schedules:
    """A schedule in its owner's calendar, hung on the account."""

    def __init__(self, api: Api, options: FxiaokeOptions, clock: Clock) -> None:
        self._api = api
        self._options = options
        self._changes = Changes(api, options, clock)

    def promise(self, settle: float) -> Write:
        why = Text(
            "提醒写为日程,末行带标记;CRM 不保证唯一,结果不明时先按标记查找再决定",
            "reminders are schedules with a marker on the last line; the CRM enforces no key, so after a lost answer "
            "the marker is looked for first",
        )
        told = {"object": "ScheduleObj"}
        return Write("task", "E1", BATCH, settle, why, True, NEW, CHANGED, self.able(), told)

    def create(self, intent: Intent, task: Task) -> Outcome:
        return tasks.create(self._api, self._options, intent, task)

    def find(self, probes: Sequence[Probe]) -> Sequence[Found]:
        return tasks.find(self._api, probes)

    def ours(self, since: datetime | None) -> Iterator[Ours]:
        for row, marker, target in tasks.marked(self._api, since):
            told = facts(row, self._options) | {"creator": creator_of(row)}
            yield Ours(id_of(row), marker, target, **told, created=moment(row.get("create_time")))

    def tasks(self, refs: Sequence[TaskRef]) -> Sequence[LiveTask]:
        return self._changes.tasks(refs)

    def able(self) -> frozenset[Change]:
        return self._changes.able()

    def look(self, change: TaskChange) -> tuple[LiveTask, Row]:
        return self._changes.look(TaskRef(change.marker, change.remote_id), change.remote_id)

    def change(self, intent: Intent, change: TaskChange, row: Row) -> Outcome:
        return self._changes.send(intent, change, row)


class _Unseen:
    """What both ways share that leave nothing to look at: nor can what cannot be seen to be ours be changed."""

    def find(self, probes: Sequence[Probe]) -> Sequence[Found]:
        return [Found(probe.marker, "unsure", strong=False) for probe in probes]

    def ours(self, since: datetime | None) -> Iterator[Ours]:
        return iter(())

    def tasks(self, refs: Sequence[TaskRef]) -> Sequence[LiveTask]:
        return [LiveTask(ref, "hidden") for ref in refs]

    def able(self) -> frozenset[Change]:
        return frozenset()

    def look(self, change: TaskChange) -> tuple[LiveTask, Row]:
        return LiveTask(TaskRef(change.marker, change.remote_id), "hidden"), {}

    def change(self, intent: Intent, change: TaskChange, row: Row) -> Outcome:
        return Outcome(intent.id, "refused", code="unsupported", cause="unsupported")


class ByFunction(_Unseen):
    """A task (任务) made by the function kam_task_create__c; it is called off by kam_task_cancel__c."""

    def __init__(self, options: FxiaokeOptions, functions: Functions) -> None:
        self._options = options
        self._functions = functions

    def promise(self, settle: float) -> Write:
        name = self._functions.name("task_create")
        why = Text(f"提醒由函数 {name} 建为任务{_NO_COPY.zh}", f"reminders are tasks made by {name}{_NO_COPY.en}")
        return Write("task", "E0", BATCH, settle, why, credits_per_row=1.0, facts={"function": name}, better=_SEEN)

    def create(self, intent: Intent, task: Task) -> Outcome:
        said = self._functions.call("task_create", self._given(task), write=True)
        id = said.get("taskId") if isinstance(said, Mapping) else said
        return Outcome(intent.id, "applied", str(id) if id else None)

    def _given(self, task: Task) -> dict[str, Any]:
        return {
            "title": task.subject,
            "description": signed("", task.body, task.marker),
            "deadLine": millis(datetime.combine(task.due, END_OF_DAY, ZONE)),
            "executeUsers": {"users": [task.owner or self._options.acting_user], "departments": []},
            "atUsers": [],
            "objects": [{"object_api_name": task.target.object, "id": task.target.remote_id}],
            "multiExecute": False,
        }


class ByMessage(_Unseen):
    """A message to the owner in the vendor's app, with a link to the account."""

    def __init__(self, api: Api, options: FxiaokeOptions) -> None:
        self._api = api
        self._options = options

    def promise(self, settle: float) -> Write:
        why = Text(
            f"提醒发为企信消息,没有编号,发出后查不到、撤不回{_NO_COPY.zh}",
            f"reminders are messages without an id, neither found again nor called back{_NO_COPY.en}",
        )
        return Write("task", "E0", BATCH, settle, why, undoable=False, credits_per_row=1.0, better=_SEEN)

    def create(self, intent: Intent, task: Task) -> Outcome:
        self._api.post("/cgi/message/send", self._given(task), write=True)
        return Outcome(intent.id, "applied")

    def _given(self, task: Task) -> dict[str, Any]:
        place = json.dumps({"objDescApiName": task.target.object, "objDataId": task.target.remote_id})
        form = [
            {"label": "截止", "value": task.due.isoformat()},
            {"label": "优先级", "value": PRIORITIES[task.priority]},
        ]
        return {
            "toUser": [task.owner or self._options.acting_user],
            "msgType": "composite",
            "composite": {
                "head": {"title": task.subject},
                "first": {"content": task.target_name or task.subject},
                "form": form,
                "remark": {"content": signed("", task.body, task.marker)},
                "link": {"title": "打开客户", "url": f"fs://CRM/udobj?{place}"},
            },
        }
