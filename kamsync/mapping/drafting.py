"""Draft a mapping for streams that nobody has described yet: which entity each may be, which field fills what.

Pure. A draft is a guess that a person looks over: it says so, and lists what it leaves out. Words come from mappings
that are known already.
"""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kamsync.mapping.drafting_words import CURRENCIES, ENTITY_WORDS, MORE_WORDS, PLURALS, POINTERS
from kamsync.mapping.reading import said
from kamsync.mapping.spec import Mapping as MappingFile
from kamsync.mapping.targets import targets
from kamsync.plugin import Field

WIDE = 110
PLAIN = ("text", "texts", "money", "number", "integer", "percent", "date", "instant", "yesno", "phone")


@dataclass(frozen=True, slots=True)
class Offered:
    """A stream as its source tells it. `rows`: a few records, where they cost nothing."""

    object: str
    fields: Sequence[Field]
    keys: tuple[str, ...] = ()
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.fields]


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a stream may be. `entity` None: nothing in the model is like it, or what each record needs is not there."""

    object: str
    stream: str
    entity: str | None
    recipes: Mapping[str, str]  # model field -> TOML
    unused: tuple[str, ...]
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # model field -> the source's word -> ours


@dataclass(slots=True)
class Vocabulary:
    """Which words mean what."""

    objects: dict[str, str] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)  # entity -> word -> model field
    values: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)


def learn(known: Iterable[MappingFile]) -> Vocabulary:
    """The words of mappings that exist, and a few more."""
    words = Vocabulary()
    for mapping in known:
        for spec in mapping.specs.values():
            words.objects.setdefault(plain(spec.object), spec.entity)
            own = words.fields.setdefault(spec.entity, {})
            for name, recipes in spec.fields.items():
                for recipe in recipes:
                    if recipe.kind in PLAIN or recipe.values:
                        for path in recipe.paths:
                            own.setdefault(plain(path[0]), name)
                    words.values.setdefault((spec.entity, name), {}).update(recipe.values)
    for entity, more in MORE_WORDS.items():
        own = words.fields.setdefault(entity, {})
        own.update({plain(word): name for name, listed in more.items() for word in listed})
    return words


def plain(word: str) -> str:
    """A word without case, unit and punctuation: Total_Price and total price are one."""
    text = unicodedata.normalize("NFKC", word).casefold()
    return re.sub(r"[\W_]+", "", re.sub(r"\(.*\)\s*$", "", text))


def entity_of(object: str, words: Vocabulary) -> str | None:
    """What records of an object of this name may be: by the name as a whole, else by its last word that tells."""
    known = words.objects.get(plain(object))
    if known is not None:
        return known
    text = plain(object)
    ends = [(text.rfind(word) + len(word), len(word), entity) for word, entity in ENTITY_WORDS.items() if word in text]
    return max(ends)[2] if ends else None


def draft(offered: Sequence[Offered], words: Vocabulary) -> list[Drafted]:
    """A proposal for each stream, in order."""
    entities = [entity_of(one.object, words) for one in offered]
    names = _names(offered, entities)
    home = next((place for place, entity in enumerate(entities) if entity == "account"), None)
    accounts = None if home is None else (offered[home], names[home])
    return [
        _drafted(one, name, entity, accounts, words) for one, name, entity in zip(offered, names, entities, strict=True)
    ]


def _names(offered: Sequence[Offered], entities: Sequence[str | None]) -> list[str]:
    names: list[str] = []
    for one, entity in zip(offered, entities, strict=True):
        usual = PLURALS.get(entity or "", re.sub(r"[^\w-]+", "_", one.object))
        names.append(usual if usual not in names else f"{usual}_{sum(n.startswith(usual) for n in names) + 1}")
    return names


def _drafted(
    one: Offered, name: str, entity: str | None, accounts: tuple[Offered, str] | None, words: Vocabulary
) -> Drafted:
    if entity is None:
        return Drafted(one.object, name, None, {}, tuple(one.names))
    recipes: dict[str, str] = {}
    values: dict[str, Mapping[str, Any]] = {}
    used = set(one.keys)
    pointer = _pointer(one, accounts) if entity not in ("account", "user") else None
    if pointer is not None and accounts is not None:
        recipes["about" if entity == "activity" else "account"] = (
            f"{{ from = {_toml(pointer)}, to = {_toml(accounts[1])} }}"
        )
        used.add(pointer)
    for source in one.fields:
        target = words.fields.get(entity, {}).get(plain(source.name)) or words.fields.get(entity, {}).get(
            plain(source.label)
        )
        if target is None or target in recipes or "." in source.name or _is_ref(entity, target):
            continue
        if _is_chosen(entity, target, words):
            known = _values(one, source, words.values.get((entity, target), {}))
            if not known:
                continue
            values[target] = known
        recipes[target] = _recipe(one, source, entity, target, is_chosen=target in values)
        used.add(source.name)
    recipes |= {target: recipe for target, recipe in _constants(one, entity, recipes).items() if target not in recipes}
    lacking = [target.name for target in targets(entity).values() if target.required and target.name not in recipes]
    unused = tuple(source for source in one.names if source not in used and plain(source) not in CURRENCIES)
    if lacking:
        return Drafted(one.object, name, None, {}, tuple(one.names))
    return Drafted(one.object, name, entity, recipes, unused, values)


def _pointer(one: Offered, accounts: tuple[Offered, str] | None) -> str | None:
    """The column that says which customer a record belongs to."""
    if accounts is None:
        return None
    keys = accounts[0].keys
    if len(keys) == 1 and plain(keys[0]) != "id" and keys[0] in one.names and keys != one.keys:
        return keys[0]
    by_plain = {plain(name): name for name in reversed(one.names)}
    return next((by_plain[word] for word in POINTERS if word in by_plain), None)


def _is_ref(entity: str, target: str) -> bool:
    return targets(entity)[target].kinds[0] in ("ref", "refs")


def _is_chosen(entity: str, target: str, words: Vocabulary) -> bool:
    """Is it one of a few words, which the source will have words of its own for?"""
    kind = targets(entity)[target].kinds[0]
    return kind == "choice" or (kind == "yesno" and bool(words.values.get((entity, target))))


def _values(one: Offered, source: Field, known: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the values that were seen; where none was seen, of all in the source's script."""
    if one.rows:
        seen = dict.fromkeys(str(row[source.name]) for row in one.rows if row.get(source.name) is not None)
        return {value: known[said(value)] for value in seen if said(value) in known}
    return {value: meant for value, meant in known.items() if value.isascii() == source.name.isascii()}


