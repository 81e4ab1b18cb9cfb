"""What connectors claim when they are asked: their capabilities, and how well they write.

Asked of a session that is opened on the connector's own simulated tenant; nothing is tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kamsync.engine.offline import Offline
from kamsync.net import Door, SystemClock
from kamsync.plugin import Connector, Session, Writes

CAPABILITIES = ("read", "fields", "gone", "ids", "get", "slices", "forecast", "hint", "watch", "write", "tasks")


@contextmanager
def opened(connector: Connector, options: Any, clock: Any, **door: Any) -> Iterator[tuple[Session, Any]]:
    """A session behind its door, with options given as in a config."""
    read = connector.options(**options)
    way = (
        Door(connector.name, connector.wire, read, clock, **door)
        if connector.wire
        else Offline(connector.name, read, clock)
    )
    try:
        yield connector.open(read, way, clock), way
    finally:
        way.close()


def claims(connector: Connector) -> dict[str, Any]:
    """{"name", "capabilities", "levels"}; None for what cannot be known without a simulated tenant."""
    if connector.tenant is None:
        return {"name": connector.name, "capabilities": None, "levels": None}
    with connector.tenant() as tenant, opened(connector, tenant.options(), SystemClock()) as (session, _):
        levels = {each.facet: each.level for each in session.writes()} if isinstance(session, Writes) else {}
        return {"name": connector.name, "capabilities": claimed(session), "levels": levels}


def claimed(session: Session) -> list[str]:
    """The capabilities whose method is there."""
    return [name for name in CAPABILITIES if hasattr(session, name)]
