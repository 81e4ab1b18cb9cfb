"""The people: the customer's contacts and our users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kamsync.model.values import Ref

DecisionRole = Literal["decision_maker", "influencer", "user", "gatekeeper", "champion", "opponent", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """联系人."""

    name: str
    account: Ref | None = None
    title: str | None = None
    department: str | None = None
    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    decision_role: DecisionRole | None = None
    birthday: date | None = None
    reports_to: Ref | None = None
    care_consent: bool | None = None
    left_company: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """员工: someone who works in the CRM. `active` None: the CRM does not say."""

    name: str
    email: str | None = None
    phone: str | None = None
    active: bool | None = None
    manager: Ref | None = None
