"""Pull: read every stream of every connection and land it, page by page.

A stream that fails leaves its cursor where it was and never stops the others; the verdict says what is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kamsync.engine import burial, drifting, keeping, lanes, link, proving, timekeeping
from kamsync.engine.connections import Connection, remember
from kamsync.engine.course import Concern, Course, StreamReport
from kamsync.engine.forecasting import Prospect
from kamsync.engine.reading import Cut, Described, Errand, Event, Fetched
from kamsync.engine.sparing import sparing
from kamsync.engine.streams import called_for, chosen, lost, no_such_stream
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Stream, Text
from kamsync.store import Writer, concerns, landing, runs, spending, sweeping
from kamsync.store.landing import Place

__all__ = ["PullReport", "StreamReport", "pull"]

Key = tuple[str, str]


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
    only: Sequence[Errand] | None = None,
    called: Mapping[str, Collection[str]] | None = None,
) -> PullReport:
    """One pull of these connections (of one stream, if named); `only` these errands, where a person asked for them.

    `called`: the CRMs called and named these objects; only what is new of them is read, and nothing is buried.
    Raises ConfigError when the name fits nothing.
    """
    began = workspace.clock.monotonic()
    if stream is not None and ready and not any(chosen(one, stream) for one in ready.values()):
        raise no_such_stream(ready, stream)
    with workspace.store.write() as tx:
        kind = "pull" if called is None else "hook"
        report = PullReport(runs.start(tx, kind, writer.epoch, workspace.clock.now()), troubles=troubles)
    courses: dict[Key, Course] = {}
    errands: list[Errand] = []
    for connection in ready.values():
        report.concerns += timekeeping.watch(workspace, connection)
        remember(workspace, connection)
        report.missing += [(connection.name, *gap) for gap in connection.missing]
        report.streams += lost(workspace, connection) if stream is None and called is None else []
        objects = None if called is None else called.get(connection.name, ())
        for one in chosen(connection, stream) if objects is None else called_for(connection, objects):
            course = _course(workspace, connection, one, accept_empty=accept_empty)
            course.asked = only is not None
            courses[connection.name, one.name] = course
            report.streams.append(course.report)
            errands += _due(workspace, course, full=full, sweep=sweep, soon=called is not None) if only is None else []
    errands += only or []
    errands.sort(key=lambda errand: errand.purpose == "backfill")  # what is new comes before what is read again
    _read_all(workspace, writer, courses, errands, report.run)
    for course in courses.values():
        _conclude(workspace, course, report, bury=called is None)
    report.linked = link.link(workspace, writer)
    report.seconds = workspace.clock.monotonic() - began
    with workspace.store.write() as tx:
        runs.finish(tx, report.run, workspace.clock.now(), report.verdict, _figures(report), _trouble(report))
    return report


def _course(workspace: Workspace, connection: Connection, stream: Stream, *, accept_empty: bool) -> Course:
    place = Place(connection.name, stream.name, stream.entity or "")
    told = StreamReport(connection.name, stream.name, stream.object)
    return Course(connection, stream, place, told, workspace.clock.now(), accepts_empty=accept_empty)


def _due(workspace: Workspace, course: Course, *, full: bool, sweep: bool, soon: bool) -> list[Errand]:
    """What is to be read of this stream; a whole list that begins anew has shown nothing yet."""
    place = course.place
    with workspace.store.write() as tx:
        row = landing.cursor(tx, place, "records")
        course.position, course.again = (row["position"], bool(row["completed"])) if row else (None, False)
        drifting.remembered(tx, course)
        due = lanes.due(tx, course.connection, course.stream, place, full=full, sweep=sweep, soon=soon)
        if due.begins:
            sweeping.forget(tx, place)
            landing.drop_cursors(tx, place, "sweep", parts_only=True)
        for lane in due.skipped:
            landing.put_cursor(tx, place, lane, position=course.connection.door.now())
        again = [] if full or soon else lanes.standing(tx, course.connection, course.stream, place)
    course.from_scratch = {one.lane for one in due.errands if one.window.lo is None and not one.cursor}
    return [*due.errands, *again]


def _read_all(
    workspace: Workspace, writer: Writer, courses: Mapping[Key, Course], errands: list[Errand], run: int
) -> None:
    """Everything that is due, then what that left to be asked."""
    workers = {course.connection.name: course.connection.door.concurrency for course in courses.values()}
    readers = workspace.readers(workspace.clock, workers)
    try:
        for event in readers.fetch(errands):
            _take(workspace, writer, courses[event.errand.connection, event.errand.stream.name], event, run)
            del event
        for event in readers.fetch(proving.errands(workspace, courses.values())):
            _take(workspace, writer, courses[event.errand.connection, event.errand.stream.name], event, run)
            del event
    finally:
        readers.close()


def _take(workspace: Workspace, writer: Writer, course: Course, event: Event, run: int) -> None:
    if isinstance(event, Fetched):
        keeping.page(workspace, writer, course, event, run)
        if event.found:
            proving.answers(workspace, course, event)
        told = {"connection": course.place.connection, "stream": course.place.stream}
        workspace.say("pull.page", **told, records=course.report.tally.records)
    elif isinstance(event, Cut):
        keeping.cut(workspace, writer, course, event)
    elif isinstance(event, Described):
        keeping.described(workspace, course, event)
    else:
        keeping.ended(workspace, writer, course, event)


def _conclude(workspace: Workspace, course: Course, report: PullReport, *, bury: bool) -> None:
    """The stream's last words, kept for every screen until they are over."""
    proving.settle(workspace, course)
    told, place = course.report, course.place
    told.requests, told.credits = course.connection.calls.of(place.stream)
    _remember_cost(workspace, course)
    if bury:
        burial.bury(workspace, place, report)
    with workspace.store.write() as tx:
        now = workspace.clock.now()
        concerns.put(tx, place.connection, place.stream, course.looked, [one.row() for one in told.concerns], now)
        rows = concerns.of(tx, place.connection, place.stream)
    told.concerns = [Concern(row["kind"], Text(row["zh"], row["en"]), row["next"]) for row in rows]


def _remember_cost(workspace: Workspace, course: Course) -> None:
    """What a whole read took that was begun and ended in this pull: the next is reckoned from it."""
    told = course.report
    calls, credits = course.connection.calls.of(told.stream, "backfill")
    row = {"connection": told.connection, "stream": told.stream, "records": told.tally.records, "calls": calls,
           "credits": credits, "seconds": course.seconds, "at": workspace.clock.now()}  # fmt: skip
    whole = [lane for lane in ("records", "sweep") if lane in course.from_scratch and lane in told.lanes]
    if whole and told.trouble is None:
        with workspace.store.write() as tx:
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
