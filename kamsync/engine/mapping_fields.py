"""What a CRM's stream holds, field by field: how full each is, what stands in it, and what the mapping makes of it.

From the fields as the CRM described them and the records as they are kept; nobody is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection as Tx

from kamsync.engine.mapping_places import place_of, records
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping as MappingFile
from kamsync.mapping.drift import DERIVED
from kamsync.rules.masking import is_private, masked, scrubbed
from kamsync.store import described
from kamsync.store.landing import Place
from kamsync.store.tables import Row

EMPTY: tuple[Any, ...] = (None, "", [], {}, "-None-", "--None--")
SAMPLES = 3
LONGEST = 40  # characters of one sample
MOST_CHOICES = 60  # different values beyond which a field holds free text
CHOSEN = frozenset({"picklist", "multiselectpicklist", "select_one", "select_many", "boolean", "true_or_false",
                    "record_type", "country", "province", "city"})  # fmt: skip
LABEL = "__r"  # Fxiaoke sends what people see beside the code that is stored


@dataclass(frozen=True, slots=True)
class Chosen:
    """One value of a choice. `known` None: the mapping has no table for it."""

    value: str
    label: str
    count: int
    known: bool | None = None


@dataclass(slots=True)
class FieldLook:
    """One field of a CRM's stream. `label` and `type` are empty where the CRM never described it."""

    name: str
    label: str = ""
    type: str = ""
    filled: int = 0
    mapped: tuple[str, ...] = ()
    samples: list[str] = field(default_factory=list)
    choices: list[Chosen] = field(default_factory=list)
    private: bool = False
    different: int = 0  # values that stand in it, as far as they were counted
    kept: bool = False  # some record that is kept has it: a mapping can be filled from it without a call


@dataclass(slots=True)
class StreamLook:
    """A stream with its fields, the fullest first."""

    place: Place
    object: str
    records: int = 0
    fields: list[FieldLook] = field(default_factory=list)


def look(workspace: Workspace, connection: str, stream: str, search: str = "") -> StreamLook:
    """Every field of a stream, or those in which a word stands: in a name, a label, a value or a model field."""
    place = place_of(workspace, connection, stream)
    mapping = workspace.mappings[connection]
    with workspace.store.read() as tx:
        found = looked(tx, place, mapping)
    word = search.casefold()
    found.fields = [one for one in found.fields if word in _words(one)]
    return found


def looked(tx: Tx, place: Place, mapping: MappingFile) -> StreamLook:
    """As `look`, of a stream that is known."""
    told = {name: row for name, row in described.fields(tx, place).items() if row["here"]}
    seen = _Seen(frozenset(told))
    count = 0
    for some in records(tx, place):
        count += len(some)
        for record in some:
            seen.take(record.body)
    readers = readers_of(mapping, place.stream)
    names = dict.fromkeys([*told, *seen.filled, *seen.kept])
    fields = [_field(name, told.get(name), seen, readers, mapping, place) for name in names]
    order = sorted(fields, key=lambda one: (-one.filled, not one.mapped, one.name))
    return StreamLook(place, mapping.object_of(place.stream), count, order)


def readers_of(mapping: MappingFile, stream: str) -> dict[str, tuple[str, ...]]:
    """The model fields that look at each field of the CRM's."""
    found: dict[str, list[str]] = {}
    spec = mapping.specs[stream]
    for name, recipes in spec.fields.items():
        for source in {source for recipe in recipes for source in recipe.reads()}:
            found.setdefault(base(source), []).append(name)
    for key, conditions in (("gone_when", spec.gone_when), ("skip_when", spec.skip_when)):
        for condition in conditions:
            found.setdefault(base(condition.path[0]), []).append(key)
    for path in spec.marker_from:
        found.setdefault(base(path[0]), []).append("marker")
    return {name: tuple(dict.fromkeys(fields)) for name, fields in found.items()}


def base(name: str) -> str:
    """The field that a derived value belongs to."""
    return next((name.removesuffix(mark) for mark in DERIVED if name.endswith(mark)), name)


