"""What is reached beside the data interfaces: the APL functions an admin installed, and messages.

Functions answer in the envelope that kamsync's own return; tags and tasks made by them are in no list of the OpenAPI.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamsync.testing.tenant import TrueTask
from kamsync_fxiaoke.sim.crm import Asked, Crm
from kamsync_fxiaoke.sim.envelope import NO_OBJECT, business, missing, ok
from kamsync_fxiaoke.sim.schedule import MARKER
from kamsync_fxiaoke.sim.values import moment

MOST_RECEIVERS = 500


class FunctionFailed(Exception):
    """The function ended with an error of its own."""


def function(crm: Crm, asked: Asked) -> dict[str, Any]:
    """/cgi/crm/v2/special/function."""
    name = str(asked.data.get("api_name"))
    run = _FUNCTIONS.get(name) if crm.knobs.functions else None
    if run is None:
        raise business(NO_OBJECT, f"the function {name} does not exist")
    parameters = asked.data.get("parameters")
    given = parameters[0].get("value") if isinstance(parameters, list) and parameters else None
    if not isinstance(given, Mapping):
        raise missing("parameters")
    try:
        return ok(data={"isError": False, "data": run(crm, given), "message": ""})
    except FunctionFailed as failed:
        return ok(data={"isError": True, "data": None, "message": str(failed)})


def message(crm: Crm, asked: Asked) -> dict[str, Any]:
    """/cgi/message/send: flat parameters; nothing comes back that would name the message."""
    body = asked.body
    to = body.get("toUser")
    if not isinstance(to, list) or not 1 <= len(to) <= MOST_RECEIVERS:
        raise missing("toUser")
    kind = body.get("msgType")
    if kind not in ("text", "composite", "articles") or not isinstance(body.get(str(kind)), Mapping | list):
        raise missing("msgType")
    if kind == "composite":
        told = body["composite"]
        for part, name in (("head", "title"), ("link", "title"), ("link", "url")):
            if not (told.get(part) or {}).get(name):
                raise missing(f"composite.{part}.{name}")
    crm.messages.append({"toUser": list(to), "msgType": kind, str(kind): body[str(kind)]})
    return ok()


def true_task(id: str, task: Mapping[str, Any]) -> TrueTask:
    """What a task made by a function is to people."""
    text = str(task.get("description") or "")
    marker = MARKER.search(text)
    objects = task.get("objects") or [{}]
    users = (task.get("executeUsers") or {}).get("users") or [None]
    return TrueTask(
        id=id,
        subject=str(task.get("title")),
        body="\n".join(line for line in text.split("\n") if not MARKER.search(line)),
        marker=marker.group() if marker else None,
        target=objects[0].get("id"),
        owner=users[0],
        due=moment(int(task["deadLine"])).date().isoformat(),
        done=bool(task.get("done")),
        by_us=True,
    )


# ---- the functions


def _define(crm: Crm, given: Mapping[str, Any]) -> Any:
    group = {"tagGroupId": "g1", "tagGroup": "大客户", "tagApiName": ""}
    return {"dataList": [{"tagId": id, "name": name, **group} for id, name in crm.native_tags.items()]}


def _find(crm: Crm, given: Mapping[str, Any]) -> Any:
    hung = crm.hung.get(_record(crm, given), [])
    return [{"tagId": id, "name": crm.native_tags[id]} for id in hung]


def _update(crm: Crm, given: Mapping[str, Any]) -> Any:
    ids = [str(id) for id in given.get("tagIdList") or []]
    if any(id not in crm.native_tags for id in ids):
        raise FunctionFailed("bulkHangTagForData: the tag is not valid for the object")
    crm.hung[_record(crm, given)] = ids
    return None


def _create(crm: Crm, given: Mapping[str, Any]) -> Any:
    id = f"66d9{len(crm.native_tags):08x}"
    crm.native_tags[id] = str(given.get("tagName"))
    return id


def _task(crm: Crm, given: Mapping[str, Any]) -> Any:
    users = (given.get("executeUsers") or {}).get("users") or []
    if not given.get("title") or not users:
        raise FunctionFailed("title and executeUsers are required")
    if any(crm.people.resolve(str(user)) is None for user in users):
        raise FunctionFailed("the employee does not exist")
    id = f"task{len(crm.work) + 1:06d}"
    crm.work[id] = dict(given)
    return {"taskId": id}


def _cancel(crm: Crm, given: Mapping[str, Any]) -> Any:
    if crm.work.pop(str(given.get("taskId")), None) is None:
        raise FunctionFailed("the task does not exist")
    return None


def _notice(crm: Crm, given: Mapping[str, Any]) -> Any:
    crm.messages.append({"msgType": "notice", **given})
    return None


def _record(crm: Crm, given: Mapping[str, Any]) -> str:
    row = crm.tables.get(str(given.get("objectApiName")))
    id = str(given.get("dataId"))
    if row is None or id not in row.rows:
        raise FunctionFailed(f"the data {id} does not exist")
    return id


_FUNCTIONS = {
    "kam_tag_define__c": _define, "kam_tag_find__c": _find, "kam_tag_update__c": _update,
    "kam_tag_create__c": _create, "kam_task_create__c": _task, "kam_task_cancel__c": _cancel,
    "kam_notice_send__c": _notice,
}  # fmt: skip
