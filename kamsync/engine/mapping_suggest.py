"""Propose lines for fields that hold data and that nothing reads: which model field each may fill, how sure, and why.

Saves nothing. Words come from the mappings of all connectors and from the model's own labels; each proposal is then
tried on the records that are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from rapidfuzz import fuzz

from kamsync.engine.adding import vocabulary
from kamsync.engine.mapping_coverage import SYSTEM
from kamsync.engine.mapping_fields import FieldLook, looked, unmapped
from kamsync.engine.mapping_places import place_of, records
from kamsync.engine.mapping_values import make
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping as MappingFile
from kamsync.mapping import read_mapping
from kamsync.mapping.drafting import Vocabulary, plain
from kamsync.mapping.reading import said
from kamsync.mapping.targets import Target, targets
from kamsync.model.about import about
from kamsync.plugin import Record, Text
from kamsync.plugin.document import Problems
from kamsync.store.landing import Place

TRIED = 1000  # records that a proposal is tried on
LEAST = 0.55
ALIKE = 0.6  # of names; below it a proposal would be a guess about nothing


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line. `line` is TOML for the stream's table of fields; `values` for its table of choices, if it needs one."""

    source: str
    field: str
    line: str
    values: Mapping[str, Any]
    confidence: float
    why: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is proposed for a stream. `left`: fields with data for which there is no idea."""

    place: Place
    proposals: tuple[Proposal, ...]
    left: tuple[str, ...]


def suggest(workspace: Workspace, connection: str, stream: str) -> Suggested:
    """Lines for what the mapping in force does not read, the surest first."""
    place = place_of(workspace, connection, stream)
    mapping, words = workspace.mappings[connection], vocabulary()
    with workspace.store.read() as tx:
        found = looked(tx, place, mapping)
        sample = [record for some in islice(records(tx, place), 1) for record in some[:TRIED]]
    free = {
        name: target
        for name, target in targets(place.entity).items()
        if name not in mapping.specs[place.stream].fields and target.kinds[0] not in ("ref", "refs")
    }
    fields = [one for one in unmapped(found.fields) if one.type and not SYSTEM.search(one.name)]
    trial = _Trial(workspace, place, mapping, sample)
    every = [one for field in fields for target in free.values() if (one := _proposal(field, target, words, trial))]
    chosen: dict[str, Proposal] = {}
    for one in sorted(every, key=lambda one: -one.confidence):
        if one.field not in chosen and one.source not in {each.source for each in chosen.values()}:
            chosen[one.field] = one
    read = {one.source for one in chosen.values()}
    return Suggested(place, tuple(chosen.values()), tuple(one.name for one in fields if one.name not in read))


def _proposal(field: FieldLook, target: Target, words: Vocabulary, trial: _Trial) -> Proposal | None:
    alike, why = _alike(field, target, words, trial.place.entity)
    if alike < ALIKE:
        return None
    values = _values(field, target, words, trial.place.entity)
    if target.kinds[0] == "choice" and not values:
        return None
    line = _line(field, target, values)
    fits, tried = trial.fits(target.name, line, values)
    confidence = round(0.6 * alike + 0.4 * (fits / tried if tried else 0), 2)
    if confidence < LEAST:
        return None
    reads = Text(f"{tried} 条中 {fits} 条读得通", f"{fits} of {tried} records read well")
    return Proposal(field.name, target.name, line, values, confidence, (why, reads))


def _alike(field: FieldLook, target: Target, words: Vocabulary, entity: str) -> tuple[float, Text]:
    """How alike the names are, and which."""
    own = words.fields.get(entity, {})
    for word in (field.name, field.label):
        if own.get(plain(word)) == target.name:
            return 1.0, Text(f"已知的名字 {word}", f"{word} is a known name of it")
    told = about(entity).get(target.name)
    names = {word for word, name in own.items() if name == target.name} | {plain(target.name)}
    names |= {plain(told.zh), plain(told.en)} if told else set()
    pairs = [(fuzz.ratio(plain(word), name) / 100, word, name) for word in (field.name, field.label) for name in names]
    best, word, name = max(pairs, default=(0.0, "", ""))
    return best, Text(f"{word} 像 {name}", f"{word} is like {name}")


def _values(field: FieldLook, target: Target, words: Vocabulary, entity: str) -> dict[str, Any]:
    known = words.values.get((entity, target.name), {})
    return {one.label: known[said(one.label)] for one in field.choices if said(one.label) in known}


def _line(field: FieldLook, target: Target, values: Mapping[str, Any]) -> str:
    source = json.dumps(field.name, ensure_ascii=False)
    if values:
        table = ", ".join(f"{_word(theirs)} = {_word(ours)}" for theirs, ours in values.items())
        return f"{target.name} = {{ from = {source}, values = {{ {table} }} }}"
    return f"{target.name} = {source}"


def _word(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Tries a line on records that are kept."""

    workspace: Workspace
    place: Place
    mapping: MappingFile
    sample: list[Record]

    def fits(self, field: str, line: str, values: Mapping[str, Any]) -> tuple[int, int]:
        """(records in which the line finds a value, records that have one there)."""
        try:
            trial = read_mapping(self._text(line), "trial.toml")
        except Problems:
            return 0, 0
        config, spec = self.workspace.config, trial.specs[self.place.stream]
        keys = {source for recipe in spec.fields[field] for source in recipe.reads()}
        tried = [record for record in self.sample if any(record.body.get(key) not in (None, "", []) for key in keys)]
        place = Place(self.place.connection, self.place.stream, self.place.entity)
        made = (make(trial, place, record, config.timezone, config.base_currency) for record in tried)
        return sum(field in one.values and not one.odd for one in made), len(tried)

    def _text(self, line: str) -> str:
        needed = [target for target in targets(self.place.entity).values() if target.required]
        lines = [f"[{self.place.stream}]", f'object = "{self.mapping.object_of(self.place.stream)}"']
        lines += [f'entity = "{self.place.entity}"', f"[{self.place.stream}.fields]"]
        lines += [f"{one.name} = {{ constant = {_word(one.choices[0] if one.choices else 'x')} }}" for one in needed]
        return "\n".join([*lines, line])


def lines(found: Suggested, language: str) -> Iterator[str]:
    """As they are to stand in the file, with how sure and why."""
    if found.proposals:
        yield f"[{found.place.stream}.fields]"
    for one in found.proposals:
        yield f"# {one.confidence:.2f} · " + " · ".join(why.say(language) for why in one.why)
        yield one.line


def to_json(found: Suggested, language: str) -> dict[str, Any]:
    return {
        "connection": found.place.connection,
        "stream": found.place.stream,
        "proposals": [
            {"source": one.source, "field": one.field, "line": one.line, "confidence": one.confidence,
             "why": [why.say(language) for why in one.why]}
            for one in found.proposals
        ],
        "left": list(found.left),
    }  # fmt: skip
