"""The customer, as one CRM tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kamsync.model.values import Money, Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """客户. Ratings are 0–100; `size` is 大/中/小/微; `uscc` the unified social credit code."""

    name: str
    other_names: tuple[str, ...] = ()
    uscc: str | None = None
    industry: str | None = None
    ownership: str | None = None
    size: str | None = None
    employees: int | None = None
    annual_revenue: Money | None = None
    phone: str | None = None
    website: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    address: str | None = None
    parent: Ref | None = None
    owner: Ref | None = None
    backup_owner: Ref | None = None
    rating: str | None = None
    wallet: Money | None = None  # what the customer is thought to spend a year on what we sell
    wallet_date: date | None = None
    strategic: int | None = None
    influence: int | None = None
    since: date | None = None  # first cooperation, where someone wrote it down
    blacklisted: bool | None = None
    deregistered: bool | None = None
    created_at: datetime | None = None
