"""The keys and rows of the outbox, and the values connectors write from them.

Three kinds: `task` makes a reminder, `task_change` changes one that is there, `tags` changes the tags of a record.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from kamsync.plugin import Facet, Intent, LiveTask, TagChange, Target, Task, TaskChange, Text, stamp
from kamsync.store.tables import Row

FACETS: dict[str, Facet] = {"tags": "tags", "task": "task", "task_change": "task"}  # by kind, in sending order


def task_key(duty: Row) -> str:
    """A duty's key: its id, which names account, rule and suffix."""
    return f"task:{duty['id']}"


def task_payload(duty: Row) -> dict[str, Any]:
    """What an intent carries of the duty that asks for it."""
    names = ("subject", "body", "priority", "owner", "marker")
    return {name: duty[name] for name in names} | {"due": duty["due"].isoformat(), "duty": duty["id"]}


def tag_key(state: Row) -> str:
    """A state's key: record, facet and revision, so that a change of mind is a new one."""
    return f"tags:{state['connection']}:{state['stream']}:{state['remote_id']}:r{state['revision']}"


def change_key(connection: str, payload: Mapping[str, Any]) -> str:
    """A change's key: the task, what is asked of it, and the stamp it was planned on.

    The same asked twice of the same task is one intent; asked again once the task has moved, it is a new one.
    """
    told = json.dumps(dict(payload), sort_keys=True, ensure_ascii=False)
    digest = base64.b32encode(hashlib.sha256(told.encode()).digest()).decode().lower()[:16]
    return f"task_change:{connection}:{payload['marker']}:{digest}"


def change_row(place: Row, change: TaskChange, now: LiveTask | None, why: Text, credits: Decimal) -> Row:
    """The plan row of a change. `place`: connection and account; `now`: the task when it was planned."""
    payload = _asked(change)
    wanted = {name: value for name, value in payload.items() if name in _ASKS and value not in (None, False)}
    wanted |= {"close": False} if change.close is False and not change.delete else {}
    facts = None if now is None else _facts(now)
    target = change.target
    return {
        "key": change_key(place["connection"], payload),
        "kind": "task_change",
        "connection": place["connection"],
        "stream": target.stream,
        "object": target.object,
        "remote_id": target.remote_id,
        "account": place["account"],
        "now": facts,
        "last_written": None,
        "wanted": wanted,
        "zh": why.zh,
        "en": why.en,
        "credits": credits,
        "payload": payload,
        "state": "planned",
        "hold": None,
    }


_ASKS = ("close", "due", "owner", "delete")


def _asked(change: TaskChange) -> dict[str, Any]:
    return {
        "task": change.remote_id,
        "marker": change.marker,
        "close": change.close,
        "due": change.due.isoformat() if change.due else None,
        "owner": change.owner,
        "delete": change.delete,
        "modified": change.modified.isoformat() if change.modified else None,
    }


def _facts(now: LiveTask) -> dict[str, Any]:
    due = now.due.isoformat() if now.due else None
    return {"state": now.state, "done": now.done, "owner": now.owner, "due": due, "subject": now.subject}


def undo_key(intent: Row) -> str:
    """The key of what takes an intent back: written, undone and written again, it is taken back by another."""
    return f"undo:{intent['id']}:{intent['attempt']}"


def undoes(row: Row) -> str | None:
    """The id of the intent that a change or intent takes back; None: it is a wish's own."""
    found: str | None = (row["payload"] or {}).get("undoes")
    return found


def takes_back(row: Row) -> bool:
    """Does it undo a wish's own write? What undoes an undo brings the write back."""
    return undoes(row) is not None and bool(row["payload"]["back"])


def tag_revision(intent: Row) -> int:
    """The revision of the wish that an intent of tags makes true; 0: of none, it takes one back."""
    return int(intent["payload"]["revision"] if undoes(intent) else intent["key"].rsplit(":r", 1)[1])


def intent_row(change: Row, plan: int, epoch: int, run: int) -> Row:
    """The durable intent of an accepted plan row, with its before-image."""
    names = ("key", "kind", "connection", "stream", "object", "remote_id", "account", "payload")
    return {name: change[name] for name in names} | {
        "id": base64.b32encode(hashlib.sha256(change["key"].encode()).digest()).decode().lower()[:16],
        "plan": plan,
        "before": {"now": change["now"], "last_written": change["last_written"]},
        "state": "planned",
        "attempt": 0,
        "epoch": epoch,
        "sent_at": None,
        "written_id": None,
        "code": "",
        "cause": "",
        "message": "",
        "run": run,
        "hold": None,
    }


def to_write(row: Row) -> Intent:
    """An intent as the connector gets it."""
    target = Target(row["stream"], row["object"], row["remote_id"])
    payload: Mapping[str, Any] = row["payload"]
    if row["kind"] == "task":
        return Intent(row["id"], _task(target, payload))
    if row["kind"] == "task_change":
        return Intent(row["id"], task_change(row))
    return Intent(
        row["id"],
        TagChange(target, tuple(payload["add"]), tuple(payload["remove"]), stamp(payload.get("modified"))),
    )


def task_change(row: Row) -> TaskChange:
    """What an intent of a change asks for."""
    payload: Mapping[str, Any] = row["payload"]
    return TaskChange(
        Target(row["stream"], row["object"], row["remote_id"]),
        payload["task"],
        payload["marker"],
        close=payload["close"],
        due=date.fromisoformat(payload["due"]) if payload["due"] else None,
        owner=payload["owner"],
        delete=payload["delete"],
        modified=stamp(payload["modified"]),
    )


def _task(target: Target, payload: Mapping[str, Any]) -> Task:
    return Task(
        target=target,
        subject=payload["subject"],
        body=payload["body"],
        due=date.fromisoformat(payload["due"]),
        priority=payload["priority"],
        owner=payload["owner"],
        marker=payload["marker"],
        target_name=payload.get("target_name", ""),
    )
