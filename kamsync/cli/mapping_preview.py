"""`kamsync map preview`: a few real records, before and after the mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.cli.mapping_fields import Connection, Stream
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_preview import Line, Preview, Shown

Field = Annotated[
    str | None,
    typer.Argument(metavar="[FIELD]", show_default=False,
                   help=both("只看 kamsync 的这个字段", "only this field of kamsync's")),
]  # fmt: skip
Records = Annotated[
    list[str] | None,
    typer.Option("--record", metavar="ID", show_default=False,
                 help=both("就看这条记录,可写多次", "this very record; may be given several times")),
]  # fmt: skip
LEFT, VALUE = 16, 26  # columns of the model field's name, and of what it becomes


def register(below: typer.Typer) -> None:
    command(
        below,
        "preview",
        Text(
            "取三条真实记录,看映射前后各是什么;改过文件就标出与生效映射的差别。读已存的原始记录,不访问 CRM。",
            "Three real records before and after the mapping; where the file was edited, what differs from the mapping "
            "in force. From the records as they are kept: no CRM is asked.",
        ),
        "kamsync map preview zoho accounts",
        "kamsync map preview zoho accounts size",
    )(preview)


def preview(asked: Asked, connection: Connection, stream: Stream, field: Field = None, record: Records = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import mapping_preview

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = mapping_preview.preview(workspace, connection, stream, field, tuple(record or ()))
    if asked.json:
        screen.emit(_json(found, asked.language))
        return 0
    place = found.place
    if not found.records:
        screen.say("还没有保存过记录", "no record is kept yet", "yellow")
        screen.next(f"kamsync pull {place.connection} {place.stream}")
        return 0
    for one in found.shown:
        _show(screen, found, one)
    if found.edited:
        screen.say("文件改过,尚未生效", "the file was edited and is not in force yet", "yellow")
    screen.next("kamsync map diff" if found.edited else f"kamsync fields {place.connection} {place.stream}")
    return 0


def _show(screen: Screen, found: Preview, one: Shown) -> None:
    zh = screen.is_zh
    screen.cut((f"{found.place.connection}/{found.place.stream} {one.id}", "bold"), f"  {one.name}")
    if one.why is not None:
        screen.line(("  ✗ ", "red"), "隔离:" if zh else "set aside: ", one.why.say(screen.language))
    elif not one.kept:
        screen.line(("  – ", "yellow"), "映射不要这条记录" if zh else "the mapping leaves this record out")
    for line in one.lines:
        _line(screen, line)
    screen.line()


def _line(screen: Screen, line: Line) -> None:
    from rich.cells import cell_len, set_cell_size

    zh = screen.is_zh
    unknown = "未知" if zh else "unknown"
    after = line.after or unknown
    told = after if cell_len(after) > VALUE else set_cell_size(after, VALUE)
    sources = " · ".join(f"{name} {value}" for name, value in line.sources) or "–"
    style = "yellow" if line.differs else "" if line.after else "dim"
    screen.cut((f"  {set_cell_size(line.field, LEFT)}", "bold"), (told, style), (f"  ← {sources}", "dim"))
    if line.differs:
        screen.cut(f"  {' ' * LEFT}", ("生效的是 " if zh else "in force: ", "dim"), line.before or unknown)
    if line.odd is not None:
        odd = f"取值表里没有 {line.odd}" if zh else f"{line.odd} is not in the table of values"
        screen.cut(f"  {' ' * LEFT}", (odd, "yellow"))


def _json(found: Preview, language: str) -> dict[str, Any]:
    return {
        "connection": found.place.connection,
        "stream": found.place.stream,
        "edited": found.edited,
        "records": found.records,
        "shown": [
            {
                "id": one.id,
                "kept": one.kept,
                "why": one.why.say(language) if one.why else None,
                "fields": [
                    {"field": line.field, "sources": dict(line.sources), "after": line.after, "before": line.before,
                     "differs": line.differs, "odd": line.odd}
                    for line in one.lines
                ],
            }
            for one in found.shown
        ],
    }  # fmt: skip
