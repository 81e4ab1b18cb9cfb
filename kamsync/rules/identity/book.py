"""Decide of a whole book of records, in layers each of which looks at neighbours only.

Kin: two records that share a key and have a name, a number or a site to compare. Crowd: what the kin of a record tell
of it. Alike: kin that may be one company. Only records that are alike, straight or through others, are decided of
together. So what changes in one record reaches its kin and theirs, and nobody else: whoever keeps the layers may
follow changes, and comes to the same as who looks at all records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kamsync.rules.identity import blocks
from kamsync.rules.identity.clustering import Clusters, Match, match
from kamsync.rules.identity.company import Company, joined, label
from kamsync.rules.identity.crowd import NOBODY, Crowd, crowd
from kamsync.rules.identity.known import REVIEW, LinkDecision
from kamsync.rules.identity.latin import brands
from kamsync.rules.identity.relation import is_related

Pair = tuple[str, str]
Apart = Mapping[str, Collection[str]]  # a record's id → those that a person has called different


def are_kin(a: Company, b: Company) -> bool:
    """Is there anything to compare?"""
    if not a.codes.isdisjoint(b.codes) or not a.phones.isdisjoint(b.phones) or not a.sites.isdisjoint(b.sites):
        return True
    return is_related(a.names, b.names) or _named_as_site(a, b) or _named_as_site(b, a)


def _named_as_site(a: Company, b: Company) -> bool:
    return bool(b.sites) and any(label(site) in brands(name) for name in a.names if name.words for site in b.sites)


def may_be_one(a: Company, b: Company, known: Crowd) -> bool:
    """Are these two records to be decided of together, as far as they and their kin tell?"""
    return _is_open(match(a, b, known))


def _is_open(found: Match) -> bool:
    return found.score >= REVIEW and (found.barred is None or found.if_barred == "review")


@dataclass(slots=True)
class Group:
    """Records that are alike, straight or through others."""

    companies: list[Company] = field(default_factory=list)
    alike: list[Pair] = field(default_factory=list)
    known: Crowd = NOBODY

    def decide(self, apart: Apart) -> tuple[list[Company], list[LinkDecision]]:
        """Who is one company; those of one `fixed` account are from the beginning."""
        if len(self.companies) == 1:
            return self.companies, []
        held: dict[str, list[Company]] = defaultdict(list)
        for company in sorted(self.companies, key=lambda company: company.id):
            held[_holder(company)].append(company)
        whole = [some[0] if len(some) == 1 else joined(some) for _, some in sorted(held.items())]
        clusters = Clusters(whole, self.alike, self.known, apart)
        clusters.run()
        return clusters.companies, _one_question_each(clusters)


def _one_question_each(clusters: Clusters) -> list[LinkDecision]:
    """What was decided; of two companies a person is asked once, however many of their records are alike."""
    head = {id: company.id for company in clusters.companies for id in company.ids}
    asked: dict[frozenset[str], LinkDecision] = {}
    for one in clusters.decisions.values():
        pair = frozenset((head[one.a], head[one.b]))
        if one.verdict == "review" and len(pair) == 2:
            before = asked.get(pair)
            if before is None or (one.score, before.a, before.b) > (before.score, one.a, one.b):
                asked[pair] = one
    return [one for one in clusters.decisions.values() if one.verdict != "review"] + list(asked.values())


def _holder(company: Company) -> str:
    (face,) = company.faces
    return company.id if face.fixed is None else f"\0{face.fixed}"


def groups(companies: Iterable[tuple[Company, Crowd]], alike: Iterable[Pair]) -> Iterator[Group]:
    """The records, in the groups in which they are decided of; each pair of `alike` is of two of them."""
    into: dict[str, str] = {}

    def top(id: str) -> str:
        while (above := into.setdefault(id, id)) != id:
            into[id] = id = into.setdefault(above, above)
        return id

    alike, companies = list(alike), list(companies)
    for company, _ in companies:
        into[top(company.id)] = top(_holder(company))
    for a, b in alike:
        into[top(a)] = top(b)
    found: dict[str, Group] = defaultdict(Group)
    for company, known in companies:
        group = found[top(company.id)]
        group.companies.append(company)
        group.known |= known
    for a, b in alike:
        found[top(a)].alike.append((a, b))
    yield from found.values()


@dataclass(frozen=True, slots=True)
class Book:
    """All records there are, and what they tell of each other. `kin`, `alike`: pairs of places in `companies`."""

    companies: Sequence[Company]
    kin: NDArray[np.int64]
    told: Sequence[Crowd]
    alike: NDArray[np.bool_]  # of each pair of `kin`

    def pairs(self) -> Iterator[tuple[int, int, bool]]:
        """Kin by their places, and whether they are decided of together."""
        for (one, other), alike in zip(_rows(self.kin), self.alike.tolist(), strict=True):
            yield one, other, alike

    def groups(self) -> Iterator[Group]:
        alike = ((self.companies[a].id, self.companies[b].id) for a, b in self.kin[self.alike].tolist())
        return groups(zip(self.companies, self.told, strict=True), alike)


def read_companies(companies: Sequence[Company]) -> Book:
    """What these, each a record by itself, tell of each other."""
    pairs, is_dead = blocks.pairs(companies)
    kin = pairs[_each(pairs, lambda a, b: are_kin(companies[a], companies[b]))]
    near: dict[int, list[Company]] = defaultdict(list)
    for a, b in _rows(kin):
        near[a].append(companies[b])
        near[b].append(companies[a])
    told = [crowd(company, near.pop(place, ()), is_dead) for place, company in enumerate(companies)]
    alike = _each(kin, lambda a, b: may_be_one(companies[a], companies[b], told[a] | told[b]))
    return Book(companies, kin, told, alike)


def _each(pairs: NDArray[np.int64], holds: Callable[[int, int], bool]) -> NDArray[np.bool_]:
    return np.fromiter((holds(a, b) for a, b in _rows(pairs)), np.bool_, len(pairs))


def _rows(pairs: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """As Python's numbers, some at a time: a list of all would take more room than the records."""
    for start in range(0, len(pairs), 100_000):
        yield from map(tuple, pairs[start : start + 100_000].tolist())
