"""Who belongs to whom over the whole book: worked out when it is asked for, from the records as they are.

Two questions of the store, whatever the size of the book; nothing is kept, and nothing is done on a pull.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.rules.hierarchy import Tie, Tree, grown
from kamsync.rules.identity.blocks import core_key
from kamsync.rules.identity.face import Name, read_name
from kamsync.rules.regions import compatible
from kamsync.store import hierarchy, looking, parents


@dataclass(frozen=True, slots=True)
class Family:
    """Where one account stands: its parent and why, what belongs to it, its group, and a circle that was cut. Accounts
    are (id, name)."""

    parent: tuple[str, str] | None
    tie: Tie | None
    children: Sequence[tuple[str, str]]
    top: tuple[str, str]
    size: int
    circle: Sequence[tuple[str, str]]


UNITS = (
    "分公司", "子公司", "办事处", "代表处", "联络处", "分行", "支行", "分社", "分部", "分厂", "分院", "分校", "分店",
    "营业部", "事业部", "销售部", "分中心", "branch", "branch office", "representative office",
)  # fmt: skip


def tree(workspace: Workspace, tx: Connection) -> Tree:
    """Parents and groups of every account."""
    return grown((*_ruled(workspace, tx), *_told(tx), *_named(tx)), workspace.prefer)


def _ruled(workspace: Workspace, tx: Connection) -> Iterator[Tie]:
    """What the policy says itself, under [parents]."""
    pairs = workspace.policy.parents
    accounts = parents.named(tx, {name for pair in pairs.items() for name in pair})
    for child, above in pairs.items():
        if child in accounts and above in accounts:
            yield Tie(accounts[child], accounts[above], "policy", Member("policy", "parents", child))


def _told(tx: Connection) -> Iterator[Tie]:
    for row in hierarchy.told(tx):
        member = Member(row["connection"], row["stream"], row["remote_id"])
        yield Tie(row["account_id"], row["parent"], "crm", member, row["relation"])


def _named(tx: Connection) -> Iterator[Tie]:
    """A unit belongs to the company of its name, if it can be one account only."""
    units = [(row, name) for row in hierarchy.named(tx, UNITS) if (name := read_name(row["name"])) and name.unit]
    bearers = hierarchy.bearing(tx, sorted({core_key(name.core) for _, name in units}))
    for row, unit in units:
        whole = {
            each["account_id"]
            for each in bearers.get(core_key(unit.core), ())
            if _is_whole(read_name(each["name"]), unit)
        } - {row["account_id"]}
        if len(whole) == 1:
            member = Member(row["connection"], row["stream"], row["remote_id"])
            yield Tie(row["account_id"], whole.pop(), "name", member, "branch", unit.unit)


def _is_whole(name: Name | None, unit: Name) -> bool:
    """The same company's name without the unit."""
    return name is not None and not name.unit and name.core == unit.core and compatible(name.region, unit.region)


def family(workspace: Workspace, tx: Connection, account: str) -> Family:
    """Where this account stands in its group."""
    whole = tree(workspace, tx)
    tie, circle = whole.parents.get(account), whole.circle_of(account)
    parent, children = tie.parent if tie else None, whole.children.get(account, [])
    ring = circle.accounts if circle else ()
    group = whole.group(account)
    names = looking.account_names(tx, sorted({account, *group, *ring}))
    called = {id: (id, names.get(id, "")) for id in (account, *group, *ring)}
    return Family(
        parent=called[parent] if parent else None,
        tie=tie,
        children=[called[child] for child in children],
        top=called[group[0]],
        size=len(group),
        circle=[called[one] for one in ring],
    )


def family_json(found: Family) -> dict[str, Any]:
    tie = found.tie
    told_by = f"{tie.member.connection}/{tie.member.stream}/{tie.member.remote_id}" if tie else None
    return {
        "parent": None if found.parent is None or tie is None
        else _account(found.parent) | {"source": tie.source, "relation": tie.relation, "unit": tie.word or None,
                                       "told_by": told_by},
        "children": [_account(one) for one in found.children],
        "group": _account(found.top) | {"accounts": found.size} if found.size > 1 else None,
        "circle": [_account(one) for one in found.circle],
    }  # fmt: skip


def _account(one: tuple[str, str]) -> dict[str, str]:
    return {"account": one[0], "name": one[1]}
