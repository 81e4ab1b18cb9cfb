"""What follows from taking back: the write is *undone* and its wish is held, so that nothing writes it again by itself.

A hold ends when its plan is applied again by a person, when a new policy is published, or when a person approves it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.rows import undoes
from kamsync.engine.wishes import still_wanted
from kamsync.plugin import Text
from kamsync.store import outbox, runs, undone, wanted
from kamsync.store.outbox import Ending
from kamsync.store.tables import Row

GUARD = "undone"
SAMPLE = 20
POLICY = {"tags": "tiers", "task": "reminders", "task_change": "reminders"}  # which policy a kind of wish comes from


def take_effect(tx: Connection, reversals: Sequence[Row], epoch: int, at: datetime) -> None:
    """These reversals were written: what each took back is undone, and what that had taken back is done again."""
    lines = [(row["id"], undone.lineage(tx, row)[1:]) for row in reversals if undoes(row) is not None]
    if not lines:
        return
    endings = [_ending(intent, place % 2 == 0, f"by intent {id}") for id, line in lines
               for place, intent in enumerate(line)]  # fmt: skip
    outbox.settle(tx, endings, epoch, at)
    undone.put_under(tx, [line[-1]["id"] for _, line in lines if len(line) % 2 == 0], None)
    _hold(tx, [line[-1] for _, line in lines if len(line) % 2], at)


def withdraw(tx: Connection, intents: Sequence[Row], epoch: int, at: datetime) -> None:
    """These were accepted and have not left: they do not any more, and are held like what was taken back."""
    outbox.settle(tx, [_ending(intent, True, "withdrawn before it left") for intent in intents], epoch, at)
    _hold(tx, [intent for intent in intents if undoes(intent) is None], at)


def _ending(intent: Row, taken_back: bool, evidence: str) -> Ending:
    state, told = ("undone", "undone") if taken_back else ("done", "redone")
    return Ending(intent, state, told, evidence=evidence)


def _hold(tx: Connection, roots: Sequence[Row], at: datetime) -> None:
    """Keep these wishes' own intents back, those of one plan together; every plan looks at them and shows them."""
    by_plan: dict[tuple[str, int], list[str]] = defaultdict(list)
    for root in roots:
        by_plan[root["connection"], root["plan"]].append(root["id"])
    for (connection, plan), ids in by_plan.items():
        hold = runs.held(tx, GUARD, connection, f"plan {plan}")
        if hold is None:
            hold = runs.hold(tx, _row(connection, plan, runs.published(tx), at))
        undone.put_under(tx, ids, hold)
    records = [(root["connection"], root["stream"], root["remote_id"]) for root in roots if root["kind"] == "tags"]
    states = wanted.revisions(tx, records, "tags").items()
    wanted.note_looks(tx, [_state(place, revision) for place, revision in states], None)
    keep_true(tx, at)


def _state(place: tuple[str, ...], revision: int) -> Row:
    return dict(zip(("connection", "stream", "remote_id"), place, strict=True)) | {
        "facet": "tags",
        "revision": revision,
    }


def _row(connection: str, plan: int, published: dict[str, Any], at: datetime) -> Row:
    return {
        "guard": GUARD,
        "connection": connection,
        "subject": f"plan {plan}",
        "count": 0,
        "of": 0,
        "sample": {"plan": plan, "keys": []} | published,
        "zh": f"{connection}:计划 {plan} 的写入已撤销,不再自动写回;再次执行该计划、发布新策略或批准后放行",
        "en": f"{connection}: what plan {plan} wrote was undone and stays away until that plan is applied again, "
        "a new policy is published, or this is approved",
        "state": "held",
        "made_at": at,
    }


def keep_true(tx: Connection, at: datetime) -> None:
    """Holds tell what is held today: a new policy lets go what it judges, and what nobody wants is not counted."""
    by_hold: dict[int, list[Row]] = defaultdict(list)
    for intent in undone.held(tx):
        by_hold[intent["hold"]].append(intent)
    published = runs.published(tx)
    for hold in (one for one in runs.holds(tx, None) if one["guard"] == GUARD):
        rows = by_hold[hold["id"]]
        free = [row["id"] for row in rows if _is_newer(published, hold["sample"], POLICY[row["kind"]])]
        undone.put_under(tx, free, None)
        kept = [row for row in rows if row["id"] not in free]
        asked_for = still_wanted(tx, kept)
        _tell(tx, hold, sorted(row["key"] for row in kept if row["key"] in asked_for), at)


def _is_newer(published: dict[str, Any], at_undoing: dict[str, Any], policy: str) -> bool:
    return published.get(policy) not in (None, at_undoing.get(policy))


def _tell(tx: Connection, hold: Row, keys: list[str], at: datetime) -> None:
    if hold["count"] == len(keys) and (hold["state"] == "held") == bool(keys):
        return
    if hold["state"] != "approved":
        runs.set_hold(tx, hold["id"], "held" if keys else "over", at)
    runs.count_hold(tx, hold["id"], len(keys), hold["sample"] | {"keys": keys[:SAMPLE]})


def release(tx: Connection, hold: int) -> None:
    """A person lets it go: the next plan asks for it again."""
    undone.put_under(tx, [row["id"] for row in undone.held(tx) if row["hold"] == hold], None)


def kept_back(intent: Row) -> Text:
    """Why what was undone is not written again by itself."""
    hold, plan = intent["hold"], intent["plan"]
    return Text(
        f"已撤销,不再自动写回:kamsync hold approve {hold},或再次执行计划 {plan}",
        f"it was undone: kamsync hold approve {hold}, or apply plan {plan} again",
    )
