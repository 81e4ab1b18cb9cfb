"""Business done and promised: deals, orders, contracts, invoices, payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from kamsync.model.values import Money, Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """商机. `probability` is 0..1."""

    account: Ref | None = None
    name: str | None = None
    stage: str | None = None
    status: Literal["open", "won", "lost"] | None = None
    amount: Money | None = None
    probability: Decimal | None = None
    close_date: date | None = None
    owner: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """订单. `counts`: confirmed, shipped, delivered or completed. Net is gross − returned − refunded."""

    account: Ref | None = None
    number: str | None = None
    date: date | None = None
    counts: bool | None = None
    gross: Money | None = None
    returned: Money | None = None
    refunded: Money | None = None
    cost: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """合同."""

    account: Ref | None = None
    number: str | None = None
    start: date | None = None
    end: date | None = None
    amount: Money | None = None
    status: Literal["draft", "active", "ended", "cancelled"] | None = None
    auto_renew: bool | None = None
    notice_days: int | None = None
    successor: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """应收 (invoice or payment plan). `paid_amount` None: the CRM only says whether it is paid."""

    account: Ref | None = None
    number: str | None = None
    issued: date | None = None
    due: date | None = None
    amount: Money | None = None
    paid_amount: Money | None = None
    status: Literal["open", "paid", "cancelled"] | None = None
    promised: date | None = None
    disputed: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """回款. `invoice` None: it is set off against the oldest debts."""

    account: Ref | None = None
    invoice: Ref | None = None
    date: date | None = None
    amount: Money | None = None
