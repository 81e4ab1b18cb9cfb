"""What a ScheduleObj row is to people: a task with a subject, a day, a place it hangs on, and perhaps our marker.

Reads stored rows only.
"""

from __future__ import annotations

import re
from typing import Any

from kamsync.testing.tenant import TrueTask
from kamsync_fxiaoke.sim.rows import Row
from kamsync_fxiaoke.sim.values import moment

MARKER = re.compile(r"kam:R\d\d:[^\s:]+:[a-z2-7]{26}")


def true_task(row: Row, *, by_us: bool) -> TrueTask:
    """The task that a schedule row is."""
    content = str(row.get("content", ""))
    marker = MARKER.search(content)
    subject, *body = content.split("\n")
    related: list[dict[str, Any]] = row.get("related_object_data") or []
    return TrueTask(
        id=row["_id"],
        subject=subject,
        body="\n".join(line for line in body if not MARKER.search(line)),
        marker=marker.group() if marker else None,
        target=related[0]["id"] if related else None,
        owner=row["owner"][0] if row.get("owner") else None,
        due=_due(row.get("begin_time"), row.get("end_time")),
        done=row.get("schedule_status__c") == "done",
        by_us=by_us,
    )


def _due(begin: int | None, end: int | None) -> str | None:
    """The last day it covers; an end at midnight belongs to the day before."""
    if end is None:
        return None if begin is None else moment(begin).date().isoformat()
    last = end - 1 if begin is not None and begin < end else end
    return moment(last).date().isoformat()
