"""`kamsync identity`: which records are one customer; try it on a file of records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kamsync.cli import (
    identifying_conflicts,
    identifying_decide,
    identifying_people,
    identifying_review,
    identifying_show,
)
from kamsync.cli.common import Asked, RowsFile, both, command, file_lines, group
from kamsync.plugin.errors import ConfigError
from kamsync.plugin.text import Text

DEGRADED = 7


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "identity",
        Text(
            "哪些记录是同一个客户:已归并多少,多少对要人来看。",
            "Which records are one customer: how many were joined, and how many pairs a person should look at.",
        ),
        "kamsync identity",
        "kamsync identity show 华东精密",
        "kamsync identity review",
    )(identity)
    for part in (
        identifying_show,
        identifying_review,
        identifying_decide,
        identifying_conflicts,
        identifying_people,
    ):
        part.register(below)
    command(
        below,
        "try",
        Text(
            "归并文件中的记录,不碰 CRM 和库。每行一个对象:id, source, name, other_names, uscc, phone, website,"
            " province, city, address, industry,除 id 外都可为空;每行得到 id 和 cluster。",
            "Link the records of a file; no CRM, no store. A JSON object a line: id, source, name, other_names, uscc, "
            "phone, website, province, city, address, industry, all but id may be empty; a line each: id and cluster.",
        ),
        "kamsync identity try records.jsonl > clusters.jsonl",
        "kamsync identity try records.jsonl --review pairs.jsonl > clusters.jsonl",
    )(try_file)


def identity(asked: Asked) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine.views_identity import linked

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = linked(workspace)
    if asked.json:
        screen.emit({"accounts": found.accounts, "shared": found.shared, "review": found.review}
                    | {"decided": dict(found.decided)})  # fmt: skip
        return 0
    screen.say(
        f"{found.accounts} 个客户,其中 {found.shared} 个在多个 CRM 中都有;{found.review} 对记录可能是同一客户",
        f"{found.accounts} customers, {found.shared} of them in more than one CRM; {found.review} pairs may be one",
    )
    if any(found.decided.values()):
        same, different = found.decided["same"], found.decided["different"]
        screen.say(
            f"人工确认:同一客户 {same} 对,不同客户 {different} 对", f"people said: {same} same, {different} different"
        )
    following = "kamsync identity review" if found.review else "kamsync tier"
    screen.next(following if found.accounts else "kamsync pull")
    return 0


Review = Annotated[
    Path | None,
    typer.Option("--review", metavar="PATH", show_default=False,
                 help=both("把需要人看的记录对写到这里", "write the pairs for a person to look at here")),
]  # fmt: skip


def try_file(asked: Asked, file: RowsFile, review: Review = None) -> int:
    from kamsync.cli.screen import Screen
    from kamsync.rules.identity.trying import try_lines

    screen = Screen(asked)
    tried = try_lines(file_lines(file), asked.language)
    for row in tried.rows:
        screen.emit(row)
    if review is not None:
        _write(review, tried.reviews)
        pairs = len(tried.reviews)
        screen.note(f"{pairs} 对记录待人工判断:{review}", f"{pairs} pairs for a person to look at: {review}")
    if tried.bad:
        screen.note(
            f"{tried.bad} 行读不懂,其余已归并", f"{tried.bad} lines could not be read, the others are linked", "yellow"
        )
    return DEGRADED if tried.bad else 0


def _write(path: Path, pairs: list[dict[str, object]]) -> None:
    try:
        path.write_text("".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs), "utf-8")
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise ConfigError(Text(f"写不了 {path}:{why}", f"{path} cannot be written: {why}")) from broken
