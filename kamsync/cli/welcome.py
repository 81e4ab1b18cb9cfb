"""`kamsync` alone: what it is and where to begin."""

from __future__ import annotations

import typer

from kamsync import __version__
from kamsync.cli.app import ABOUT
from kamsync.cli.common import Asked, unless_below

LINES = {
    "zh": (
        "kamsync {version} · 在 Zoho CRM、纷享销客等系统之间照看大客户",
        "拉取、归并、分级、提醒;先给计划,再写回,每件事恰好一次,绝不动别人的内容。",
        "  kamsync demo        不需要账号,一分钟看它跑一遍",
        "  kamsync init DIR    建立工作区:配置、映射、策略",
        "  kamsync doctor      检查配置与连接,每个问题都附解决办法",
        "  kamsync --help      全部命令;--lang en switches to English",
    ),
    "en": (
        "kamsync {version} · looks after key accounts between Zoho CRM, Fxiaoke and others",
        "Pulls, links, tiers, reminds; plans before it writes, writes each thing once.",
        "  kamsync demo        see it run in a minute, no account needed",
        "  kamsync init DIR    make a workspace: config, mappings, policies",
        "  kamsync doctor      check config and connections, with a fix for each finding",
        "  kamsync --help      every command; --lang zh 切换到中文",
    ),
}


def register(app: typer.Typer) -> None:
    app.callback(invoke_without_command=True, help=ABOUT)(unless_below(welcome))


def welcome(asked: Asked) -> int:
    for line in LINES[asked.language]:
        typer.echo(line.format(version=__version__))
    return 0
