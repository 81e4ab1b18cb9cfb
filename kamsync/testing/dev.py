"""`kamsync connector dev`: watch a connector read, call by call, from its simulated CRM or a configured connection.

It writes nothing, stores nothing but a token, and shows no secret.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.cli.screen import Screen
from kamsync.engine.connections import connected
from kamsync.engine.workspace import opened as workspace_at
from kamsync.mapping import Mapping, Rejection, apply, read_mapping
from kamsync.net import SystemClock
from kamsync.net.redact import redact, secrets_of
from kamsync.plugin import (
    ConfigError,
    Connector,
    KamsyncError,
    Page,
    Record,
    Reply,
    Request,
    Session,
    Stream,
    Text,
    Window,
)
from kamsync.testing.certify import installed
from kamsync.testing.claims import claimed, opened

SHOWN = 600  # characters of a record or a body
VERBS = ("check", "streams", "fields", "read", "gone")
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bound:
    """An open session, and what its mapping makes of records."""

    session: Session
    mapping: Mapping
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be shown."""

    verb: str
    stream: str
    limit: int
    trace: bool


class Traced:
    """The door, with every call told as it goes and comes."""

    def __init__(self, http: Any, screen: Screen, secrets: tuple[Any, ...]) -> None:
        self._http, self._screen, self._secrets = http, screen, secrets

    def __getattr__(self, name: str) -> Any:
        return getattr(self._http, name)

    def call(self, request: Request) -> Reply:
        words = redact(_written(request), self._secrets)
        began = time.monotonic()
        try:
            reply: Reply = self._http.call(request)
        except KamsyncError as broken:
            self._tell(words, f"{type(broken).__name__}: {broken}", began)
            raise
        self._tell(words, f"{reply.status}, {len(reply.body):,} bytes", began)
        return reply

    def _tell(self, words: str, came: str, began: float) -> None:
        ms = round((time.monotonic() - began) * 1000)
        if self._screen.asked.json:
            self._screen.emit({"event": "call", "request": words, "answer": came, "ms": ms})
            return
        self._screen.line(("→ ", "cyan"), words)
        self._screen.line(("← ", "cyan"), f"{came}, {ms} ms")


def _written(request: Request) -> str:
    """A call in one line. What the door puts on (the token) is not in it."""
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    body = request.json if request.json is not None else request.form
    told = "" if body is None else " " + _short(body)
    return f"{request.method} {request.path}{'?' + query if query else ''}{told}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_plain)
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else dict(value)


def dev(screen: Screen, name: str, asked: Asked, against: tuple[Path, str] | None = None) -> int:
    """Show one verb."""
    if asked.verb not in VERBS:
        raise ConfigError(
            Text(
                f"没有 {asked.verb};可选:{', '.join(VERBS)}", f"there is no {asked.verb}; there are: {', '.join(VERBS)}"
            ),
            next=f"kamsync connector dev {name} check",
        )
    connector = installed(name)
    way = _configured(screen, against, asked.trace) if against else _simulated(screen, connector, asked.trace)
    with way as bound:
        _SHOW[asked.verb](screen, bound, asked)
    return 0


@contextmanager
def _simulated(screen: Screen, connector: Connector, trace: bool) -> Iterator[Bound]:
    """The connector on its own simulated tenant, with the made-up world in it."""
    if connector.tenant is None:
        raise ConfigError(
            Text(f"{connector.name} 没有模拟 CRM", f"{connector.name} brings no simulated CRM"),
            next=f"kamsync connector dev {connector.name} check --against config.toml NAME",
        )
    clock = SystemClock()
    with connector.tenant(seed=True) as tenant, opened(connector, tenant.options(), clock) as (session, door):
        if trace:
            options = connector.options(**tenant.options())
            session = connector.open(options, Traced(door, screen, secrets_of(options)), clock)
        mapping = read_mapping(tenant.mapping or connector.mapping(), f"{connector.name}.toml")
        yield Bound(session, mapping, ZoneInfo("Asia/Shanghai"))


@contextmanager
def _configured(screen: Screen, against: tuple[Path, str], trace: bool) -> Iterator[Bound]:
    path, name = against
    with workspace_at(path, SystemClock()) as workspace, connected(workspace, [name]) as (ready, trouble):
        if name in trouble:
            raise trouble[name]
        if name not in ready:
            raise ConfigError(
                Text(f"配置里没有连接 {name}", f"the config has no connection {name}"), next="kamsync doctor"
            )
        connection = ready[name]
        session = connection.session
        if trace:
            http: Any = Traced(connection.door, screen, secrets_of(connection.options))
            session = connection.connector.open(connection.options, http, workspace.clock)
        yield Bound(session, connection.mapping, workspace.config.timezone)


# ---- what is shown


