"""How likely a customer is to leave (0–100), how soon it should order again, and where it is in its life with us.

Pure. What is unknown gives its weight to what is known; nothing known at all is unknown, not safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from kamsync.plugin import Text
from kamsync.rules.calendar import WorkCalendar
from kamsync.rules.facts import CaseFacts, Facts, OrderFacts
from kamsync.rules.metrics_kinds import Metrics
from kamsync.rules.metrics_orders import median_gap

HIGH, MEDIUM = 70, 40
SHORTEST = Decimal(7)  # days: nobody is expected to order more often
INTERVALS = (60, 90, 180)  # days by rank, for customers without a rhythm of their own
COMPLAINT_DAYS = (3, 5, 10)  # working days in which a complaint should be solved, by rank
LEFT = timedelta(days=180)  # how long the loss of a decision maker weighs
NEW, QUIET, GONE = 180, 180, 365  # days
ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the five parts of the risk: how bad it is (0..1; None is unknown) and what it weighs."""

    name: str
    label: Text
    weight: int
    share: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The churn risk, 0–100; None where nothing is known."""

    value: Decimal | None
    parts: tuple[Part, ...]

    @property
    def level(self) -> str | None:
        if self.value is None:
            return None
        return "high" if self.value >= HIGH else "medium" if self.value >= MEDIUM else "low"


def churn(facts: Facts, metrics: Metrics, rank: int, calendar: WorkCalendar) -> Risk:
    """The risk that a customer of this rank leaves."""
    labels = {
        "inactivity": (Text("久未下单", "inactivity"), 35, _inactivity(facts, rank)),
        "decline": (Text("销售下滑", "decline"), 20, _decline(metrics)),
        "complaints": (Text("投诉", "complaints"), 15, _complaints(facts, rank, calendar)),
        "dissatisfaction": (Text("不满意", "dissatisfaction"), 15, _dissatisfaction(metrics)),
        "relationship": (Text("关系冷淡", "relationship"), 15, _relationship(facts, metrics)),
    }
    parts = tuple(
        Part(name=name, label=label, weight=weight, share=None if share is None else min(max(share, ZERO), ONE))
        for name, (label, weight, share) in labels.items()
    )
    return Risk(value=_weighed(parts), parts=parts)


def _weighed(parts: tuple[Part, ...]) -> Decimal | None:
    known = [(part.weight, part.share) for part in parts if part.share is not None]
    if not known:
        return None
    return 100 * sum((weight * share for weight, share in known), ZERO) / sum(weight for weight, _ in known)


def expected_interval(orders: OrderFacts, rank: int) -> Decimal:
    """Days between orders to be expected: the customer's own median, at least a week; by rank without a rhythm."""
    own = median_gap(orders)
    return max(own, SHORTEST) if own is not None else Decimal(by_rank(INTERVALS, rank))


def by_rank(values: tuple[int, ...], rank: int) -> int:
    """The value of a rank; the last one holds for all ranks below."""
    return values[min(max(rank, 1), len(values)) - 1]


def _inactivity(facts: Facts, rank: int) -> Decimal | None:
    if facts.orders is None or facts.orders.last is None:
        return None
    recency = (facts.as_of - facts.orders.last).days
    return (recency / expected_interval(facts.orders, rank) - 1) / 2


def _decline(metrics: Metrics) -> Decimal | None:
    growth = metrics.value("growth_yoy")
    return None if growth is None else -growth / Decimal("0.5")


def _complaints(facts: Facts, rank: int, calendar: WorkCalendar) -> Decimal | None:
    if facts.cases is None:
        return None
    late = sum(1 for _ in past_deadline(facts.cases, facts.as_of, rank, calendar))
    return (late + Decimal("0.5") * facts.cases.complaints_90d) / 3


def past_deadline(cases: CaseFacts, as_of: date, rank: int, calendar: WorkCalendar) -> Iterator[date]:
    """The days on which complaints were opened that should have been solved by now."""
    days = by_rank(COMPLAINT_DAYS, rank)
    return (opened for opened in cases.open_complaints if calendar.plus(opened, days) < as_of)


def _dissatisfaction(metrics: Metrics) -> Decimal | None:
    satisfaction = metrics.value("satisfaction")
    return None if satisfaction is None else (60 - satisfaction) / 60


def _relationship(facts: Facts, metrics: Metrics) -> Decimal | None:
    engagement = metrics.value("engagement")
    if engagement is None:
        return None
    left = facts.decision_maker_left
    lost = left is not None and timedelta() <= facts.as_of - left <= LEFT
    return 1 - engagement / 40 + (Decimal("0.3") if lost else ZERO)


# ---- stages of life

STAGES = {
    "prospect": Text("潜在客户", "prospect"),
    "new": Text("新客户", "new"),
    "growing": Text("成长期", "growing"),
    "mature": Text("成熟期", "mature"),
    "declining": Text("衰退期", "declining"),
    "dormant": Text("休眠", "dormant"),
    "lost": Text("流失", "lost"),
}


def lifecycle(facts: Facts, metrics: Metrics) -> str | None:
    """A key of `STAGES`; None where orders were never read."""
    orders = facts.orders
    if orders is None:
        return None
    if orders.first is None or orders.last is None:
        return "prospect"
    own = median_gap(orders)
    quiet = max(Decimal(QUIET), 3 * own) if own is not None else Decimal(QUIET)
    silent = (facts.as_of - orders.last).days
    over = facts.contracts.over if facts.contracts else None
    if silent > quiet + GONE or (over is not None and orders.last <= over):
        return "lost"
    if silent > quiet:
        return "dormant"
    if (facts.as_of - orders.first).days < NEW:
        return "new"
    return _by_growth(metrics.value("growth_yoy"))


def _by_growth(growth: Decimal | None) -> str:
    """Without a year to compare with it neither grows nor declines."""
    bar = Decimal("0.15")
    if growth is not None and growth >= bar:
        return "growing"
    return "declining" if growth is not None and growth < -bar else "mature"


# ---- fifths of the book


def fifths(values: dict[str, Decimal]) -> dict[str, int]:
    """1..5 for each account by its value, more is better: min(5, 1 + ⌊5L/n⌋), L accounts being strictly worse."""
    ordered = sorted(values.values())
    worse = {value: place for place, value in reversed(list(enumerate(ordered)))}
    return {account: min(5, 1 + 5 * worse[value] // len(ordered)) for account, value in values.items()}
