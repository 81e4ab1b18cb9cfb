"""Keep the last value of fields that cannot be read any more: what we may not see is unknown, not empty."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import Connection as Tx

from kamsync.engine.course import Course
from kamsync.plugin import Page, Record
from kamsync.store import described


def carried(tx: Tx, course: Course, page: Page) -> Page:
    """The page, its records with the last known values of the lost fields that it could not bring."""
    names = course.lost - (page.fields or frozenset())
    if not names or not page.records:
        return page
    before = described.bodies(tx, course.place, [record.id for record in page.records])
    return replace(page, records=tuple(_carried(record, before.get(record.id), names) for record in page.records))


def _carried(record: Record, before: str | None, names: frozenset[str]) -> Record:
    if before is None:
        return record
    old = json.loads(before)
    kept = {name: old[name] for name in names if name in old and name not in record.body}
    return replace(record, body={**record.body, **kept}) if kept else record
