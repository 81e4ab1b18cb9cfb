"""Compare a stream's fields with those it had: gone, renamed, of another type, with new choices. Stops nothing.

A field that is gone keeps its last value in every record; only what depends on it stands still.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set

from sqlalchemy import Connection as Tx

from kamsync.engine.course import Course
from kamsync.engine.workspace import Workspace
from kamsync.mapping.drift import DERIVED
from kamsync.plugin import Field, Text
from kamsync.plugin.document import nearest
from kamsync.store import described
from kamsync.store.tables import Row

KIND = "drift"
SHOWN = 5


def remembered(course: Course, gone: Set[str]) -> None:
    """What earlier pulls know to be lost."""
    course.lost = _lost(course, gone)


def look(workspace: Workspace, tx: Tx, course: Course, fields: Sequence[Field]) -> None:
    """Tell what changed against the fields of before, and remember today's."""
    rows, now = described.fields(tx, course.place), {field.name: field for field in fields}
    digest = hashlib.blake2b(course.connection.mapping.document.text.encode(), digest_size=8).hexdigest()
    gone = {name for name in rows if name not in now}
    course.lost = _lost(course, gone)
    course.looked.add(KIND)
    wanted = course.connection.mapping.wanted_fields(course.stream.name)
    found = [_gone(rows[name], fields, rows) for name in sorted(gone & wanted)]
    known = [rows[name] for name in sorted(rows.keys() & now.keys() & wanted) if rows[name]["mapping"] == digest]
    found += [text for row in known if (text := _changed(row, now[row["name"]], _words(course, row["name"])))]
    if found:
        _tell(workspace, course, found)
    fresh = [_row(field, digest) for name, field in now.items() if _is_news(rows.get(name), digest)]
    fresh += [_plain(rows[name]) | {"here": False} for name in gone if rows[name]["here"]]
    noted = {row["name"] for row in fresh}
    fresh += [row for row in _relabelled(course, rows, now, wanted) if row["name"] not in noted]
    described.put(tx, course.place, fresh, workspace.clock.now())


def _relabelled(course: Course, rows: Mapping[str, Row], now: Mapping[str, Field], wanted: frozenset[str]) -> list[Row]:
    """Fields that people see under another name by now: told once where the mapping reads them, and remembered so."""
    found = []
    for name in sorted(rows.keys() & now.keys()):
        row, label = rows[name], now[name].label
        if not row["here"] or row["label"] == label or not label:
            continue
        found.append(_plain(row) | {"label": label})
        if name in wanted:
            before = row["label"]
            course.note(Text(
                f"字段 {name} 在 CRM 里由“{before}”改称“{label}”;映射按 {name} 读取,照常有效",
                f"field {name} is shown as {label} in the CRM by now, it was {before}; the mapping holds",
            ))  # fmt: skip
    return found


def _lost(course: Course, gone: Set[str]) -> frozenset[str]:
    wanted = course.connection.mapping.wanted_fields(course.stream.name)
    return frozenset(name for name in wanted if name in gone or _base(name) in gone)


def _base(name: str) -> str:
    """The field that a derived value belongs to."""
    return next((name.removesuffix(mark) for mark in DERIVED if name.endswith(mark)), name)


def _is_news(row: Row | None, digest: str) -> bool:
    """Is this field to be written down? A known one stays as it was until its mapping changes."""
    return row is None or not row["here"] or row["mapping"] != digest


def _row(field: Field, digest: str) -> Row:
    choices = [choice.value for choice in field.choices]
    return {"name": field.name, "lasting_id": field.id, "label": field.label, "type": field.type, "choices": choices,
            "silent": field.silent, "here": True, "mapping": digest}  # fmt: skip


def _plain(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("connection", "stream", "seen_at")}


# ---- words


def _gone(row: Row, fields: Sequence[Field], rows: Mapping[str, Row]) -> Text:
    name, to = row["name"], _renamed(row, fields)
    if to is not None:
        return Text(f"字段 {name} 已改名为 {to}", f"field {name} is called {to} now")
    fresh = [field for field in fields if field.name not in rows] or list(fields)
    by_label = {field.label: field.name for field in fresh}
    meant = nearest(name, [field.name for field in fresh]) or by_label.get(nearest(row["label"], by_label) or "")
    hint = Text(f',是不是 "{meant}"？', f'; did you mean "{meant}"?') if meant else Text("", "")
    return Text(
        f"字段 {name} 读不到了(被删、改名或无权限),保留原值{hint.zh}",
        f"field {name} cannot be read any more (removed, renamed or hidden), its last values stay{hint.en}",
    )


def _renamed(row: Row, fields: Sequence[Field]) -> str | None:
    return next((field.name for field in fields if field.id and field.id == row["lasting_id"]), None)


def _changed(row: Row, field: Field, words: set[str] | None) -> Text | None:
    """A known field that is another one now. `words`: the choices that the mapping knows, if it lists them."""
    if field.type != row["type"]:
        return Text(
            f"字段 {field.name} 的类型由 {row['type']} 变为 {field.type}",
            f"field {field.name} was of type {row['type']} and is {field.type} now",
        )
    known = {str(value).casefold() for value in row["choices"] or ()}
    fresh = [choice for choice in field.choices if choice.value.casefold() not in known]
    if words is None:
        return None
    strange = [one.value for one in fresh if not {one.value.casefold(), one.label.casefold()} & words]
    if not strange:
        return None
    listed = ", ".join(strange[:SHOWN])
    return Text(f"字段 {field.name} 有新选项,映射不认识:{listed}",
                f"field {field.name} has new choices that the mapping does not know: {listed}")  # fmt: skip


def _words(course: Course, name: str) -> set[str] | None:
    """What the mapping's tables of choices know for this field; None where it has none."""
    specs = [
        spec
        for each in course.connection.mapping.specs[course.stream.name].fields.values()
        for spec in each
        if spec.kind == "choice" and any(path[0] == name for path in spec.paths)
    ]
    return {word.casefold() for spec in specs for word in dict(spec.values)} if specs else None


def _tell(workspace: Workspace, course: Course, found: list[Text]) -> None:
    more = len(found) - SHOWN
    zh, en = ";".join(one.zh for one in found[:SHOWN]), "; ".join(one.en for one in found[:SHOWN])
    if more > 0:
        zh, en = f"{zh};另有 {more} 处", f"{en}; and {more} more"
    course.concern(KIND, Text(zh, en), "kamsync doctor")
    workspace.say("pull.drift", connection=course.place.connection, stream=course.place.stream, what=en)
