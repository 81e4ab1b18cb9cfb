"""`kamsync why`: from a task or a tag in a CRM back to its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.views_why import Chain

NAMES = {
    "write": ("写入", "written"),
    "plan": ("计划", "plan"),
    "undo": ("撤销", "undo"),
    "hold": ("扣住", "held"),
    "duty": ("规则", "rule"),
    "wish": ("要求", "wanted"),
    "verdict": ("分级", "tier"),
    "record": ("来源", "source"),
}


def register(app: typer.Typer) -> None:
    command(
        app,
        "why",
        Text(
            "这个任务、这个标签从何而来:写入、计划、规则、评级、来源记录。",
            "Where a task or a tag comes from: what was sent, which plan, which rule, which verdict, which record.",
        ),
        "kamsync why tag:zoho/5842000000001001",
        "kamsync why task:fxiaoke-task-id",
        "kamsync why ACCOUNT",
    )(why)


Thing = Annotated[
    str,
    typer.Argument(
        metavar="THING",
        help=both(
            "task:任务编号、标记或义务 · tag:连接/记录编号 · 客户名称",
            "task:ID, marker or duty · tag:CONNECTION/RECORD · or an account",
        ),
    ),
]


def why(asked: Asked, thing: Thing) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import views, views_why

    screen = Screen(asked)
    with looking(asked) as workspace:
        chains = views_why.why(workspace, thing)
        names = views.account_names(workspace, (chain.account for chain in chains))
    if asked.json:
        screen.emit(views_why.to_json(chains, names, asked.language))
        return 0
    for chain in chains:
        _show(screen, chain, names.get(chain.account, chain.account))
    screen.next(f"kamsync tier explain {chains[0].account}")
    return 0


def _show(screen: Screen, chain: Chain, name: str) -> None:
    from rich.table import Table
    from rich.text import Text as Styled

    screen.line((name, "bold"), (f"  {chain.thing}", "dim"))
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column(no_wrap=True, style="cyan")
    made.add_column(overflow="fold")
    for step in chain.steps:
        made.add_row(NAMES[step.name][0 if screen.is_zh else 1], step.text.say(screen.language))
        for text in step.more:
            if said := text.say(screen.language):
                made.add_row("", Styled(said, style="dim"))
    screen.put(made)
