"""Choose how a module is read: by query, by bulk file where that is cheaper, by list where Zoho allows nothing else.

Holds no call of its own. Whichever way fails half way, the next goes on from what was reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from kamsync.plugin import Page, Position, Stream, Window, stamp
from kamsync_zoho.jobs import Jobs, NoBulk
from kamsync_zoho.metadata import USERS
from kamsync_zoho.queries import FULL, NoQuery, Queries
from kamsync_zoho.read import Lists
from kamsync_zoho.stand import BULK, QUERY, JobPlace, QueryPlace, job_place, query_place, way

PART = 20_000  # rows of a slice: ten full queries, beside which the question where to cut costs little
_WHOLE = "whole"  # a slice that is read by bulk file
_Step = tuple[Page, QueryPlace | None]  # a page and the place behind it


class Ways:
    """All that reads records of one organisation. `bulk_above`: rows from which a bulk file pays (0: never)."""

    def __init__(self, lists: Lists, queries: Queries, jobs: Jobs, bulk_above: int) -> None:
        self._lists = lists
        self._queries = queries
        self._jobs = jobs
        self._bulk_above = bulk_above
        self._kept: dict[tuple[str, Window], _Step] = {}  # first pages that came when it was asked where to cut

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        """The window's records, oldest change first where the way knows an order."""
        module, told = stream.object, way(cursor) if cursor else None
        if cursor and told == QUERY:
            yield from self._by_query(stream, window, query_place(cursor))
        elif cursor and told == BULK:
            yield from self._by_job(stream, window, job_place(cursor))
        elif cursor or module == USERS.object or not self._queries.offers(module):
            yield from self._lists.read(stream, window, cursor)
        elif window.slice == _WHOLE and self._jobs.offers(module):
            yield from self._by_job(stream, window, self._job(module, window, window.lo))
        else:
            yield from self._by_query(stream, window, self._queries.begin(module, window))

    def ids(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Every id there is, in the order of ids."""
        module, told = stream.object, way(cursor) if cursor else None
        if told == QUERY or (cursor is None and module != USERS.object and self._queries.offers(module)):
            place = query_place(cursor) if cursor else QueryPlace("Modified_Time,Created_Time", FULL)
            try:
                yield from self._queries.ids(module, place)
            except NoQuery:
                cursor = None
            else:
                return
        yield from self._lists.ids(stream, cursor)

    # ---- by query

    def _by_query(self, stream: Stream, window: Window, place: QueryPlace) -> Iterator[Page]:
        """As far as queries go: to the end, to where a bulk file is cheaper, or to where Zoho will not."""
        begun = self._kept.pop((stream.object, window), None)
        if begun is not None:
            yield begun[0]
            if begun[1] is None:
                return
            place = begun[1]
        try:
            for page, then in self._queries.pages(stream.object, window, place):
                if then is not None and self._is_long(stream.object, window, place, then):
                    job = self._job(stream.object, window, stamp(then.time))
                    yield replace(page, cursor=job.write())
                    yield from self._by_job(stream, window, job)
                    return
                kept = [page]
                del page
                yield kept.pop()
        except NoQuery as no:
            lo = no.reached.modified if no.reached else window.lo
            yield from self._lists.read(stream, replace(window, lo=lo), None)

    def _is_long(self, module: str, window: Window, begun: QueryPlace, then: QueryPlace) -> bool:
        """Asked once a walk, after so many rows that the question costs next to nothing: do many more follow?"""
        if not self._bulk_above or not self._jobs.offers(module) or begun.rows >= PART:
            return False
        if not then.rows >= PART > then.rows - FULL:
            return False
        return self._queries.stamp_at(module, window, then.position, self._bulk_above) is not None

    # ---- by bulk file

    def _job(self, module: str, window: Window, lo: datetime | None) -> JobPlace:
        return JobPlace(self._queries.begin(module, window).fields, lo.isoformat() if lo else None)

    def _by_job(self, stream: Stream, window: Window, place: JobPlace) -> Iterator[Page]:
        try:
            yield from self._jobs.pages(stream.object, window, place)
        except NoBulk:
            rest = replace(window, lo=place.lo or window.lo)
            yield from self._by_query(stream, rest, self._queries.begin(stream.object, rest))

    # ---- slices

    def slices(self, stream: Stream, window: Window, want: int) -> Sequence[Window]:
        """Parts of about `PART` rows, cut between seconds; one part where the window is short, or best read whole.

        The first page is read beforehand and kept for its reader: where it is all there is, nothing more is asked.
        """
        module = stream.object
        if want < 2 or module == USERS.object or not self._queries.offers(module):
            return (window,)
        begun = self._begun(module, window)
        if begun is None:
            return (window,)
        page, then = begun
        cuts = self._cuts(module, window, page.through, want) if then is not None and page.through else []
        if cuts is None:
            return (replace(window, slice=_WHOLE),)
        edges = [window.lo, *cuts, window.hi]
        parts = [
            replace(window, lo=lo, hi=hi, slice=f"{number}/{len(cuts) + 1}")
            for number, (lo, hi) in enumerate(pairwise(edges), 1)
            if hi is not None
        ]
        first = parts[0] if cuts else window
        self._kept[module, first] = begun
        return tuple(parts) if cuts else (window,)

    def _begun(self, module: str, window: Window) -> _Step | None:
        """The window's first page; None where queries will not do."""
        try:
            return next(self._queries.pages(module, window, self._queries.begin(module, window)))
        except NoQuery:
            return None

    def _cuts(self, module: str, window: Window, reached: Position, want: int) -> list[datetime] | None:
        """Where to cut, so that each part holds about `PART` rows; None: so long that a bulk file is cheaper."""
        cuts: list[datetime] = []
        for number in range(1, want):
            if self._bulk_above and (number - 1) * PART >= self._bulk_above and self._jobs.offers(module):
                return None
            found = self._queries.stamp_at(module, window, None, number * PART)
            if found is None or found.modified is None:
                break
            if found.modified > (cuts[-1] if cuts else reached.modified):
                cuts.append(found.modified)
        return cuts
