"""Pull: read every stream of every connection and land it, page by page.

A stream that fails leaves its cursor where it was and never stops the others; the verdict says what is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection as Tx

from kamsync.engine import burial, drifting, keeping, lanes, link, proving, timekeeping
from kamsync.engine.connections import Connection, remember
from kamsync.engine.course import Concern, Course, StreamReport
from kamsync.engine.forecasting import Prospect
from kamsync.engine.reading import Errand, Event, Fetched
from kamsync.engine.sparing import sparing
from kamsync.engine.streams import called_for, chosen, lost, no_such_stream
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Stream, Text
from kamsync.store import Writer, concerns, cursors, described, landing, runs, spending, still_ours, sweeping
from kamsync.store.cursors import Cursors
from kamsync.store.landing import Place

__all__ = ["PullReport", "StreamReport", "pull"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a pull, beside what is due. `soon`: only what is new. `only`: just these errands. `routine`: the
    schedule's, that nobody waits for."""

    full: bool = False
    sweep: bool = False
    accept_empty: bool = False
    soon: bool = False
    routine: bool = False
    only: Sequence[Errand] | None = None


@dataclass(slots=True)
class PullReport:
    """A pull as people and programs see it."""

    run: int
    seconds: float = 0.0
    streams: list[StreamReport] = field(default_factory=list)
    troubles: dict[str, KamsyncError] = field(default_factory=dict)  # connections that could not be opened
    missing: list[tuple[str, str, str]] = field(default_factory=list)  # (connection, stream, object) not offered
    concerns: list[Concern] = field(default_factory=list)  # about connections
    linked: link.LinkReport = field(default_factory=lambda: link.LinkReport())
    prospect: Prospect | None = None  # what it was said to cost, where anybody asked

    @property
    def verdict(self) -> str:
        bad = [one for one in self.streams if one.trouble or one.held or one.concerns]
        if self.streams and not bad and not self.troubles and not self.concerns:
            return "ok"
        return "degraded" if any(not one.trouble for one in self.streams) else "failed"


@sparing()
def pull(
    workspace: Workspace,
    writer: Writer,
    ready: dict[str, Connection],
    troubles: dict[str, KamsyncError],
    *,
    stream: str | None = None,
    full: bool = False,
    sweep: bool = False,
    accept_empty: bool = False,
    routine: bool = False,
    only: Sequence[Errand] | None = None,
    called: Mapping[str, Collection[str]] | None = None,
) -> PullReport:
    """One pull of these connections (of one stream, if named); `only` these errands, where a person asked for them.

    `routine`: the schedule's own, that nobody waits for and after which nothing is judged: deletions have time.
    `called`: the CRMs called and named these objects; only what is new of them is read, and nothing is buried.
    Raises ConfigError when the name fits nothing.
    """
    began = workspace.clock.monotonic()
    if stream is not None and ready and not any(chosen(one, stream) for one in ready.values()):
        raise no_such_stream(ready, stream)
    with workspace.store.write() as tx:
        kind = "pull" if called is None else "hook"
        report = PullReport(runs.start(tx, kind, writer.epoch, workspace.clock.now()), troubles=troubles)
    wish = Wish(full, sweep, accept_empty, soon=called is not None, routine=routine, only=only)
    courses: list[Course] = []
    errands: list[Errand] = []
    for connection in ready.values():
        report.concerns += timekeeping.watch(workspace, connection)
        remember(workspace, connection)
        report.missing += [(connection.name, *gap) for gap in connection.missing]
        report.streams += lost(workspace, connection) if stream is None and called is None else []
        objects = None if called is None else called.get(connection.name, ())
        streams = chosen(connection, stream) if objects is None else called_for(connection, objects)
        begun, due = _begin(workspace, writer, connection, streams, wish)
        courses, errands = courses + begun, errands + due
    report.streams += [course.report for course in courses]
    errands.sort(key=lambda errand: errand.purpose == "backfill")  # what is new comes before what is read again
    _read_all(workspace, writer, courses, errands, report.run)
    _conclude(workspace, writer, courses, bury=called is None)
    report.linked = link.link(workspace, writer)
    report.seconds = workspace.clock.monotonic() - began
    with workspace.store.write() as tx:
        runs.finish(tx, report.run, workspace.clock.now(), report.verdict, _figures(report), _trouble(report))
    return report


def _begin(
    workspace: Workspace, writer: Writer, connection: Connection, streams: Sequence[Stream], wish: Wish
) -> tuple[list[Course], list[Errand]]:
    """The courses of a connection's streams, and what is to be read of them."""
    courses, errands = [], [one for one in wish.only or () if one.connection == connection.name]
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        kept, known = cursors.by_stream(tx, connection.name), described.known(tx, connection.name)
        for stream in streams:
            place = Place(connection.name, stream.name, stream.entity or "")
            told = StreamReport(connection.name, stream.name, stream.object)
            here = Cursors(place, kept.get(stream.name, ()))
            course = Course(connection, stream, place, told, here, workspace.clock.now())
            course.accepts_empty, course.asked = wish.accept_empty, wish.only is not None
            fields = known.get(stream.name, described.Known())
            drifting.remembered(course, fields.gone)
            errands += _due(tx, course, fields.looked_at, wish) if wish.only is None else []
            courses.append(course)
        cursors.write(tx, *(course.cursors for course in courses))
    return courses, errands


