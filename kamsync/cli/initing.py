"""`kamsync init`: make a workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text


def register(app: typer.Typer) -> None:
    command(
        app,
        "init",
        Text(
            "建立工作区:配置、映射、策略,都带中英文注释;不覆盖任何已有文件。",
            "Make a workspace: config, mappings and policies, all commented; nothing that exists is overwritten.",
        ),
        "kamsync init kam",
        "kamsync init kam --crm zoho",
    )(init)


Folder = Annotated[Path, typer.Argument(metavar="DIR", help=both("工作区的目录", "the workspace's folder"))]
Crms = Annotated[
    str | None,
    typer.Option("--crm", metavar="NAMES", show_default=False,
                 help=both("要连接的 CRM,逗号分隔(默认 zoho,fxiaoke)", "CRMs, by comma (zoho,fxiaoke by default)")),
]  # fmt: skip


def init(asked: Asked, folder: Folder, crm: Crms = None) -> int:
    from kamsync.cli.screen import Screen
    from kamsync.engine.initing import make

    screen = Screen(asked)
    chosen = None if crm is None else [name.strip() for name in crm.split(",") if name.strip()]
    made = make(folder, chosen)
    if asked.json:
        screen.emit({"created": [str(path) for path in made.created]})
        return 0
    screen.say(f"工作区已建立:{folder}", f"workspace made: {folder}", "bold")
    for path in made.created:
        screen.line("  ", ("+ ", "green"), os.path.relpath(path, folder))
    for name, todo in made.setup:
        screen.line()
        screen.line((name.say(asked.language), "bold"))
        screen.copyable(todo.say(asked.language))
    screen.line()
    screen.say(
        "填好 config.toml 里的 …,把密钥写进 .env(样子见 .env.example),然后:",
        "Fill in each … of config.toml, put the secrets into .env (see .env.example), then:",
    )
    screen.next(f"cd {folder}", "kamsync doctor")
    return 0
