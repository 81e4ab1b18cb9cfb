"""How a stored row looks on the wire: derived suffixes, projection, empty fields, the form of employee ids.

Reads only; `__r`, `__l` and `__relation_ids` exist nowhere but here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from kamsync_fxiaoke.sim.crm import Crm
from kamsync_fxiaoke.sim.fields import PEOPLE, PICKS, PLACES, Spec
from kamsync_fxiaoke.sim.people import DEPARTMENTS
from kamsync_fxiaoke.sim.rows import Row

_Derive = Callable[[dict[str, Any], Any], None]


class Shape:
    """One way to show rows of an object; made once per answer."""

    def __init__(
        self, crm: Crm, name: str, *, only: Collection[str] | None = None, nulls: bool = False, open_ids: bool = False
    ) -> None:
        specs = crm.objects[name].fields.values()
        self._plan = [
            (spec.name, f"{spec.name}__o" if spec.type == "select_one" else "", _derive(crm, spec, open_ids))
            for spec in specs
            if only is None or spec.name in only or spec.name == "_id"
        ]
        self._nulls = nulls

    def show(self, row: Row) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, other, derive in self._plan:
            value = row.get(name)
            if value is None or value == "" or value == []:
                if self._nulls:
                    shown[name] = None
                continue
            shown[name] = value
            if derive is not None:
                derive(shown, value)
            if other and value == "other" and other in row:
                shown[other] = row[other]
        return shown


def _derive(crm: Crm, spec: Spec, open_ids: bool) -> _Derive | None:
    if spec.type in PEOPLE:
        return _people(crm, spec, open_ids)
    if spec.type == "object_reference" and spec.target is not None:
        return _reference(crm, spec.name, spec.target)
    if spec.type == "department":
        return _department(spec.name)
    if (spec.type in PICKS or spec.type in PLACES) and spec.options:
        return _label(spec.name, spec.options)
    return None


def _people(crm: Crm, spec: Spec, open_ids: bool) -> _Derive:
    """`__r` is one employee; the list comes where a person may fill the field."""
    people, name, one, several = crm.people, spec.name, f"{spec.name}__r", f"{spec.name}__l"

    def derive(shown: dict[str, Any], ids: list[str]) -> None:
        if open_ids:
            shown[name] = [people.open_id(id) for id in ids]
        cards = [people.card(id) for id in ids]
        shown[one] = cards[0]
        if spec.writable:
            shown[several] = cards

    return derive


def _reference(crm: Crm, name: str, target: str) -> _Derive:
    table, label, relation = crm.tables[target], f"{name}__r", f"{name}__relation_ids"

    def derive(shown: dict[str, Any], id: str) -> None:
        referred = table.rows.get(id)
        if referred is not None:
            shown[label] = referred["name"]
        shown[relation] = id

    return derive


def _department(name: str) -> _Derive:
    def derive(shown: dict[str, Any], ids: list[str]) -> None:
        cards = [
            {
                "deptId": id,
                "deptName": DEPARTMENTS.get(int(id), ""),
                "parentId": "999999",
                "status": 0,
                "deptType": "dept",
            }
            for id in ids
        ]
        shown[f"{name}__r"] = cards[0]
        shown[f"{name}__l"] = cards

    return derive


def _label(name: str, options: dict[str, str]) -> _Derive:
    label = f"{name}__r"

    def derive(shown: dict[str, Any], value: Any) -> None:
        if isinstance(value, list):
            shown[label] = [options.get(one, one) for one in value]
        elif value in options:
            shown[label] = options[value]

    return derive
