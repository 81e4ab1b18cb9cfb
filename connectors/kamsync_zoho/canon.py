"""One shape for a record, whichever way it came: list, query or bulk file.

Pure. A lookup is the id it points to, a tag its name, a number has one spelling; names beside ids are left out, for
only some ways tell them. A field that was not sent stays away: unknown is not empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from kamsync.plugin import Field
from kamsync_zoho.shapes import Row, ref, tag_names, text_id

KIND_OF_PARENT = "$se_module"  # tells which module What_Id points into
_NO_CHOICE = "-None-"
_PLAIN = frozenset({type(None), bool, int, float})
_REFERENCES = frozenset({"lookup", "ownerlookup", "userlookup"})
_SYSTEM = ("Owner", "Created_By", "Modified_By")
_FRACTIONS = frozenset({"double", "currency", "percent"})
_FRACTIONS_OF_FORMULA = frozenset({"double", "currency", "percent", "integer", "bigint", "number"})


def canonical(row: Row, only: Collection[str] | None = None) -> dict[str, Any]:
    """A row that came as JSON. `only`: the names that were asked for; what else came is left out."""
    if only is not None:
        return shaping(only)(row)
    called = [name for name in row if name[:1] != "$" or name == KIND_OF_PARENT]
    return shaping((*called, KIND_OF_PARENT))(row)


def shaping(only: Collection[str]) -> Callable[[Row], dict[str, Any]]:
    """The function that makes each row of an answer canonical; its names come sorted, as a record is kept."""
    order = tuple(sorted({"id", *only}))
    tells_kind = KIND_OF_PARENT in order
    has_parent = tells_kind or "What_Id" in order

    def shape(row: Row) -> dict[str, Any]:
        shaped: dict[str, Any] = {}
        for name in order:
            value = row.get(name, row)  # the row itself: it did not come
            kind = type(value)
            if kind is str:
                shaped[name] = value if value and value != _NO_CHOICE else None
            elif kind in _PLAIN:
                shaped[name] = value
            elif value is not row:
                shaped[name] = _value(value)
        if type(shaped.get("id")) is int:
            shaped["id"] = text_id(shaped["id"])
        if "Tag" in shaped:
            shaped["Tag"] = _tags(row["Tag"])
        if has_parent:
            _place_kind_of_parent(shaped, row, tells_kind)
        return shaped

    return shape


def _value(value: Any) -> Any:
    kind = type(value)
    if kind is Decimal:
        return number(value)
    if kind is dict:
        return _reference(value)
    if kind is list:
        return [_value(part) for part in value] or None
    return value


def _reference(value: Mapping[str, Any]) -> Any:
    """The id of a lookup; with the module it points into where the value itself tells it."""
    id = value.get("id")
    id = id.strip() if type(id) is str else ref(value)
    if not id:
        return value
    module = value.get("module")
    if module is None:
        return {"id": id}
    name = module.get("api_name") if isinstance(module, Mapping) else module
    return {"id": id, "module": {"api_name": name}} if isinstance(name, str) and name else {"id": id}


def _tags(value: Any) -> list[dict[str, str]]:
    if not value:
        return []
    return [{"name": name} for name in sorted(tag_names(value))]


def _place_kind_of_parent(shaped: dict[str, Any], row: Row, tells_kind: bool) -> None:
    """What_Id's module stands beside it, never inside: only some ways tell it inside."""
    parent = shaped.get("What_Id")
    if isinstance(parent, dict) and "module" in parent:
        inside = parent["module"]["api_name"]
        shaped["What_Id"] = {"id": parent["id"]}
        if tells_kind and shaped.get(KIND_OF_PARENT) is None:
            shaped[KIND_OF_PARENT] = inside
    told = row.get(KIND_OF_PARENT) if tells_kind else None
    if isinstance(told, dict):
        shaped[KIND_OF_PARENT] = told.get("api_name")


def number(value: Decimal) -> int | Decimal:
    """One spelling of a number: whole ones as int, others without trailing zeros, nothing rounded."""
    if not value.is_finite():
        return value
    if value == value.to_integral_value() and abs(value.adjusted()) < 40:
        return int(value)
    text = format(value, "f")
    return Decimal(text.rstrip("0")) if "." in text else value


# ---- a line of a bulk file


class Cells:
    """Reads the cells of a bulk file's lines, where everything is text, by what the metadata says of each column."""

    def __init__(self, header: Sequence[str], fields: Iterable[Field]) -> None:
        by_name = {field.name: field for field in fields}
        self.names = tuple("id" if name.strip().casefold() == "id" else name.strip() for name in header)
        self._readers = tuple(_reader(name, by_name.get(name)) for name in self.names)

    def row(self, cells: Sequence[str]) -> dict[str, Any]:
        """The line as a record's body."""
        triples = zip(self.names, self._readers, cells, strict=False)
        shaped = {name: read(cell) for name, read, cell in triples}
        shaped["id"] = (shaped.get("id") or "").strip()
        return shaped


def _reader(name: str, field: Field | None) -> Callable[[str], Any]:
    kind = field.type if field is not None else ""
    if kind == "formula" and field is not None and field.returns in _FRACTIONS_OF_FORMULA:
        kind = "integer" if field.returns == "bigint" else "double"
    if name == "Tag":
        return _tags
    if name in _SYSTEM or kind in _REFERENCES:
        return lambda cell: {"id": cell.strip()} if cell.strip() else None
    if kind == "boolean":
        return lambda cell: {"true": True, "false": False}.get(cell.strip().lower())
    if kind in ("multiselectpicklist", "multiselectlookup", "multiuserlookup"):
        return lambda cell: [part.strip() for part in cell.split(",") if part.strip()] or None
    if kind in _FRACTIONS or kind in ("integer", "rollup_summary"):
        return _numeric
    return lambda cell: None if not cell or cell == _NO_CHOICE else cell


def _numeric(cell: str) -> Any:
    """A number; what is none stays as it came, for the mapping to judge."""
    if not cell:
        return None
    try:
        return number(Decimal(cell))
    except InvalidOperation:
        return cell
