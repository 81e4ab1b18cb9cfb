"""How one name in Latin letters can be another: without its general words, abbreviated, cut off, or mistyped.

Pure, on names taken apart.
"""

from __future__ import annotations

from typing import Literal

from kamsync.rules.identity.face import Name
from kamsync.rules.identity.terms import TRADES, WEAK

Likeness = Literal["core", "trunc", "slip", "longer"]
CUT = 10  # letters from which a name that simply ends is taken for one that was cut off


def telling(name: Name) -> tuple[str, ...]:
    """Its words without those that any company may carry."""
    return tuple(word for word in name.words if word not in WEAK)


def brands(name: Name) -> frozenset[str]:
    """What may be the label of its web address."""
    return frozenset(word for word in name.words if len(word) >= 4) - WEAK - TRADES | {"".join(telling(name))}


def likeness(one: Name, other: Name) -> Likeness | None:
    """`core`: the same telling words; `trunc`: abbreviated or cut off; `slip`: mistyped; `longer`: more words."""
    a, b = telling(one), telling(other)
    if not a or not b:
        return None
    if a == b:
        return "core" if set(a) - TRADES else None
    if _is_abbreviated(one.words, other.words) or _is_cut(one.full, other.full):
        return "trunc"
    if _is_mistyped(one, other):
        return "slip"
    if len(a) != len(b) and a[0] == b[0] and (set(a) <= set(b) or set(b) <= set(a)):
        return "longer" if min(len("".join(a)), len("".join(b))) >= 5 else None
    return None


def _is_abbreviated(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Natl Fuel Gas, National Fuel Gas: word for word the same or short for it, and one of some length the same."""
    if len(one) != len(other) or not any(a == b and len(a) >= 4 for a, b in zip(one, other, strict=True)):
        return False
    return all(a == b or _stands_for(a, b) or _stands_for(b, a) for a, b in zip(one, other, strict=True))


def _stands_for(short: str, long: str) -> bool:
    """elec, natl and hldgs; not heda for hengda: what is left out are the end, or the vowels."""
    if len(short) < 2 or len(long) < len(short) + 2 or short[0] != long[0] or short in TRADES:
        return False
    if long.startswith(short) or (len(short) > 2 and long.startswith(short[:-1])):
        return short[-1] in long
    letters = iter(long)
    return not set(short[1:]) & set("aeiou") and all(letter in letters for letter in short)


def _is_cut(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    in_a_word = long[len(short) : len(short) + 1].isalnum()
    return len(short) >= CUT and long.startswith(short) and (in_a_word or " " in short)


def _is_mistyped(one: Name, other: Name) -> bool:
    from rapidfuzz.distance import OSA, Levenshtein

    a, b = one.core.replace(" ", ""), other.core.replace(" ", "")
    if min(len(a), len(b)) < 7 or a[0] != b[0]:
        return False
    first, second = one.words[0], other.words[0]
    if first != second and sorted(first) != sorted(second) and min(len(first), len(second)) < 8:
        return False  # a brand so short is another brand with one letter changed
    apart = not first.startswith(second) and not second.startswith(first)
    if apart and OSA.distance(first, second, score_cutoff=1) > 1:
        return False
    return Levenshtein.normalized_similarity(a, b, score_cutoff=0.9) >= 0.9
