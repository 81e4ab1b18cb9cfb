"""A simulated organisation and a session on it, through the real door; its clock is everybody's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kamsync.net import Door
from kamsync.plugin import Page, Record, Stream, Window
from kamsync_zoho import connector
from kamsync_zoho.session import ZohoSession
from kamsync_zoho.sim import ZohoTenant

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = Stream("accounts", "Accounts", "account")
TASKS = Stream("tasks", "Tasks", "activity")
SECOND = timedelta(seconds=1)


class Org:
    """A tenant, a session, and what a test does with them. Sleeping moves the tenant's clock."""

    def __init__(self, tenant: ZohoTenant, **options: Any) -> None:
        self.tenant = tenant
        self.options = connector.options(**{**tenant.options(), **options})
        self.door = Door("zoho", connector.wire, self.options, self, deadline=5.0)
        self.session = ZohoSession(self.options, self.door, self)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.tenant.now()

    def monotonic(self) -> float:
        return self.tenant.now().timestamp()

    def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)
            self.tenant.offset += timedelta(seconds=seconds)

    # ---- reading

    def window(self, lo: datetime | None = None, **more: Any) -> Window:
        return Window(lo, self.now() + timedelta(hours=1), **more)

    def pages(self, stream: Stream = ACCOUNTS, window: Window | None = None, cursor: str | None = None) -> list[Page]:
        """As the engine reads: it sleeps where a page asks for it."""
        pages = []
        for page in self.session.read(stream, window or self.window(), cursor):
            pages.append(page)
            self.sleep(page.wait or 0.0)
        return pages

    def records(self, *given: Any, **more: Any) -> list[Record]:
        return [record for page in self.pages(*given, **more) for record in page.records]

    def ids(self, *given: Any, **more: Any) -> list[str]:
        return [record.id for record in self.records(*given, **more)]

    def accounts(self, count: int, *, apart: timedelta = SECOND) -> list[str]:
        """So many accounts, changed one after another."""
        return [self.tenant.add("account", name=f"“华北”精工😀{n}", modified=START + n * apart) for n in range(count)]

    def spent(self, path: str) -> int:
        """How often a path was called."""
        return sum(count for name, count in self.tenant.traffic.calls.items() if name.endswith(path))

    @property
    def credits(self) -> int:
        return self.tenant.credits_spent


@pytest.fixture
def open_org() -> Iterator[Callable[..., Org]]:
    """An organisation with these knobs; `options` are the connection's."""
    opened: list[Org] = []

    def build(options: dict[str, Any] | None = None, **knobs: Any) -> Org:
        tenant = ZohoTenant(**knobs)
        tenant.start()
        opened.append(Org(tenant, **(options or {})))
        return opened[-1]

    yield build
    for org in opened:
        org.door.close()
        org.tenant.stop()


@pytest.fixture
def org(open_org: Callable[..., Org]) -> Org:
    return open_org()
