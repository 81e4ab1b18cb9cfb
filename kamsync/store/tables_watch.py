"""The tables of what is remembered about streams: what they cost, what they lacked, what is not right with them.

Definitions only; none of it is needed to rebuild the book, all of it is learned again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from kamsync.store.types import Json, UtcTime


class SpentRow(SQLModel, table=True):
    """Calls and credits spent on a connection, by minute and purpose: a ledger that all processes share."""

    __tablename__ = "spent"
    connection: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=UtcTime)
    lane: str = Field(primary_key=True)  # urgent | delta | backfill
    calls: int
    credits: int


class ParkedRow(SQLModel, table=True):
    """A connection whose CRM said that the day's quota is gone: nothing is read before that moment."""

    __tablename__ = "parked"
    connection: str = Field(primary_key=True)
    until: datetime = Field(sa_type=UtcTime)


class CostRow(SQLModel, table=True):
    """What the latest whole read of a stream took: the next one is reckoned from it."""

    __tablename__ = "cost"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)  # records | sweep
    records: int
    calls: int
    credits: int
    seconds: float
    at: datetime = Field(sa_type=UtcTime)


class SeenRow(SQLModel, table=True):
    """An id that the whole list under way has shown. `stale`: what is stored of it is not what was listed."""

    __tablename__ = "seen"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    stale: bool = False
    modified_at: datetime | None = Field(default=None, sa_type=UtcTime)


class MissedRow(SQLModel, table=True):
    """A record that the latest whole list did not show. `lists`: how many in a row."""

    __tablename__ = "missed"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    lists: int = 1
    since: datetime = Field(sa_type=UtcTime)
    hidden: bool = False


class MovedRow(SQLModel, table=True):
    """A record that now belongs to another customer than before: what it left may have been merged away."""

    __tablename__ = "moved"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    from_stream: str = Field(primary_key=True)
    from_ref: str = Field(primary_key=True)
    to_ref: str
    at: datetime = Field(sa_type=UtcTime)


class LatenessRow(SQLModel, table=True):
    """How late changes became visible, counted: up to so many seconds (0: in time)."""

    __tablename__ = "lateness"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    seconds: int = Field(primary_key=True)
    count: int


class GuaranteeRow(SQLModel, table=True):
    """What a connection last promised about writing one kind (task, tags), and what would raise it."""

    __tablename__ = "guarantee"
    connection: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    level: str
    wait: float  # seconds before a look after doubt
    zh: str = Field(sa_type=Text)
    en: str = Field(sa_type=Text)
    better_zh: str | None = None
    better_en: str | None = None
    at: datetime = Field(sa_type=UtcTime)


class LagRow(SQLModel, table=True):
    """A task that surely was made, as looks for it went. Seconds after it was sent: `missed`, when a look last did not
    show it (0: none); `seen`, when the first one did (None: none yet)."""

    __tablename__ = "lag"
    connection: str = Field(primary_key=True)
    intent: str = Field(primary_key=True)
    sent_at: datetime = Field(sa_type=UtcTime)
    missed: float
    seen: float | None = None


class ConcernRow(SQLModel, table=True):
    """Something about a stream (or, without one, a connection) that is not as it should be, until it is over."""

    __tablename__ = "concern"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    zh: str = Field(sa_type=Text)
    en: str = Field(sa_type=Text)
    next: str
    since: datetime = Field(sa_type=UtcTime)


class KnownRow(SQLModel, table=True):
    """How well the tasks of a connection that carry our marker are known here. `sure`: a new one may be made."""

    __tablename__ = "known"
    connection: str = Field(primary_key=True)
    sure: bool = False
    listed_at: datetime | None = Field(default=None, sa_type=UtcTime)  # by the server's clock: up to then all is known
    whole_at: datetime | None = Field(default=None, sa_type=UtcTime)  # by ours: when the latest whole list was begun
    lost_at: datetime | None = Field(default=None, sa_type=UtcTime)  # by ours: when tasks showed that no book tells of
    due: bool = False  # a whole list is asked for
    figures: Any = Field(default=None, sa_type=Json, nullable=True)  # of the latest whole list


class FieldRow(SQLModel, table=True):
    """A field as the tenant first described it under the mapping of that day. `here`: it is still there."""

    __tablename__ = "field"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    lasting_id: str = ""
    label: str
    type: str
    choices: Any = Field(default=None, sa_type=Json, nullable=True)
    silent: bool = False
    here: bool = True
    mapping: str
    seen_at: datetime = Field(sa_type=UtcTime)
