"""`kamsync identity conflicts`: what the CRMs say of one customer that cannot all be true, and which value is shown."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.views_golden import Conflict
    from kamsync.rules.golden import Told

SHOWN = 40
WHY = {
    "verified": Text("经核实", "verified"),
    "complete": Text("更完整", "more complete"),
    "newest": Text("更新", "newest"),
    "preferred": Text("优先连接", "preferred"),
    "dated": Text("日期更近", "later dated"),
    "earliest": Text("最早", "earliest"),
    "any": Text("有一处为是", "one says so"),
    "only": Text("仅此一处", "only one"),
    "agreed": Text("一致", "agreed"),
}


def register(below: typer.Typer) -> None:
    command(
        below,
        "conflicts",
        Text(
            "同一客户在各 CRM 中互相矛盾的字段:采用哪个值、为什么、别处怎么写。只列出,不改动 CRM。",
            "Where CRMs contradict each other: the value that is shown, why, what others say. Changes nothing.",
        ),
        "kamsync identity conflicts",
        "kamsync identity conflicts 华东精密",
    )(conflicts)


Account = Annotated[
    str | None,
    typer.Argument(metavar="[ACCOUNT]", show_default=False, help=both("只看这个客户", "of this account only")),
]


def conflicts(asked: Asked, account: Account = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import views_golden

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = list(views_golden.of_book(workspace, account))
    if asked.json:
        screen.emit({"conflicts": [views_golden.conflict_json(one) for one in found]})
        return 0
    if not found:
        screen.say("各 CRM 没有互相矛盾的字段。", "The CRMs contradict each other nowhere.", "green")
        screen.next("kamsync export accounts")
        return 0
    for (id, name), some in groupby(found[:SHOWN], key=lambda one: (one.account, one.name)):
        screen.line((name, "bold"), (f"  {id}", "dim"))
        for one in some:
            put_conflict(screen, one)
    if len(found) > SHOWN:
        screen.say(f"… 另有 {len(found) - SHOWN} 处,见 --json", f"… and {len(found) - SHOWN} more: see --json", "dim")
    screen.next(f"kamsync identity show {found[0].account}")
    return 0


def put_conflict(screen: Screen, one: Conflict) -> None:
    """The value that is shown, and below it what it contradicts."""
    from kamsync.model.about import about

    label = about("account")[one.golden.name]
    why = WHY[one.golden.why].say(screen.language)
    screen.line((f"  {label.zh if screen.is_zh else label.en}", "cyan"), (f"  {why}", "dim"))
    for mark, told in (("✓", one.golden.told), *(("✗", told) for told in one.golden.conflicts)):
        _value(screen, one.golden.name, mark, told)


def _value(screen: Screen, name: str, mark: str, told: Told) -> None:
    from kamsync.engine.views_golden import shown

    at = f"  {told.source.modified_at:%Y-%m-%d}" if told.source.modified_at else ""
    member = told.source.member
    style = "green" if mark == "✓" else "yellow"
    screen.line(
        (f"    {mark} ", style), str(shown(name, told)), (f"  {member.connection}/{member.remote_id}{at}", "dim")
    )
