"""How tiers are decided, as an admin wrote it down: tiers, weights, bars, floors, caps and the book.

Values only. It reads no file and judges no account; `Policy.kind` names the scheme that turns metrics into a score.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from kamsync.plugin import Text
from kamsync.rules.facts import Facts

KINDS = ("weighted", "two_stage", "matrix")


@dataclass(frozen=True, slots=True)
class Quota:
    """How many accounts may be in a tier or a better one: so many, or a share of all that are scored. Ties share."""

    top: int | None = None
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """One class of customers. Rank 1 is the best; `floor` is the score from which it is earned."""

    name: str
    rank: int
    label: Text
    floor: Decimal
    also: tuple[str, ...] = ()  # other names for the same class: VIP客户, A
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class MetricRule:
    """What a metric is worth inside its dimension: 0–100, piecewise linear through `anchors`, clamped at both ends."""

    name: str
    weight: Decimal
    anchors: tuple[tuple[Decimal, Decimal], ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of a customer's value."""

    name: str
    label: Text
    weight: Decimal
    metrics: tuple[MetricRule, ...]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a policy may ask of an account besides its metrics. `focus`: said to be of a focus trade, or not to be."""

    size: str | None = None
    industry: str | None = None
    focus: bool | None = None
    potential: Decimal | None = None  # a rating that stands in for the score of the potential


@dataclass(frozen=True, slots=True)
class Entry:
    """One way past the first stage: all that is set must hold. Money in yuan."""

    min_revenue_12m: Decimal | None = None
    sizes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()  # the focus trades


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Value (Pareto classes A, B, C of one metric) by potential (H, M, L of the score): cell -> tier.

    `a_share`: A while the share of the book before it is below; `a_from`, `b_from`: the bars once bound to a book.
    """

    value: str
    a_share: Decimal
    b_share: Decimal
    high: Decimal
    medium: Decimal
    lift_rating: int | None
    cells: Mapping[str, str]
    a_from: Decimal | None = None
    b_from: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A metric against a value; unknown holds no condition."""

    metric: str
    sign: str  # a key of SIGNS
    value: Decimal

    def holds(self, value: Decimal | None) -> bool:
        return value is not None and SIGNS[self.sign](value, self.value)


SIGNS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "=": operator.eq,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule beside the score: where all conditions hold, an account is not below, or not above, a tier."""

    name: str
    when: tuple[Condition, ...]
    at_least: str | None
    at_most: str | None
    reason: Text


@dataclass(frozen=True, slots=True)
class Steadiness:
    """What keeps an account from flapping between tiers: margins in points, dwell and grace in days."""

    up_margin: Decimal = Decimal(2)
    up_days: int = 30
    down_margin: Decimal = Decimal(3)
    down_runs: int = 2
    down_days: int = 90
    grace_days: int = 180


@dataclass(frozen=True, slots=True)
class CoverageBars:
    """How much must be known: to judge at all, to hold the best tier, and for a dimension to count."""

    judge: Decimal = Decimal("0.60")
    best: Decimal = Decimal("0.80")
    dimension: Decimal = Decimal("0.50")


@dataclass(frozen=True, slots=True)
class Gates:
    """Floors and caps between the scored and the final tier; tiers by name, None switches a gate off."""

    strategic_rating: int = 80
    strategic_tier: str | None = None
    group_below: int | None = 1
    credit_share: Decimal = Decimal("0.10")
    credit_tier: str | None = None
    override_days: int = 365


