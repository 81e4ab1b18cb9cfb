"""`kamsync dead`: what was accepted and does not get there by itself, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command, group
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.dead import Letter, Replayed


def register(app: typer.Typer) -> None:
    about = Text(
        "死信:批准了却自己到不了的写入,为什么,怎么办。",
        "Dead letters: accepted writes that do not get there by themselves, why, and what to do.",
    )
    below = group(app, "dead", about, "kamsync dead list", "kamsync dead show 7f3c", "kamsync dead replay 7f3c")(
        letters
    )
    command(
        below,
        "list",
        Text("列出,最久的在前。", "What has stopped, the oldest first."),
        "kamsync dead list",
        "kamsync dead list --class locked --connection zoho",
    )(letters)
    command(
        below,
        "show",
        Text(
            "一条写入的来龙去脉:CRM 的原话、试过几次、下一步。", "One write: the CRM's words, each attempt, what helps."
        ),
        "kamsync dead show 7f3c",
    )(show)
    command(
        below,
        "replay",
        Text(
            "按现状重新计划并写入;结果不明的先查证,绝不盲目重发。",
            "Plan it anew from what is there, and write it. What is unknown is looked for, never sent again blindly.",
        ),
        "kamsync dead replay 7f3c",
        "kamsync dead replay --class locked",
    )(replay)
    command(
        below,
        "drop",
        Text("放弃:要求不变就不再写。", "Give it up: not written until the wish changes."),
        "kamsync dead drop 7f3c",
    )(drop)


KeyHelp = both("编号、编号开头或键,见 dead list", "its id, the beginning of it, or its key: see dead list")
Key = Annotated[str, typer.Argument(metavar="KEY", help=KeyHelp)]
Keys = Annotated[list[str], typer.Argument(metavar="KEY…", help=KeyHelp)]
MaybeKeys = Annotated[list[str] | None, typer.Argument(metavar="[KEY…]", show_default=False, help=KeyHelp)]
Class = Annotated[
    str | None,
    typer.Option("--class", metavar="CLASS", show_default=False,
                 help=both("只要这一类,如 locked、owner、unknown", "of this class only: locked, owner, unknown …")),
]  # fmt: skip
Where = Annotated[
    str | None,
    typer.Option(
        "--connection", metavar="NAME", show_default=False, help=both("只要这个连接", "of this connection only")
    ),
]
NotThere = Annotated[
    bool,
    typer.Option("--not-there", help=both("CRM 查不到,而我看过:没有", "the CRM cannot tell, and I looked: not there")),
]


def letters(asked: Asked, kind: Class = None, connection: Where = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import dead
    from kamsync.engine.views import account_names

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = dead.listed(workspace, kind, connection)
        names = account_names(workspace, (one.intent["account"] for one in found))
    if asked.json:
        screen.emit(dead.to_json(found, names, asked.language))
        return 0
    if not found:
        screen.say("没有死信。", "No dead letters.", "green")
        screen.next("kamsync status")
        return 0
    for one in found:
        _show(screen, one, names.get(one.intent["account"], ""))
    screen.next(f"kamsync dead show {found[0].intent['id'][:8]}")
    return 0


def _show(screen: Screen, one: Letter, name: str) -> None:
    """Three lines: what, in whose words, and what helps."""

    intent, stands = one.intent, one.standing
    screen.line((f"{intent['id'][:8]}  ", "bold yellow"), f"{intent['connection']} {intent['kind']} · ", (name, "bold"))
    tries = f"试过 {intent['attempt']} 次" if screen.is_zh else f"tried {intent['attempt']} times"
    since = "" if one.since is None else f" · {one.since:%Y-%m-%d %H:%M} UTC"
    words = " ".join(part for part in (intent["code"], intent["message"]) if part)
    screen.line(f"   {stands.kind}: {stands.cause.say(screen.language)} · {tries}{since}")
    if words:
        screen.line((f"   {words}", "dim"))
    screen.line(("   → ", "dim"), stands.next.say(screen.language), ("  " + stands.command, "bold"))


def show(asked: Asked, key: Key) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import dead
    from kamsync.engine.views import account_names

    screen = Screen(asked)
    with looking(asked) as workspace:
        one = dead.shown(workspace, key)
        names = account_names(workspace, [one.intent["account"]])
    if asked.json:
        screen.emit(dead.letter_json(one, names, asked.language))
        return 0
    _show(screen, one, names.get(one.intent["account"], ""))
    screen.line((f"   {one.intent['key']}  {one.standing.said.say(screen.language)}", "dim"))
    for row in one.receipts:
        said = " ".join(part for part in (row["outcome"], row["code"], row["evidence"]) if part)
        screen.line((f"   {row['attempt']}  {row['at']:%Y-%m-%d %H:%M:%S} UTC  ", "dim"), said)
    screen.next(one.standing.command)
    return 0


def replay(
    asked: Asked, keys: MaybeKeys = None, kind: Class = None, connection: Where = None, not_there: NotThere = False
) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import dead, exits

    screen = Screen(asked)
    if not keys and kind is None:
        raise typer.BadParameter("KEY | --class")
    with working(asked, screen) as workspace:
        chosen = list(keys or ()) or [one.intent["id"] for one in dead.listed(workspace, kind, connection)]
        done = dead.replay(workspace, chosen, not_there=not_there)
        if asked.json:
            screen.emit(dead.replayed_json(done, asked.language))
        else:
            _replayed(screen, done)
        return ended(workspace, exits.of_apply(done.applied) if done.applied else 0)


def _replayed(screen: Screen, done: Replayed) -> None:
    from kamsync.cli.planning import show_applied
    from kamsync.engine import shapes

    _left(screen, done)
    if done.applied is not None:
        show_applied(screen, shapes.apply(done.applied, screen.language), {})
        screen.next("kamsync dead list")
    elif done.taken:
        screen.say(
            f"另一个 kamsync 正在工作,它的下一个计划会处理这 {len(done.taken)} 条",
            f"another kamsync is at work: its next plan takes up these {len(done.taken)}",
        )
        screen.next("kamsync status")
    else:
        screen.say("没有可重放的。", "Nothing to replay.")
        screen.next("kamsync dead list")


def drop(asked: Asked, keys: Keys) -> int:
    from kamsync.cli.opening import working
    from kamsync.cli.screen import Screen
    from kamsync.engine import dead

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        done = dead.drop(workspace, keys)
    if asked.json:
        screen.emit(dead.dropped_json(done, asked.language))
        return 0
    _left(screen, done)
    screen.say(f"放弃了 {len(done.taken)} 条", f"gave up {len(done.taken)}")
    screen.next("kamsync dead list")
    return 0


def _left(screen: Screen, done: Replayed) -> None:
    for intent, why in done.left:
        screen.line(("  ! ", "yellow"), f"{intent['key']}: {why.say(screen.language)}")
