"""What all records together tell of one: which of its numbers and sites are its own, which of its names fit several.

Pure, and decided from who shares a key with it. A number or site seen under two names that cannot be one company
proves nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice
from types import MappingProxyType
from typing import Any

from kamsync.rules.identity import latin
from kamsync.rules.identity.blocks import IsDead, asks, brand_key, core_key, phone_key, site_key
from kamsync.rules.identity.chinese import is_short_for
from kamsync.rules.identity.company import Company, bar, label
from kamsync.rules.identity.face import Name
from kamsync.rules.regions import compatible

MANY = 6  # names under one number or site, beyond which it is nobody's own; more than can be told apart
LOOK = 300  # pairs that are looked at to find out


@dataclass(frozen=True, slots=True)
class Crowd:
    """What is not as it usually is, that it would be one company's own. `bearers`: a core → companies registered with
    it; `fits`: a short name → registered names that it fits; `taken`: words that several companies are called by."""

    shared: frozenset[str] = frozenset()
    bearers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    fits: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    taken: frozenset[str] = frozenset()

    def bear(self, name: Name) -> int:
        return self.bearers.get(name.core, 1)

    def fit(self, short: Name) -> int:
        return self.fits.get(called(short), 1)

    def __or__(self, other: Crowd) -> Crowd:
        if other is NOBODY:
            return self
        if self is NOBODY:
            return other
        return Crowd(
            self.shared | other.shared,
            {**self.bearers, **other.bearers},
            {**self.fits, **other.fits},
            self.taken | other.taken,
        )

    def plain(self) -> dict[str, Any] | None:
        """As it is kept; None: all is as usual."""
        if self == NOBODY:
            return None
        return {
            "shared": sorted(self.shared),
            "bearers": dict(self.bearers),
            "fits": dict(self.fits),
            "taken": sorted(self.taken),
        }


NOBODY = Crowd()


def crowd_of(plain: Mapping[str, Any] | None) -> Crowd:
    """What was kept as `plain`."""
    if plain is None:
        return NOBODY
    return Crowd(frozenset(plain["shared"]), plain["bearers"], plain["fits"], frozenset(plain["taken"]))


def called(name: Name) -> str:
    return f"{name.region}|{name.core}|{name.unit}"


def crowd(me: Company, kin: Iterable[Company], is_dead: IsDead = lambda key: False) -> Crowd:
    """What `kin`, all that share a key with `me`, tell of it."""
    all_ = sorted((me, *kin), key=lambda company: company.id)
    shared = frozenset(_shared(me, all_, is_dead))
    bearers = {core: count for core in {n.core for n in me.names} if (count := _bearers(core, all_, is_dead)) > 1}
    briefs = [name for name in me.names if name.is_chinese and not name.is_registered]
    fits = {called(short): count for short in briefs if (count := _fits(short, all_, is_dead)) > 1}
    labels = {label(site) for site in me.sites}
    taken = frozenset(label for label in labels if _is_taken(label, all_, is_dead))
    return Crowd(shared, bearers, fits, taken) if shared or bearers or fits or taken else NOBODY


def _shared(me: Company, companies: Sequence[Company], is_dead: IsDead) -> Iterable[str]:
    for phone in me.phones:
        if is_dead(phone_key(phone)) or _is_shared([one for one in companies if phone in one.phones]):
            yield phone
    for site in me.sites:
        if is_dead(site_key(site)) or _is_shared([one for one in companies if site in one.sites]):
            yield site


def _is_shared(companies: Sequence[Company]) -> bool:
    """Two registered names alone may be one company before and after it changed its name: that is left open."""
    if len({company.called[0].core for company in companies if company.called}) > MANY:
        return True
    barred: set[tuple[str, str]] = set()
    for one, other in islice(combinations(companies, 2), LOOK):
        found = bar(one, other)
        if found is not None:
            rule, *said = found
            barred.add((min(said), max(said)))
            if rule != "legal_name" or len(barred) > 1:
                return True
    return False


def _bearers(core: str, companies: Sequence[Company], is_dead: IsDead) -> int:
    """How many that cannot be one are registered with it."""
    if is_dead(core_key(core)):
        return MANY
    several: list[Company] = []
    for company in companies:
        bears = any(name.core == core and name.is_registered and not name.unit for name in company.called)
        if bears and not any(bar(company, other) is None for other in several):
            several.append(company)
    return len(several)


def _fits(short: Name, companies: Iterable[Company], is_dead: IsDead) -> int:
    """How many registered names it could be short for; one that tells its place is asked for there first."""
    if any(is_dead(key) for key in asks(short)):
        return MANY
    found = {
        (long.region, long.core)
        for company in companies
        for long in company.names
        if long.is_chinese
        and long.is_registered
        and long.unit == short.unit
        and compatible(long.region, short.region)
        and is_short_for(short, long)
    }
    near = {place for place in found if short.region and place[0] == short.region}
    return len(near or found)


def _is_taken(label: str, companies: Iterable[Company], is_dead: IsDead) -> bool:
    """Do several companies go by names with that word?"""
    if is_dead(brand_key(label)):
        return True
    names = {name for one in companies for name in one.called if name.words and label in latin.brands(name)}
    several: list[Name] = []
    for name in sorted(names, key=lambda name: (name.core, name.full)):
        if all(latin.likeness(name, other) in (None, "longer") for other in several):
            several.append(name)
    return len(several) > 1
