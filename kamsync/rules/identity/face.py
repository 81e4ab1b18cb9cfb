"""A record as it is compared: its names taken apart, its code, number, site and seat in one spelling each.

Pure. What is no evidence of anything (placeholders, shared hosts, names of nobody) is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from kamsync.rules.codes import domain_key, phone_key, uscc_key
from kamsync.rules.identity.known import Known
from kamsync.rules.names import is_filler, normalize_name
from kamsync.rules.regions import place, town


@dataclass(frozen=True, slots=True)
class Name:
    """One name. `core`: who it is, without place and legal form; `words`: its words, where it is written in Latin;
    `unit`: the part of a company that it names."""

    core: str
    region: str
    form: str
    unit: str
    full: str
    words: tuple[str, ...] = ()

    @property
    def is_chinese(self) -> bool:
        return not self.words

    @property
    def is_registered(self) -> bool:
        """Does it carry a legal form, as the name on a licence does?"""
        return self.form not in ("", "集团")

    @property
    def is_group(self) -> bool:
        return self.form.startswith("集团")


@dataclass(frozen=True, slots=True)
class Face:
    """One record. `names`: the one it goes by first; `seat`: the closest place that its address tells."""

    id: str
    names: tuple[Name, ...]
    code: str | None
    phone: str | None
    site: str | None
    town: str
    seat: str
    city: str
    industry: str
    fixed: str | None


def face_of(known: Known) -> Face:
    names = [read_name(name.strip()) for name in (known.name, *known.other_names) if name and name.strip()]
    seat = place(known.city) or place(known.province)
    first = names[0] if names else None
    return Face(
        id=known.id,
        names=tuple(dict.fromkeys(name for name in names if name is not None)),
        code=uscc_key(known.uscc),
        phone=phone_key(known.phone),
        site=domain_key(known.website),
        town=(town(first.region) if first else "") or town(seat),
        seat=seat,
        city="" if place(known.city) else (known.city or "").strip().lower(),
        industry=(known.industry or "").strip().lower(),
        fixed=known.fixed,
    )


@lru_cache(maxsize=50_000)
def read_name(text: str) -> Name | None:
    """A name taken apart; None for what is typed to get past a required field."""
    normal = normalize_name(text)
    unit = _unit(normal.branch)
    if is_filler(normal) and not (unit and normal.core):
        return None
    if normal.is_chinese:
        return Name(normal.core, normal.region, normal.form, unit, normal.full)
    words = tuple(LONG.get(word, word) for word in normal.core.split())
    full = " ".join(filter(None, (normal.region, *words, normal.form, unit)))
    return Name(" ".join(words), normal.region, normal.form, unit, full, words)


def _unit(branch: str) -> str:
    """广东省分公司 and 广东分公司 are one unit."""
    return re.sub(r"[省市]|自治区|公司", "", branch)


@lru_cache(maxsize=50_000)
def spelled(text: str) -> tuple[str, ...]:
    """Its characters as they are said in these words, without tones; letters and digits as they stand."""
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(text))


@cache
def said(character: str) -> tuple[str, ...]:
    """Every way to say one character, the usual first."""
    from pypinyin import Style, pinyin

    return tuple(dict.fromkeys(pinyin(character, style=Style.NORMAL, heteronym=True)[0]))[:2]


_SPELLINGS = """
    intl:international int:international natl:national hldgs:holdings hldg:holdings holding:holdings tech:technology
    technologies:technology technological:technology mfg:manufacturing ind:industries inds:industries
    industry:industries industrial:industries pharm:pharmaceutical pharmaceuticals:pharmaceutical
    pharma:pharmaceutical electronics:electronic elec:electric electrical:electric sci:science grp:group
    svcs:services service:services eng:engineering dev:development chem:chemical chemicals:chemical
    materials:material communications:communication invt:investment investments:investment sts:states
"""
# Words that are written short as often as in full, and those that are written in several ways.
LONG = {pair.partition(":")[0]: pair.partition(":")[2] for pair in _SPELLINGS.split()}
