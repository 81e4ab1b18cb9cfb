"""Tasks of ours whose duty is over, or is owed again after we closed them: questions and marks.

What may be done about one is decided elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from kamsync.store.sql import fetch
from kamsync.store.tables import DutyRow, OursRow, Row, table
from kamsync.store.tables_outbox import IntentRow

DUTY, OURS, INTENT = table(DutyRow), table(OursRow), table(IntentRow)
PREFIX = "passed:"  # keys of the changes that close such a task, and open it again
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Passed:
    """A duty and the intent that made its task. `turns`: how often we closed that task or opened it again."""

    duty: Row
    intent: Row
    turns: int


def key(marker: str, turn: int) -> str:
    """The key of the n-th closing (even) or opening again (odd) of a task."""
    return f"{PREFIX}{marker}:{turn}"


def tasks(tx: Connection, connection: str, most: int) -> list[Passed]:
    """Tasks to close, then those to open again; made by us and not adopted, the first owed first.

    What a later duty of the series replaces stays until that one's task is there.
    """
    turns = _turns(tx, connection)
    closed = [marker for marker, count in turns.items() if count % 2]
    made = and_(
        INTENT.c.key == "task:" + DUTY.c.id, INTENT.c.state == "done", INTENT.c.hold.is_(None),
        INTENT.c.sent_at.is_not(None), INTENT.c.connection == connection,
    )  # fmt: skip
    over = and_(DUTY.c.state == "over", or_(DUTY.c.ended == "gone", and_(DUTY.c.ended == "later", _replaced())))
    ended = select(DUTY.c.id).join(INTENT, made).where(over, ~_is_done()).order_by(DUTY.c.owed_on, DUTY.c.id)
    ids = list(tx.execute(ended.limit(most)).scalars())
    back = select(DUTY.c.id).join(INTENT, made).where(DUTY.c.state == "wanted")
    for chunk in _chunks(sorted(closed)):
        ids += tx.execute(back.where(DUTY.c.marker.in_(chunk))).scalars()
    duties = {row["id"]: row for chunk in _chunks(ids) for row in fetch(tx, select(DUTY).where(DUTY.c.id.in_(chunk)))}
    intents = {
        row["key"]: row
        for chunk in _chunks([f"task:{id}" for id in ids])
        for row in fetch(tx, select(INTENT).where(INTENT.c.key.in_(chunk)))
    }
    found = [Passed(duties[id], intents[f"task:{id}"], turns[duties[id]["marker"]]) for id in ids]
    return [one for one in found if (one.duty["state"] == "wanted") == bool(one.turns % 2)]


def leave(tx: Connection, duties: Collection[str]) -> None:
    """The tasks of these stay as they are, unless the duty is owed again."""
    for chunk in _chunks(sorted(duties)):
        tx.execute(update(DUTY).where(DUTY.c.id.in_(chunk), DUTY.c.state == "over").values(ended="left"))


def _turns(tx: Connection, connection: str) -> Counter[str]:
    here = (INTENT.c.connection == connection, INTENT.c.kind == "task_change", INTENT.c.state == "done")
    keys = tx.execute(select(INTENT.c.key).where(*here, INTENT.c.key.startswith(PREFIX))).scalars()
    return Counter(key.removeprefix(PREFIX).rpartition(":")[0] for key in keys)


def _replaced() -> ColumnElement[bool]:
    """Another duty of the same series is owed, and its task is there."""
    other, made = DUTY.alias(), INTENT.alias()
    same = (other.c[name] == DUTY.c[name] for name in ("account", "rule", "series"))
    there = and_(made.c.key == "task:" + other.c.id, made.c.state == "done")
    return select(other.c.id).join(made, there).where(*same, other.c.state == "wanted").exists()


def _is_done() -> ColumnElement[bool]:
    """The mirror has seen it done, or gone."""
    same = and_(OURS.c.connection == INTENT.c.connection, OURS.c.remote_id == INTENT.c.written_id)
    return select(OURS.c.marker).where(same, OURS.c.marker == DUTY.c.marker, or_(OURS.c.done, OURS.c.gone)).exists()


def _chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
