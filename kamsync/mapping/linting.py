"""Look over a mapping's names with a CRM's own beside them: objects, fields and picklist values that are nearly right.

Pure: what is known is handed in. A field that a tenant lacks is no mistake, since mappings serve many tenants; one that
it lacks and nearly has is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kamsync.mapping.drift import DERIVED
from kamsync.mapping.drift import scales as miscounted
from kamsync.mapping.spec import FieldSpec, StreamSpec
from kamsync.mapping.spec import Mapping as MappingFile
from kamsync.plugin import Field, Text
from kamsync.plugin.document import Key, Problem, nearest

CLOSE = 0.8  # how like a name must be to one that exists to be taken for a slip
CLOSE_WORD = 0.75  # of four characters, three


@dataclass(slots=True)
class Known:
    """What is known of a CRM. `fields`: by object, as this tenant describes them; `usual`: by object, the names that
    mappings of this kind of CRM read; `words`: by (object, model field), the picklist values that they know."""

    fields: dict[str, Sequence[Field]] = field(default_factory=dict)
    usual: dict[str, set[str]] = field(default_factory=dict)
    words: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)  # folded → as it is written

    def learn(self, mapping: MappingFile) -> None:
        """Take the names of a mapping that is known to be right."""
        for spec in mapping.specs.values():
            object = spec.object.casefold()
            self.objects.setdefault(object, spec.object)
            self.usual.setdefault(object, set()).update(_names(spec))
            for name, recipes in spec.fields.items():
                for recipe in recipes:
                    self.words.setdefault((object, name), set()).update(recipe.values)


def _names(spec: StreamSpec) -> Iterator[str]:
    """All keys of a record that a stream looks at."""
    for recipes in spec.fields.values():
        for recipe in recipes:
            yield from recipe.reads()
    for condition in (*spec.gone_when, *spec.skip_when):
        yield condition.path[0]
    for path in spec.marker_from:
        yield path[0]


def slips(mapping: MappingFile, known: Known) -> list[Problem]:
    """Each name or value of this mapping that is none and is nearly one, with the one that was probably meant."""
    return [problem for spec in mapping.specs.values() for problem in _Look(mapping, spec, known).all()]


class _Look:
    """One stream beside what is known of its object."""

    def __init__(self, mapping: MappingFile, spec: StreamSpec, known: Known) -> None:
        self.mapping = mapping
        self.spec = spec
        self.known = known
        self.object = spec.object.casefold()
        self.fields = list(known.fields.get(self.object, ()))
        self.raw = mapping.document.data[spec.name]
        told = {each.name for each in self.fields}
        self.names = told | known.usual.get(self.object, set())

    def all(self) -> Iterator[Problem]:
        object = self._object()
        if object is not None:
            yield object
            return
        for name, recipes in self.spec.fields.items():
            for recipe in recipes:
                yield from self._recipe(name, recipe)
        for place in ("gone_when", "skip_when", "marker_from"):
            for word in _said(self.raw.get(place), keys=True):
                yield from self._name((self.spec.name, place), word.split(".")[0], ())
        yield from miscounted(self.mapping, self.spec.name, self.fields)

    def _object(self) -> Problem | None:
        if self.object in self.known.objects or self.object in self.known.fields:
            return None
        taken = {object.casefold() for object in self.mapping.objects.values()}
        free = [object for folded, object in self.known.objects.items() if folded not in taken]
        meant = nearest(self.spec.object, free, close=CLOSE)
        if meant is None:
            return None
        text = Text(f'没有对象 "{self.spec.object}"', f'there is no object "{self.spec.object}"')
        return self.mapping.document.problem((self.spec.name, "object"), text, _meant(meant))

    def _recipe(self, name: str, recipe: FieldSpec) -> Iterator[Problem]:
        place: tuple[Key, ...] = (self.spec.name, "fields", name)
        worked_out = recipe.formula.paths if recipe.formula else ()
        beside = (recipe.currency_from, recipe.rate_from, recipe.type_from, recipe.lunar_from)
        for paths in (recipe.paths, worked_out, *beside):
            group = tuple(dict.fromkeys(path[0] for path in paths))
            for word in group:
                yield from self._name(place, word, group)
        if recipe.values and recipe.kind == "choice":
            yield from self._values(name, recipe)

    def _name(self, place: tuple[Key, ...], word: str, mine: Iterable[str]) -> Iterator[Problem]:
        """A field that is none: by its label, or by a name like it that this recipe does not read anyway."""
        base = next((word.removesuffix(mark) for mark in DERIVED if word.endswith(mark)), word)
        if not self.names or word in ("id", "_id") or {word, base} & self.names:
            return
        mark = word[len(base) :]
        by_label = {each.label: each.name for each in self.fields if each.label}
        # A label is what people see: one that stands there just so is meant before any name that is like it.
        meant = by_label.get(base) or nearest(base, self.names - set(mine), close=CLOSE)
        meant = meant or by_label.get(nearest(base, by_label, close=CLOSE) or "")
        if meant is None:
            return
        label = next((each.label for each in self.fields if each.name == meant), "")
        text = Text(f'{self.spec.object} 没有字段 "{word}"', f'{self.spec.object} has no field "{word}"')
        full = meant if meant.endswith(mark) else meant + mark
        yield self.mapping.document.problem(self._at(place, word), text, _meant(full, label))

    def _values(self, name: str, recipe: FieldSpec) -> Iterator[Problem]:
        """Values that the picklist does not have and nearly has."""
        words = {word.casefold(): word for word in self.known.words.get((self.object, name), ())}
        told = [each for each in self.fields if each.name in set(recipe.reads())]
        for choice in (choice for each in told for choice in each.choices):
            words |= {choice.value.casefold(): choice.value, choice.label.casefold(): choice.label}
        free = [word for folded, word in words.items() if folded not in recipe.values]
        written = self.raw.get("values", {}).get(name, {})
        for value in recipe.values:
            meant = None if value in words else nearest(value, free, close=CLOSE_WORD)
            if meant is not None:
                shown = next((each for each in written if each.strip().casefold() == value), value)
                keys = (self.spec.name, "values", name, shown) if written else (self.spec.name, "fields", name)
                text = Text(f'选项里没有 "{shown}"', f'is no choice there: "{shown}"')
                yield self.mapping.document.problem(keys, text, _meant(meant))

    def _at(self, place: tuple[Key, ...], word: str) -> tuple[Key, ...]:
        """Where in the recipe the word stands."""
        here = self.raw
        for key in place[1:]:
            here = here.get(key) if isinstance(here, Mapping) else None
        return next((place + keys for keys, said in _texts(here) if said.split(".")[0] == word), place)


def _texts(value: object) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Every text inside a raw recipe, with the way to it."""
    if isinstance(value, str):
        yield (), value
    parts: Iterable[tuple[Key, object]] = ()
    if isinstance(value, Mapping):
        parts = [(key, part) for key, part in value.items() if key != "values"]
    elif isinstance(value, list):
        parts = enumerate(value)
    for key, part in parts:
        for keys, said in _texts(part):
            yield (key, *keys), said


def _said(value: object, *, keys: bool) -> list[str]:
    """The field names in a condition's table, or in a list of fields."""
    if isinstance(value, Mapping):
        return list(value) if keys else []
    return [said for _, said in _texts(value)]


def _meant(word: str, label: str = "") -> Text:
    shown = f"（{label}）" if label else ""
    told = f" ({label})" if label else ""
    return Text(f'是不是想写 "{word}"{shown}？', f'did you mean "{word}"{told}?')
