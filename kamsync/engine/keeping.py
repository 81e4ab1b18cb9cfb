"""Keep what came: a page with its cursor in one unit, and the end of a lane when all its parts are done.

The caller holds the write unit. Decides no reading order; what does not fit is told on the stream's report.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection as Tx

from kamsync.engine import carrying, drifting, merging, proving
from kamsync.engine.course import Course
from kamsync.engine.land import Known, Reading, named, work_out
from kamsync.engine.lanes import keeps
from kamsync.engine.mapping_rebuild import keep_up
from kamsync.engine.reading import AHEAD, Cut, Described, Ended, Errand, Event, Fetched, reached
from kamsync.engine.walking import StreamStuck
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.plugin import ConnectorError, Page, QuotaSpent, Record, Text
from kamsync.store import Writer, landing, sweeping
from kamsync.store import described as fields
from kamsync.store.tables import Row

MOST_LISTED = 5_000  # ids of a window that are remembered
STEPS: tuple[int, ...] = (
    60,
    120,
    240,
    480,
    960,
    1920,
    3840,
    7680,
    15360,
    30720,
    61440,
    122880,
)  # seconds late, as they are counted


class StreamSuddenlyEmpty(ConnectorError):
    """A stream that had records lists none: a lost right, or a broken list; nothing was taken out."""


def prepare(workspace: Workspace, writer: Writer, course: Course, event: Event) -> None:
    """Before the unit in which this lands: what it brings is read by the mapping that its stream stands by."""
    if isinstance(event, Fetched) and event.page.records:
        keep_up(workspace, writer, course.connection, course.place)


def take(workspace: Workspace, tx: Tx, course: Course, event: Event, run: int) -> None:
    """One thing that happened while reading."""
    if isinstance(event, Fetched):
        _page(workspace, tx, course, event, run)
    elif isinstance(event, Cut):
        _cut(workspace, course, event)
    elif isinstance(event, Described):
        _described(workspace, tx, course, event)
    else:
        _ended(workspace, tx, course, event)


def fatal(event: Event) -> BaseException | None:
    """What ends the whole pull: nothing may be judged on half of one."""
    if not isinstance(event, Ended):
        return None
    return event.crash or (event.trouble if isinstance(event.trouble, ENDS_ALL) else None)


def _described(workspace: Workspace, tx: Tx, course: Course, event: Described) -> None:
    """Compare the fields with those of before; what is lost keeps its last value."""
    if event.fields is not None:
        drifting.look(workspace, tx, course, event.fields)
    fields.looked(tx, course.place, course.connection.door.now())


def _cut(workspace: Workspace, course: Course, event: Cut) -> None:
    """Every part of a window is known before the first is read."""
    errand, place, cursors = event.errand, course.place, course.cursors
    if errand.lane == errand.base:
        cursors.drop(errand.base, parts_only=True)
        values = _window(errand) | {"cursor": None, "through_at": None, "through_id": None}
        cursors.put(errand.base, **values, **_begun(workspace, course, errand))
    else:
        cursors.drop(errand.lane)
    for part in event.parts:
        values = {"object": course.stream.object, "slice": part.window.slice}
        cursors.put(part.lane, lo=part.window.lo, hi=part.window.hi, **values)
    workspace.say(
        "pull.cut", connection=place.connection, stream=place.stream, lane=errand.base, parts=len(event.parts)
    )


def _window(errand: Errand) -> Row:
    return {"lo": errand.window.lo, "hi": errand.window.hi, "slice": errand.window.slice,
            "object": errand.stream.object}  # fmt: skip


def _begun(workspace: Workspace, course: Course, errand: Errand) -> Row:
    """When this whole list was begun; nothing for a window with a beginning."""
    row = course.cursors.get(errand.lane)
    if row is not None and row["hi"] == errand.window.hi:
        return {}
    return {"began_at": workspace.clock.now() if errand.window.lo is None else None}


# ---- a page


def _page(workspace: Workspace, tx: Tx, course: Course, fetched: Fetched, run: int) -> None:
    """Records, gone marks, notes of what was listed, cursor and dirty marks of one page."""
    errand, place, now = fetched.errand, course.place, workspace.clock.now()
    _odd(workspace, course, fetched)
    mapping, config = course.connection.mapping, workspace.config
    reading = Reading(place, mapping, config.timezone, config.base_currency, run, fresh=errand.fresh)
    came = carrying.carried(tx, course, named(fetched.page))
    known = landing.known(tx, place, [record.id for record in came.records])
    if errand.notes:
        sweeping.note(tx, place, came.records, _stale(came, known) if errand.how == "ids" else set())
    if errand.how != "ids":
        _learn(tx, course, errand, came, known)
        merging.reborn(workspace, tx, course, errand, came, known)
        for rows in work_out(reading, came, known, now, course.report.tally):
            landing.land(tx, place, rows)
    if errand.fresh:
        course.older += sum(_is_older(record, known) for record in came.records)
    landing.mark_gone(tx, place, came.gone, now)
    if errand.how != "get" or errand.lane == "backfill":
        _put_cursor(workspace, course, fetched)
    if errand.base in ("records", "lookback") and errand.window.lo is not None and len(course.listed) < MOST_LISTED:
        course.listed.update(record.id for record in came.records)
        course.listed.update(one.id for one in came.gone)
    if fetched.found:
        proving.answers(tx, course, fetched)


def _put_cursor(workspace: Workspace, course: Course, fetched: Fetched) -> None:
    errand = fetched.errand
    before = course.cursors.get(errand.lane)
    begun = _begun(workspace, course, errand) if errand.lane == errand.base else {}
    values = {"lo": fetched.window.lo, "hi": fetched.window.hi, "slice": fetched.window.slice}
    values |= {"cursor": fetched.page.cursor, "object": errand.stream.object}
    course.cursors.put(errand.lane, **values, **begun, **_through(before, fetched))


def _through(before: Row | None, fetched: Fetched) -> dict[str, Any]:
    """How far the window has come; what an earlier window reached, or a broken order, says nothing of this one."""
    through = fetched.page.through
    if through is not None:
        return {"through_at": through.modified, "through_id": through.id}
    same = before is not None and (before["lo"], before["hi"]) == (fetched.window.lo, fetched.window.hi)
    return {} if same and "order" not in fetched.odd else {"through_at": None, "through_id": None}


def _stale(came: Page, known: Known) -> set[str]:
    """Listed ids of which something else is stored, or nothing, or that we believe gone."""
    return {record.id for record in came.records if record.id and _differs(record, known)}


def _differs(record: Record, known: Known) -> bool:
    stored = known.get(record.id)
    if stored is None or stored[2] == "gone":
        return True
    return record.modified is not None and stored[1] is not None and record.modified != stored[1]


def _odd(workspace: Workspace, course: Course, fetched: Fetched) -> None:
    ahead = course.connection.door.now() + AHEAD
    told = {"connection": course.place.connection, "stream": course.place.stream}
    if "order" in fetched.odd:
        course.note(
            Text(
                "CRM 没有按约定的顺序返回;中断后会从窗口开头重读",
                "the CRM did not keep its order; a window that breaks off is read again from its beginning",
            )
        )
        workspace.say("pull.order", **told)
    future = [one for one in fetched.page.records if one.modified is not None and one.modified > ahead]
    if future or "future" in fetched.odd:
        course.note(
            Text(
                "有记录的修改时间在未来:已保存,读取位置不随之移动",
                "records are stamped in the future: kept, not followed",
            )
        )
        workspace.say("pull.future", records=len(future), **told)


# ---- how late changes come


def _learn(tx: Tx, course: Course, errand: Errand, came: Page, known: Known) -> None:
    """What should have been seen in an earlier window was late by so much; the rest came in time."""
    before, now = course.position, course.connection.door.now()
    if before is None or not course.again or not (errand.fresh or errand.window.lo is not None):
        return
    fresh = [one.modified for one in came.records if one.modified is not None and _is_new(one, known)]
    samples = [_step(now - stamp) if stamp < before else 0 for stamp in fresh]
    sweeping.late(tx, course.place, [sample for sample in samples if sample is not None])


def _is_new(record: Record, known: Known) -> bool:
    stored = known.get(record.id)
    return stored is None or (stored[1] is not None and record.modified is not None and record.modified > stored[1])


def _is_older(record: Record, known: Known) -> bool:
    stored = known[record.id][1] if record.id in known else None
    return bool(stored and record.modified and record.modified < stored)


def _step(late: timedelta) -> int | None:
    """Late by up to so many seconds; None for what is older than any lane but the sweep would look for."""
    return next((step for step in STEPS if late.total_seconds() <= step), None)


# ---- the end of a lane


def _ended(workspace: Workspace, tx: Tx, course: Course, event: Ended) -> None:
    """A part or a whole lane is over; a lane ends with the last of its parts."""
    errand, place, cursors = event.errand, course.place, course.cursors
    if isinstance(event.trouble, QuotaSpent) and errand.base == "backfill" and not course.asked:
        course.note(event.trouble.text)  # what is new has been read; reading again only waits
        return
    if event.trouble is not None:
        failed(workspace, course, event.trouble)
        if isinstance(event.trouble, StreamStuck) and errand.how != "get":
            cursors.put(errand.lane, cursor=None)  # where it stuck is no place to go on from
        return
    if errand.fresh:
        cursors.drop(errand.base)
        return
    if errand.lane != errand.base:
        cursors.put(errand.lane, completed=1)
        if any(not part["completed"] for part in cursors.parts(errand.base)):
            return
    empty = errand.notes and not course.accepts_empty and _is_suddenly_empty(tx, course)
    _finish(tx, course, errand, empty=empty)
    if empty:
        failed(workspace, course, _empty(course))
        return
    course.report.lanes.append(errand.base)
    course.seconds = max(course.seconds, (workspace.clock.now() - course.began).total_seconds())
    workspace.say(
        "pull.done", connection=place.connection, stream=place.stream, lane=errand.base,
        records=course.report.tally.records,
    )  # fmt: skip


def failed(workspace: Workspace, course: Course, trouble: Any) -> None:
    course.report.trouble = trouble
    workspace.say("pull.failed", connection=course.place.connection, stream=course.place.stream, why=trouble.text)


def _is_suddenly_empty(tx: Tx, course: Course) -> bool:
    return sweeping.count(tx, course.place) == 0 and landing.live_count(tx, course.place) > 0


def _empty(course: Course) -> StreamSuddenlyEmpty:
    command = f"{course.again_command} --full --accept-empty"
    return StreamSuddenlyEmpty(
        Text(
            f"{course.where} 此前有记录,现在一条也列不出;没有删除任何内容。确认确实清空了:{command}",
            f"{course.where} had records and now lists none; nothing was taken out. If it really is empty: {command}",
        ),
        next="kamsync doctor",
    )


def _finish(tx: Tx, course: Course, errand: Errand, *, empty: bool) -> None:
    """Close the lane's window; where a list came suddenly empty, as if it had not been read."""
    place, lane, window, cursors = course.place, errand.base, errand.window, course.cursors
    row = cursors.get(lane) or {"completed": 0, "cursor": None, "began_at": None}
    pieces = cursors.parts(lane)
    cursors.drop(lane, parts_only=True)
    closed = {"lo": None, "hi": None, "slice": None, "began_at": None, "through_at": None, "through_id": None}
    if empty:
        cursors.put(lane, **closed, cursor=None)
        sweeping.forget(tx, place)
        return
    now = course.connection.door.now()
    position = reached(replace(window, hi=row["hi"] if pieces else window.hi), errand.stream)
    if lane == "backfill":
        cursors.drop(lane)
        return
    cursors.put(
        lane,
        **closed,
        position=now if lane in ("lookback", "sweep") else position,
        cursor=row["cursor"] if keeps(errand.stream, lane) else None,
        completed=row["completed"] + 1,
        object=errand.stream.object,
    )
    if lane == "records":
        cursors.begin({"gone": position, "lookback": now, "sweep": now})
    begun = row["lo"] if pieces else window.lo  # of the whole window: a part of a first load has a beginning, too
    if begun is not None and lane in ("records", "lookback"):
        course.windows[lane] = (begun, min(window.hi - AHEAD, now) if lane == "records" else window.hi)
    if errand.notes:
        course.stale = sweeping.stale(tx, place)
        course.missing = sweeping.settle(tx, place, row["began_at"] or course.began, course.began)
        course.suspects = sweeping.missed(tx, place, 2)
        if lane == "records":
            cursors.put("sweep", position=now)
