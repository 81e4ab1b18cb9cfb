"""The pairs that wait for a person as a sheet, and the sheet read back with its answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kamsync.cli.common import Asked
from kamsync.cli.identifying_show import brief, put_not_yet
from kamsync.plugin.errors import ConfigError
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.deciding_files import Answered
    from kamsync.engine.views_review import Question

DEGRADED = 7
COLUMNS = ("decision", "reason", "despite", "a", "b", "score", "worth", "name_a", "name_b")
BOTH = ("uscc", "phone", "website", "city")


def export_sheet(asked: Asked, screen: Screen, to: Path) -> int:
    from kamsync.cli.opening import looking
    from kamsync.engine import views_review

    with looking(asked) as workspace:
        found = views_review.queue(workspace)
    rows = [_sheet_row(one, asked.language) for one in found]
    try:
        to.write_text(_sheet(rows, is_csv=to.suffix.lower() == ".csv"), "utf-8")
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise ConfigError(Text(f"写不了 {to}:{why}", f"{to} cannot be written: {why}")) from broken
    if asked.json:
        screen.emit({"pairs": len(rows), "file": str(to)})
        return 0
    screen.say(
        f"{len(rows)} 对写入 {to};在 decision 列填 同 或 不同",
        f"{len(rows)} pairs in {to}: put same or different into decision",
    )
    screen.next(f"kamsync identity review --import {to}")
    return 0


def _sheet_row(one: Question, language: str) -> dict[str, Any]:
    row = {"decision": "", "reason": "", "despite": "", "a": one.ends[0], "b": one.ends[1], "score": one.score,
           "worth": None if one.worth is None else str(one.worth),
           "name_a": one.a["name"], "name_b": one.b["name"]}  # fmt: skip
    for name in BOTH:
        row |= {f"{name}_a": one.a[name], f"{name}_b": one.b[name]}
    why = "; ".join(f"{told.get('weight', 0):+d} {told[language]}" for told in one.evidence)
    return row | {"evidence": why}


def _sheet(rows: Sequence[dict[str, Any]], *, is_csv: bool) -> str:
    import csv
    import io
    import json

    from kamsync.cli.exporting import cell

    if not is_csv:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    names = [*COLUMNS, *(f"{name}_{side}" for name in BOTH for side in ("a", "b")), "evidence"]
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(names)
    for row in rows:
        writer.writerow([cell(row[name]) for name in names])
    return "\ufeff" + sheet.getvalue()  # so that spreadsheets read it as UTF-8


def import_sheet(asked: Asked, screen: Screen, source: Path) -> int:
    from kamsync.cli.opening import working
    from kamsync.engine import deciding
    from kamsync.engine.deciding_files import answer, answers

    text = _text(source)
    with working(asked, screen) as workspace:
        done = answer(workspace, answers(workspace, text, source.name))
        linked = deciding.carry_out(workspace, done.taken) if done.count else True
    return put_answered(asked, screen, done, linked=linked)


def _text(source: Path) -> str:
    """The sheet as text: UTF-8, or GB 18030 as some spreadsheets save it."""
    try:
        raw = source.read_bytes()
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise ConfigError(Text(f"读不了 {source}:{why}", f"{source} cannot be read: {why}")) from broken
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError(Text(f"{source} 不是文本", f"{source} is no text"))


def put_answered(asked: Asked, screen: Screen, done: Answered, *, linked: bool) -> int:
    if asked.json:
        refused = [{"a": a, "b": b, "why": text.say(asked.language)} for a, b, text in done.refused]
        screen.emit({"decided": done.count, "batch": done.batch, "refused": refused, "linked": linked})
        return DEGRADED if done.refused else 0
    for a, b, text in done.refused:
        screen.trouble(f"{brief(a)} – {brief(b)}", text)
    screen.say(f"记下 {done.count} 个决定", f"{done.count} decisions taken down", "green" if done.count else "")
    if not linked:
        put_not_yet(screen)
    screen.next(
        *(["kamsync plan", f"kamsync identity undo {done.batch}"] if done.count else ["kamsync identity review"])
    )
    return DEGRADED if done.refused else 0
