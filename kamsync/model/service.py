"""How the customer is served and what it says of us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kamsync.model.values import Filed, Ref

Day = date  # for fields beside one that is called date
Held = Literal["planned", "done", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Case(Filed):
    """工单. `confirmed_by_customer`: after it was closed, somebody asked and the customer said that it is over."""

    account: Ref | None = None
    contact: Ref | None = None
    number: str | None = None
    subject: str | None = None
    kind: Literal["complaint", "service", "emergency"] | None = None
    category: str | None = None
    severity: Literal["low", "normal", "high", "critical"] | None = None
    status: Literal["open", "closed"] | None = None
    opened_at: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    confirmed_by_customer: bool | None = None
    owner: Ref | None = None


@dataclass(frozen=True, kw_only=True)
class Survey(Filed):
    """满意度调查. csat: `score` of 1..`max_score`; nps: 0..10. `date`: of the answer; `sent`: of the asking."""

    account: Ref | None = None
    contact: Ref | None = None
    kind: Literal["csat", "nps"] | None = None
    score: Decimal | None = None
    max_score: Decimal | None = None
    date: date | None = None
    sent: Day | None = None
    channel: str | None = None
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Inspection(Filed):
    """巡检. `date`: planned, or done; `reported`: the day of its report, None where there is none yet."""

    account: Ref | None = None
    number: str | None = None
    site: str | None = None
    date: date | None = None
    status: Held | None = None
    reported: Day | None = None
    findings: str | None = None
    cycle_days: int | None = None  # agreed with the customer; None: as the service policy has it
    owner: Ref | None = None


@dataclass(frozen=True, kw_only=True)
class Training(Filed):
    """培训 (also salons and forums). `score` of 1..`max_score`: what those who came said of it."""

    account: Ref | None = None
    subject: str | None = None
    date: date | None = None
    status: Held | None = None
    attendees: int | None = None
    score: Decimal | None = None
    max_score: Decimal | None = None
    owner: Ref | None = None
