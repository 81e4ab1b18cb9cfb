"""What reading a window would take, told before it is read: Zoho counts, and the way that will be chosen has a price.

Follows the same rules as the ways do (`ways`, `queries`, `jobs`) and reads no record. How often a bulk job has to be
asked whether it is done nobody knows beforehand: two times a part is what most take.
"""

from __future__ import annotations

from dataclasses import dataclass

from kamsync.plugin import Forecast, Http, Refused, Request, Stream, Window
from kamsync_zoho import columns
from kamsync_zoho.jobs import Jobs
from kamsync_zoho.metadata import USERS, Metadata
from kamsync_zoho.place import PER_PAGE
from kamsync_zoho.queries import FULL, GROWING, QUIET, Queries
from kamsync_zoho.read import IDS_A_CALL
from kamsync_zoho.shapes import body, section, whole
from kamsync_zoho.ways import PART
from kamsync_zoho.wire import API, JOB_CREDITS, rows_price

JOB_ROWS = 200_000  # of one bulk job
POLLS = 2


@dataclass(frozen=True, slots=True)
class Bill:
    """Calls and what they cost."""

    calls: int = 0
    credits: int = 0

    def __add__(self, other: Bill) -> Bill:
        return Bill(self.calls + other.calls, self.credits + other.credits)


ONE = Bill(1, 1)


class Forecaster:
    """Reckons what reading one organisation's modules takes."""

    def __init__(self, http: Http, metadata: Metadata, queries: Queries, jobs: Jobs, bulk_above: int) -> None:
        self._http = http
        self._metadata = metadata
        self._queries = queries
        self._jobs = jobs
        self._bulk_above = bulk_above

    def forecast(self, stream: Stream, window: Window, parts: int) -> Forecast | None:
        """None where Zoho does not count: a window of a module that cannot be queried."""
        module = stream.object
        if module == USERS.object:
            return self._users()
        rows = self._count(module, window)
        if rows is None:
            return None
        answers = self._queries.answers_a_page(module, window) if self._queries.offers(module) else 0
        bulk = self._bulk_above if self._jobs.offers(module) else 0
        bill = (
            by_query(rows, answers, bulk, parts, first=window.lo is None)
            if answers
            else self._by_list(stream, window, rows)
        )
        return Forecast(bill.calls, bill.credits, rows)

    def _count(self, module: str, window: Window) -> int | None:
        """By query, which counts just what will be read; else all there is, which fits a window without beginning."""
        rows = self._queries.count(module, window) if self._queries.offers(module) else None
        if rows is not None or window.lo is not None:
            return rows
        try:
            return whole(body(self._http.call(Request("GET", f"{API}/{module}/actions/count"))).get("count"))
        except Refused:
            return None

    def _by_list(self, stream: Stream, window: Window, rows: int) -> Bill:
        """Pages of a list, and for each the further fields of its records."""
        fields = self._metadata.fields_if_told(stream.object)
        first = columns.main(stream.object, fields, window.want)
        further = len(columns.others(fields, window.want, first))
        calls = max(1, _over(rows, PER_PAGE)) + further * _over(rows, IDS_A_CALL)
        return Bill(calls, calls)

    def _users(self) -> Forecast:
        """As many as the licence has; who left comes too, but rarely fills a page."""
        licence = section(self._metadata.organisation(), "license_details")
        calls = max(1, _over(whole(licence.get("users_license_purchased")) or 0, PER_PAGE))
        return Forecast(calls, calls)


def by_query(rows: int, answers: int, bulk_above: int, parts: int, *, first: bool) -> Bill:
    """Cut, walked and, where that is cheaper, handed on to a bulk file. `answers`: queries a page; `first`: a window
    without beginning."""
    limits = [QUIET, FULL] if first else [QUIET, GROWING, FULL]
    cuts, bill = 0, Bill()
    for number in range(1, parts if rows > QUIET else 1):
        if bulk_above and (number - 1) * PART >= bulk_above:
            return bill + Bill(answers, answers) + by_job(rows)
        bill += ONE
        if rows <= number * PART:
            break
        cuts = number
    if not cuts:
        return bill + _walk(rows, answers, bulk_above, limits)
    for number in range(cuts + 1):
        part = PART if number < cuts else rows - cuts * PART
        bill += _walk(part, answers, bulk_above, limits if number == 0 else [FULL])
    return bill


def _walk(rows: int, answers: int, bulk_above: int, limits: list[int]) -> Bill:
    """The pages of one walk, ever larger; after `PART` rows it asks once whether a bulk file would be cheaper."""
    bill, read = Bill(), 0
    while True:
        limit, limits = limits[0], limits[1:] or limits
        bill += Bill(answers, answers * rows_price(limit))
        before, read = read, read + limit
        if read >= rows:
            return bill
        if bulk_above and before < PART <= read:
            bill += ONE
            if rows - read > bulk_above:
                return bill + by_job(rows - read)


def by_job(rows: int) -> Bill:
    """Made, asked after, downloaded; anew for each part of a very long export."""
    jobs = max(1, _over(rows, JOB_ROWS))
    return Bill(jobs * (2 + POLLS), jobs * (JOB_CREDITS + 1 + POLLS))


def _over(rows: int, size: int) -> int:
    return -(-rows // size)
