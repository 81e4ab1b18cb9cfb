"""The tables of plans, of what was accepted and became of it, and of what waits for a person."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from kamsync.store.tables import table
from kamsync.store.types import DecimalText, Json, UtcTime

# planned: accepted, not sent · sending: on its way · unknown: nobody can tell · refused: the CRM said no · stale: to be
# planned anew · superseded: no longer wanted · dropped: a person gave it up · done: it is there · undone: it was.
IntentState = Literal["planned", "sending", "unknown", "refused", "stale", "superseded", "dropped", "done", "undone"]


class PlanRow(SQLModel, table=True):
    """A plan: what should change, as it was against the live CRMs."""

    __tablename__ = "plan"
    id: int | None = Field(default=None, primary_key=True)
    as_of: date
    made_at: datetime = Field(sa_type=UtcTime)
    digest: str
    credits: Decimal = Field(sa_type=DecimalText)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcTime)
    undoes: int | None = None  # the run that it takes back; None: a plan of what is wanted


class ChangeRow(SQLModel, table=True):
    """One row of a plan. `payload` is what an intent would carry.

    `state`: planned, skipped, held, or withdrawn (of an undo: it was accepted, has not left, and is not to).
    """

    __tablename__ = "change"
    plan: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    key: str
    kind: str
    connection: str
    stream: str
    object: str
    remote_id: str
    account: str
    now: Any = Field(default=None, sa_type=Json, nullable=True)
    last_written: Any = Field(default=None, sa_type=Json, nullable=True)
    wanted: Any = Field(default=None, sa_type=Json, nullable=True)
    zh: str = Field(default="", sa_type=Text)
    en: str = Field(default="", sa_type=Text)
    credits: Decimal = Field(sa_type=DecimalText)
    payload: Any = Field(default=None, sa_type=Json, nullable=True)
    state: str = "planned"
    hold: int | None = None


class IntentRow(SQLModel, table=True):
    """An accepted change on its way out: durable before any call leaves."""

    __tablename__ = "intent"
    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    plan: int
    kind: str
    connection: str
    stream: str
    object: str
    remote_id: str
    account: str
    payload: Any = Field(default=None, sa_type=Json, nullable=True)
    before: Any = Field(default=None, sa_type=Json, nullable=True)
    state: str = Field(index=True)  # an IntentState
    attempt: int = 0
    epoch: int = Field(sa_type=BigInteger)
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
    written_id: str | None = None
    code: str = ""
    cause: str = ""  # what the code means, where the connector can tell: a `Cause`
    message: str = Field(default="", sa_type=Text)
    run: int
    hold: int | None = Field(default=None, index=True)  # of what was undone: what keeps it from being written again


class ReceiptRow(SQLModel, table=True):
    """What became of one attempt; only ever added to."""

    __tablename__ = "receipt"
    id: int | None = Field(default=None, primary_key=True)
    intent: str = Field(index=True)
    attempt: int
    epoch: int = Field(sa_type=BigInteger)
    outcome: str
    code: str = ""
    remote_id: str | None = None
    evidence: str = ""
    at: datetime = Field(sa_type=UtcTime)


class HoldRow(SQLModel, table=True):
    """Something a guard stopped: it waits for a person and never expires by itself."""

    __tablename__ = "hold"
    id: int | None = Field(default=None, primary_key=True)
    guard: str
    connection: str
    subject: str
    count: int
    of: int
    sample: Any = Field(default=None, sa_type=Json, nullable=True)
    zh: str = Field(sa_type=Text)
    en: str = Field(sa_type=Text)
    state: str = Field(default="held", index=True)  # held | approved | over
    made_at: datetime = Field(sa_type=UtcTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)


class ContestRow(SQLModel, table=True):
    """A facet that others keep changing back: nothing is written there. `revision`: of the wish when it began."""

    __tablename__ = "contest"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    facet: str = Field(primary_key=True)
    account: str
    revision: int
    since: datetime = Field(sa_type=UtcTime)


Index("intent_place", table(IntentRow).c.connection, table(IntentRow).c.stream, table(IntentRow).c.remote_id)
