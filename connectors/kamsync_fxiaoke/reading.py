"""Read a stream page by page in the order of ids, which no edit can change while we read.

Where a tenant hides rows that were made invalid (作废), a window of changes is followed by the few of them in it. A
first load asks for none: what nobody stored need not be buried, and the sweep finds the rest.
The cursor is "rows:<id>" or "void:<id>"; it is good inside its window only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kamsync.plugin import CursorLost, Page, Refused, Stream, Text, Window
from kamsync_fxiaoke.api import ONLY_STAMP, Api, Filter, Listed, changed
from kamsync_fxiaoke.codes import OUR_TROUBLE
from kamsync_fxiaoke.rows import Row, gone, record
from kamsync_fxiaoke.slicing import Slices, part_of
from kamsync_fxiaoke.voids import BOTH, DEAD, Voids

ROWS, VOID = "rows", "void"


class Reader:
    """The lists of one session."""

    def __init__(self, api: Api, voids: Voids, *, second_path: bool = False) -> None:
        self._api = api
        self._voids = voids
        self._slices = Slices(api, second_path=second_path)

    def slices(self, stream: Stream, window: Window, want: int) -> list[Window]:
        """The window in parts to be read side by side, or whole when that gains nothing."""
        if want < 2 or window.slice is not None or not stream.incremental:
            return [window]
        return self._slices.cut(stream.object, window, self._filters(window), want)

    def pages(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        """The window's pages from the cursor on."""
        phase, after = _place(cursor)
        if phase == ROWS:
            yield from self._rows(stream, window, after, first=cursor is None)
            after = ""
        if self._has_voids_apart(window):
            yield from self._dead(stream, window, after)

    def _rows(self, stream: Stream, window: Window, after: str, *, first: bool) -> Iterator[Page]:
        part, filters = part_of(window), self._filters(window)
        listed = self._slices.first(stream.object, window) if first else None
        left: int | None = None
        while True:
            listed = listed or self._api.page(stream.object, filters, after, left=left, part=part)
            if BOTH not in filters:
                self._voids.saw(listed.rows)
            if listed.after is None:
                yield _page(
                    listed.rows, f"{VOID}:" if self._has_voids_apart(window) else None, problem=_problem(listed)
                )
                return
            after, left = listed.after, listed.left
            yield _page(listed.rows, f"{ROWS}:{after}", problem=_problem(listed))
            listed = None

    def _dead(self, stream: Stream, window: Window, after: str) -> Iterator[Page]:
        """The void rows of the window; an object that has no life status has none."""
        filters = [*changed(window.lo, window.hi), DEAD]
        more: str | None = after
        left: int | None = None
        while more is not None:
            try:
                listed = self._api.page(stream.object, filters, more, left=left)
            except Refused as no:
                if no.code in OUR_TROUBLE:
                    raise
                yield Page()
                return
            more, left = listed.after, listed.left
            yield _page(listed.rows, f"{VOID}:{more}" if more is not None else None)

    def _has_voids_apart(self, window: Window) -> bool:
        """Once a window, with its first part; never for all time at once."""
        return window.lo is not None and not part_of(window).lo and self._voids.how() == "apart"

    def _filters(self, window: Window) -> list[Filter]:
        both = [BOTH] if window.lo is not None and self._voids.how() == "together" else []
        return [*changed(window.lo, window.hi), *both]

    def ids(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Every live id, bodies nearly empty."""
        _, after = _place(cursor)
        more: str | None = after
        left: int | None = None
        while more is not None:
            listed = self._api.page(stream.object, [], more, fields=ONLY_STAMP, left=left)
            more, left = listed.after, listed.left
            yield _page(listed.rows, f"{ROWS}:{more}" if more is not None else None, frozenset(ONLY_STAMP))


def one(row: Row) -> Page:
    """A single row as a page."""
    return _page([row], None)


def _place(cursor: str | None) -> tuple[str, str]:
    if cursor is None:
        return ROWS, ""
    phase, colon, after = cursor.partition(":")
    if not colon or phase not in (ROWS, VOID):
        raise CursorLost(Text(f"无法识别的读取位置 {cursor!r}", f"unknown place in the list: {cursor!r}"))
    return phase, after


def _problem(listed: Listed) -> Text | None:
    return (
        Text("记录太大,未读取其内容", "the record is too large; what it holds was not read")
        if listed.too_large
        else None
    )


def _page(
    rows: list[Row], cursor: str | None, fields: frozenset[str] | None = None, *, problem: Text | None = None
) -> Page:
    dead = {id(row): gone(row) for row in rows}
    records = tuple(record(row) for row in rows if dead[id(row)] is None)
    if problem is not None:
        records = tuple(replace(one, problem=problem) for one in records)
    return Page(records, tuple(one for one in dead.values() if one is not None), cursor, fields=fields)
