"""A CRM of five paths and a wire for it, so that the door can be tried against a real server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kamsync.net import Door, SystemClock
from kamsync.plugin import (
    AuthExpired,
    Limit,
    Mint,
    Options,
    QuotaSpent,
    Refused,
    Reply,
    Request,
    Secret,
    Text,
    Throttled,
    Token,
    Unavailable,
    Wire,
    same,
)
from kamsync.testing.server import Answer, Call, Server

PASSWORD = "p4ss-密码-9f8e7d"


class TinyOptions(Options):
    base: str
    password: Secret = Secret(PASSWORD)


class TinyCrm:
    """Gives out tokens, counts them, and answers paths."""

    def __init__(self) -> None:
        self.server = Server(self.handle, lambda: datetime.now(UTC) + self.offset)
        self.offset = timedelta(0)
        self.tokens: list[str] = []
        self.dead: set[str] = set()
        self.kill_all = False
        self.seen: list[Call] = []
        self.answers: dict[str, Callable[[Call], Answer]] = {}
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return self.server.url

    def handle(self, call: Call) -> Answer:
        with self.lock:
            self.seen.append(call)
            if call.path == "/token":
                return self._token(call)
            token = call.headers.get("authorization", "")
            if token not in self.tokens or token in self.dead or self.kill_all:
                return Answer(401, {"error": "dead"})
        answer = self.answers.get(call.path)
        return answer(call) if answer else Answer(200, {"path": call.path})

    def _token(self, call: Call) -> Answer:
        if call.form().get("password") != PASSWORD:
            return Answer(200, {"error": f"no such password {call.form().get('password')}"})
        self.tokens.append(f"token-{len(self.tokens) + 1:08d}")
        return Answer(200, {"token": self.tokens[-1], "life": 3600})


def wire(
    *,
    limits: Sequence[Limit] = (),
    concurrency: int = 8,
    least: float = 60.0,
    token_base: Callable[[Any], str | None] = lambda _: None,
    hosts: Sequence[str] = ("tiny.example",),
    check: Callable[[Request, Reply], None] | None = None,
    ends: Callable[[Reply], datetime | None] | None = None,
) -> Wire:
    def mint(options: TinyOptions) -> Mint:
        form = {"password": options.password.reveal()}

        def read(reply: Reply) -> Token:
            said = reply.json()
            if "token" not in said:
                raise Refused(same(str(said.get("error"))), code="password")
            life = float(said["life"])
            return Token(Secret(said["token"]), life, life * 0.9, base=token_base(options))

        return Mint(Request("POST", "/token", form=form, auth=False), options.base, read, least)

    def sign(options: TinyOptions, token: Token, request: Request) -> Request:
        headers = {**request.headers, "authorization": token.secret.reveal()}
        return Request(
            request.method,
            request.path,
            request.query,
            headers,
            request.json,
            request.form,
            request.write,
            request.auth,
        )

    return Wire(
        base=lambda options: options.base,
        hosts=hosts,
        mint=mint,
        sign=sign,
        check=check or judge,
        limits=lambda _: limits,
        price=lambda request: 5 if request.path == "/dear" else 1,
        concurrency=lambda _: concurrency,
        ends=ends,
    )


def judge(request: Request, reply: Reply) -> None:
    if reply.status == 401:
        raise AuthExpired(Text("令牌失效", "token is dead"))
    if reply.status == 429:
        raise Throttled(Text("慢一点", "slow down"))
    if reply.status >= 500:
        raise Unavailable(same("the server failed"))
    said = reply.json()
    if said.get("error") == "spent":
        raise QuotaSpent(same("spent"), after=40_000.0)
    if "error" in said:
        raise Refused(same(said["error"]), code="no")


class FastClock:
    """Sleeping moves it; nothing else does."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.passed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 1, 0, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.passed += seconds
            if seconds:
                self.slept.append(seconds)


@pytest.fixture
def crm() -> Iterator[TinyCrm]:
    tiny = TinyCrm()
    tiny.server.start()
    yield tiny
    tiny.server.stop()


@pytest.fixture
def fast_clock() -> FastClock:
    return FastClock()


@pytest.fixture
def open_door(crm: TinyCrm) -> Iterator[Callable[..., Door]]:
    """A door to the tiny CRM: keywords go to the options, the wire and the door."""
    opened: list[Door] = []

    def build(
        *,
        clock: Any = None,
        options: dict[str, Any] | None = None,
        deadline: float = 5.0,
        tokens: Any = None,
        stop: threading.Event | None = None,
        on_call: Any = None,
        **of_wire: Any,
    ) -> Door:
        given = {"base": crm.url, "allow_hosts": (crm.url.removeprefix("http://"),), **(options or {})}
        door = Door(
            "tiny",
            wire(**of_wire),
            TinyOptions(**given),
            clock or SystemClock(stop),
            tokens=tokens,
            stop=stop,
            deadline=deadline,
            on_call=on_call,
        )
        opened.append(door)
        return door

    yield build
    for door in opened:
        door.close()
