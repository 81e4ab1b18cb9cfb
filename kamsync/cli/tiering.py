"""`kamsync tier`: judge the book, explain one account, try a policy on rows from a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli import tiering_policy, tiering_publishing
from kamsync.cli.common import Asked, AsOf, RowsFile, both, command, file_lines, group
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.judge import TierReport
    from kamsync.engine.workspace import Workspace
    from kamsync.rules.policy import Policy

DEGRADED = 7
BAR = 24


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "tier",
        Text("按策略评定全部客户的等级。", "Measure every account and decide its tier by the policy."),
        "kamsync tier --as-of 2026-12-01",
        "kamsync tier explain 华东精密",
    )(tier)
    command(
        below,
        "explain",
        Text("一屏说清一个客户为什么是这个等级。", "One screen: why an account stands where it stands."),
        "kamsync tier explain 华东精密",
        "kamsync tier explain zoho/3652397000000649001",
    )(explain)
    command(
        below,
        "try",
        Text(
            "用文件里的指标行(JSON Lines)试算分级,不需要 CRM 和数据库。",
            "Score rows of metrics from a file (JSON lines): no CRM, no store, no config.",
        ),
        "kamsync tier try rows.jsonl",
        "kamsync tier try rows.jsonl --policy policies/value4.toml --as-of 2026-12-01",
    )(try_file)
    tiering_policy.register(below)
    tiering_publishing.register(below)


def tier(asked: Asked, as_of: AsOf = None) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import shapes
    from kamsync.engine.verbs import tier_verb

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        report = tier_verb(workspace, as_of)
        if asked.json:
            screen.emit(shapes.tier(report))
        else:
            show_tier(screen, workspace, report)
            screen.next(*(["kamsync plan", "kamsync tier explain NAME"] if report.accounts else ["kamsync pull"]))
        return ended(workspace, 0)


def show_tier(screen: Screen, workspace: Workspace, report: TierReport) -> None:
    """How the book divides, and who leads it."""
    screen.line(
        (f"分级 #{report.run} · " if screen.is_zh else f"tiers #{report.run} · ", "bold"),
        f"{report.as_of} · {report.accounts} 个客户"
        if screen.is_zh
        else f"{report.as_of} · {report.accounts} accounts",
    )
    most = max(report.tiers.values(), default=0)
    for name, number in report.tiers.items():
        bar = "█" * round(BAR * number / most) if most else ""
        screen.line(f"  {number:>6,}  ", (bar, "cyan"), f" {_label(workspace, name, screen.language)}")
    screen.say(
        f"本次变动 {report.changed} 个;数据不足 {report.short_of_data} 个;因扣留未评 {report.held} 个",
        f"{report.changed} changed; {report.short_of_data} short of data; {report.held} not judged (held)",
    )
    show_top(screen, workspace, 5, report.as_of)


def _label(workspace: Workspace, name: str, language: str) -> str:
    tier = workspace.policy.tier(name)
    return tier.label.say(language) if tier else name


def show_top(screen: Screen, workspace: Workspace, many: int, as_of: date | None = None) -> None:
    """The best accounts with tier, score and the weightiest reason."""
    from kamsync.cli.screen import lined_up
    from kamsync.engine.views import top

    heads = ("客户", "等级", "得分", "主要原因") if screen.is_zh else ("account", "tier", "score", "main reason")
    rows = [
        (
            one.name,
            _label(workspace, one.tier, screen.language),
            "–" if one.score is None else str(one.score),
            one.why.say(screen.language),
        )
        for one in top(workspace, many, as_of)
    ]
    if rows:
        screen.put(lined_up((heads[0], 24), (heads[1], 10), (heads[2], 6), (heads[3], 0), rows=rows))


# ---- one account

Account = Annotated[
    str,
    typer.Argument(
        metavar="ACCOUNT",
        help=both("编号、名称或其一部分、连接/记录编号", "id, name or part of it, connection/record id"),
    ),
]


def explain(asked: Asked, account: Account, as_of: AsOf = None) -> int:
    from kamsync.cli.explaining import show_explanation
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import views_explain

    screen = Screen(asked)
    with looking(asked) as workspace:
        told = views_explain.explain(workspace, account, as_of)
    if asked.json:
        screen.emit(views_explain.to_json(told, asked.language))
    else:
        show_explanation(screen, told)
        screen.next("kamsync tier" if told.dirty or told.drifted else "kamsync plan")
    return 0


# ---- rows from a file

PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", metavar="PATH", show_default=False,
                 help=both("策略文件或自带策略名,默认 value4", "policy file, or a shipped one by name: value4")),
]  # fmt: skip


def try_file(asked: Asked, file: RowsFile, policy: PolicyFile = None, as_of: AsOf = None) -> int:
    from kamsync.cli.screen import Screen
    from kamsync.rules.trying import try_lines

    screen = Screen(asked)
    lines = file_lines(file)
    results = try_lines(lines, _policy(policy), as_of or _today(), asked.language)
    for result in results:
        screen.emit(result)
    bad = sum("error" in result for result in results)
    if bad:
        screen.note(f"{bad} 行读不懂,其余已算", f"{bad} rows could not be read, the others are scored", "yellow")
    return DEGRADED if bad else 0


def _policy(path: Path | None) -> Policy:
    from kamsync.config import read_policy

    return read_policy(tiering_policy.shipped(path or Path("value4")))


def _today() -> date:
    from zoneinfo import ZoneInfo

    from kamsync.net import SystemClock

    return SystemClock().now().astimezone(ZoneInfo("Asia/Shanghai")).date()
