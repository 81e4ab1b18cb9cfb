"""Read a mapping file and list everything that is wrong with it at once, each with its line.

Knows the model's fields, not the tenant's: whether a CRM field exists is for `kamsync.mapping.drift`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kamsync.mapping.fields import FieldReader, paths_of
from kamsync.mapping.language import STREAM_KEYS
from kamsync.mapping.mending import mended
from kamsync.mapping.spec import Condition, FieldSpec, Mapping, Path, StreamSpec
from kamsync.mapping.targets import targets
from kamsync.model import ENTITIES, about
from kamsync.plugin import Text
from kamsync.plugin.document import Document, Key, Problem, Problems, did_you_mean, nearest

KEYS = Text(f"可用的键：{', '.join(STREAM_KEYS)}", f"keys: {', '.join(STREAM_KEYS)}")


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says, and all that is wrong with it. `mapping`: what could be read, None where nothing could."""

    mapping: Mapping | None
    problems: tuple[Problem, ...]


def read_mapping(text: str, name: str) -> Mapping:
    """The mapping in `text`; `name` is the file's name in messages. Raises `Problems` with every mistake."""
    read = look_over(text, name)
    if read.problems or read.mapping is None:
        raise Problems(read.problems)
    return read.mapping


def look_over(text: str, name: str) -> Read:
    """The mapping in `text` as far as it can be read, with every mistake."""
    mended_text = mended(text, name)
    document = mended_text.document
    if document is None:
        return Read(None, mended_text.problems)
    reader = _Reader(document)
    specs = {stream: reader.stream(stream, table) for stream, table in document.data.items()}
    if not specs:
        reader.add(
            (),
            Text("没有任何数据流", "maps no stream"),
            Text("默认映射：kamsync init DIR", "the default one: kamsync init DIR"),
        )
    reader.check_references()
    # Where a broken line was left out, what is missing may have stood on it.
    found = [problem for problem in reader.problems if not (mended_text.torn and problem.key.count(".") < 2)]
    problems = sorted((*mended_text.problems, *found), key=lambda problem: (problem.line or 0, problem.key))
    return Read(Mapping(document, {name: spec for name, spec in specs.items() if spec is not None}), tuple(problems))


