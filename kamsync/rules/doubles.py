"""Tasks that carry one marker: which is the reminder, which are people's copies, which we made once too often.

Pure. What people touched is kept, and where that cannot be told nobody touches anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from kamsync.plugin import Ours

Role = Literal["", "copy", "spare", "unclear"]  # "": the reminder itself

AT_ONCE = timedelta(seconds=10)  # what moves a task so soon after it was made is the CRM's own doing
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """What our books know of a marker. `written`: the task our receipt names. `us`: the CRM's id of our user."""

    written: str | None
    us: str | None


def roles(tasks: Sequence[Ours], known: Known) -> dict[str, Role]:
    """The role of each task, by its id; exactly one is kept where nothing is unclear.

    A later task by another's hand is a copy and that person's. Of ours, the touched one is kept, else the oldest; the
    others are spare if nobody touched them. Two touched ones, or one of which nobody can say, are for a person.
    """
    line = sorted(tasks, key=age)
    origin = next((task for task in line if task.remote_id == known.written), line[0])
    told: dict[str, Role] = {task.remote_id: "copy" for task in line if _is_copy(task, origin, known.us)}
    mine = [task for task in line if task.remote_id not in told]
    touched = {task.remote_id: is_touched(task) for task in mine}
    if len(mine) == 1:
        return told | {mine[0].remote_id: ""}
    if None in touched.values() or sum(map(bool, touched.values())) > 1:
        return told | {task.remote_id: "" if task is origin else "unclear" for task in mine}
    kept = next((task for task in mine if touched[task.remote_id]), mine[0])
    return told | {task.remote_id: "" if task is kept else "spare" for task in mine}


def is_touched(task: Ours) -> bool | None:
    """Did anybody do anything with it since it was made? None: the CRM does not tell enough."""
    if task.done:
        return True
    if task.created is None or task.modified is None:
        return None
    return task.modified - task.created > AT_ONCE


def _is_copy(task: Ours, origin: Ours, us: str | None) -> bool:
    theirs = us is not None and task.creator is not None and task.creator != us
    return theirs and task is not origin and age(task) > age(origin)


def age(task: Ours) -> tuple[datetime, int, str]:
    """The oldest first; ids of the same second as numbers would stand."""
    return task.created or _NEVER, len(task.remote_id), task.remote_id
