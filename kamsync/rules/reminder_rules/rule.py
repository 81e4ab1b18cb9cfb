"""What a reminder rule is: a small pure function, the numbers that tune it and the words it is told in.

A rule says what is owed and by when. It never says where a task goes, who does it or whether it was done before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from kamsync.model import Member
from kamsync.plugin import Priority, Text
from kamsync.rules.calendar import WorkCalendar
from kamsync.rules.care_facts import CareFacts
from kamsync.rules.facts import Facts
from kamsync.rules.marker import slug
from kamsync.rules.template import Kind, Value

T = TypeVar("T")
S = TypeVar("S")

# What every text may speak of, whichever rule it belongs to.
COMMON_FIELDS: Mapping[str, Kind] = {"account": "text", "tier": "text", "due": "date"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChange:
    """The account's tier went from `before` to `after` on a day. A first verdict is no change."""

    before: str
    after: str
    on: date
    because: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTier:
    """The tier was set by hand, through a day."""

    tier: str
    until: date
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All a rule may look at. `rank`: 1 is the best tier, called `tier` by its policy.

    `now`: the moment asked about, where that is within `as_of`. `churn`: the risk of churn of each date judged up to
    now, oldest first.
    """

    facts: Facts
    rank: int
    tier: str
    change: TierChange | None
    calendar: WorkCalendar
    as_of: date
    now: datetime | None = None
    manual: ManualTier | None = None
    churn: tuple[tuple[date, Decimal], ...] = ()

    @property
    def care(self) -> CareFacts:
        return self.facts.care

    def of(self, values: Sequence[T]) -> T:
        """The value for this customer's rank."""
        return nth(values, self.rank - 1)

    def moment(self, zone: tzinfo | None) -> datetime:
        """The moment up to which things count: now, or the end of a day that is asked about as a whole."""
        if self.now is not None and self.now.astimezone(zone).date() == self.as_of:
            return self.now.astimezone(zone)
        return datetime.combine(self.as_of, time.max, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One thing owed to the customer.

    `suffix` tells it from every other duty of the rule for this account; those that share a `series` follow on
    one another, and the later closes the earlier. `on`: the day it became owed. `due`: when, if offered today.
    """

    suffix: str
    series: str
    on: date
    due: date
    priority: Priority
    because: Text
    stage: int = 0
    cause: Member | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    each: Literal["account", "owner"] = "account"


@dataclass(frozen=True, slots=True)
class Unsure:
    """The rule cannot tell, for want of data."""

    because: Text


@dataclass(frozen=True, slots=True)
class Rests:
    """Nothing is asked for in this series just now, though its cause is not gone: something is on its way."""

    series: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts of a task as someone wrote them, gaps and all."""

    subject: Text
    body: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[S]):
    """A reminder rule. `settings` is a frozen dataclass of numbers and priorities with the usual values as defaults.

    `fades`: what is not owed any more has lost its cause (and did not just leave the days in which it is told of).
    `needs`: entities that must have been read where a duty hangs; else that it is not owed any more proves nothing.
    """

    id: str
    title: Text
    settings: type[S]
    fields: Mapping[str, Kind]
    words: Words
    owed: Callable[[Question, S], Iterable[Owed | Unsure | Rests]]
    needs: tuple[str, ...] = ()
    fades: bool = False
    check: Callable[[S], Iterable[tuple[str, Text]]] = lambda settings: ()  # settings that make no sense together

    @property
    def all_fields(self) -> Mapping[str, Kind]:
        """What this rule's texts may speak of."""
        return {**COMMON_FIELDS, **self.fields}


def nth(values: Sequence[T], index: int) -> T:
    """The value for a rank or stage; the last one holds for all that follow."""
    return values[min(index, len(values) - 1)]


def quarter(day: date) -> tuple[str, date]:
    """The name of a day's quarter, such as 2026Q1, and its first day."""
    number = (day.month - 1) // 3
    return f"{day.year}Q{number + 1}", date(day.year, number * 3 + 1, 1)


def known_by(member: Member, beside: Iterable[Member]) -> str:
    """A record's name within a suffix: its id, with its connection where two CRMs number alike."""
    alike = any(one.remote_id == member.remote_id and one.connection != member.connection for one in beside)
    return slug(f"{member.connection}/{member.remote_id}" if alike else member.remote_id)
