"""Reminders as schedules (日程): made once, known again by the marker on their last line.

The CRM enforces no key, so a schedule whose answer was lost is looked for, never made again blindly. Tasks and
messages, the other ways a reminder can take, are in `channels`; what is changed in one that is there, in `changes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from kamsync.plugin import ConnectorError, Found, Intent, Outcome, Probe, Target, Task
from kamsync_fxiaoke.api import INVALID, Api, changed, where
from kamsync_fxiaoke.codes import ZONE
from kamsync_fxiaoke.marker import START, marker_in, signed
from kamsync_fxiaoke.objects import SCHEDULE, stream_name
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.rows import Row, id_of, millis

BEGIN = time(9, 0)
LENGTH = timedelta(hours=1)
BEFORE = timedelta(hours=1)  # the sender's clock may run ahead of the CRM's
AROUND = ("_id", "content", "create_time", "life_status")


def create(api: Api, options: FxiaokeOptions, intent: Intent, task: Task) -> Outcome:
    """Make the schedule. Raises what the door raises."""
    said = api.create(SCHEDULE, values(task, task.owner or options.acting_user))
    id = _made(said) or _look(api, task.marker)
    return Outcome(intent.id, "applied", id)


def values(task: Task, owner: str) -> dict[str, Any]:
    """A schedule from nine to ten on the day the task is due, where its owner works."""
    begin = datetime.combine(task.due, BEGIN, ZONE)
    target = {"id": task.target.remote_id, "name": task.target_name, "describe_api_name": task.target.object}
    return {
        "content": signed(task.subject, task.body, task.marker),
        "begin_time": millis(begin),
        "end_time": millis(begin + LENGTH),
        "owner": [owner],
        "participants": [owner],
        "related_object_data": [target],
    }


def _made(said: Mapping[str, Any]) -> str | None:
    """The new id, wherever this gateway puts it."""
    data = said.get("data")
    inside = data if isinstance(data, Mapping) else {}
    found = said.get("dataId") or inside.get("dataId") or inside.get("_id")
    return str(found) if found else None


def _look(api: Api, marker: str) -> str | None:
    """The id of a schedule that was surely made but whose id was not told."""
    try:
        return next((id_of(row) for row in _by_marker(api, [marker]) if marker_in(row.get("content")) == marker), None)
    except ConnectorError:
        return None  # it is made all the same; the next reconcile learns its id


def find(api: Api, probes: Sequence[Probe]) -> list[Found]:
    """Look for each marker by text, then among all that was made since: either list may lag, so no is never sure."""
    wanted = {probe.marker for probe in probes}
    seen = by_markers(api, sorted(wanted))
    if wanted - seen.keys():
        since = min(probe.sent_at for probe in probes if probe.marker not in seen) - BEFORE
        seen |= _ids(_since(api, since), wanted)
    return [
        Found(probe.marker, "found", seen[probe.marker])
        if probe.marker in seen
        else Found(probe.marker, "absent", strong=False)
        for probe in probes
    ]


def by_markers(api: Api, markers: Sequence[str]) -> dict[str, str]:
    """The ids of the schedules that carry these markers, as far as lists show them."""
    return _ids(_by_marker(api, markers), set(markers))


def _by_marker(api: Api, markers: Iterable[str]) -> Iterator[Row]:
    """Schedules that quote a marker, those in the bin too: one that a person threw away was made."""
    for marker in markers:
        text = [where("content", "LIKE", marker)]
        yield from api.all(SCHEDULE, text, fields=AROUND)
        yield from api.all(SCHEDULE, [*text, where("life_status", "EQ", INVALID)], fields=AROUND)


def _since(api: Api, since: datetime) -> Iterator[Row]:
    return api.all(SCHEDULE, changed(since, None, "create_time"), fields=AROUND)


def _ids(rows: Iterable[Row], wanted: set[str]) -> dict[str, str]:
    """The oldest schedule of each wanted marker; a copy that a person made comes later."""
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        marker, age = marker_in(row.get("content")), (str(row.get("create_time") or ""), id_of(row))
        if marker in wanted and id_of(row) and (marker not in found or age < found[marker]):
            found[marker] = age
    return {marker: id for marker, (_, id) in found.items()}


def marked(api: Api, since: datetime | None) -> Iterator[tuple[Row, str, Target | None]]:
    """Every live schedule that carries a marker of kamsync's, with the marker and where it hangs."""
    for row in api.all(SCHEDULE, [where("content", "LIKE", START), *changed(since, None)]):
        marker = marker_in(row.get("content"))
        if marker is not None and row.get("life_status") != INVALID and id_of(row):
            yield row, marker, _hangs_on(row)


def _hangs_on(row: Row) -> Target | None:
    related = row.get("related_object_data")
    for each in related if isinstance(related, list) else ():
        if isinstance(each, Mapping) and each.get("id") and each.get("describe_api_name"):
            object = str(each["describe_api_name"])
            return Target(stream_name(object), object, str(each["id"]))
    return None
