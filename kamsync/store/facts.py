"""Gather what is known of accounts on a date: set-based queries, a chunk of accounts at a time.

Reads only live entities; what was never read for an account stays None. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, case, func, or_, select

from kamsync.model import Member
from kamsync.rules.facts import CaseFacts, ContractFacts, DealFacts, Facts, OrderFacts, SurveyFacts, TouchFacts
from kamsync.rules.golden import Survivorship, conflicts
from kamsync.rules.golden import golden as survives
from kamsync.store import golden
from kamsync.store.entities import TABLES
from kamsync.store.facts_orders import order_facts
from kamsync.store.facts_service import cases, strengths
from kamsync.store.receivables import receivables
from kamsync.store.tables import AccountRow, Row, table

ACCOUNT = table(AccountRow)
MEMBER = TABLES["account"]
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which connections have been read for which entity: what was never read is unknown, not zero."""

    read: Mapping[str, frozenset[str]]  # entity -> connections

    def of(self, entity: str, connections: Iterable[str]) -> bool:
        return not self.read.get(entity, frozenset()).isdisjoint(connections)

    def among(self, connections: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """Entity -> those of these connections that were read for it."""
        found = {entity: tuple(sorted(where & connections)) for entity, where in self.read.items()}
        return {entity: names for entity, names in found.items() if names}


def book(tx: Connection) -> list[str]:
    """Every account that has a member, oldest first."""
    has_member = select(MEMBER.c.account_id).where(MEMBER.c.account_id.is_not(None))
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.into.is_(None), ACCOUNT.c.id.in_(has_member)).order_by(ACCOUNT.c.seq)
    return list(tx.execute(query).scalars())


def gather(
    tx: Connection, accounts: Sequence[str], as_of: date, reach: Reach, how: Survivorship, zone: ZoneInfo
) -> list[Facts]:
    """The facts of these accounts, in their order. `how`: whose field values win.

    `zone`: where the deployment's days begin; cases carry instants.
    """
    members = _members(tx, accounts, how.prefer)
    orders, touches = order_facts(tx, accounts, as_of), _touches(tx, accounts, as_of)
    deals, surveys = _deals(tx, accounts, as_of), _surveys(tx, accounts, as_of)
    due = receivables(tx, accounts, as_of, reach.read.get("payment", frozenset()))
    served, contracts = cases(tx, accounts, as_of, zone), _contracts(tx, accounts, as_of)
    read: dict[frozenset[str], dict[str, tuple[str, ...]]] = {}
    gathered = []
    for account in accounts:
        rows = members.get(account, [])
        where = frozenset(row["connection"] for row in rows)
        if where not in read:
            read[where] = reach.among(where)
        money, invoices, unclear = due.get(account, due[None])
        gathered.append(
            Facts(
                account=account,
                as_of=as_of,
                members=tuple(Member(row["connection"], row["stream"], row["remote_id"]) for row in rows),
                orders=orders.get(account, OrderFacts()) if reach.of("order", where) else None,
                touches=touches.get(account, TouchFacts()) if reach.of("activity", where) else None,
                deals=deals.get(account, DealFacts()) if reach.of("deal", where) else None,
                surveys=surveys.get(account, SurveyFacts()) if reach.of("survey", where) else None,
                cases=served.get(account, CaseFacts()) if reach.of("case", where) else None,
                contracts=contracts.get(account, ContractFacts()) if reach.of("contract", where) else None,
                due=money if reach.of("invoice", where) else None,
                read=read[where],
                invoices=invoices,
                unclear=unclear,
                **_profile(rows, how),
            )
        )
    return gathered


def _members(tx: Connection, accounts: Sequence[str], prefer: Sequence[str]) -> dict[str, list[Row]]:
    rank = {name: place for place, name in enumerate(prefer)}
    found = golden.members(tx, accounts)
    for rows in found.values():
        rows.sort(key=lambda row: (rank.get(row["connection"], len(rank)), row["connection"], row["remote_id"]))
    return found


def _profile(rows: Sequence[Row], how: Survivorship) -> dict[str, Any]:
    """The golden values, and the fields of which the records say what cannot all be true."""

    def one(name: str) -> Any:
        found = survives(name, rows, how)
        return None if found is None else found.value

    wallet = survives("wallet", rows, how)
    return {
        "name": one("name") or "",
        "wallet": wallet.told.values["wallet_base"] if wallet else None,
        "wallet_date": wallet.told.values["wallet_date"] if wallet else None,
        "since": one("since"),
        "size": one("size"),
        "industry": one("industry"),
        "strategic": one("strategic"),
        "influence": one("influence"),
        "blacklisted": bool(one("blacklisted")),
        "deregistered": bool(one("deregistered")),
        "conflicts": tuple(found.name for found in conflicts(rows, how)),
    }


