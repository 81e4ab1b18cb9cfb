"""The table of policies on their way into force: drafted, approved, published, rolled back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from kamsync.store.types import Json, UtcTime


class PublicationRow(SQLModel, table=True):
    """One version of a tier policy. `starts`: from which local date it judges; `ended_at`: it was rolled back."""

    __tablename__ = "publication"
    id: int | None = Field(default=None, primary_key=True)
    version: str
    name: str
    text: str = Field(sa_type=Text)
    why: str
    author: str
    drafted_at: datetime = Field(sa_type=UtcTime)
    simulation: Any = Field(default=None, sa_type=Json, nullable=True)
    approver: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UtcTime)
    publisher: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=UtcTime)
    starts: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
