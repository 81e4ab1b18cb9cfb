"""What only all records together can tell: which numbers and sites are one company's own, which names fit several.

Pure. A number or site seen under two names that cannot be one company proves nothing of anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice

from kamsync.rules.identity.chinese import is_short_for
from kamsync.rules.identity.company import Company, bar
from kamsync.rules.identity.face import Name
from kamsync.rules.regions import compatible

MANY = 6  # companies under one number or site, beyond which it is nobody's own
LOOK = 300  # pairs that are looked at to find out


@dataclass(slots=True)
class Crowd:
    """All companies as they are known so far."""

    shared: frozenset[str]
    widely: bool  # all companies there are, not only those that share a clue
    _bearers: dict[str, int]  # a core → how many companies that cannot be one are registered with it
    _brands: dict[str, int]  # a Latin word → how many companies go by a name with it
    _legal: dict[str, list[Name]]  # the first two characters → registered Chinese names
    _fits: dict[Name, int] = field(default_factory=dict)

    def bearers(self, name: Name) -> int:
        return self._bearers.get(name.core, 1)

    def is_nobody_elses(self, word: str) -> bool:
        """Does at most one company go by a name with that word?"""
        return self.widely and self._brands.get(word, 0) <= 1

    def fits(self, short: Name) -> int | None:
        """How many registered names it could be short for; one that tells its place is asked for there first. None:
        not all names are known here."""
        if not self.widely:
            return None
        known = self._fits.get(short)
        if known is None:
            known = self._fits[short] = self._count(short)
        return known

    def _count(self, short: Name) -> int:
        heads = {short.core[:2], (short.region + short.core)[:2]}
        found = {
            (long.region, long.core)
            for head in heads
            for long in self._legal.get(head, ())
            if long.unit == short.unit and compatible(long.region, short.region) and is_short_for(short, long)
        }
        near = {place for place in found if short.region and place[0] == short.region}
        return len(near or found)


def crowd(companies: Sequence[Company], *, widely: bool = True) -> Crowd:
    legal: dict[str, list[Name]] = defaultdict(list)
    for name in {name for company in companies for name in company.names if name.is_chinese and name.is_registered}:
        for head in {name.core[:2], (name.region + name.core)[:2]}:
            legal[head].append(name)
    words: dict[str, set[str]] = defaultdict(set)
    for company in companies:
        for word in {word for name in company.called for word in name.words}:
            words[word].add(company.id)
    brands = {word: len(ids) for word, ids in words.items()}
    return Crowd(_shared(companies), widely, _bearers(companies), brands, legal)


def _shared(companies: Iterable[Company]) -> frozenset[str]:
    places: dict[str, list[Company]] = defaultdict(list)
    for company in companies:
        for value in company.phones | company.sites:
            places[value].append(company)
    return frozenset(value for value, found in places.items() if len(found) > 1 and _is_shared(found))


def _is_shared(companies: Sequence[Company]) -> bool:
    """Two registered names alone may be one company before and after it changed its name: that is left open."""
    if len(companies) > MANY:
        return True
    bars = [found[0] for one, other in islice(combinations(companies, 2), LOOK) if (found := bar(one, other))]
    return len(bars) > 1 or any(rule != "legal_name" for rule in bars)


def _bearers(companies: Iterable[Company]) -> dict[str, int]:
    by_core: dict[str, list[Company]] = defaultdict(list)
    for company in companies:
        for core in {name.core for name in company.called if name.is_registered and not name.unit}:
            by_core[core].append(company)
    return {core: _apart(found) for core, found in by_core.items() if len(found) > 1}


def _apart(companies: Sequence[Company]) -> int:
    """How many of them can't be any of the others."""
    several: list[Company] = []
    for company in companies[:LOOK]:
        if not any(bar(company, other) is None for other in several):
            several.append(company)
    return len(several)
