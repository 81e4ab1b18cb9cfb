"""`kamsync pause push` and `kamsync resume push`: the kill switch for writes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text


class Work(StrEnum):
    """What can be paused."""

    push = "push"


def register(app: typer.Typer) -> None:
    stop = Text(
        "立即停止写回 CRM(几秒内生效,守护进程在运行也一样);拉取、分级、计划照常。",
        "Stop all writes to the CRMs at once, beside a running daemon too; reading, tiering and planning go on.",
    )
    command(app, "pause", stop, "kamsync pause push", "kamsync pause push zoho")(pause)
    go_on = Text("恢复写回。", "Let writes leave again; what is no longer wanted by then is not sent.")
    command(app, "resume", go_on, "kamsync resume push")(resume)


What = Annotated[Work, typer.Argument(metavar="push", help=both("写回", "the writes"))]
Where = Annotated[
    str | None,
    typer.Argument(metavar="[CONNECTION]", show_default=False, help=both("只停这个连接", "this connection only")),
]


def pause(asked: Asked, what: What, connection: Where = None) -> int:
    return _set(asked, connection, on=True)


def resume(asked: Asked, what: What, connection: Where = None) -> int:
    return _set(asked, connection, on=False)


def _set(asked: Asked, connection: str | None, *, on: bool) -> int:
    from kamsync.cli.opening import working
    from kamsync.cli.screen import Screen
    from kamsync.engine import pausing

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        changed = (pausing.pause if on else pausing.resume)(workspace, connection or pausing.EVERYWHERE)
        stopped = pausing.paused(workspace)
    if asked.json:
        screen.emit({"changed": changed, "paused": [name or "*" for name in stopped]})
        return 0
    if on:
        screen.say("写回已暂停", "writes are paused", "yellow")
        screen.next("kamsync status", "kamsync resume push" + (f" {connection}" if connection else ""))
    elif stopped:
        names = ", ".join(name or "*" for name in stopped)
        screen.say(f"仍暂停:{names}", f"still paused: {names}", "yellow")
        screen.next(*(f"kamsync resume push {name}".rstrip() for name in stopped))
    else:
        screen.say("写回已恢复", "writes may leave again", "green")
        screen.next("kamsync plan")
    return 0