class _Reader:
    """One reading of one file; problems gather as it goes."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.references: list[tuple[tuple[Key, ...], str]] = []

    def add(self, keys: tuple[Key, ...], text: Text, hint: Text | None = None) -> None:
        self.problems.append(self.document.problem(keys, text, hint))

    def stream(self, name: str, table: object) -> StreamSpec | None:
        if not isinstance(table, dict):
            self.add((name,), Text("应为一个表，一个数据流一个", "should be a table, one for each stream"))
            return None
        for key in table:
            if key not in STREAM_KEYS:
                self.add(
                    (name, key),
                    Text("不是数据流的键", "is not a key of a stream"),
                    did_you_mean(key, STREAM_KEYS) or KEYS,
                )
        object = self._text(
            name, table, "object", Text("缺少 object:CRM 里对象的名字", "needs object: the CRM's own name for it")
        )
        entity = self._text(
            name, table, "entity", Text("缺少 entity:它是哪种实体", "needs entity: what its records become")
        )
        if entity is not None and entity not in ENTITIES:
            hint = did_you_mean(entity, ENTITIES) or _choices(ENTITIES)
            self.add((name, "entity"), Text(f'"{entity}" 不是实体', f'"{entity}" is not an entity'), hint)
            entity = None
        if object is None or entity is None:
            return None
        return StreamSpec(
            name=name,
            object=object,
            entity=entity,
            fields=self._fields(name, entity, table),
            gone_when=self._conditions(name, table, "gone_when"),
            skip_when=self._conditions(name, table, "skip_when"),
            marker_from=self._markers(name, entity, table),
        )

    def check_references(self) -> None:
        """Every `to` names a stream of this file; no object is mapped twice."""
        streams = self.document.data
        for keys, to in self.references:
            if to not in streams:
                hint = did_you_mean(to, streams) or _choices(streams)
                self.add(keys, Text(f'没有数据流 "{to}"', f'there is no stream "{to}"'), hint)
        seen: dict[str, str] = {}
        for name, table in streams.items():
            object = table.get("object") if isinstance(table, dict) else None
            if isinstance(object, str) and seen.setdefault(object.casefold(), name) != name:
                first = seen[object.casefold()]
                self.add(
                    (name, "object"), Text(f'"{object}" 已经映射为 {first}', f'"{object}" is already mapped as {first}')
                )

    def _text(self, stream: str, table: dict[str, Any], key: str, missing: Text) -> str | None:
        value = table.get(key)
        if value is None:
            self.add((stream,), missing)
        elif not isinstance(value, str) or not value.strip():
            self.add((stream, key), Text("应为文字（加引号）", "should be text in quotes"))
        else:
            return value
        return None

    def _fields(self, stream: str, entity: str, table: dict[str, Any]) -> dict[str, tuple[FieldSpec, ...]]:
        known = targets(entity)
        fields = table.get("fields")
        if not isinstance(fields, dict):
            self.add((stream,), Text(f"缺少 [{stream}.fields] 表", f"needs a table [{stream}.fields]"))
            return {}
        values = self._values(stream, table, fields)
        specs = {}
        for name, raw in fields.items():
            keys = (stream, "fields", name)
            if name not in known:
                self._unknown_field(keys, entity, name)
                continue
            reader = FieldReader(self.add, self.references, known[name], values.get(name))
            specs[name] = reader.read(keys, raw)
        for target in known.values():
            if target.required and target.name not in fields:
                text = Text(
                    f"没有映射 {target.name}，而每条记录都必须有它",
                    f"does not map {target.name}, which every {entity} needs",
                )
                self.add((stream, "fields"), text, Text(f'{target.name} = "…"', f'{target.name} = "…"'))
        return specs

    def _unknown_field(self, keys: tuple[Key, ...], entity: str, name: str) -> None:
        known = targets(entity)
        text = Text(f"不是 kamsync 的 {entity} 字段", f"is not a kamsync {entity} field")
        listed = ", ".join(known)
        meant = did_you_mean(name, known) or _by_label(entity, name)
        self.add(keys, text, meant or Text(f"可用的字段：{listed}", f"fields: {listed}"))

    def _values(self, stream: str, table: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
        values = table.get("values", {})
        if not isinstance(values, dict):
            self.add((stream, "values"), Text("应为一个表", "should be a table"))
            return {}
        for name in values:
            if name not in fields:
                text = Text("没有这个字段的映射", "belongs to no field that is mapped here")
                self.add((stream, "values", name), text, did_you_mean(name, fields))
        return values

    def _conditions(self, stream: str, table: dict[str, Any], key: str) -> tuple[Condition, ...]:
        asked = table.get(key, {})
        if not isinstance(asked, dict):
            example = f'{key} = {{ life_status = "invalid" }}'
            self.add(
                (stream, key),
                Text("应为一个表", "should be a table"),
                Text(f"例如 {example}", f"write it like {example}"),
            )
            return ()
        found = []
        for field, value in asked.items():
            values = value if isinstance(value, list) else [value]
            if not values or not all(isinstance(one, str | bool | int) for one in values):
                self.add(
                    (stream, key, field),
                    Text(
                        "应为文字、数字、是否，或它们的列表",
                        "should be a text, a whole number, true or false, or a list of them",
                    ),
                )
                continue
            found.append(Condition(_path(field), frozenset(said(one) for one in values)))
        return tuple(found)

    def _markers(self, stream: str, entity: str, table: dict[str, Any]) -> tuple[Path, ...]:
        if "marker_from" not in table:
            return ()
        if entity != "activity":
            text = Text("只有活动才带标识", "is for activities only")
            self.add((stream, "marker_from"), text)
        paths = paths_of(table["marker_from"])
        if not paths:
            self.add(
                (stream, "marker_from"), Text("应为字段名或字段名的列表", "should be a field's name or a list of them")
            )
        return paths


def _by_label(entity: str, word: str) -> Text | None:
    """The model field whose label, in either language, the word is like."""
    labels = {label: name for name, told in about(entity).items() for label in (told.zh, told.en)}
    label = nearest(word, labels)
    if label is None:
        return None
    name = labels[label]
    return Text(f'是不是想写 "{name}"（{label}）？', f'did you mean "{name}" ({label})?')


def said(value: object) -> str:
    """A plain value as conditions and value maps compare it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return str(int(value))
    return str(value).strip().casefold()


def _path(text: str) -> Path:
    return tuple(text.split("."))


def _choices(words: Iterable[str]) -> Text:
    listed = ", ".join(words)
    return Text(f"可选：{listed}", f"choices: {listed}")
