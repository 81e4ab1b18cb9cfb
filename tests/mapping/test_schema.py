"""The schema that editors use says what the reader says: it is made from the same tables, and published as it is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kamsync.mapping.fields import FieldReader
from kamsync.mapping.language import KEYS, KINDS, keys_of
from kamsync.mapping.schema import NAME, schema, schema_text
from kamsync.mapping.targets import targets
from kamsync.model import ENTITIES
from kamsync.plugin import Text

ROOT = Path(__file__).parent.parent.parent
PUBLISHED = ROOT / "docs" / "schema" / "mapping.json"
MAPPINGS = sorted((ROOT / "mappings").glob("*.toml"))


def test_the_published_schema_is_the_codes() -> None:
    assert PUBLISHED.read_text("utf-8") == schema_text(), f"run: kamsync map schema > {PUBLISHED.relative_to(ROOT)}"


@pytest.mark.parametrize("file", MAPPINGS, ids=lambda file: file.name)
def test_every_shipped_mapping_names_the_schema_beside_it(file: Path) -> None:
    assert file.read_text("utf-8").splitlines()[0] == f"#:schema {NAME}"
    assert (file.parent / NAME).resolve() == PUBLISHED


@pytest.mark.parametrize("file", MAPPINGS, ids=lambda file: file.name)
def test_every_shipped_mapping_fits_the_schema(file: Path) -> None:
    assert list(unfit(tomllib.loads(file.read_text("utf-8")), schema())) == []


@pytest.mark.parametrize(
    "line",
    [
        'nmae = "A"', 'wallet = { form = "A" }', 'wallet = { from = "A", scale = "x" }', 'wallet = { from = 5 }',
        'size = { constant = "巨" }', 'owner = { from = "A", as = "text" }', 'wallet = { from = "A", unknown = "kep" }',
        'wallet = { scale = 10 }', 'blacklisted = { constant = "yes" }', 'wallet = { from = "A", class = "secret" }',
    ],
)  # fmt: skip
def test_what_the_reader_refuses_the_schema_refuses(line: str) -> None:
    text = f'[accounts]\nobject = "A"\nentity = "account"\n[accounts.fields]\nname = "N"\n{line}\n'

    assert list(unfit(tomllib.loads(text), schema()))


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_key_that_the_reader_takes_is_in_the_schema(entity: str) -> None:
    made = schema()["definitions"]
    fields = made[f"fields_{entity}"]["properties"]

    assert set(fields) == set(targets(entity))
    for name, target in targets(entity).items():
        (told,) = fields[name]["allOf"]
        recipe = next(form for form in made[told["$ref"].rpartition("/")[2]]["anyOf"] if "properties" in form)
        assert set(recipe["properties"]) == {key for kind in target.kinds for key in keys_of(kind)}, name


@pytest.mark.parametrize("key", KEYS)
def test_no_key_of_the_language_is_taken_and_ignored(key: str) -> None:
    said: list[str] = []
    every = [target for entity in ENTITIES for target in targets(entity).values()]
    kind = sorted(KEYS[key].kinds & {kind for target in every for kind in target.kinds})[0]
    target = next(target for target in every if kind in target.kinds)
    reader = FieldReader(lambda keys, text, hint: said.append(text.en), [], target, None)
    recipe: dict[str, Any] = {"constant": 1} if kind == "constant" else {"from": "A", "as": kind, "to": "things"}

    reader.read(("things", "fields", target.name), {**recipe, key: object()})

    assert said


def test_every_kind_is_told_in_both_languages() -> None:
    assert all(isinstance(words, Text) and words.zh and words.en for words in KINDS.values())


# ---- as much of JSON Schema (draft 7) as the schema uses


def unfit(value: Any, rule: dict[str, Any], at: str = "") -> Any:
    """Where the value does not fit."""
    if "$ref" in rule:
        yield from unfit(value, schema()["definitions"][rule["$ref"].rpartition("/")[2]], at)
        return
    if "type" in rule and not any(is_a(value, kind) for kind in [rule["type"]] for kind in as_list(kind)):
        yield f"{at}: {rule['type']}"
        return
    if "enum" in rule and value not in rule["enum"]:
        yield f"{at}: {value!r} not in enum"
    for part in rule.get("allOf", ()):
        applies = "if" not in part or not list(unfit(value, part["if"], at))
        yield from unfit(value, part.get("then", part) if applies else {}, at)
    if "const" in rule and value != rule["const"]:
        yield f"{at}: not {rule['const']}"
    if "anyOf" in rule and all(list(unfit(value, part, at)) for part in rule["anyOf"]):
        yield f"{at}: none of {len(rule['anyOf'])}"
    if isinstance(value, dict):
        yield from (f"{at}.{name} is missing" for name in rule.get("required", ()) if name not in value)
        for name, part in value.items():
            inner = rule.get("properties", {}).get(name, rule.get("additionalProperties", {}))
            yield from [f"{at}.{name} is unknown"] if inner is False else unfit(part, inner, f"{at}.{name}")
    if isinstance(value, list) and "items" in rule:
        for place, part in enumerate(value):
            yield from unfit(part, rule["items"], f"{at}[{place}]")


def is_a(value: Any, kind: str) -> bool:
    types: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, types[kind]) and not (kind == "integer" and isinstance(value, bool))


def as_list(kind: Any) -> list[str]:
    return kind if isinstance(kind, list) else [kind]


def test_the_schema_is_json() -> None:
    assert json.loads(schema_text()) == schema()