def _check(screen: Screen, bound: Bound, asked: Asked) -> None:
    health = bound.session.check()
    told = {
        "org": health.org,
        "user": health.user,
        "name": health.name,
        "zone": health.zone,
        "clock": str(health.clock),
    }
    if screen.asked.json:
        screen.emit({"event": "check", **told, "capabilities": claimed(bound.session)})
        return
    for name, value in told.items():
        screen.line((f"{name:6} ", "dim"), str(value))
    for finding in health.findings:
        screen.line((f"{finding.state:6} ", "dim"), f"{finding.check}: {finding.detail.say(screen.language)}")
    screen.line(("can    ", "dim"), " ".join(claimed(bound.session)))


def _streams(screen: Screen, bound: Bound, asked: Asked) -> None:
    for stream in bound.session.streams():
        told = {"stream": bound.mapping.stream_of(stream.object), "object": stream.object, "entity": stream.entity}
        if screen.asked.json:
            screen.emit({"event": "stream", **told})
        else:
            screen.line((f"{told['stream'] or '–':18} ", "bold"), f"{stream.object:28} {stream.entity or '–'}")


def _fields(screen: Screen, bound: Bound, asked: Asked) -> None:
    session: Any = bound.session
    for field in session.fields(_stream(bound, asked.stream)):
        told = {"name": field.name, "label": field.label, "type": field.type, "writable": field.writable}
        if screen.asked.json:
            screen.emit({"event": "field", **told})
        else:
            screen.line((f"{field.name:28} ", "bold"), f"{field.type:14} {field.label}")


def _read(screen: Screen, bound: Bound, asked: Asked) -> None:
    """Pages until enough records were shown."""
    stream = _stream(bound, asked.stream)
    clock = bound.session.check().clock or SystemClock().now()
    name = bound.mapping.stream_of(stream.object)
    window = Window(None, clock + HOUR, bound.mapping.wanted_fields(name) if name else frozenset())
    way: Any = getattr(bound.session, asked.verb)
    left, cursor = asked.limit, None
    for page in way(stream, window, None):
        left -= _page(screen, bound, name, page, left, cursor)
        cursor = page.cursor
        if left <= 0:
            break


def _page(screen: Screen, bound: Bound, stream: str | None, page: Page, left: int, before: str | None) -> int:
    """Show a page and where its cursor went; how many records were shown."""
    shown = page.records[:left]
    if screen.asked.json:
        for record in shown:
            screen.emit(
                {"event": "record", "id": record.id, "modified": str(record.modified), "body": _short(record.body)}
            )
        for each in page.gone[:left]:
            screen.emit({"event": "gone", "id": each.id, "kind": each.kind, "into": each.into})
        screen.emit({"event": "page", "records": len(page.records), "cursor": page.cursor})
        return len(shown) + len(page.gone)
    for record in shown:
        screen.line((f"\n{record.id}  ", "bold"), (f"{record.modified or '–'}", "dim"))
        screen.line(_short(record.body))
        screen.line(("= ", "green"), _entity(bound, stream, record, screen.language))
    for each in page.gone[:left]:
        screen.line((f"{each.id}  ", "bold"), f"{each.kind}{f' → {each.into}' if each.into else ''}")
    screen.line(
        (f"\n{len(page.records)} 条,游标 " if screen.is_zh else f"\n{len(page.records)} records, cursor ", "dim"),
        f"{before or '–'} → {page.cursor or '–'}",
    )
    return len(shown) + len(page.gone)


def _entity(bound: Bound, stream: str | None, record: Record, language: str) -> str:
    """What the mapping makes of a record, in one line: only what is known."""
    if stream is None:
        return "–"
    made = apply(bound.mapping, stream, record, zone=bound.zone, base_currency="CNY")
    if isinstance(made, Rejection):
        return f"✗ {made.field}: {made.why.say(language)}"
    if made is None:
        return "–"
    known = {name: getattr(made, name) for name in made.__dataclass_fields__}
    told = ", ".join(f"{name}={value!r}" for name, value in known.items() if value not in (None, ()))
    return f"{type(made).__name__}({told})"


def _stream(bound: Bound, word: str) -> Stream:
    """The stream of this name, by the mapping's word, the CRM's or the entity's."""
    streams = list(bound.session.streams())
    for stream in streams:
        if word.casefold() in (str(bound.mapping.stream_of(stream.object)).casefold(), stream.object.casefold()):
            return stream
    for stream in streams:
        if word and word in (stream.entity, f"{stream.entity}s"):
            return stream
    having = ", ".join(bound.mapping.stream_of(stream.object) or stream.object for stream in streams)
    raise ConfigError(Text(f"没有数据流 {word!r};可选:{having}", f"there is no stream {word!r}; there are: {having}"))


_SHOW = {"check": _check, "streams": _streams, "fields": _fields, "read": _read, "gone": _read}
