"""Work out what a page means before it is written: hash, normalize, quarantine, find our own marks.

Pure but for the mapping it is given; `store.landing` writes the result in one unit.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping import Mapping, Notes, Rejection, applier, is_void
from kamsync.model import Account, Activity, Entity, is_two_way
from kamsync.plugin import Page, Record, Text
from kamsync.store.entities import row_of
from kamsync.store.landing import Landing, Place
from kamsync.store.tables import Row

# An escaped NUL in JSON text: the backslash before it must not be escaped itself.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
AT_ONCE = 500  # records whose rows are in memory beside the page that they come from
Known = Dictionary[str, tuple[str, datetime | None, str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What landing a stream needs to know besides the page."""

    place: Place
    mapping: Mapping
    zone: ZoneInfo
    base_currency: str
    run: int
    fresh: bool = False  # asked for by id a moment ago: it is the truth, whatever its stamp


@dataclass(slots=True)
class Tally:
    """A stream's figures of one run."""

    pages: int = 0
    records: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0
    quarantined: int = 0


def body_text(body: Dictionary[str, Any]) -> str:
    """A record as canonical JSON: keys sorted, fractions kept exact as decimal text, broken characters replaced."""
    return _sealed(body)[0]


def _sealed(body: Dictionary[str, Any]) -> tuple[str, str]:
    """The record's text and the digest of it."""
    text = _CANONICAL.encode(body)
    if "\\u0000" in text:
        text = _NUL.sub("\\1\ufffd", text)
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half of a character
        data = text.encode("utf-8", "replace")
        text = data.decode()
    return text, hashlib.blake2b(data, digest_size=16).hexdigest()


def named(page: Page) -> Page:
    """The page, its records without an id kept apart by what they say."""
    if all(record.id for record in page.records):
        return page
    return replace(page, records=tuple(map(_named, page.records)))


def _named(record: Record) -> Record:
    return record if record.id else replace(record, id=f"?{_sealed(record.body)[1]}")


def _exact(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"a record cannot hold {type(value).__name__}")


_READ = json.JSONDecoder(parse_float=Decimal).decode
_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_exact, check_circular=False
)


def work_out(reading: Reading, page: Page, known: Known, now: datetime, tally: Tally) -> Iterator[Landing]:
    """The rows that this page makes, some records at a time; records that are stored just so make none."""
    tally.pages += 1
    tally.records += len(page.records)
    newest = _newest(page.records)
    for start in range(0, len(newest), AT_ONCE):
        yield _worked_out(reading, newest[start : start + AT_ONCE], known, now, tally)


def _newest(records: Sequence[Record]) -> Sequence[Record]:
    """Each record once, in its newest version: a page may repeat a record."""
    if len({record.id for record in records}) == len(records):
        return records
    return list({record.id: record for record in sorted(records, key=_age)}.values())


def _worked_out(reading: Reading, records: Sequence[Record], known: Known, now: datetime, tally: Tally) -> Landing:
    landing, notes = Landing(), Notes()
    read = applier(reading.mapping, reading.place.stream, reading.zone, reading.base_currency)
    for record in records:
        text, digest = _sealed(record.body)
        before = known.get(record.id)
        if before is None:
            tally.new += 1
        elif _is_known(reading, before, digest, record):
            continue
        else:
            tally.changed += 1
            landing.again.append(record.id)
        raw = _raw_row(reading, record, text, digest, now)
        landing.raw.append(raw)
        _normalize(reading, record, read(record, notes), raw, before is not None, landing, tally)
    for name, value in notes.odd:
        landing.notices[name, value] = landing.notices.get((name, value), 0) + 1
    return landing


