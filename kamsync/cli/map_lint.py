"""`kamsync map lint` and `kamsync map schema`: what is wrong with mapping files, and the schema for editors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.engine.linting import Linted
    from kamsync.engine.workspace import Workspace

WRONG = 2
Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE]...", show_default=False,
                   help=both("映射文件;不写就查配置里的全部", "mapping files; by default all that the config names")),
]  # fmt: skip


def register(below: typer.Typer) -> None:
    command(
        below,
        "lint",
        Text(
            "一次列出映射文件里的所有错误:文件与行号、最像的名字。拉取过就连 CRM 的字段与选项一起查,不访问 CRM。",
            "Every mistake in mapping files at once: file and line, and the nearest name. After a pull the CRM's own "
            "fields and choices are compared as well; no CRM is asked.",
        ),
        "kamsync map lint",
        "kamsync map lint mappings/zoho.toml --json",
    )(lint)
    command(
        below,
        "schema",
        Text(
            "输出映射文件的 JSON Schema,供编辑器(如 Taplo)补全与检查。",
            "Print the JSON Schema of mapping files, by which editors such as Taplo complete and check them.",
        ),
        "kamsync map schema > mappings/mapping.schema.json",
    )(schema)


def lint(asked: Asked, files: Files = None) -> int:
    from kamsync.cli.screen import Screen
    from kamsync.config.toml_file import Problems
    from kamsync.engine import linting

    screen = Screen(asked)
    with _known(asked, needed=not files) as workspace:
        found = linting.lint(files or [], workspace)
    wrong = [one for one in found if one.problems]
    if asked.json:
        screen.emit({"ok": not wrong, "files": [_json(one, asked.language) for one in found]})
        return WRONG if wrong else 0
    for one in found:
        if one.problems:
            screen.copyable(Problems(one.problems).text.say(screen.language))
        else:
            screen.say(
                f"{one.file}: 没有错误({one.streams} 个数据流,{one.fields} 个字段{_compared(one, zh=True)})",
                f"{one.file}: no mistake ({one.streams} streams, {one.fields} fields{_compared(one, zh=False)})",
                "green",
            )
    screen.next("kamsync map lint" if wrong else "kamsync map")
    return WRONG if wrong else 0


def _compared(one: Linted, *, zh: bool) -> str:
    """How many streams were compared with the tenant's own fields."""
    if not one.described:
        return ",尚未与 CRM 的字段比较" if zh else ", not yet compared with the CRM's own fields"
    return f",{one.described} 个与 CRM 的字段比较过" if zh else f", {one.described} compared with the CRM's own fields"


def _json(one: Linted, language: str) -> dict[str, Any]:
    return {
        "file": str(one.file),
        "streams": one.streams,
        "fields": one.fields,
        "described": one.described,
        "problems": [
            {
                "line": problem.line,
                "key": problem.key,
                "text": problem.text.say(language),
                "hint": problem.hint.say(language) if problem.hint else None,
            }
            for problem in one.problems
        ],
    }


@contextmanager
def _known(asked: Asked, *, needed: bool) -> Iterator[Workspace | None]:
    """The deployment, where there is one: a file can be looked over without."""
    from kamsync.cli.opening import looking

    if not needed and not asked.config.exists():
        yield None
        return
    with looking(asked) as workspace:
        yield workspace


def schema(asked: Asked) -> int:
    from kamsync.cli.screen import Screen
    from kamsync.mapping import schema as made

    if asked.json:
        Screen(asked).emit(made.schema())
    else:
        typer.echo(made.schema_text(), nl=False)
    return 0
