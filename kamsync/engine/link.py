"""Link: decide which member records are one account, and carry the decision to everything that points at them.

The rules decide; here the oldest account keeps its id and history, and nothing that was linked falls apart by itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kamsync.engine import merging
from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.rules import identity
from kamsync.rules.identity import Known, LinkDecision
from kamsync.store import Writer, linking, still_ours
from kamsync.store import merging as merged
from kamsync.store.tables import Row


@dataclass(slots=True)
class LinkReport:
    """What linking found. `shared`: accounts with members in more than one connection."""

    accounts: int = 0
    shared: int = 0
    review: int = 0


def link(workspace: Workspace, writer: Writer) -> LinkReport:
    """Link what landed since the last time; one unit."""
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        if linking.any_member_dirty(tx):
            _link_members(tx, now)
        merging.follow(workspace, tx)
        streams = {
            name: frozenset(stream for stream, entity in mapping.entities.items() if entity == "account")
            for name, mapping in workspace.mappings.items()
        }
        linking.attach_facts(tx, streams)
        return _report(tx)


def _link_members(tx: Connection, now: datetime) -> None:
    rows = linking.members(tx)
    by_id = {_id(row): row for row in rows}
    clusters, decisions = identity.link([_known(row) for row in rows])
    order = linking.account_order(tx)
    seq, given = linking.next_seq(tx), merged.given_out(tx)
    links: dict[Member, tuple[str, Any]] = {}
    accounts: list[Row] = []
    losers: dict[str, str] = {}
    said = _evidence(decisions)
    new_members = False
    for cluster in sorted(clusters, key=min):
        members = [by_id[id] for id in sorted(cluster)]
        held = sorted({row["account_id"] for row in members if row["account_id"]}, key=lambda id: order.get(id, 0))
        account = held[0] if held else _new_id(tx, members[0], given)
        new_members |= any(row["account_id"] is None for row in members)
        losers.update(dict.fromkeys(held[1:], account))
        if not held or any(row["dirty"] for row in members):
            place = order.get(account, seq)
            seq += not held
            accounts.append({"id": account, "seq": place, "name": members[0]["name"], "into": None, "dirty": True})
        for row in members:
            if row["account_id"] != account or row["dirty"]:
                links[_member(row)] = (account, said.get(_id(row), []))
    linking.put_accounts(tx, accounts)
    linking.join_accounts(tx, losers)
    linking.put_links(tx, links, now)
    linking.put_reviews(tx, [_review(one, now) for one in decisions if one.verdict == "review"])
    if new_members:
        linking.look_again(tx)


def _known(row: Row) -> Known:
    return Known(
        id=_id(row),
        name=row["name"],
        other_names=tuple(row["other_names"] or ()),
        uscc=row["uscc"],
        phone=row["phone"],
        website=row["website"],
        province=row["province"],
        city=row["city"],
        fixed=row["account_id"],
    )


def _id(row: Mapping[str, Any]) -> str:
    return f"{row['connection']}/{row['stream']}/{row['remote_id']}"


def _member(row: Mapping[str, Any]) -> Member:
    return Member(row["connection"], row["stream"], row["remote_id"])


def _new_id(tx: Connection, row: Mapping[str, Any], given: set[str]) -> str:
    """An account's id follows from its first member, so that a rebuilt store names it alike.

    One that is back has its old account; one that only bears the id of another has not.
    """
    account, again = _hashed(_id(row)), 1
    while account in given and not merged.was_linked(tx, _member(row)):
        again += 1
        account = _hashed(f"{_id(row)}#{again}")
    return account


def _hashed(name: str) -> str:
    return "A" + base64.b32encode(hashlib.sha256(name.encode()).digest()[:10]).decode()[:11]


def _evidence(decisions: Sequence[LinkDecision]) -> dict[str, list[Any]]:
    """For each member what linked it: with whom, by which rules, in words."""
    said: dict[str, list[Any]] = {}
    for one in decisions:
        if one.verdict == "link":
            rules = [{"rule": e.rule, "zh": e.detail.zh, "en": e.detail.en} for e in one.evidence]
            said.setdefault(one.a, []).append({"with": one.b, "score": int(one.score), "evidence": rules})
            said.setdefault(one.b, []).append({"with": one.a, "score": int(one.score), "evidence": rules})
    return said


def _review(one: LinkDecision, now: datetime) -> Row:
    rules = [{"rule": e.rule, "zh": e.detail.zh, "en": e.detail.en} for e in one.evidence]
    a, b = sorted((one.a, one.b))
    return {"a": a, "b": b, "score": int(one.score), "evidence": rules, "verdict": "review", "decided_at": now}


def _report(tx: Connection) -> LinkReport:
    accounts, shared = linking.account_counts(tx)
    return LinkReport(accounts, shared, linking.review_count(tx))
