"""The one door to a CRM: every call of a connection goes through it, paced, signed, timed and counted.

Reads are tried again, writes never. It understands no answer: the connector's `check` names what went wrong.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from urllib.parse import quote, urlencode, urlsplit

import structlog

from kamsync.net import hosts
from kamsync.net.budget import Ledger, Unlimited
from kamsync.net.clock import Stopped
from kamsync.net.counted import CallRecord, Spent
from kamsync.net.pace import Pace
from kamsync.net.redact import hush, scrubbed, secrets_of
from kamsync.net.retry import LONGEST, is_brief, retry_after, retrying
from kamsync.net.skew import Skew
from kamsync.net.spool import Spool, spooled
from kamsync.net.tokens import MemoryBox, TokenBox, Tokens, least_seconds
from kamsync.net.transport import Failed, Transport, content
from kamsync.net.wording import not_sent, placed, refused
from kamsync.plugin import (
    AuthExpired,
    Clock,
    ConnectorError,
    KamsyncError,
    NotSent,
    Options,
    QuotaSpent,
    Reply,
    Request,
    Secret,
    Text,
    Throttled,
    Token,
    TooLarge,
    Unavailable,
    Wire,
    http_date,
)

MINT_TRIES = 3
DAY = 86_400.0
UNFIT = Text("令牌接口给出的令牌无法放进请求头", "the token call gave a token that no header can carry")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Call:
    """One attempt on its way: what is known of it for counting and for words."""

    request: Request
    url: str
    credits: int
    retry: bool
    into: Spool | None = None  # where a large answer goes
    status: int | None = None

    @property
    def host(self) -> str:
        return hosts.host_of(self.url)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"

    def said(self, what: Text) -> Text:
        """What went wrong, and where: never with the query."""
        where = f"{self.request.method} {self.host}{self.path}"
        status = f" (HTTP {self.status})" if self.status is not None and "(HTTP " not in what.en else ""
        return Text(f"{where}:{what.zh}{status}", f"{where}: {what.en}{status}")


class Door:
    """The network as one connection may use it; a connector sees it as `kamsync.plugin.Http`."""

    def __init__(
        self,
        name: str,
        wire: Wire,
        options: Options,
        clock: Clock,
        *,
        tokens: TokenBox | None = None,
        stop: threading.Event | None = None,
        deadline: float = 60.0,
        on_call: Callable[[CallRecord], None] | None = None,
        ledger: Ledger | None = None,
        transport: type[Transport] = Transport,
        random: Random | None = None,
    ) -> None:
        self.name = name
        self._wire = wire
        self._options = options
        self._clock = clock
        self._stop = stop or threading.Event()
        self._on_call = on_call
        self._secrets = secrets_of(options)
        self.concurrency = self._wished = max(1, wire.concurrency(options))
        self._ledger = ledger or Unlimited()
        # A whole day is the ledger's business, which outlives this process and knows what a call is for.
        limits = [one for one in wire.limits(options) if ledger is None or one.seconds < DAY]
        self._pace = Pace(name, limits, self.concurrency, clock)
        self._random = random or Random()  # noqa: S311  it only spreads pauses
        self._transport = transport(connections=self.concurrency, deadline=deadline)
        self._skew = Skew(clock)
        self._tokens = Tokens(
            name, clock, MemoryBox() if tokens is None else tokens, least_seconds(wire.mint(options)), self._ask_token
        )
        self._spent = Spent()
        self._counting = threading.Lock()

    # ---- what connectors use

    def call(self, request: Request) -> Reply:
        """Send and answer. Reads: tried again within bounds. Writes: once, `NotSent` when it surely did nothing."""
        if request.write:
            return self._write(request)
        reply: Reply = retrying(self._clock, self._random)(self._read, request, itertools.count())
        return reply

    @contextmanager
    def download(self, request: Request) -> Iterator[Spool]:
        """As `call`; a good answer's body lies in a file, and its judge sees the beginning."""
        with spooled() as file:
            retrying(self._clock, self._random)(self._read, request, itertools.count(), file)
            yield file

    def now(self) -> datetime:
        return self._skew.now()

    def facts(self) -> Mapping[str, str]:
        return self._tokens.current().facts

    # ---- what the engine uses

    @property
    def spent(self) -> Spent:
        """A copy of the counters."""
        with self._counting:
            return replace(self._spent, by_path=Counter(self._spent.by_path))

    def allow(self, calls: int) -> None:
        """The tenant allows so many calls at one time: never more, whatever was wished for."""
        self.concurrency = max(1, min(self._wished, calls))
        self._pace.allow(self.concurrency)

    def close(self) -> None:
        self._transport.close()

    # ---- reads and writes

    def _read(self, request: Request, tries: Iterator[int], into: Spool | None = None) -> Reply:
        """One try, with a second one inside it when the token turned out to be dead."""
        token = self._tokens.current() if request.auth else None
        try:
            return self._go(self._prepare(request, token, retry=next(tries) > 0, into=into), token)
        except AuthExpired as expired:
            if token is None:
                raise refused(expired) from expired
            self._tokens.dead(token)
        token = self._tokens.current()
        try:
            return self._go(self._prepare(request, token, retry=next(tries) > 0, into=into), token)
        except AuthExpired as again:
            raise refused(again) from again

    def _write(self, request: Request) -> Reply:
        try:
            token = self._tokens.current() if request.auth else None
            call = self._prepare(request, token)
        except (ConnectorError, Stopped) as nothing_left:
            raise not_sent(nothing_left) from nothing_left
        try:
            return scrubbed(self._go(call, token), self._known(token))
        except AuthExpired as expired:
            if token is not None:
                self._tokens.dead(token)
            raise not_sent(expired) from expired
        except (Throttled, Stopped) as held_back:
            raise not_sent(held_back) from held_back

    def _prepare(
        self,
        request: Request,
        token: Token | None,
        *,
        base: str | None = None,
        retry: bool = False,
        into: Spool | None = None,
    ) -> _Call:
        """Sign anew and look at the address; nothing has left yet."""
        if base is None:
            base = (token.base if token else None) or self._wire.base(self._options)
        signed = self._wire.sign(self._options, token, request) if token else request
        url = hosts.join(base, signed.path)
        hosts.admit(url, self._wire.hosts, self._options.allow_hosts, self.name)
        return _Call(signed, url, self._wire.price(request), retry, into)

    def _go(self, call: _Call, token: Token | None) -> Reply:
        """Wait for a turn, send, judge, count."""
        with self._ledger.turn(call.credits), self._pace.turn(call.path, call.credits):
            if self._stop.is_set():
                raise Stopped
            began = self._clock.monotonic()
            try:
                reply = self._send(call)
            except ConnectorError as broken:
                self._count(call, type(broken).__name__, began)
                raise
            self._skew.note(http_date(reply.headers.get("date")), began, self._clock.monotonic())
            self._note_end(reply, token)
            self._note_left(reply)
        try:
            self._judge(call, reply)
        except KamsyncError as error:
            self._count(call, type(error).__name__, began)
            self._soften(call, reply, error, token)
            raise
        self._count(call, "ok", began)
        return reply

    def _note_end(self, reply: Reply, token: Token | None) -> None:
        moment = self._wire.ends(reply) if self._wire.ends is not None and token is not None else None
        if moment is not None and token is not None:
            self._tokens.ends(token, (moment - self._skew.now()).total_seconds())

    def _note_left(self, reply: Reply) -> None:
        left = self._wire.left(reply) if self._wire.left is not None else None
        if left is not None:
            self._ledger.left(left)

    def _send(self, call: _Call) -> Reply:
        request = call.request
        headers, body = content(request)
        url = call.url
        if request.query:
            url += ("&" if "?" in url else "?") + urlencode(request.query, quote_via=quote, errors="replace")
        try:
            reply = self._transport.send(request.method, url, headers, body, fresh=request.write, into=call.into)
        except Failed as failed:
            failure = failed
        else:
            call.status = reply.status
            return reply
        if request.write and not failure.sent:
            raise NotSent(call.said(failure.why))
        if failure.too_large and not request.write:
            raise TooLarge(call.said(failure.why), next="kamsync doctor")
        raise Unavailable(call.said(failure.why), next="kamsync doctor")

    def _judge(self, call: _Call, reply: Reply) -> None:
        """Raise what this reply is; the connector's word comes first, but a redirect is never an answer."""
        if reply.status in (301, 302, 303, 307, 308):
            to = hosts.host_of(reply.headers.get("location", "")) or "?"
            raise Unavailable(
                call.said(Text(f"被转向 {to},未跟随", f"redirected to {to}, which was not followed")),
                next="kamsync doctor",
            )
        placed(call.said, lambda: self._wire.check(call.request, reply))
        if reply.status == 429:
            raise Throttled(call.said(Text("调用过于频繁", "too many calls")))
        if reply.status >= 500:
            raise Unavailable(call.said(Text("对方服务出错", "the other side failed")))

    def _soften(self, call: _Call, reply: Reply, error: KamsyncError, token: Token | None) -> None:
        """Make an error fit to be seen and obeyed: no secrets, a sane pause, and the pause for everybody."""
        hush(error, self._known(token))
        if not isinstance(error, Throttled):
            return
        if isinstance(error, QuotaSpent):
            self._ledger.park(error.after)
        if error.after is None:
            error.after = retry_after(reply, self._skew.now())
        if error.after is not None and not isinstance(error, QuotaSpent):
            error.after = min(max(error.after, 0.0), LONGEST)
        if is_brief(error) and error.after:
            self._pace.rest(call.path, error.after)

    def _known(self, token: Token | None) -> tuple[Secret, ...]:
        """The secrets that a call with this token may have carried."""
        return (*self._secrets, *((token.secret,) if token else ()))

    # ---- the token call

    def _ask_token(self) -> Token:
        """Mint: its own few tries, on a broken line only."""
        token: Token = retrying(self._clock, self._random, MINT_TRIES, throttled=False)(
            self._ask_once, itertools.count()
        )
        return token

    def _ask_once(self, tries: Iterator[int]) -> Token:
        mint = self._wire.mint(self._options)
        call = self._prepare(mint.request, None, base=mint.base, retry=next(tries) > 0)
        try:
            reply = self._go(call, None)
            token = placed(call.said, lambda: mint.read(reply))
            word = token.secret.reveal()
            if not (word.isascii() and word.isprintable()):
                raise Unavailable(call.said(UNFIT), next="kamsync doctor")
            return token
        except AuthExpired as expired:
            raise refused(expired) from expired
        except NotSent as unsent:
            raise Unavailable(unsent.text, next=unsent.next) from unsent
        except KamsyncError as error:
            hush(error, self._secrets)
            raise

    # ---- counting

    def _count(self, call: _Call, outcome: str, began: float) -> None:
        seconds = self._clock.monotonic() - began
        with self._counting:
            self._spent.requests += 1
            self._spent.credits += call.credits
            self._spent.retries += call.retry
            self._spent.by_path[call.path] += 1
        self._ledger.note(call.credits)
        log.debug(
            "net.call",
            connection=self.name,
            method=call.request.method,
            host=call.host,
            path=call.path,
            status=call.status,
            outcome=outcome,
            ms=round(seconds * 1000),
        )
        if self._on_call is not None:
            self._on_call(
                CallRecord(
                    self.name,
                    call.request.method,
                    call.host,
                    call.path,
                    call.status,
                    outcome,
                    seconds,
                    call.credits,
                    call.request.write,
                    call.retry,
                )
            )
