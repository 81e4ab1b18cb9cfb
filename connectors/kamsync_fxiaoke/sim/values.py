"""How this CRM writes moments, days and amounts: milliseconds, China midnights, decimal strings.

Conversions only; knows no field.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CHINA = timezone(timedelta(hours=8))
_DAY = 86_400_000
_EAST = 8 * 3_600_000


def ms(moment: datetime) -> int:
    """Epoch milliseconds of an aware moment."""
    return round(moment.timestamp() * 1000)


def moment(stamp: int) -> datetime:
    """The moment of epoch milliseconds, on China's clock."""
    return datetime.fromtimestamp(stamp / 1000, CHINA)


def midnight(day: date) -> int:
    """A day as this CRM stores it: the start of that day in China."""
    return ms(datetime(day.year, day.month, day.day, tzinfo=CHINA))


def floor_day(stamp: int) -> int:
    """The China midnight that `stamp` falls after."""
    return (stamp + _EAST) // _DAY * _DAY - _EAST


def amount(value: Decimal, places: int) -> str:
    """A number as text with its fixed count of decimals."""
    return str(value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def decimal(value: Any) -> Decimal:
    """A number however it was handed in: text, number, or an amount in minor units of two decimals."""
    minor = getattr(value, "minor", None)
    return Decimal(str(value)) if minor is None else Decimal(minor).scaleb(-2)
