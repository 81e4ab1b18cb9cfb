"""Which records are worth comparing: those that share a code, a number, a site, or a piece of a name.

A piece that very many share tells nothing; it is left out, and what is one company shares another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kamsync.rules.identity.chinese import bare
from kamsync.rules.identity.company import Company, label
from kamsync.rules.identity.face import Name, said
from kamsync.rules.identity.latin import brands, telling

CROWD = 100  # records that bear a key, beyond which it is left out
ASKS, BOTH, ANSWERS = 0, 1, 2  # whom a record meets by a key: who answers, everybody, who asks
LONGEST = 200  # no name is so long; what somebody pasted into its field may be

IsDead = Callable[[str], bool]  # is it borne by too many?


def keys(company: Company) -> dict[str, int]:
    """What it is looked up by, and whom it meets there."""
    found: dict[str, int] = {}
    for key, side in _keys(company):
        if found.setdefault(key[:LONGEST], side) != side:
            found[key[:LONGEST]] = BOTH
    return found


def meet(one: int, other: int) -> bool:
    """Do two records that share a key meet there, by the sides that they have?"""
    return one != other or one == BOTH


def phone_key(phone: str) -> str:
    return f"phone {phone}"[:LONGEST]


def site_key(site: str) -> str:
    return f"site {site}"[:LONGEST]


def core_key(core: str) -> str:
    return f"core {core}"[:LONGEST]


def brand_key(word: str) -> str:
    return f"brand {word}"[:LONGEST]


def asks(name: Name) -> Iterator[str]:
    """Where a name that may be short for others asks for them."""
    core = bare(name.core)
    if len(core) == 2:
        yield f"head {core}|{name.unit}"[:LONGEST]
    elif len(core) > 2:
        yield f"ends {core[:2]}{core[-1]}|{name.unit}"[:LONGEST]
    rest = core.removeprefix(name.region)
    if name.region and len(rest) > 1:
        yield f"there {name.region} {rest[0]}{rest[-1]}|{name.unit}"[:LONGEST]
    if name.unit:
        yield f"unit {name.unit} {core[:1]}"[:LONGEST]


def _answers(name: Name) -> Iterator[str]:
    core = bare(name.core)
    if len(core) > 2:
        yield f"head {core[:2]}|{name.unit}"
        yield from (f"ends {core[:2]}{letter}|{name.unit}" for letter in core[2:])
    rest = core.removeprefix(name.region)
    if name.region:
        yield from (f"there {name.region} {rest[0]}{letter}|{name.unit}" for letter in rest[1:])
    if name.unit:
        yield f"unit {name.unit} {core[:1]}"


def _keys(company: Company) -> Iterator[tuple[str, int]]:
    yield from ((f"code {code}", BOTH) for code in company.codes)
    yield from ((phone_key(phone), BOTH) for phone in company.phones)
    for site in company.sites:
        yield site_key(site), BOTH
        yield brand_key(label(site)), ANSWERS
    for name in company.names:
        yield core_key(name.core), BOTH
        yield from _chinese(name) if name.is_chinese else _latin(name)


def _chinese(name: Name) -> Iterator[tuple[str, int]]:
    """Short names ask for what they may be short for; registered ones meet only what is a character away."""
    core = name.core
    if not name.is_registered:
        yield from ((key, ASKS) for key in asks(name))
    yield from ((key, ANSWERS) for key in _answers(name))
    if len(core) >= 4:
        yield f"near {core}", BOTH
        yield from ((f"near {core[:at]}{core[at + 1 :]}", BOTH) for at in range(len(core)))
    for count in (2, 3):
        if len(core) >= count:
            yield from ((f"sound {''.join(sounds)}", ANSWERS) for sounds in product(*map(said, core[:count])))


def _latin(name: Name) -> Iterator[tuple[str, int]]:
    words = telling(name) or name.words
    yield f"word {words[0][:6]}", BOTH
    if len(words) > 1:
        yield f"words {words[0][:4]} {words[1][:3]}", BOTH
        yield f"rest {words[0][0]} {''.join(words[1:])}", BOTH
    yield from ((brand_key(brand), ASKS) for brand in brands(name))
    yield from ((f"sound {word}", ASKS) for word in words[:2])
    for count in (2, 3):
        if len(words) >= count:
            yield f"sound {''.join(words[:count])}", ASKS


def pairs(companies: Sequence[Company]) -> tuple[NDArray[np.int64], IsDead]:
    """Pairs of places in `companies`, two columns, the lower first; and which keys too many bear."""
    hashes, places, sides = _postings(companies)
    order = np.argsort(hashes, kind="stable")
    hashes, places, sides = hashes[order], places[order], sides[order]
    starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1]))) if len(hashes) else np.array([], int)
    counts = np.diff(np.append(starts, len(hashes)))
    dead = frozenset(hashes[starts[counts > CROWD]].tolist())
    met: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    for count in range(2, CROWD + 1):
        rows = starts[counts == count][:, None] + np.arange(count)
        one, other = np.triu_indices(count, 1)
        for some in np.array_split(rows, len(rows) * len(one) // 2_000_000 + 1):
            meets = (sides[some[:, one]] != sides[some[:, other]]) | (sides[some[:, one]] == BOTH)
            met.append(np.unique(places[some[:, one]][meets] << 32 | places[some[:, other]][meets]))
    found = np.unique(np.concatenate(met))
    return np.stack((found >> 32, found & 0xFFFFFFFF), axis=1), lambda key: hash(key) in dead


def _postings(companies: Sequence[Company]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
    from array import array

    hashes, places, sides = array("q"), array("q"), array("b")
    for place, company in enumerate(companies):
        for key, side in keys(company).items():
            hashes.append(hash(key))
            places.append(place)
            sides.append(side)
    return np.frombuffer(hashes, np.int64), np.frombuffer(places, np.int64), np.frombuffer(sides, np.int8)
