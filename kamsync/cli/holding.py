"""`kamsync hold`: what guards have stopped, and letting it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command, group
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.holds import Approved
    from kamsync.engine.workspace import Workspace

SHOWN = 3


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "hold",
        Text(
            "保护机制扣住的删除与写入:列出,或批准。",
            "Deletions and writes that a guard has stopped: list them, or approve some.",
        ),
        "kamsync hold list",
        "kamsync hold approve 1",
    )(list_holds)
    command(below, "list", Text("列出等待决定的。", "What waits for a person."), "kamsync hold list")(list_holds)
    command(
        below,
        "approve",
        Text("批准所列各项,别的不动;或批准全部扣住的写入。", "Let these go on and nothing else, or all held writes."),
        "kamsync hold approve 1",
        "kamsync hold approve --writes",
    )(approve)


def list_holds(asked: Asked) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import holds

    screen = Screen(asked)
    with looking(asked) as workspace:
        waiting = holds.held(workspace)
    if asked.json:
        screen.emit(holds.to_json(waiting, asked.language))
        return 0
    if not waiting:
        screen.say("没有扣住的内容。", "Nothing is held.", "green")
        screen.next("kamsync status")
        return 0
    for hold in waiting:
        screen.line((f"{hold['id']}  ", "bold yellow"), hold["zh" if screen.is_zh else "en"])
        screen.line(("   " + _sample(hold, zh=screen.is_zh), "dim"))
    screen.next(f"kamsync hold approve {waiting[0]['id']}")
    return 0


def _sample(hold: dict[str, Any], *, zh: bool) -> str:
    """Since when, and a few of the ids or keys that are held."""
    sample = hold["sample"]
    keys = sample.get("keys", []) if isinstance(sample, dict) else sample or []
    more = ["…"] if len(keys) > SHOWN else []
    since = f"{hold['made_at'].astimezone():%Y-%m-%d %H:%M}"
    return " · ".join(filter(None, [f"自 {since}" if zh else f"since {since}", ", ".join([*keys[:SHOWN], *more])]))


Numbers = Annotated[
    list[int] | None,
    typer.Argument(metavar="[ID]…", show_default=False, help=both("编号,见 hold list", "ids, see hold list")),
]
Writes = Annotated[bool, typer.Option("--writes", help=both("全部扣住的写入", "every hold on writes"))]
On = Annotated[
    str | None,
    typer.Option("--on", metavar="CONNECTION", show_default=False,
                 help=both("与 --writes 合用:只要这个连接的", "with --writes: of this connection only")),
]  # fmt: skip


def approve(asked: Asked, numbers: Numbers = None, writes: Writes = False, on: On = None) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import exits, holds

    if bool(numbers) == writes or (on and not writes):
        raise typer.BadParameter(both("写编号,或 --writes", "write ids, or --writes"))
    screen = Screen(asked)
    with working(asked, screen) as workspace:
        shapes, worst = [], 0
        for number in holds.held_writes(workspace, on) if writes else numbers or ():
            done = holds.approve_verb(workspace, number)
            shapes.append(holds.approved_json(done, asked.language))
            worst = worst or (exits.of_apply(done.applied) if done.applied else 0)
            if not asked.json:
                _show(screen, workspace, done, shapes[-1])
        if asked.json:
            screen.emit(shapes[0] if len(shapes) == 1 and not writes else {"approvals": shapes})
        return ended(workspace, worst)


def _show(screen: Screen, workspace: Workspace, done: Approved, shape: dict[str, Any]) -> None:
    from kamsync.cli.planning import show_applied
    from kamsync.engine.views import account_names

    if done.applied is not None:
        show_applied(screen, shape, account_names(workspace, (row["account"] for row in shape["results"])))
        screen.next("kamsync plan")
    elif done.deleted is None:
        screen.say("已放行:可以再写回", "released: it may be written again", "green")
        screen.next("kamsync cycle")
    else:
        screen.say(f"已批准:{done.deleted} 条记录移出客户档案", f"approved: {done.deleted} records left the files")
        screen.next("kamsync cycle")
