"""Gone records take effect after every stream of the run has landed; too many at once wait for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection as Tx

from kamsync.engine.course import Course
from kamsync.engine.workspace import Workspace
from kamsync.store import landing, merging, runs
from kamsync.store.landing import Place

SAMPLE = 20


def bury(workspace: Workspace, tx: Tx, courses: Iterable[Course]) -> None:
    """Take each stream's gone records out of the files, or hold them where they are beyond the guard."""
    going = landing.going(tx)
    held = {(row["connection"], row["subject"]): row["id"] for row in runs.holds(tx) if row["guard"] == "gone"}
    for course in courses:
        here = (course.place.connection, course.place.stream)
        if here in going:
            _bury(workspace, tx, course, going[here], asked=here in held)
        elif here in held:  # all of it came back
            runs.set_hold(tx, held[here], "over", workspace.clock.now())


def _bury(workspace: Workspace, tx: Tx, course: Course, going: Sequence[str], *, asked: bool) -> None:
    """`asked`: a person was asked about this stream's before, and what is new waits for the same word."""
    guards, place, where = workspace.config.guards, course.place, course.where
    alive = landing.live_count(tx, place) + len(going)
    limit = max(guards.max_gone, guards.max_share * alive)
    if len(going) <= limit and not asked:
        course.report.tally.deleted += gone(tx, place, going)
        return
    course.report.held = len(going)
    runs.hold(
        tx,
        {
            "guard": "gone",
            "connection": place.connection,
            "subject": place.stream,
            "count": len(going),
            "of": alive,
            "sample": list(going[:SAMPLE]),
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
        return gone(tx, place, landing.going(tx).get((connection, stream), []))


def gone(tx: Tx, place: Place, ids: Sequence[str]) -> int:
    """Out of the accounts' files, and nothing is owed at them any more; how many."""
    merging.unowe(tx, place.connection, place.stream, ids)
    return landing.bury(tx, place, ids)
