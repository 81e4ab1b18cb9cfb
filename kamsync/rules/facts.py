"""What is known of one account on one date: the input of every rule.

Sums and dates, gathered set-based by whoever holds the data. Money is integer minor units of the base currency.
None means unknown (the stream was never read, a field is not mapped); zero means known to be nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from kamsync.model import Member
from kamsync.plugin import Text
from kamsync.rules.care_facts import CareFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """Orders that count, net of returns and refunds. `days` are distinct order dates over all history.

    `costed_*` covers the orders whose cost is known; `net_* - costed_*` is revenue whose cost is not.
    """

    net_12m: int = 0
    net_prev_12m: int = 0  # (D−730 d, D−365 d]
    costed_12m: int = 0
    cost_12m: int = 0
    net_36m: int = 0
    costed_36m: int = 0
    cost_36m: int = 0
    days_12m: int = 0
    months_12m: int = 0
    first: date | None = None
    last: date | None = None
    days: int = 0
    repeat_net: int = 0  # net of all order days after the first one
    recent_days: tuple[date, ...] = ()  # the last ≤ 11 order days, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDueFacts:
    """Receivables. `due_12m`/`on_time_12m`: money due in (D−365 d, D] and what of it came by its due date.

    `timed`/`late_days`: that money and any older that is still open, and Σ amount × days late, counted to D while open.
    """

    due_12m: int | None = None
    on_time_12m: int | None = None  # None where no payment records exist: paid is known, when is not
    timed: int | None = None
    late_days: int | None = None
    timed_before: int | None = None  # the same two of what was due in (D−730 d, D−365 d]
    late_days_before: int | None = None
    invoiced_90d: int | None = None  # issued in (D−90 d, D]; None where an invoice of that time has no day of issue
    open: int = 0
    overdue: int = 0
    overdue_180d: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchFacts:
    """Contact with the customer, by local date. A record that carries our marker is none."""

    two_way: date | None = None
    visit: date | None = None
    exec_visit: date | None = None
    planned: date | None = None  # the next planned touch on or after the date judged
    strength: Decimal = Decimal(0)  # Σ weight × 0.5^(age/45 d) of all done touches
    services_12m: int = 0  # inspections and trainings done in (D−365 d, D]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """Cases (工单), by local date."""

    opened_12m: int = 0  # of any kind, in (D−365 d, D]
    open_complaints: tuple[date, ...] = ()  # the days on which complaints were opened that are open on D
    complaints_90d: int = 0  # opened in (D−90 d, D]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """Contracts. `over`: when the last one ended, where none holds on D and none follows."""

    over: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFacts:
    """Open deals closing in (D, D+365 d]: Σ amount × probability."""

    weighted_12m: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFacts:
    """Answers in (D−365 d, D]. csat: mean of (score−1)/(max−1)×100; nps: −100..100."""

    csat: Decimal | None = None
    nps: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """One unpaid receivable, for reminders. `open` is what remains, disputed part left out."""

    member: Member
    number: str
    due: date
    open: int
    promised: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The account's file on `as_of`. A section that is None was never read for any member of the account."""

    account: str
    name: str
    as_of: date
    members: tuple[Member, ...] = ()
    orders: OrderFacts | None = None
    due: MoneyDueFacts | None = None
    touches: TouchFacts | None = None
    deals: DealFacts | None = None
    surveys: SurveyFacts | None = None
    cases: CaseFacts | None = None
    contracts: ContractFacts | None = None
    invoices: tuple[OpenInvoice, ...] = ()
    unclear: tuple[Member, ...] = ()  # receivables whose amount or day of payment is not known
    wallet: int | None = None
    wallet_date: date | None = None
    since: date | None = None
    size: str | None = None
    industry: str | None = None
    strategic: int | None = None
    influence: int | None = None
    blacklisted: bool = False
    deregistered: bool = False
    conflicts: tuple[str, ...] = ()  # fields of which the CRMs say what cannot all be true
    group: str | None = None
    clv_36m: int | None = None  # lifetime value over 36 months, fitted over the whole book before judging
    clv_how: Text | None = None  # the model, or the fall-back that was used and why
    fifths: Mapping[str, int] = field(default_factory=dict)  # RFM: metric -> 1..5 within the book
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # entity -> its connections that were read whole
    decision_maker_left: date | None = None
    care: CareFacts = field(default_factory=CareFacts)