class _Seen:
    """What stood in the fields of the records that were looked at."""

    def __init__(self, told: frozenset[str]) -> None:
        self.told = told
        self.kept: set[str] = set()
        self.filled: Counter[str] = Counter()
        self.values: dict[str, Counter[str] | None] = {}  # None: too many to be choices
        self.samples: dict[str, dict[str, None]] = {}
        self.labels: dict[tuple[str, str], str] = {}

    def take(self, body: Mapping[str, Any]) -> None:
        for name, value in body.items():
            if name not in self.told and base(name) != name and base(name) in body:
                continue  # the label of another field, or its parts
            self.kept.add(name)
            if value in EMPTY:
                continue
            self.filled[name] += 1
            label = body.get(f"{name}{LABEL}")
            for one in value if isinstance(value, list) else (value,):
                text = said(one)
                if isinstance(label, str):
                    self.labels[name, text] = label
                self._note(name, text)

    def different(self, name: str) -> int:
        """How many values a field has; one more than are counted where there are too many."""
        values = self.values.get(name, Counter())
        return MOST_CHOICES + 1 if values is None else len(values)

    def _note(self, name: str, text: str) -> None:
        samples = self.samples.setdefault(name, {})
        if len(samples) < SAMPLES:
            samples[text] = None
        values = self.values.setdefault(name, Counter())
        if values is not None:
            values[text] += 1
            if len(values) > MOST_CHOICES:
                self.values[name] = None


def said(value: object) -> str:
    """A raw value in few words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        word = next((value[key] for key in ("name", "label", "display_value", "id") if value.get(key)), None)
        return said(word) if word is not None else "{…}"
    return str(value)[:LONGEST]


def _field(
    name: str, told: Row | None, seen: _Seen, readers: Mapping[str, tuple[str, ...]], mapping: MappingFile, place: Place
) -> FieldLook:
    label, type = (told["label"], told["type"]) if told else ("", "")
    private = is_private(name, label, type, place.entity)
    hide = masked if private else scrubbed
    found = FieldLook(
        name, label, type, seen.filled[name], readers.get(name, ()),
        [hide(seen.labels.get((name, one), one)) for one in seen.samples.get(name, ())],
        private=private, kept=name in seen.kept, different=seen.different(name),
    )  # fmt: skip
    values = seen.values.get(name) or Counter()
    if not private and (type in CHOSEN or (told or {}).get("choices")):
        words = words_of(mapping, place.stream, name)
        for value, count in values.most_common():
            text = seen.labels.get((name, value), value)
            known = None if words is None else bool({value.casefold(), text.casefold()} & words)
            found.choices.append(Chosen(value, text, count, known))
    return found


def words_of(mapping: MappingFile, stream: str, name: str) -> frozenset[str] | None:
    """What the mapping's tables of choices know for this field; None where it has none."""
    tables = [
        recipe.values
        for recipes in mapping.specs[stream].fields.values()
        for recipe in recipes
        if recipe.kind == "choice" and any(base(path[0]) == name for path in recipe.paths)
    ]
    return frozenset(word for table in tables for word in dict(table)) if tables else None


def _words(one: FieldLook) -> str:
    choices = (f"{each.value} {each.label}" for each in one.choices)
    return " ".join([one.name, one.label, one.type, *one.mapped, *one.samples, *choices]).casefold()


# ---- for programs


def to_json(found: StreamLook) -> dict[str, Any]:
    return {
        "connection": found.place.connection,
        "stream": found.place.stream,
        "object": found.object,
        "entity": found.place.entity,
        "records": found.records,
        "fields": [_field_json(one, found.records) for one in found.fields],
    }


def _field_json(one: FieldLook, records: int) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "type": one.type,
        "filled": one.filled,
        "fill_rate": share(one.filled, records),
        "mapped": list(one.mapped),
        "samples": one.samples,
        "private": one.private,
        "kept": one.kept,
        "choices": [
            {"value": each.value, "label": each.label, "count": each.count, "known": each.known} for each in one.choices
        ],
    }


def share(part: int, whole: int) -> float | None:
    """A part of a whole with four places; None where there is nothing."""
    return round(part / whole, 4) if whole else None


def percent(part: int, whole: int) -> str:
    """A share as people read it: never 100 % while something is missing, nor 0 % while something is there."""
    if not whole:
        return "–"
    rounded = round(100 * part / whole)
    if rounded == 100 and part < whole:
        return "99 %"
    return "<1 %" if rounded == 0 and part else f"{rounded} %"


def unmapped(fields: Iterable[FieldLook]) -> Iterator[FieldLook]:
    """Those that hold data which nothing reads."""
    return (one for one in fields if one.filled and not one.mapped)
