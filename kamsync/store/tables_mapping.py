"""The tables of mappings: every version that was in force, and by which of them each stream's entities were made.

Definitions only.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from kamsync.store.types import UtcTime


class MappingRow(SQLModel, table=True):
    """A mapping that was published: the newest version of a connection is the one in force. Only ever added to."""

    __tablename__ = "mapping"
    connection: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    digest: str  # of the text
    text: str = Field(sa_type=Text)
    who: str
    at: datetime = Field(sa_type=UtcTime)
    why: str = Field(sa_type=Text)


class AsideRow(SQLModel, table=True):
    """A mapping file that does not come into force by itself, though files may: a person decides. By its text."""

    __tablename__ = "mapping_aside"
    connection: str = Field(primary_key=True)
    digest: str
    zh: str = Field(sa_type=Text)
    en: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcTime)


class MappedRow(SQLModel, table=True):
    """By which reading of a stream its entities were made. While they are made anew: by which, and how far."""

    __tablename__ = "mapped"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    entity: str
    digest: str  # what the mapping means for this stream
    target: str | None = None
    position: str = ""
    linked: bool = True  # what was made anew has found its accounts
