"""Contact records: those of an account, and those of several accounts that give one mobile or e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, select

from kamsync.plugin import batches
from kamsync.store.entities import KEY, TABLES
from kamsync.store.sql import fetch
from kamsync.store.tables import RawRow, Row, table

CONTACT, RAW = TABLES["contact"], table(RawRow)
CHUNK = 500
NAMED = ("account_id", "name", "title", "mobile", "email", "decision_role", "left_company", "left_on")
DIGITS = 11  # of a mobile number without its country


def of_accounts(tx: Connection, accounts: Sequence[str]) -> dict[str, list[Row]]:
    """The contact records of each of these accounts, with when the CRM last changed each."""
    found: dict[str, list[Row]] = {}
    for some in batches(accounts, CHUNK):
        for row in fetch(tx, _contacts().where(CONTACT.c.account_id.in_(some))):
            found.setdefault(row["account_id"], []).append(row)
    return found


def of_several(tx: Connection, many: int) -> list[Row]:
    """Contacts whose mobile or e-mail is given at more than one account, and at no more than so many."""
    found: dict[tuple[str, ...], Row] = {}
    for key in (_digits(tx), func.lower(CONTACT.c.email)):
        accounts = func.count(CONTACT.c.account_id.distinct())
        shared = select(key).where(key.is_not(None), key != "", CONTACT.c.account_id.is_not(None)).group_by(key)
        shared = shared.having(and_(accounts > 1, accounts <= many))
        for row in fetch(tx, _contacts().where(CONTACT.c.account_id.is_not(None), key.in_(shared))):
            found[tuple(row[name] for name in KEY)] = row
    return [found[place] for place in sorted(found)]


def _contacts() -> Any:
    same = and_(*(RAW.c[name] == CONTACT.c[name] for name in KEY))
    columns = [*(CONTACT.c[name] for name in (*KEY, *NAMED)), RAW.c.modified_at]
    return select(*columns).select_from(CONTACT.outerjoin(RAW, same)).order_by(*(CONTACT.c[name] for name in KEY))


def _digits(tx: Connection) -> Any:
    """The last digits of a mobile, however it is written: what is alike here is looked at closely elsewhere."""
    bare: Any = CONTACT.c.mobile
    for sign in (" ", "-", "(", ")", "+", "."):
        bare = func.replace(bare, sign, "")
    return func.right(bare, DIGITS) if tx.dialect.name == "postgresql" else func.substr(bare, -DIGITS)
