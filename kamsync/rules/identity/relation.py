"""The best that can be said of any name of one company and any name of the other.

Pure. A relation is between two names; what it is worth depends on how many other companies it would fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kamsync.rules.identity import across, chinese, latin
from kamsync.rules.identity.face import Name

Kind = Literal["full", "core", "slip", "trunc", "spelled", "read", "brand", "short", "longer", "translated", "partly"]
ACROSS: frozenset[Kind] = frozenset(("spelled", "read", "brand", "translated", "partly"))
_RANK: dict[Kind, int] = {
    "full": 9, "core": 8, "slip": 7, "trunc": 7, "spelled": 6, "read": 5, "brand": 4, "short": 4, "longer": 3,
    "translated": 3, "partly": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """`one` and `other` as they were given; where one is the shorter, `short` and `long` tell."""

    kind: Kind
    one: Name
    other: Name

    @property
    def short(self) -> Name:
        return min((self.one, self.other), key=lambda name: len(name.core))

    @property
    def long(self) -> Name:
        return self.other if self.short is self.one else self.one


def best(ours: Iterable[Name], theirs: Iterable[Name]) -> Relation | None:
    """The strongest relation; of two alike, that of the longer names."""
    found: Relation | None = None
    rank = (0, 0)
    theirs = tuple(theirs)
    for one in ours:
        for other in theirs:
            kind = kind_of(one, other)
            if kind is not None and (_RANK[kind], len(one.core) + len(other.core)) > rank:
                found, rank = Relation(kind, one, other), (_RANK[kind], len(one.core) + len(other.core))
    return found


def is_related(ours: Iterable[Name], theirs: Iterable[Name]) -> bool:
    theirs = tuple(theirs)
    return any(kind_of(one, other) is not None for one in ours for other in theirs)


@lru_cache(maxsize=100_000)
def kind_of(one: Name, other: Name) -> Kind | None:
    if one.is_chinese != other.is_chinese:
        return across.reading(*((one, other) if one.is_chinese else (other, one)))
    if one.full == other.full and one.is_registered and other.is_registered:
        return "full"
    if one.core == other.core:
        return "core"
    return _chinese(one, other) if one.is_chinese else latin.likeness(one, other)


def _chinese(one: Name, other: Name) -> Kind | None:
    if chinese.numbers(one.core) != chinese.numbers(other.core):
        return None
    short, long = sorted((one, other), key=lambda name: (len(name.core), name.core))
    brief = not (one.is_registered and other.is_registered) and chinese.is_short_for(short, long)
    if brief and chinese.leaves_out_only_the_general(short, long):
        return "short"
    if chinese.is_slip(short.core, long.core) or chinese.is_slip(one.region + one.core, other.region + other.core):
        return "slip"
    return "short" if brief else None
