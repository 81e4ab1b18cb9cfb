"""From a tag or a task back to where it came from: the rows that one chain is made of. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, or_, select

from kamsync.store import outbox
from kamsync.store.sql import fetch
from kamsync.store.tables import DutyRow, OursRow, RawRow, Row, StateRow, table
from kamsync.store.tables_audit import AuditRow
from kamsync.store.tables_outbox import ChangeRow, IntentRow, ReceiptRow

INTENT, CHANGE, RECEIPT = table(IntentRow), table(ChangeRow), table(ReceiptRow)
DUTY, STATE, RAW, OURS, AUDIT = table(DutyRow), table(StateRow), table(RawRow), table(OursRow), table(AuditRow)


def duties_named(tx: Connection, name: str) -> list[Row]:
    """Duties by their id, their marker, or the id of the task that was made of them."""
    made = select(INTENT.c.key).where(INTENT.c.kind == "task", INTENT.c.written_id == name)
    seen = select(OURS.c.marker).where(OURS.c.remote_id == name)
    same = or_(DUTY.c.id == name, DUTY.c.marker == name, ("task:" + DUTY.c.id).in_(made), DUTY.c.marker.in_(seen))
    return _in_order(tx, same)


def duties_of(tx: Connection, accounts: Sequence[str]) -> list[Row]:
    return _in_order(tx, DUTY.c.account.in_(accounts))


def _in_order(tx: Connection, which: ColumnElement[bool]) -> list[Row]:
    return fetch(tx, select(DUTY).where(which).order_by(DUTY.c.owed_on.desc(), DUTY.c.id))


def states_at(tx: Connection, connection: str, remote_id: str) -> list[Row]:
    """What is wanted of the facets of a record."""
    here = (STATE.c.connection == connection, STATE.c.remote_id == remote_id)
    return fetch(tx, select(STATE).where(*here).order_by(STATE.c.facet))


def states_of(tx: Connection, accounts: Sequence[str]) -> list[Row]:
    order = (STATE.c.connection, STATE.c.stream, STATE.c.remote_id)
    return fetch(tx, select(STATE).where(STATE.c.account.in_(accounts)).order_by(*order))


def intents(tx: Connection, keys: ColumnElement[bool]) -> list[Row]:
    """Intents that fit, the newest first."""
    return fetch(tx, select(INTENT).where(keys).order_by(INTENT.c.run.desc(), INTENT.c.plan.desc()))


def planned(tx: Connection, key: str, plan: int | None = None) -> Row | None:
    """The row of a key in a plan; by default the newest."""
    rows = select(CHANGE).where(CHANGE.c.key == key).order_by(CHANGE.c.plan.desc()).limit(1)
    found = fetch(tx, rows if plan is None else rows.where(CHANGE.c.plan == plan))
    return found[0] if found else None


def raw(tx: Connection, connection: str, stream: str, remote_id: str) -> Row | None:
    """When a record was last changed there and landed here; not its body."""
    columns = (RAW.c.modified_at, RAW.c.landed_at, RAW.c.run, RAW.c.life, RAW.c.gone_into)
    here = (RAW.c.connection == connection, RAW.c.stream == stream, RAW.c.remote_id == remote_id)
    rows = fetch(tx, select(*columns).where(*here))
    return rows[0] if rows else None


def receipts(tx: Connection, intent: str) -> list[Row]:
    """Every attempt of an intent and what is known of it, in order."""
    return fetch(tx, select(RECEIPT).where(RECEIPT.c.intent == intent).order_by(RECEIPT.c.id))


def who_applied(tx: Connection, plan: int) -> Row | None:
    """The person who applied a plan, from the audit trail; None: it went out unattended, or on approval of a hold."""
    same = (AUDIT.c.deed == "plan.applied", AUDIT.c.subject == str(plan))
    rows = fetch(tx, select(AUDIT.c.who, AUDIT.c.at).where(*same).order_by(AUDIT.c.seq.desc()).limit(1))
    return rows[0] if rows else None


def task_intents(tx: Connection, duty: str) -> list[Row]:
    return intents(tx, INTENT.c.key == f"task:{duty}")


def tag_intents(tx: Connection, connection: str, stream: str, remote_id: str) -> list[Row]:
    """All that was ever accepted for the tags of a record, the newest first."""
    here = (INTENT.c.connection == connection) & (INTENT.c.stream == stream) & (INTENT.c.remote_id == remote_id)
    return intents(tx, here & (INTENT.c.kind == "tags"))


def with_undoing(tx: Connection, intent: Row) -> list[Row]:
    """An intent and before it, the newest first, what took it back, and what took that back …"""
    line = [intent]
    while (last := outbox.by_keys(tx, [f"undo:{line[0]['id']}:{line[0]['attempt']}"])) != {}:
        line.insert(0, *last.values())
    return line
