"""The tables of being called by a CRM: what it named and was not looked at yet, and until when it will go on calling.

Definitions only; all of it may be lost, because polling is the truth.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from kamsync.store.types import UtcTime


class HookRow(SQLModel, table=True):
    """An object that a CRM named. It waits to be looked at while `asked` is ahead of `done`. `at`: the last time."""

    __tablename__ = "hook"
    connection: str = Field(primary_key=True)
    object: str = Field(primary_key=True)
    asked: int = 0
    done: int = 0
    at: datetime = Field(sa_type=UtcTime)


class WatchRow(SQLModel, table=True):
    """A CRM that was asked to call `url`, by our clock. `until` None: for good."""

    __tablename__ = "watch"
    connection: str = Field(primary_key=True)
    url: str
    since: datetime = Field(sa_type=UtcTime)
    until: datetime | None = Field(default=None, sa_type=UtcTime)
