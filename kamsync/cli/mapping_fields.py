"""`kamsync fields`: what a CRM's stream holds, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_fields import FieldLook, StreamLook

SHOWN = 8  # choices told of one field
NAME, TYPE = 36, 12  # columns of a terminal

Connection = Annotated[
    str, typer.Argument(metavar="CONNECTION", help=both("连接名,见 config.toml", "a connection, see config.toml"))
]
Stream = Annotated[
    str, typer.Argument(metavar="STREAM", help=both("数据流,或 CRM 里对象的名字", "a stream, or the CRM's object"))
]
Search = Annotated[
    str,
    typer.Option("--search", metavar="WORD", show_default=False,
                 help=both("只看含有这个词的字段:名字、标签、取值", "only fields with this word: name, label, value")),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    command(
        app,
        "fields",
        Text(
            "CRM 的一个数据流里有哪些字段:标签、类型、填写率、样例、各选项的条数,映射到了哪里。不访问 CRM。",
            "Which fields a CRM's stream has: label, type, how full it is, samples, choices with counts, and where it "
            "is mapped to. No CRM is asked.",
        ),
        "kamsync fields zoho accounts",
        "kamsync fields zoho accounts --search size",
    )(fields)


def fields(asked: Asked, connection: Connection, stream: Stream, search: Search = "") -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_fields import look, to_json

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = look(workspace, connection, stream, search)
    if asked.json:
        screen.emit(to_json(found))
        return 0
    _show(screen, found)
    name = found.place.stream
    what = "map preview" if found.records else "pull"
    screen.next(f"kamsync {what} {connection} {name}")
    return 0


def _show(screen: Screen, found: StreamLook) -> None:
    zh, place = screen.is_zh, found.place
    if not found.fields:
        screen.say("没有含这个词的字段", "no field has this word")
        return
    full = [one for one in found.fields if one.filled]
    mapped = sum(bool(one.mapped) for one in full)
    screen.line(
        (f"{place.connection}/{place.stream}", "bold"),
        f" · {found.object} → {place.entity} · {found.records:,} {'条记录' if zh else 'records'}",
    )
    if full:
        _list(screen, found, full)
    empty = [one.name for one in found.fields if not one.filled]
    if empty and found.records:
        screen.line((f"{'没有一条填写' if zh else 'empty in every record'}  ", "dim"), ", ".join(empty))
    screen.say(
        f"{len(full)} 个字段有内容,其中 {mapped} 个已映射",
        f"fields with data: {len(full)}, mapped: {mapped}",
    )
    if any(each.known is False for one in full for each in one.choices):
        screen.say("? 映射的取值表里没有", "?  is not in the mapping's table of values", "dim")


def _list(screen: Screen, found: StreamLook, full: list[FieldLook]) -> None:
    """Two lines a field: what it is, and what stands in it."""
    from kamsync.engine.mapping_fields import percent

    heads = (
        ("字段 · 标签", "类型", "填写", "映射到") if screen.is_zh else ("field · label", "type", "filled", "mapped to")
    )
    screen.line((_columns(*heads), "dim"))
    for one in full:
        label = f" · {one.label}" if one.label and one.label != one.name else ""
        to = ", ".join(one.mapped)
        row = _columns(one.name + label, one.type or "–", percent(one.filled, found.records), "")
        screen.cut((row[: len(one.name)], "bold"), row[len(one.name) :], to or ("–", "yellow"))
        screen.cut((f"    {_choices(one) or ' | '.join(one.samples)}", "dim"))


def _columns(name: str, type: str, filled: str, to: str) -> str:
    from rich.cells import cell_len, set_cell_size

    last = " " * max(7 - cell_len(filled), 0) + filled
    return f"{set_cell_size(name, NAME)} {set_cell_size(type, TYPE)} {last}  {to}"


def _choices(one: FieldLook) -> str:
    told = [f"{each.label} {each.count:,}{' ?' if each.known is False else ''}" for each in one.choices[:SHOWN]]
    more = [f"… {len(one.choices) - SHOWN}"] if len(one.choices) > SHOWN else []
    return " · ".join(told + more)
