"""Which companies are worth comparing: those that share a code, a number, a site, or a piece of a name.

A piece that very many share tells nothing; it is left out, and what is one company shares another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, product

from kamsync.rules.identity.company import Company
from kamsync.rules.identity.face import Name, said
from kamsync.rules.identity.latin import telling

CROWD = 200  # companies in one block beyond which it is left out
Key = tuple[str, ...]
ASKS, BOTH, ANSWERS = "asks", "both", "answers"  # whom a company meets in a block: answers, everybody, who asks


def pairs(companies: Sequence[Company], fresh: Collection[int] | None = None, *, widely: bool) -> set[tuple[int, int]]:
    """Pairs of places in `companies`, the lower first; with `fresh`, only those with one of these. `widely`: also by
    pieces of names that prove nothing alone."""
    blocks: dict[Key, dict[int, str]] = defaultdict(dict)
    for place, company in enumerate(companies):
        for key, side in keys(company) if widely else {(clue, BOTH) for clue in clues(company)}:
            met = blocks[key].setdefault(place, side)
            if met != side:
                blocks[key][place] = BOTH
    found: set[tuple[int, int]] = set()
    for sides in blocks.values():
        if 1 < len(sides) <= CROWD:
            found.update(
                pair
                for pair in combinations(sides, 2)
                if _meet(sides[pair[0]], sides[pair[1]]) and (fresh is None or pair[0] in fresh or pair[1] in fresh)
            )
    return found


def _meet(one: str, other: str) -> bool:
    return one != other or one == BOTH


def clues(company: Company) -> set[Key]:
    """What a company can be known by: its codes, numbers and sites, and the core of each name."""
    found: set[Key] = {("code", code) for code in company.codes}
    found.update(("phone", phone) for phone in company.phones)
    found.update(("site", site) for site in company.sites)
    return found.union(("core", name.core) for name in company.names)


def keys(company: Company) -> set[tuple[Key, str]]:
    found = {(clue, BOTH) for clue in clues(company)}
    found.update((("brand", site.partition(".")[0]), ANSWERS) for site in company.sites)
    for name in company.names:
        found.update(_chinese(name) if name.is_chinese else _latin(name))
    return found


def _chinese(name: Name) -> Iterator[tuple[Key, str]]:
    """Short names ask for what they may be short for; registered ones meet only what is a character away."""
    core = name.core
    side = ANSWERS if name.is_registered else BOTH
    yield ("head", core[:2], name.unit), side
    if name.region:
        yield ("head", (name.region + core)[:2], name.unit), side
    if len(core) >= 4:
        yield ("near", core), BOTH
        for at in range(len(core)):
            yield ("near", core[:at] + core[at + 1 :]), BOTH
    if name.unit:
        yield ("unit", name.unit, core.removeprefix("中国")[:1]), BOTH
    for count in (2, 3):
        if len(core) >= count:
            for sounds in product(*map(said, core[:count])):
                yield ("sound", "".join(sounds)), ANSWERS


def _latin(name: Name) -> Iterator[tuple[Key, str]]:
    words = telling(name) or name.words
    yield ("word", words[0][:6]), BOTH
    yield ("brand", "".join(words)), ASKS
    for word in words[:2]:
        yield ("brand", word), ASKS
        yield ("sound", word), ASKS
    for count in (2, 3):
        if len(words) >= count:
            yield ("sound", "".join(words[:count])), ASKS
