"""`kamsync hold`: what guards have stopped, and letting it go on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command, group
from kamsync.plugin.text import Text


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "hold",
        Text(
            "保护机制扣住的删除与写入:列出,或批准。",
            "Deletions and writes that a guard has stopped: list them, or approve one.",
        ),
        "kamsync hold list",
        "kamsync hold approve 1",
    )(list_holds)
    command(below, "list", Text("列出等待决定的。", "What waits for a person."), "kamsync hold list")(list_holds)
    command(below, "approve", Text("批准一项。", "Let one go on."), "kamsync hold approve 1")(approve)


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
        screen.line(("   " + ", ".join(_sample(hold)), "dim"))
    screen.next(f"kamsync hold approve {waiting[0]['id']}")
    return 0


def _sample(hold: dict[str, Any]) -> list[str]:
    """A few of the ids or keys that are held."""
    sample = hold["sample"]
    keys = sample["keys"] if isinstance(sample, dict) else sample or []
    return [str(key) for key in keys[:3]] + (["…"] if len(keys) > 3 else [])


Number = Annotated[int, typer.Argument(metavar="ID", help=both("编号,见 hold list", "its id, see hold list"))]


def approve(asked: Asked, number: Number) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.planning import show_applied
    from kamsync.cli.screen import Screen
    from kamsync.engine import exits, holds
    from kamsync.engine.views import account_names

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        done = holds.approve_verb(workspace, number)
        shape = holds.approved_json(done, asked.language)
        if asked.json:
            screen.emit(shape)
        elif done.applied is not None:
            show_applied(screen, shape, account_names(workspace, (row["account"] for row in shape["results"])))
            screen.next("kamsync plan")
        elif done.deleted is None:
            screen.say("已放行:可以再写回", "released: it may be written again", "green")
            screen.next("kamsync cycle")
        else:
            screen.say(f"已批准:{done.deleted} 条记录移出客户档案", f"approved: {done.deleted} records left the files")
            screen.next("kamsync cycle")
        return ended(workspace, exits.of_apply(done.applied) if done.applied else 0)
