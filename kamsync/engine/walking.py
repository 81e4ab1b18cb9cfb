"""Walk one window to its end: page after page, again from what was reached where the CRM forgets the place.

Watches the CRM at it: a place that stands still, a page that repeats, an order that was promised and is not kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kamsync.plugin import (
    Clock,
    ConnectorError,
    CursorLost,
    ListsIds,
    Page,
    ReadsGone,
    Text,
    Window,
)

if TYPE_CHECKING:
    from kamsync.engine.reading import Errand

RESTARTS = 20  # restarts that bring no progress in a row before a stream is given up
SAME = 3  # times that a page or a place may come in a row
EMPTY = 1_000  # pages in a row that bring nothing


class StreamStuck(ConnectorError):
    """The CRM sends the same page for ever, or goes on from the same place."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a walk begins."""

    errand: Errand
    window: Window
    cursor: str | None
    through: datetime | None


Seen = tuple[Window, Page, tuple[str, ...]]  # "order", "future": what was odd


def walk(step: Step, clock: Clock, stop: threading.Event) -> Iterator[Seen]:
    """Every page of a window; raises StreamStuck, and what the connector raises."""
    errand, window, cursor, came, idle = step.errand, step.window, step.cursor, step.through, 0
    while not stop.is_set():
        watch = _Watch(errand, came)
        try:
            for page in _pages(errand, window, cursor):
                page, odd = watch.look(page, window)
                came = page.through.modified if page.through else watch.came
                wait, seen = page.wait, [(window, page, odd)]
                del page  # while a generator waits it holds what it has named: a landed page is to leave the memory
                yield seen.pop()
                if wait:
                    clock.sleep(wait)
            return
        except CursorLost:
            progress = came is not None and (window.lo is None or came > window.lo)
            idle = 0 if progress else idle + 1
            if idle >= RESTARTS:
                raise
            cursor = None
            if progress:
                window = replace(window, lo=came)


def _pages(errand: Errand, window: Window, cursor: str | None) -> Iterator[Page]:
    session = errand.session
    if errand.how == "gone":
        assert isinstance(session, ReadsGone)
        return session.gone(errand.stream, window, cursor)
    if errand.how == "ids":
        assert isinstance(session, ListsIds)
        return session.ids(errand.stream, cursor)
    return session.read(errand.stream, window, cursor)


@dataclass
class _Watch:
    """What the pages of one walk have shown so far."""

    errand: Errand
    came: datetime | None  # how far it surely is; falls back to where it began when the order breaks
    ordered: bool = True
    newest: datetime | None = None
    digest: str = ""
    same: int = 0
    empty: int = 0
    places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._began = self.came

    def look(self, page: Page, window: Window) -> tuple[Page, tuple[str, ...]]:
        """The page, its `through` taken away where it cannot be trusted, and what was odd about it."""
        self._moves(page)
        odd = [] if self._in_order(page) else ["order"]
        if page.through is not None and not self.ordered:
            page = replace(page, through=None)
            self.came = self._began
        if page.through is not None and page.through.modified >= window.hi:
            odd.append("future")
            page = replace(page, through=replace(page.through, modified=window.hi))
        if page.through is not None:
            self.came = page.through.modified
        return page, tuple(odd)

    def _in_order(self, page: Page) -> bool:
        """Did anything come that lies before what the CRM said we had passed? False once, when it happens."""
        if not self.ordered:
            return True
        stamps = [record.modified for record in page.records if record.modified is not None]
        if self.newest is not None and stamps and min(stamps) < self.newest:
            self.ordered = False
            return False
        if page.through is not None:
            self.newest = page.through.modified
        return True

    def _moves(self, page: Page) -> None:
        digest = _digest(page)
        self.same = self.same + 1 if page.records and digest == self.digest else 0
        self.digest = digest
        self.empty = 0 if page.records or page.gone or page.wait else self.empty + 1
        stands = 0
        if page.cursor is not None and not page.wait:
            stands = self.places[page.cursor] = self.places.get(page.cursor, 0) + 1
        if self.same + 1 >= SAME or stands > SAME:
            raise _stuck(self.errand, Text("一直返回同一页", "keeps sending the same page"))
        if self.empty >= EMPTY:
            raise _stuck(self.errand, Text("一直返回空页", "sends empty pages without end"))


def _digest(page: Page) -> str:
    parts = "\n".join(f"{record.id} {record.modified}" for record in page.records)
    return hashlib.blake2b(parts.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _stuck(errand: Errand, what: Text) -> StreamStuck:
    where = f"{errand.connection}/{errand.stream.name}"
    return StreamStuck(
        Text(f"{where} {what.zh},已停止读取", f"{where} {what.en}; reading it was stopped"),
        next=f"kamsync pull {errand.connection} {errand.stream.name}",
    )
