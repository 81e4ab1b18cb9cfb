"""The small values that entities are made of: money, references, birthdays, where something was read.

Money is integer minor units; unknown is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

# ISO 4217: how many decimals a currency has, where it is not two.
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of `currency`; `base` is the same in minor units of the base currency, None if no rate is known."""

    minor: int
    currency: str
    base: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A record of another stream, as the CRM points to it. `stream` is None where that object is not mapped."""

    stream: str | None
    id: str


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """One CRM record that stands for an account (or another entity): where it is."""

    connection: str
    stream: str
    remote_id: str


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day of the year, of the solar calendar or (农历) of the lunar one; `leap`: in the lunar leap month (闰月).

    `year` is of the same calendar, None where only the day is known. A lunar month has 30 days at most.
    """

    month: int
    day: int
    year: int | None = None
    lunar: bool = False
    leap: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value of the file comes from: the record, and when the CRM last changed that (None: it does not say)."""

    member: Member
    modified_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Filed:
    """What every entity carries. `verified_at`: when a person last confirmed that what stands there is true (UTC).

    Entities have no slots: what a record does not tell is the class's own default and takes neither time nor room.
    """

    verified_at: datetime | None = None


def exponent(currency: str) -> int:
    """Decimals of a currency by ISO 4217; two where it is not known to differ."""
    return EXPONENTS.get(currency.upper(), 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in whole units as integer minor units, half up."""
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_minor(minor: int, currency: str) -> Decimal:
    """Integer minor units as an amount in whole units, exactly."""
    return Decimal(minor).scaleb(-exponent(currency))
