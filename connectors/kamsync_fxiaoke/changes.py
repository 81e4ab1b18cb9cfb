"""Change schedules (日程) of ours that are there: close, open again, move the day, give to somebody else, delete.

Each is read fresh just before; one that does not carry our marker is never touched. The CRM has no conditional update:
what happens between our look and our write, some tenths of a second, nobody can tell. Deleting is 作废, into the bin,
from where people can take it back; nothing is ever deleted for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from kamsync.plugin import (
    Change,
    Clock,
    Field,
    Intent,
    KamsyncError,
    LiveTask,
    Outcome,
    Refused,
    TaskChange,
    TaskRef,
)
from kamsync_fxiaoke import fields
from kamsync_fxiaoke.api import Api
from kamsync_fxiaoke.codes import OUR_TROUBLE, RIGHTS, ZONE, cause_of, is_absent
from kamsync_fxiaoke.marker import marker_in
from kamsync_fxiaoke.objects import SCHEDULE
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.rows import Row, gone, id_of, millis, moment
from kamsync_fxiaoke.tasks import BEGIN, LENGTH, by_markers

FRESH = 600.0  # seconds a description is believed
BRIEF = timedelta(milliseconds=1)


class Changes:
    """The schedules of one tenant, as things that may be changed."""

    def __init__(self, api: Api, options: FxiaokeOptions, clock: Clock) -> None:
        self._api = api
        self._options = options
        self._clock = clock
        self._known: tuple[float, Field | None] | None = None

    # ---- what can be changed here

    def able(self) -> frozenset[Change]:
        """Closing and opening again need a field that tells the two apart, which not every tenant has."""
        field = self._field()
        can: set[Change] = {"due", "owner", "delete"}
        if field is not None and field.writable and self._value(field, done=True) is not None:
            can.add("close")
        if field is not None and field.writable and self._value(field, done=False) is not None:
            can.add("reopen")
        return frozenset(can)

    def _field(self) -> Field | None:
        """The field that says whether a schedule is done, as described today."""
        now = self._clock.monotonic()
        if self._known is None or now - self._known[0] > FRESH:
            self._known = (now, self._ask())
        return self._known[1]

    def _ask(self) -> Field | None:
        try:
            described = fields.of(self._api.describe(SCHEDULE))
        except Refused:
            return None
        return next((each for each in described if each.name == self._options.task_done_field), None)

    def _value(self, field: Field, *, done: bool) -> str | None:
        """The first option that says done, or the first that does not."""
        values = [choice.value for choice in field.choices]
        return next((value for value in values if (value in self._options.task_done_values) == done), None)

    # ---- looking

    def tasks(self, refs: Sequence[TaskRef]) -> list[LiveTask]:
        """One answer a ref: each row by itself, past the index that lists come from."""
        known = by_markers(self._api, [ref.marker for ref in refs if ref.remote_id is None])
        return [self.look(ref, ref.remote_id or known.get(ref.marker))[0] for ref in refs]

    def look(self, ref: TaskRef, id: str | None) -> tuple[LiveTask, Row]:
        """What a schedule is now, with its row."""
        if id is None:
            return LiveTask(ref, "gone"), {}
        try:
            row = self._api.get(SCHEDULE, id)
        except Refused as no:
            if no.code in OUR_TROUBLE - RIGHTS:
                raise
            return LiveTask(ref, "gone" if is_absent(no) else "hidden"), {}
        if row is None or gone(row):
            return LiveTask(ref, "hidden" if row is None else "gone"), {}
        ours = marker_in(row.get("content")) == ref.marker
        locked = str(row.get("lock_status")) == "1"
        told = facts(row, self._options)
        return LiveTask(ref, "found" if ours else "foreign", id_of(row), locked=locked, **told), row

    # ---- changing

    def send(self, intent: Intent, change: TaskChange, row: Row) -> Outcome:
        """Make the change. Raises what the door raises, as long as nothing was changed yet."""
        if change.delete:
            self._api.invalidate(SCHEDULE, change.remote_id)
            return Outcome(intent.id, "applied", change.remote_id)
        moves = change.owner is not None and [change.owner] != row.get("owner")
        if moves:
            self._api.change_owner(SCHEDULE, change.remote_id, str(change.owner))
        values = self._values(change, row)
        if values:
            try:
                self._api.update(SCHEDULE, change.remote_id, values)
            except KamsyncError as error:
                if not moves:
                    raise
                return _half(intent, error)
        return Outcome(intent.id, "applied", change.remote_id)

    def _values(self, change: TaskChange, row: Row) -> dict[str, Any]:
        """The fields that go into an update; the owner is none of them, but takes the old one's place among those
        in whose calendar it stands."""
        values: dict[str, Any] = {}
        field = self._field() if change.close is not None else None
        if field is not None:
            values[field.name] = self._value(field, done=change.close is True)
        if change.due is not None:
            begin, end = moved(row, change.due)
            values |= {"begin_time": millis(begin), "end_time": millis(end)}
        if change.owner is not None:
            held = row.get("participants")
            before = [str(each) for each in held] if isinstance(held, list) else []
            after = list(dict.fromkeys(change.owner if each == owner_of(row) else each for each in before))
            if change.owner not in after:
                after.append(change.owner)
            values |= {"participants": after} if after != before else {}
        return values


def _half(intent: Intent, error: KamsyncError) -> Outcome:
    """Its owner is another by now; whether the rest followed, a look will tell."""
    code = getattr(error, "code", "") or "half"
    words = f"负责人已改,其余未必:{error.text.zh} / the owner was changed, the rest perhaps not: {error.text.en}"
    return Outcome(intent.id, "unknown", code=code, message=words, cause=cause_of(error))


# ---- what a row tells


def facts(row: Row, options: FxiaokeOptions) -> dict[str, Any]:
    """What a schedule is now, in the contract's words."""
    return {
        "done": str(row.get(options.task_done_field)) in options.task_done_values,
        "owner": owner_of(row),
        "due": due_of(row),
        "subject": str(row.get("content") or "").split("\n", 1)[0],
        "modified": moment(row.get("last_modified_time")),
    }


def owner_of(row: Row) -> str | None:
    return _first(row.get("owner"))


def creator_of(row: Row) -> str | None:
    return _first(row.get("created_by"))


def _first(people: Any) -> str | None:
    return str(people[0]) if isinstance(people, list) and people else None


def due_of(row: Row) -> date | None:
    """The last day it covers in China; an end at midnight belongs to the day before."""
    begin, end = moment(row.get("begin_time")), moment(row.get("end_time"))
    if end is None:
        return begin.astimezone(ZONE).date() if begin else None
    last = end - BRIEF if begin is not None and begin < end else end
    return last.astimezone(ZONE).date()


def moved(row: Row, due: date) -> tuple[datetime, datetime]:
    """When it begins and ends once it is due on another day: the hour and the length that people gave it stay."""
    begin, end, was = moment(row.get("begin_time")), moment(row.get("end_time")), due_of(row)
    if begin is None or end is None or was is None:
        fresh = datetime.combine(due, BEGIN, ZONE)
        return fresh, fresh + LENGTH
    span = due - was
    return begin.astimezone(ZONE) + span, end.astimezone(ZONE) + span
