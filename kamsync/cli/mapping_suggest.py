"""`kamsync map suggest`: lines for what the mapping does not read yet."""

from __future__ import annotations

import typer

from kamsync.cli.common import Asked, command
from kamsync.cli.mapping_fields import Connection, Stream
from kamsync.plugin.text import Text


def register(below: typer.Typer) -> None:
    command(
        below,
        "suggest",
        Text(
            "给没人读的字段提议映射行:把握多大、为什么。什么也不保存,请逐行看过再贴进文件。",
            "Propose lines for fields that nothing reads: how sure, and why. Saves nothing: look at each line, then "
            "paste it into the file.",
        ),
        "kamsync map suggest zoho accounts",
    )(suggest)


def suggest(asked: Asked, connection: Connection, stream: Stream) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import mapping_suggest

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = mapping_suggest.suggest(workspace, connection, stream)
    if asked.json:
        screen.emit(mapping_suggest.to_json(found, asked.language))
        return 0
    for line in mapping_suggest.lines(found, asked.language):
        typer.echo(line)  # a line of a file is never broken
    if not found.proposals:
        screen.say("没有可提议的", "nothing to propose")
    if found.left:
        screen.line(("没有主意:" if screen.is_zh else "no idea for: ", "dim"), ", ".join(found.left))
    place = found.place
    screen.next("kamsync map lint", f"kamsync map preview {place.connection} {place.stream}")
    return 0
