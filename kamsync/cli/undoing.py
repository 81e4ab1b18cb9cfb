"""`kamsync undo`: take back what one apply wrote, shown first, row by row."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.planned import Plan


class Kind(StrEnum):
    """What may be taken back by itself."""

    tags = "tags"
    tasks = "tasks"


def register(app: typer.Typer) -> None:
    command(
        app,
        "undo",
        Text(
            "撤销某次执行写入的内容:恢复标签,关闭它建的任务。之后被人改过的不动;撤销的不会自动再写。",
            "Take back what one apply wrote: tags as they were, its tasks closed. What people changed since is left "
            "alone; what was undone is not written again by itself.",
        ),
        "kamsync undo --last",
        "kamsync undo --run 184 --only tags",
        "kamsync undo --last --plan",
    )(undo)


Last = Annotated[bool, typer.Option("--last", help=both("最近一次执行", "the last apply"))]
Number = Annotated[
    int | None,
    typer.Option("--run", metavar="RUN", show_default=False,
                 help=both("某次执行的运行编号(执行时会显示)", "an apply, by its run (apply shows it)")),
]  # fmt: skip
OnlyKind = Annotated[
    Kind | None, typer.Option("--only", show_default=False, help=both("只撤销标签或任务", "only tags, or only tasks"))
]
Show = Annotated[bool, typer.Option("--plan", "-n", help=both("只看会撤销什么", "only show what it would take back"))]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=both("不再询问", "do not ask"))]


def undo(
    asked: Asked, last: Last = False, number: Number = None, only: OnlyKind = None, show: Show = False, yes: Yes = False
) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.planning import plan_shape, show_applied
    from kamsync.cli.pulling_cost import agreed
    from kamsync.cli.screen import Screen
    from kamsync.engine import exits, shapes
    from kamsync.engine.undoing import known_run, last_run
    from kamsync.engine.verbs import undo_verb
    from kamsync.engine.views import account_names

    if last == (number is not None):
        said = Text("写 --last 或 --run RUN,二者之一", "say --last or --run RUN, one of the two")
        raise typer.BadParameter(said.say(asked.language))
    screen = Screen(asked)
    looked: dict[str, Any] = {}
    with working(asked, screen) as workspace:

        def agree(made: Plan) -> bool:
            looked.update(plan_shape(workspace, made, asked.language))
            if not asked.json:
                _show(screen, looked, made)
            if show or not (made.changes or made.withdrawn):
                return asked.json and not show
            return agreed(screen, yes=yes or asked.json)

        run = last_run(workspace) if number is None else known_run(workspace, number)
        done = undo_verb(workspace, run, only.value if only else None, agree)
        if done.report is None:
            if asked.json:
                screen.emit(looked)
            else:
                screen.next(*_after_look(looked))
            return ended(workspace, exits.of_plan(done.plan))
        if asked.json:
            screen.emit(shapes.undone(done.plan, done.report, asked.language))
        else:
            shape = shapes.applied(done.report, asked.language)
            show_applied(screen, shape, account_names(workspace, (row["account"] for row in shape["results"])))
            screen.next(*_after_undo(shape))
        return ended(workspace, exits.of_apply(done.report.applied, done.report.others))


def _show(screen: Screen, shape: dict[str, Any], made: Plan) -> None:
    """What goes back, what does not leave any more, and what is left alone with the reason."""
    from kamsync.cli.planning import show_changes, show_left_out

    counts = shape["counts"]
    head = f"撤销运行 {made.undoes}:计划 {made.id}" if screen.is_zh else f"undo of run {made.undoes}: plan {made.id}"
    screen.line((head, "bold"))
    if shape["changes"]:
        tasks = counts["tasks"] + counts["task_changes"]
        screen.say(
            f"去标签 {counts['tags_remove']},恢复标签 {counts['tags_add']}(只动我们自己的),任务 {tasks}",
            f"{counts['tags_remove']} tags to remove, {counts['tags_add']} to put back (ours), {tasks} tasks",
        )
        screen.put(show_changes(screen, shape["changes"]))
    elif not shape["withdrawn"]:
        screen.say("没有可以撤销的。", "There is nothing to take back.", "green")
    show_left_out(screen, shape["withdrawn"], Text("尚未发出", "not sent yet"))
    show_left_out(screen, shape["skipped"], Text("不动", "left alone"))
    for name, error in made.troubles.items():
        screen.trouble(name, error.text)
    if shape["changes"]:
        screen.say(f"预计积分 {shape['credits']}", f"credits {shape['credits']}", "dim")


def _after_look(shape: dict[str, Any]) -> list[str]:
    if shape["troubles"]:
        return ["kamsync doctor"]
    return [f"kamsync apply {shape['plan']}"] if shape["changes"] or shape["withdrawn"] else ["kamsync status"]


def _after_undo(shape: dict[str, Any]) -> list[str]:
    if shape["troubles"]:
        return ["kamsync doctor"]
    if shape["not_sent"]:
        return ["kamsync resume push", f"kamsync apply {shape['plan']}"]
    return ["kamsync status"] if shape["unknown"] else ["kamsync hold list"]
