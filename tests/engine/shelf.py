"""A shelf: the smallest CRM there is, one stream of contacts, whose owner may turn every bad habit on.

It is a connector like any other and stands in for the desk's Zoho connection: store, mapping and clock are the desk's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from kamsync.engine.budgeting import StoredLedger
from kamsync.engine.connections import Connection
from kamsync.engine.offline import Offline
from kamsync.engine.pull import PullReport, StreamReport, pull
from kamsync.plugin import (
    CursorLost,
    Field,
    Gotten,
    Health,
    Page,
    Position,
    Record,
    Stream,
    Text,
    Truncated,
    Window,
)
from kamsync.store import writing
from tests.engine.desk import Desk, of

FIELDS = ("id", "Full_Name", "Title", "Decision_Role")


@dataclass
class Shelf:
    """Its records by id, and how it behaves."""

    desk: Desk
    rows: dict[str, tuple[datetime | None, dict[str, Any]]] = field(default_factory=dict)
    page: int = 10
    parts: int = 1  # into how many it cuts a whole list
    cap: int | None = None  # rows of a window beyond which it refuses to list
    ordered: bool = True  # does it keep the order that it claims?
    repeats: bool = False  # the first page, for ever
    stands: bool = False  # new rows, the same place for ever
    incremental: bool = True
    hidden: set[str] = field(default_factory=set)  # ids that it neither lists nor explains
    unlisted: set[str] = field(default_factory=set)  # ids that it does not list and does give
    late: set[str] = field(default_factory=set)  # ids that lists do not show yet
    fields_now: list[Field] = field(default_factory=list)
    waits: int = 0  # times that it asks for patience before the first page
    loses: bool = False  # forgets the place once
    clock_behind: timedelta = timedelta()
    asked: list[str] = field(default_factory=list)  # every call, in words

    def add(self, *names: str, at: datetime | None = None, **more: Any) -> list[str]:
        """Records with these names, changed a second after one another, an hour ago at the latest."""
        start = at or self.desk.clock.now() - timedelta(hours=3)
        made = []
        for name in names:
            id = f"{len(self.rows) + 1:06d}"
            stamp = start if at else start + timedelta(seconds=len(self.rows))
            self.rows[id] = (stamp, {"id": id, "Full_Name": name, **more})
            made.append(id)
        return made

    def many(self, count: int) -> list[str]:
        return self.add(*(f"李雷{number}" for number in range(count)))

    def change(self, id: str, at: datetime | None = None, **body: Any) -> None:
        self.rows[id] = (at or self.desk.clock.now(), self.rows[id][1] | body)

    # ---- the session

    def check(self) -> Health:
        return Health("shelf", "1")

    def streams(self) -> Sequence[Stream]:
        return [self.stream]

    @property
    def stream(self) -> Stream:
        return Stream("contacts", "Contacts", "contact", incremental=self.incremental)

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        self.asked.append(f"read {window.slice or ''}".strip())
        for _ in range(self.waits if cursor is None else 0):
            yield Page(cursor="job", wait=5.0)
        yield from self._pages(self._inside(window), 0 if cursor in (None, "job") else int(cursor or 0), window)

    def slices(self, stream: Stream, window: Window, want: int) -> Sequence[Window]:
        many = min(want, self.parts)
        return [replace(window, slice=f"{part}/{many}") for part in range(many)] if many > 1 else [window]

    def ids(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        self.asked.append("ids")
        listed = self._listed(lambda id: True)
        for page in self._pages(listed, int(cursor or 0), None):
            yield replace(page, records=tuple(replace(one, body={"id": one.id}) for one in page.records), through=None)

    def get(self, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
        self.asked += [f"get {id}" for id in ids]
        return [self._one(id) for id in ids]

    def fields(self, stream: Stream) -> Sequence[Field]:
        self.asked.append("fields")
        return self.fields_now

    # ---- its habits

    def _inside(self, window: Window) -> list[Record]:
        part, _, many = (window.slice or "0/1").partition("/")
        found = self._listed(lambda id: int(id) % int(many) == int(part))
        return [
            one for one in found
            if one.modified is None or ((window.lo is None or one.modified >= window.lo) and one.modified < window.hi)
        ]  # fmt: skip

    def _listed(self, keep: Callable[[str], bool]) -> list[Record]:
        shown = {id: row for id, row in self.rows.items() if id not in self.hidden | self.unlisted | self.late}
        found = [Record(id, stamp, body) for id, (stamp, body) in shown.items() if keep(id)]
        order = sorted(found, key=lambda one: (one.modified.timestamp() if one.modified else 0.0, one.id))
        return order if self.ordered else order[1::2] + order[0::2]

    def _pages(self, found: list[Record], at: int, window: Window | None) -> Iterator[Page]:
        if self.cap is not None and len(found) > self.cap and window is not None:
            raise Truncated(Text("太长", "too long"))
        while True:
            rows = tuple(found[at : at + self.page])
            more = at + self.page < len(found)
            at = 0 if self.repeats else at + self.page
            place = str(0 if self.repeats or self.stands else at) if more or self.repeats else None
            last = rows[-1] if rows else None
            through = (
                Position(last.modified, last.id) if last and last.modified and window and not window.slice else None
            )
            yield Page(rows, cursor=place, through=through)
            if self.loses and more:
                self.loses = False
                raise CursorLost(Text("忘了", "forgotten"))
            if place is None:
                return

    def _one(self, id: str) -> Gotten:
        if id in self.hidden:
            return Gotten(id, "hidden")
        if id not in self.rows:
            return Gotten(id, "gone")
        stamp, body = self.rows[id]
        return Gotten(id, "found", Page((Record(id, stamp, body),)))

    # ---- the desk's verbs, at the shelf

    @contextmanager
    def connected(self, concurrency: int = 4) -> Iterator[Connection]:
        workspace = self.desk.workspace
        config = workspace.config.connections[0]
        door = _Behind(config.name, config.options, workspace.clock, self, concurrency)
        ledger = StoredLedger(workspace.store, workspace.clock, config.name, 0.4)
        connector = workspace.connectors[config.connector]
        yield Connection(
            config, connector, config.options, door, self, workspace.mappings[config.name], ledger,
            health=self.check(), offered=(self.stream,),
        )  # fmt: skip

    def pull(self, **asked: Any) -> PullReport:
        with self.connected() as connection, writing(self.desk.workspace.store) as writer:
            return pull(self.desk.workspace, writer, {connection.name: connection}, {}, stream="contacts", **asked)

    def told(self, **asked: Any) -> StreamReport:
        """What a pull says of the stream."""
        return of(self.pull(**asked), "contacts")

    @property
    def kept(self) -> dict[str, str]:
        """Whether each stored record lives."""
        return self.desk.raw("zoho", "contacts")

    def stored(self, id: str) -> dict[str, Any]:
        """The contact as it stands in its file."""
        return next(row for row in self.desk.rows("contact") if row["remote_id"] == id)


class _Behind(Offline):
    """The door of a server whose clock the shelf sets."""

    def __init__(self, name: str, options: Any, clock: Any, shelf: Shelf, concurrency: int) -> None:
        super().__init__(name, options, clock)
        self._shelf = shelf
        self._many = concurrency

    @property
    def concurrency(self) -> int:
        return self._many

    def now(self) -> datetime:
        return super().now() - self._shelf.clock_behind
