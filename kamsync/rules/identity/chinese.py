"""How one Chinese name can be another: short for it, a slip of the pen away, or numbered otherwise.

Pure, on names taken apart. Knows how people shorten names, and no company.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kamsync.rules.identity.face import Name, spelled
from kamsync.rules.names import GENERAL

# 第一建筑 and 第二建筑, 东 and 西: one character that makes another company.
_TELLING = frozenset("0123456789一二三四五六七八九十百甲乙丙丁东南西北中上下新老大小")
_NUMBER = re.compile(r"第?([一二三四五六七八九十百]+)(?=[航局建冶公院分厂矿设工勘])|(\d+)")
_CHINA = "中国"


@lru_cache(maxsize=50_000)
def numbers(core: str) -> tuple[str, ...]:
    """The numbers that a name counts with: 第三航务工程局 and 三航局 are one, 第四 is another."""
    return tuple(one or two for one, two in _NUMBER.findall(core))


def is_slip(one: str, other: str) -> bool:
    """Is one core the other with one character mistyped, left out or too many, and none that tells companies apart?"""
    from rapidfuzz.distance import Levenshtein

    if one == other or min(len(one), len(other)) < 4 or Levenshtein.distance(one, other, score_cutoff=1) > 1:
        return False
    edits = Levenshtein.editops(one, other)
    changed = {one[edit.src_pos] for edit in edits if edit.tag != "insert"}
    changed |= {other[edit.dest_pos] for edit in edits if edit.tag != "delete"}
    return not changed & _TELLING


def is_brief_brand_cut(one: Name, other: Name) -> bool:
    """Two licences with brands of three and two characters: 皓恒 is as good a brand as 璟皓恒."""
    if not (one.is_registered and other.is_registered):
        return False
    return sorted(len(GENERAL.sub("", name.core)) for name in (one, other)) == [2, 3]


def brands_differ(one: Name, other: Name) -> bool:
    """Is the one character that differs among the first two, where a brand is?"""
    return len(one.core) == len(other.core) and one.core[:2] != other.core[:2]


def sounds_alike(one: str, other: str) -> bool:
    """The mistake that an input method makes: as many characters, said alike."""
    return len(one) == len(other) and spelled(one) == spelled(other)


def bare(core: str) -> str:
    """工商银行 of 中国工商银行."""
    return core.removeprefix(_CHINA) if len(core) > 3 else core


def is_short_for(short: Name, long: Name) -> bool:
    """Could `short` be how people call the company named `long`? Places and units are compared elsewhere."""
    brief, whole = bare(short.core), bare(long.core)
    if len(brief) < 2:
        return False
    if short.is_group and not (long.is_group and len(brief) > 2 and is_head(short.core, long.core)):
        return False
    if whole.startswith(brief[:2]) and _within(brief, whole):
        return True
    region = long.region
    if region and region == short.region and _begin_alike(brief.removeprefix(region), whole.removeprefix(region)):
        return True
    return bool(long.unit) and _begin_alike(brief, whole)  # 建行 for 中国建设银行: said of its branches


def _begin_alike(brief: str, whole: str) -> bool:
    return brief[:1] == whole[:1] and len(brief) > 1 and _within(brief, whole)


def leaves_out_only_the_general(short: Name, long: Name) -> bool:
    """Is the short name the head of the long one, or the long one without general words (科技, 股份 …)?"""
    return (
        is_head(short.core, long.core)
        or is_head(short.region + short.core, long.region + long.core)
        or is_head(short.core.removeprefix(_CHINA), long.core.removeprefix(_CHINA))
    )


@lru_cache(maxsize=50_000)
def is_head(short: str, long: str) -> bool:
    if long.startswith(short):
        return True
    same = _shared(short, long)
    rest, left = short[same:], long[same:]
    while rest:
        at = left.find(rest[0])
        if at < 0 or (at and not GENERAL.fullmatch(left[:at])):
            return False
        run = _shared(rest, left[at:])
        rest, left = rest[run:], left[at + run :]
    return same >= 2


def _shared(one: str, other: str) -> int:
    """How long the head is that both have."""
    run = 0
    while run < min(len(one), len(other)) and one[run] == other[run]:
        run += 1
    return run


def _within(short: str, long: str) -> bool:
    """All of its characters, in order."""
    letters = iter(long)
    return all(letter in letters for letter in short)
