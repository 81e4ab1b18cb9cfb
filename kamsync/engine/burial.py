"""Gone records take effect after every stream of the run has landed; too many at once wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection as Tx

from kamsync.engine.workspace import Workspace
from kamsync.store import landing, merging, runs
from kamsync.store.landing import Place

if TYPE_CHECKING:
    from kamsync.engine.pull import PullReport

SAMPLE = 20


def bury(workspace: Workspace, place: Place, report: PullReport) -> None:
    """Take the stream's gone records out of the files, or hold them where they are beyond the guard."""
    guards = workspace.config.guards
    with workspace.store.write() as tx:
        going = landing.going(tx, place)
        held = runs.held(tx, "gone", place.connection, place.stream)
        if not going:
            if held is not None:  # all of it came back
                runs.set_hold(tx, held, "over", workspace.clock.now())
            return
        alive = landing.live_count(tx, place) + len(going)
        limit = max(guards.max_gone, guards.max_share * alive)
        told = next(one for one in report.streams if (one.connection, one.stream) == (place.connection, place.stream))
        if len(going) <= limit and held is None:  # what a person is asked about waits for the person's word
            told.tally.deleted += gone(tx, place, [row.remote_id for row in going])
            return
        told.held = len(going)
        where = f"{place.connection}/{place.stream}"
        runs.hold(
            tx,
            {
                "guard": "gone",
                "connection": place.connection,
                "subject": place.stream,
                "count": len(going),
                "of": alive,
                "sample": [row.remote_id for row in going[:SAMPLE]],
                "zh": f"{where}:CRM 说 {alive} 条中有 {len(going)} 条已删除;一次超过 {limit:.0f} 条须有人确认",
                "en": f"{where}: {len(going)} of {alive} records are gone in the CRM; "
                f"more than {limit:.0f} at once wait for a person",
                "state": "held",
                "made_at": workspace.clock.now(),
            },
        )


def release(workspace: Workspace, connection: str, stream: str) -> int:
    """A person approved: the held deletions of this stream take effect; how many."""
    with workspace.store.write() as tx:
        place = Place(connection, stream, workspace.mappings[connection].entities[stream])
        return gone(tx, place, [row.remote_id for row in landing.going(tx, place)])


def gone(tx: Tx, place: Place, ids: Sequence[str]) -> int:
    """Out of the accounts' files, and nothing is owed at them any more; how many."""
    merging.unowe(tx, place.connection, place.stream, ids)
    return landing.bury(tx, place, ids)
