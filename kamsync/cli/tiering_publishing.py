"""`kamsync tier draft | approve | publish | rollback | versions`: a policy's way into force, and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command, read_date
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen

File = Annotated[Path, typer.Argument(metavar="FILE", help=both("策略文件", "the policy file"))]
Why = Annotated[str, typer.Option("--message", "-m", help=both("为什么改", "why it is changed"))]
Number = Annotated[int, typer.Argument(metavar="DRAFT", help=both("草案编号", "number of the draft"))]
From = Annotated[
    date | None,
    typer.Option("--from", parser=read_date, metavar="DATE", show_default=False,
                 help=both("从这一天起生效,默认今天", "the first day it judges, today when left out")),
]  # fmt: skip


def register(below: typer.Typer) -> None:
    command(
        below, "draft",
        Text("检查策略文件并存为草案。", "Check a policy file and keep it as a draft."),
        'kamsync tier draft policies/value4.toml -m "raise the bar of tier 1"',
    )(draft)  # fmt: skip
    command(
        below, "approve",
        Text("批准草案(可配置为必须是另一个人)。", "Approve a draft (by another person, where configured)."),
        "kamsync tier approve 3",
    )(approve)  # fmt: skip
    command(
        below, "publish",
        Text("发布草案,从某一天起按它评级。", "Publish a draft: from a date on it judges."),
        "kamsync tier publish 3 --from 2026-12-01",
    )(publish)  # fmt: skip
    command(
        below, "rollback",
        Text("撤回最近一次发布,回到之前的策略。", "Take back what was published last: the one before judges again."),
        "kamsync tier rollback",
    )(rollback)  # fmt: skip
    command(
        below, "versions",
        Text("所有草案与发布,谁写的、谁批的、从何时起。", "All drafts and publications, whose they are and from when."),
        "kamsync tier versions",
    )(versions)  # fmt: skip


def draft(asked: Asked, file: File, message: Why = "") -> int:
    from kamsync.engine import publishing

    def act(workspace: Any) -> tuple[dict[str, Any], Text, str]:
        row = publishing.draft(workspace, file, message)
        said = Text(
            f"草案 {row['id']}:{row['name']} {row['version']}", f"draft {row['id']}: {row['name']} {row['version']}"
        )
        after = f"kamsync tier simulate {file}"
        return row, said, after

    return _done(asked, act)


def approve(asked: Asked, draft: Number) -> int:
    from kamsync.engine import publishing

    def act(workspace: Any) -> tuple[dict[str, Any], Text, str]:
        row = publishing.approve(workspace, draft)
        return (
            row,
            Text(f"{row['approver']} 已批准草案 {draft}", f"{row['approver']} approved draft {draft}"),
            (f"kamsync tier publish {draft}"),
        )

    return _done(asked, act)


def publish(asked: Asked, draft: Number, from_: From = None) -> int:
    from kamsync.engine import publishing

    def act(workspace: Any) -> tuple[dict[str, Any], Text, str]:
        row = publishing.publish(workspace, draft, from_ or workspace.today)
        what = f"{row['name']} {row['version']}"
        return row, Text(f"{what} 从 {row['starts']} 起评级", f"{what} judges from {row['starts']} on"), "kamsync tier"

    return _done(asked, act)


def rollback(asked: Asked) -> int:
    from kamsync.engine import publishing

    def act(workspace: Any) -> tuple[dict[str, Any], Text, str]:
        row, now = publishing.rollback(workspace)
        back = f"{now['name']} {now['version']}" if now else str(workspace.config.policy.tiers)
        gone = f"{row['name']} {row['version']}"
        return row, Text(f"{gone} 已撤回,现按 {back} 评级", f"{gone} was taken back; {back} judges now"), "kamsync tier"

    return _done(asked, act)


def versions(asked: Asked) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import publishing

    screen = Screen(asked)
    with looking(asked) as workspace:
        rows, now = publishing.versions(workspace)
    if asked.json:
        screen.emit({"in_force": now and now["id"], "versions": [publishing.to_json(row) for row in rows]})
        return 0
    if now is None:
        screen.say("没有已发布的策略,按配置里的文件评级", "nothing is published: the file in the config judges")
    for row in rows:
        _line(screen, row, is_now=now is not None and row["id"] == now["id"])
    screen.next("kamsync tier draft FILE")
    return 0


def _line(screen: Screen, row: dict[str, Any], *, is_now: bool) -> None:
    zh = screen.is_zh
    parts = [f"{row['name']} {row['version']}", row["author"]]
    if row["approver"]:
        parts.append(f"批准 {row['approver']}" if zh else f"approved by {row['approver']}")
    if row["starts"]:
        parts.append(f"自 {row['starts']}" if zh else f"from {row['starts']}")
    if row["ended_at"]:
        parts.append("已撤回" if zh else "taken back")
    mark = "*" if is_now else " "
    screen.line((f"{mark} {row['id']:>3}  ", "bold"), " · ".join(parts), (f"  {row['why']}", "dim"))


def _done(asked: Asked, act: Any) -> int:
    from kamsync.cli.opening import working
    from kamsync.cli.screen import Screen
    from kamsync.engine import publishing

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        row, said, after = act(workspace)
    if asked.json:
        screen.emit(publishing.to_json(row))
    else:
        screen.say(said.zh, said.en)
        screen.next(after)
    return 0
