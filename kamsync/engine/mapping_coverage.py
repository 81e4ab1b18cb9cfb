"""How much of the key-account file the mapping fills, what the CRMs hold that nothing reads, and unknown choices.

From the entities and the records that are kept; no CRM is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as given
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection as Tx

from kamsync.engine.mapping_fields import FieldLook, looked, share, unmapped
from kamsync.engine.mapping_places import place_of, places, records
from kamsync.engine.verbs import known_connection
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping as MappingFile
from kamsync.mapping import Notes, applier
from kamsync.mapping.targets import targets
from kamsync.store import behind, covering, verdicts
from kamsync.store.landing import Place

# What a CRM notes of every record by itself, whoever's it is.
SYSTEM = re.compile(
    r"^(id|_id|version)$|^(created?|last_modified|modified|lock(ed)?|out|data_own|extend_obj|object_describe|record_type|"
    r"relevant_team|mc_|package|life_status|record_status)_|__s$",
    re.IGNORECASE,
)
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class FieldCover:
    """One model field. `filled` of `of` entities know it; `tiers`: the same (filled, of) by tier."""

    field: str
    mapped: bool
    filled: int
    of: int
    tiers: Mapping[str, tuple[int, int]] = given(default_factory=dict)


@dataclass(slots=True)
class Unknown:
    """A value that a table of the mapping does not know. `sales`: of the last 12 months, in minor units, of the
    customers behind it."""

    place: Place
    field: str
    value: str
    count: int = 0
    accounts: set[str] = given(default_factory=set)
    sales: int = 0


@dataclass(slots=True)
class StreamCover:
    """One stream."""

    place: Place
    entities: int
    fields: list[FieldCover]
    unread: list[FieldLook] = given(default_factory=list)
    unknown: list[Unknown] = given(default_factory=list)

    @property
    def mapped(self) -> list[FieldCover]:
        return [one for one in self.fields if one.mapped]

    @property
    def filled(self) -> tuple[int, int]:
        """Known values of mapped fields, and as many as there could be."""
        return sum(one.filled for one in self.mapped), sum(one.of for one in self.mapped)


@dataclass(slots=True)
class Coverage:
    """Every stream that was asked for."""

    streams: list[StreamCover] = given(default_factory=list)
    tiers: list[str] = given(default_factory=list)  # best first, where anything was judged

    @property
    def filled(self) -> tuple[int, int]:
        parts = [one.filled for one in self.streams]
        return sum(part[0] for part in parts), sum(part[1] for part in parts)

    @property
    def unknown(self) -> list[Unknown]:
        """The dearest first."""
        every = [one for stream in self.streams for one in stream.unknown]
        return sorted(every, key=lambda one: (-one.sales, -one.count, one.value))

    def is_at_least(self, percent: float) -> bool:
        filled, of = self.filled
        return bool(of) and 100 * filled >= percent * of


def coverage(workspace: Workspace, connection: str | None = None, stream: str | None = None) -> Coverage:
    """Of one stream, of one connection, or of all."""
    names = [one.name for one in workspace.config.connections]
    chosen = names if connection is None else [known_connection(workspace, connection)]
    wanted = [place_of(workspace, chosen[0], stream)] if stream is not None else [
        place for name in chosen for place in places(workspace.mappings[name], name)
    ]  # fmt: skip
    with workspace.store.read() as tx:
        day = verdicts.latest_date(tx)
        sales = behind.sales(tx, workspace.today - YEAR, workspace.today)
        found = Coverage(tiers=[tier.name for tier in workspace.policy.tiers] if day else [])
        for place in wanted:
            one = _covered(workspace, tx, place, day)
            one.unknown = list(_unknown(workspace, tx, place, sales))
            found.streams.append(one)
    return found


def _covered(workspace: Workspace, tx: Tx, place: Place, day: Any) -> StreamCover:
    mapping = workspace.mappings[place.connection]
    counts = covering.filled(tx, place, day)
    of, known = counts.pop("", (0, {}))
    fields = [
        FieldCover(
            name, name in mapping.specs[place.stream].fields, known.get(name, 0), of,
            {tier: (part.get(name, 0), whole) for tier, (whole, part) in counts.items()},
        )
        for name in targets(place.entity)
    ]  # fmt: skip
    return StreamCover(place, of, fields, _unread(tx, place, mapping))


def _unread(tx: Tx, place: Place, mapping: MappingFile) -> list[FieldLook]:
    """Fields that hold data which nothing reads, the fullest first; what is the same in every record tells nothing."""
    found = unmapped(looked(tx, place, mapping).fields)
    return [one for one in found if one.type and one.different > 1 and not SYSTEM.search(one.name)]


def _unknown(workspace: Workspace, tx: Tx, place: Place, sales: Mapping[str, int]) -> Iterator[Unknown]:
    config, mapping = workspace.config, workspace.mappings[place.connection]
    if not any(recipe.values for recipes in mapping.specs[place.stream].fields.values() for recipe in recipes):
        return
    read = applier(mapping, place.stream, config.timezone, config.base_currency)
    chosen = {name for name, recipes in mapping.specs[place.stream].fields.items() if any(r.values for r in recipes)}
    found: dict[tuple[str, str], Unknown] = {}
    for some in records(tx, place):
        strange: dict[str, list[Unknown]] = {}
        for record in some:
            notes = Notes()
            read(record, notes)
            for name, value in notes.odd:
                if name in chosen:
                    one = found.setdefault((name, value), Unknown(place, name, value.strip('"')))
                    one.count += 1
                    strange.setdefault(record.id, []).append(one)
        for id, account in behind.homes(tx, place, place.entity, list(strange)).items():
            for one in strange[id]:
                one.accounts.add(account)
    for one in found.values():
        one.sales = sum(sales.get(account, 0) for account in one.accounts)
        yield one


# ---- for programs


def to_json(found: Coverage) -> dict[str, Any]:
    filled, of = found.filled
    return {
        "filled": share(filled, of),
        "streams": [_stream_json(one) for one in found.streams],
        "unknown": [_unknown_json(one) for one in found.unknown],
    }


def _stream_json(one: StreamCover) -> dict[str, Any]:
    filled, of = one.filled
    return {
        "connection": one.place.connection, "stream": one.place.stream, "entity": one.place.entity,
        "entities": one.entities, "filled": share(filled, of),
        "fields": [
            {"field": each.field, "mapped": each.mapped, "filled": each.filled,
             "fill_rate": share(each.filled, each.of),
             "tiers": {tier: share(*part) for tier, part in each.tiers.items()}}
            for each in one.fields
        ],
        "unmapped": [
            {"name": each.name, "label": each.label, "type": each.type, "filled": each.filled} for each in one.unread
        ],
    }  # fmt: skip


def _unknown_json(one: Unknown) -> dict[str, Any]:
    return {
        "connection": one.place.connection, "stream": one.place.stream, "field": one.field, "value": one.value,
        "count": one.count, "accounts": len(one.accounts), "sales_12m_minor": one.sales,
    }  # fmt: skip


def below(found: Sequence[FieldCover], percent: float) -> list[FieldCover]:
    """Mapped fields that fewer entities know."""
    return [one for one in found if one.mapped and one.of and 100 * one.filled < percent * one.of]
