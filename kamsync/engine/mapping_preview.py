"""A few real records before and after the mapping, from what is kept: nothing is asked, nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kamsync.engine.mapping_fields import EMPTY, base, said
from kamsync.engine.mapping_places import drafted, place_of, records, some
from kamsync.engine.mapping_values import Made, make
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping
from kamsync.mapping.targets import targets
from kamsync.plugin import ConfigError, Record, Text
from kamsync.plugin.document import did_you_mean
from kamsync.rules.masking import is_private, masked, scrubbed
from kamsync.store import described, raw
from kamsync.store.landing import Place

LOOKED_AT = 5_000  # records among which the most telling are sought
SHOWN = 3
CALLED = ("name", "number", "subject")  # what a record is called by, where it has one of these


@dataclass(frozen=True, slots=True)
class Line:
    """One model field of one record. `sources`: (CRM field, what stands there). `before`: as is in force."""

    field: str
    sources: tuple[tuple[str, str], ...]
    after: str | None
    before: str | None
    differs: bool
    odd: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One record. `why`: why the edited file sets it aside; `kept` False without it: the mapping leaves it out."""

    id: str
    name: str
    lines: tuple[Line, ...]
    kept: bool
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the file as it stands makes of a stream. `edited`: it differs from the mapping in force."""

    place: Place
    shown: tuple[Shown, ...]
    edited: bool
    records: int


def preview(
    workspace: Workspace, connection: str, stream: str, field: str | None = None, ids: tuple[str, ...] = ()
) -> Preview:
    """The most telling records: those that an edit changes, then those that are set aside, then the fullest."""
    draft = drafted(workspace, connection)
    place = place_of(workspace, connection, stream, draft)
    look = _Look(workspace, draft, workspace.mappings[connection], place, _fields(place, field))
    with workspace.store.read() as tx:
        look.private = _private(described.fields(tx, place), place)
        if ids:
            chosen = [look.at(record) for record in some(tx, place, ids)]
        else:
            every = (record for page in records(tx, place) for record in page)
            chosen = look.best([look.at(record) for record in islice(every, LOOKED_AT)])
        total = raw.count(tx, place)
    return Preview(place, tuple(look.shown(one) for one in chosen), look.edited, total)


def _fields(place: Place, field: str | None) -> list[str]:
    known = list(targets(place.entity))
    if field is None:
        return known
    if field in known:
        return [field]
    listed = ", ".join(known)
    hint = did_you_mean(field, known) or Text(f"可选:{listed}", f"there are: {listed}")
    what = f"{place.entity} 没有字段 {field};{hint.zh}", f"{place.entity} has no field {field}; {hint.en}"
    raise ConfigError(Text(*what), next=f"kamsync map preview {place.connection} {place.stream}")


def _private(rows: dict[str, Any], place: Place) -> Callable[[str], bool]:
    def private(name: str) -> bool:
        row = rows.get(name) or {}
        return is_private(name, row.get("label", ""), row.get("type", ""), place.entity)

    return private


@dataclass(frozen=True, slots=True)
class _Seen:
    record: Record
    after: Made
    before: Made
    worth: tuple[int, ...]


class _Look:
    """One stream seen through two mappings."""

    def __init__(self, workspace: Workspace, draft: Mapping, force: Mapping, place: Place, fields: list[str]) -> None:
        self.zone, self.currency = workspace.config.timezone, workspace.config.base_currency
        self.draft, self.place, self.fields = draft, place, fields
        self.force = force if force.entities.get(place.stream) == place.entity else draft
        self.edited = force.document.text != draft.document.text
        self.private: Callable[[str], bool] = lambda name: False

    def at(self, record: Record) -> _Seen:
        after = make(self.draft, self.place, record, self.zone, self.currency)
        same = self.force is self.draft or not self.edited
        before = after if same else make(self.force, self.place, record, self.zone, self.currency)
        differs = sum(after.values.get(name) != before.values.get(name) for name in self.fields)
        odd = sum(name in self.fields for name, _ in after.odd)
        filled = sum(name in after.values for name in self.fields)
        moved = after.is_entity != before.is_entity
        return _Seen(record, after, before, (moved, differs, not after.is_entity, odd, filled))

    def best(self, seen: list[_Seen]) -> list[_Seen]:
        """The most telling, each of them telling something else where that can be."""
        ranked = sorted(seen, key=lambda one: one.worth, reverse=True)
        first: dict[Any, _Seen] = {}
        for one in ranked:
            first.setdefault((one.after.why, *(one.after.values.get(name) for name in self.fields)), one)
        chosen = list(first.values())[:SHOWN]
        return chosen + [one for one in ranked if one not in chosen][: SHOWN - len(chosen)]

    def shown(self, seen: _Seen) -> Shown:
        lines = [self._line(name, seen) for name in self.fields]
        told = tuple(line for line in lines if line.sources or line.after or line.differs or len(self.fields) == 1)
        name = (
            seen.after.values.get("name") or seen.after.values.get("number") or seen.after.values.get("subject") or ""
        )
        hidden = masked(name) if self.private("name") else name
        return Shown(seen.record.id, hidden, told, seen.after.is_entity, seen.after.why)

    def _line(self, name: str, seen: _Seen) -> Line:
        paths = [p for recipe in self.draft.specs[self.place.stream].fields.get(name, ()) for p in recipe.paths]
        found = [(".".join(path), _value(seen.record, path)) for path in dict.fromkeys(paths)]
        sources = tuple((word, self._hidden(word, value)) for word, value in found if value is not None)
        hide = masked if any(self.private(base(word.split(".")[0])) for word, _ in found) else scrubbed
        after, before = seen.after.values.get(name), seen.before.values.get(name)
        odd = next((value for field, value in seen.after.odd if field == name), None)
        return Line(name, sources, after and hide(after), before and hide(before), after != before, odd)

    def _hidden(self, word: str, value: str) -> str:
        return (masked if self.private(base(word.split(".")[0])) else scrubbed)(value)


def _value(record: Record, path: tuple[str, ...]) -> str | None:
    value: Any = record.body
    for key in path:
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        value = value.get(key) if hasattr(value, "get") else None
    if value in EMPTY:
        return None
    return ", ".join(said(one) for one in value) if isinstance(value, list) else said(value)
