"""The keys of a connection to files, and what may be said of each kind of file in the folder.

Checks their form only; whether the files are there, `kamsync doctor` finds out.
"""

from __future__ import annotations

import codecs
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from kamsync.plugin import Options, Text

A_PATH = Text(
    "应为文件夹里的文件名或模式,如 orders-*.csv",
    "should be a file name or pattern below the folder, such as orders-*.csv",
)
AN_ENCODING = Text(
    "没有这种编码;常用的有 utf-8、utf-8-sig、gb18030", "is no encoding; usual ones are utf-8, utf-8-sig, gb18030"
)
A_ZONE = Text('应为时区名,如 "Asia/Shanghai"', 'should be an IANA name, such as "Asia/Shanghai"')


class FileSet(BaseModel):
    """The files that make up one stream, and what cannot be guessed of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str  # a pattern below the folder: orders.csv, orders-*.xlsx, 2026/*/orders.csv
    key: tuple[str, ...] = ()  # the columns that name a row; without them a row is known by its content
    columns: tuple[str, ...] = ()  # take only these, and each key once: customers that are named in another file
    modified: str | None = None  # the column that says when a row was last changed
    dates: tuple[str, ...] = ()  # columns whose bare numbers are Excel's days
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    header: int | None = Field(default=None, ge=1)  # the line that names the columns
    sheet: str | None = None

    @field_validator("path")
    @classmethod
    def _stays_below(cls, value: str) -> str:
        path = PurePath(value)
        if not value.strip() or path.is_absolute() or ".." in path.parts:
            raise ValueError(A_PATH)
        return value

    @field_validator("key", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            return codecs.lookup(value).name
        except LookupError:
            raise ValueError(AN_ENCODING) from None

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that these settings speak of."""
        return tuple(
            dict.fromkeys([*self.key, *self.columns, *([self.modified] if self.modified else []), *self.dates])
        )


class FilesOptions(Options):
    """A folder of CSV and Excel files."""

    folder: Path
    files: dict[str, FileSet] = Field(default_factory=dict)  # none: each file is a stream under its own name
    timezone: str = "Asia/Shanghai"  # whose clock the times in the files are of

    @field_validator("folder")
    @classmethod
    def _below_the_config(cls, value: Path, info: ValidationInfo) -> Path:
        base = Path(info.context["folder"]) if info.context else Path()
        return base / value.expanduser()

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(A_ZONE) from None
        return value
