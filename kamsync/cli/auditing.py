"""`kamsync audit`: is the trail of what was done whole, and what does it say."""

from __future__ import annotations

import sys
from datetime import date
from typing import Annotated

import typer

from kamsync.cli.common import Asked, both, command, group, read_date
from kamsync.cli.exporting import Format, Sheet
from kamsync.plugin.text import Text

DEGRADED = 7


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "audit",
        Text(
            "审计:对 CRM 的每次写入、人的每个决定,环环相扣,改动必露。",
            "The audit trail: every write to a CRM and every decision of a person, chained so that a change shows.",
        ),
        "kamsync audit verify",
        "kamsync audit export --since 2026-11-01 > audit.jsonl",
    )(verify)
    check = Text("检查审计链是否完整。", "Is the trail whole? Note the head it prints: a cut-off tail shows beside it.")
    command(below, "verify", check, "kamsync audit verify", "kamsync audit verify --head 3f0c…")(verify)
    told = Text("导出审计记录,一行一条。", "What was done, one deed a line.")
    command(below, "export", told, "kamsync audit export --format csv > audit.csv")(export)


Noted = Annotated[
    str | None,
    typer.Option("--head", metavar="DIGEST", show_default=False,
                 help=both("以前记下的链尾:检查它还在链中", "a head noted earlier: is it still part of the trail")),
]  # fmt: skip
Since = Annotated[
    date | None,
    typer.Option("--since", parser=read_date, metavar="DATE", show_default=False,
                 help=both("从这一天起(本地日期)", "from this local date on")),
]  # fmt: skip
As = Annotated[Format, typer.Option("--format", help=both("jsonl 或 csv", "jsonl or csv"))]


def verify(asked: Asked, head: Noted = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import auditing

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = auditing.verify(workspace, head)
    code = 0 if auditing.is_whole(found) else DEGRADED
    if asked.json:
        screen.emit(auditing.to_json(found))
        return code
    if found.broken is not None:
        seq, why = found.broken
        words = {"missing": ("之前缺少记录", "what stood before it is missing"), "changed": ("被改动过", "was changed")}
        zh, en = words[why]
        screen.say(f"审计链在第 {seq} 条断开:{zh}", f"the trail breaks at row {seq}: it {en}", "red")
    elif found.met is False:
        screen.say("记下的链尾已不在链中:后面的记录被截掉或重写", "the noted head is not in the trail: "
                   "what came after it was cut off or written anew", "red")  # fmt: skip
    else:
        screen.say(f"审计链完整:{found.head.deeds:,} 条", f"the trail is whole: {found.head.deeds:,} deeds", "green")
        screen.line(("链尾 " if screen.is_zh else "head  ", "dim"), found.head.digest or "–")
    screen.next("kamsync audit export")
    return code


def export(asked: Asked, since: Since = None, format: As = Format.jsonl) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import auditing

    screen = Screen(asked)
    with looking(asked) as workspace:
        sheet = Sheet(list(auditing.COLUMNS)) if format is Format.csv else None
        for row in auditing.export(workspace, since):
            (sheet.put if sheet else screen.emit)(row)
    sys.stdout.flush()
    return 0
