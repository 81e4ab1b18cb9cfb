"""What a connector says to the network door, and what it gets back.

Values only: the door itself (pace, deadlines, tokens, retries of reads) is `net`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO, Literal, Protocol

from kamsync.plugin.errors import Unavailable
from kamsync.plugin.secret import Secret
from kamsync.plugin.text import Text


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `path` is below the base address (or a whole URL, checked against the allowed hosts)."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    write: bool = False  # may change the CRM: the door sends it once, on a fresh connection, and never repeats it
    auth: bool = True  # False: no token is put on (the token call itself)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, read within its deadline and size cap."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    _read: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)  # what json() gave before

    def json(self) -> Any:
        """The body as JSON: fractions as Decimal, NaN refused; `Unavailable` when it is not JSON.

        Read once, however many ask: whoever judges an answer reads it before whoever wants it. Not to be changed.
        """
        if self._read:
            return self._read[0]
        try:
            self._read.append(json.loads(self.body, parse_float=Decimal, parse_constant=_no_constant))
        except (ValueError, RecursionError) as broken:
            start = self.body[:40].decode("utf-8", "replace").strip()
            raise Unavailable(
                Text(
                    f"期望 JSON,收到的是 {start!r}(HTTP {self.status})",
                    f"expected JSON, got {start!r} (HTTP {self.status})",
                )
            ) from broken
        return self._read[0]


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Token:
    """What a mint brought. Times are seconds from the moment of the answer."""

    secret: Secret
    expires_in: float  # dead after this
    refresh_after: float  # worth asking for a new one from here on
    base: str | None = None  # the API address the mint named, if it did
    facts: Mapping[str, str] = field(default_factory=dict)  # e.g. the enterprise account that calls must carry


@dataclass(frozen=True, slots=True)
class Mint:
    """One token call, pure: what to send, how to read the answer (raises Refused, Throttled, Unavailable)."""

    request: Request
    base: str
    read: Callable[[Reply], Token]
    least_seconds: float = 60.0  # never ask more often than this unless the CRM called the token dead


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` units in any `seconds`; over every call together, or each path by itself.

    `paths`: a pattern; only calls whose path it fits count. `seconds` 0: so many at one time.
    """

    name: str
    amount: int
    seconds: float
    unit: Literal["call", "credit"] = "call"
    per_path: bool = False
    paths: str | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """How one CRM is spoken to; each part is pure. `O` is the connector's options class."""

    base: Callable[[Any], str]  # options -> API address used until the token names another
    hosts: Sequence[str]  # host suffixes of the CRM's own clouds, https only; config's allow_hosts adds to them
    mint: Callable[[Any], Mint]
    sign: Callable[[Any, Token, Request], Request]  # put token (and what else calls carry) on, anew per attempt
    check: Callable[[Request, Reply], None]  # raise the named error that this reply is, or return
    limits: Callable[[Any], Sequence[Limit]]
    price: Callable[[Request], int]  # credits that one call costs
    concurrency: Callable[[Any], int]
    ends: Callable[[Reply], datetime | None] | None = None  # when the token that was used dies, if the answer tells
    left: Callable[[Reply], int | None] | None = (
        None  # credits that the whole organisation has left, if the answer tells
    )


class File(Protocol):
    """A whole downloaded file, kept on disk, never in memory."""

    def members(self) -> Iterator[tuple[str, BinaryIO]]:
        """Name and stream of each file in it, one after another, if it is a zip; within the door's caps."""

    def stream(self) -> BinaryIO:
        """Its bytes, seekable, from the beginning."""


class Http(Protocol):
    """The door as a connector sees it: bound to one connection."""

    def call(self, request: Request) -> Reply:
        """Send within pace, budget and deadline; raises the errors of `kamsync.plugin.errors`."""

    def download(self, request: Request) -> AbstractContextManager[File]:
        """As `call`, for an answer that is a large file: it lies on disk and goes with the context."""

    def now(self) -> datetime:
        """The CRM's clock (UTC), from the Date of its last answers."""

    def facts(self) -> Mapping[str, str]:
        """What the token call told beside the token (`Token.facts`); asks for a token if there is none yet."""


class Clock(Protocol):
    """Time, handed in so that it can be invented."""

    def now(self) -> datetime:
        """The instant, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    def sleep(self, seconds: float) -> None:
        """Wait; returns early only by raising when the process is asked to stop."""
