"""What an edited mapping would change in the customers' files: field by field, with whose and how much money is behind.

Both mappings read the records that are kept; nothing is written and nobody is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as given
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection as Tx

from kamsync.engine.mapping_force import Draft, draft_of, force_of
from kamsync.engine.mapping_meaning import reading
from kamsync.engine.mapping_places import places, records
from kamsync.engine.mapping_values import Made, make
from kamsync.engine.verbs import known_connection
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping as MappingFile
from kamsync.model import ENTITIES
from kamsync.plugin import Text
from kamsync.rules.dependence import metrics_of, more_of
from kamsync.rules.masking import is_private, masked, scrubbed
from kamsync.store import behind, verdicts
from kamsync.store.landing import Place

EXAMPLES = 3
YEAR = timedelta(days=365)


@dataclass(slots=True)
class FieldDiff:
    """One model field of one stream. `examples`: (record, before, after), None where it is unknown."""

    field: str
    count: int = 0
    examples: list[tuple[str, str | None, str | None]] = given(default_factory=list)
    metrics: tuple[str, ...] = ()
    more: tuple[Text, ...] = ()


@dataclass(slots=True)
class StreamDiff:
    """One stream. `comes` and `leaves`: records that become an entity, or are none any more; `why` with examples."""

    place: Place
    line: int
    records: int = 0
    differs: int = 0
    comes: int = 0
    leaves: int = 0
    why: Counter[Text] = given(default_factory=Counter)
    fields: dict[str, FieldDiff] = given(default_factory=dict)
    accounts: set[str] = given(default_factory=set)


@dataclass(slots=True)
class Diff:
    """An edited file beside what is in force. `sales`: net sales of the last 12 months of all accounts concerned, in
    minor units of the base currency; `tiers`: how many of them stand in each."""

    draft: Draft
    streams: list[StreamDiff] = given(default_factory=list)
    accounts: int = 0
    sales: int = 0
    tiers: dict[str, int] = given(default_factory=dict)


def diff(workspace: Workspace, connection: str | None = None) -> list[Diff]:
    """Every edited file, or that of one connection. Raises Problems where one has mistakes."""
    names = None if connection is None else [known_connection(workspace, connection)]
    found = []
    with workspace.store.read() as tx:
        for one in workspace.config.connections:
            if names is None or one.name in names:
                draft = draft_of(tx, one, workspace.connectors)
                if draft.problems is not None:
                    raise draft.problems
                force = force_of(tx, one, workspace.connectors).mapping
                found.append(_diff(workspace, tx, draft, force))
    return found


def _diff(workspace: Workspace, tx: Tx, draft: Draft, force: MappingFile) -> Diff:
    found, after = Diff(draft), draft.mapping
    if after is None or not draft.is_news:
        return found
    for place in _changed(workspace, draft.connection, force, after):
        one = StreamDiff(place, after.document.line(place.stream))
        _compare(workspace, tx, one, force, after)
        if one.differs:
            found.streams.append(one)
    accounts = {id for one in found.streams for id in one.accounts}
    found.accounts = len(accounts)
    sales = behind.sales(tx, workspace.today - YEAR, workspace.today)
    found.sales = sum(sales.get(id, 0) for id in accounts)
    found.tiers = _tiers(workspace, tx, accounts)
    return found


def _tiers(workspace: Workspace, tx: Tx, accounts: set[str]) -> dict[str, int]:
    day = verdicts.latest_date(tx)
    if day is None:
        return {}
    stands = Counter(row["tier"] for row in verdicts.evaluations(tx, day) if row["account"] in accounts)
    return {tier.name: stands[tier.name] for tier in workspace.policy.tiers if stands[tier.name]}


def _changed(workspace: Workspace, connection: str, before: MappingFile, after: MappingFile) -> Iterator[Place]:
    """The streams that one of the two reads in another way."""
    config = workspace.config
    for place in places(after, connection):
        known = place.stream in before.specs
        if not known or _read(config, before, place.stream) != _read(config, after, place.stream):
            yield place
    yield from (place for place in places(before, connection) if place.stream not in after.specs)


def _read(config: Any, mapping: MappingFile, stream: str) -> str:
    return reading(mapping, stream, config.timezone, config.base_currency)


def _compare(workspace: Workspace, tx: Tx, one: StreamDiff, before: MappingFile, after: MappingFile) -> None:
    place, config = one.place, workspace.config
    was = place.entity if place.stream in after.specs else before.entities[place.stream]
    nothing = Made(is_entity=False)
    for some in records(tx, place):
        touched = []
        for record in some:
            one.records += 1
            old = _made(before, place, record, config) if place.stream in before.specs else nothing
            new = _made(after, place, record, config) if place.stream in after.specs else nothing
            if _note(one, record.id, old, new):
                touched.append(record.id)
        one.accounts |= behind.accounts_of(tx, place, was, touched)


def _made(mapping: MappingFile, place: Place, record: Any, config: Any) -> Made:
    return make(mapping, place, record, config.timezone, config.base_currency)


def _note(one: StreamDiff, id: str, old: Made, new: Made) -> bool:
    if old.is_entity != new.is_entity:
        one.comes += new.is_entity
        one.leaves += old.is_entity
        if new.why is not None:
            one.why[new.why] += 1
        one.differs += 1
        return True
    names = [name for name in {**old.values, **new.values} if old.values.get(name) != new.values.get(name)]
    for name in names:
        told = one.fields.setdefault(name, _field(one.place.entity, name))
        told.count += 1
        if len(told.examples) < EXAMPLES:
            hide = masked if is_private(name, "", "", one.place.entity) else scrubbed
            before, after = old.values.get(name), new.values.get(name)
            told.examples.append((id, before and hide(before), after and hide(after)))
    one.differs += bool(names)
    return bool(names)


def _field(entity: str, name: str) -> FieldDiff:
    assert entity in ENTITIES
    return FieldDiff(name, metrics=metrics_of(entity, name), more=more_of(entity, name))


# ---- for programs


def to_json(found: Sequence[Diff], language: str) -> dict[str, Any]:
    return {"mappings": [_diff_json(one, language) for one in found]}


def _diff_json(one: Diff, language: str) -> Mapping[str, Any]:
    return {
        "connection": one.draft.connection,
        "file": str(one.draft.file),
        "version": one.draft.version,
        "state": one.draft.state,
        "accounts": one.accounts,
        "sales_12m_minor": one.sales,
        "tiers": one.tiers,
        "streams": [_stream_json(each, language) for each in one.streams],
    }


def _stream_json(one: StreamDiff, language: str) -> Mapping[str, Any]:
    return {
        "stream": one.place.stream,
        "line": one.line,
        "records": one.records,
        "differs": one.differs,
        "comes": one.comes,
        "leaves": one.leaves,
        "why": {why.say(language): count for why, count in one.why.items()},
        "accounts": len(one.accounts),
        "fields": [_field_json(told, language) for told in one.fields.values()],
    }


def _field_json(told: FieldDiff, language: str) -> Mapping[str, Any]:
    return {
        "field": told.field,
        "count": told.count,
        "metrics": list(told.metrics),
        "more": [text.say(language) for text in told.more],
        "examples": [{"id": id, "before": old, "after": new} for id, old, new in told.examples],
    }
