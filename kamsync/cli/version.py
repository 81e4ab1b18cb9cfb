"""`kamsync version`: which kamsync this is."""

from __future__ import annotations

import platform

import typer

from kamsync import __version__
from kamsync.cli.common import Asked, command
from kamsync.plugin.text import Text


def register(app: typer.Typer) -> None:
    command(app, "version", Text("版本。", "Which version this is."))(version)


def version(asked: Asked) -> int:
    from kamsync.cli.screen import Screen

    if asked.json:
        Screen(asked).emit({"version": __version__, "python": platform.python_version()})
    else:
        typer.echo(f"kamsync {__version__} (Python {platform.python_version()})")
    return 0
