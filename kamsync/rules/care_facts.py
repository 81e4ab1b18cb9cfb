"""What is known of how a customer is served: people, cases, contracts, site visits, answers, the state of its file.

The input of the reminder rules beside `Facts`. Days are the deployment's own, moments aware and in its zone; a section
that is None was never read, an empty one was read and holds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kamsync.model import Birthday, Member

PUBLIC = frozenset({"state_owned", "public_body"})  # who may not be given presents


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFact:
    """One of the customer's people. `consent`: to be cared for (greetings, presents); None: never asked."""

    member: Member
    name: str
    role: str | None = None
    birthday: Birthday | None = None
    consent: bool | None = None
    left: bool | None = None
    verified: date | None = None

    @property
    def decides(self) -> bool:
        return self.role == "decision_maker"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """One case. `responded` None counts as not yet only where `responses_told`: the CRM notes first responses."""

    member: Member
    number: str
    kind: str | None
    open: bool
    opened: datetime
    responded: datetime | None = None
    responses_told: bool = False
    closed: date | None = None
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFact:
    """One contract that is neither a draft nor cancelled. `renewed`: another one follows it."""

    member: Member
    number: str
    start: date | None = None
    end: date | None = None
    auto_renew: bool | None = None
    notice_days: int | None = None
    review_days: int | None = None
    reviewed: date | None = None
    renewed: bool = False
    verified: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionFact:
    """One inspection that was done. `reported` None: the CRM does not tell of reports."""

    member: Member
    site: str
    done: date
    reported: bool | None = None
    cycle_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFact:
    """One answer to a survey; `percent`: 0 is the lowest possible answer, 100 the highest (NPS: score × 10)."""

    member: Member
    kind: Literal["csat", "nps"]
    score: Decimal
    out_of: Decimal
    percent: Decimal
    on: date
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDealFact:
    """One open deal. `moved`: the day it came to its stage; None: the CRM does not say."""

    member: Member
    name: str
    moved: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFacts:
    """The state of the account's own records. `filled`: which fields hold a real value; None: not applicable."""

    filled: Mapping[str, bool | None] = field(default_factory=dict)
    verified: date | None = None
    ownership: str | None = None
    flags: tuple[str, ...] = ()
    owner: Literal["here", "left", "none"] | None = None  # None: no CRM says who keeps it
    twins: tuple[str, ...] = ()  # records that may be this same customer, as `connection/stream/id`
    doubled: bool = False  # two records of one CRM stand for it
    passed: int = 0  # checks of values that were passed, and how many could be made
    checks: int = 0

    @property
    def may_get_presents(self) -> bool:
        """Known to be neither a public body nor state-owned."""
        return self.ownership is not None and self.ownership not in PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class CareFacts:
    """How one customer is served, as of a day. `paid_late`: days late by money, of this year and the one before."""

    contacts: tuple[ContactFact, ...] | None = None
    cases: tuple[CaseFact, ...] | None = None
    contracts: tuple[ContractFact, ...] | None = None
    inspections: tuple[InspectionFact, ...] | None = None
    trainings: tuple[date, ...] | None = None  # days of trainings held, oldest first
    answers: tuple[AnswerFact, ...] | None = None
    deals: tuple[OpenDealFact, ...] | None = None
    paid_late: Decimal | None = None
    paid_late_before: Decimal | None = None
    profile: ProfileFacts | None = None

    @property
    def consents(self) -> bool:
        """Has anybody who still works there agreed to be cared for?"""
        return any(one.consent is True and one.left is not True for one in self.contacts or ())