def _recipe(one: Offered, source: Field, entity: str, target: str, *, is_chosen: bool) -> str:
    kind = targets(entity)[target].kinds[0]
    parts = [f"from = {_toml(source.name)}"]
    if is_chosen:
        parts.append('unknown = "ignore"')
    if target in ("phone", "mobile"):
        parts.append('as = "phone"')
    if source.scale != 1 and kind in ("money", "number", "integer"):
        parts.append(f"scale = {source.scale}")
    currency = next((name for name in one.names if plain(name) in CURRENCIES), None)
    if kind == "money" and currency is not None:
        parts.append(f"currency_from = {_toml(currency)}")
    return f"{{ {', '.join(parts)} }}" if len(parts) > 1 else _toml(source.name)


def _constants(one: Offered, entity: str, recipes: Mapping[str, str]) -> dict[str, str]:
    """What every record of such a stream is."""
    text = plain(one.object)
    if entity == "survey" and "score" in recipes:
        nps = "nps" in text
        return {
            "kind": f'{{ constant = "{"nps" if nps else "csat"}" }}',
            "max_score": f"{{ constant = {10 if nps else 5} }}",
        }
    if entity == "activity":
        kinds = {
            "call": "call",
            "电话": "call",
            "meeting": "meeting",
            "会议": "meeting",
            "visit": "visit",
            "拜访": "visit",
        }
        kind = next((kind for word, kind in kinds.items() if word in text), "note")
        return {"kind": f'{{ constant = "{kind}" }}', "status": '{ constant = "done" }'}
    if entity == "order":
        return {"counts": "{ constant = true }"}
    return {}


# ---- as a file


def written(drafted: Sequence[Drafted], offered: Sequence[Offered], head: str) -> str:
    """The mapping file. What has no place in it stands there as comments."""
    parts = [head.rstrip("\n")]
    for one, source in zip(drafted, offered, strict=True):
        parts.append(_stream(one, source) if one.entity else _left_out(one, source))
    return "\n\n".join(parts) + "\n"


def _stream(one: Drafted, source: Offered) -> str:
    lines = [f"[{_key(one.stream)}]", f"object = {_toml(one.object)}", f"entity = {_toml(one.entity)}", ""]
    lines.append(f"[{_key(one.stream)}.fields]")
    lines += [f"{target} = {recipe}" for target, recipe in one.recipes.items()]
    lines += _unused(one, source)
    for target, known in one.values.items():
        lines += ["", f"[{_key(one.stream)}.values.{target}]"]
        lines += [f"{_toml(value)} = {_toml(meant)}" for value, meant in known.items()]
    return "\n".join(lines)


def _unused(one: Drafted, source: Offered) -> list[str]:
    if not one.unused:
        return []
    kinds = {each.name: each.type for each in source.fields}
    listed = ", ".join(f"{name} ({kinds[name]})" for name in one.unused)
    return [
        "# 没有用上的字段 · fields that nothing reads:",
        *(f"#   {line}" for line in textwrap.wrap(listed, WIDE, break_long_words=False)),
    ]


def _left_out(one: Drafted, source: Offered) -> str:
    head = [
        f"# {one.object}: 看不出是什么,没有映射 · it is not clear what this is; not mapped",
        f"# [{_key(one.stream)}]",
        f"# object = {_toml(one.object)}",
        f"# entity = {_toml(' | '.join(PLURALS))}",
    ]
    return "\n".join([*head, *_unused(one, source)])


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
