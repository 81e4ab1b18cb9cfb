"""`kamsync identity people`: one person, many records; and who seems to have gone to another customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.cli.identifying_show import brief
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.views_people import Moved, People

SHOWN = 20


def register(below: typer.Typer) -> None:
    command(
        below,
        "people",
        Text(
            "一个客户有哪些人,各由哪些记录组成;不写客户则列出像是换了单位的人。只提示,不改动 CRM。",
            "The people of a customer and their records; without one, who seems to have moved. It changes nothing.",
        ),
        "kamsync identity people 华东精密",
        "kamsync identity people",
    )(people)


Account = Annotated[
    str | None,
    typer.Argument(metavar="[ACCOUNT]", show_default=False, help=both("编号或名称", "id or name")),
]


def people(asked: Asked, account: Account = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import views_people

    screen = Screen(asked)
    with looking(asked) as workspace:
        if account is not None:
            found = views_people.people(workspace, account)
            return _people(screen, found)
        moved = views_people.moved(workspace)
    if asked.json:
        screen.emit({"moved": [views_people.moved_json(one) for one in moved]})
        return 0
    if not moved:
        screen.say("没有人像是换了单位。", "Nobody seems to have moved.", "green")
    _moved(screen, moved)
    screen.next(f"kamsync identity people {moved[0].move.old['account_id']}" if moved else "kamsync identity")
    return 0


def _people(screen: Screen, found: People) -> int:
    from kamsync.engine.views_people import people_json
    from kamsync.rules.people import place

    if screen.asked.json:
        screen.emit(people_json(found))
        return 0
    screen.line((found.name, "bold"), (f"  {found.account}", "dim"))
    screen.say(f"{len(found.persons)} 人", f"people: {len(found.persons)}", "dim")
    for one in found.persons:
        gone = ("已离职" if screen.is_zh else "left") if one.left else ""
        title = next((row["title"] for row in one.records if row["title"]), "")
        screen.line((one.name, "cyan"), "  ", " · ".join(filter(None, (title, one.role, gone))))
        for row in one.records:
            told = " · ".join(filter(None, (row["name"], row["mobile"], row["email"])))
            member = place(row)
            screen.line((f"    {member.connection}/{member.remote_id}  {told}", "dim"))
    _moved(screen, found.moved)
    screen.next("kamsync identity people", f"kamsync identity show {found.account}")
    return 0


def _moved(screen: Screen, moved: Sequence[Moved]) -> None:
    from kamsync.engine.heeding import name_of
    from kamsync.rules.people import place

    if moved:
        screen.say(
            "像是换了单位(请核实后在 CRM 中标明离职)", "seem to have moved: check, and note it in the CRM", "yellow"
        )
    for one in moved[:SHOWN]:
        noted = ("  已标明" if screen.is_zh else "  noted") if one.move.noted else ""
        screen.line((f"  {one.move.old['name']}", "cyan"), f"  {one.old_name} → {one.new_name}", (noted, "green"))
        ends = " → ".join(brief(name_of(place(row))) for row in (one.move.old, one.move.new))
        screen.line((f"    {ends}  {one.move.by}", "dim"))
    if len(moved) > SHOWN:
        screen.say(f"… 另有 {len(moved) - SHOWN} 人", f"… and {len(moved) - SHOWN} more", "dim")
