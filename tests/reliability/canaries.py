"""Secrets that sing: a deployment whose every secret is known, driven through bad days; all that it says is kept.

What is said is searched for each secret as it is, as an address quotes it, and in base64 and hex.
"""

from __future__ import annotations

import base64
import io
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import quote, quote_plus

import structlog

from kamsync.cli import main
from kamsync.cli.logs import log_lines
from kamsync.engine import verbs
from kamsync.engine.workspace import opened
from kamsync.plugin import KamsyncError
from kamsync.testing.faults import PORTAL, Fault, FaultKind
from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Tenant
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant
from tests.engine.around import DeskClock
from tests.engine.desk import BASIC, MONDAY, Desk

WRONG = {"zoho": ("client_secret", "refresh_token"), "fxiaoke": ("app_secret", "permanent_code")}
KINDS: tuple[FaultKind, ...] = ("drop_before", "drop_after", "truncate", "answer", "error_after")
COMMANDS = (
    ("doctor",), ("status",), ("plan",), ("hold", "list"), ("audit", "verify"), ("audit", "export"), ("outbox", "list"),
    ("export", "accounts"), ("tier",), ("cycle",), ("reconcile",), ("recover", "--yes"),
)  # fmt: skip


@dataclass
class Cage:
    """A deployment at both CRMs, and all its secrets."""

    desk: Desk
    secrets: set[str] = field(default_factory=set)
    said: dict[str, int] = field(default_factory=dict)  # bytes searched, by where they were said
    hits: list[str] = field(default_factory=list)
    forms: dict[bytes, str] = field(default_factory=dict)
    known: int = 0

    def search(self, where: str, data: bytes) -> None:
        """Look for every secret in what was said."""
        self.said[where] = self.said.get(where, 0) + len(data)
        if len(self.secrets) != self.known:  # a token was minted since
            self.known = len(self.secrets)
            self.forms = {form: secret for secret in self.secrets for form in forms(secret)}
        for form, secret in self.forms.items():
            if form in data:
                place = data.index(form)
                around = data[max(0, place - 60) : place].decode("utf-8", "replace")
                self.hits.append(f"{where}: {secret[:6]}… after {around!r}")

    def watch(self, tenant: Tenant) -> None:
        """Each token that comes along is a secret, too."""
        handle = tenant.server.handle

        def seen(call: Call) -> Answer:
            token = call.headers.get("authorization", "").rpartition(" ")[2]
            if token:
                self.secrets.add(token)
            return handle(call)

        tenant.server.handle = seen


def forms(secret: str) -> Iterator[bytes]:
    """How a secret may look wherever it got out."""
    plain = secret.encode()
    yield from {plain, quote(secret, safe="").encode(), quote_plus(secret).encode(), repr(secret)[1:-1].encode()}
    yield from {plain.hex().encode(), plain.hex().upper().encode()}
    for shift in range(3):  # whatever stood before it moves the letters of base64
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(shift) + plain)[4 if shift else 0 :].rstrip(b"=")[:-1]


@contextmanager
def cage(folder: Path) -> Iterator[Cage]:
    zoho, fxiaoke = ZohoTenant(credits=10_000_000), FxiaokeTenant(calls_per_20s=10_000_000)
    clock = DeskClock(zoho, fxiaoke)
    clock.set(MONDAY)
    desk = Desk(folder, f"sqlite:///{folder}/kamsync.db", zoho, fxiaoke, clock, ("zoho", "fxiaoke"), BASIC)
    desk.writes = {"zoho": "on", "fxiaoke": "on"}
    desk.options = {"zoho": dict(zoho.listening), "fxiaoke": dict(fxiaoke.listening)}
    held = Cage(desk)
    for tenant in (zoho, fxiaoke):
        tenant.start()
        held.watch(tenant)
        given = {**tenant.options(), **tenant.listening}
        names = {"client_secret", "refresh_token", "notify_token", "app_secret", "permanent_code", "aes_key"}
        held.secrets |= {str(value) for name, value in given.items() if name in names} | set(tenant.secrets)
    try:
        for number in range(12):
            for tenant in (zoho, fxiaoke):
                desk.overdue(tenant, name=f"星河{number:03d}号精密机械有限公司", uscc=f"9131000000000{number:03d}XX")
        desk.configure()
        yield held
    finally:
        desk.close()
        for tenant in (zoho, fxiaoke):
            tenant.stop()


@contextmanager
def talking(held: Cage, where: str, *, as_json: bool) -> Iterator[Callable[..., None]]:
    """Everything is logged, by libraries too, as the daemon logs; what was said is searched in the end."""
    root, database = logging.getLogger(), logging.getLogger("sqlalchemy")
    before, handlers = (root.level, database.level), root.handlers
    database.setLevel(logging.DEBUG)  # every statement, with what goes in and what comes out
    heard = io.StringIO()
    with redirect_stdout(heard):
        log = log_lines(as_json=as_json, least=logging.DEBUG)
        try:
            yield log
        finally:
            root.setLevel(before[0])
            database.setLevel(before[1])
            root.handlers = handlers
            structlog.reset_defaults()
    held.search(where, heard.getvalue().encode())


