"""Column types that keep their promise on SQLite and PostgreSQL alike.

Instants come back aware and in UTC; decimals come back exact; JSON is text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class UtcTime(TypeDecorator[datetime]):
    """An instant: aware on the way in, aware and UTC on the way out (SQLite would drop the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone")
        return value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """SQLite keeps text: written here in one go, for a pull writes a few instants a record."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        to_utc = self.process_bind_param
        before: tuple[datetime | None, str | None] = (None, None)

        def written(value: datetime | None) -> str | None:
            nonlocal before
            known, text = before
            if value is not known:  # one instant is written in row after row
                utc = value if value is None or value.tzinfo is UTC else to_utc(value, dialect)
                text = None if utc is None else utc.isoformat(" ", "microseconds")[:26]  # without the offset
                before = (value, text)
            return text

        return written

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DecimalText(TypeDecorator[Decimal]):
    """A decimal kept as text, so that no digit is lost."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Json(TypeDecorator[Any]):
    """A plain value as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _JSON.encode(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """In one go, and nothing at all for an empty list, which most lists are."""

        def written(value: Any) -> str | None:
            return "[]" if value == [] else None if value is None else _JSON.encode(value)

        return written

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)