def work_anew(reading: Reading, rows: Sequence[Row], now: datetime) -> tuple[Landing, list[str]]:
    """What records that are kept (remote_id, modified_at, body) mean by another mapping, and which are void by it."""
    landing, notes, void = Landing(), Notes(), []
    read = applier(reading.mapping, reading.place.stream, reading.zone, reading.base_currency)
    for row in rows:
        record = kept(row)
        told: Row = {"body": row["body"], "landed_at": now, "life": row["life"]}
        _normalize(reading, record, read(record, notes), told, True, landing, Tally())
        if told["life"] != row["life"]:
            void.append(record.id)
    for name, value in notes.odd:
        landing.notices[name, value] = landing.notices.get((name, value), 0) + 1
    return landing, void


def kept(row: Row) -> Record:
    """A stored record as the CRM sent it."""
    return Record(row["remote_id"], row["modified_at"], _READ(row["body"]))


def _age(record: Record) -> float:
    return record.modified.timestamp() if record.modified else 0.0


def _is_known(reading: Reading, before: tuple[str, datetime | None, str], digest: str, record: Record) -> bool:
    stored, modified, life = before
    if stored == digest:  # one that was gone and is here again is news, unless it says itself that it is void
        return life == "live" or is_void(reading.mapping, reading.place.stream, record)
    if reading.fresh:
        return False
    return bool(modified and record.modified and record.modified < modified)  # an older version came late


def _raw_row(reading: Reading, record: Record, text: str, digest: str, now: datetime) -> Row:
    return {
        "connection": reading.place.connection,
        "stream": reading.place.stream,
        "remote_id": record.id,
        "modified_at": record.modified,
        "hash": digest,
        "body": text,
        "life": "live",
        "gone_into": None,
        "landed_at": now,
        "run": reading.run,
    }


def _key(place: Place, id: str) -> Row:
    return {"connection": place.connection, "stream": place.stream, "remote_id": id}


def _normalize(
    reading: Reading,
    record: Record,
    entity: Entity | Rejection | None,
    raw: Row,
    known: bool,
    landing: Landing,
    tally: Tally,
) -> None:
    """Where a record goes by what the mapping made of it."""
    if isinstance(entity, Rejection):
        tally.quarantined += 1
        landing.quarantine.append(_quarantined(reading, record.id, entity, raw))
        landing.not_entities.append(record.id)
    elif entity is None and is_void(reading.mapping, reading.place.stream, record):
        # The record itself says that it is no more: it leaves with the run's other deletions, under their guard.
        raw["life"] = "going" if known else "gone"
    elif entity is None:
        landing.not_entities.append(record.id)
    elif isinstance(entity, Activity) and entity.marker is not None:
        landing.ours.append(_ours(reading.place, record, entity, raw["landed_at"]))
        landing.not_entities.append(record.id)
    else:
        landing.entities.append(_entity_row(reading, record.id, entity, record.modified))


def _quarantined(reading: Reading, id: str, rejection: Rejection, raw: Row) -> Row:
    why: Text = rejection.why
    row = {"field": rejection.field, "zh": why.zh, "en": why.en, "body": raw["body"], "run": reading.run}
    row["seen_at"] = raw["landed_at"]
    return _key(reading.place, id) | row


def _ours(place: Place, record: Record, task: Activity, now: datetime) -> Row:
    return {
        "connection": place.connection,
        "marker": task.marker,
        "remote_id": record.id,
        "stream": place.stream,
        "done": task.status != "planned",
        "gone": False,
        "role": "",
        "modified_at": record.modified,
        "seen_at": now,
    }


def _entity_row(reading: Reading, id: str, entity: Entity, modified: datetime | None) -> Row:
    row = row_of(reading.place.entity, entity)
    row["connection"], row["stream"], row["remote_id"] = reading.place.connection, reading.place.stream, id
    row["account_id"], row["dirty"] = None, True
    if isinstance(entity, Account):
        row["changed_at"] = modified
    if isinstance(entity, Activity):
        direct = next((ref for ref in entity.about if ref.stream in reading.mapping.account_streams), None)
        row["day"] = entity.at.astimezone(reading.zone).date() if entity.at else None
        row["account_stream"] = direct.stream if direct else None
        row["account_ref"] = direct.id if direct else None
        row["two_way"] = is_two_way(entity)
    return row
