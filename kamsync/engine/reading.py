"""Read errands in parallel and hand their pages over in order: threads fetch, one caller lands.

Each connection has as many readers as its tenant allows. Long windows are cut into parts, and what was cut is told
before any part's page comes, so that a killed pull knows every part. Writes nothing; no trouble is swallowed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from queue import Full, Queue
from typing import Literal

from kamsync.engine.counting import doing
from kamsync.engine.walking import Step, walk
from kamsync.plugin import (
    Clock,
    Describes,
    Field,
    KamsyncError,
    Page,
    ReadsSlices,
    Refused,
    Session,
    Stream,
    Truncated,
    Window,
    halve,
)

WAITING = 64  # events that may wait to be taken
ROWS = 4_000  # records that may be on their way at once, whatever pages they come in: asked for, waiting, being landed
SMALL, LARGE = 200, 2_000  # records that a page is expected to bring before the first has come; of a part, more
AHEAD = timedelta(hours=1)  # a window reaches this far beyond the server's now
LONG = timedelta(days=7)  # a window at least so long is worth the question whether it should be cut
SHORTEST = timedelta(seconds=2)  # a window that is too long for the CRM is not halved further

How = Literal["read", "gone", "ids", "get"]


@dataclass(frozen=True, slots=True)
class Errand:
    """One lane of one stream to be read: from where, up to when. `through`: how far an earlier run came.

    `lane` is "records", "gone", "lookback" or "sweep", with ":" and a number where it is a part of one. `notes`: what
    is listed is noted as seen. `fresh`: what comes is the truth, whatever its stamp. `parts`: it may be cut so often.
    """

    connection: str
    session: Session
    stream: Stream
    lane: str
    window: Window
    cursor: str | None = None
    through: datetime | None = None
    how: How = "read"
    ids: tuple[str, ...] = ()
    notes: bool = False
    fresh: bool = False
    parts: int = 1
    describe: bool = False
    purpose: str = "delta"

    @property
    def base(self) -> str:
        """The lane that this is, or is a part of."""
        return self.lane.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Described:
    """The stream's fields as they are today; None: this connection does not tell them."""

    errand: Errand
    fields: tuple[Field, ...] | None


