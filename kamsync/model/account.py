"""The customer, as one CRM tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from kamsync.model.values import Filed, Money, Ref

Size = Literal["大", "中", "小", "微"]
Ownership = Literal["state_owned", "private", "foreign", "joint_venture", "public_body", "listed", "other"]
Lifecycle = Literal["prospect", "new", "growing", "mature", "declining", "dormant", "lost"]
Relation = Literal["subsidiary", "branch", "joint_venture", "affiliate"]


@dataclass(frozen=True, kw_only=True)
class Account(Filed):
    """客户. Codes are None where what the CRM has is no code; ratings are 0–100 and say who gave them, when and why."""

    name: str
    other_names: tuple[str, ...] = ()
    uscc: str | None = None  # 统一社会信用代码, as written; a mistyped one is kept and noted
    industry: str | None = None
    industry_code: str | None = None  # GB/T 4754-2017: section, division or class, such as C or C36
    ownership: Ownership | None = None
    size: Size | None = None
    employees: int | None = None
    annual_revenue: Money | None = None
    founded: date | None = None
    phone: str | None = None
    website: str | None = None
    domain: str | None = None  # the registrable domain, None for mail hosts and shop platforms
    country: str | None = None
    province: str | None = None
    city: str | None = None
    region: str | None = None  # GB/T 2260: six digits, as narrow as is known
    address: str | None = None
    parent: Ref | None = None
    relation: Relation | None = None  # what it is to `parent`
    group_name: str | None = None  # the group (集团) where the CRM holds it as a text
    owner: Ref | None = None
    backup_owner: Ref | None = None
    sponsor: Ref | None = None  # who of our management stands for this customer
    rating: str | None = None
    lifecycle: Lifecycle | None = None  # as people set it in the CRM; ours is a metric
    wallet: Money | None = None  # what the customer is thought to spend a year on what we sell
    wallet_date: date | None = None
    payment_terms: str | None = None
    credit_days: int | None = None
    credit_limit: Money | None = None
    strategic: int | None = None
    strategic_by: str | None = None
    strategic_date: date | None = None
    strategic_reason: str | None = None
    influence: int | None = None
    influence_by: str | None = None
    influence_date: date | None = None
    influence_reason: str | None = None
    preferences: str | None = None
    concerns: str | None = None
    business_model: str | None = None
    goals: str | None = None
    since: date | None = None  # first cooperation, where someone wrote it down
    reference: bool | None = None  # may be named to others (可作案例)
    blacklisted: bool | None = None
    deregistered: bool | None = None
    flags: tuple[str, ...] = ()  # further marks that people set
    created_at: datetime | None = None
