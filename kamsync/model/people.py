"""The people: the customer's contacts and our users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kamsync.model.values import Birthday, Filed, Ref

DecisionRole = Literal["decision_maker", "influencer", "user", "gatekeeper", "champion", "opponent", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Contact(Filed):
    """联系人. Consent is by purpose: to be contacted about business, for marketing, for care. None: never asked."""

    name: str
    account: Ref | None = None
    title: str | None = None
    department: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    decision_role: DecisionRole | None = None
    birthday: Birthday | None = None
    reports_to: Ref | None = None
    owner: Ref | None = None
    language: str | None = None
    preferences: str | None = None
    contact_consent: bool | None = None
    marketing_consent: bool | None = None
    care_consent: bool | None = None
    left_company: bool | None = None
    left_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class User(Filed):
    """员工: someone who works in the CRM. `active` None: the CRM does not say. `away_until`: on leave to that day."""

    name: str
    email: str | None = None
    phone: str | None = None
    title: str | None = None
    department: str | None = None
    active: bool | None = None
    away_until: date | None = None
    manager: Ref | None = None
