"""The screen of `kamsync files preview`: each kind of file, its columns, and its first rows as they would be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from kamsync.cli.screen import Screen, table
from kamsync.engine.previewing import Looked, Row
from kamsync.model import Money, Ref, from_minor

MARKS = {"ok": ("✓ ", "green"), "warn": ("! ", "yellow"), "bad": ("✗ ", "red")}


def show(screen: Screen, looked: list[Looked], path: Path) -> int:
    """All of it, in order."""
    if screen.asked.json:
        screen.emit({"files": [_json(one, screen.language) for one in looked]})
        return 0
    for one in looked:
        _one(screen, one)
    folder = path if path.is_dir() else path.parent
    screen.next(f"kamsync files add NAME {folder}")
    return 0


def _one(screen: Screen, one: Looked) -> None:
    zh = screen.is_zh
    what = one.drafted.entity or ("看不出是什么" if zh else "not clear what")
    screen.line((one.offered.object, "bold"), f" → {what}")
    for finding in one.findings:
        screen.line(MARKS[finding.state], finding.detail.say(screen.language))
    key = ", ".join(one.offered.keys)
    none = "没有(按内容认行)" if zh else "none (a row is known by its content)"
    screen.line((f"{'键' if zh else 'key'}  ", "dim"), key or none)
    by_source = {_source(recipe): target for target, recipe in one.drafted.recipes.items()}
    heads = ("列", "类型", "例", "→") if zh else ("column", "kind", "samples", "→")
    rows = [
        (field.name, field.type, ", ".join(field.samples), by_source.get(field.name, "–"))
        for field in one.offered.fields
    ]
    screen.put(table(*heads, rows=rows))
    for row in one.rows:
        _row(screen, row)
    screen.line()


def _source(recipe: str) -> str:
    """The column in a recipe: the first text in quotes."""
    return recipe.split('"')[1] if '"' in recipe else ""


def _row(screen: Screen, row: Row) -> None:
    if row.trouble is not None:
        said = row.trouble.say(screen.language)  # which names its line already where the row could not be read
        screen.line(("✗ ", "red"), ("" if said.startswith(row.id) else f"{row.id}  ", "bold"), said)
        return
    told = ", ".join(f"{name}={plain(value)}" for name, value in row.made.items())
    screen.line(("= ", "green"), (f"{row.id}  ", "bold"), told)


def plain(value: Any) -> str:
    """A value as people write it."""
    if isinstance(value, Money):
        return f"{from_minor(value.minor, value.currency):,f} {value.currency}"
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, tuple):
        return "+".join(plain(one) for one in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _json(one: Looked, language: str) -> dict[str, Any]:
    return {
        "object": one.offered.object,
        "entity": one.drafted.entity,
        "key": list(one.offered.keys),
        "columns": [{"name": each.name, "kind": each.type, "samples": list(each.samples)}
                    for each in one.offered.fields],
        "mapped": dict(one.drafted.recipes),
        "rows": [{"id": row.id, **{name: plain(value) for name, value in row.made.items()}}
                 for row in one.rows if row.trouble is None],
        "set_aside": [{"row": row.id, "why": row.trouble.say(language)} for row in one.rows if row.trouble],
        "findings": [finding.detail.say(language) for finding in one.findings if finding.state != "ok"],
    }  # fmt: skip
