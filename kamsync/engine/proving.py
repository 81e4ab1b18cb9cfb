"""After the lists: fetch what they showed and we do not hold so, and ask by id after what they no longer show.

A record leaves only when two whole lists in a row did not show it and the CRM, asked by its id, says that it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection as Tx

from kamsync.engine import burial
from kamsync.engine.course import Course
from kamsync.engine.reading import AHEAD, Errand, Fetched
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Gets, Text, Window
from kamsync.store import cursors, landing, runs, sweeping
from kamsync.store.tables import Row

MOST_BY_ID = 200  # ids asked for one by one in a pull; more are read by window, or wait for the next
CANARIES = 3


def errands(workspace: Workspace, courses: Iterable[Course]) -> list[Errand]:
    """What is still to be asked of streams that were read without trouble."""
    found: list[Errand] = []
    with workspace.store.read() as tx:
        for course in courses:
            if course.report.trouble is None:
                _choose_canaries(tx, course)
                found += _of(course)
    return found


def _of(course: Course) -> list[Errand]:
    connection, now = course.connection, course.connection.door.now()
    window = Window(None, now + AHEAD, connection.mapping.wanted_fields(course.stream.name))
    base = Errand(connection.name, connection.session, course.stream, "proof", window, fresh=True, purpose="delta")
    stale = [id for id, _ in course.stale]
    by_id = isinstance(connection.session, Gets)
    found: list[Errand] = []
    if stale and (len(stale) > MOST_BY_ID or not by_id):
        stamps = [stamp for _, stamp in course.stale if stamp is not None]
        lo = min(stamps) - timedelta(seconds=1) if len(stamps) == len(stale) else None
        found.append(replace(base, lane="heal", window=replace(window, lo=lo), purpose="backfill"))
        stale = []
    ids = tuple(dict.fromkeys([*stale, *course.suspects[:MOST_BY_ID], *course.canaries]))
    if ids and by_id:
        found.append(replace(base, how="get", ids=ids))
    return found


def answers(tx: Tx, course: Course, fetched: Fetched) -> None:
    """What the CRM said of records asked for by id."""
    said = dict(fetched.found)
    asked = set(course.suspects)
    gone = [id for id, state in said.items() if state == "gone" and id in asked]
    here = [id for id, state in said.items() if state == "found"]
    hidden = [id for id, state in said.items() if state == "hidden" and id in asked]
    sweeping.going(tx, course.place, gone)
    sweeping.found_again(tx, course.place, [*gone, *here])
    sweeping.hidden(tx, course.place, hidden)


def settle(workspace: Workspace, tx: Tx, course: Course) -> None:
    """The stream's last word: records no longer listed, a tenant that went back in time, an emptiness accepted."""
    if course.report.trouble is not None:
        return
    if course.accepts_empty and course.missing:
        ids = sweeping.missed(tx, course.place)
        course.report.tally.deleted += burial.gone(tx, course.place, ids)
        sweeping.found_again(tx, course.place, ids)
        course.missing = 0
    elif course.missing and not isinstance(course.connection.session, Gets) and not course.stream.incremental:
        sweeping.going(tx, course.place, course.suspects)  # the whole list is the only proof there is
        sweeping.found_again(tx, course.place, course.suspects)
    if course.missing is not None:
        course.looked.add("missing")
        _shrunk(workspace, tx, course)
    if course.older:
        _restored(workspace, tx, course, Text(
            f"{course.older} 条记录在 CRM 里比我们存的还旧", f"{course.older} records are older in the CRM than here"
        ))  # fmt: skip


def _shrunk(workspace: Workspace, tx: Tx, course: Course) -> None:
    """So many records are no longer listed that a lost right is likelier than a deletion."""
    guards, alive = workspace.config.guards, landing.live_count(tx, course.place)
    missing = len(sweeping.missed(tx, course.place))
    if missing <= max(guards.max_gone, guards.max_share * alive):
        return
    course.concern(
        "missing",
        Text(
            f"{alive} 条中有 {missing} 条不再列出(权限收窄?);没有删除任何内容",
            f"{missing} of {alive} records are no longer listed (a right taken away?); nothing was taken out",
        ),
        "kamsync doctor",
    )
    workspace.say("pull.shrunk", connection=course.place.connection, stream=course.place.stream, missing=missing)


# ---- a tenant restored from a backup


def _choose_canaries(tx: Tx, course: Course) -> None:
    """Records that the newest windows should have shown, and of which none came."""
    if course.stream.keeps_cursor or not isinstance(course.connection.session, Gets):
        return  # a stream with a ledger of its own shows what has changed, not what lies in the window
    for lo, hi in course.windows.values():
        newest = sweeping.newest(tx, course.place, lo, hi - course.stream.lag, CANARIES)
        absent = {id: stamp for id, stamp in newest if id not in course.listed}
        if len(absent) == len(newest):
            course.canaries |= absent


def _restored(workspace: Workspace, tx: Tx, course: Course, why: Text) -> None:
    """Time went back in the tenant: nothing is written there until a person has looked, and everything is read."""
    name, now = course.place.connection, workspace.clock.now()
    runs.hold(tx, hold(name, why, now))
    cursors.sweep_soon(tx, name)
    workspace.say("pull.restored", connection=name, stream=course.place.stream, why=why)


def hold(connection: str, why: Text, now: datetime) -> Row:
    return {
        "guard": "restored",
        "connection": connection,
        "subject": "tenant",
        "count": 1,
        "of": 1,
        "sample": [],
        "zh": f"{connection}:租户像是从备份恢复过({why.zh});暂停写回并全量核对,请确认后放行",
        "en": f"{connection}: the tenant seems to have been restored from a backup ({why.en}); "
        "writes wait for a person, everything is compared",
        "state": "held",
        "made_at": now,
    }