# ---- touches, deals, surveys


def _touches(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, TouchFacts]:
    activity = TABLES["activity"]
    past = and_(activity.c.two_way, activity.c.day <= as_of)
    visits = and_(past, activity.c.kind.in_(("visit", "exec_visit")))
    kinds = activity.c.kind.in_(("visit", "exec_visit", "call", "meeting"))
    # A meeting has no status in some CRMs: one that lies ahead is planned, whatever it is called.
    ahead = or_(
        and_(activity.c.status == "planned", activity.c.day >= as_of),
        and_(activity.c.status != "cancelled", activity.c.day > as_of),
    )
    planned = and_(kinds, ahead)
    query = (
        select(
            activity.c.account_id,
            func.max(case((past, activity.c.day))).label("two_way"),
            func.max(case((visits, activity.c.day))).label("visit"),
            func.max(case((and_(past, activity.c.kind == "exec_visit"), activity.c.day))).label("exec_visit"),
            func.min(case((planned, activity.c.day))).label("planned"),
        )
        .where(activity.c.account_id.in_(accounts), activity.c.marker.is_(None), or_(past, planned))
        .group_by(activity.c.account_id)
    )
    strong, served = strengths(tx, accounts, as_of)
    found = {row.account_id: row for row in tx.execute(query)}
    return {
        account: TouchFacts(
            two_way=found[account].two_way if account in found else None,
            visit=found[account].visit if account in found else None,
            exec_visit=found[account].exec_visit if account in found else None,
            planned=found[account].planned if account in found else None,
            strength=strong.get(account, Decimal(0)),
            services_12m=served.get(account, 0),
        )
        for account in found.keys() | strong.keys() | served.keys()
    }


def _deals(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, DealFacts]:
    deal = TABLES["deal"]
    query = select(deal.c.account_id, deal.c.amount_base, deal.c.probability).where(
        deal.c.account_id.in_(accounts),
        deal.c.status == "open",
        deal.c.close_date > as_of,
        deal.c.close_date <= as_of + YEAR,
        deal.c.amount_base.is_not(None),
        deal.c.probability.is_not(None),
    )
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in tx.execute(query):
        sums[row.account_id] += row.amount_base * row.probability
    return {
        account: DealFacts(weighted_12m=int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
        for account, total in sums.items()
    }


def _contracts(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, ContractFacts]:
    """When the last contract ended, where none holds on the day and none follows it."""
    contract = TABLES["contract"]
    query = select(contract.c.account_id, contract.c.end, contract.c.successor_ref).where(
        contract.c.account_id.in_(accounts),
        or_(contract.c.status.is_(None), contract.c.status.in_(("active", "ended"))),
        or_(contract.c.start.is_(None), contract.c.start <= as_of),
    )
    held: dict[str, list[Any]] = defaultdict(list)
    for row in tx.execute(query):
        held[row.account_id].append(row)
    found = {}
    for account, rows in held.items():
        ended = [row for row in rows if row.end is not None and row.end < as_of]
        last = max(ended, key=lambda row: (row.end, row.successor_ref or ""), default=None)
        goes_on = len(ended) < len(rows) or last is None or last.successor_ref is not None
        found[account] = ContractFacts(over=None if goes_on or last is None else last.end)
    return found


def _surveys(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, SurveyFacts]:
    survey = TABLES["survey"]
    query = select(survey.c.account_id, survey.c.kind, survey.c.score, survey.c.max_score).where(
        survey.c.account_id.in_(accounts),
        survey.c.score.is_not(None),
        survey.c.date > as_of - YEAR,
        survey.c.date <= as_of,
    )
    csat: dict[str, list[Decimal]] = defaultdict(list)
    nps: dict[str, list[Decimal]] = defaultdict(list)
    for row in tx.execute(query):
        if row.kind == "nps":
            nps[row.account_id].append(Decimal(100 if row.score >= 9 else -100 if row.score <= 6 else 0))
        elif row.max_score is not None and row.max_score > 1:
            csat[row.account_id].append((row.score - 1) / (row.max_score - 1) * 100)
    return {
        account: SurveyFacts(csat=_mean(csat.get(account)), nps=_mean(nps.get(account)))
        for account in csat.keys() | nps.keys()
    }


def _mean(values: Sequence[Decimal] | None) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None
