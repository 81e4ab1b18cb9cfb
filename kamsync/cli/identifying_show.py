"""`kamsync identity show`: one screen why some records are one customer, and who else is like it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.belonging import Family
    from kamsync.engine.views_golden import Conflict
    from kamsync.engine.views_identity import Nearby, Shown
    from kamsync.rules.identity import Evidence

CHILDREN = 5
RULES = 4  # of each record, the weightiest


def register(below: typer.Typer) -> None:
    command(
        below,
        "show",
        Text(
            "一个客户由哪些记录组成,凭什么,有什么疑点,谁做过决定,还有谁像它。",
            "The records of one customer: what makes them one, what speaks against it, decisions, who else is like it.",
        ),
        "kamsync identity show 华东精密",
        "kamsync identity show zoho/5842000000123456",
    )(show)


Account = Annotated[
    str,
    typer.Argument(
        metavar="ACCOUNT", help=both("编号、名称或其一部分、连接/记录编号", "id, name or part, connection/id")
    ),
]


def show(asked: Asked, account: Account) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import views_identity

    screen = Screen(asked)
    with looking(asked) as workspace:
        shown = views_identity.show(workspace, account)
    if asked.json:
        screen.emit(views_identity.to_json(shown, asked.language))
        return 0
    _head(screen, shown)
    if shown.family is not None:
        _family(screen, shown.family)
    for row in shown.members:
        _member(screen, shown, row)
    if len(shown.members) == 2 and shown.within:  # what speaks for one is what speaks for the other
        likeness = next(iter(shown.within.values()))
        put_evidence(screen, likeness.for_it, likeness.against)
    _contradictions(screen, views_identity.contradictions(shown))
    _decisions(screen, shown.decisions)
    _nearby(screen, shown.nearby)
    screen.next(*_next(shown))
    return 0


def _head(screen: Screen, shown: Shown) -> None:
    screen.line((shown.name, "bold"), (f"  {shown.account}", "dim"))
    many, where = len(shown.members), len({row["connection"] for row in shown.members})
    screen.say(f"{many} 条记录,来自 {where} 个连接", f"records: {many}, connections: {where}", "dim")


TOLD_BY = {
    "policy": Text("按策略", "by the policy"),
    "crm": Text("按 CRM", "by the CRM"),
    "name": Text("按名称", "by its name"),
}
RELATIONS = {
    "branch": Text("分支机构", "branch"),
    "subsidiary": Text("子公司", "subsidiary"),
    "joint_venture": Text("合资公司", "joint venture"),
    "affiliate": Text("关联公司", "affiliate"),
}


def _family(screen: Screen, family: Family) -> None:
    """What it belongs to and why, what belongs to it, and a circle where the CRMs tell one."""
    zh = screen.is_zh
    if family.parent is not None and family.tie is not None:
        why = TOLD_BY[family.tie.source]
        known = RELATIONS.get(family.tie.relation or "", Text("", ""))
        told = " · ".join(filter(None, (known.say(screen.language), why.say(screen.language))))
        screen.line(("上级 " if zh else "part of ", "dim"), family.parent[1], (f"  {family.parent[0]}  {told}", "dim"))
    for place, (id, name) in enumerate(family.children[:CHILDREN]):
        lead = ("下级 " if zh else "holds   ") if place == 0 else ("     " if zh else "        ")
        screen.line((lead, "dim"), name, (f"  {id}", "dim"))
    if len(family.children) > CHILDREN:
        more = len(family.children) - CHILDREN
        screen.say(f"     … 另有 {more} 个", f"        … and {more} more", "dim")
    if family.circle:
        ring = " → ".join(name for _, name in (*family.circle, family.circle[0]))
        screen.say(
            f"上下级成环,已从第一个断开:{ring}", f"they belong to each other, cut at the first: {ring}", "yellow"
        )


def _member(screen: Screen, shown: Shown, row: dict[str, Any]) -> None:
    from kamsync.engine.heeding import id_of

    one_line(screen, (brief(id_of(row)), "cyan"), f"  {row['name']}")
    told = [row[name] for name in ("uscc", "phone", "website", "city") if row[name]]
    told += [f"“{name}”" for name in row["other_names"] or ()]
    if told:
        one_line(screen, ("    " + " · ".join(told), "dim"))
    likeness = shown.within.get(id_of(row))
    if likeness is not None and len(shown.members) > 2:
        put_evidence(screen, likeness.for_it, likeness.against)


def brief(record: str) -> str:
    """A record as people name it: connection/id."""
    connection, _, rest = record.partition("/")
    return f"{connection}/{rest.partition('/')[2]}"


def one_line(screen: Screen, *parts: str | tuple[str, str]) -> None:
    """A line of pieces that is cut with … where it is too long."""
    from rich.text import Text as Styled

    screen.put(Styled.assemble(*parts, no_wrap=True, overflow="ellipsis"))


def put_evidence(screen: Screen, for_it: Iterable[Evidence], against: Iterable[Evidence]) -> None:
    """Each rule with its weight: what speaks for it, what against; a veto weighs nothing and decides."""
    for one in list(for_it)[:RULES]:
        screen.line((f"    {one.weight:+4d}  ", "green"), one.detail.say(screen.language))
    for one in list(against)[:RULES]:
        mark = f"{one.weight:+4d}" if one.weight else "  ✗ "
        screen.line((f"    {mark}  ", "red" if not one.weight else "yellow"), one.detail.say(screen.language))


def _contradictions(screen: Screen, found: Sequence[Conflict]) -> None:
    from kamsync.cli.identifying_conflicts import put_conflict

    if found:
        screen.say("互相矛盾", "contradictions", "dim")
    for one in found:
        put_conflict(screen, one)


def _decisions(screen: Screen, rows: Iterable[dict[str, Any]]) -> None:
    rows = list(rows)
    if rows:
        screen.say("决定", "decisions", "dim")
    for row in rows:
        put_decision(screen, row)


def put_decision(screen: Screen, row: dict[str, Any]) -> None:
    """One decision on two lines: who said what of which records, and why; and its end."""
    from kamsync.engine.views_identity import ends

    words = {"same": Text("同一客户", "same"), "different": Text("不同客户", "different")}
    a, b = ends(row)
    over = row["ended_at"] is not None
    word = words[row["said"]].say(screen.language)
    style = "dim" if over else "bold"
    who = f"{row['who']}  {row['at'].astimezone():%Y-%m-%d %H:%M}"
    screen.line((f"{row['id']:>5}  ", style), (word, style), f"  {brief(a)} – {brief(b)}")
    one_line(screen, (f"       {who}  {row['reason']}", "dim"))
    if over:
        when = f"{row['ended_at'].astimezone():%Y-%m-%d %H:%M}"
        ended = "已撤回:" if screen.is_zh else "taken back: "
        screen.line((f"       {ended}{row['ended_by']}  {when}  {row['ended_why']}", "dim"))


def put_not_yet(screen: Screen) -> None:
    """Decisions stand, and follow when whoever is writing links next."""
    screen.say(
        "另一个 kamsync 正在写入,它下次拉取时生效",
        "another kamsync is writing: it follows with its next pull",
        "yellow",
    )


def _nearby(screen: Screen, nearby: Iterable[Nearby]) -> None:
    nearby = list(nearby)
    if nearby:
        screen.say("相近的客户", "who else is like it", "dim")
    for one in nearby:
        screen.line((f"{one.likeness.score:>5}  ", "bold"), one.name, (f"  {one.account}", "dim"))
        if one.decision is not None:
            screen.say(
                f"       已确认是不同客户(决定 {one.decision})", f"       said to be another (decision {one.decision})"
            )
        elif one.asked:
            screen.say("       待人工确认", "       waits for a person", "yellow")
        put_evidence(screen, one.likeness.for_it[:2], one.likeness.against[:2])


def _next(shown: Shown) -> list[str]:
    from kamsync.engine.heeding import id_of

    if any(one.asked for one in shown.nearby):
        return ["kamsync identity review"]
    if len(shown.members) > 1:
        return [f"kamsync identity split {shown.account} {brief(id_of(shown.members[-1]))} --reason …"]
    return [f"kamsync tier explain {shown.account}"]
