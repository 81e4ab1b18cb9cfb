"""JSON Schema of a file that people write, out of the very reader that reads it.

A sheet notes each key it is asked for, its kind and its bounds, while the reader goes over files that together have
every key; what the reader knows and no file showed is an error, so that the schema cannot fall behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kamsync.config.sheet import Keys, Sheet, Table
from kamsync.config.toml_file import Document
from kamsync.plugin import Text

Shape = dict[str, Any]
MONEY: Shape = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)? ?(万|亿)?元?$"}]}
BOTH: Shape = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "required": ["zh", "en"],
            "additionalProperties": False,
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
        },
    ]
}


class Noting(Sheet):
    """A sheet that notes what it is asked for. `named`: tables whose keys people choose (dimensions, metrics)."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.shapes: dict[tuple[str, ...], Shape] = {}
        self.keys: dict[tuple[str, ...], set[str]] = {}
        self.named: set[tuple[str, ...]] = set()

    def place(self, at: Keys) -> tuple[str, ...]:
        """The key path with list places and chosen names left out."""
        found: tuple[str, ...] = ()
        for key in at:
            found += ("[]" if isinstance(key, int) else "*" if found in self.named else key,)
        return found

    def note(self, at: Keys, shape: Shape) -> None:
        self.shapes[self.place(at)] = shape

    def known(self, at: Keys, table: Table, keys: Iterable[str]) -> None:
        keys = tuple(keys)
        self.keys.setdefault(self.place(at), set()).update(keys)
        super().known(at, table, keys)

    def table(self, at: Keys, parent: Table) -> Table:
        self.note(at, {"type": "object"})
        return super().table(at, parent)

    def tables(self, at: Keys, parent: Table) -> list[tuple[Keys, Table]]:
        self.note(at, {"type": "array"})
        self.note((*at, 0), {"type": "object"})
        return super().tables(at, parent)

    def named_tables(self, at: Keys, parent: Table) -> list[tuple[Keys, Table]]:
        self.named.add(self.place(at))
        return super().named_tables(at, parent)

    def word(self, at: Keys, table: Table, usual: str | None) -> str:
        self.shapes.setdefault(self.place(at), {"type": "string", "minLength": 1})
        return super().word(at, table, usual)

    def words(self, at: Keys, table: Table) -> tuple[str, ...]:
        self.note(at, {"type": "array", "items": {"type": "string", "minLength": 1}})
        return super().words(at, table)

    def choice(self, at: Keys, table: Table, choices: tuple[str, ...], usual: str) -> str:
        self.note(at, {"enum": list(choices)})
        return super().choice(at, table, choices, usual)

    def text(self, at: Keys, table: Table, usual: str) -> Text:
        self.note(at, BOTH)
        return super().text(at, table, usual)

    def number(self, at: Keys, table: Table, usual: Decimal | None, *, low: int, high: int) -> Decimal:
        self.note(at, {"type": "number", "minimum": low, "maximum": high})
        return super().number(at, table, usual, low=low, high=high)

    def whole(self, at: Keys, table: Table, usual: int = 0, *, low: int = 0) -> int:
        self.note(at, {"type": "integer", "minimum": low})
        return super().whole(at, table, usual, low=low)

    def money(self, at: Keys, table: Table) -> Decimal:
        self.note(at, MONEY)
        return super().money(at, table)

    def amount(self, at: Keys, table: Table) -> Decimal:
        self.note(at, MONEY)
        return super().amount(at, table)

    def day(self, at: Keys, table: Table) -> Any:
        self.note(at, {"type": "string", "format": "date"})
        return super().day(at, table)

    def anchors(self, at: Keys, table: Table) -> tuple[tuple[Decimal, Decimal], ...]:
        score = {"type": "number", "minimum": 0, "maximum": 100}
        pair = {"type": "array", "prefixItems": [MONEY, score], "items": False, "minItems": 2}
        self.note(at, {"type": "array", "minItems": 2, "items": pair})
        return super().anchors(at, table)


def schema(title: str, sheets: Sequence[Noting], names: Mapping[tuple[str, ...], Sequence[str]]) -> Shape:
    """The schema of all that the sheets noted. `names`: what the chosen keys of a table may be."""
    shapes: dict[tuple[str, ...], Shape] = {}
    keys: dict[tuple[str, ...], set[str]] = {}
    for sheet in sheets:
        shapes |= sheet.shapes
        for place, found in sheet.keys.items():
            keys.setdefault(place, set()).update(found)
    unseen = [".".join((*place, key)) for place in keys for key in keys[place] if (*place, key) not in shapes]
    if unseen:
        raise LookupError(f"no file shows: {', '.join(sorted(unseen))}")
    whole = _object((), shapes, keys, names)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **whole}


def _object(
    place: tuple[str, ...],
    shapes: Mapping[tuple[str, ...], Shape],
    keys: Mapping[tuple[str, ...], set[str]],
    names: Mapping[tuple[str, ...], Sequence[str]],
) -> Shape:
    below = sorted({found[len(place)] for found in shapes if len(found) > len(place) and found[: len(place)] == place})
    shape = dict(shapes.get(place, {"type": "object"}))
    if below == ["[]"]:
        return shape | {"items": _object((*place, "[]"), shapes, keys, names)}
    if below == ["*"]:
        allowed: Shape = {"propertyNames": {"enum": sorted(names[place])}} if place in names else {}
        return shape | allowed | {"additionalProperties": _object((*place, "*"), shapes, keys, names)}
    if below:
        inside = {key: _object((*place, key), shapes, keys, names) for key in below}
        return shape | {"additionalProperties": False, "properties": inside}
    return shape
