"""`kamsync map test`: golden rows, kept beside a mapping."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.cli.mapping_versions import Only
from kamsync.plugin.text import Text

FAILED = 7
Stream = Annotated[
    str | None,
    typer.Argument(metavar="[STREAM]", show_default=False, help=both("与 --record 合用", "with --record")),
]
RecordId = Annotated[
    str | None,
    typer.Option("--record", metavar="ID", show_default=False,
                 help=both("把这条已存的记录加为样例(个人信息遮去)", "add this record, what is a person's hidden")),
]  # fmt: skip


def register(below: typer.Typer) -> None:
    command(
        below,
        "test",
        Text(
            "核对黄金样例:映射旁的 *.golden.toml 里,每条记录应变成的样子;差别指到文件和行。",
            "Compare the golden rows that lie beside a mapping (*.golden.toml) with what it makes of them; each "
            "difference with its file and line.",
        ),
        "kamsync map test",
        "kamsync map test zoho accounts --record 5725767000000411001",
    )(golden)


def golden(asked: Asked, connection: Only = None, stream: Stream = None, record: RecordId = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import mapping_golden
    from kamsync.plugin.document import Problems

    screen = Screen(asked)
    if record is not None and (connection is None or stream is None):
        raise typer.BadParameter("kamsync map test CONNECTION STREAM --record ID")
    with looking(asked) as workspace:
        if record is not None and connection is not None and stream is not None:
            path, made = mapping_golden.record(workspace, connection, stream, record)
            if not asked.json:
                count = len(made.values)
                screen.say(f"已写入 {path.name}:{count} 个字段", f"written to {path.name}: {count} fields", "green")
        found = mapping_golden.compare(workspace, connection)
    problems = [problem for one in found for problem in one.problems]
    code = FAILED if problems else 0
    if asked.json:
        screen.emit({"rows": sum(one.rows for one in found), "problems": [_json(one, asked) for one in problems]})
        return code
    if problems:
        screen.copyable(Problems(problems).text.say(asked.language))
        screen.next("kamsync map preview CONNECTION STREAM FIELD", "kamsync map diff")
        return code
    rows = sum(one.rows for one in found)
    if rows:
        screen.say(f"{rows} 条样例都对", f"{rows} golden rows are as they should be", "green")
        screen.next("kamsync map diff")
    else:
        screen.say("还没有样例", "there is no golden row yet")
        screen.next("kamsync map test CONNECTION STREAM --record ID")
    return code


def _json(problem: Any, asked: Asked) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "key": problem.key,
        "text": problem.text.say(asked.language),
        "hint": problem.hint.say(asked.language) if problem.hint else None,
    }
