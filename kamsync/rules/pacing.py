"""Whose turn it is: so many new tasks an owner and day, the most pressing first; the others wait, urgent ones never.

Pure. Where some wait, one of the places is taken by a digest that tells of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from kamsync.plugin import Priority

PRIORITIES: tuple[str, ...] = get_args(Priority)  # the most pressing first


@dataclass(frozen=True, slots=True)
class Waiting:
    """One duty that no task was made for yet."""

    key: str
    owner: Hashable
    priority: str
    due: date
    since: date

    @property
    def urgent(self) -> bool:
        return self.priority == "urgent"

    @property
    def order(self) -> tuple[Any, ...]:
        return PRIORITIES.index(self.priority), self.due, self.since, self.key


@dataclass(frozen=True, slots=True)
class Turns:
    """The duties that go today, and by owner those that wait, the most pressing first."""

    now: frozenset[str]
    later: Mapping[Hashable, tuple[str, ...]]


def turns(waiting: Sequence[Waiting], most: int, made: Mapping[Any, int]) -> Turns:
    """Give out today's places. `made`: what each owner got today already, urgent ones and digests aside; 0 as `most`:
    no limit."""
    by_owner: dict[Hashable, list[Waiting]] = defaultdict(list)
    for one in waiting:
        by_owner[one.owner].append(one)
    now: set[str] = set()
    later: dict[Hashable, tuple[str, ...]] = {}
    for owner, theirs in by_owner.items():
        calm = sorted((one for one in theirs if not one.urgent), key=lambda one: one.order)
        now |= {one.key for one in theirs if one.urgent}
        left = max(0, most - made.get(owner, 0)) if most else len(calm)
        if len(calm) > left:
            left = max(0, min(left, most - 1 - made.get(owner, 0)))  # the digest's place
            later[owner] = tuple(one.key for one in calm[left:])
        now |= {one.key for one in calm[:left]}
    return Turns(frozenset(now), later)
