"""The contract between kamsync and a CRM: plain data, one function, and a session of few methods.

No base class to inherit. Having a method is the claim that it works; the conformance suite
(`kamsync.testing`) tries every claim and skips, visibly, what is not claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from kamsync.plugin.http import Clock, Http, Wire
from kamsync.plugin.text import Text
from kamsync.plugin.values import Field, Forecast, Health, Page, Stream, Window
from kamsync.plugin.writing import (
    Found,
    Intent,
    Live,
    LiveTask,
    Ours,
    Outcome,
    Probe,
    Target,
    TaskRef,
    Write,
)

CONTRACT = 1


class Options(BaseModel):
    """The settings every connection has; a connector adds its own by inheriting.

    Field names are the keys of the config block; a field of type `Secret` takes a reference there (env:, file:).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)

    allow_hosts: tuple[str, ...] = ()
    tag_prefix: str = "KAM·"
    concurrency: int | None = None
    settle_seconds: float | None = None


class Session(Protocol):
    """An open connection. Every method may raise the errors of `kamsync.plugin.errors`."""

    def check(self) -> Health:
        """Who am I, which scopes are missing, which limits hold, what time is it there."""

    def streams(self) -> Sequence[Stream]:
        """What this tenant offers that could be read, by its metadata."""

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        """Oldest change first where the CRM can; each page says where to resume after it."""


# ---- capabilities: having the method is the claim


@runtime_checkable
class ReadsGone(Protocol):
    def gone(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        """The CRM's own list of what was deleted in the window."""


@runtime_checkable
class ReadsSlices(Protocol):
    def slices(self, stream: Stream, window: Window, want: int) -> Sequence[Window]:
        """Independent parts of a window, at most `want`, to be read in parallel."""


@runtime_checkable
class ListsIds(Protocol):
    def ids(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Every id there is, for the sweep; bodies may be empty."""


@dataclass(frozen=True, slots=True)
class Gotten:
    """One id looked up directly. hidden: the CRM will not say whether it is there."""

    id: str
    state: str  # found | gone | hidden
    page: Page | None = None


@runtime_checkable
class Gets(Protocol):
    def get(self, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
        """Each id by itself, fresh."""


@runtime_checkable
class Describes(Protocol):
    def fields(self, stream: Stream) -> Sequence[Field]:
        """The stream's fields as the tenant has them today."""


@runtime_checkable
class Forecasts(Protocol):
    def forecast(self, stream: Stream, window: Window, parts: int = 1) -> Forecast | None:
        """What reading this window would cost, cut into at most so many parts where the connector can cut.

        Cutting counts as part of it. Found out by at most a call or two; None: cannot be said.
        """


@runtime_checkable
class Writes(Protocol):
    def writes(self) -> Sequence[Write]:
        """Per facet: how safe, how many at once."""

    def live(self, targets: Sequence[Target]) -> Sequence[Live]:
        """What the CRM holds now, one answer a target, read past any index where there is a way."""

    def find(self, probes: Sequence[Probe]) -> Sequence[Found]:
        """Is the task of this marker there? One answer a probe."""

    def ours(self, since: Any) -> Iterator[Ours]:
        """Every task that carries a marker of kamsync's, changed since (an aware datetime or None for all)."""

    def write(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """One batch of one kind, one outcome an intent. A raised NotSent: none was sent. Anything else: unknown."""


@runtime_checkable
class ReadsTasks(Protocol):
    def tasks(self, refs: Sequence[TaskRef]) -> Sequence[LiveTask]:
        """What these tasks of ours are now, one answer a ref, read past any index where there is a way.

        A ref without an id is looked for by its marker.
        """


@dataclass(frozen=True, slots=True)
class Hint:
    """What a call of the CRM's says, once it is proven to be the CRM's own: nothing else in it is believed.

    objects: what to poll sooner; none: a mere greeting. id: tells this message from all others and stays the same when
    it is sent again ("": nothing does). at: when it was sent. answer: the body by which the CRM knows it was heard.
    """

    objects: tuple[str, ...] = ()
    id: str = ""
    at: datetime | None = None
    answer: bytes = b""


@runtime_checkable
class Hints(Protocol):
    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """A call came in (names of headers in lower case). Asks nobody; many may come at one time.

        Raises Refused where it is not proven to be the CRM's, ConfigError where nothing is set to prove it by.
        """


@runtime_checkable
class Watches(Protocol):
    def watch(self, url: str, streams: Sequence[Stream]) -> datetime | None:
        """Have the CRM call `url` when records of these change, or go on doing so; until when (None: for good).

        Said again it renews what is alive and begins anew what has died: there are never two for one `url`.
        """

    def unwatch(self, url: str) -> None:
        """Have it stop calling `url`; nothing happens where it does not call."""


@dataclass(frozen=True, slots=True)
class Hand:
    """What kamsync's own hand writes in a CRM, so that no mapping takes it for the customer's.

    tags: fields that carry our tags, people's beside them or not. tasks: the objects that our tasks are records of.
    marker: the field that the settings name for a task's marker; None: they name none.
    """

    tags: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    marker: str | None = None


def _no_hand(options: Any) -> Hand:
    return Hand()


@dataclass(frozen=True, slots=True)
class Connector:
    """What an entry point in the group `kamsync.connectors` loads."""

    name: str
    title: Text
    options: type[Options]
    wire: Wire | None  # None: not over a network of ours (files, a child process); every call is then refused
    mapping: Callable[[], str]  # the default mapping file's text
    open: Callable[[Any, Http, Clock], Session]  # (options, http, clock)
    tenant: Callable[..., Any] | None = None  # its simulated CRM: a kamsync.testing.Tenant, imported only when called
    contract: int = CONTRACT
    hand: Callable[[Any], Hand] = _no_hand  # what we write there, by the options; who writes tags or tasks says it
    setup: Text | None = None  # what an admin does in the CRM first: scopes, apps, fields
