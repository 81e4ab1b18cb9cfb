"""`kamsync plan` and `kamsync apply`: what should change, and doing it, row by row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, AsOf, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kamsync.cli.screen import Screen
    from kamsync.engine.planned import Plan
    from kamsync.rules.guards import Stop

SHOWN = 12
OUTCOMES = {
    "applied": Text("已写入", "applied"),
    "refused": Text("被拒绝", "refused"),
    "unknown": Text("结果不明", "unknown"),
    "not_sent": Text("未发出", "not sent"),
    "skipped": Text("跳过", "skipped"),
    "held": Text("扣住", "held"),
    "withdrawn": Text("撤回未发", "withdrawn"),
}


def register(app: typer.Typer) -> None:
    command(
        app,
        "plan",
        Text(
            "对照 CRM 的现状,列出该加的标签、该建的任务;什么都不写。",
            "Compare with the live CRMs: tags to add, tasks to create. Writes nothing.",
        ),
        "kamsync plan",
        "kamsync plan -o monday.json",
    )(plan)
    command(
        app,
        "apply",
        Text(
            "执行看过的计划,逐条报告。计划之后被人改过的记录会跳过。",
            "Do what a plan says, row by row. What people changed since is left alone.",
        ),
        "kamsync apply plan-0001.json",
        "kamsync apply 1",
    )(apply)


Out = Annotated[
    Path | None,
    typer.Option("-o", "--out", metavar="FILE", show_default=False,
                 help=both("计划文件,默认放在配置文件旁", "the plan's file, by default beside the config")),
]  # fmt: skip


def plan(asked: Asked, as_of: AsOf = None, out: Out = None) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import exits
    from kamsync.engine.verbs import plan_verb

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        made = plan_verb(workspace, as_of)
        shape = plan_shape(workspace, made.plan, asked.language, out, made.stops)
        if asked.json:
            screen.emit(shape)
        else:
            show_plan(screen, shape, made.plan)
            _would_hold(screen, made.stops)
            screen.next(*_after_plan(shape, made.judged))
        return ended(workspace, exits.of_plan(made.plan))


def _would_hold(screen: Screen, stops: Sequence[Stop]) -> None:
    """What an unattended run of this plan would leave to a person."""
    if stops:
        screen.say("无人值守时会扣住:", "An unattended run would hold:", "yellow")
    for stop in stops:
        screen.line("  ", stop.text.say(screen.language))


def plan_shape(
    workspace: Any, made: Plan, language: str, out: Path | None = None, stops: Sequence[Stop] = ()
) -> dict[str, Any]:
    """The plan as JSON, written beside the config (or to `out`) as well."""
    from kamsync.engine import shapes, views

    path = out or views.plan_file(workspace, made)
    shape = shapes.plan(made, views.plan_names(workspace, made), language, str(path))
    shape["guards"] = shapes.stops(stops, language)
    views.write_view(shape, path)
    return shape


def _after_plan(shape: dict[str, Any], judged: bool) -> list[str]:
    if not judged:
        return ["kamsync tier"]
    if shape["troubles"]:
        return ["kamsync doctor"]
    return [f"kamsync apply {_short(shape['file'])}"] if shape["changes"] else ["kamsync status"]


def _short(path: str) -> str:
    """A path as one would type it here."""
    near = os.path.relpath(path)
    return path if near.startswith("..") else near


def show_plan(screen: Screen, shape: dict[str, Any], made: Plan) -> None:
    """How much, what, what is left alone and why, what may be promised there, and what it costs."""
    from kamsync.engine.guarantees import line

    zh, counts = screen.is_zh, shape["counts"]
    head = f"计划 {made.id} · {made.as_of}" if zh else f"plan {made.id} · {made.as_of}"
    screen.line((head, "bold"))
    if not shape["changes"] and not shape["troubles"] and not shape["held"]:
        screen.say("无事可做:CRM 已经是应有的样子。", "Nothing to do: the CRMs are as they should be.", "green")
    elif shape["changes"]:
        changed = counts["task_changes"]
        screen.say(
            f"加标签 {counts['tags_add']},去标签 {counts['tags_remove']}(只动我们自己的),建任务 {counts['tasks']}"
            + (f",改动任务 {changed}" if changed else ""),
            f"{counts['tags_add']} tags to add, {counts['tags_remove']} to remove (ours), {counts['tasks']} tasks"
            + (f", {changed} changes of tasks" if changed else ""),
        )
        screen.put(show_changes(screen, shape["changes"]))
    if counts["adopted"] or counts["waiting"]:
        screen.say(
            f"认回已有任务 {counts['adopted']};仍在核实 {counts['waiting']}",
            f"{counts['adopted']} tasks found in place; {counts['waiting']} still being settled",
        )
    show_left_out(screen, shape["skipped"], Text("跳过", "left alone"))
    show_left_out(screen, shape["held"], Text("扣住", "held"))
    for name in dict.fromkeys(one.connection for one in made.guarantees):
        screen.line((line(made.guarantees, name).say(screen.language), "dim"))
    for name, error in made.troubles.items():
        screen.trouble(name, error.text)
    screen.say(
        f"预计积分 {shape['credits']} · {_short(shape['file'])}",
        f"credits {shape['credits']} · {_short(shape['file'])}",
        "dim",
    )


def show_changes(screen: Screen, changes: list[dict[str, Any]]) -> Any:
    """A few rows of each kind."""
    from kamsync.cli.screen import lined_up

    heads = ("客户", "CRM", "变更", "原因") if screen.is_zh else ("account", "CRM", "change", "because")
    rows: list[tuple[str, ...]] = []
    zh = screen.is_zh
    for kind in ("tags", "task", "task_change"):
        mine = [change for change in changes if change["kind"] == kind]
        rows += [(one["name"], one["connection"], _said(one, zh), one["because"]) for one in mine[: SHOWN // 2]]
        if len(mine) > SHOWN // 2:
            rest = len(mine) - SHOWN // 2
            rows.append(("", "", f"… 另有 {rest} 条" if screen.is_zh else f"… and {rest} more", ""))
    return lined_up((heads[0], 22), (heads[1], 8), (heads[2], 20), (heads[3], 0), rows=rows)


def _said(change: dict[str, Any], zh: bool) -> str:
    if change["kind"] == "task":
        return f"{change['task']['due'][5:]} {change['want']}"
    if change["kind"] == "task_change":
        subject = (change["now"] or {}).get("subject") or ""
        return " ".join([*(_asked(name, value, zh) for name, value in change["want"].items()), subject]).strip()
    return " ".join([*(f"+{tag}" for tag in change["add"]), *(f"−{tag}" for tag in change["remove"])])


def _asked(name: str, value: Any, zh: bool) -> str:
    """One thing that is to be otherwise in a task."""
    words = {
        ("close", True): ("关闭", "close"),
        ("close", False): ("重新打开", "open again"),
        ("delete", True): ("删除", "delete"),
    }
    said = words.get((name, value))
    return said[0 if zh else 1] if said else f"{name} {value}"


def show_left_out(screen: Screen, rows: list[dict[str, Any]], word: Text) -> None:
    """What is not written, grouped by reason."""
    from collections import Counter

    if not rows:
        return
    screen.say(f"{word.zh} {len(rows)} 条:", f"{len(rows)} {word.en}:")
    for why, number in Counter(row["why"] for row in rows).most_common(SHOWN // 2):
        first = next(row["name"] for row in rows if row["why"] == why)
        more = f" 等 {number} 个" if screen.is_zh else f" and {number - 1} more"
        screen.line("  ", (first, "bold"), more if number > 1 else "", "  ", why)


# ---- apply

Which = Annotated[str, typer.Argument(metavar="PLAN", help=both("计划编号或计划文件", "a plan's number or its file"))]


def apply(asked: Asked, which: Which) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import exits, shapes
    from kamsync.engine.verbs import apply_verb, named_plan

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        report = apply_verb(workspace, named_plan(workspace, which))
        shape = shapes.applied(report, asked.language)
        if asked.json:
            screen.emit(shape)
        else:
            from kamsync.engine.views import account_names

            show_applied(screen, shape, account_names(workspace, (row["account"] for row in shape["results"])))
            screen.next(*_after_apply(shape))
        return ended(workspace, exits.of_apply(report.applied, report.others))


def _after_apply(shape: dict[str, Any]) -> list[str]:
    if shape["troubles"]:
        return ["kamsync doctor"]
    return ["kamsync status"] if shape["unknown"] else ["kamsync plan"]


def show_applied(screen: Screen, shape: dict[str, Any], names: dict[str, str]) -> None:
    """What was written where, and each row that was not, with the CRM's words."""
    from collections import Counter

    told = [f"{OUTCOMES[name].say(screen.language)} {shape[name]}" for name in OUTCOMES if shape[name]]
    plan, run, undoes = shape["plan"], shape["run"], shape["undoes"]
    if undoes is None:
        head = f"执行计划 {plan}(运行 {run})· " if screen.is_zh else f"applied plan {plan} (run {run}) · "
    else:
        head = f"撤销运行 {undoes} · " if screen.is_zh else f"run {undoes} undone · "
    screen.line((head, "bold"), " · ".join(told) or ("没有要写的" if screen.is_zh else "nothing to write"))
    kinds = {
        "tags": Text("标签", "tags"),
        "task": Text("任务", "tasks"),
        "task_change": Text("改动任务", "changes of tasks"),
    }
    written = Counter((row["connection"], row["kind"]) for row in shape["results"] if row["outcome"] == "applied")
    for (name, kind), number in sorted(written.items()):
        screen.line("  ", ("✓ ", "green"), f"{name}: {kinds[kind].say(screen.language)} {number}")
    _not_written(screen, shape["results"], names)
    for name, error in shape["troubles"].items():
        screen.line(("✗ ", "red"), (f"{name}: ", "bold"), error["text"])


def _not_written(screen: Screen, results: list[dict[str, Any]], names: dict[str, str]) -> None:
    """Rows that were not written, those with the same words together."""
    alike: dict[tuple[str, str], list[str]] = {}
    for row in results:
        if row["outcome"] in ("applied", "withdrawn") or row["code"] == "done":
            continue
        said = OUTCOMES.get(row["outcome"], Text("已变", "changed since")).say(screen.language)
        code = row["code"] if row["outcome"] in ("refused", "unknown", "not_sent") else ""
        words = " ".join(part for part in (said, code, row["message"]) if part)
        alike.setdefault((row["connection"], words), []).append(names.get(row["account"], row["key"]))
    for (connection, words), who in list(alike.items())[:SHOWN]:
        rest = f" 等 {len(who)} 个" if screen.is_zh else f" and {len(who) - 1} more"
        screen.line(("  ! ", "yellow"), (who[0], "bold"), rest if len(who) > 1 else "", f" {connection} {words}")
    if len(alike) > SHOWN:
        rest = f"  … 另有 {len(alike) - SHOWN} 种" if screen.is_zh else f"  … and {len(alike) - SHOWN} kinds more"
        screen.line(rest)
