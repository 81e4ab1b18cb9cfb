"""`kamsync map`: how CRM fields become the key-account file, and everything an admin does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kamsync.cli import map_lint, mapping_preview
from kamsync.cli.common import Asked, group
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_view import Overview

WRONG = 2


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "map",
        Text(
            "映射:CRM 的字段怎样变成大客户档案。每个连接用哪个文件、映射了多少。",
            "The mapping: how CRM fields become the key-account file. Which file each connection uses, how much it "
            "maps.",
        ),
        "kamsync map",
    )(show)
    map_lint.register(below)
    mapping_preview.register(below)


def show(asked: Asked) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_view import overview, overview_json

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = list(overview(workspace))
    if asked.json:
        screen.emit({"mappings": [overview_json(one, asked.language) for one in found]})
    else:
        _show(screen, found)
    return WRONG if any(one.trouble for one in found) else 0


def _show(screen: Screen, found: list[Overview]) -> None:
    from kamsync.cli.screen import table

    heads = ("连接", "文件", ("数据流", "right"), ("字段", "right")) if screen.is_zh else (
        "connection", "file", ("streams", "right"), ("fields", "right"))  # fmt: skip
    rows = [(one.connection, one.file.name, f"{one.streams}", f"{one.fields}") for one in found if not one.trouble]
    if rows:
        screen.put(table(*heads, rows=rows))
    for one in found:
        if one.trouble:
            screen.copyable(one.trouble.text.say(screen.language))
    screen.next("kamsync doctor")
