"""The people of a customer over all CRMs, and who seems to have gone from one customer to another.

Reads only. A move is a proposal: the CRM's own mark that somebody left is a person's to set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kamsync.engine.heeding import name_of
from kamsync.engine.views_find import find_account
from kamsync.engine.workspace import Workspace
from kamsync.rules.people import TOO_MANY, Move, Person, moves, persons, place
from kamsync.store import looking
from kamsync.store import people as store


@dataclass(frozen=True, slots=True)
class Moved:
    """A move, with what both customers are called."""

    move: Move
    old_name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class People:
    """Of one account: its people, and who of them seems to have left or come."""

    account: str
    name: str
    persons: Sequence[Person]
    moved: Sequence[Moved]


def moved(workspace: Workspace) -> list[Moved]:
    """Everybody who seems to have moved: those first whom no record notes as gone."""
    with workspace.store.read() as tx:
        found = list(moves(store.of_several(tx, TOO_MANY)))
        names = looking.account_names(tx, sorted({row["account_id"] for one in found for row in (one.old, one.new)}))
    told = [Moved(one, names.get(one.old["account_id"], ""), names.get(one.new["account_id"], "")) for one in found]
    return sorted(told, key=lambda one: (one.move.noted, one.old_name, place(one.move.old)))


def people(workspace: Workspace, asked: str) -> People:
    """The people of one account; raises NoSuchAccount."""
    account = find_account(workspace, asked)
    with workspace.store.read() as tx:
        rows = store.of_accounts(tx, [account]).get(account, [])
        name = looking.account_names(tx, [account]).get(account, "")
    here = [one for one in moved(workspace) if account in (one.move.old["account_id"], one.move.new["account_id"])]
    return People(account, name, persons(rows), here)


# ---- as JSON


def people_json(found: People) -> dict[str, Any]:
    return {
        "account": found.account,
        "name": found.name,
        "people": [person_json(one) for one in found.persons],
        "moved": [moved_json(one) for one in found.moved],
    }


def person_json(one: Person) -> dict[str, Any]:
    return {
        "name": one.name,
        "decision_role": one.role,
        "left_company": one.left,
        "records": [_record(row) for row in one.records],
    }


def moved_json(one: Moved) -> dict[str, Any]:
    old, new = one.move.old, one.move.new
    return {
        "by": one.move.by,
        "noted": one.move.noted,
        "old": {"account": old["account_id"], "account_name": one.old_name} | _record(old),
        "new": {"account": new["account_id"], "account_name": one.new_name} | _record(new),
    }


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"record": name_of(place(row)), "name": row["name"], "title": row["title"],
            "mobile": row["mobile"], "email": row["email"], "left_company": row["left_company"]}  # fmt: skip
