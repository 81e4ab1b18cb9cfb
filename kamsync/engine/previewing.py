"""How files would be read, before anything is configured: columns, key, and what the first rows become.

Opens files, by their connector; writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.engine.adding import offered, opened, vocabulary
from kamsync.engine.adding_files import LOOKED_AT, guess
from kamsync.mapping import Mapping, Rejection, apply, read_mapping
from kamsync.mapping.drafting import Drafted, Offered, draft, written
from kamsync.plugin import Clock, ConfigError, Describes, Finding, Record, Session, Stream, Text, Window

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `made`: what it becomes, field by field; `trouble`: why it would be set aside."""

    id: str
    made: dict[str, Any]
    trouble: Text | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """One kind of file."""

    offered: Offered
    drafted: Drafted
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...]


def looked_at(path: Path, clock: Clock, *, rows: int) -> list[Looked]:
    """Every kind of file in a folder, or the one file. Raises ConfigError where there is none."""
    if not path.exists():
        raise ConfigError(Text(f"没有 {path}", f"there is no {path}"), next="kamsync files preview FOLDER")
    folder = path if path.is_dir() else path.parent
    given = guess(folder, Path(), clock, only=None if path.is_dir() else path.name)
    with opened("files", given, Path(), clock) as session:
        found = offered(session, clock, rows=LOOKED_AT)
        drafted = draft(found, vocabulary())
        mapping = read_mapping(written(drafted, found, ""), "draft.toml")
        findings = session.check().findings
        return [
            Looked(one, what, _about(one, findings), tuple(_rows(session, mapping, what, clock, rows)))
            for one, what in zip(found, drafted, strict=True)
        ]


def _about(one: Offered, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.check == f"files.{one.object}")


def _rows(session: Session, mapping: Mapping, what: Drafted, clock: Clock, most: int) -> Iterator[Row]:
    """The first rows that are fine, and the first that are not."""
    stream = next(one for one in session.streams() if one.object == what.object)
    told = list(islice(_each(session, stream, clock), LOOKED_AT))
    made = [_row(mapping, what, record) for record in told]
    yield from [row for row in made if row.trouble is None][:most]
    yield from [row for row in made if row.trouble is not None][:most]


def _each(session: Session, stream: Stream, clock: Clock) -> Iterator[Record]:
    assert isinstance(session, Describes)
    for page in session.read(stream, Window(None, clock.now() + HOUR), None):
        yield from page.records


def _row(mapping: Mapping, what: Drafted, record: Record) -> Row:
    if record.problem is not None:
        return Row(record.id, {}, record.problem)
    if what.entity is None:
        return Row(record.id, dict(record.body))
    made = apply(mapping, what.stream, record, zone=ZONE, base_currency="CNY")
    if isinstance(made, Rejection):
        return Row(record.id, {}, Text(f"{made.field}:{made.why.zh}", f"{made.field}: {made.why.en}"))
    if made is None:
        return Row(record.id, {})
    known = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return Row(record.id, {name: value for name, value in known.items() if value not in (None, ())})
