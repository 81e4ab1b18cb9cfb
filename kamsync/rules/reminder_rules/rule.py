"""What a reminder rule is: a small pure function, the numbers that tune it and the words it is told in.

A rule says what is owed and by when. It never says where a task goes, who does it or whether it was done before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from kamsync.model import Member
from kamsync.plugin import Priority, Text
from kamsync.rules.calendar import WorkCalendar
from kamsync.rules.facts import Facts
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
class Question:
    """All a rule may look at. `rank`: 1 is the best tier, called `tier` by its policy."""

    facts: Facts
    rank: int
    tier: str
    change: TierChange | None
    calendar: WorkCalendar
    as_of: date


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
    cause: Member | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsure:
    """The rule cannot tell, for want of data."""

    because: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts of a task as someone wrote them, gaps and all."""

    subject: Text
    body: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[S]):
    """A reminder rule. `settings` is a frozen dataclass of numbers and priorities with the usual values as defaults."""

    id: str
    title: Text
    settings: type[S]
    fields: Mapping[str, Kind]
    words: Words
    owed: Callable[[Question, S], Iterable[Owed | Unsure]]
    check: Callable[[S], Iterable[tuple[str, Text]]] = lambda settings: ()  # settings that make no sense together

    @property
    def all_fields(self) -> Mapping[str, Kind]:
        """What this rule's texts may speak of."""
        return {**COMMON_FIELDS, **self.fields}


def nth(values: Sequence[T], index: int) -> T:
    """The value for a rank or stage; the last one holds for all that follow."""
    return values[min(index, len(values) - 1)]
