"""The nouns of reading that connectors and kamsync pass between them; those of writing are in `writing`.

Frozen and plain: no behaviour beyond reading themselves. Every datetime is aware; ids are strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from kamsync.plugin.text import Text


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record in one CRM.

    `object` is the CRM's own name for it ("Accounts", "AccountObj"); `name` is kamsync's, and the mapping
    may rename it. `lag`: how late a change may become visible. `entity`: what it is by default, if known.
    """

    name: str
    object: str
    entity: str | None = None
    label: Text | None = None
    custom: bool = False
    incremental: bool = True  # False: no usable modified stamp, every pull reads all of it
    lag: timedelta = timedelta(seconds=60)
    keeps_cursor: bool = False  # its last page has a cursor too, and the next window goes on from it
    lists_all: bool = True  # False: what a whole read leaves out may well exist; nothing is taken for gone by it
    remembers: timedelta | None = None  # how far back the CRM's list of deletions reaches; who was away longer sweeps
    stands_for: tuple[str, ...] = ()  # objects of other tenants, or other editions, in whose place it serves
    created: str | None = None  # the field that says when a record was made: another value is another record's id


@dataclass(frozen=True, slots=True)
class Window:
    """What to read: records modified in [lo, hi) by the CRM's clock; an end that is None is open.

    `want` names the fields the mapping needs; a connector may bring more, never less of what exists.
    """

    lo: datetime | None
    hi: datetime
    want: frozenset[str] = frozenset()
    slice: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far a stream has been read: inclusive."""

    modified: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Record:
    """One item exactly as the CRM sent it (`body`), with what kamsync must know to place it.

    `modified` is None where the CRM has no stamp. `problem` set: it cannot be placed (say, no id) and is quarantined.
    """

    id: str
    modified: datetime | None
    body: Mapping[str, Any]
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The CRM says this record is no more. `into`: the winner, where it was merged. `at`: when, where it is told;
    a record changed after that is another one, or back."""

    id: str
    kind: Literal["deleted", "void", "merged"]
    into: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a list. It and its cursor are landed in one transaction.

    `cursor`: opaque, valid inside this window only; None on the last page. `through`: reached so far, given only
    while the CRM kept the order. `fields`: asked for (None: whatever the record has). `wait`: not ready, come back.
    """

    records: tuple[Record, ...] = ()
    gone: tuple[Gone, ...] = ()
    cursor: str | None = None
    through: Position | None = None
    fields: frozenset[str] | None = None
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a picklist: what is stored, what people see."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a stream as the tenant's metadata tells it. `id` survives a rename where the CRM has one."""

    name: str
    label: str
    type: str
    id: str = ""
    choices: tuple[Choice, ...] = ()
    writable: bool = False
    unique: bool = False
    required: bool = False
    custom: bool = False
    length: int | None = None
    refers_to: str | None = None
    samples: tuple[str, ...] = ()  # a few values as they stand there, where nothing else describes the field
    silent: bool = False  # it may change without the record's stamp moving: only a sweep sees it
    returns: str = ""  # of a formula: the type of what it yields
    scale: int = 1  # how many units its numbers count in, as far as its label tells: 10,000 where that says 万元


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check-up. `fix` is a command or a place to go."""

    check: str
    state: Literal["ok", "warn", "bad"]
    detail: Text
    fix: Text | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Who we are in this CRM and what it lets us do. `org` is the tenant's stable id and part of every marker."""

    org: str
    user: str
    name: str = ""
    zone: str | None = None
    currency: str | None = None
    clock: datetime | None = None
    findings: tuple[Finding, ...] = ()
    concurrency: int | None = None  # calls at one time that the tenant allows; None: it does not say
    credits: int | None = None  # credits a day that it allows


@dataclass(frozen=True, slots=True)
class Forecast:
    """What reading a window would take. `records` None: the CRM does not count.

    `describing`: calls, of a credit each, that asking for the stream's fields takes beside it, when they are due.
    """

    calls: int
    credits: int
    records: int | None = None
    describing: int = 0
