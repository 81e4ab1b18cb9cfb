"""Can a name in Latin letters be read from a Chinese one: spelled, translated, or both?

Pure: pinyin and general vocabulary. Brands that are neither spelled nor translated are found by other evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from kamsync.rules.identity.face import Name, spelled
from kamsync.rules.identity.terms import ENGLISH, WEAK
from kamsync.rules.regions import place

Reading = Literal["spelled", "read", "brand", "translated", "partly"]
LETTERS = 5  # of a brand's spelling: fewer are too many companies'
_LITTLE = frozenset(["and", "of", "the", "co", "de"])


@dataclass(slots=True)
class _Walk:
    """How far the Latin words were found in the Chinese name."""

    used: list[bool]
    letters: int = 0
    syllables: int = 0
    terms: int = 0
    strange: list[str] = field(default_factory=list)
    wrong: bool = False  # a trade that the Chinese name does not tell
    placed: bool = False  # both names tell the same place
    bare: bool = False  # two syllables and nothing else, where the Chinese name tells its place as well


@lru_cache(maxsize=50_000)
def reading(chinese: Name, latin: Name) -> Reading | None:
    """`spelled`: syllable by syllable; `read`: a brand spelled and all the rest understood; `brand`: the brand spelled
    and nothing against it; `translated`: no brand, every word translated; `partly`: a brand that may be chance."""
    words = tuple(word for word in latin.words if word not in _LITTLE)
    if not words:
        return None
    if len(words) >= 4 and all(word in _syllables() for word in words):
        return "spelled" if _is_spelled(chinese, "".join(words)) else None
    walk = _walk(chinese, latin, words)
    covered = sum(walk.used) / max(1, len(chinese.core))
    if walk.syllables >= 2:
        return _brand(walk, covered)
    whole = covered >= 0.7 and (walk.terms >= 2 or len(chinese.core) >= 3 or bool(chinese.region))
    return "translated" if walk.terms and not walk.strange and whole else None


def _brand(walk: _Walk, covered: float) -> Reading:
    enough = walk.letters >= LETTERS
    if walk.wrong and covered < 0.9:
        return "partly"
    if walk.letters == LETTERS - 1 and walk.terms and covered == 1 and walk.placed and not walk.strange:
        return "read"  # a brief brand, and all else is said as well
    if enough and not walk.strange:
        told = covered >= 0.7 or walk.syllables >= 3
        return "read" if told and not walk.bare else "brand"
    if not walk.strange or (enough and sum(map(len, walk.strange)) <= walk.letters):
        return "brand" if enough else "partly"
    return "partly"


def _walk(chinese: Name, latin: Name, words: tuple[str, ...]) -> _Walk:
    walk = _Walk([False] * len(chinese.core))
    if chinese.region and chinese.core.startswith(chinese.region):  # 苏州港口: without its place it would be nobody
        walk.used[: len(chinese.region)] = [True] * len(chinese.region)
    at = 0
    while at < len(words):
        known = _spelled_brand(walk, chinese, words, at) or _term(walk, chinese, words, at)
        at += known or _other(walk, chinese, words, at)
    placed = any(place(word) for word in words) or "".join(spelled(chinese.region)) in words
    walk.placed = bool(chinese.region) and (chinese.region == latin.region or "".join(spelled(chinese.region)) in words)
    walk.bare = bool(chinese.region) and not placed and not walk.terms and walk.syllables < 3
    return walk


def _spelled_brand(walk: _Walk, chinese: Name, words: tuple[str, ...], at: int) -> int:
    """How many words spell a run of the Chinese name."""
    for span in (3, 2, 1):
        word = "".join(words[at : at + span])
        if at + span <= len(words) and (run := _run(spelled(chinese.core), word, walk.used)):
            walk.letters += len(word)
            walk.syllables += run
            return span
    return 0


def _run(sounds: tuple[str, ...], word: str, used: list[bool]) -> int:
    """As how many syllables, two at least, the word stands in the name; these are used up then."""
    for start in range(len(sounds)):
        said, count = "", 0
        while start + count < len(sounds) and not used[start + count]:
            longer = said + sounds[start + count]
            if not word.startswith(longer):
                break
            said, count = longer, count + 1
        if said == word and count >= 2:
            used[start : start + count] = [True] * count
            return count
    return 0


def _term(walk: _Walk, chinese: Name, words: tuple[str, ...], at: int) -> int:
    """How many words translate a term that the Chinese name has and that nothing else was read from."""
    for term, phrase in ENGLISH.get(words[at], ()):
        begin = chinese.core.find(term)
        free = begin >= 0 and not any(walk.used[begin : begin + len(term)])
        if free and words[at : at + len(phrase)] == phrase:
            walk.used[begin : begin + len(term)] = [True] * len(term)
            walk.terms += 1
            return len(phrase)
    return 0


def _other(walk: _Walk, chinese: Name, words: tuple[str, ...], at: int) -> int:
    """A place, a word that says nothing, a last word that was cut off; or one that is strange to the Chinese name."""
    word = words[at]
    if word in WEAK or place(word) or (chinese.region and word == "".join(spelled(chinese.region))):
        return 1
    if word in ENGLISH:
        walk.wrong = True
    elif 0 < at == len(words) - 1 and any(known.startswith(word) for known in ENGLISH):
        return 1
    walk.strange.append(word)
    return 1


def _is_spelled(chinese: Name, letters: str) -> bool:
    """深圳市… may be spelled with or without its place, and the 市 of it."""
    core, region = "".join(spelled(chinese.core)), "".join(spelled(chinese.region))
    ways = (core, region + core, region + "shi" + core)
    letters = _FORM.sub("", letters)
    return len(letters) >= 10 and any(
        way.startswith(letters) or (letters.startswith(way) and len(way) >= 10) for way in ways
    )


# 有限公司, 股份有限公司, 集团 … as they are spelled, and a unit behind them
_FORM = re.compile(r"(?:jituan|konggu)?(?:gufen)?youxian(?:zeren)?gongsi(?:[a-z]+gongsi)?$")


@cache
def _syllables() -> frozenset[str]:
    """Every syllable of Mandarin."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    return frozenset(to_normal(sound) for said in PINYIN_DICT.values() for sound in said.split(","))
