"""What a write may put into a field, by its type, and how it is kept.

Pure checks; refuses labels in place of option values, dates as text, unknown people and dangling references.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from kamsync_fxiaoke.sim.crm import Crm
from kamsync_fxiaoke.sim.envelope import BAD_VALUE, NO_EMPLOYEE, Problem, business
from kamsync_fxiaoke.sim.fields import NUMBERS, PEOPLE, PICKS, PLACES, Described, Spec
from kamsync_fxiaoke.sim.values import amount, floor_day

_Keep = Callable[[Spec, Any], Any]
_DERIVED = ("__r", "__l", "__v", "__p", "__e", "__relation_ids")


def taken(crm: Crm, described: Described, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values to keep, None where a field is emptied. Read-only fields are passed over in silence."""
    values: dict[str, Any] = {}
    for name, raw in given.items():
        spec = described.fields.get(name)
        if spec is None:
            values.update(_other(crm, described, name, raw))
        elif spec.writable:
            values[name] = None if raw is None or raw == "" or raw == [] else _kept(crm, spec, raw)
    return values


def _other(crm: Crm, described: Described, name: str, raw: Any) -> dict[str, Any]:
    """A key that is no field: the object's name, a derived suffix, the text beside 其他, or a mistake."""
    base = described.fields.get(name.removesuffix("__o"))
    if name.endswith("__o") and base is not None and base.type == "select_one":
        return {name: str(raw)}
    known = name == "dataObjectApiName" or any(
        name.endswith(suffix) and name.removesuffix(suffix) in described.fields for suffix in _DERIVED
    )
    if known or crm.knobs.unknown_fields == "drop":
        return {}
    raise business(BAD_VALUE, f"the field {name} does not exist in {described.name}")


def _kept(crm: Crm, spec: Spec, raw: Any) -> Any:
    if spec.type in NUMBERS:
        return _number(spec, raw)
    if spec.type in PEOPLE:
        return _people(crm, spec, raw)
    if spec.type == "object_reference":
        return _reference(crm, spec, raw)
    if spec.type == "what_list":
        return _related(crm, spec, raw)
    keep: _Keep = _BY_TYPE.get(spec.type, _text)
    return keep(spec, raw)


def _number(spec: Spec, raw: Any) -> Any:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise _bad(spec, raw)
    try:
        value = Decimal(raw)
    except InvalidOperation:
        raise _bad(spec, raw) from None
    if not value.is_finite():
        raise _bad(spec, raw)
    return value if spec.plain else amount(value, spec.decimals)


def _people(crm: Crm, spec: Spec, raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise _bad(spec, raw)
    found = [crm.people.at_work(str(id)) for id in raw]
    if None in found:
        raise Problem(NO_EMPLOYEE, f"the employee in {spec.name} does not exist: {raw}")
    return [id for id in found if id is not None]


def _reference(crm: Crm, spec: Spec, raw: Any) -> str:
    target = spec.target or ""
    if not isinstance(raw, str) or raw not in crm.tables[target].rows:
        raise _bad(spec, raw)
    return raw


def _related(crm: Crm, spec: Spec, raw: Any) -> list[dict[str, str]]:
    """Rows of any object, each told by id and object name; the name shown is the server's own."""
    if not isinstance(raw, list):
        raise _bad(spec, raw)
    related = []
    for one in raw:
        object_name = one.get("describe_api_name") if isinstance(one, dict) else None
        table = crm.tables.get(str(object_name))
        row = table.rows.get(str(one.get("id"))) if table else None
        if row is None:
            raise _bad(spec, one)
        related.append({"id": row["_id"], "name": row["name"], "describe_api_name": str(object_name)})
    return related


def _text(spec: Spec, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _bad(spec, raw)
    return raw


def _stamp(spec: Spec, raw: Any) -> int:
    """Epoch milliseconds; of a date only the day in China counts."""
    if isinstance(raw, str) and raw.lstrip("-").isdigit():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise _bad(spec, raw)
    return floor_day(raw) if spec.type == "date" else raw


def _option(spec: Spec, raw: Any) -> str:
    if not isinstance(raw, str) or raw not in spec.options:
        raise _bad(spec, raw)
    return raw


def _options(spec: Spec, raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise _bad(spec, raw)
    return [_option(spec, one) for one in raw]


def _boolean(spec: Spec, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise _bad(spec, raw)
    return raw


_BY_TYPE: dict[str, _Keep] = {
    "date": _stamp,
    "date_time": _stamp,
    "true_or_false": _boolean,
    **dict.fromkeys(PICKS | PLACES, _option),
    "select_many": _options,
}


def _bad(spec: Spec, raw: Any) -> Problem:
    return business(BAD_VALUE, f"the value {raw!r} is not valid for the field {spec.name} ({spec.type})")
