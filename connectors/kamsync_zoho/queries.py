"""Read records by query: a keyset on (Modified_Time, id), which loses nothing among equal seconds and knows no wall.

Where Zoho will not answer a module by query, or not in the order asked for, it says `NoQuery`; the caller has lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from kamsync.plugin import Http, Page, Position, Record, Refused, Text, TooLarge, Window
from kamsync_zoho import columns, coql
from kamsync_zoho.canon import KIND_OF_PARENT, shaping
from kamsync_zoho.join import joined
from kamsync_zoho.metadata import Metadata
from kamsync_zoho.read import Lists
from kamsync_zoho.replies import PERMISSION
from kamsync_zoho.shapes import Row, body, listed, more, record, rows, section, whole
from kamsync_zoho.stand import QueryPlace

QUIET, GROWING, FULL = 200, 1_000, 2_000  # rows a call: one, two and three credits
OLD_CAP = 50  # columns of a query, where Zoho turns out to allow no more
MOST_HEALS = 20  # columns that one query may lose
_LISTED = frozenset({"Notes", "Leads", "Attachments", "Emails"})  # no query, or none that shows converted leads
TOO_LARGE = Text("记录太大,未读取其内容", "the record is too large; what it holds was not read")
_NEEDED = frozenset({"id", "Modified_Time", KIND_OF_PARENT})


class NoQuery(Exception):
    """This cannot be read by query, or not any further than `reached`."""

    def __init__(self, reached: Position | None = None) -> None:
        super().__init__("not by query")
        self.reached = reached


class Queries:
    """Reads the modules of one organisation by query, and remembers for the session what Zoho took ill."""

    def __init__(self, http: Http, metadata: Metadata, lists: Lists, cap: int) -> None:
        self._http = http
        self._metadata = metadata
        self._lists = lists
        self._cap = cap
        self._unfit: dict[str, set[str]] = {}  # columns that a module's query does not take
        self._closed: set[str] = set()  # modules that are not queried
        self._no_right = False

    def offers(self, module: str) -> bool:
        """Worth trying."""
        return not self._no_right and module not in self._closed and module not in _LISTED

    def begin(self, module: str, window: Window) -> QueryPlace:
        fields = self._metadata.fields_if_told(module)
        long = window.slice is not None  # nobody cuts a short window into slices
        return QueryPlace(",".join(columns.every(module, fields, window.want)), FULL if long else QUIET)

    # ---- records

    def pages(self, module: str, window: Window, place: QueryPlace) -> Iterator[tuple[Page, QueryPlace | None]]:
        """The window's records in order, each page with the place behind it (None: the end)."""
        here: QueryPlace | None = place
        while here is not None:
            step = [self._page(module, window, here)]
            here = step[0][1]
            yield step.pop()  # not named, so not held: two thousand rows are to leave the memory once they have landed

    def _page(self, module: str, window: Window, place: QueryPlace) -> tuple[Page, QueryPlace | None]:
        """The next page; of fewer rows where they are so large that no answer holds them."""
        try:
            return self._next(module, window, place)
        except TooLarge:
            if place.limit > 1:
                return self._page(module, window, replace(place, limit=max(1, place.limit // 8)))
        page, then = self._next(module, window, replace(place, fields="Modified_Time"))
        kept = tuple(replace(row, problem=TOO_LARGE) for row in page.records)
        after = replace(then, fields=place.fields) if then else None
        return replace(page, records=kept, cursor=after.write() if after else None), after

    def _next(self, module: str, window: Window, place: QueryPlace) -> tuple[Page, QueryPlace | None]:
        at = place.position
        start = coql.after(at) if at else coql.since(window.lo)
        where = coql.both(start, coql.before(window.hi))
        asked, said = self._answer(module, place, window, where)
        first = {"id", *asked[: self._cap - 1]}
        found = _shaped(said, first)
        last = _rising(at, found)
        goes_on = _more(said, len(found), place.limit)
        if goes_on and last is None:
            raise NoQuery(at)
        if last is not None:
            for names in self._further(asked):
                found = self._joined(module, found, names, coql.both(start, coql.up_to(last)), place.limit, asked)
        kept = tuple(row for row in found if row.modified is None or _within(row, window))
        then = place.onward(last, _grown(place.limit, window), len(found)) if goes_on and last is not None else None
        fields = frozenset({"id", *asked})
        return Page(kept, cursor=then.write() if then else None, through=last, fields=fields), then

    def _further(self, asked: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """The columns that found no room in the first query, each slice with the stamp that proves it whole."""
        left = asked[self._cap - 1 :]
        room = max(1, self._cap - 2)
        for start in range(0, len(left), room):
            yield ("Modified_Time", *left[start : start + room])

    def _joined(
        self, module: str, found: list[Record], names: Sequence[str], where: str, limit: int, asked: Sequence[str]
    ) -> list[Record]:
        """The records with another slice of columns, never a mix of two versions."""
        request = coql.select(names, module, where, order=coql.in_order(), limit=limit)
        shape = shaping(names)
        parts = {str(row.get("id")): shape(row) for row in rows(self._http.call(request))}
        return joined(found, parts, lambda id: self._lists.fresh(module, id, asked))

    # ---- one query, healed

    def _answer(self, module: str, place: QueryPlace, window: Window, where: str) -> tuple[tuple[str, ...], Row]:
        """What Zoho says, and which of the columns it was asked for in the end."""
        for _ in range(MOST_HEALS):
            unfit = self._unfit.get(module, set())
            asked = tuple(name for name in place.fields.split(",") if name not in unfit)
            first = asked[: self._cap - 1]
            try:
                request = coql.select(first, module, where, order=coql.in_order(), limit=place.limit)
                return asked, body(self._http.call(request))
            except Refused as no:
                if not self._heals(module, first, window, no):
                    raise NoQuery(place.position) from no
        raise NoQuery(place.position)

    def _heals(self, module: str, names: Sequence[str], window: Window, no: Refused) -> bool:
        """Is there a smaller query worth asking? If not, the module is closed to queries for this session."""
        column = str(no.details.get("column_name") or "").strip("'\"").partition(".")[0]
        if no.code == "LIMIT_EXCEEDED" and len(names) >= OLD_CAP and self._cap > OLD_CAP:
            self._cap = OLD_CAP
            return True
        if no.code == "INVALID_QUERY" and column in names and not self._must_have(module, column, window):
            self._unfit.setdefault(module, set()).add(column)
            return True
        if no.code == "INVALID_QUERY" and not column and len(names) >= OLD_CAP and self._cap > OLD_CAP:
            self._cap = OLD_CAP
            return True
        if no.code == "OAUTH_SCOPE_MISMATCH":
            self._no_right = True
        elif no.code not in PERMISSION:
            self._closed.add(module)
        return False

    def _must_have(self, module: str, column: str, window: Window) -> bool:
        """Lists can give what a query cannot: a field that is wanted and is really there is not let go."""
        wanted = column in window.want and self._metadata.field(module, column) is not None
        return wanted or column in _NEEDED

    # ---- ids

    def ids(self, module: str, place: QueryPlace) -> Iterator[Page]:
        """Every id, in the order of ids."""
        names = place.fields.split(",")
        here: QueryPlace | None = place
        while here is not None:
            where = f"id > {coql.whole_id(here.id)}" if here.id else "id is not null"
            try:
                said = body(
                    self._http.call(coql.select(names, module, where, order="order by id asc", limit=here.limit))
                )
            except Refused as no:
                raise NoQuery from no
            found = _shaped(said, names)
            numbers = [int(row.id) for row in found if row.id.isdecimal()]
            if any(one >= two for one, two in pairwise([int(here.id or -1), *numbers])):
                raise NoQuery
            goes_on = _more(said, len(found), here.limit)
            if goes_on and not numbers:
                raise NoQuery
            here = QueryPlace(here.fields, FULL, id=str(numbers[-1])) if goes_on else None
            yield Page(tuple(found), cursor=here.write() if here else None, fields=frozenset({"id", *names}))

    # ---- how much is there

    def count(self, module: str, window: Window) -> int | None:
        """How many rows a window holds; None where Zoho does not count by query."""
        where = coql.both(coql.since(window.lo), coql.before(window.hi))
        try:
            said = rows(self._http.call(coql.count(module, where)))
        except Refused as no:
            self._no_right = self._no_right or no.code == "OAUTH_SCOPE_MISMATCH"
            return None
        told = [whole(value) for name, value in said[0].items() if "count" in name.casefold()] if said else [0]
        return told[0] if told else None

    def answers_a_page(self, module: str, window: Window) -> int:
        """Queries that one page of records takes: one for each slice of columns.

        A module of many columns is tried with a single row, for only Zoho knows how many columns it takes at once.
        """
        asked = tuple(self.begin(module, window).fields.split(","))
        if len(asked) >= OLD_CAP and self._cap > OLD_CAP:
            try:
                asked, _ = self._answer(module, QueryPlace(",".join(asked), 1), window, coql.before(window.hi))
            except NoQuery:
                return 0
        return 1 + sum(1 for _ in self._further(asked))

    def stamp_at(self, module: str, window: Window, at: Position | None, offset: int) -> Record | None:
        """The row so many rows behind a place (or the window's beginning); None: there are not so many."""
        if offset >= coql.MOST_OFFSET:
            return None
        where = coql.both(coql.after(at) if at else coql.since(window.lo), coql.before(window.hi))
        request = coql.select(["Modified_Time"], module, where, order=coql.in_order(), limit=1, offset=offset)
        try:
            found = [record(row) for row in rows(self._http.call(request))]
        except Refused:
            return None
        return found[0] if found and found[0].modified is not None else None


def _shaped(said: Row, names: Collection[str]) -> list[Record]:
    """The rows as records, in place, so that each raw row is let go at once: large answers count in memory."""
    found: Any = listed(said)
    shape = shaping(names)
    for number, row in enumerate(found):
        found[number] = record(shape(row) if isinstance(row, dict) else row)
    shaped: list[Record] = found
    return shaped


def _rising(at: Position | None, found: Sequence[Record]) -> Position | None:
    """The last place of rows that stand in the order asked for. Ids count as numbers. `NoQuery` where they do not."""
    places = [(row.modified, int(row.id), row.id) for row in found if row.modified is not None and row.id.isdecimal()]
    line = [(at.modified, int(at.id)), *(each[:2] for each in places)] if at else [each[:2] for each in places]
    if any(one >= two for one, two in pairwise(line)):
        raise NoQuery(at)
    return Position(places[-1][0], places[-1][2]) if places else None


def _more(said: Row, count: int, limit: int) -> bool:
    """Is there another page? Where Zoho does not say, a full one suggests it."""
    goes_on = more(said, count, limit)
    return goes_on if section(said, "info").get("more_records") is not None else 0 < count >= limit


def _grown(limit: int, window: Window) -> int:
    """Quiet streams pay one credit; a first load goes straight to the largest answers, unless they were too large."""
    if limit < QUIET:
        return min(QUIET, limit * 4)
    return GROWING if limit == QUIET and window.lo is not None else FULL


def _within(row: Record, window: Window) -> bool:
    assert row.modified is not None
    return (window.lo is None or row.modified >= window.lo) and row.modified < window.hi
