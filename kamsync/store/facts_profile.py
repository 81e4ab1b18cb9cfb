"""Gather the state of customers' files: which fields hold something, when people verified them, who may be double.

A field that a connection never fills for anybody is unknown there, not empty. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, or_, select

from kamsync.rules.care_facts import ProfileFacts
from kamsync.rules.codes import phone_key, uscc_valid
from kamsync.rules.quality import is_filled
from kamsync.rules.regions import place
from kamsync.store.entities import TABLES
from kamsync.store.sql import fetch
from kamsync.store.tables import ReviewRow, Row, table

MEMBER, REVIEW = TABLES["account"], table(ReviewRow)
CHUNK = 400
# Fields of the file, each with the columns of which one is enough.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",), "uscc": ("uscc",), "owner": ("owner_ref",), "industry": ("industry", "industry_code"),
    "region": ("region", "province", "city"), "phone": ("phone",), "payment_terms": ("payment_terms", "credit_days"),
    "size": ("size", "employees"), "address": ("address",), "parent": ("parent_ref", "group_name"),
    "website": ("website", "domain"), "verified": ("verified_at",),
}  # fmt: skip
COLUMNS = tuple(column for columns in FIELDS.values() for column in columns)


@dataclass(frozen=True, slots=True)
class Telling:
    """What each connection tells of at all: which columns of accounts it ever fills."""

    columns: Mapping[str, frozenset[str]]


def telling(tx: Connection) -> Telling:
    """One look over the book."""
    counts = [func.count(MEMBER.c[name]).label(name) for name in COLUMNS]
    rows = fetch(tx, select(MEMBER.c.connection, *counts).group_by(MEMBER.c.connection))
    return Telling(
        {row["connection"]: frozenset(name for name, count in row.items() if name != "connection" and count)
         for row in rows}
    )  # fmt: skip


def profiles(
    tx: Connection, accounts: Sequence[str], known: Telling, as_of: date, zone: ZoneInfo
) -> dict[str, ProfileFacts]:
    """The state of each account's own records (without who keeps them, which `engine` tells)."""
    key = ("connection", "stream", "remote_id", "account_id")
    columns = (*key, *COLUMNS, "ownership", "flags", "country")
    query = select(*(MEMBER.c[name] for name in columns)).where(MEMBER.c.account_id.in_(accounts))
    by_account: dict[str, list[Row]] = defaultdict(list)
    for row in fetch(tx, query.order_by(MEMBER.c.connection, MEMBER.c.stream, MEMBER.c.remote_id)):
        by_account[row["account_id"]].append(row)
    names = {_name(row): account for account, rows in by_account.items() for row in rows}
    twins = _twins(tx, names)
    return {
        account: _profile(by_account[account], known, twins.get(account, ()), as_of, zone) for account in by_account
    }


def _name(row: Row) -> str:
    return f"{row['connection']}/{row['stream']}/{row['remote_id']}"


def _twins(tx: Connection, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The other record of each pair that waits for a person, by account."""
    found: dict[str, set[str]] = defaultdict(set)
    some = list(names)
    for start in range(0, len(some), CHUNK):
        part = some[start : start + CHUNK]
        pairs = select(REVIEW.c.a, REVIEW.c.b).where(
            REVIEW.c.verdict == "review", or_(REVIEW.c.a.in_(part), REVIEW.c.b.in_(part))
        )
        for a, b in tx.execute(pairs):
            for mine, other in ((a, b), (b, a)):
                if mine in names and names.get(other) != names[mine]:
                    found[names[mine]].add(other)
    return {account: tuple(sorted(others)) for account, others in found.items()}


def _profile(rows: Sequence[Row], known: Telling, twins: tuple[str, ...], as_of: date, zone: ZoneInfo) -> ProfileFacts:
    checks = list(_checks(rows))
    connections = [row["connection"] for row in rows]
    verified = [row["verified_at"].astimezone(zone).date() for row in rows if row["verified_at"] is not None]
    told = {column for name in set(connections) for column in known.columns.get(name, ())}
    return ProfileFacts(
        filled={name: _filled(rows, columns) for name, columns in FIELDS.items() if told & set(columns)},
        verified=max((day for day in verified if day <= as_of), default=None),
        ownership=next((row["ownership"] for row in rows if row["ownership"]), None),
        flags=tuple(sorted({flag for row in rows for flag in row["flags"] or ()})),
        twins=twins,
        doubled=len(set(connections)) < len(connections),
        passed=sum(checks),
        checks=len(checks),
    )


def _filled(rows: Sequence[Row], columns: Collection[str]) -> bool | None:
    """Any record's value will do; None where it was said not to apply."""
    found = [is_filled(row[column]) for row in rows for column in columns]
    return True if True in found else None if None in found else False


def _checks(rows: Sequence[Row]) -> Iterator[bool]:
    """Values that can be checked by themselves, and whether they hold."""
    for row in rows:
        if is_filled(row["uscc"]):
            yield uscc_valid(row["uscc"])
        if row["phone"]:
            yield phone_key(row["phone"]) is not None
        if is_filled(row["province"]) and row["country"] in (None, "", "中国", "China", "CN"):
            yield bool(place(row["province"]))
        if is_filled(row["website"]):
            yield "." in row["website"] and " " not in row["website"].strip()
