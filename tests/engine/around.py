"""What surrounds a desk: its clock, a store that dies at will, CRMs that hide things, TOML.

Knows no verb of the engine.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from kamsync.store import Store
from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Tenant
from tests.databases import share_statements


class Died(BaseException):
    """Nothing in between may catch the end of the world."""


@dataclass
class Touched:
    """What statements did: rows that they wrote, and how many there were."""

    rows: int = 0
    times: int = 0


class DeskClock:
    """Runs like the machine's, jumps where it is told to, and takes the tenants along. Nobody really waits."""

    def __init__(self, *tenants: Tenant) -> None:
        self.tenants = tenants
        self.patient = False  # True: a sleep takes its time, for tests where a server's thread does too
        self._ahead = timedelta()
        self._passed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._passed

    def sleep(self, seconds: float) -> None:
        if self.patient:
            time.sleep(seconds)
        else:
            self.pass_by(timedelta(seconds=seconds))

    def pass_by(self, span: timedelta) -> None:
        with self._lock:
            self._ahead += span
            self._passed += max(0.0, span.total_seconds())
            for tenant in self.tenants:
                tenant.offset += span

    def set(self, moment: datetime) -> None:
        self.pass_by(moment - self.now())


@contextmanager
def dying(store: Store, on: str, after: int) -> Iterator[None]:
    """The machine dies at a statement: whatever its unit had written must be as if it had never been."""
    left = [after]

    def watch(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if re.match(on, statement):
            left[0] -= 1
            if left[0] < 0:
                raise Died(statement)

    event.listen(store.engine, "before_cursor_execute", watch)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", watch)


@contextmanager
def counting(store: Store, on: str) -> Iterator[Touched]:
    """How often, and how many rows, the statements of a kind touched (the writer's own lease aside)."""
    touched = Touched()

    def watch(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        if re.match(on, statement) and "lease" not in statement:
            touched.rows += max(0, cursor.rowcount)
            touched.times += 1

    event.listen(store.engine, "after_cursor_execute", watch)
    try:
        yield touched
    finally:
        event.remove(store.engine, "after_cursor_execute", watch)


def make_quick(store: Store) -> None:
    """A test's disk may forget what a power cut would: nothing here outlives the machine."""
    if store.is_sqlite:
        store.engine.dispose()
        event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    share_statements(store)


def without(handle: Callable[[Call], Answer], objects: tuple[str, ...]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        asked = (
            call.body.decode() if call.path.endswith(("coql", "data/query")) else f"from {call.path.split('/')[-1]} "
        )
        hidden = any(f"from {name} " in asked or f'"{name}"' in asked for name in objects)
        return Answer(500, "") if hidden else handle(call)

    return answer


def as_toml(block: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {toml(value)}" for key, value in block.items() if value is not None]


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)  # a date is written as it is


def part_of(mapping: str, streams: Collection[str]) -> str:
    """A mapping file with these of its streams only, less the lines that point to a stream left out."""
    blocks = re.split(r"(?m)^(?=\[)", mapping)
    kept = "".join(block for block in blocks if re.split(r"[.\]]", block[1:])[0] in streams)
    return "".join(line for line in kept.splitlines(True) if set(re.findall(r'\bto = "(\w+)"', line)) <= set(streams))
