"""Which tiers an account's figures earn, by the kind of its policy: bars on a score, a first stage, or a matrix.

Pure. It knows nothing of the tier an account is in: moving there steadily is for `moving`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kamsync.plugin import Text
from kamsync.rules.metrics import Metrics
from kamsync.rules.policy import Entry, Matrix, Policy, Tier, Traits
from kamsync.rules.scoring import Score
from kamsync.rules.wording import short

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a matrix has an account: its value class, its potential class, and the tier of the two. None: unknown.

    `promise`: the points behind the potential; `rated`: a person gave them.
    """

    value: str | None
    potential: str
    tier: Tier | None
    promise: Decimal | None
    rated: bool
    lifted: bool = False

    @property
    def name(self) -> str:
        return f"{self.value or '?'}{self.potential}"


@dataclass(frozen=True, slots=True)
class Earning:
    """What the figures of one account earn. `large`: the first stage's answer (None: it cannot be told)."""

    policy: Policy
    score: Score
    large: bool | None = True
    cell: Cell | None = None

    @property
    def is_known(self) -> bool:
        """Is enough known to judge at all?"""
        if self.policy.kind == "matrix":
            return self.cell is not None and self.cell.tier is not None
        told = self.score.total is not None and self.score.known >= self.policy.coverage.judge
        return told and self.large is not None

    def reaches(self, tier: Tier, margin: Decimal = ZERO) -> bool:
        """Do the figures earn this tier (or a better one) with so many points to spare?"""
        if tier is self.policy.lowest:
            return True
        if self.policy.kind == "matrix":
            return self.cell is not None and self.cell.tier is not None and self.cell.tier.rank <= tier.rank
        bar = tier.floor + margin if tier.floor else tier.floor
        return self.large is True and self.score.total is not None and self.score.total >= bar

    def falls_short(self, tier: Tier, margin: Decimal = ZERO) -> bool:
        """Are the figures below this tier by more than so many points?"""
        if tier is self.policy.lowest:
            return False
        if self.policy.kind == "matrix":
            return not self.reaches(tier)
        return self.large is False or (self.score.total or ZERO) < tier.floor - margin

    def best(self) -> Tier:
        """The best tier that the plain bars give."""
        return next(tier for tier in self.policy.tiers if self.reaches(tier))

    def said(self) -> Text:
        """What decided, in front of what follows from it: 62.10 分, or BH."""
        if self.policy.kind == "matrix":
            return Text(f"矩阵 {self.cell.name}", f"matrix {self.cell.name}") if self.cell else Text("", "")
        if self.large is False:
            return Text("未达大客户门槛", "not large enough")
        return Text(f"{self.score.total} 分", f"{self.score.total}")


def earn(
    policy: Policy, score: Score, metrics: Metrics, traits: Traits, strategic: Decimal | int | None = None
) -> Earning:
    """What one account's figures earn under a policy."""
    if policy.matrix is not None:
        return Earning(policy, score, cell=_cell(policy, policy.matrix, score, metrics, traits, strategic))
    if policy.entries:
        return Earning(policy, score, large=_is_large(policy.entries, metrics, traits))
    return Earning(policy, score)


# ---- the first stage


def _is_large(entries: tuple[Entry, ...], metrics: Metrics, traits: Traits) -> bool | None:
    """Does any way in hold? Sales that are unknown leave it open; a size or trade that is unknown does not hold."""
    revenue = metrics.value("revenue_12m")
    if revenue is None:
        return None
    return any(_holds(entry, revenue, traits) for entry in entries)


def _holds(entry: Entry, revenue: Decimal, traits: Traits) -> bool:
    if entry.sizes and traits.size not in entry.sizes:
        return False
    if entry.industries:
        in_focus = traits.focus if traits.focus is not None else traits.industry in entry.industries
        if not in_focus:
            return False
    return entry.min_revenue_12m is None or revenue >= entry.min_revenue_12m


# ---- the matrix


def _cell(
    policy: Policy,
    matrix: Matrix,
    score: Score,
    metrics: Metrics,
    traits: Traits,
    strategic: Decimal | int | None,
) -> Cell:
    rated = traits.potential is not None
    promise = traits.potential if rated else score.total
    potential = _potential(matrix, promise)
    value = metrics.value(matrix.value)
    if value is None:
        return Cell(None, potential, None, promise, rated)
    letter = value_class(matrix, value)
    tier = policy.tier(matrix.cells[letter + potential]) or policy.lowest
    lifts = matrix.lift_rating is not None and strategic is not None and strategic >= matrix.lift_rating
    lifted = policy.ranked(tier.rank - 1) if lifts else tier
    return Cell(letter, potential, lifted, promise, rated, lifted is not tier)


def value_class(matrix: Matrix, value: Decimal) -> str:
    """A, B or C by the bars that the whole book gives; nothing earned is C."""
    if value <= 0:
        return "C"
    if matrix.a_from is None or value >= matrix.a_from:
        return "A"
    return "B" if matrix.b_from is None or value >= matrix.b_from else "C"


def _potential(matrix: Matrix, score: Decimal | None) -> str:
    """H, M or L; unknown is M."""
    if score is None:
        return "M"
    return "H" if score >= matrix.high else "M" if score >= matrix.medium else "L"


def say_cell(cell: Cell, value: Text | None) -> Text:
    """Why an account is in its cell."""
    worth = value or Text("未知", "unknown")
    promise = Text("未知，按 M", "unknown, taken as M") if cell.promise is None else _points(cell.promise)
    lift = Text("；战略客户提一级", "; a strategic account: one up") if cell.lifted else Text("", "")
    return Text(
        f"价值 {cell.value or '?'}（毛利 {worth.zh}）、潜力 {cell.potential}（{promise.zh}）{lift.zh}",
        f"value {cell.value or '?'} (margin {worth.en}), potential {cell.potential} ({promise.en}){lift.en}",
    )


def _points(total: Decimal) -> Text:
    return Text(f"{short(total)} 分", short(total))
