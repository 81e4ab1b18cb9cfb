"""What a tap offers: its catalog read into values, and written again with one stream selected.

Pure. Choices that stand in the catalog (fields, replication) are left as they are.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kamsync.plugin import ConfigError, Field, Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream of a tap."""

    id: str
    name: str
    keys: tuple[str, ...]
    bookmark: str | None  # the property that says how new a record is
    whole: bool  # each run brings all of it
    properties: Mapping[str, Any] = field(default_factory=dict)


def read_catalog(text: str | bytes, tap: str) -> dict[str, Any]:
    """A catalog file, or what `--discover` printed. Raises ConfigError."""
    try:
        told = json.loads(text)
        if isinstance(told, dict) and all(isinstance(one.get("tap_stream_id"), str) for one in told["streams"]):
            return told
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise ConfigError(
        Text(f"{tap} 给出的不是 Singer 目录", f"what {tap} gave is not a Singer catalog"), next="kamsync doctor"
    )


def entries(catalog: Mapping[str, Any]) -> list[Entry]:
    """The streams of a catalog in its order."""
    return [_entry(one) for one in catalog["streams"]]


def of_schema(message: Mapping[str, Any]) -> Entry:
    """A stream as a SCHEMA message tells it."""
    bookmarks = _words(message.get("bookmark_properties"))
    return Entry(
        id=str(message.get("stream")),
        name=str(message.get("stream")),
        keys=_words(message.get("key_properties")),
        bookmark=bookmarks[0] if bookmarks else None,
        whole=False,
        properties=_properties(message),
    )


def selecting(catalog: Mapping[str, Any], id: str) -> dict[str, Any]:
    """The catalog with this stream selected and the others not, in every way that taps look for it."""
    chosen = copy.deepcopy(dict(catalog))
    for one in chosen["streams"]:
        wanted = one["tap_stream_id"] == id
        one["selected"] = wanted
        root = _root(one)
        if not root:
            one.setdefault("metadata", []).append({"breadcrumb": [], "metadata": root})
        root["selected"] = wanted
        if wanted:
            _take_fields(one["metadata"])
    return chosen


def fields_of(entry: Entry) -> Sequence[Field]:
    """The stream's properties as fields."""
    return [
        Field(
            name=name, label=str(_dict(told).get("title") or name), type=_type(_dict(told)), required=name in entry.keys
        )
        for name, told in entry.properties.items()
    ]


def _take_fields(metadata: list[Any]) -> None:
    """Fields that nobody has chosen or refused are taken, unless the tap itself would leave them out."""
    for item in metadata:
        told = item.get("metadata", {})
        if item.get("breadcrumb") and "selected" not in told and told.get("inclusion") == "available":
            told["selected"] = told.get("selected-by-default", True)


def _entry(one: Mapping[str, Any]) -> Entry:
    root = _root(one)
    keys = _words(one.get("key_properties")) or _words(root.get("table-key-properties"))
    valid = _words(root.get("valid-replication-keys"))
    bookmark = root.get("replication-key") or one.get("replication_key") or (valid[0] if len(valid) == 1 else None)
    method = root.get("forced-replication-method") or root.get("replication-method") or one.get("replication_method")
    return Entry(
        id=one["tap_stream_id"],
        name=str(one.get("stream") or one["tap_stream_id"]),
        keys=keys or _words(root.get("view-key-properties")),
        bookmark=bookmark if isinstance(bookmark, str) else None,
        whole=str(method).upper() == "FULL_TABLE",
        properties=_properties(one),
    )


def _root(one: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of the stream as a whole."""
    listed = one.get("metadata")
    items = [_dict(item) for item in listed] if isinstance(listed, list) else []
    return next((_dict(item.get("metadata")) for item in items if item.get("breadcrumb") in ([], ())), {})


def _properties(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return _dict(_dict(told.get("schema")).get("properties"))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(value: object) -> tuple[str, ...]:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def _type(told: Mapping[str, Any]) -> str:
    kinds = told.get("type") or [kind for one in told.get("anyOf", []) for kind in _kinds(_dict(one).get("type"))]
    plain = [kind for kind in _kinds(kinds) if kind != "null"]
    kind = plain[0] if plain else "text"
    return str(told["format"]) if kind == "string" and "format" in told else kind


def _kinds(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value] if isinstance(value, list) else []
