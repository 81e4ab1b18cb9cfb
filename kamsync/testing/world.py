"""A small made-up business world, the same for every simulated CRM: companies, people, trade, service.

Everything is invented and follows from (today, seed); each row belongs to one CRM.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Crm = Literal["zoho", "fxiaoke"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldUser:
    key: str
    crm: Crm
    name: str
    email: str
    active: bool = True
    manager: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldAccount:
    """One account record in one CRM; `company` is the true company behind it. Amounts in whole yuan."""

    key: str
    crm: Crm
    company: int
    name: str
    other_name: str | None = None
    uscc: str | None = None
    phone: str | None = None
    website: str | None = None
    industry: str | None = None
    province: str | None = None
    city: str | None = None
    address: str | None = None
    size: Literal["大", "中", "小", "微"] | None = None
    employees: int | None = None
    wallet: Decimal | None = None
    wallet_date: date | None = None
    influence: int | None = None
    strategic: int | None = None
    since: date | None = None
    blacklisted: bool = False
    owner: str | None = None
    created: datetime
    modified: datetime
    tags: tuple[str, ...] = ()  # set by people, not ours


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldContact:
    key: str
    account: str
    name: str
    title: str | None = None
    mobile: str | None = None
    email: str | None = None
    role: Literal["决策者", "影响者", "使用者", "把关者"] | None = None
    birthday: date | None = None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldActivity:
    """`at`: when it was (done) or will be (not done). email and chat exist in neither CRM's lists here."""

    key: str
    account: str
    kind: Literal["call", "meeting", "visit", "exec_visit", "task", "note"]
    subject: str
    text: str = ""
    at: datetime
    done: bool = True
    inbound: bool = False
    reached: bool = True
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldDeal:
    key: str
    account: str
    name: str
    amount: Decimal
    probability: int  # percent
    status: Literal["open", "won", "lost"]
    close: date
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOrder:
    key: str
    account: str
    number: str
    date: date
    amount: Decimal
    returned: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    cost: Decimal | None = None
    status: Literal["draft", "confirmed", "delivered", "cancelled"] = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldContract:
    key: str
    account: str
    number: str
    start: date
    end: date
    amount: Decimal
    auto_renew: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldInvoice:
    """`paid`: (date, amount) of each payment received."""

    key: str
    account: str
    number: str
    issued: date
    due: date
    amount: Decimal
    paid: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldCase:
    key: str
    account: str
    number: str
    subject: str
    kind: Literal["complaint", "service", "emergency"]
    priority: Literal["high", "normal", "low"]
    opened: datetime
    closed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSurvey:
    key: str
    account: str
    kind: Literal["csat", "nps"]
    score: int
    max_score: int
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    today: date
    users: tuple[WorldUser, ...]
    accounts: tuple[WorldAccount, ...]
    contacts: tuple[WorldContact, ...] = ()
    activities: tuple[WorldActivity, ...] = ()
    deals: tuple[WorldDeal, ...] = ()
    orders: tuple[WorldOrder, ...] = ()
    contracts: tuple[WorldContract, ...] = ()
    invoices: tuple[WorldInvoice, ...] = ()
    cases: tuple[WorldCase, ...] = ()
    surveys: tuple[WorldSurvey, ...] = ()
    same: tuple[tuple[str, str], ...] = field(default=())  # (zoho key, fxiaoke key) of the companies in both
