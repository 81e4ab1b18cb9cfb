"""Link: decide which member records are one account, and carry the decision to everything that points at them.

The rules decide, and decide anew whenever a change bears on it: a link is as good as its evidence is today. Here the
oldest account keeps its id and history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kamsync.engine import heeding, merging, naming
from kamsync.engine.following import Decided, Record, follow
from kamsync.engine.heeding import hashed, name_of
from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.rules import identity
from kamsync.rules.deciding import held_together
from kamsync.rules.identity import LinkDecision
from kamsync.store import Writer, clues, linking, mappings, parting, still_ours
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
        link_members(tx, now, heeding.take_up(tx))
        merging.follow(workspace, tx)
        streams = {
            name: frozenset(stream for stream, entity in mapping.entities.items() if entity == "account")
            for name, mapping in workspace.mappings.items()
        }
        linking.attach_facts(tx, streams)
        naming.name_accounts(workspace, tx)
        mappings.linked(tx)
        return _report(tx)


def link_members(tx: Connection, now: datetime, leaving: Collection[str] = ()) -> None:
    """Decide anew of all that changed, and of whom that may concern. `leaving`: records that a person told to leave."""
    said = heeding.said(standing(tx))
    linking.ask_anew(tx, [name_of(member) for member in clues.gone_members(tx)], [])
    links = _Links(tx, now, linking.next_seq(tx), identity.aparts(said.apart), leaving)
    for groups in follow(tx, held_together(said)):
        links.take(groups)
    links.finish()


Part = list[Record]  # records that are one company


@dataclass(slots=True)
class _Links:
    """Which records stand for which accounts, written some at a time."""

    tx: Connection
    now: datetime
    seq: int
    apart: Mapping[str, Collection[str]]
    leaving: Collection[str]
    losers: dict[str, str] = field(default_factory=dict)
    anything: bool = False
    new_members: bool = False

    def take(self, groups: Sequence[Decided]) -> None:
        """Each company is one account: the oldest that stays with it, or a new one."""
        self.anything = True
        parts: list[Part] = []
        decisions: list[LinkDecision] = []
        for group, records in groups:
            by_id = {record.company.id: record for record in records}
            companies, made = group.decide(self.apart)
            parts += ([by_id[id] for id in company.ids] for company in companies)
            decisions += made
        homes = self._homes(parts)
        self._leave(homes)
        self._write(homes, _evidence(decisions))
        ids = [record.company.id for part in parts for record in part]
        linking.ask_anew(self.tx, ids, [_review(one, self.now) for one in decisions if one.verdict == "review"])

    def _homes(self, parts: Sequence[Part]) -> list[tuple[str, Part]]:
        """The account of each part."""
        kept: dict[int, list[str]] = defaultdict(list)
        for account, place in _keepers(parts, self.leaving).items():
            kept[place].append(account)
        ages = linking.account_ages(self.tx, [account for held in kept.values() for account in held])
        first = {place: hashed(part[0].company.id) for place, part in enumerate(parts) if place not in kept}
        given = linking.account_ages(self.tx, first.values())
        used = linking.lived_in(self.tx, given)
        homes: list[tuple[str, Part]] = []
        for place, part in enumerate(parts):
            if place in kept:
                account, *losers = sorted(kept[place], key=lambda account: (ages[account], account))
                self.losers.update(dict.fromkeys(losers, account))
            else:
                account = self._new_id(part[0], first[place], given, used)
            homes.append((account, part))
        return homes

    def _new_id(self, record: Record, usual: str, given: Collection[str], used: Collection[str]) -> str:
        """An account's id follows from its first member, so that a rebuilt store names it alike.

        One that is back has its old account; one that only bears the id of another has not.
        """
        account, again = usual, 1
        while account in given and (account in used or not merged.was_linked(self.tx, record.member)):
            again += 1
            account = hashed(f"{record.company.id}#{again}")
            given = linking.account_ages(self.tx, [account])
            used = linking.lived_in(self.tx, given)
        return account

    def _leave(self, homes: Sequence[tuple[str, Part]]) -> None:
        """Records that are no longer one company with who keeps their account go to another, with what is theirs."""
        moves: dict[Member, tuple[str, str]] = {}
        for account, part in homes:
            for record in part:
                old = record.account
                if old is not None and old != account and self.losers.get(old) != account:
                    moves[record.member] = old, account
        parting.leave(self.tx, moves)

    def _write(self, homes: Sequence[tuple[str, Part]], said: Mapping[str, list[Any]]) -> None:
        ages = linking.account_ages(self.tx, [account for account, _ in homes])
        accounts: list[Row] = []
        links: list[Row] = []
        for account, part in homes:
            self.new_members |= any(record.account is None for record in part)
            if account not in ages or any(record.dirty or record.account != account for record in part):
                seq = ages.get(account, self.seq)
                self.seq += account not in ages
                accounts.append({"id": account, "seq": seq, "name": part[0].name, "into": None, "dirty": True})
            if len(part) > 1 or part[0].dirty or part[0].account != account:
                links += (self._link(record, account, said) for record in part)
        linking.put_accounts(self.tx, accounts)
        linking.put_links(self.tx, links)

    def _link(self, record: Record, account: str, said: Mapping[str, list[Any]]) -> Row:
        key = {"connection": record.member.connection, "stream": record.member.stream}
        key["remote_id"] = record.member.remote_id
        return key | {"account": account, "evidence": said.get(record.company.id, []), "decided_at": self.now}

    def finish(self) -> None:
        linking.join_accounts(self.tx, self.losers)
        if self.anything:
            linking.settle(self.tx)
        if self.new_members:
            linking.look_again(self.tx)


def _keepers(parts: Sequence[Part], leaving: Collection[str]) -> dict[str, int]:
    """Which part an account stays with: not one that was told to leave, then the largest, then one that did not change,
    then that of its first record."""
    held: dict[str, dict[int, list[Record]]] = defaultdict(lambda: defaultdict(list))
    first: dict[str, int] = {}
    for place, part in enumerate(parts):
        for record in part:
            first[hashed(record.company.id)] = place
            if record.account is not None:
                held[record.account][place].append(record)

    def claim(account: str, place: int) -> tuple[bool, int, bool, bool, str]:
        mine = held[account][place]
        told = any(record.company.id in leaving for record in mine)
        changed = any(record.dirty for record in mine)
        return told, -len(mine), changed, first.get(account) != place, mine[0].company.id

    return {account: min(claims, key=lambda place: claim(account, place)) for account, claims in held.items()}


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
