"""What people have said of records: these are one customer, these are two. It holds above every rule.

Pure. "Two" holds for all that is linked with either; where both words meet, nothing is joined that was said to be two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from kamsync.rules.identity import Evidence, Known
from kamsync.rules.identity.clustering import barred
from kamsync.rules.identity.company import Company
from kamsync.rules.identity.face import face_of

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """Pairs of records, by id, that a person has called the same customer, or different ones."""

    same: dict[Pair, int] = field(default_factory=dict)  # with the number of the decision
    apart: dict[Pair, int] = field(default_factory=dict)


def veto(ours: Iterable[Known], theirs: Iterable[Known]) -> Evidence | None:
    """What forbids the rules to join these two companies; None: nothing does."""
    one, other = (Company(tuple(face_of(known) for known in side)) for side in (ours, theirs))
    return barred(one, other) if one.faces and other.faces else None


def said_apart(ours: Collection[str], theirs: Collection[str], said: Said) -> int | None:
    """The decision by which somebody of the one is not somebody of the other."""
    fewer, more = sorted((set(ours), set(theirs)), key=len)
    found = [number for pair, number in said.apart.items() if pair & fewer and pair - fewer & more]
    return min(found, default=None)


def said_same(a: str, b: str, said: Said) -> list[int]:
    """The decisions that make one customer of these two, straight or through others; none: nobody said so."""
    came: dict[str, tuple[str, int]] = {}
    front = [a]
    while front and b not in came:
        here = front.pop(0)
        for pair, number in sorted(said.same.items(), key=lambda item: item[1]):
            there = next(iter(pair - {here}), here)
            if here in pair and there != a and there not in came:
                came[there] = (here, number)
                front.append(there)
    numbers = []
    while b in came:
        b, number = came[b]
        numbers.append(number)
    return numbers


def held_together(said: Said) -> dict[str, str]:
    """Of each record that was called the same as another: what it is held together by. The older word first; what would
    bring together whom people called different joins nothing."""
    groups: dict[str, frozenset[str]] = {}
    for pair, _ in sorted(said.same.items(), key=lambda item: item[1]):
        one, other = (groups.get(id, frozenset([id])) for id in sorted(pair))
        if said_apart(one, other, said) is None:
            groups.update(dict.fromkeys(one | other, one | other))
    return {id: min(group) for id, group in groups.items()}
