"""How the customer is served and what it says of us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kamsync.model.values import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """工单."""

    account: Ref | None = None
    number: str | None = None
    subject: str | None = None
    kind: Literal["complaint", "service", "emergency"] | None = None
    severity: Literal["low", "normal", "high", "critical"] | None = None
    status: Literal["open", "closed"] | None = None
    opened_at: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    confirmed_by_customer: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """满意度调查. csat: `score` of 1..`max_score`; nps: `score` of 0..10."""

    account: Ref | None = None
    kind: Literal["csat", "nps"] | None = None
    score: Decimal | None = None
    max_score: Decimal | None = None
    date: date | None = None
