"""What goes wrong with writes at an invented CRM's door, drawn from a seed; all calls are handled one at a time.

A late write is applied when its time has come, whoever waits for it, and before anything later is looked at.
"""

from __future__ import annotations

import heapq
import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

from kamsync.testing.faults import PORTAL
from kamsync.testing.server import Answer, Call, dumps
from kamsync.testing.tenant import Tenant
from tests.reliability.clock import SharedClock

WRITES = re.compile(
    r"(POST|PUT|DELETE) /crm/v8/(Tasks(/\w+)?|\w+/actions/(add|remove)_tags)"  # Zoho
    r"|POST /cgi/crm/(custom/)?v2/data/(create|update|invalid|delete|recover|changeOwner)"  # Fxiaoke
)
LATEST = 100.0  # seconds after which a late write is applied at the latest


class Lost(Exception):
    """The connection breaks; no answer comes."""


@dataclass(frozen=True)
class Odds:
    """Of a hundred writes: how many answers are lost, applied late, applied and answered 5xx, refused with 429.

    Of a hundred calls with several rows: of how many the last row is not applied (`partial`), or not told of (`short`).
    """

    lost: float = 5
    late: float = 5
    broken: float = 3
    too_many: float = 3
    partial: float = 5
    short: float = 5


NONE = Odds(0, 0, 0, 0, 0, 0)


@dataclass
class Door:
    """Stands before a tenant's own door."""

    tenant: Tenant
    clock: SharedClock
    rng: Random
    odds: Odds = NONE
    struck: Counter[str] = field(default_factory=Counter)
    writes: int = 0  # calls that write, as they arrived
    applied: int = 0  # rows that writes changed
    _late: list[tuple[float, int, Call]] = field(default_factory=list)
    _one: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.honest: Callable[[Call], Answer] = self.tenant.server.handle
        self.tenant.server.handle = self.handle

    def handle(self, call: Call) -> Answer:
        with self._one:
            self.catch_up()
            if not WRITES.fullmatch(f"{call.method} {call.path}"):
                return self.honest(call)
            self.writes += 1
            return self._written(call)

    def _written(self, call: Call) -> Answer:
        odds, drawn = self.odds, self.rng.random() * 100
        if (drawn := drawn - odds.lost) < 0:
            self.struck["lost"] += 1
            self._apply(call)
            raise Lost
        if (drawn := drawn - odds.late) < 0:
            self.struck["late"] += 1
            due = self.clock.monotonic() + self.rng.uniform(1, LATEST)
            heapq.heappush(self._late, (due, self.writes, call))
            raise Lost
        if (drawn := drawn - odds.broken) < 0:
            self.struck["5xx"] += 1
            self._apply(call)
            return Answer(502, PORTAL)
        if (drawn := drawn - odds.too_many) < 0:
            self.struck["429"] += 1
            return self.tenant.too_fast()
        if (drawn := drawn - odds.partial) < 0 and len(_rows(call)) > 1:
            self.struck["partial"] += 1
            return self._all_but_one(call)
        if drawn - odds.short < 0 and len(_rows(call)) > 1:
            self.struck["short"] += 1
            answer = self._apply(call)
            return _with_rows(answer, _told(answer)[:-1])
        return self._apply(call)

    def _all_but_one(self, call: Call) -> Answer:
        """The last row meets an error of the CRM's own, and is not applied."""
        body = json.dumps(call.json() | {"data": _rows(call)[:-1]}, ensure_ascii=False, default=str).encode()
        answer = self._apply(replace(call, body=body))
        failed = {"code": "INTERNAL_ERROR", "status": "error", "message": "Internal Server Error", "details": {}}
        return replace(_with_rows(answer, [*_told(answer), failed]), status=207)

    def _apply(self, call: Call) -> Answer:
        answer = self.honest(call)
        self.applied += rows_applied(answer)
        return answer

    def counts(self) -> tuple[int, int, Counter[str]]:
        """What came by so far."""
        return self.writes, self.applied, self.struck.copy()

    def forget(self, counts: tuple[int, int, Counter[str]]) -> None:
        """What is late will never be; this much had come by."""
        with self._one:
            self._late.clear()
            self.writes, self.applied, self.struck = *counts[:2], counts[2].copy()

    def catch_up(self) -> None:
        """Apply what was late, each at its own time, and be at the present."""
        with self._one:
            while self._late and self._late[0][0] <= self.clock.monotonic():
                due, _, call = heapq.heappop(self._late)
                self.tenant.offset = timedelta(seconds=self.clock.ahead - (self.clock.monotonic() - due))
                self._apply(call)
            self.tenant.offset = timedelta(seconds=self.clock.ahead)


def _rows(call: Call) -> list[Any]:
    """The rows of a write that takes several."""
    body = call.json() if call.body.startswith(b"{") else None
    rows = body.get("data") if isinstance(body, dict) else None
    return rows if isinstance(rows, list) else []


def _told(answer: Answer) -> list[Any]:
    body = json.loads(answer.body) if isinstance(answer.body, bytes) else answer.body
    return list(body["data"]) if isinstance(body, dict) and "data" in body else []


def _with_rows(answer: Answer, rows: list[Any]) -> Answer:
    return replace(answer, body=dumps({"data": rows}))


def rows_applied(answer: Answer) -> int:
    """How many rows a write changed, by the CRM's own answer."""
    body = json.loads(answer.body) if isinstance(answer.body, bytes) else answer.body
    if not isinstance(body, dict):
        return 0
    if "errorCode" in body:
        return int(body["errorCode"] == 0)
    return sum(1 for row in body.get("data", ()) if str(row.get("code", row.get("status"))).upper() == "SUCCESS")