def _due(tx: Tx, course: Course, asked_at: datetime | None, wish: Wish) -> list[Errand]:
    """What is to be read of this stream; a whole list that begins anew has shown nothing yet."""
    connection, stream, kept = course.connection, course.stream, course.cursors
    row = kept.get("records")
    course.position, course.again = (row["position"], bool(row["completed"])) if row else (None, False)
    due = lanes.due(
        tx, connection, stream, kept, asked_at,
        full=wish.full, sweep=wish.sweep, soon=wish.soon, routine=wish.routine,
    )  # fmt: skip
    if due.begins:
        sweeping.forget(tx, course.place)
        kept.drop("sweep", parts_only=True)
    for lane in due.skipped:
        kept.put(lane, position=connection.door.now())
    again = [] if wish.full or wish.soon else lanes.standing(connection, stream, kept)
    course.from_scratch = {one.lane for one in due.errands if one.window.lo is None and not one.cursor}
    return [*due.errands, *again]


def _read_all(workspace: Workspace, writer: Writer, courses: Sequence[Course], errands: list[Errand], run: int) -> None:
    """Everything that is due, then what that left to be asked."""
    workers = {course.place.connection: course.connection.door.concurrency for course in courses}
    readers = workspace.readers(workspace.clock, workers)
    try:
        for group in readers.fetch(errands):
            _land(workspace, writer, courses, group, run)
        for group in readers.fetch(proving.errands(workspace, courses)):
            _land(workspace, writer, courses, group, run)
    finally:
        readers.close()


def _land(workspace: Workspace, writer: Writer, courses: Sequence[Course], group: Iterator[Event], run: int) -> None:
    """What came together becomes true together, and then ends the pull where it must."""
    by_key = {(one.place.connection, one.place.stream): one for one in courses}
    first = next(group)
    keeping.prepare(workspace, writer, by_key[first.errand.connection, first.errand.stream.name], first)
    end: BaseException | None = None
    landed: list[Course] = []
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        for event in chain([first], group):
            end, course = end or keeping.fatal(event), by_key[event.errand.connection, event.errand.stream.name]
            landed += [course] if isinstance(event, Fetched) else []
            if end is None:
                keeping.take(workspace, tx, course, event, run)
            del event
        cursors.write(tx, *(course.cursors for course in courses))
    for course in landed:
        workspace.say("pull.page", connection=course.place.connection, stream=course.place.stream,
                      records=course.report.tally.records)  # fmt: skip
    if end is not None:
        raise end


def _conclude(workspace: Workspace, writer: Writer, courses: Sequence[Course], *, bury: bool) -> None:
    """The streams' last words, kept for every screen until they are over."""
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        for course in courses:
            proving.settle(workspace, tx, course)
            _remember_cost(tx, course, now)
        if bury:
            burial.bury(workspace, tx, courses)
        for course in courses:
            place, found = course.place, [one.row() for one in course.report.concerns]
            if course.looked or found:
                concerns.put(tx, place.connection, place.stream, course.looked, found, now)
        kept = concerns.all(tx)
    for course in courses:
        here = (course.place.connection, course.place.stream)
        mine = [row for row in kept if (row["connection"], row["stream"]) == here]
        course.report.concerns = [Concern(row["kind"], Text(row["zh"], row["en"]), row["next"]) for row in mine]


def _remember_cost(tx: Tx, course: Course, now: datetime) -> None:
    """What it took; what a whole read took that was begun and ended in this pull is what the next is reckoned from."""
    told = course.report
    told.requests, told.credits = course.connection.calls.of(told.stream)
    calls, credits = course.connection.calls.of(told.stream, "backfill")
    row = {"connection": told.connection, "stream": told.stream, "records": told.tally.records, "calls": calls,
           "credits": credits, "seconds": course.seconds, "at": now}  # fmt: skip
    whole = [lane for lane in ("records", "sweep") if lane in course.from_scratch and lane in told.lanes]
    if whole and told.trouble is None:
        seen = landing.live_count(tx, course.place) if whole == ["sweep"] else told.tally.records
        spending.put_cost(tx, row | {"lane": whole[0], "records": seen})


def _figures(report: PullReport) -> list[dict[str, object]]:
    return [
        {
            "connection": one.connection,
            "stream": one.stream,
            "records": one.tally.records,
            "new": one.tally.new,
            "changed": one.tally.changed,
            "deleted": one.tally.deleted,
            "quarantined": one.tally.quarantined,
            "held": one.held,
        }
        for one in report.streams
    ]


def _trouble(report: PullReport) -> list[dict[str, str]]:
    told = [(f"{one.connection}/{one.stream}", one.trouble) for one in report.streams if one.trouble]
    told += list(report.troubles.items())
    return [{"where": where, "zh": trouble.text.zh, "en": trouble.text.en} for where, trouble in told if trouble]
