"""The JSON Schema of mapping files, for editors: made from the tables that the reader itself goes by.

Draft 7, as Taplo reads it. What needs the whole file (does a reference's stream exist?) is for `kamsync map lint`.
"""

from __future__ import annotations

import json
from typing import Any

from kamsync.mapping.language import GATHERED, KEYS, STREAM_KEYS, Key, keys_of, policies
from kamsync.mapping.targets import Target, targets
from kamsync.model import ENTITIES, about
from kamsync.plugin import Text

Schema = dict[str, Any]
NAME = "mapping.schema.json"
_FIELD = {"type": "string", "minLength": 1}
_FIELDS: Schema = {"anyOf": [_FIELD, {"type": "array", "items": _FIELD, "minItems": 1}]}
_PLAIN: Schema = {"type": ["string", "integer", "boolean"]}


def schema() -> Schema:
    """The schema as a JSON value; the same in every process."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "kamsync mapping",
        "description": "How a CRM's records become the key-account file. · CRM 的记录怎样变成大客户档案。",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"$ref": "#/definitions/stream"},
        "definitions": {
            "stream": _stream(),
            **{f"fields_{entity}": _fields(entity) for entity in ENTITIES},
            **{_name(target): _field(target) for entity in ENTITIES for target in targets(entity).values()},
        },
    }


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def _stream() -> Schema:
    takes: Schema = {
        "object": _FIELD,
        "entity": {"enum": list(ENTITIES)},
        "fields": {"type": "object", "minProperties": 1},
        "values": {"type": "object", "additionalProperties": {"type": "object"}},
        "gone_when": _conditions(),
        "skip_when": _conditions(),
        "marker_from": _FIELDS,
    }
    return {
        "type": "object",
        "required": ["object", "entity", "fields"],
        "additionalProperties": False,
        "properties": {name: _told(takes[name], words) for name, words in STREAM_KEYS.items()},
        "allOf": [
            {
                "if": {"properties": {"entity": {"const": entity}}, "required": ["entity"]},
                "then": {"properties": {"fields": {"$ref": f"#/definitions/fields_{entity}"}}},
            }
            for entity in ENTITIES
        ],
    }


def _conditions() -> Schema:
    return {
        "type": "object",
        "additionalProperties": {"anyOf": [_PLAIN, {"type": "array", "items": _PLAIN, "minItems": 1}]},
    }


def _fields(entity: str) -> Schema:
    known, said = targets(entity), about(entity)
    words = {name: Text(said[name].zh, said[name].en) for name in known}
    return {
        "type": "object",
        "required": [name for name, target in known.items() if target.required],
        "additionalProperties": False,
        "properties": {name: _told(_ref(_name(target)), words[name]) for name, target in known.items()},
    }


def _name(target: Target) -> str:
    """What is taken alike has one definition: by its usual kind, or by the words that it takes."""
    return "_or_".join(target.choices) if target.choices else f"a_{target.kinds[0]}"


def _ref(name: str) -> Schema:
    # Beside $ref draft 7 sees nothing else: the label stands around it.
    return {"allOf": [{"$ref": f"#/definitions/{name}"}]}


def _field(target: Target) -> Schema:
    """One model field: a CRM field, several to try, a recipe, and recipes whose results are gathered."""
    forms = (
        [_FIELD, {"type": "array", "items": _FIELD, "minItems": 1}] if target.kinds[0] not in ("ref", "refs") else []
    )
    recipe = _recipe(target)
    several = [{"type": "array", "items": recipe, "minItems": 1}] if target.kinds[0] in GATHERED else []
    return {"anyOf": [*forms, recipe, *several]}


def _recipe(target: Target) -> Schema:
    allowed = dict.fromkeys(key for kind in target.kinds for key in keys_of(kind))
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _told(_key(KEYS[name], name, target), KEYS[name].about) for name in allowed},
        "anyOf": [{"required": [name]} for name in ("from", "formula", "constant") if name in allowed],
    }


def _key(key: Key, name: str, target: Target) -> Schema:
    value = _value(target)
    if name == "as":
        return {"enum": list(target.kinds)}
    if name == "unknown":
        free = target.type is str and not target.choices
        return {"enum": sorted({word for kind in target.kinds for word in policies(kind, free=free)})}
    if name == "values":
        return {"type": "object", "additionalProperties": value, "minProperties": 1}
    by_taking: dict[str, Schema] = {
        "paths": _FIELDS, "path": _FIELD, "text": _FIELD, "stream": _FIELD,
        "formula": {"type": "string", "minLength": 1, "maxLength": 500},
        "yes": {"type": "boolean"}, "number": {"type": "number", "exclusiveMinimum": 0},
        "word": {"enum": list(key.words)}, "value": value, "table": {"type": "object"},
        "words": {"anyOf": [{"enum": list(key.words)}, {"type": "array", "items": {"enum": list(key.words)}}]},
    }  # fmt: skip
    return by_taking[key.takes]


def _value(target: Target) -> Schema:
    """What the model field itself takes."""
    if target.choices:
        return {"enum": list(target.choices)}
    types = {str: "string", int: "integer", bool: "boolean"}
    return {"type": types[target.type]} if target.type in types else {}


def _told(what: Schema, words: Text) -> Schema:
    return {**what, "description": f"{words.en} · {words.zh}"}
