"""What a query's filters mean: one field, one operator, a list of values, all ANDed.

Turns them into predicates over stored rows; finds and orders nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from kamsync_fxiaoke.sim.envelope import missing
from kamsync_fxiaoke.sim.fields import NUMBERS, PEOPLE, Described, Spec
from kamsync_fxiaoke.sim.people import People
from kamsync_fxiaoke.sim.rows import Row

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "GT": operator.gt, "GTE": operator.ge, "LT": operator.lt, "LTE": operator.le,
}  # fmt: skip
# Kept in rows just as they are compared.
_PLAIN = frozenset({
    "text", "long_text", "url", "email", "phone_number", "date", "date_time", "select_one", "object_reference",
    "record_type", "auto_number",
})  # fmt: skip
_PRESET_ONLY = frozenset({"HASANYOF", "NHASANYOF"})
_TWO = frozenset({"BETWEEN", "NBETWEEN"})
_NONE = frozenset({"IS", "ISN", "EXISTS", "NEXISTS"})


Test = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition, ready to be tried on a row."""

    field: str
    operator: str
    values: Sequence[Any]
    test: Test


def compiled(described: Described, people: People, given: Any) -> list[Filter]:
    """The filters of a query. Only these spellings count: field_name, operator, field_values."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise missing("filters")
    return [_compiled(described, people, one, f"filters[{at}]") for at, one in enumerate(given)]


def sort_key(spec: Spec) -> Callable[[Row], Any]:
    """How rows sort by a field: empty first."""

    def key(row: Row) -> Any:
        cell = _cell(spec, row)
        return (bool(cell), cell[0] if cell else 0)

    return key


def _compiled(described: Described, people: People, given: Any, where: str) -> Filter:
    if not isinstance(given, Mapping):
        raise missing(where)
    spec = described.fields.get(str(given.get("field_name")))
    if spec is None:
        raise missing(f"{where}.field_name ({given.get('field_name')})")
    name = str(given.get("operator", ""))
    raw = given.get("field_values")
    if not isinstance(raw, list):
        raise missing(f"{where}.field_values")
    values = [_value(spec, people, value, f"{where}.field_values") for value in raw]
    test = _test(name, spec, values)
    if test is None or not _enough(name, values):
        raise missing(f"{where}.operator ({name})")
    return Filter(spec.name, name, values, test)


def _enough(name: str, values: Sequence[Any]) -> bool:
    if name in _NONE:
        return True
    return len(values) == 2 if name in _TWO else bool(values)


def _value(spec: Spec, people: People, raw: Any, where: str) -> Any:
    try:
        if spec.type in NUMBERS:
            return Decimal(str(raw))
        if spec.type in ("date", "date_time"):
            return int(raw)
    except (InvalidOperation, TypeError, ValueError):
        raise missing(f"{where} ({raw!r})") from None
    if spec.type == "true_or_false":
        return str(raw).lower() in ("true", "1")
    if spec.type in PEOPLE:
        return people.resolve(str(raw)) or str(raw)
    return str(raw)


def _cell(spec: Spec, row: Row) -> list[Any]:
    """A field of a row as the values it holds, none if it is empty."""
    stored = row.get(spec.name)
    if stored is None or stored == "":
        return []
    if spec.type in NUMBERS:
        return [Decimal(str(stored))]
    if spec.type == "what_list":
        return [str(one["id"]) for one in stored]
    return stored if isinstance(stored, list) else [stored]


def _test(name: str, spec: Spec, values: Sequence[Any]) -> Test | None:
    if name in _COMPARE and spec.type in _PLAIN and values:
        field, compare, value = spec.name, _COMPARE[name], values[0]
        return lambda row: (stored := row.get(field)) is not None and compare(stored, value)
    made = _MEANING.get(name)
    if made is None or (name in _PRESET_ONLY and spec.type in ("date", "date_time")):
        return None
    return lambda row: made(_cell(spec, row), values)


def _like(cell: Sequence[Any], values: Sequence[Any]) -> bool:
    return any(str(value).lower() in str(one).lower() for one in cell for value in values)


def _among(cell: Sequence[Any], values: Sequence[Any]) -> bool:
    return any(one in values for one in cell)


def _between(cell: Sequence[Any], values: Sequence[Any]) -> bool:
    return bool(cell) and values[0] <= cell[0] <= values[1]


_Meaning = Callable[[Sequence[Any], Sequence[Any]], bool]
_MEANING: dict[str, _Meaning] = {
    "EQ": lambda cell, values: set(cell) == set(values),
    "N": lambda cell, values: set(cell) != set(values),
    "GT": lambda cell, values: bool(cell) and cell[0] > values[0],
    "GTE": lambda cell, values: bool(cell) and cell[0] >= values[0],
    "LT": lambda cell, values: bool(cell) and cell[0] < values[0],
    "LTE": lambda cell, values: bool(cell) and cell[0] <= values[0],
    "LIKE": _like,
    "NLIKE": lambda cell, values: not _like(cell, values),
    "IN": _among,
    "NIN": lambda cell, values: not _among(cell, values),
    "HASANYOF": _among,
    "NHASANYOF": lambda cell, values: not _among(cell, values),
    "CONTAINS": lambda cell, values: _among(cell, values) or _like(cell, values),
    "BETWEEN": _between,
    "NBETWEEN": lambda cell, values: not _between(cell, values),
    "IS": lambda cell, values: not cell,
    "ISN": lambda cell, values: bool(cell),
    "EXISTS": lambda cell, values: bool(cell),
    "NEXISTS": lambda cell, values: not cell,
    "STARTWITH": lambda cell, values: any(str(one).startswith(str(values[0])) for one in cell),
    "ENDWITH": lambda cell, values: any(str(one).endswith(str(values[0])) for one in cell),
}
