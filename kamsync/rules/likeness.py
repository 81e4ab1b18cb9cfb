"""What speaks for and against records being one company, as the rules see it among their neighbours now.

Pure. It decides nothing: it is what a person is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from kamsync.rules.identity import Crowd, Evidence, Known, company_of
from kamsync.rules.identity.clustering import barred, match
from kamsync.rules.identity.company import Company, joined


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A record, and what all records together tell of it."""

    known: Known
    told: Crowd


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two sides are: `score` 0..100, what makes it up, and what forbids to join them."""

    score: int
    evidence: tuple[Evidence, ...]
    veto: Evidence | None

    @property
    def for_it(self) -> list[Evidence]:
        """What speaks for one company, the weightiest first."""
        return sorted((one for one in self.evidence if one.weight > 0), key=lambda one: -one.weight)

    @property
    def against(self) -> list[Evidence]:
        """What speaks against it, a veto first."""
        doubts = sorted((one for one in self.evidence if one.weight < 0), key=lambda one: one.weight)
        return ([self.veto] if self.veto else []) + doubts


def between(ours: Sequence[Neighbour], theirs: Sequence[Neighbour]) -> Likeness:
    """Two sides, each as all its records tell it."""
    one, other = _company(ours), _company(theirs)
    found = match(one, other, reduce(or_, (each.told for each in (*ours, *theirs))))
    return Likeness(found.score, found.evidence, barred(one, other))


def within(records: Sequence[Neighbour]) -> Mapping[str, Likeness]:
    """Each record of an account beside the others of it; of an account with one record, nothing."""
    if len(records) < 2:
        return {}
    return {one.known.id: between([one], [each for each in records if each is not one]) for one in records}


def _company(records: Iterable[Neighbour]) -> Company:
    return joined([company_of(each.known) for each in records])
