"""The keys and rows of the outbox, and the values connectors write from them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from kamsync.plugin import Intent, TagChange, Target, Task, stamp
from kamsync.store.tables import Row


def task_key(duty: Row) -> str:
    """A duty's key: its id, which names account, rule and suffix."""
    return f"task:{duty['id']}"


def tag_key(state: Row) -> str:
    """A state's key: record, facet and revision, so that a change of mind is a new one."""
    return f"tags:{state['connection']}:{state['stream']}:{state['remote_id']}:r{state['revision']}"


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
        "message": "",
        "run": run,
    }


def to_write(row: Row) -> Intent:
    """An intent as the connector gets it."""
    target = Target(row["stream"], row["object"], row["remote_id"])
    payload: Mapping[str, Any] = row["payload"]
    if row["kind"] == "task":
        return Intent(row["id"], _task(target, payload))
    return Intent(
        row["id"],
        TagChange(target, tuple(payload["add"]), tuple(payload["remove"]), stamp(payload.get("modified"))),
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
