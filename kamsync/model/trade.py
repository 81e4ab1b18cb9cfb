"""Business done and promised: deals, orders and their lines, returns, contracts, invoices, payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kamsync.model.values import Filed, Money, Ref

Day = date  # for fields beside one that is called date


@dataclass(frozen=True, kw_only=True)
class Deal(Filed):
    """商机. `probability` is 0..1; `stage_since`: when it came to the stage that it is in."""

    account: Ref | None = None
    contact: Ref | None = None
    partner: Ref | None = None
    name: str | None = None
    stage: str | None = None
    stage_since: datetime | None = None
    status: Literal["open", "won", "lost"] | None = None
    amount: Money | None = None
    probability: Decimal | None = None
    close_date: date | None = None
    next_step: str | None = None
    lost_reason: str | None = None
    owner: Ref | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Order(Filed):
    """订单. `counts`: confirmed, shipped, delivered or completed. Net is gross − returned − refunded."""

    account: Ref | None = None
    number: str | None = None
    date: date | None = None
    counts: bool | None = None
    gross: Money | None = None
    returned: Money | None = None
    refunded: Money | None = None
    cost: Money | None = None
    delivery_date: Day | None = None
    deal: Ref | None = None
    contract: Ref | None = None
    owner: Ref | None = None


@dataclass(frozen=True, kw_only=True)
class OrderLine(Filed):
    """订单明细. It belongs to the account of its order; `amount` is after discount, `price` of one `unit`."""

    order: Ref | None = None
    account: Ref | None = None  # only where the line itself names the customer
    product: str | None = None
    product_ref: Ref | None = None
    category: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    price: Money | None = None
    amount: Money | None = None
    cost: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Return(Filed):
    """退货. `counts`: it was accepted. Where orders say themselves what was returned, revenue is net of that."""

    account: Ref | None = None
    order: Ref | None = None
    number: str | None = None
    date: date | None = None
    counts: bool | None = None
    amount: Money | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Contract(Filed):
    """合同. Reviews come every `review_days` after `reviewed` (or `start`); `successor` renews it."""

    account: Ref | None = None
    number: str | None = None
    signed: date | None = None
    start: date | None = None
    end: date | None = None
    amount: Money | None = None
    status: Literal["draft", "active", "ended", "cancelled"] | None = None
    auto_renew: bool | None = None
    notice_days: int | None = None
    review_days: int | None = None
    reviewed: date | None = None
    payment_terms: str | None = None
    successor: Ref | None = None
    owner: Ref | None = None


@dataclass(frozen=True, kw_only=True)
class Invoice(Filed):
    """应收 (invoice or payment plan). `paid_amount` None: the CRM only says whether it is paid."""

    account: Ref | None = None
    order: Ref | None = None
    contract: Ref | None = None
    number: str | None = None
    issued: date | None = None
    due: date | None = None
    amount: Money | None = None
    paid_amount: Money | None = None
    status: Literal["open", "paid", "cancelled"] | None = None
    promised: date | None = None
    disputed: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Payment(Filed):
    """回款. `invoice` None: it is set off against the oldest debts."""

    account: Ref | None = None
    order: Ref | None = None
    invoice: Ref | None = None
    number: str | None = None
    date: date | None = None
    amount: Money | None = None
    method: str | None = None
