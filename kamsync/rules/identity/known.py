"""What is known of a record that stands for a company, and what is decided of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kamsync.plugin import Text

Verdict = Literal["link", "review", "apart"]
LINK, REVIEW = 65, 30  # scores from which two records are joined, or shown to a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One record that stands for a company. `fixed`: the account it belongs to already."""

    id: str
    name: str
    other_names: tuple[str, ...] = ()
    uscc: str | None = None
    phone: str | None = None
    website: str | None = None
    province: str | None = None
    city: str | None = None
    industry: str | None = None
    fixed: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (weight above zero) or against. A bar weighs nothing: it decides."""

    rule: str
    weight: int
    detail: Text


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """What was decided of two records, `a` before `b`, and why."""

    a: str
    b: str
    verdict: Verdict
    score: int
    evidence: tuple[Evidence, ...]
