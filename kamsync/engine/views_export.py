"""Export what was gathered: accounts with their standing, and every record that belongs to them.

Reads only. Money comes out as decimal text beside its currency; a member says where each line came from.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.belonging import tree
from kamsync.engine.shapes import figure
from kamsync.engine.workspace import Workspace
from kamsync.model import ENTITIES, Money, Ref, from_minor
from kamsync.rules.golden import conflicts, every
from kamsync.store import golden, looking, verdicts
from kamsync.store.entities import entity_of
from kamsync.store.facts import book
from kamsync.store.tables import Row

KINDS = {
    "accounts": "account",
    "contacts": "contact",
    "activities": "activity",
    "deals": "deal",
    "orders": "order",
    "order_lines": "order_line",
    "returns": "return",
    "contracts": "contract",
    "invoices": "invoice",
    "payments": "payment",
    "cases": "case",
    "surveys": "survey",
    "inspections": "inspection",
    "trainings": "training",
}
STANDING = ("id", "name", "tier", "score", "coverage", "members", "as_of", "scored_tier", "since")
WORKED_OUT = ("conflicts", "parent_account", "group")
CHUNK = 500


@cache
def _kinds(entity: str) -> list[tuple[str, bool]]:
    """The fields of an entity, and whether each is money."""
    hints = typing.get_type_hints(ENTITIES[entity]).items()
    return [(name, Money in (hint, *typing.get_args(hint))) for name, hint in hints]


def columns(kind: str) -> list[str]:
    """The keys of every line of this kind, in order."""
    names: list[str] = []
    for name, is_money in _kinds(KINDS[kind]):
        names += [name, f"{name}_currency"] if is_money else [name]
    if kind == "accounts":
        return [*STANDING, *(name for name in names if name not in STANDING), *WORKED_OUT]
    return ["id", "account", "account_name", "members", *(name for name in names if name != "account")]


def export(workspace: Workspace, kind: str) -> Iterator[dict[str, Any]]:
    """The lines of one kind, each a flat JSON value."""
    with workspace.store.read() as tx:
        yield from _accounts(workspace, tx) if kind == "accounts" else _records(tx, KINDS[kind])


def _accounts(workspace: Workspace, tx: Connection) -> Iterator[dict[str, Any]]:
    ids = book(tx)
    newest = looking.newest_evaluations(tx) if verdicts.latest_date(tx) else {}
    belongs = tree(workspace, tx)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        names, members = looking.account_names(tx, chunk), golden.members(tx, chunk)
        for id in chunk:
            line = _account(workspace, id, names[id], newest.get(id), _preferred(workspace, members.get(id, [])))
            tie, top = belongs.parents.get(id), belongs.top(id)
            group = top if tie is not None or id in belongs.children else None
            yield line | {"parent_account": tie.parent if tie else None, "group": group}


def _preferred(workspace: Workspace, rows: list[Row]) -> list[Row]:
    rank = {name: place for place, name in enumerate(workspace.prefer)}
    return sorted(rows, key=lambda row: rank.get(row["connection"], len(rank)))


def _account(workspace: Workspace, id: str, name: str, judged: Row | None, members: Sequence[Row]) -> dict[str, Any]:
    """One account: its standing, of each field the value that survives, and where its records contradict each other."""
    line: dict[str, Any] = {
        "id": id,
        "name": name,
        "tier": judged["tier"] if judged else None,
        "score": figure(judged["score"]) if judged else None,
        "coverage": figure(judged["coverage"]) if judged else None,
        "members": [_member(row) for row in members],
        "as_of": judged["as_of"].isoformat() if judged else None,
        "scored_tier": judged["scored_tier"] if judged else None,
        "since": judged["since"].isoformat() if judged else None,
    }
    fields = _fields("account", _golden(workspace, members)) if members else {}
    line |= {key: value for key, value in fields.items() if key not in STANDING}
    return line | {"conflicts": [one.name for one in conflicts(members, workspace.golden)]}


def _golden(workspace: Workspace, members: Sequence[Row]) -> Row:
    """One record made of the values that survive."""
    if len(members) == 1:
        return members[0]
    row: Row = dict.fromkeys(members[0])
    for one in every(members, workspace.golden):
        row |= one.told.values
    return row


def _records(tx: Connection, entity: str) -> Iterator[dict[str, Any]]:
    batch: list[Row] = []
    for row in looking.records(tx, entity):
        batch.append(row)
        if len(batch) == CHUNK:
            yield from _named(tx, entity, batch)
            batch = []
    yield from _named(tx, entity, batch)


def _named(tx: Connection, entity: str, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    names = looking.account_names(tx, sorted({row["account_id"] for row in rows if row["account_id"]}))
    for row in rows:
        head = {
            "id": f"{row['connection']}/{row['stream']}/{row['remote_id']}",
            "account": row["account_id"],
            "account_name": names.get(row["account_id"]),
            "members": [_member(row)],
        }
        fields = _fields(entity, row)
        fields.pop("account", None)
        yield head | fields


def _member(row: Row) -> dict[str, str]:
    return {name: row[name] for name in ("connection", "stream", "remote_id")}


def _fields(entity: str, row: Row) -> dict[str, Any]:
    value = entity_of(entity, row)
    shown: dict[str, Any] = {}
    for field, is_money in _kinds(entity):
        shown |= _money(field, getattr(value, field)) if is_money else {field: _plain(getattr(value, field))}
    return shown


def _money(field: str, money: Money | None) -> dict[str, Any]:
    if money is None:
        return {field: None, f"{field}_currency": None}
    return {field: figure(from_minor(money.minor, money.currency)), f"{field}_currency": money.currency}


def _plain(value: Any) -> Any:
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return figure(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
