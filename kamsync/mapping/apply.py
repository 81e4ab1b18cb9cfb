"""Turn a CRM's record into an entity of the model, or say which field would not fit and why.

Pure and never raising, whatever the record holds; a bad record is a value like any other.
"""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping.compile import field_reader
from kamsync.mapping.compile_sources import Read, getter, is_nothing
from kamsync.mapping.convert import Odd, Unfit, clean, keys, shown
from kamsync.mapping.spec import Condition, Mapping, StreamSpec
from kamsync.mapping.targets import targets
from kamsync.model import ENTITIES, Entity
from kamsync.plugin import Record, Text

MARKER = re.compile(r"kam:R\d\d:[^\s:]+:[a-z2-7]{26}")
ENOUGH = 10_000  # odd values kept in one Notes


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a record was set aside. `value`: what stood there, short and safe to show."""

    field: str
    why: Text
    value: str = ""


@dataclass(slots=True)
class Notes:
    """What was strange but did not stop a record: (field, value), say an unknown picklist value."""

    odd: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, value: object) -> None:
        if len(self.odd) < ENOUGH:
            self.odd.append((name, shown(value)))


def apply(
    mapping: Mapping, stream: str, record: Record, *, zone: ZoneInfo, base_currency: str, notes: Notes | None = None
) -> Entity | Rejection | None:
    """The record as an entity. None: the mapping says that it is void (`gone_when`) or not wanted (`skip_when`)."""
    return applier(mapping, stream, zone, base_currency)(record, Notes() if notes is None else notes)


def is_void(mapping: Mapping, stream: str, record: Record) -> bool:
    """Does the record itself say that it is no more (作废)?"""
    return _void(mapping, stream)(record.body)


@lru_cache(maxsize=256)
def _void(mapping: Mapping, stream: str) -> Callable[[abc.Mapping[str, Any]], bool]:
    return _holds(mapping.specs[stream].gone_when)


Apply = Callable[[Record, Notes], Entity | Rejection | None]


@lru_cache(maxsize=256)
def applier(mapping: Mapping, stream: str, zone: ZoneInfo, base_currency: str) -> Apply:
    """`apply` for one stream, made once: whoever has a page of records asks for it before the first."""
    spec = mapping.specs[stream]
    make = _maker(ENTITIES[spec.entity])
    readers = [(name, *field_reader(mapping, specs, zone, base_currency)) for name, specs in spec.fields.items()]
    required = [target.name for target in targets(spec.entity).values() if target.required]
    asks = (*spec.gone_when, *spec.skip_when)
    left_out = _holds(asks)
    if spec.marker_from:
        readers.append(("marker", None, _marker(spec), None))

    def read(record: Record, notes: Notes) -> Entity | Rejection | None:
        if record.problem is not None:
            return Rejection("", record.problem)
        body = record.body
        if asks and left_out(body):
            return None
        values: dict[str, Any] = {}
        find = body.get
        for name, key, turn, default in readers:
            try:
                if key is None:
                    got = turn(body)
                else:
                    value = find(key)
                    got = None if not value and is_nothing(value) else turn(value)
                if got is not None:
                    values[name] = got
                elif default is not None:
                    values[name] = default
            except Odd as odd:
                notes.add(name, odd.value)
                instead = default if odd.instead is None else odd.instead
                if instead is not None:
                    values[name] = instead
            except Unfit as unfit:
                return _rejection(name, unfit)
        for name in required:
            if values.get(name) is None:
                return Rejection(name, Text("是空的，而它必须有值", "is empty, and must not be"))
        return make(values)

    return read


def _maker(model: type[Entity]) -> Callable[[dict[str, Any]], Entity]:
    """Make an entity of the fields that are known, the required ones among them.

    As its own `__init__` would, in a tenth of the time: that sets every field one by one, and most are unknown.
    """
    new, give = object.__new__, object.__setattr__

    def make(values: dict[str, Any]) -> Entity:
        entity = new(model)
        give(entity, "__dict__", values)
        return entity

    return make


def _rejection(name: str, unfit: Unfit) -> Rejection:
    value = shown(unfit.value)
    wanted = unfit.wanted
    return Rejection(name, Text(f"应为{wanted.zh}，得到 {value}", f"should be {wanted.en}, got {value}"), value)


def _holds(conditions: tuple[Condition, ...]) -> Callable[[abc.Mapping[str, Any]], bool]:
    """True when any condition does."""
    tests = [(getter(condition.path), condition.values) for condition in conditions]

    def holds(body: abc.Mapping[str, Any]) -> bool:
        for get, values in tests:
            value = get(body)
            if value is not None and any(word in values for word in _words(value)):
                return True
        return False

    return holds


def _words(value: object) -> list[str]:
    try:
        return [word.casefold() for word in keys(value)]
    except Unfit:
        return []


def _marker(spec: StreamSpec) -> Read:
    """Our own mark in one of the texts that may carry it."""
    gets = [getter(path) for path in spec.marker_from]

    def read(body: abc.Mapping[str, Any]) -> str | None:
        for get in gets:
            value = get(body)
            if isinstance(value, str) and "kam:" in value and (found := MARKER.search(value)):
                return clean(found[0])
        return None

    return read
