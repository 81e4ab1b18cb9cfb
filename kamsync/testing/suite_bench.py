"""What every check of the conformance suite stands on: one connector, opened on its simulated tenant.

Opens through the real door, with the tenant's own options, on a clock that nobody waits for. Knows no CRM.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NoReturn, TypeVar

import pytest

from kamsync.engine.offline import Offline
from kamsync.mapping import Mapping, read_mapping
from kamsync.net import Door, Spent
from kamsync.plugin import (
    Connector,
    Describes,
    Forecasts,
    Gets,
    Hints,
    ListsIds,
    Page,
    ReadsGone,
    ReadsSlices,
    Request,
    Secret,
    Session,
    Stream,
    Target,
    Token,
    Watches,
    Window,
    Writes,
)
from kamsync.testing.clock import FastClock
from kamsync.testing.faults import Fault
from kamsync.testing.grades import UNCLAIMED
from kamsync.testing.server import Answer, Call
from kamsync.testing.suite_looking import body_of, gone, ids, leaves, longest_list, records, states, with_rows
from kamsync.testing.tenant import Lacks, Tenant

__all__ = [
    "HOUR", "SECOND", "Bench", "able", "body_of", "gone", "ids", "leaves", "longest_list", "records", "skip", "states",
    "with_rows",
]  # fmt: skip

MOST_PAGES = 500
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

T = TypeVar("T")


class Bench:
    """One connector before its tenant. `session` is open from the start; `open` gives another, as after a restart."""

    def __init__(self, connector: Connector, tenant: Tenant) -> None:
        self.connector = connector
        self.tenant = tenant
        self.clock = FastClock(tenant)
        self.secrets: set[str] = set(tenant.secrets)  # every token and password that was used
        self._doors: list[Door | Offline] = []
        self._streams: Sequence[Stream] | None = None
        self.start = (tenant.now() - timedelta(days=30)).replace(microsecond=0)
        self.session: Session = self.open()

    def open(self, **changed: Any) -> Session:
        """A new session through a new door, no token at hand; `changed` options in place of the tenant's."""
        options = self.connector.options(**{**self.tenant.options(), **changed})
        self.secrets |= {value.reveal() for _, value in options if isinstance(value, Secret)}
        door = self._door(options)
        self._doors.append(door)
        return self.connector.open(options, door, self.clock)

    def _door(self, options: Any) -> Door | Offline:
        """The way out; a connector without a network has none."""
        wire = self.connector.wire
        if wire is None:
            return Offline("bench", options, self.clock)
        return Door("bench", replace(wire, sign=self._sign), options, self.clock, deadline=5.0)

    def _sign(self, options: Any, token: Token, request: Request) -> Request:
        wire = self.connector.wire
        assert wire is not None
        self.secrets.add(token.secret.reveal())
        return wire.sign(options, token, request)

    @property
    def spent(self) -> Spent:
        """What the first session has used so far."""
        return self._doors[0].spent

    @property
    def concurrency(self) -> int:
        """Calls that may be in flight at one time."""
        return self._doors[0].concurrency

    @property
    def is_offline(self) -> bool:
        """Nothing goes over a network: files, a program that is run beside."""
        return self.connector.wire is None

    def close(self) -> None:
        for door in self._doors:
            door.close()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- what the session claims

    def gone(self) -> ReadsGone:
        return self.session if isinstance(self.session, ReadsGone) else _unclaimed("gone")

    def slices(self) -> ReadsSlices:
        return self.session if isinstance(self.session, ReadsSlices) else _unclaimed("slices")

    def sweep(self) -> ListsIds:
        return self.session if isinstance(self.session, ListsIds) else _unclaimed("ids")

    def gets(self) -> Gets:
        return self.session if isinstance(self.session, Gets) else _unclaimed("get")

    def forecasts(self) -> Forecasts:
        return self.session if isinstance(self.session, Forecasts) else _unclaimed("forecast")

    def hints(self) -> Hints:
        """A session that takes notices from the tenant."""
        session = self.open(**self.tenant.listening)
        return session if isinstance(session, Hints) else _unclaimed("hint")

    def watches(self) -> Watches:
        """A session that has the tenant call us."""
        session = self.open(**self.tenant.listening)
        return session if isinstance(session, Watches) else _unclaimed("watch")

    def has(self, capability: str) -> bool:
        """Does the session claim this method?"""
        return hasattr(self.session, capability)

    def describes(self) -> Describes:
        return self.session if isinstance(self.session, Describes) else _unclaimed("fields")

    def writer(self) -> Writes:
        return self.session if isinstance(self.session, Writes) else _unclaimed("write")

    # ---- streams and windows

    def stream(self, entity: str = "account") -> Stream:
        """The first stream that holds this entity."""
        if self._streams is None:
            self._streams = self.session.streams()
        found = next((stream for stream in self._streams if self.entity_of(stream) == entity), None)
        return found or _unclaimed(f"a stream of the kind {entity}")

    def entity_of(self, stream: Stream) -> str | None:
        """What its records are: as the session says, or else the mapping."""
        name = self.mapping.stream_of(stream.object)
        return stream.entity or (self.mapping.entities[name] if name else None)

    def by_windows(self) -> None:
        """Skips where a place is kept from one read to the next, and no window of time is asked for."""
        if self.stream().keeps_cursor:
            skip("windows of time")

    def by_place(self) -> None:
        """Skips where windows of time are asked for."""
        if not self.stream().keeps_cursor:
            skip("a place that is kept from one read to the next")

    def ends(self, pages: Sequence[Page], stream: Stream | None = None) -> bool:
        """Does the last page say that it is the last, and no other? A place that is kept it has to tell."""
        told = [page.cursor is not None for page in pages]
        if (stream or self.stream()).keeps_cursor:
            return all(told[-1:])
        return not any(told[-1:]) and all(told[:-1])

    def are_all(self, came: Sequence[str], there: Sequence[str]) -> bool:
        """Each once. From a place that is kept some may come again: whoever keeps it sets it now and then only."""
        if self.stream().keeps_cursor:
            return set(came) == set(there)
        return Counter(came) == Counter(there)

    @cached_property
    def mapping(self) -> Mapping:
        """The connector's own mapping, or the one that comes with the tenant."""
        return read_mapping(self.tenant.mapping or self.connector.mapping(), f"{self.connector.name}.toml")

    def want(self, stream: Stream) -> frozenset[str]:
        """The fields that the connector's own mapping reads, as the engine would ask for them."""
        name = self.mapping.stream_of(stream.object)
        return self.mapping.wanted_fields(name) if name else frozenset()

    def window(
        self,
        stream: Stream,
        lo: datetime | None = None,
        hi: datetime | None = None,
        want: frozenset[str] | None = None,
    ) -> Window:
        """From `lo` (the beginning of time) to `hi` (an hour from now)."""
        return Window(lo, hi or self.tenant.now() + HOUR, self.want(stream) if want is None else want)

    def pages(
        self,
        stream: Stream | None = None,
        window: Window | None = None,
        cursor: str | None = None,
        session: Session | None = None,
    ) -> list[Page]:
        """Every page of a window; by default all accounts."""
        stream = stream or self.stream()
        return self.drain((session or self.session).read(stream, window or self.window(stream), cursor))

    def drain(self, pages: Iterable[Page]) -> list[Page]:
        """All pages; one that is not ready yet is waited for. A list without end is a failure."""
        found: list[Page] = []
        for page in pages:
            found.append(page)
            self.clock.sleep(page.wait or 0.0)
            assert len(found) <= MOST_PAGES, f"a list of {MOST_PAGES} pages and still no end"
        return found

    # ---- what people put into the CRM

    def accounts(self, count: int, *, apart: timedelta = SECOND) -> list[str]:
        """So many new accounts, changed one after the other, 30 days ago."""
        return [
            self.tenant.add("account", name=f"“华为”技术😀有限公司{number}", modified=self.start + number * apart)
            for number in range(count)
        ]

    def several_pages(self, *, apart: timedelta = SECOND) -> list[str]:
        """Accounts for two and a half answers of a list."""
        return self.accounts(self.tenant.most_rows * 5 // 2, apart=apart)

    def target(self, id: str) -> Target:
        """An account as something to write on."""
        stream = self.stream()
        return Target(stream.name, stream.object, id)

    # ---- trouble

    def at_once(self, acts: Sequence[Callable[[], T]]) -> list[T]:
        """Do all of these at one time, each on a thread of its own; their results in order."""
        with ThreadPoolExecutor(len(acts)) as pool:
            return [each.result() for each in [pool.submit(act) for act in acts]]

    def last_call(self, act: Callable[[], object]) -> str:
        """The call that `act` ends with, in the form that a fault is aimed by."""
        self.quiet()
        act()
        self.quiet()
        return f"^{re.escape(self.tenant.traffic.log[-1].name)}$"

    def listing(self) -> str:
        """The call that lists accounts."""
        return self.last_call(self.pages)

    def times(self, on: str) -> int:
        """How often such a call came so far."""
        self.quiet()
        return sum(count for name, count in self.tenant.traffic.calls.items() if re.search(on, name))

    def quiet(self) -> None:
        """Until the tenant is done with what it has been asked."""
        while self.tenant.traffic.in_flight:
            time.sleep(0.001)

    def fault(self, kind: Any, on: str, **more: Any) -> None:
        self.tenant.fault(Fault(kind, on=on, **more))

    def answer(self, answer: Answer, on: str, times: int = 1) -> None:
        """Give this answer instead of handling the call."""
        headers = dict(answer.headers)
        self.fault("answer", on, times=times, status=answer.status, body=answer.body, headers=headers)

    def well_again(self) -> None:
        """No fault is in force any more."""
        self.tenant.server.faults.clear()

    def tamper(self, change: Callable[[Call, Answer], Answer]) -> None:
        """Let every answer pass through `change` on its way out."""
        handle = self.tenant.server.handle
        self.tenant.server.handle = lambda call: change(call, handle(call))


def skip(capability: str) -> NoReturn:
    """The check does not apply; the report says why."""
    pytest.skip(f"{capability}{UNCLAIMED}")


def able(act: Callable[..., T], *given: Any) -> T:
    """Do what people can do in this CRM; skips where its simulator knows no such thing."""
    try:
        return act(*given)
    except Lacks as lacks:
        skip(str(lacks))


def _unclaimed(capability: str) -> Any:
    skip(capability)
