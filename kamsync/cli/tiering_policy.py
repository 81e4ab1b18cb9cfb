"""`kamsync tier lint`: what is wrong with a policy file, before anything counts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text


def register(below: typer.Typer) -> None:
    command(
        below,
        "lint",
        Text(
            "检查策略文件:一次列出全部问题,带行号和改法。",
            "Check a policy file: every problem at once, with its line and a way out.",
        ),
        "kamsync tier lint policies/draft.toml",
        "kamsync tier lint abc_matrix",
    )(lint)


PolicyArg = Annotated[
    Path,
    typer.Argument(metavar="POLICY", help=both("策略文件,或自带策略的名字", "policy file, or a shipped one by name")),
]


def shipped(path: Path) -> Path:
    """The file that is meant: a shipped policy may be named without folder and ending."""
    from kamsync.engine.shipped import share

    ours = share() / "policies" / f"{path}.toml"
    return ours if not path.suffix and not path.exists() and ours.is_file() else path


def lint(asked: Asked, policy: PolicyArg) -> int:
    """A bad file ends as every config error does: all problems with file and line, exit code 2."""
    from kamsync.cli.screen import Screen
    from kamsync.config import read_policy

    screen = Screen(asked)
    path = shipped(policy)
    read = read_policy(path)
    names = [tier.name for tier in read.tiers]
    if asked.json:
        screen.emit({"ok": True, "file": str(path), "name": read.name, "version": read.version, "tiers": names})
        return 0
    what = f"{read.name} {read.version}: " + " / ".join(tier.label.say(asked.language) for tier in read.tiers)
    screen.say(f"没有问题。{what}", f"sound. {what}")
    screen.next(f"kamsync tier try rows.jsonl --policy {policy}")
    return 0
