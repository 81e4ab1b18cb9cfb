"""The table of what was done to the outside and what people decided. Only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kamsync.store.types import Json, UtcTime


class AuditRow(SQLModel, table=True):
    """One deed. `digest` is over the deed and the digest before it: whoever changes one changes all that follow."""

    __tablename__ = "audit"
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcTime)
    who: str
    deed: str = Field(index=True)
    subject: str
    facts: Any = Field(default=None, sa_type=Json, nullable=True)
    previous: str
    digest: str
