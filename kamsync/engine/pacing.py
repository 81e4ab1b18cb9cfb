"""Give out today's places: what goes beyond an owner's day waits, and a digest tells the owner of it.

Sets the states of duties; plans and sends nothing. A second time on the same day changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text
from kamsync.rules.marker import marker, slug
from kamsync.rules.pacing import Waiting, turns
from kamsync.rules.reminder_policy import RulePolicy
from kamsync.store import runs, wanted
from kamsync.store.tables import Row

DIGEST = "R00"
Owner = tuple[str, str | None]  # connection and its user


def pace(workspace: Workspace, tx: Connection, as_of: date) -> None:
    """Decide for every duty without a task whether it is its turn."""
    wish = workspace.reminders.rules.get(DIGEST)
    if wish is None or not wish.settings.per_owner:
        wanted.end_waiting(tx)
        wanted.put_digests(tx, DIGEST, ())
        return
    waiting = [row for row in wanted.without_task(tx) if row["rule"] != DIGEST]
    made = Counter(map(_owner, wanted.given(tx, as_of, but=DIGEST)))
    chosen = turns([_waiting(row) for row in waiting], wish.settings.per_owner, made)
    wanted.give_turns(tx, waiting, chosen.now, as_of)
    by_key = {row["id"]: row for row in waiting}
    digests = [
        digest
        for _, keys in sorted(chosen.later.items(), key=lambda item: str(item[0]))
        if (digest := _digest(workspace, tx, [by_key[key] for key in keys], wish, as_of)) is not None
    ]
    wanted.put_digests(tx, DIGEST, digests)


def _owner(row: Row) -> Owner:
    return row["connection"], row["owner"]


def _waiting(row: Row) -> Waiting:
    return Waiting(row["id"], _owner(row), row["priority"], row["due"], row["owed_on"])


def _digest(workspace: Workspace, tx: Connection, later: Sequence[Row], wish: RulePolicy, as_of: date) -> Row | None:
    """One task for one owner, on the customer whose reminder is the first in line; None where it has no record."""
    connection, owner = _owner(later[0])
    streams = workspace.mappings[connection].account_streams
    at = next((row for row in later if row["stream"] in streams), None)
    tenant = runs.tenant(tx, connection)
    if at is None or tenant is None or owner is None:
        return None
    suffix = f"{slug(f'{connection}.{owner}')}-{as_of}"
    due = workspace.calendar.next(as_of)
    named = "；".join(row["subject"] for row in later[: wish.settings.named])
    values: dict[str, Any] = {"count": len(later), "named": named, "due": due, "account": "", "tier": ""}
    language = workspace.config.language
    said = Text(f"今天的新任务已满，还有 {len(later)} 项在等", f"a full day of new tasks; {len(later)} more wait")
    mark = marker(workspace.config.deployment, tenant["org"], DIGEST, at["remote_id"], suffix)
    return {name: at[name] for name in ("account", "connection", "stream", "object", "remote_id")} | {
        "id": f"{DIGEST}|{at['account']}|{suffix}",
        "rule": DIGEST,
        "suffix": suffix,
        "series": f"{connection}.{owner}",
        "stage": as_of.toordinal(),
        "shared": True,
        "marker": mark,
        "owner": owner,
        "due": due,
        "priority": wish.settings.priority,
        "subject": wish.subject.say(values).say(language),
        "body": wish.body.say(values).say(language),
        "zh": said.zh,
        "en": said.en,
        "owed_on": as_of,
        "offered_on": as_of,
        "state": "wanted",
        "said": "",
        "ended": "",
        "given_on": as_of,
    }
