"""What every command shares: its options, the language it speaks, help in both languages.

Imports nothing heavy: `kamsync --help` must answer at once.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from kamsync.plugin.text import Text

BREAK = "\x1f"  # between the Chinese and the English of one help text


class Language(StrEnum):
    """The languages of the screen."""

    zh = "zh"
    en = "en"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a command is to answer, and for which deployment."""

    language: str
    config: Path
    json: bool = False


def asked_by(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> Asked:
    """What the command line and the environment say before anything is parsed: errors speak the language too."""
    environ = os.environ if environ is None else environ
    config = Path(_value(argv, "--config") or environ.get("KAMSYNC_CONFIG") or "config.toml")
    wished = _value(argv, "--lang") or environ.get("KAMSYNC_LANG") or _written(config) or _locale(environ)
    return Asked("zh" if wished.lower().startswith("zh") else "en", config)


def _value(argv: Sequence[str], option: str) -> str | None:
    """The last value that an option is given."""
    found = None
    for place, word in enumerate(argv):
        if word == option and place + 1 < len(argv):
            found = argv[place + 1]
        elif word.startswith(f"{option}="):
            found = word.removeprefix(f"{option}=")
    return found


def _written(config: Path) -> str | None:
    """The language of a config, as far as it can be read; its mistakes are told elsewhere."""
    try:
        language = tomllib.loads(config.read_text("utf-8-sig")).get("language", "zh")
    except (OSError, ValueError):
        return None
    return language if isinstance(language, str) else None


def _locale(environ: Mapping[str, str]) -> str:
    return next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "en")


# ---- help in both languages


def both(zh: str, en: str) -> str:
    """A help text in both languages; `in_language` picks one when the app is built."""
    return f"{zh}{BREAK}{en}"


def in_language(text: str | None, language: str) -> str | None:
    """The half of a help text that is in this language."""
    if text is None or BREAK not in text:
        return text
    zh, _, en = text.partition(BREAK)
    return zh if language == "zh" else en


# ---- commands


def command(app: typer.Typer, name: str, help: Text, *examples: str) -> Callable[[Callable[..., int]], None]:
    """Register a function whose first parameter is `asked: Asked` and whose result is the exit code."""

    def register(function: Callable[..., int]) -> None:
        app.command(name, help=_help(help, examples))(with_common(function))

    return register


def group(app: typer.Typer, name: str, help: Text, *examples: str) -> Callable[[Callable[..., int]], typer.Typer]:
    """Register a command that also has commands below it; those are added to the Typer this returns."""

    def register(function: Callable[..., int]) -> typer.Typer:
        below = typer.Typer(add_completion=False)
        below.callback(invoke_without_command=True, help=_help(help, examples))(unless_below(function))
        app.add_typer(below, name=name)
        return below

    return register


def _help(help: Text, examples: Sequence[str]) -> str:
    lines = "".join(f"\n  {line}" for line in examples)
    zh, en = (f"\n\n\b\n{word}{lines}" if examples else "" for word in ("例:", "Examples:"))
    return both(help.zh + zh, help.en + en)


Json = Annotated[bool, typer.Option("--json", help=both("输出 JSON,给程序用", "print JSON, for programs"))]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="PATH", show_default=False,
                 help=both("配置文件,默认 ./config.toml", "the config file, by default ./config.toml")),
]  # fmt: skip
Lang = Annotated[
    Language | None,
    typer.Option("--lang", show_default=False, help=both("屏幕语言:zh 或 en", "language of the screen: zh or en")),
]


def with_common(function: Callable[..., int]) -> Callable[..., int]:
    """The function with --json, --config and --lang beside its own options."""

    @functools.wraps(function)
    def run(ctx: typer.Context, json: bool, config: Path | None, lang: Language | None, **own: Any) -> int:
        ctx.obj = asked = _merged(ctx.obj, json, config, lang)
        return function(asked, **own)

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    kind = inspect.Parameter.KEYWORD_ONLY
    shared = [
        inspect.Parameter("json", kind, default=False, annotation=Json),
        inspect.Parameter("config", kind, default=None, annotation=Config),
        inspect.Parameter("lang", kind, default=None, annotation=Lang),
    ]
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    parameters = [context, *(one.replace(kind=kind) for one in own), *shared]
    return _signed(run, parameters)


def _signed(function: Callable[..., int], parameters: Sequence[inspect.Parameter]) -> Callable[..., int]:
    """The function under another signature, as Typer reads it."""
    signed: Any = function
    del signed.__wrapped__
    signed.__signature__ = inspect.Signature(parameters)
    signed.__annotations__ = {one.name: one.annotation for one in parameters}
    return function


def unless_below(function: Callable[..., int]) -> Callable[..., int]:
    """The function, run only where no command below it was named."""
    common = with_common(function)

    @functools.wraps(common)
    def run(ctx: typer.Context, **given: Any) -> int:
        if ctx.invoked_subcommand is None:
            return common(ctx, **given)
        ctx.obj = _merged(ctx.obj, given["json"], given["config"], given["lang"])
        return 0

    return _signed(run, list(inspect.signature(common).parameters.values()))


def _merged(asked: Asked, json: bool, config: Path | None, lang: Language | None) -> Asked:
    return replace(
        asked, json=asked.json or json, config=config or asked.config, language=str(lang) if lang else asked.language
    )


# ---- values on the command line


def read_date(text: str | date) -> date:
    """A local date, YYYY-MM-DD."""
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} ≠ YYYY-MM-DD") from None


AsOf = Annotated[
    date | None,
    typer.Option("--as-of", parser=read_date, metavar="DATE", show_default=False,
                 help=both("按这一天计算(本地日期),代替今天", "reckon as of this local date instead of today")),
]  # fmt: skip


# ---- files on the command line


RowsFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=both("JSON Lines 文件,- 为标准输入", "JSON lines; - is stdin"))
]


def file_lines(file: Path) -> list[str]:
    """The lines of a UTF-8 file, or of stdin for `-`; ConfigError where it cannot be read."""
    from kamsync.plugin.errors import ConfigError

    try:
        text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return text.decode("utf-8").split("\n")  # not splitlines: JSON strings may hold other line separators
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise ConfigError(Text(f"读不了 {file}:{why}", f"{file} cannot be read: {why}")) from broken
    except UnicodeDecodeError as broken:
        raise ConfigError(Text(f"{file} 不是 UTF-8 文本", f"{file} is not UTF-8 text")) from broken
