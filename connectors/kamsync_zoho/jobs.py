"""Read records by bulk job: made once, waited for, its zip read line by line.

The job's id travels in the cursor, so that a restart goes on waiting and does not pay for another job. It never sleeps:
a page says how long to wait. Where Zoho will not, or the job fails, it says `NoBulk`; the caller has queries.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from kamsync.plugin import (
    CursorLost,
    Field,
    Http,
    NotSent,
    Page,
    Record,
    Refused,
    Request,
    Text,
    Throttled,
    Unavailable,
    Window,
    stamp,
)
from kamsync_zoho.canon import Cells
from kamsync_zoho.coql import MOST_ROWS
from kamsync_zoho.metadata import Metadata
from kamsync_zoho.shapes import Row, record, rows, section, text_id, truth, whole
from kamsync_zoho.stand import JobPlace
from kamsync_zoho.wire import BULK

FIRST_WAIT, LONGEST_WAIT, GROWTH = 1.0, 60.0, 1.6
MOST_WAIT = 2 * 3600.0  # a job that takes longer is given up
_PENDING = frozenset({"ADDED", "QUEUED", "IN PROGRESS", "IN_PROGRESS", "INPROGRESS", "SCHEDULED"})
_DONE = frozenset({"COMPLETED"})

csv.field_size_limit(16 * 1024 * 1024)  # a note may be long


class NoBulk(Exception):
    """Not by bulk file: refused, failed, or given up."""


@dataclass(frozen=True, slots=True)
class _Result:
    """What a completed job offers."""

    path: str
    count: int | None
    more: bool
    token: str | None


class Jobs:
    """The bulk exports of one organisation."""

    def __init__(self, http: Http, metadata: Metadata) -> None:
        self._http = http
        self._metadata = metadata
        self._refused: set[str] = set()

    def offers(self, module: str) -> bool:
        """Worth trying."""
        return module not in self._refused

    def pages(self, module: str, window: Window, place: JobPlace) -> Iterator[Page]:
        """The rows of the job's window, in no order, part after part; pages without rows only wait."""
        here: JobPlace | None = place
        while here is not None:
            if here.job is None:
                here = self._made(module, window, here)
                yield Page(cursor=here.write(), wait=FIRST_WAIT)
                continue
            result = self._polled(module, here)
            if result is None:
                here = replace(here, polls=here.polls + 1)
                yield Page(cursor=here.write(), wait=_pause(here.polls))
                continue
            then = here.next_part(result.token) if result.more else None
            yield from self._read(module, window, here, result, then)
            here = then

    # ---- the job

    def _made(self, module: str, window: Window, place: JobPlace) -> JobPlace:
        request = Request("POST", f"{BULK}/read", json=_query(module, window, place), write=True)
        try:
            said = rows(self._http.call(request))
        except (Refused, NotSent, Unavailable, Throttled) as no:
            if isinstance(no, Refused):
                self._refused.add(module)
            raise NoBulk from no
        id = text_id(section(said[0], "details").get("id")) if said else ""
        if not id:
            self._refused.add(module)
            raise NoBulk
        return replace(place, job=id, made=self._http.now().isoformat(), polls=0, rows=0)

    def _polled(self, module: str, place: JobPlace) -> _Result | None:
        """What the job brought; None while it is under way."""
        try:
            found = rows(self._http.call(Request("GET", f"{BULK}/read/{place.job}")))
        except Refused as no:
            raise CursorLost(no.text, next=no.next) from no  # results are kept for about a day
        told: Row = found[0] if found else {}
        state = str(told.get("state") or "").strip().upper()
        if state in _DONE:
            return _result(section(told, "result"), f"{BULK}/read/{place.job}/result")
        made = stamp(place.made)
        waited = (self._http.now() - made).total_seconds() if made else MOST_WAIT
        if state not in _PENDING or waited >= MOST_WAIT:
            self._refused.add(module)
            raise NoBulk
        return None

    # ---- its file

    def _read(
        self, module: str, window: Window, place: JobPlace, result: _Result, then: JobPlace | None
    ) -> Iterator[Page]:
        """The file's rows from the place on; the last page leads to the next part, or ends."""
        asked = frozenset({"id", *place.fields.split(",")})
        seen, kept = 0, []
        with self._http.download(Request("GET", result.path)) as file:
            for _, stream in file.members():
                for row in _lines(stream, self._metadata.fields_if_told(module), asked):
                    seen += 1
                    if seen <= place.rows:
                        continue
                    kept.append(row)
                    if len(kept) == MOST_ROWS:
                        yield Page(_inside(kept, window), cursor=replace(place, rows=seen).write(), fields=asked)
                        kept = []
        if result.count is not None and seen < result.count:
            raise NoBulk  # a file that lacks rows is no whole answer
        yield Page(_inside(kept, window), cursor=then.write() if then else None, fields=asked)


def _query(module: str, window: Window, place: JobPlace) -> Mapping[str, Any]:
    if place.token is not None:
        return {"query": {"page_token": place.token}}
    bounds = [("greater_equal", place.lo)] if place.lo else []
    bounds.append(("less_than", window.hi))
    group = [
        {
            "field": {"api_name": "Modified_Time"},
            "comparator": how,
            "value": when.replace(microsecond=0).isoformat(),
        }
        for how, when in bounds
        if when is not None
    ]
    criteria = group[0] if len(group) == 1 else {"group_operator": "and", "group": group}
    query: dict[str, Any] = {
        "module": {"api_name": module},
        "fields": ["id", *place.fields.split(",")],
        "criteria": criteria,
    }
    if place.part > 1:
        query["page"] = place.part
    return {"query": query, "file_type": "csv"}


def _result(told: Row, usual: str) -> _Result:
    """`download_url` is a path, below the address that the token named; a host in it is not followed."""
    url = told.get("download_url")
    path = urlsplit(url).path if isinstance(url, str) and url else usual
    token = told.get("next_page_token")
    return _Result(
        path, whole(told.get("count")), truth(told.get("more_records")), token if isinstance(token, str) else None
    )


def _lines(stream: Any, fields: Sequence[Field], asked: frozenset[str]) -> Iterator[Record]:
    """The records of one CSV; `NoBulk` where a column that was asked for is missing."""
    reader = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=""))
    try:
        cells = Cells(next(reader, []), fields)
        if cells.names and not asked <= set(cells.names):
            raise NoBulk
        for line in reader:
            if line:
                yield record(cells.row(line))
    except csv.Error as broken:
        raise Unavailable(Text("批量文件不是合法的 CSV", "the bulk file is not proper CSV")) from broken


def _inside(found: Sequence[Record], window: Window) -> tuple[Record, ...]:
    return tuple(row for row in found if row.modified is None or row.modified < window.hi)


def _pause(polls: int) -> float:
    return float(min(FIRST_WAIT * GROWTH**polls, LONGEST_WAIT))
