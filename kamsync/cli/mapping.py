"""`kamsync map`: how CRM fields become the key-account file, and everything an admin does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kamsync.cli import (
    map_lint,
    mapping_coverage,
    mapping_diff,
    mapping_golden,
    mapping_preview,
    mapping_suggest,
    mapping_versions,
)
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
    for part in (
        map_lint,
        mapping_preview,
        mapping_coverage,
        mapping_diff,
        mapping_golden,
        mapping_suggest,
        mapping_versions,
    ):
        part.register(below)


def show(asked: Asked) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_view import overview, to_json

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = overview(workspace)
    if asked.json:
        screen.emit({"mappings": [to_json(one, asked.language) for one in found]})
    else:
        _show(screen, found)
    return WRONG if any(one.draft.problems for one in found) else 0


def _show(screen: Screen, found: list[Overview]) -> None:
    from kamsync.cli.screen import table
    from kamsync.engine.mapping_view import said

    zh = screen.is_zh
    heads = ("连接", "文件", ("数据流", "right"), ("字段", "right"), ("生效版本", "right")) if zh else (
        "connection", "file", ("streams", "right"), ("fields", "right"), ("in force", "right"))  # fmt: skip
    rows = [
        (one.draft.connection, one.draft.file.name, str(one.streams), str(one.fields), str(one.draft.version or "–"))
        for one in found
    ]
    screen.put(table(*heads, rows=rows))
    for one in found:
        if told := said(one.draft):
            screen.line(("! ", "yellow"), told.say(screen.language))
        if one.draft.problems is not None:
            screen.copyable(one.draft.problems.text.say(screen.language))
        if one.waiting:
            name, count = one.draft.connection, one.waiting
            screen.line(
                ("! ", "yellow"),
                f"{name}:{count} 个数据流待重建" if zh else f"{name}: {count} streams wait to be made anew",
            )
    news = [one for one in found if one.draft.is_news]
    if news:
        screen.next(f"kamsync map diff {news[0].draft.connection}", "kamsync map publish")
    else:
        screen.next("kamsync map coverage" if any(one.draft.version for one in found) else "kamsync pull")
