"""`kamsync identity same, different, split, undo, decisions`: a person's word, and taking it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command, file_lines
from kamsync.cli.identifying_show import brief, one_line, put_decision, put_not_yet
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kamsync.cli.screen import Screen
    from kamsync.engine.deciding import Taken, Wish
    from kamsync.engine.workspace import Workspace

SHOWN = 20


def register(below: typer.Typer) -> None:
    about = Text(
        "确认两条记录是同一客户;规则不允许的,要点名才归并。", "Two records are one customer; a veto has to be named."
    )
    command(
        below, "same", about,
        "kamsync identity same zoho/5842 fxiaoke/65f0 --reason 'called them'",
        "kamsync identity same zoho/58 fxiaoke/65 --despite legal_name --reason moved",
    )(same)  # fmt: skip
    about = Text("确认两条记录是不同客户:以后永不归并。", "Two records are different customers: never joined again.")
    command(below, "different", about, "kamsync identity different zoho/5842 fxiaoke/65f0 --reason branch")(different)
    about = Text(
        "让记录离开一个客户,自成一个。可撤回。", "Let records leave a customer, as one of their own. Can be undone."
    )
    command(below, "split", about, "kamsync identity split 华东精密 fxiaoke/65f0 --reason branch")(split)
    about = Text(
        "撤回一个决定(默认最近一个),及同批的决定。", "Take a decision back (the newest), with all made in one go."
    )
    command(below, "undo", about, "kamsync identity undo", "kamsync identity undo 17 --reason 'a slip'")(undo)
    about = Text("列出全部决定;导出保存,或导回。", "Every decision; keep them elsewhere, and bring them back.")
    command(
        below, "decisions", about,
        "kamsync identity decisions",
        "kamsync identity decisions --json > decisions.jsonl",
        "kamsync identity decisions --import decisions.jsonl",
    )(listed)  # fmt: skip


RecordHelp = both("连接/编号", "connection/id")
A = Annotated[str, typer.Argument(metavar="A", help=RecordHelp)]
B = Annotated[str, typer.Argument(metavar="B", help=RecordHelp)]
Members = Annotated[
    list[str], typer.Argument(metavar="MEMBER…", help=both("离开的记录:连接/编号", "who leaves: connection/id"))
]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help=both("编号或名称", "id or name"))]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=both("理由,永久保存", "why; kept for ever"))]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", show_default=False, help=both("理由", "why"))]
Despite = Annotated[
    list[str] | None,
    typer.Option("--despite", metavar="RULE", show_default=False,
                 help=both("明知规则不允许仍归并:写出那条规则", "join although the rules forbid it: name the rule")),
]  # fmt: skip
Number = Annotated[
    int | None, typer.Argument(metavar="[DECISION]", show_default=False, help=both("决定的编号", "its number"))
]
From = Annotated[
    Path | None,
    typer.Option("--import", metavar="FILE", show_default=False,
                 help=both("导回 --json 保存的决定", "bring back what --json kept")),
]  # fmt: skip


def same(asked: Asked, a: A, b: B, reason: Reason, despite: Despite = None) -> int:
    return _said(asked, "same", a, b, reason, despite or ())


def different(asked: Asked, a: A, b: B, reason: Reason) -> int:
    return _said(asked, "different", a, b, reason, ())


def _said(asked: Asked, word: str, a: str, b: str, reason: str, despite: Sequence[str]) -> int:
    from kamsync.cli.opening import working
    from kamsync.cli.screen import Screen
    from kamsync.engine import deciding

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        one, other = (deciding.find_record(workspace, name) for name in (a, b))
        wish: Wish = deciding.Wish("same" if word == "same" else "different", one, other, reason, despite)
        taken = deciding.decide(workspace, [wish])
        _carried(screen, workspace, taken)
    return 0


def split(asked: Asked, account: Account, members: Members, reason: Reason) -> int:
    from kamsync.cli.opening import working
    from kamsync.cli.screen import Screen
    from kamsync.engine import deciding
    from kamsync.engine.views_find import find_account

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        leaving = [deciding.find_record(workspace, name) for name in members]
        taken = deciding.split(workspace, find_account(workspace, account), leaving, reason)
        _carried(screen, workspace, taken)
    return 0


def undo(asked: Asked, number: Number = None, reason: Why = "") -> int:
    from kamsync.cli.opening import working
    from kamsync.cli.screen import Screen
    from kamsync.engine import deciding

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        taken = deciding.take_back(workspace, number, reason)
        _carried(screen, workspace, taken, back=True)
    return 0


def _carried(screen: Screen, workspace: Workspace, taken: Taken, *, back: bool = False) -> None:
    """Carry it out at once, and say where the records are now."""
    from kamsync.engine import deciding
    from kamsync.engine.views_identity import decision_json, whereabouts

    linked = deciding.carry_out(workspace, [taken])
    homes = whereabouts(workspace, taken.rows)
    if screen.asked.json:
        screen.emit({"decisions": [decision_json(row) for row in taken.rows], "linked": linked, "accounts": homes})
        return
    many, first = len(taken.rows), taken.rows[0]["id"]
    if back:
        screen.say(f"已撤回 {many} 个决定", f"{many} decisions were taken back", "green")
    else:
        screen.say(
            f"已记下 {many} 个决定(编号 {first} 起)", f"{many} decisions taken down, from number {first}", "green"
        )
    if not linked:
        put_not_yet(screen)
    for record, (account, name) in homes.items():
        one_line(screen, (f"  {brief(record)}", "cyan"), (f"  {account}", "dim"), f"  {name}")
    screen.next("kamsync plan", *([] if back else [f"kamsync identity undo {first}"]))


def listed(asked: Asked, source: From = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine.deciding import line_of
    from kamsync.engine.views_identity import decided

    screen = Screen(asked)
    if source is not None:
        return _bring_back(asked, screen, source)
    with looking(asked) as workspace:
        rows = decided(workspace)
    if asked.json:
        for row in rows:
            screen.emit(line_of(row))
        return 0
    _list(screen, rows)
    return 0


def _list(screen: Screen, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        screen.say("还没有人做过决定。", "Nobody has decided anything yet.")
        screen.next("kamsync identity review")
        return
    for row in rows[: -SHOWN - 1 : -1]:
        put_decision(screen, row)
    if len(rows) > SHOWN:
        screen.say(f"… 另有 {len(rows) - SHOWN} 个,见 --json", f"… and {len(rows) - SHOWN} more: see --json", "dim")
    screen.next("kamsync identity decisions --json > decisions.jsonl")


def _bring_back(asked: Asked, screen: Screen, source: Path) -> int:
    from kamsync.cli.opening import working
    from kamsync.engine import deciding, deciding_files

    lines = file_lines(source)
    with working(asked, screen) as workspace:
        taken = deciding_files.bring_back(workspace, lines, source.name)
        linked = deciding.carry_out(workspace, [taken])
    if asked.json:
        screen.emit({"added": len(taken.rows), "linked": linked})
        return 0
    screen.say(
        f"导入 {len(taken.rows)} 个决定,已有的不变",
        f"{len(taken.rows)} decisions brought back; known ones stay",
        "green",
    )
    screen.next("kamsync identity")
    return 0