def noisy_cycle(held: Cage, rng: Random, *, as_json: bool) -> None:
    """A cycle on a bad day, or with secrets that are wrong."""
    desk = held.desk
    where = f"log as {'JSON' if as_json else 'text'}"
    with talking(held, where, as_json=as_json) as log:
        for tenant in (desk.zoho, desk.fxiaoke):
            tenant.server.faults.clear()
            for _ in range(rng.randrange(4)):
                skip = rng.randrange(8)
                tenant.fault(Fault(rng.choice(KINDS), skip=skip, status=rng.choice((200, 401, 429, 502)), body=PORTAL))
            if rng.random() < 0.3:
                tenant.expire_token()
        echo(desk.tenant, rng)
        if rng.random() < 0.5:
            desk.tenant.change("account", desk.tenant.ids("account")[0], influence=rng.randrange(100))
        desk.wait(hours=25)
        with opened(desk.path, desk.clock) as workspace:
            workspace.say, workspace.deadline = log, 5.0
            try:
                verbs.cycle_verb(workspace)
            except KamsyncError as trouble:
                log("job.failed", level="error", cause=trouble.text.en, exc_info=trouble)


def echo(tenant: Tenant, rng: Random) -> None:
    """By chance some answer repeats the call, its headers and its body."""
    handle, left = tenant.server.handle, [rng.randrange(1, 12)]

    def quoting(call: Call) -> Answer:
        left[0] -= 1
        if left[0]:
            return handle(call)
        tenant.server.handle = handle
        said = " ".join((*call.headers.values(), call.body.decode("utf-8", "replace")))
        return Answer(400, {"code": said, "error": said, "message": said, "errorCode": 10006, "errorMessage": said})

    tenant.server.handle = quoting


def commands(held: Cage, each: Sequence[Sequence[str]] = COMMANDS) -> None:
    """What people and programs are shown, in both languages."""
    held.desk.close()
    for words in each:
        for more in ((), ("--json",)):
            held.search("commands", typed(*words, *more, "--config", str(held.desk.path), "--lang", "en"))
    key = next(iter(held.desk.intents), "")
    held.desk.close()
    held.search("commands", typed("why", key, "--config", str(held.desk.path), "--lang", "zh"))


def typed(*words: str) -> bytes:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        main(list(words))
    return (out.getvalue() + err.getvalue()).encode()


def wrong_secrets(held: Cage) -> None:
    """Settings whose secrets the CRMs refuse, with signs that an address would quote."""
    desk, right = held.desk, held.desk.options
    fresh = {name: {key: f"Kanari {key}+/=%ä-{os.urandom(6).hex()}" for key in keys} for name, keys in WRONG.items()}
    held.secrets |= {value for options in fresh.values() for value in options.values()}
    desk.options = {name: right[name] | fresh[name] for name in right}
    desk.configure()
    for as_json in (True, False):
        noisy_cycle(held, Random(1), as_json=as_json)
    commands(held, COMMANDS[:3])
    desk.options = right
    desk.configure()


def stores(held: Cage) -> None:
    """A password in the store's address, where nobody answers."""
    password = f"Kanari-pg-{os.urandom(8).hex()}"
    held.secrets.add(password)
    desk, url = held.desk, held.desk.url
    desk.url = f"postgresql+psycopg://kam:{password}@127.0.0.1:1/kamsync?connect_timeout=2"
    desk.configure()
    with talking(held, "log as text", as_json=False) as log:
        try:
            with opened(desk.path, desk.clock):
                pass
        except KamsyncError as trouble:
            log("job.failed", level="error", cause=trouble.text.en, exc_info=trouble)
    for words in COMMANDS[:3]:
        held.search("commands", typed(*words, "--config", str(desk.path), "--lang", "en"))
    desk.url = url
    desk.configure()


def faults_of_ours(held: Cage) -> None:
    """A bug in the middle of a call: the traceback that is kept for us, and what is shown."""
    from kamsync.net import Transport

    honest, place = Transport.send, tempfile.gettempdir()
    held.desk.close()
    with tempfile.TemporaryDirectory() as kept:
        tempfile.tempdir = kept

        def broken(self: Transport, *given: object, **more: object) -> object:
            raise ZeroDivisionError("a fault of ours")

        Transport.send = broken  # type: ignore[method-assign, assignment]
        try:
            held.search("tracebacks", typed("pull", "--config", str(held.desk.path), "--lang", "en"))
            for file in Path(kept).rglob("*"):
                with suppress(IsADirectoryError):
                    held.search("tracebacks", file.read_bytes())
        finally:
            Transport.send = honest  # type: ignore[method-assign]
            tempfile.tempdir = place


def files(held: Cage) -> None:
    """The store itself, with its log; the config, which people write, aside."""
    held.desk.close()
    for file in sorted(held.desk.folder.glob("kamsync.db*")):
        copy = shutil.copy(file, held.desk.folder / "copy")
        held.search("store file", Path(copy).read_bytes())
        Path(copy).unlink()
