"""`kamsync cycle`: one whole cycle, from the CRMs back to the CRMs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kamsync.cli.common import Asked, AsOf, both, command
from kamsync.plugin.text import Text


def register(app: typer.Typer) -> None:
    command(
        app,
        "cycle",
        Text(
            '拉取 → 分级 → 计划 → 执行。只写 writes = "on" 的连接,其余停在计划。',
            'Pull, tier, plan, apply. Writes where writes = "on", elsewhere it stops at the plan.',
        ),
        "kamsync cycle",
        "kamsync cycle --apply",
    )(cycle)


Accept = Annotated[
    bool,
    typer.Option("--apply", help=both('这一次也执行 writes = "plan" 的连接', 'also where writes = "plan", this once')),
]


def cycle(asked: Asked, as_of: AsOf = None, apply: Accept = False) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import exits, shapes
    from kamsync.engine.verbs import cycle_verb
    from kamsync.engine.views import plan_file, plan_names, write_view

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        done = cycle_verb(workspace, as_of, by_person=apply)
        path = plan_file(workspace, done.plan)
        shape = shapes.cycle(done, plan_names(workspace, done.plan), asked.language, str(path))
        write_view(shape["plan"], path)
        if asked.json:
            screen.emit(shape)
        else:
            _show(screen, workspace, done, shape)
        return ended(workspace, exits.of_cycle(done))


def _show(screen: Any, workspace: Any, done: Any, shape: dict[str, Any]) -> None:
    from kamsync.cli.planning import show_applied, show_plan
    from kamsync.cli.pulling import show_pull
    from kamsync.cli.tiering import show_tier
    from kamsync.engine.views import account_names

    show_pull(screen, workspace, done.pull)
    screen.line()
    show_tier(screen, workspace, done.tier)
    screen.line()
    show_plan(screen, shape["plan"], done.plan)
    screen.line()
    applied = shape["apply"]
    if applied is not None:
        show_applied(screen, applied, account_names(workspace, (row["account"] for row in applied["results"])))
        screen.next(*(["kamsync hold list"] if applied["held"] else ["kamsync status"]))
    elif shape["plan"]["changes"]:
        screen.say("没有写入:请先看计划。", "Nothing was written: look at the plan first.", "yellow")
        screen.next(f"kamsync apply {done.plan.id}")
    else:
        screen.next("kamsync status")