@dataclass(frozen=True, slots=True)
class Valuing:
    """What is assumed where the CRMs are silent. No margin rate: margin stays unknown."""

    margin_rate: Decimal | None = None
    discount: Decimal = Decimal("0.10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """One way into the book: all that is set must hold; what is unknown of an account does not hold."""

    sizes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    min_revenue_12m: Decimal | None = None  # yuan
    min_wallet: Decimal | None = None  # yuan
    min_strategic: int | None = None
    ordered_within_days: int | None = None

    def admits(self, facts: Facts) -> bool:
        return all(self._answers(facts))

    def _answers(self, facts: Facts) -> Iterator[bool]:
        orders = facts.orders
        yield not self.sizes or facts.size in self.sizes
        yield not self.industries or facts.industry in self.industries
        yield not self.connections or any(member.connection in self.connections for member in facts.members)
        yield _reaches(orders.net_12m if orders else None, self.min_revenue_12m)
        yield _reaches(facts.wallet, self.min_wallet)
        yield self.min_strategic is None or (facts.strategic is not None and facts.strategic >= self.min_strategic)
        last = orders.last if orders else None
        days = self.ordered_within_days
        yield days is None or (last is not None and (facts.as_of - last).days <= days)


def _reaches(minor: int | None, yuan: Decimal | None) -> bool:
    return yuan is None or (minor is not None and Decimal(minor) >= yuan * 100)


@dataclass(frozen=True, slots=True)
class Book:
    """Which accounts are judged (any admission; none: every account), and which tiers are worth a tag."""

    admit: tuple[Admission, ...] = ()
    tagged: tuple[str, ...] = ()

    def admits(self, facts: Facts) -> bool:
        return not self.admit or any(way.admits(facts) for way in self.admit)


@dataclass(frozen=True, slots=True)
class Override:
    """A person's word against the score: from `start` to `until`, both days included."""

    tier: str
    reason: str
    author: str
    start: date
    until: date

    def holds_on(self, day: date) -> bool:
        return self.start <= day <= self.until

    def refusal(self, longest: int) -> Text | None:
        """Why it may not stand at all; None when it may."""
        if not self.reason.strip() or not self.author.strip():
            return Text("没有写明理由或经手人", "it names no reason or no author")
        if self.until < self.start:
            return Text("结束日早于开始日", "it ends before it begins")
        if self.until - self.start > timedelta(days=longest):
            return Text(f"长于 {longest} 天", f"it is longer than {longest} days")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole of one policy file. `version` changes with every byte of its text."""

    name: str
    version: str
    tiers: tuple[Tier, ...]  # best first
    dimensions: tuple[Dimension, ...]
    kind: str = "weighted"
    steadiness: Steadiness = field(default_factory=Steadiness)
    coverage: CoverageBars = field(default_factory=CoverageBars)
    gates: Gates = field(default_factory=Gates)
    value: Valuing = field(default_factory=Valuing)
    book: Book = field(default_factory=Book)
    entries: tuple[Entry, ...] = ()  # two_stage: who meets none of them is in the lowest tier
    matrix: Matrix | None = None
    clauses: tuple[Clause, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)  # groups that the CRMs do not tell: account -> its parent
    overrides: tuple[tuple[str, Override], ...] = ()  # (account id, or "connection/remote id"; override)

    @property
    def best(self) -> Tier:
        return self.tiers[0]

    @property
    def lowest(self) -> Tier:
        return self.tiers[-1]

    @property
    def is_relative(self) -> bool:
        """Does an account's tier depend on the others' figures?"""
        return self.matrix is not None or any(tier.quota for tier in self.tiers)

    @property
    def rules(self) -> Iterator[MetricRule]:
        return (rule for dimension in self.dimensions for rule in dimension.metrics)

    def tier(self, name: str) -> Tier | None:
        """The tier of that name, or of another name for it."""
        folded = name.strip().casefold()
        for tier in self.tiers:
            if folded in {word.casefold() for word in (tier.name, tier.label.zh, tier.label.en, *tier.also)}:
                return tier
        return None

    def ranked(self, rank: int) -> Tier:
        """The tier of a rank; ranks beyond the ends mean the end."""
        return self.tiers[min(max(rank, 1), len(self.tiers)) - 1]

    def is_tagged(self, tier: str) -> bool:
        return not self.book.tagged or tier in self.book.tagged

    def override_for(self, facts: Facts) -> Override | None:
        """The override of this account that counts on its date: one that holds, else the latest one written."""
        names = {facts.account, *(f"{member.connection}/{member.remote_id}" for member in facts.members)}
        mine = [override for account, override in self.overrides if account in names]
        holding = [override for override in mine if override.holds_on(facts.as_of)]
        counting = holding or mine
        return counting[-1] if counting else None
