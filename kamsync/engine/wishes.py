"""What is still asked for: a change or intent holds as long as its wish does, or what it takes back is there.

Reads the store only; the CRMs are looked at just before a write leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from kamsync.engine.rows import takes_back, undoes
from kamsync.store import outbox, undone, wanted
from kamsync.store.tables import Row


def still_wanted(tx: Connection, rows: Sequence[Row]) -> set[str]:
    """The keys of those changes or intents that are what their duty or state asks for today.

    A change of a task that follows from a duty holds while that one is as it was: over for a reason, or owed again.
    Any other stands by itself: what it was planned on is the task, and that is looked at when it is sent.
    What takes something back needs no wish, only that it was not taken back already.
    """
    reversals = [row for row in rows if undoes(row) is not None]
    rows = [row for row in rows if undoes(row) is None]
    tasks = [row for row in rows if row["kind"] == "task"]
    changes = [row for row in rows if row["kind"] == "task_change"]
    duties = wanted.duties(tx, [row["payload"]["duty"] for row in (*tasks, *changes) if "duty" in row["payload"]])
    kept = {row["key"] for row in tasks if _is_owed(duties.get(row["payload"]["duty"]), row)}
    kept |= {row["key"] for row in changes if "duty" not in row["payload"]}
    kept |= {row["key"] for row in changes if "duty" in row["payload"] and _follows(duties, row["payload"])}
    tags = [row for row in rows if row["kind"] == "tags"]
    revisions = wanted.revisions(tx, map(_record, tags), "tags")
    kept |= {row["key"] for row in tags if row["key"].endswith(f":r{revisions.get(_record(row))}")}
    return kept | _still_to_undo(tx, reversals)


def _is_owed(duty: Row | None, row: Row) -> bool:
    return duty is not None and duty["state"] == "wanted" and duty["marker"] == row["payload"]["marker"]


def _follows(duties: Mapping[str, Row], payload: Row) -> bool:
    duty = duties.get(payload["duty"])
    if duty is None or duty["marker"] != payload["marker"]:
        return False
    over = duty["state"] == "over" and duty["ended"] in ("gone", "later")
    return over if payload["close"] else duty["state"] == "wanted"


def _record(row: Row) -> tuple[str, str, str]:
    return row["connection"], row["stream"], row["remote_id"]


def _still_to_undo(tx: Connection, rows: Sequence[Row]) -> set[str]:
    """Of what takes something back: that which still stands. What brings a write back needs its wish, too.

    A newer wish for the same record that was accepted meanwhile does by itself what the undoing was for.
    """
    if not rows:
        return set()
    undone_ones = undone.by_ids(tx, [str(undoes(row)) for row in rows])
    there = [row for row in rows if undone_ones[str(undoes(row))]["state"] == "done"]
    newer = {_record(row): row["run"] for row in outbox.in_state(tx, "planned") if _is_tag_wish(row)}
    kept = set()
    for row in there:
        root = undone.lineage(tx, undone_ones[str(undoes(row))])[-1]
        overtaken = row["kind"] == "tags" and "run" in row and newer.get(_record(row), 0) > row["run"]
        if not overtaken and (takes_back(row) or root["key"] in still_wanted(tx, [root])):
            kept.add(row["key"])
    return kept


def _is_tag_wish(row: Row) -> bool:
    return row["kind"] == "tags" and undoes(row) is None
