"""The table of what people decided about who is one customer. Rows are ended, never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from kamsync.store.types import Json, UtcTime


class DecisionRow(SQLModel, table=True):
    """A person said that two records are the same customer, or different ones. It stands while `ended_at` is unset.

    Records are named as the CRM names them. `a_now`, `b_now`: what they are since merges in the CRM. `carried`: the
    link step has seen to it, as it stands or as it ended.
    """

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    batch: int = Field(index=True)  # made in one go, taken back in one go
    said: str  # same | different
    a_connection: str
    a_stream: str
    a_id: str
    a_now: str
    b_connection: str
    b_stream: str
    b_id: str
    b_now: str
    leaves: bool = False  # b was told to leave the account of both
    who: str
    at: datetime = Field(sa_type=UtcTime)
    reason: str = Field(default="", sa_type=Text)
    facts: Any = Field(default=None, sa_type=Json, nullable=True)  # score, vetoes passed over, accounts as they were
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime, index=True)
    ended_by: str = ""
    ended_why: str = Field(default="", sa_type=Text)
    carried: bool = Field(default=False, index=True)
