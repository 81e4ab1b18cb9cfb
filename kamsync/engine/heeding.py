"""Heed what people decided, as part of linking: their word stands before any rule is asked.

What linking decides follows from the records and from the words that stand; so a word that ends needs no undoing here.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from kamsync.model import Member
from kamsync.rules.deciding import Said
from kamsync.rules.identity import Known
from kamsync.store import decisions
from kamsync.store.tables import Row


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
        name=row["name"] or "",
        other_names=tuple(row["other_names"] or ()),
        uscc=row["uscc"],
        phone=row["phone"],
        website=row["website"],
        province=row["province"],
        city=row["city"],
        industry=row["industry"],
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
    """See to decisions that were made, ended or moved since the last time: their records are to be decided of anew.
    Those that were told to leave."""
    decisions.follow_merges(tx)
    fresh = decisions.not_carried(tx)
    decisions.carry(tx, fresh)
    return {name_of(decisions.members(row)[1]) for row in fresh if row["leaves"]}
