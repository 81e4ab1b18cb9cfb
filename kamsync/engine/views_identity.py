"""How many customers the records of all connections are, and why some of them are one.

Reads only. What is shown is what the rules see today; what a person decided stands beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.belonging import Family, family, family_json
from kamsync.engine.heeding import id_of, known_of, member_called, name_of, said
from kamsync.engine.views_find import find_account
from kamsync.engine.views_golden import Conflict, golden_json, values
from kamsync.engine.workspace import Workspace
from kamsync.rules.deciding import said_apart
from kamsync.rules.golden import Golden
from kamsync.rules.identity import Evidence, crowd_of
from kamsync.rules.likeness import Likeness, Neighbour, between, within
from kamsync.store import clues, decisions, linking, looking, reviews
from kamsync.store.tables import Row

NEARBY = 5  # candidates shown
CLOSE = 20  # the score from which another account is worth a look
CROWD = 300  # neighbours beyond which a clue tells nothing of anybody


@dataclass(frozen=True, slots=True)
class Linked:
    """`shared`: accounts with members in more than one connection; `review`: pairs that may be one customer;
    `decided`: decisions of people that stand, by word."""

    accounts: int
    shared: int
    review: int
    decided: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Nearby:
    """Another account that is like this one. `decision`: a person said that it is another customer."""

    account: str
    name: str
    likeness: Likeness
    decision: int | None = None
    asked: bool = False  # it waits for a person


@dataclass(frozen=True, slots=True)
class Shown:
    """One account: its records, what makes them one, what people said, and who else is like it."""

    account: str
    name: str
    members: Sequence[Row]
    within: Mapping[str, Likeness]
    decisions: Sequence[Row]
    nearby: Sequence[Nearby]
    linked_at: Mapping[str, Any] = field(default_factory=dict)
    golden: Sequence[Golden] = ()
    family: Family | None = None


def contradictions(shown: Shown) -> list[Conflict]:
    """The fields of which its records say what cannot all be true."""
    return [Conflict(shown.account, shown.name, one) for one in shown.golden if one.conflicts]


def linked(workspace: Workspace) -> Linked:
    with workspace.store.read() as tx:
        accounts, shared = linking.account_counts(tx)
        words = [row["said"] for row in decisions.standing(tx)]
        decided = {word: words.count(word) for word in ("same", "different")}
        return Linked(accounts, shared, linking.review_count(tx), decided)


def decided(workspace: Workspace) -> list[Row]:
    """Every decision in the order in which they were made, those that ended too."""
    with workspace.store.read() as tx:
        return decisions.listed(tx)


def whereabouts(workspace: Workspace, rows: Sequence[Row]) -> dict[str, tuple[str | None, str]]:
    """The account, by id and name, that each record of these decisions stands for now."""
    records = list(dict.fromkeys(end for row in rows for end in ends(row)))
    with workspace.store.read() as tx:
        accounts = reviews.accounts_of(tx, records)
        names = looking.account_names(tx, sorted({account for account in accounts.values() if account}))
    return {end: (accounts.get(end), names.get(accounts.get(end) or "", "")) for end in records}


def show(workspace: Workspace, asked: str) -> Shown:
    """All about who one account is; raises NoSuchAccount."""
    account = find_account(workspace, asked)
    with workspace.store.read() as tx:
        members = linking.members(tx, [account])
        known = looking.account(tx, account) or {"name": ""}
        links = linking.links(tx, account)
        around = neighbours(tx, [account], kin=True)
        return Shown(
            account=account,
            name=known["name"],
            members=members,
            within=within(around.get(account, [])),
            decisions=decisions.of_records(tx, {member_called(id_of(row)) for row in members}),
            nearby=_nearby(tx, account, around),
            golden=values(workspace, tx, account),
            family=family(workspace, tx, account),
            linked_at={id_of(row): row["decided_at"] for row in links},
        )


def neighbours(tx: Connection, accounts: Collection[str], *, kin: bool = False) -> dict[str, list[Neighbour]]:
    """The records of these accounts, by account; `kin`: and of every account that has something to compare with."""
    numbers = clues.of_accounts(tx, accounts)
    if kin:
        others = {other for _, other, _ in clues.kin(tx, numbers)}
        theirs = (
            {row["account_id"] for row in clues.records(tx, others, ("account_id",))} if len(others) <= CROWD else set()
        )
        numbers |= clues.of_accounts(tx, theirs - {None})
    found: dict[str, list[Neighbour]] = {}
    for row in clues.records(tx, numbers, ("account_id", *linking.IDENTITY)):
        if row["account_id"] is not None:
            neighbour = Neighbour(known_of(row), crowd_of(row["told"]))
            found.setdefault(row["account_id"], []).append(neighbour)
    return found


def _nearby(tx: Connection, account: str, around: Mapping[str, Sequence[Neighbour]]) -> list[Nearby]:
    """Other accounts worth a look, the likest first: those that wait for a person, are alike, or were told apart."""
    standing = said(decisions.standing(tx))
    ours = {one.known.id for one in around.get(account, ())}
    names = looking.account_names(tx, sorted(around))
    asked = {end for row in reviews.waiting(tx) if {row["a"], row["b"]} & ours for end in (row["a"], row["b"])}
    found = []
    for other, records in around.items():
        if other == account or not ours:
            continue
        theirs = {one.known.id for one in records}
        likeness, told = between(around[account], records), said_apart(ours, theirs, standing)
        is_asked = bool(theirs & asked) and told is None
        if likeness.score >= CLOSE or told is not None or is_asked:
            found.append(Nearby(other, names.get(other, ""), likeness, told, is_asked))
    found.sort(key=lambda one: (not one.asked, -one.likeness.score, one.account))
    return found[:NEARBY]


# ---- as JSON


def to_json(shown: Shown, language: str) -> dict[str, Any]:
    """The account in the shape that programs rely on."""
    return {
        "account": shown.account,
        "name": shown.name,
        "family": family_json(shown.family) if shown.family else None,
        "golden": [golden_json(one) for one in shown.golden],
        "members": [_member(shown, row, language) for row in shown.members],
        "decisions": [decision_json(row) for row in shown.decisions],
        "nearby": [
            {"account": one.account, "name": one.name, "decision": one.decision, "review": one.asked}
            | likeness_json(one.likeness, language)
            for one in shown.nearby
        ],
    }  # fmt: skip


FIELDS = ("name", "other_names", "uscc", "phone", "website", "province", "city")


def _member(shown: Shown, row: Row, language: str) -> dict[str, Any]:
    place = {name: row[name] for name in ("connection", "stream", "remote_id")}
    at = shown.linked_at.get(id_of(row))
    likeness = shown.within.get(id_of(row))
    told = likeness_json(likeness, language) if likeness else {"score": None, "evidence": [], "veto": None}
    return place | {name: row[name] for name in FIELDS} | {"linked_at": at.isoformat() if at else None} | told


def likeness_json(likeness: Likeness, language: str) -> dict[str, Any]:
    return {
        "score": likeness.score,
        "evidence": [_evidence(one, language) for one in (*likeness.for_it, *likeness.against) if one.weight],
        "veto": _evidence(likeness.veto, language) if likeness.veto else None,
    }


def _evidence(one: Evidence, language: str) -> dict[str, Any]:
    return {"rule": one.rule, "weight": one.weight, "detail": one.detail.say(language)}


def ends(row: Row) -> tuple[str, str]:
    """The two records of a decision, as they are since merges."""
    a, b = decisions.members(row)
    return name_of(a), name_of(b)


def decision_json(row: Row) -> dict[str, Any]:
    """A decision, its records as they are since merges."""
    a, b = ends(row)
    return {
        "id": row["id"], "batch": row["batch"], "said": row["said"], "a": a, "b": b, "who": row["who"],
        "at": row["at"].isoformat(), "reason": row["reason"], "despite": (row["facts"] or {}).get("despite", []),
        "ended": None if row["ended_at"] is None
        else {"at": row["ended_at"].isoformat(), "by": row["ended_by"], "why": row["ended_why"]},
    }  # fmt: skip
