"""Cut a long list into parts to be read side by side, each a stretch of ids whose borders were seen, not guessed.

Ids of 24 hex begin with a time, older ones of 32 do not, so no arithmetic finds the middle: a page from the middle is
asked for by offset, below the wall of 10,000. That page is the first of its part and is kept for its reader, so that
cutting costs nothing but the jumps past the wall. Parts cover every id there can be: rows that move meanwhile are in
one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kamsync.plugin import CursorLost, Text, Window
from kamsync_fxiaoke.api import PAGE, WHOLE, Api, Filter, Listed, Part, listed, where
from kamsync_fxiaoke.rows import id_of

WALL = 10_000
WORTH = 2_000  # rows from which cutting pays
LEAST = 500  # rows of a part


@dataclass(frozen=True, slots=True)
class _Cut:
    """A page from the middle of the list: `at` rows stand before it."""

    at: int
    page: Listed

    @property
    def first(self) -> str:
        return id_of(self.page.rows[0])

    @property
    def last(self) -> str:
        return id_of(self.page.rows[-1])


class Slices:
    """The cuts of one session, with the first pages that came with them."""

    def __init__(self, api: Api, *, second_path: bool = False) -> None:
        self._api = api
        self._second_path = second_path
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, Window], Listed] = {}

    def cut(self, object: str, window: Window, filters: Sequence[Filter], want: int) -> list[Window]:
        """At most `want` windows that together are this one."""
        first = self._api.page(object, filters)
        total = (first.left or 0) + len(first.rows)
        parts = min(want, total // LEAST) if total >= WORTH else 1
        cuts = [_Cut(0, first), *(self._cuts(object, filters, total, parts) if parts > 1 else [])]
        borders = ["", *(one.first for one in cuts[1:]), ""]
        windows = []
        for number, one in enumerate(cuts):
            simple = self._second_path and number % 2 == 1
            part = Part(borders[number], borders[number + 1], simple)
            windows.append(replace(window, slice=spell(part)) if len(cuts) > 1 else window)
            ends = number + 1 < len(cuts) and one.page.after is not None and one.page.after >= part.hi
            self._keep(object, windows[-1], one.page if not ends else _until(one.page, part.hi))
        return windows

    def first(self, object: str, window: Window) -> Listed | None:
        """The page that came with a cut, once."""
        with self._lock:
            return self._kept.pop((object, window), None)

    def _keep(self, object: str, window: Window, page: Listed) -> None:
        with self._lock:
            self._kept[object, window] = replace(page, left=None)

    def _cuts(self, object: str, filters: Sequence[Filter], total: int, parts: int) -> Iterator[_Cut]:
        """Pages at about equal distances. Each is also a foothold for the next, for offsets end at the wall."""
        foot, stands = "", 0
        for number in range(1, parts):
            to = total * number // parts // PAGE * PAGE
            while to - stands > WALL:
                jump = self._at(object, filters, foot, stands, stands + WALL)
                if jump is None:
                    return
                foot, stands = jump.last, jump.at + PAGE
            cut = self._at(object, filters, foot, stands, stands + (to - stands) // PAGE * PAGE)
            if cut is None:
                return  # the list has become shorter: the last part simply holds the rest
            yield cut
            foot, stands = cut.last, cut.at + PAGE

    def _at(self, object: str, filters: Sequence[Filter], foot: str, stands: int, at: int) -> _Cut | None:
        """The page at a place, counted from a row that was seen; None when nothing whole is there."""
        behind = [where("_id", "GT", foot)] if foot else []
        said = self._api.query(object, [*filters, *behind], offset=at - stands)
        page = listed(object, said, foot, asked=False, left=None)
        whole = len(page.rows) == PAGE and all(id_of(row) for row in page.rows)
        return _Cut(at, page) if whole else None


def _until(page: Listed, border: str) -> Listed:
    """The rows of a page before a border; rows that went meanwhile had moved it into the page."""
    return Listed([row for row in page.rows if id_of(row) < border], None)


def spell(part: Part) -> str:
    """A part as the text that a window carries."""
    return f"{'simple' if part.simple else 'query'}|{part.lo}|{part.hi}"


def part_of(window: Window) -> Part:
    """The part that a window is about."""
    if window.slice is None:
        return WHOLE
    lane, *borders = window.slice.split("|")
    if lane not in ("simple", "query") or len(borders) != 2:
        raise CursorLost(Text(f"无法识别的分段 {window.slice!r}", f"unknown part of a list: {window.slice!r}"))
    return Part(borders[0], borders[1], lane == "simple")