@dataclass(frozen=True, slots=True)
class Cut:
    """An errand was cut into these; it is over when they all are."""

    errand: Errand
    parts: tuple[Errand, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page that came, and the window it belongs to. `found`, of an errand by ids: (id, state) of each."""

    errand: Errand
    window: Window
    page: Page
    odd: tuple[str, ...] = ()
    found: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """An errand is over; `trouble` says why when it was not read to the end."""

    errand: Errand
    trouble: KamsyncError | None = None
    crash: BaseException | None = None


Event = Described | Cut | Fetched | Ended


class Readers:
    """The threads of one pull: a pool for each connection, one queue to the one who lands."""

    def __init__(self, clock: Clock, workers: Mapping[str, int], rows: int = ROWS) -> None:
        self._clock = clock
        self._queue: Queue[Event] = Queue(maxsize=WAITING)
        self._held: list[Event] = []  # taken from the queue, and for the next group
        self._left = 0  # errands that have not ended
        self._stop = threading.Event()
        self._room = _Room(rows)
        self._pools = {
            name: ThreadPoolExecutor(max(1, many), thread_name_prefix=f"read-{name}") for name, many in workers.items()
        }

    def fetch(self, errands: Sequence[Errand]) -> Iterator[Iterator[Event]]:
        """Events of all errands as they come, each errand's own in order, in groups that may become true together: a
        page that brings something, if any comes first, and what waits beside it and brings nothing. Closing it early
        stops the readers."""
        self._left = len(errands)
        for errand in errands:
            self._start(errand)
        try:
            while self._left:
                yield self._group([self._held.pop() if self._held else self._queue.get()])
        finally:
            if self._left:
                self._stop.set()

    def _group(self, waiting: list[Event]) -> Iterator[Event]:
        """What waits, and what comes while it is taken; it keeps nobody waiting."""
        while waiting:
            event = waiting[0]
            rows, parts = _rows(event), event.parts if isinstance(event, Cut) else ()
            self._left += max(0, len(parts) - 1) - isinstance(event, Ended)
            del event
            yield waiting.pop()  # not named, so not held: a landed page leaves the memory before the next is waited for
            self._room.give(rows)
            for part in parts:  # only now: every part is known before the first is read
                self._start(part)
            if self._left:
                waiting += self._beside()

    def _beside(self) -> list[Event]:
        """What waits, too, and may go with the others; at most one."""
        if self._held or self._queue.empty():
            return []
        event = self._queue.get()
        if brings(event):
            self._held.append(event)
            return []
        return [event]

    def close(self) -> None:
        """Stop what still reads."""
        self._stop.set()
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        while not self._queue.empty():
            self._queue.get_nowait()

    def _tell(self, event: Event) -> None:
        """Hand an event over; when nobody takes it any more, let it go."""
        while not self._stop.is_set():
            try:
                self._queue.put(event, timeout=0.2)
            except Full:
                continue
            return

    def _start(self, errand: Errand) -> None:
        self._pools[errand.connection].submit(self._run, errand)

    def _run(self, errand: Errand) -> None:
        try:
            with doing(errand.stream.name, errand.purpose):
                ended = self._events(errand)
        except KamsyncError as trouble:
            ended = Ended(errand, trouble)
        except Exception as crash:  # noqa: BLE001  a connector's bug must reach the caller, not die with its thread
            ended = Ended(errand, crash=crash)
        if ended is not None:
            self._tell(ended)

    def _events(self, errand: Errand) -> Ended | None:
        """Read it, or have it cut; None when its parts are to be read instead."""
        if errand.describe:
            self._tell(Described(errand, _described(errand)))
        parts = _parts(errand)
        if len(parts) > 1 or parts[0].window != errand.window:
            self._tell(Cut(errand, parts))
            return None
        try:
            for fetched in self._within_room(errand):
                self._tell(fetched)
                del fetched  # it is with whoever lands it, and gone from here
                if self._stop.is_set():
                    return Ended(errand)
        except Truncated as wall:
            halves = _halves(errand, wall)
            if not halves:
                raise
            self._tell(Cut(errand, halves))
            return None
        return Ended(errand)

    def _within_room(self, errand: Errand) -> Iterator[Fetched]:
        """The errand's pages, each asked for only when there is room for as many records as the one before brought."""
        pages = _fetched(errand, self._clock, self._stop)
        expected = SMALL if errand.window.slice is None else LARGE
        while not self._stop.is_set():
            self._room.take(expected, self._stop)
            came = 0
            fetched: list[Fetched] = []  # a generator that waits holds what it has named; a list can be emptied
            try:
                fetched.extend(islice(pages, 1))
                came = sum(len(one.page.records) for one in fetched)
            finally:
                self._room.give(expected - came)
            if not fetched:
                return
            yield fetched.pop()
            expected = came


def _rows(event: Event) -> int:
    return len(event.page.records) if isinstance(event, Fetched) else 0


def brings(event: Event) -> bool:
    """Is it a page with something on it, or a place to go on from? Each such page lands in a unit of its own."""
    if not isinstance(event, Fetched):
        return False
    return bool(event.page.records or event.page.gone or event.found) or event.page.cursor is not None


class _Room:
    """So many records may be on their way; more wait to be asked for, but one page always may."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._changed = threading.Condition()

    def take(self, count: int, stop: threading.Event) -> None:
        with self._changed:
            while self._taken and self._taken + count > self._most and not stop.is_set():
                self._changed.wait(0.2)
            self._taken += count

    def give(self, count: int) -> None:
        """Give back what was taken for nothing; less than nothing where more came."""
        with self._changed:
            self._taken -= count
            self._changed.notify_all()


def _described(errand: Errand) -> tuple[Field, ...] | None:
    if not isinstance(errand.session, Describes):
        return None
    try:
        return tuple(errand.session.fields(errand.stream)) or None
    except Refused:
        return None  # some objects have no metadata, or not for us; the doctor says so


def _fetched(errand: Errand, clock: Clock, stop: threading.Event) -> Iterator[Fetched]:
    if errand.how == "get":
        yield from _gotten(errand)
        return
    for window, page, odd in walk(Step(errand, errand.window, errand.cursor, errand.through), clock, stop):
        fetched = [Fetched(errand, window, page, odd)]
        del page
        yield fetched.pop()


GET_BATCH = 50


def _gotten(errand: Errand) -> Iterator[Fetched]:
    """Each id by itself: what was found as pages, what was not as words.

    A cursor, where the errand has one, is a name for the list of ids and how many of them are done.
    """
    session = errand.session
    assert hasattr(session, "get")
    named, _, done = (errand.cursor or "").rpartition(" ")
    for start in range(int(done or 0), len(errand.ids), GET_BATCH):
        answers = session.get(errand.stream, errand.ids[start : start + GET_BATCH])
        records = tuple(one for answer in answers if answer.page for one in answer.page.records)
        gone = tuple(one for answer in answers if answer.page for one in answer.page.gone)
        found = tuple((answer.id, answer.state) for answer in answers)
        more = bool(named) and start + GET_BATCH < len(errand.ids)
        cursor = f"{named} {start + GET_BATCH}" if more else None
        yield Fetched(errand, errand.window, Page(records, gone, cursor), found=found)


# ---- parts


def _parts(errand: Errand) -> tuple[Errand, ...]:
    """The errand, or the parts that the connector cuts its window into."""
    session, window, want = errand.session, errand.window, most_parts(errand)
    if want < 2 or not isinstance(session, ReadsSlices):
        return (errand,)
    return numbered(errand, session.slices(errand.stream, window, want) or (window,))


def most_parts(errand: Errand) -> int:
    """How many parts its connector is asked to cut it into; 1: none."""
    window = errand.window
    is_long = window.lo is None or window.hi - window.lo > LONG
    untouched = errand.cursor is None and errand.through is None and window.slice is None
    may = errand.how == "read" and is_long and untouched and isinstance(errand.session, ReadsSlices)
    return max(1, errand.parts) if may else 1


def numbered(errand: Errand, windows: Sequence[Window]) -> tuple[Errand, ...]:
    """The errand's parts, each with a lane of its own."""
    deeper = "." if ":" in errand.lane else ":"
    return tuple(
        replace(errand, lane=f"{errand.lane}{deeper}{number}", window=window, cursor=None, through=None, parts=1,
                describe=False)
        for number, window in enumerate(windows, 1)
    )  # fmt: skip


OLDEST = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _halves(errand: Errand, wall: Truncated) -> tuple[Errand, ...]:
    """Two windows for one that holds more than the CRM will list; none when it cannot be cut any more."""
    window = errand.window
    if errand.how not in ("read", "gone") or window.slice is not None:
        return ()
    if window.lo is not None and window.hi - window.lo <= SHORTEST:
        return ()
    first, second = halve(replace(window, lo=window.lo or OLDEST))
    return numbered(errand, (replace(first, lo=window.lo), second))


# ---- windows


def window_from(
    position: datetime | None, server_now: datetime, stream: Stream, want: frozenset[str], overlap: timedelta
) -> Window:
    """The next window: from a little before where the last one ended to a little beyond the server's now.

    What was changed a moment ago is seen at once; `reached` makes sure that it is looked at again. A server whose
    clock was set back is asked from its own past on.
    """
    lo = min(position, server_now) - overlap if position is not None and stream.incremental else None
    return Window(lo, server_now + AHEAD, want)


def reached(window: Window, stream: Stream) -> datetime:
    """How far a window that was read to its end can be trusted: never past the server's time less its lag."""
    return window.hi - AHEAD - stream.lag
