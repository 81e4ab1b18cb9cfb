"""What one stream goes through in one pull, and what is told of it. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kamsync.engine.connections import Connection
from kamsync.engine.land import Tally
from kamsync.plugin import KamsyncError, Stream, Text
from kamsync.store.cursors import Cursors
from kamsync.store.landing import Place
from kamsync.store.tables import Row


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that is not as it should be and does not stop the stream. `kind` names it for programs."""

    kind: str
    text: Text
    next: str

    def row(self) -> Row:
        return {"kind": self.kind, "zh": self.text.zh, "en": self.text.en, "next": self.next}


@dataclass(slots=True)
class StreamReport:
    """What became of one stream in a pull."""

    connection: str
    stream: str
    object: str
    tally: Tally = field(default_factory=Tally)
    trouble: KamsyncError | None = None
    held: int = 0
    requests: int = 0
    credits: int = 0
    lanes: list[str] = field(default_factory=list)  # those that were read
    concerns: list[Concern] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)  # odd things that were dealt with


@dataclass(slots=True)
class Course:
    """One stream under way."""

    connection: Connection
    stream: Stream
    place: Place
    report: StreamReport
    cursors: Cursors
    began: datetime  # by our clock
    position: datetime | None = None  # how far it was read before this pull
    again: bool = False  # it had been read whole before
    lost: frozenset[str] = frozenset()  # mapped fields that were there once and cannot be read now
    looked: set[str] = field(default_factory=set)  # kinds of concern that this pull could judge
    listed: set[str] = field(default_factory=set)  # ids that the newest window showed
    windows: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)  # closed windows read to their end
    stale: list[tuple[str, datetime | None]] = field(default_factory=list)
    suspects: list[str] = field(default_factory=list)  # missing in two whole lists
    canaries: dict[str, datetime] = field(default_factory=dict)  # stored stamps of records that should have come
    missing: int | None = None  # records that the latest whole list did not show; None: none was read now
    accepts_empty: bool = False
    from_scratch: set[str] = field(default_factory=set)  # lanes whose whole read was begun in this pull
    asked: bool = False  # a person wants this stream, or part of it, read again
    seconds: float = 0.0  # that the newest lane took
    older: int = 0  # records that the CRM gave by id with a stamp older than ours

    @property
    def where(self) -> str:
        return f"{self.place.connection}/{self.place.stream}"

    @property
    def again_command(self) -> str:
        return f"kamsync pull {self.place.connection} {self.place.stream}"

    def concern(self, kind: str, text: Text, next: str) -> None:
        self.report.concerns.append(Concern(kind, Text(f"{self.where}:{text.zh}", f"{self.where}: {text.en}"), next))

    def note(self, text: Text) -> None:
        """Say once what was odd."""
        if text not in self.report.notes:
            self.report.notes.append(text)
