"""Heed what people decided, as part of linking: their word stands before any rule is asked.

Accounts that hold two customers come apart here, and those that only a person's word had parted come together again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from kamsync.model import Member
from kamsync.rules import identity
from kamsync.rules.deciding import Said, concerned, keepers, kept_together, pairs_of, said_apart
from kamsync.rules.identity import Known
from kamsync.store import decisions, linking, parting
from kamsync.store.tables import Row

Rows = Mapping[str, Row]  # member records by the name that identity knows them by


def name_of(member: Member) -> str:
    """How identity names a record."""
    return f"{member.connection}/{member.stream}/{member.remote_id}"


def member_called(name: str) -> Member:
    """The record of that name."""
    connection, stream, remote_id = name.split("/", 2)
    return Member(connection, stream, remote_id)


def id_of(row: Mapping[str, Any]) -> str:
    """The same of a row that has a record's key."""
    return f"{row['connection']}/{row['stream']}/{row['remote_id']}"


def known_of(row: Mapping[str, Any], fixed: str | None = None) -> Known:
    """A member row as the rules see it. `fixed`: what it is held together with."""
    return Known(
        id=id_of(row),
        name=row["name"],
        other_names=tuple(row["other_names"] or ()),
        uscc=row["uscc"],
        phone=row["phone"],
        website=row["website"],
        province=row["province"],
        city=row["city"],
        fixed=fixed,
    )


def hashed(name: str) -> str:
    """An account's id follows from its first member, so that a rebuilt store names it alike."""
    return "A" + base64.b32encode(hashlib.sha256(name.encode()).digest()[:10]).decode()[:11]


def said(rows: Sequence[Row]) -> Said:
    """What these decisions, the oldest first, say; two records that the CRM has merged since are one."""
    found = Said({}, {})
    for row in rows:
        pair = frozenset(map(name_of, decisions.members(row)))
        if len(pair) == 2:
            (found.same if row["said"] == "same" else found.apart)[pair] = row["id"]
    return found


def take_up(tx: Connection) -> set[str]:
    """See to decisions that were made, ended or moved since the last time; records that were told to leave."""
    decisions.follow_merges(tx)
    fresh = decisions.not_carried(tx)
    if not fresh:
        return set()
    standing = said(decisions.standing(tx))
    for row in fresh:
        if row["ended_at"] is not None:
            (_rejoin if row["said"] == "different" else _part_again)(tx, row, standing)
    decisions.carry(tx, fresh)
    return {name_of(decisions.members(row)[1]) for row in fresh if row["leaves"]}


def _rejoin(tx: Connection, row: Row, standing: Said) -> None:
    """What only a word that was taken back had parted is one account again."""
    before = (row["facts"] or {}).get("accounts") or [None, None]
    now = [_account_of(tx, one) for one in decisions.members(row)]
    if before[0] is None or before[0] != before[1] or None in now or now[0] == now[1]:
        return
    ours, theirs = ({id_of(each) for each in linking.members(tx, [account])} for account in now if account)
    if said_apart(ours, theirs, standing) is None:
        older, younger = sorted(filter(None, now), key=linking.account_order(tx, list(filter(None, now))).__getitem__)
        linking.join_accounts(tx, {younger: older})


def _part_again(tx: Connection, row: Row, standing: Said) -> None:
    """Two accounts that only a word had joined are two again, each with the records it had and the id it had."""
    accounts = (row["facts"] or {}).get("accounts") or [None, None]
    had = (row["facts"] or {}).get("members") or [[], []]
    now = {_account_of(tx, one) for one in decisions.members(row)}
    if None in accounts or accounts[0] == accounts[1] or len(now) != 1 or None in now:
        return
    kept = now.pop() or ""
    rows = {id_of(each): each for each in linking.members(tx, [kept])}
    as_it_was = Said(standing.same, {**standing.apart, **dict.fromkeys(pairs_of(*had), 0)})
    revived = {id: account for account, ids in zip(accounts, had, strict=True) for id in ids if account != kept}
    hold(tx, rows, as_it_was, leaving=revived, names=revived)


def _account_of(tx: Connection, member: Member) -> str | None:
    found = linking.these(tx, [member])
    return found[0]["account_id"] if found else None


# ---- records that stay together, and those that do not


def hold(
    tx: Connection, rows: Rows, said: Said, *, leaving: Collection[str], names: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Part the accounts that hold two customers; each record's group, where people or its account put it into one.

    `leaving`: records that do not keep an account's id. `names`: the accounts that records were of before.
    """
    accounts = concerned({id: row["account_id"] for id, row in rows.items()}, said)
    groups = kept_together(accounts, said, _alike(rows))
    held = {id: min(group) for group in groups for id in group}
    first = {hashed(id): id for id in accounts}
    whole = [*groups, *(frozenset([id]) for id in accounts if id not in held)]
    keeping = keepers(whole, accounts, leaving, first)
    for group in whole:
        gone = sorted(id for id in group if (account := accounts[id]) is not None and keeping[account] is not group)
        if gone:
            _leave(tx, rows, gone, _home(tx, rows, group, keeping, names or {}))
    return held


def _alike(rows: Rows) -> Callable[[str, str], int]:
    return lambda one, other: identity.compare(known_of(rows[one]), known_of(rows[other])).score


def _home(
    tx: Connection,
    rows: Rows,
    group: frozenset[str],
    keeping: Mapping[str, frozenset[str]],
    names: Mapping[str, str],
) -> str:
    """The account that a part goes on under: the oldest that it keeps, one that it had before, or a new one."""
    kept = [account for account, keeper in keeping.items() if keeper is group]
    if kept:
        order = linking.account_order(tx, kept)
        return min(kept, key=lambda account: (order.get(account, 0), account))
    former = next((names[id] for id in sorted(group) if id in names), None)
    if former is not None:
        parting.revive(tx, former)
        return former
    return _new_home(tx, rows, group)


def _new_home(tx: Connection, rows: Rows, group: frozenset[str]) -> str:
    """An account for a part that has none: the one it was before it came here, where its id follows from it."""
    here, first, again = {rows[id]["account_id"] for id in group}, min(group), 1
    account = hashed(first)
    while account in (into := parting.joined_into(tx, [account])) and into[account] not in here:
        again += 1
        account = hashed(f"{first}#{again}")
    if account in into:
        parting.revive(tx, account)
    else:
        new = {"id": account, "seq": linking.next_seq(tx), "name": rows[first]["name"], "into": None, "dirty": True}
        linking.put_accounts(tx, [new])
    return account


def _leave(tx: Connection, rows: Rows, ids: Sequence[str], account: str) -> None:
    for old in sorted({rows[id]["account_id"] for id in ids}):
        going = [id for id in ids if rows[id]["account_id"] == old]
        members = [Member(rows[id]["connection"], rows[id]["stream"], rows[id]["remote_id"]) for id in going]
        parting.leave(tx, members, old, account)
        for id in going:
            rows[id].update(account_id=account, dirty=True)
