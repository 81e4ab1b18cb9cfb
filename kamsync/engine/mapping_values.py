"""What a mapping makes of one record, in words: for screens, for golden rows, and to compare two mappings by.

Values that belong to a person are told as they are; hiding them is the caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping import Mapping, Notes, Rejection, applier
from kamsync.mapping.targets import targets
from kamsync.model import Entity, Money, Ref, from_minor
from kamsync.plugin import Record, Text
from kamsync.store.landing import Place


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a record. `values`: its model fields in words, unknown ones left out.

    Without values it is no entity: `why` says why it was set aside; without that the mapping leaves it out.
    """

    values: dict[str, str] = field(default_factory=dict)
    why: Text | None = None
    is_entity: bool = True
    odd: tuple[tuple[str, str], ...] = ()


def make(mapping: Mapping, place: Place, record: Record, zone: ZoneInfo, base_currency: str) -> Made:
    """The record as this mapping reads it."""
    notes = Notes()
    found = applier(mapping, place.stream, zone, base_currency)(record, notes)
    if isinstance(found, Rejection):
        where = f"{found.field}:" if found.field else ""
        return Made({}, Text(f"{where}{found.why.zh}", f"{where} {found.why.en}".strip()), is_entity=False)
    if found is None:
        return Made({}, is_entity=False)
    return Made(told_all(mapping.entities[place.stream], found), odd=tuple(notes.odd))


def told_all(entity: str, found: Entity) -> dict[str, str]:
    """The fields of an entity that are known, in words."""
    names = [*targets(entity), *(("marker",) if entity == "activity" else ())]
    values = ((name, getattr(found, name)) for name in names)
    return {name: told(value) for name, value in values if value is not None and value != ()}


def amount(minor: int, currency: str) -> str:
    """An amount of money, in whole units with thousands set apart."""
    return f"{from_minor(minor, currency):,.0f} {currency}"


def told(value: Any) -> str:
    """A model value in words that are the same for the same value, whoever writes them."""
    if isinstance(value, Money):
        return f"{from_minor(value.minor, value.currency):,f} {value.currency}"
    if isinstance(value, Ref):
        return f"{value.stream or '?'}/{value.id}"
    if isinstance(value, tuple):
        return ", ".join(told(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
