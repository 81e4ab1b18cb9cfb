"""Keep one access token a connection: mint it once for all threads, renew it in time, never storm the token call.

Knows no CRM: the call and the reading of its answer are the connector's `Mint`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from kamsync.plugin import Clock, Mint, Refused, Text, Throttled, Token, Unavailable

DEAD_MINTS = 8  # mints in DEAD_SECONDS after which a token called dead is a fault, not a reason to ask again
LONGEST = 366 * 86_400.0  # nobody is believed who says that a token lives longer
DEAD_SECONDS = 600.0


BREATH = 2.0  # after a token call that failed on the line, those who waited for it fail with it


class NoToken(Unavailable):
    """The token call failed on the line, its own tries included: the read that wanted it is not tried again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A token with its life as instants (UTC), so that another process may use it too."""

    token: Token
    minted_at: datetime
    refresh_at: datetime
    expires_at: datetime


class TokenBox(Protocol):
    """Where tokens outlive the process."""

    def get(self, name: str) -> Kept | None:
        """The token of a connection, if one is kept."""

    def put(self, name: str, kept: Kept | None) -> None:
        """Keep a token; None: forget it."""


class MemoryBox:
    """Keeps tokens as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def get(self, name: str) -> Kept | None:
        return self._kept.get(name)

    def put(self, name: str, kept: Kept | None) -> None:
        if kept is None:
            self._kept.pop(name, None)
        else:
            self._kept[name] = kept


@dataclass(slots=True)
class _Current:
    token: Token
    born: float  # clock.monotonic() of the mint
    ends: float | None = None  # clock.monotonic() at which it dies, where an answer told

    def age(self, clock: Clock) -> float:
        return clock.monotonic() - self.born

    def is_fresh(self, clock: Clock) -> bool:
        """Not yet worth renewing, by its mint and by what answers told since."""
        spare = self.token.expires_in - self.token.refresh_after
        told = self.ends is None or clock.monotonic() < self.ends - spare
        return told and self.age(clock) < self.token.refresh_after


class Tokens:
    """The token of one connection. `ask` makes the token call once and raises the connector's errors."""

    def __init__(self, name: str, clock: Clock, box: TokenBox, least: float, ask: Callable[[], Token]) -> None:
        self._name = name
        self._clock = clock
        self._box = box
        self._least = least
        self._ask = ask
        self._lock = threading.Lock()
        self._current: _Current | None = None
        self._minted: deque[float] = deque()
        self._refusal: tuple[float, Refused | Throttled | Unavailable] | None = (
            None  # until when not to ask again, and why
        )

    @property
    def known(self) -> Token | None:
        """The token at hand, without asking for one."""
        current = self._current
        return current.token if current else None

    def current(self) -> Token:
        """A token to use now. Whoever comes while one is being minted waits for that one."""
        with self._lock:
            if self._current is None:
                self._current = self._from_box()
            current = self._current
            if current is None:
                return self._mint()
            age = current.age(self._clock)
            if current.is_fresh(self._clock) or age < self._least:
                return current.token  # if it is dead, the CRM will say so
            newer = self._from_box()  # another process may have been quicker
            is_other = newer is not None and newer.token.secret != current.token.secret
            if newer is not None and is_other and newer.is_fresh(self._clock):
                self._current = newer
                return newer.token
            try:
                return self._mint()
            except (Unavailable, Throttled):
                if age < current.token.expires_in:
                    return current.token  # it still lives; the next call tries again
                raise

    def ends(self, token: Token, seconds: float) -> None:
        """An answer told that this token dies in so many seconds."""
        with self._lock:
            if self._current is not None and self._current.token is token:
                self._current.ends = self._clock.monotonic() + seconds

    def dead(self, token: Token) -> None:
        """The CRM called this token dead. A newer one, got by another thread meanwhile, stays."""
        with self._lock:
            if self._current is not None and self._current.token is token:
                self._current = None
            kept = self._box.get(self._name)
            if kept is not None and kept.token.secret == token.secret:
                self._box.put(self._name, None)

    def _mint(self) -> Token:
        self._guard()
        try:
            token = self._ask()
        except (Refused, Throttled) as no:
            pause = getattr(no, "after", None) or self._least
            self._refusal = (self._clock.monotonic() + pause, no)
            raise
        except Unavailable as broken:
            self._refusal = (self._clock.monotonic() + BREATH, broken)
            raise NoToken(broken.text, next=broken.next) from broken
        self._refusal = None
        self._current = _Current(token, self._clock.monotonic())
        self._minted.append(self._current.born)
        self._box.put(self._name, self._kept(token))
        return token

    def _guard(self) -> None:
        """Not again at once after a no, and not again and again when fresh tokens die young."""
        now = self._clock.monotonic()
        if self._refusal is not None and now < self._refusal[0]:
            until, said = self._refusal
            if isinstance(said, Throttled):
                raise Throttled(said.text, after=until - now, next=said.next)
            if isinstance(said, Unavailable):
                raise NoToken(said.text, next=said.next)
            raise Refused(said.text, code=said.code, next=said.next)
        while self._minted and now - self._minted[0] >= DEAD_SECONDS:
            self._minted.popleft()
        if len(self._minted) >= DEAD_MINTS:
            raise Refused(
                Text(
                    f"连接 {self._name}:10 分钟内已换了 {DEAD_MINTS} 次访问令牌,CRM 仍说无效;请检查授权",
                    f"connection {self._name}: {DEAD_MINTS} access tokens in 10 minutes and the CRM still calls them "
                    "dead; check the authorisation",
                ),
                code="auth",
                next="kamsync doctor",
            )

    def _kept(self, token: Token) -> Kept:
        now = self._clock.now()
        renew, end = (timedelta(seconds=min(span, LONGEST)) for span in (token.refresh_after, token.expires_in))
        return Kept(token, now, now + renew, now + end)

    def _from_box(self) -> _Current | None:
        """What an earlier process left, unless it is over or its stamps make no sense."""
        kept = self._box.get(self._name)
        now = self._clock.now()
        if kept is None or not kept.minted_at <= now < kept.expires_at:
            return None
        return _Current(kept.token, self._clock.monotonic() - (now - kept.minted_at).total_seconds())


def least_seconds(mint: Mint) -> float:
    """How long a mint must rest, never less than a second."""
    return max(1.0, mint.least_seconds)
