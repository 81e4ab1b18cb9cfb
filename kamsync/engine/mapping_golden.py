"""Golden rows: records kept beside a mapping with what they must become, so that an edit that breaks one is named.

`mappings/zoho.golden.toml` lies beside `mappings/zoho.toml`. Needs no store and no CRM; only recording reads the store.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kamsync.config.toml_file import Problem, read
from kamsync.engine.mapping_force import file_of
from kamsync.engine.mapping_places import drafted, place_of, some
from kamsync.engine.mapping_values import Made, make
from kamsync.engine.verbs import known_connection
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping as MappingFile
from kamsync.plugin import Record, Text
from kamsync.plugin.document import Document
from kamsync.rules.masking import is_private, masked, scrubbed
from kamsync.store import described
from kamsync.store.landing import Place

DAY = re.compile(r"\d{4}-\d\d-\d\d")
YEAR = 31_557_600_000  # milliseconds
HEAD = (
    "# 黄金样例:记录与它应变成的样子;`kamsync map test` 逐行核对,`--record ID` 追加。\n"
    "# Golden rows: records, and what each must become; `kamsync map test` compares, `--record ID` adds one.\n"
)


@dataclass(frozen=True, slots=True)
class Tested:
    """One connection's golden rows. `file` may not be there yet: then there are none."""

    connection: str
    file: Path
    rows: int
    problems: tuple[Problem, ...]


def compare(workspace: Workspace, connection: str | None = None) -> list[Tested]:
    """Every golden row of one connection, or of all, by the mapping files as they lie there."""
    names = None if connection is None else [known_connection(workspace, connection)]
    found = []
    for one in workspace.config.connections:
        if names is None or one.name in names:
            path, mapping = beside(one.mapping), file_of(one, workspace.connectors)
            if not path.is_file():
                found.append(Tested(one.name, path, 0, ()))
                continue
            document = read(path)
            rows = list(_rows(document))
            problems = [each for row in rows for each in _checked(workspace, mapping, one.name, document, *row)]
            found.append(Tested(one.name, path, len(rows), tuple(problems)))
    return found


def record(workspace: Workspace, connection: str, stream: str, id: str) -> tuple[Path, Made]:
    """Add a kept record as a golden row: the fields that the mapping reads, what belongs to a person hidden."""
    mapping = drafted(workspace, connection)
    place = place_of(workspace, connection, stream, mapping)
    with workspace.store.read() as tx:
        found = some(tx, place, [id])[0]
        labels = described.fields(tx, place)
    body = {name: found.body[name] for name in sorted(mapping.wanted_fields(place.stream)) if name in found.body}
    body = {name: _hidden(name, value, labels.get(name) or {}, place) for name, value in body.items()}
    made = _make(workspace, mapping, place, id, body)
    path = beside(Path(mapping.file))
    text = path.read_text("utf-8") if path.is_file() else HEAD
    path.write_text(text + _written(place, id, body, made), "utf-8")
    return path, made


def beside(mapping: Path) -> Path:
    """Where the golden rows of a mapping lie."""
    return mapping.with_name(f"{mapping.stem}.golden.toml")


def _rows(document: Document) -> Iterator[tuple[str, int, Any]]:
    for stream, rows in document.data.items():
        for place, row in enumerate(rows if isinstance(rows, list) else [rows]):
            yield stream, place, row


def _checked(
    workspace: Workspace, mapping: MappingFile, connection: str, document: Document, stream: str, at: int, row: Any
) -> Iterator[Problem]:
    keys = (stream, at)
    if stream not in mapping.specs:
        listed = ", ".join(mapping.streams)
        text = Text("映射里没有这个数据流", "is no stream of the mapping")
        yield document.problem((stream,), text, Text(f"有:{listed}", f"there are: {listed}"))
        return
    try:
        body = json.loads(row["record"], parse_float=Decimal)
        expected: dict[str, str] = {name: str(value) for name, value in row.get("expect", {}).items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        text = Text("应有 record = '''{…}'''(JSON)", "should have record = '''{…}''' (JSON)")
        yield document.problem(keys, text, Text("重新记录:kamsync map test --record", "kamsync map test --record"))
        return
    place = Place(connection, stream, mapping.entities[stream])
    made = _make(workspace, mapping, place, "golden", body)
    if row.get("kept", True) is not made.is_entity:
        yield document.problem((*keys, "kept"), _other_fate(made), None)
        return
    for name in dict.fromkeys([*expected, *made.values]):
        if expected.get(name) != made.values.get(name):
            where = mapping.document.line(stream, "fields", name)
            file = Path(mapping.file).name
            yield document.problem(
                (*keys, "expect", name),
                Text(
                    f"应为 {expected.get(name) or '未知'},得到 {made.values.get(name) or '未知'}",
                    f"should be {expected.get(name) or 'unknown'}, is {made.values.get(name) or 'unknown'}",
                ),
                Text(f"由 {file}:{where} 得出", f"as {file}:{where} reads it"),
            )


def _other_fate(made: Made) -> Text:
    if made.is_entity:
        return Text("应被排除,却进入档案", "should be left out, and comes into the files")
    if made.why is None:
        return Text("应进入档案,却被排除", "should come into the files, and is left out")
    return Text(f"应进入档案,却被隔离:{made.why.zh}", f"should come into the files, is set aside: {made.why.en}")


def _make(workspace: Workspace, mapping: MappingFile, place: Place, id: str, body: Mapping[str, Any]) -> Made:
    config = workspace.config
    return make(mapping, place, Record(id, None, body), config.timezone, config.base_currency)


def _hidden(name: str, value: Any, told: Mapping[str, Any], place: Place) -> Any:
    """A value as it may lie in a file: what belongs to a person keeps its shape only."""
    private = is_private(name, told.get("label", ""), told.get("type", ""), place.entity)
    if isinstance(value, str):
        if private and DAY.match(value):
            return f"{value[:4]}-01-01{value[10:]}"
        return masked(value) if private else scrubbed(value)
    if private and isinstance(value, int) and value > YEAR:
        return value - value % YEAR
    if isinstance(value, dict):
        return {key: _hidden(key, each, {}, place) for key, each in value.items()}
    return [_hidden(name, each, told, place) for each in value] if isinstance(value, list) else value


def _written(place: Place, id: str, body: Mapping[str, Any], made: Made) -> str:
    text = json.dumps(body, ensure_ascii=False, indent=1, default=str).replace("'", "\\u0027")
    lines = ["", f"[[{place.stream}]]", f"note = {json.dumps(id)}", f"record = '''\n{text}\n'''"]
    if not made.is_entity:
        return "\n".join([*lines, "kept = false", ""])
    lines += ["", f"[{place.stream}.expect]"]
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in made.values.items()]
    return "\n".join([*lines, ""])
