"""Calls without a network: handed to the tenants on the spot, with whatever can befall a call on its way.

Knows no CRM. `befall` decides each call's fate; `watch` sees each one that reached its tenant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from kamsync.net import Failed
from kamsync.net.spool import Spool
from kamsync.plugin import Reply, Text
from kamsync.testing.faults import PORTAL
from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Tenant
from tests.reliability.story.virtual import Time

DEADLINE = 60.0
TAIL = 30.0  # seconds after the deadline by which a CRM has applied what it will apply
WRITES = re.compile(
    r"POST .*(/Tasks|add_tags|remove_tags|/settings/tags|data/(create|update|invalid|delete))$|(PUT|DELETE) .*"
)

Fate = Literal["well", "refused", "dropped", "lost", "late", "broken", "half", "login", "busy", "spent"]
FATES: tuple[Fate, ...] = ("refused", "dropped", "lost", "late", "broken", "half", "login", "busy", "spent")
LINE = Text("线路断了", "the line broke")


class Crash(BaseException):
    """Our process is no more; nothing in between may hear of it."""


@dataclass
class Passed:
    """One call that reached its tenant."""

    tenant: Tenant
    call: Call
    write: bool
    answered: bool


@dataclass
class Line:
    """All that lies between our process and its tenants, by the port of each."""

    time: Time
    tenants: dict[int, Tenant] = field(default_factory=dict)
    befall: Callable[[Tenant, Call, bool], Fate] = lambda tenant, call, write: "well"
    before: Callable[[Tenant, Call, bool], None] = lambda tenant, call, write: None
    after: Callable[[Passed], None] = lambda passed: None
    fared: Callable[[Call, Fate, bool], None] = lambda call, fate, write: None
    dead: bool = False
    calls: int = 0
    writes: int = 0

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        if self.dead:
            raise Crash
        split = urlsplit(url)
        tenant = self.tenants[split.port or 0]
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        call = Call(method, split.path, query, {name.lower(): value for name, value in headers.items()}, body or b"")
        write = WRITES.match(f"{method} {split.path}") is not None
        self.calls += 1
        self.writes += write
        self.time.pass_by(0.2)
        self.before(tenant, call, write)
        if self.dead:
            raise Crash
        return self._fate(tenant, call, write)

    def _fate(self, tenant: Tenant, call: Call, write: bool) -> Reply:
        fate = self.befall(tenant, call, write)
        self.fared(call, fate, write)
        if fate == "refused":
            raise Failed(LINE, sent=False)
        if fate == "dropped":
            raise Failed(LINE, sent=True)
        if fate == "late":
            self.time.at(DEADLINE + TAIL / 2, lambda: self._serve(tenant, call, write, answered=False) and None)
            self.time.pass_by(DEADLINE)
            raise Failed(LINE, sent=True)
        if fate in ("busy", "spent", "login"):
            said = {"busy": tenant.too_fast(), "spent": tenant.spent(), "login": Answer(200, PORTAL)}[fate]
            return self._reply(tenant, said or tenant.too_fast())
        answer = self._serve(tenant, call, write, answered=fate == "well")
        if fate == "lost" or fate == "half":
            raise Failed(LINE, sent=True)
        return self._reply(tenant, Answer(502, PORTAL) if fate == "broken" else answer)

    def _serve(self, tenant: Tenant, call: Call, write: bool, *, answered: bool) -> Answer:
        answer = tenant.server.handle(call)
        self.after(Passed(tenant, call, write, answered))
        if self.dead:
            raise Crash
        return answer

    def _reply(self, tenant: Tenant, answer: Answer) -> Reply:
        data, kind = answer.wire()
        headers = {"date": format_datetime(tenant.now(), usegmt=True), "content-type": kind}
        headers |= {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, headers, data)


class Direct:
    """In the place of `kamsync.net.Transport`; use `over`."""

    line: Line

    def __init__(self, *, connections: int, deadline: float) -> None: ...

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        fresh: bool,
        into: Spool | None = None,
    ) -> Reply:
        reply = self.line.send(method, url, headers, body)
        if into is not None and reply.status == 200:
            into.begin()
            into.write(reply.body)
            return Reply(reply.status, reply.headers, into.preview())
        return reply

    def close(self) -> None: ...


def over(line: Line) -> type[Direct]:
    """The transport that leads over this line."""
    return type("DirectOver", (Direct,), {"line": line})
