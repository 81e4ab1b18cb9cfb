"""The commands, gathered into one application in one language."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer

from kamsync.cli.common import both, in_language

# Each has `register(app)`.
MODULES = (
    "welcome", "demo", "initing", "doctor", "pulling",
    "identifying", "tiering", "valuing", "caring", "quality", "planning", "undoing", "cycling", "run", "status",
    "holding", "dead", "pausing", "reconciling", "mapping", "mapping_fields",
    "why", "auditing", "exporting", "simulating", "adding", "kit", "version",
)  # fmt: skip

WORDS = {
    "Usage:": "用法:",
    "Options:": "选项:",
    "Commands:": "命令:",
    "Arguments:": "参数:",
    "Show this message and exit.": "显示本帮助",
    "[required]": "[必填]",
}

# In the order in which a newcomer needs them.
ORDER = (
    "demo", "init", "doctor", "pull", "identity", "tier", "value", "quality", "care",
    "plan", "apply", "undo", "cycle", "run", "status",
    "hold", "dead",
    "pause", "resume", "reconcile", "recover",
    "fields", "map",
    "why", "audit", "export", "sim", "files", "singer", "connector", "version",
)  # fmt: skip

ABOUT = both(
    "kamsync:在多个 CRM 之间照看大客户。拉取、归并、分级、提醒,先计划后写回,每件事恰好一次。",
    "kamsync looks after key accounts between CRMs: pull, link, tier, remind; planned before it is written, and once.",
)


def build(language: str) -> Any:
    """The whole command line as one click command, its help in this language."""
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 80},
    )
    for name in MODULES:
        if find_spec(f"kamsync.cli.{name}") is not None:
            import_module(f"kamsync.cli.{name}").register(app)
    built: Any = typer.main.get_command(app)
    built.commands = {name: built.commands[name] for name in sorted(built.commands, key=_place)}
    _speak(built, language)
    return built


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _speak(command: Any, language: str) -> None:
    """Choose the language of every help text, from the command down."""
    command.help = in_language(command.help, language)
    command.short_help = _first_sentence(command.help or "")
    command.epilog = in_language(command.epilog, language)
    if language == "zh":
        command.get_help = _chinese(command.get_help)
    for param in command.params:
        if isinstance(getattr(param, "help", None), str):
            param.help = in_language(param.help, language)
    for below in getattr(command, "commands", {}).values():
        _speak(below, language)


def _first_sentence(help: str) -> str:
    return re.split(r"[。;;.](?:\s|$)|。|;|\n", help, maxsplit=1)[0]


def _chinese(get_help: Callable[[Any], str]) -> Callable[[Any], str]:
    """The help with click's own words in Chinese too."""

    def help(context: Any) -> str:
        text = get_help(context)
        for english, chinese in WORDS.items():
            text = text.replace(english, chinese)
        return text

    return help
