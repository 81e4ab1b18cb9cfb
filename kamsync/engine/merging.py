"""Merges followed, and ids that were given out twice told: each before anything is linked or judged by them.

The CRM's word counts first; a merge that it tells as a plain deletion shows in the children that moved.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Tx

from kamsync.engine.course import Course
from kamsync.engine.land import Known
from kamsync.engine.reading import Errand
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Page, Record, Text, stamp
from kamsync.store import aliases, decisions, described, merging

SAMPLE = 5


def follow(workspace: Workspace, tx: Tx) -> None:
    """Infer what nobody told, and carry accounts and duties of merged records to their winners."""
    for one in aliases.infer(tx, workspace.clock.now()):
        workspace.say(
            "pull.merged", connection=one.connection, stream=one.stream, loser=one.loser, winner=one.winner,
            source=one.source,
        )  # fmt: skip
    merging.follow(tx, workspace.clock.now())


def reborn(workspace: Workspace, tx: Tx, course: Course, errand: Errand, came: Page, known: Known) -> None:
    """Ids under which another record has come than the one that is stored: nothing of the old one is inherited."""
    name = course.stream.created
    if name is None or errand.how == "ids":
        return
    newer = [one for one in came.records if name in one.body and _may_be_another(one, known, fresh=errand.fresh)]
    if not newer:
        return
    before = described.bodies(tx, course.place, [one.id for one in newer])
    ids = [one.id for one in newer if _is_another(before[one.id], one, name)]
    if not ids:
        return
    place = course.place
    merging.another(tx, place.connection, place.stream, ids)
    decisions.end_of_records(tx, place.connection, place.stream, ids, "kamsync", workspace.clock.now())
    told = ", ".join(ids[:SAMPLE])
    course.note(Text(
        f"{len(ids)} 个编号被 CRM 用于另一条新记录:{told};不继承旧记录的客户与标签",
        f"the CRM gave {len(ids)} ids to other records: {told}; they inherit nothing of the old ones",
    ))  # fmt: skip
    workspace.say("pull.reborn", connection=place.connection, stream=place.stream, records=len(ids), ids=told)


def _may_be_another(record: Record, known: Known, *, fresh: bool) -> bool:
    """Is something stored under its id that this could have come after?"""
    stored = known.get(record.id)
    if stored is None or stored[1] == record.modified:
        return False
    return fresh or stored[1] is None or record.modified is None or record.modified > stored[1]


def _is_another(before: str, record: Record, name: str) -> bool:
    """Was it made at another time? Unknown is not another."""
    old, new = json.loads(before).get(name), record.body[name]
    if old is None or new is None or old == new:
        return False
    one, other = _moment(old), _moment(new)
    return one != other if one is not None and other is not None else str(old) != str(new)


def _moment(value: Any) -> datetime | None:
    return stamp(value) if isinstance(value, str) else None
