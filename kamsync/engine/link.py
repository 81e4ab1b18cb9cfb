"""Link: decide which member records are one account, and carry the decision to everything that points at them.

The rules decide; here the oldest account keeps its id and history, and nothing that was linked falls apart by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kamsync.engine import heeding, merging
from kamsync.engine.heeding import hashed, id_of, known_of
from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.plugin import batches
from kamsync.rules import identity
from kamsync.rules.deciding import Said
from kamsync.rules.identity import LinkDecision
from kamsync.store import Writer, clues, linking, still_ours
from kamsync.store import merging as merged
from kamsync.store.decisions import standing
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
        leaving = heeding.take_up(tx)
        if linking.any_member_dirty(tx):
            _link_members(tx, now, leaving)
        merging.follow(workspace, tx)
        streams = {
            name: frozenset(stream for stream, entity in mapping.entities.items() if entity == "account")
            for name, mapping in workspace.mappings.items()
        }
        linking.attach_facts(tx, streams)
        return _report(tx)


def _link_members(tx: Connection, now: datetime, leaving: Collection[str]) -> None:
    """Records that share a clue are judged together; every other one that changed stands for itself."""
    said = heeding.said(standing(tx))
    rows = {id_of(row): row for row in linking.these(tx, _alike(tx, said))}
    held = heeding.hold(tx, rows, said, leaving=leaving)
    known = [known_of(row, held.get(id, row["account_id"])) for id, row in rows.items()]
    clusters, decisions = identity.link(known, apart=said.apart, widely=False)
    groups = {min(cluster): [rows[id] for id in sorted(cluster)] for cluster in clusters}
    group_of = {id: min(cluster) for cluster in clusters for id in cluster}
    links = _Links(tx, now, linking.next_seq(tx), _evidence(decisions))
    for some in linking.dirty_members(tx, brief=True):
        ids = [(id_of(row), row) for row in some]
        found = [groups.pop(group_of[id], []) if id in group_of else [row] for id, row in ids]
        links.take([cluster for cluster in found if cluster])
    for some_groups in batches(list(groups.values()), linking.AT_ONCE):
        links.take(some_groups)
    links.finish()
    linking.put_reviews(tx, [_review(one, now) for one in decisions if one.verdict == "review"])


def _alike(tx: Connection, said: Said) -> set[Member]:
    """All that belongs to what changed, by the clues of before and by those of now. To be called the same is a clue."""
    clues.renew(tx, identity.RULES)
    before = clues.together(tx)
    clues.forget_dirty(tx)
    told = said.clues()
    for some in linking.dirty_members(tx):
        keyed = ((_key(row), identity.clues(known_of(row)) | told.get(id_of(row), frozenset())) for row in some)
        clues.put(tx, [{**key, "clue": clue} for key, found in keyed for clue in found])
    return before | clues.together(tx)


@dataclass(slots=True)
class _Links:
    """Which records stand for which accounts, written some at a time: few rows are in memory."""

    tx: Connection
    now: datetime
    seq: int
    said: Mapping[str, list[Any]]
    losers: dict[str, str] = field(default_factory=dict)
    new_members: bool = False

    def take(self, clusters: Sequence[Sequence[Row]]) -> None:
        """Each cluster is one account: the oldest that its records have, or a new one."""
        order = linking.account_order(self.tx, {row["account_id"] for rows in clusters for row in rows} - {None})
        new = {id: hashed(id) for rows in clusters if (id := _unknown(rows)) is not None}
        given = merged.given_out(self.tx, new.values())
        accounts: list[Row] = []
        links: list[Row] = []
        for members in clusters:
            held = sorted({row["account_id"] for row in members if row["account_id"]}, key=lambda id: order.get(id, 0))
            account = held[0] if held else _new_id(self.tx, members[0], new[id_of(members[0])], given)
            self.new_members |= any(row["account_id"] is None for row in members)
            self.losers.update(dict.fromkeys(held[1:], account))
            if not held or any(row["dirty"] for row in members):
                place = order.get(account, self.seq)
                self.seq += not held
                accounts.append({"id": account, "seq": place, "name": members[0]["name"], "into": None, "dirty": True})
            for row in members:
                if row["account_id"] != account or row["dirty"]:
                    links.append(_key(row) | self._link(row, account))
        linking.put_accounts(self.tx, accounts)
        linking.put_links(self.tx, links)

    def _link(self, row: Row, account: str) -> Row:
        return {"account": account, "evidence": self.said.get(id_of(row), []), "decided_at": self.now}

    def finish(self) -> None:
        linking.join_accounts(self.tx, self.losers)
        linking.settle(self.tx)
        if self.new_members:
            linking.look_again(self.tx)


def _unknown(members: Sequence[Row]) -> str | None:
    """The first of records none of which has an account yet."""
    return None if any(row["account_id"] for row in members) else id_of(members[0])


def _key(row: Row) -> Row:
    return {"connection": row["connection"], "stream": row["stream"], "remote_id": row["remote_id"]}


def _member(row: Mapping[str, Any]) -> Member:
    return Member(row["connection"], row["stream"], row["remote_id"])


def _new_id(tx: Connection, row: Mapping[str, Any], usual: str, given: Collection[str]) -> str:
    """An account's id follows from its first member, so that a rebuilt store names it alike.

    One that is back has its old account; one that only bears the id of another has not.
    """
    account, again = usual, 1
    while account in given and not merged.was_linked(tx, _member(row)):
        again += 1
        account = hashed(f"{id_of(row)}#{again}")
        given = merged.given_out(tx, [account])
    return account


def _evidence(decisions: Sequence[LinkDecision]) -> dict[str, list[Any]]:
    """For each member what linked it: with whom, by which rules, in words."""
    said: dict[str, list[Any]] = {}
    for one in decisions:
        if one.verdict == "link":
            rules = _rules(one)
            said.setdefault(one.a, []).append({"with": one.b, "score": int(one.score), "evidence": rules})
            said.setdefault(one.b, []).append({"with": one.a, "score": int(one.score), "evidence": rules})
    return said


def _review(one: LinkDecision, now: datetime) -> Row:
    a, b = sorted((one.a, one.b))
    return {"a": a, "b": b, "score": int(one.score), "evidence": _rules(one), "verdict": "review", "decided_at": now}


def _rules(one: LinkDecision) -> list[Row]:
    return [{"rule": e.rule, "weight": e.weight, "zh": e.detail.zh, "en": e.detail.en} for e in one.evidence]


def _report(tx: Connection) -> LinkReport:
    accounts, shared = linking.account_counts(tx)
    return LinkReport(accounts, shared, linking.review_count(tx))
