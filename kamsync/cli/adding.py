"""`kamsync files` and `kamsync singer`: look at files before they are configured, add files and taps."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command, group
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kamsync.cli.screen import Screen
    from kamsync.mapping.drafting import Drafted

FILES = Text(
    "CSV 与 Excel 文件:先看看读得对不对,再加为一个连接。",
    "CSV and Excel files: see how they read, then add them as a connection.",
)
SINGER = Text(
    "Singer tap:加为一个连接,映射由它自己报出的字段起草。",
    "Singer taps: add one as a connection; its mapping is drafted from what it offers.",
)


def register(app: typer.Typer) -> None:
    files = group(app, "files", FILES, "kamsync files preview exports", "kamsync files add shop exports")(show_files)
    command(
        files,
        "preview",
        Text(
            "看看文件怎样被读懂:列名在哪一行、哪列是键、头几行变成什么。不写任何东西,不需要配置。",
            "See how files are understood: where the header is, which column is the key, what the first rows become. "
            "Writes nothing, needs no config.",
        ),
        "kamsync files preview exports",
        "kamsync files preview exports/orders-2026-03.xlsx --rows 3",
    )(preview)
    command(
        files,
        "add",
        Text(
            "把一个文件夹加为连接:写入配置段和映射草稿。",
            "Add a folder as a connection: writes its block into the config, and a draft of its mapping.",
        ),
        "kamsync files add shop exports",
    )(add_files)
    singer = group(app, "singer", SINGER, "kamsync singer add shop --tap taps/shop/bin/tap-shop")(show_singer)
    command(
        singer,
        "add",
        Text(
            "运行 tap 的 --discover,写入配置段和映射草稿。",
            "Run the tap's --discover, and write its block into the config and a draft of its mapping.",
        ),
        "kamsync singer add shop --tap bin/tap-shop --tap-config shop.json",
    )(add_singer)


Name = Annotated[str, typer.Argument(metavar="NAME", help=both("新连接的名字", "the new connection's name"))]


def show_files(asked: Asked) -> int:
    return _show(asked, "kamsync files preview FOLDER", "kamsync files add NAME FOLDER")


def show_singer(asked: Asked) -> int:
    return _show(asked, "kamsync singer add NAME --tap PROGRAM --tap-config FILE")


def _show(asked: Asked, *commands: str) -> int:
    from kamsync.cli.screen import Screen

    screen = Screen(asked)
    if asked.json:
        screen.emit({"next": list(commands)})
    else:
        screen.next(*commands)
    return 0


# ---- files


def preview(
    asked: Asked,
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help=both("文件夹,或其中一个文件", "a folder, or one file of it"))
    ],
    rows: Annotated[int, typer.Option("--rows", min=1, help=both("每种文件看几行", "rows of each kind of file"))] = 3,
) -> int:
    from kamsync.cli.opening import quiet_logs
    from kamsync.cli.previewing import show
    from kamsync.cli.screen import Screen
    from kamsync.engine.previewing import looked_at
    from kamsync.net import SystemClock

    quiet_logs()
    return show(Screen(asked), looked_at(path, SystemClock(), rows=rows), path)


def add_files(
    asked: Asked,
    name: Name,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=both("放文件的文件夹", "the folder of the files"))],
) -> int:
    from kamsync.cli.opening import quiet_logs
    from kamsync.engine.adding import add, admitted, offered, opened, relative
    from kamsync.engine.adding_files import LOOKED_AT, guess
    from kamsync.net import SystemClock

    quiet_logs()
    admitted(asked.config, name)
    clock, base = SystemClock(), asked.config.parent
    given = guess(Path(relative(folder, base)), base, clock)
    with opened("files", given, base, clock) as session:
        found = offered(session, clock, rows=LOOKED_AT)
    return _told(asked, name, add(asked.config, name, "files", given, found, f"kamsync files add {name}"))


# ---- taps


def add_singer(
    asked: Asked,
    name: Name,
    tap: Annotated[
        str, typer.Option("--tap", metavar="PROGRAM", help=both("tap 的程序,可带参数", "the tap, with its arguments"))
    ],
    tap_config: Annotated[
        Path | None,
        typer.Option("--tap-config", metavar="FILE", show_default=False,
                     help=both("tap 自己的配置文件", "the tap's own config file")),
    ] = None,
) -> int:  # fmt: skip
    from kamsync.cli.opening import quiet_logs
    from kamsync.engine.adding import add, admitted, offered, opened, relative
    from kamsync.net import SystemClock

    quiet_logs()
    admitted(asked.config, name)
    clock, base = SystemClock(), asked.config.parent
    program, *arguments = shlex.split(tap) or [""]
    program = relative(Path(program), base) if "/" in program else program  # a bare name is looked up in PATH
    given: dict[str, Any] = {"command": [program, *arguments]}
    if tap_config is not None:
        given["config"] = relative(tap_config, base)
    with opened("singer", given, base, clock) as session:
        found = offered(session, clock)
    return _told(asked, name, add(asked.config, name, "singer", given, found, f"kamsync singer add {name}"))


# ---- telling


def _told(asked: Asked, name: str, added: Any) -> int:
    from kamsync.cli.screen import Screen

    screen = Screen(asked)
    if asked.json:
        screen.emit({
            "connection": name, "config": str(added.config), "mapping": str(added.mapping),
            "streams": [
                {"object": one.object, "stream": one.stream, "entity": one.entity, "mapped": list(one.recipes),
                 "unused": list(one.unused)}
                for one in added.streams
            ],
        })  # fmt: skip
        return 0
    streams(screen, added.streams)
    screen.say("\n写入了:", "\nwritten:")
    screen.line("  ", ("+ ", "green"), f"{added.config}  [connections.{name}]")
    screen.line("  ", ("+ ", "green"), str(added.mapping))
    screen.say("映射是猜的,请核对一遍。", "The mapping is a guess: look it over.", "dim")
    screen.next("kamsync doctor", f"kamsync pull {name}")
    return 0


def streams(screen: Screen, drafted: Sequence[Drafted]) -> None:
    """What each stream was taken for."""
    from kamsync.cli.screen import table

    heads = ("来源", "是什么", ("用上的字段", "right"), ("没用上", "right")) if screen.is_zh else (
        "source", "taken for", ("mapped", "right"), ("unused", "right"))  # fmt: skip
    rows = [(one.object, one.entity or "?", str(len(one.recipes)), str(len(one.unused))) for one in drafted]
    screen.put(table(*heads, rows=rows))
