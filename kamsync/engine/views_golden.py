"""What a customer's file shows where several CRMs tell of it, and where they contradict one another.

Reads only: a value that loses stays in its CRM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.shapes import figure
from kamsync.engine.views_find import find_account
from kamsync.engine.workspace import Workspace
from kamsync.model import from_minor
from kamsync.rules.golden import Golden, Told, conflicts, every
from kamsync.store import golden


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field of one account."""

    account: str
    name: str
    golden: Golden


def of_book(workspace: Workspace, asked: str | None = None) -> Iterator[Conflict]:
    """Every contradiction between CRMs, account by account; `asked`: of one account. Raises NoSuchAccount."""
    only = None if asked is None else find_account(workspace, asked)
    with workspace.store.read() as tx:
        for some in [[only]] if only is not None else golden.of_several(tx):
            yield from _of_some(workspace, tx, some)


def _of_some(workspace: Workspace, tx: Connection, accounts: Sequence[str]) -> Iterator[Conflict]:
    called = golden.names(tx, accounts)
    for account, rows in golden.members(tx, accounts).items():
        for found in conflicts(rows, workspace.golden):
            yield Conflict(account, called.get(account, ""), found)


def values(workspace: Workspace, tx: Connection, account: str) -> list[Golden]:
    """Every field of an account that any of its records has."""
    rows = golden.members(tx, [account]).get(account, [])
    return list(every(rows, workspace.golden))


# ---- as JSON


def conflict_json(found: Conflict) -> dict[str, Any]:
    return {"account": found.account, "name": found.name} | golden_json(found.golden)


def golden_json(found: Golden) -> dict[str, Any]:
    return {
        "field": found.name,
        "why": found.why,
        **_told(found.name, found.told),
        "conflicts": [_told(found.name, one) for one in found.conflicts],
    }


def _told(name: str, one: Told) -> dict[str, Any]:
    member, at = one.source.member, one.source.modified_at
    return {
        "value": shown(name, one),
        "connection": member.connection,
        "stream": member.stream,
        "remote_id": member.remote_id,
        "modified_at": at.isoformat() if at else None,
    }


def shown(name: str, one: Told) -> Any:
    """A value as programs read it: money as decimal text, an address as one line, a reference as its id."""
    values = one.values
    if f"{name}_minor" in values:
        minor, currency = values[f"{name}_minor"], values[f"{name}_currency"]
        return None if minor is None else f"{figure(from_minor(minor, currency))} {currency}"
    if name == "address":
        parts = (values.get(part) for part in ("province", "city", "address"))
        return " ".join(dict.fromkeys(part for part in parts if part)) or None
    value = values.get(name, values.get(f"{name}_ref"))
    if isinstance(value, date | datetime):
        return value.isoformat()
    return figure(value) if isinstance(value, Decimal) else value
