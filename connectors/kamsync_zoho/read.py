"""Read records: lists oldest change first, records by id, deletions, ids.

Judges no field's worth. Where Zoho breaks its order or its promises, it claims less (`through`) rather than guess.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from kamsync.plugin import (
    CursorLost,
    Gone,
    Gotten,
    Http,
    Page,
    Position,
    Record,
    Refused,
    Request,
    Stream,
    Text,
    Truncated,
    Window,
    batches,
    stamp,
)
from kamsync_zoho import columns
from kamsync_zoho.canon import canonical, shaping
from kamsync_zoho.join import joined
from kamsync_zoho.metadata import USERS, Metadata
from kamsync_zoho.place import Place, since
from kamsync_zoho.replies import PERMISSION
from kamsync_zoho.shapes import Row, body, listed, more, record, rows, text_id
from kamsync_zoho.wire import API

IDS_A_CALL = 50
_KINDS = ("all", "recycle", "permanent")  # of deletions
_NO_SUCH = frozenset({"INVALID_DATA", "RESOURCE_NOT_FOUND", "RECORD_NOT_FOUND", "NOT_FOUND"})
_NO_MODULE = frozenset({"AUTH", "INVALID_MODULE", "INVALID_URL_PATTERN", "FEATURE_NOT_SUPPORTED", *PERMISSION})


class Lists:
    """Every way to read records of one organisation."""

    def __init__(self, http: Http, metadata: Metadata) -> None:
        self._http = http
        self._metadata = metadata

    # ---- lists

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        """The window's records, oldest change first where Zoho can."""
        if stream.object == USERS.object:
            yield from self._users(cursor)
            return
        fields = self._metadata.fields_if_told(stream.object)
        names = columns.main(stream.object, fields, window.want)
        begin = Place(",".join(names), since=since(window.lo))
        for place, found, after in self._walk(stream.object, begin, cursor):
            asked = tuple(place.fields.split(","))
            kept = _shaped([row for row in found if row.modified is None or row.modified < window.hi], asked)
            slices = columns.others(fields, window.want, asked)
            then = None if place.ordered and _reaches(found, window.hi) else after
            yield Page(
                records=tuple(self._completed(stream.object, kept, asked, slices)),
                cursor=then.write() if then else None,
                through=_through(kept) if place.ordered else None,
                fields=frozenset({"id", *asked}.union(*slices)),
            )
            if then is None:
                return

    def ids(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Every id there is, in the order of ids."""
        if stream.object == USERS.object:
            yield from self._users(cursor)
            return
        begin = Place("Modified_Time,Created_Time", sort="id")
        for place, found, after in self._walk(stream.object, begin, cursor):
            asked = frozenset({"id", *place.fields.split(",")})
            yield Page(tuple(_shaped(found, asked)), cursor=after.write() if after else None, fields=asked)

    def rows(self, module: str, names: Sequence[str], since_when: datetime | None) -> Iterator[Row]:
        """All rows changed since a moment, with the fields named."""
        for _, found, _ in self._walk(module, Place(",".join(names), since=since(since_when)), None):
            yield from (row.body for row in found if row.id)

    def _walk(
        self, module: str, begin: Place, cursor: str | None
    ) -> Iterator[tuple[Place, list[Record], Place | None]]:
        """Each answer's records, between the place they were asked from (its order judged) and the place after."""
        place: Place | None = Place.read(cursor) if cursor else begin
        fresh = cursor is None
        while place is not None:
            try:
                place, said = self._open(module, place) if fresh else (place, self._ask(module, place))
            except Truncated as wall:
                place = place.onward(wall)
                continue
            fresh = False
            found = [record(item) for item in listed(said)]
            place = _judged(place, found)
            after = place.after(said, len(found))
            yield place, found, after
            place = after

    def _ask(self, module: str, place: Place) -> Row:
        return body(self._http.call(place.request(module)))

    def _open(self, module: str, place: Place) -> tuple[Place, Row]:
        """The first call. Where Zoho dislikes it, ask more plainly: only fields it vouches for, then unsorted."""
        names = tuple(place.fields.split(","))
        sure = replace(place, fields=",".join(columns.strict(self._metadata.fields_if_told(module), names)))
        plain = replace(sure, sort=None, ordered=False)
        for attempt in dict.fromkeys((place, replace(place, fields=_without_system(names)), sure)):
            try:
                return attempt, self._ask(module, attempt)
            except Refused as refusal:
                if refusal.code.upper() in _NO_MODULE:
                    raise
        return plain, self._ask(module, plain)

    def _users(self, cursor: str | None) -> Iterator[Page]:
        """All users, those who left too: records still name them."""
        page: int | None = _page(cursor)
        while page is not None:
            query = {"type": "AllUsers", "page": str(page), "per_page": "200"}
            said = body(self._http.call(Request("GET", f"{API}/users", query)))
            found = tuple(record(item) for item in listed(said, "users"))
            page = page + 1 if more(said, len(found), 200) and found else None
            yield Page(found, cursor=json.dumps(page) if page else None)

    # ---- more fields than one call takes

    def _completed(
        self, module: str, found: list[Record], first: Sequence[str], slices: Sequence[Sequence[str]]
    ) -> Iterable[Record]:
        """The records with their further fields, never a mix of two versions."""
        asked = frozenset(first).union(*slices)
        for names in slices:
            parts = self.by_ids(module, [row.id for row in found if row.problem is None], names)
            shape = shaping(names)
            shaped = {id: shape(part) for id, part in parts.items()}
            found = joined(found, shaped, lambda id: self.fresh(module, id, asked))
        return found

    def fresh(self, module: str, id: str, names: Collection[str]) -> Record | None:
        """One record read again, with these fields; None: it is gone."""
        row = self._one(module, id)
        return record(canonical(row, names)) if row is not None else None

    def by_ids(self, module: str, ids: Sequence[str], names: Sequence[str]) -> dict[str, Row]:
        """Rows by id, straight from the table; an id that is missing is not there (or hidden from us)."""
        found: dict[str, Row] = {}
        for batch in batches(list(dict.fromkeys(ids)), IDS_A_CALL):
            query = {"ids": ",".join(batch), "fields": ",".join(names)}
            answer = rows(self._http.call(Request("GET", f"{API}/{module}", query)))
            named = {text_id(row.get("id")): row for row in answer}
            if not named.keys() <= set(batch):  # a server that ignores `ids` would make the rest look deleted
                named = {id: row for id in batch if (row := self._one(module, id)) is not None}
            found |= named
        return found

    # ---- one by one

    def get(self, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
        """Each id by itself, fresh."""
        return [self._gotten(stream.object, id) for id in ids]

    def _gotten(self, module: str, id: str) -> Gotten:
        try:
            row = self._one(module, id)
        except Refused:
            return Gotten(id, "hidden")
        return Gotten(id, "found", Page((record(canonical(row)),))) if row is not None else Gotten(id, "gone")

    def _one(self, module: str, id: str) -> Row | None:
        try:
            found = rows(self._http.call(Request("GET", f"{API}/{module}/{id}")), _key(module))
        except Refused as refusal:
            if refusal.code in _NO_SUCH:
                return None
            raise
        return next((row for row in found if text_id(row.get("id")) == id), None)

    # ---- deletions

    def gone(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        """What Zoho lists as deleted in the window, in the bin or for good; `Truncated` where the list is cut off."""
        place = _gone_place(cursor) if stream.object != USERS.object else None
        if place is None:
            yield Page()
        headers = {"If-Modified-Since": since(window.lo) or ""} if window.lo else {}
        while place is not None:
            kind, page = _KINDS[place[0]], place[1]
            query = {"type": kind, "page": str(page), "per_page": "200"}
            try:
                said = body(self._http.call(Request("GET", f"{API}/{stream.object}/deleted", query, headers)))
            except Truncated:
                if place[0] != 0:
                    raise
                place = (1, 1)  # the list of both kinds is too long: each by itself may not be
                continue
            rows = listed(said)
            place = _after(place, more(said, len(rows), 200) and bool(rows))
            found = tuple(_gone(item, window.hi) for item in rows if isinstance(item, dict))
            yield Page(gone=tuple(filter(None, found)), cursor=json.dumps(place) if place else None)


def _after(place: tuple[int, int], goes_on: bool) -> tuple[int, int] | None:
    """The next page, or the next kind of deletions, where they are asked for one by one."""
    if goes_on:
        return place[0], place[1] + 1
    return (2, 1) if place[0] == 1 else None


def _gone_place(cursor: str | None) -> tuple[int, int]:
    try:
        kind, page = json.loads(cursor) if cursor else (0, 1)
        return range(len(_KINDS))[kind], int(page)
    except (ValueError, TypeError, IndexError) as broken:
        raise _unreadable() from broken


def _shaped(found: Iterable[Record], names: Collection[str]) -> list[Record]:
    shape = shaping(names)
    return [Record(row.id, row.modified, shape(row.body), row.problem) if row.id else row for row in found]


def _key(module: str) -> str:
    return "users" if module == USERS.object else "data"


def _without_system(names: Sequence[str]) -> str:
    return ",".join(name for name in names if not name.startswith("$"))


def _judged(place: Place, found: list[Record]) -> Place:
    """The place with what this answer says of order: the stamps must not fall."""
    line = [moment for moment in (stamp(place.last), *(row.modified for row in found)) if moment is not None]
    rising = all(one <= two for one, two in pairwise(line))
    newest = since(max(line)) if line else None
    return replace(place, last=newest, ordered=place.ordered and place.sort == "Modified_Time" and rising)


def _reaches(found: list[Record], hi: datetime) -> bool:
    return any(row.modified is not None and row.modified >= hi for row in found)


def _through(found: list[Record]) -> Position | None:
    stamped = [row for row in found if row.modified is not None]
    return Position(stamped[-1].modified, stamped[-1].id) if stamped and stamped[-1].modified else None


def _gone(item: Row, hi: datetime) -> Gone | None:
    moment = stamp(item.get("deleted_time"))
    id = text_id(item.get("id"))
    return Gone(id, "deleted", at=moment) if id and (moment is None or moment < hi) else None


def _page(cursor: str | None) -> int:
    try:
        page = json.loads(cursor) if cursor else 1
    except ValueError:
        page = None
    if not isinstance(page, int):
        raise _unreadable()
    return page


def _unreadable() -> CursorLost:
    return CursorLost(Text("存下的列表位置无法读取", "the place kept for this list cannot be read"))
