"""What the CRM holds now, read past any index: looked at before a change is planned, and again before it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from kamsync.engine.connections import Connection
from kamsync.plugin import Live, Target, batches

LOOK = 100  # records looked at together; a connector cuts it to what its CRM takes in a call


def look(connection: Connection, targets: Sequence[Target]) -> dict[Target, Live]:
    """What the CRM holds now for these records."""
    assert connection.writer is not None
    found: dict[Target, Live] = {}
    for batch in batches(targets, LOOK):
        found.update({live.target: live for live in connection.writer.live(batch)})
    return found


def ours_of(now: Live | None, prefix: str) -> list[str] | None:
    """The tags of our own namespace that the record carries; None: they cannot be read."""
    if now is None or not now.found or now.tags is None:
        return None
    return [tag for tag in now.tags if tag.startswith(prefix)]
