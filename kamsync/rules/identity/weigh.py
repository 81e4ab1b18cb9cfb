"""Weigh what speaks for and against two companies being one; every weight has its name and its words.

The weights were set on real company names, and hold because each rule is about names in general.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kamsync.plugin import Text
from kamsync.rules.identity import chinese
from kamsync.rules.identity.company import Company, label
from kamsync.rules.identity.crowd import Crowd
from kamsync.rules.identity.face import Name
from kamsync.rules.identity.known import Evidence
from kamsync.rules.identity.latin import brands
from kamsync.rules.identity.relation import ACROSS, Kind, Relation, best
from kamsync.rules.identity.terms import CHINESE, TRADES
from kamsync.rules.regions import CHINA, compatible

_READ: dict[Kind, int] = {"spelled": 65, "read": 65, "brand": 45, "translated": 40, "partly": 20}


def weigh(a: Company, b: Company, crowd: Crowd) -> list[Evidence]:
    """Nothing where neither names nor numbers nor sites say anything: a seat and an industry alone are no question."""
    relation = best(a.names, b.names)
    if relation is None and not (a.sites or b.sites or a.phones & b.phones):
        return []
    contacts = list(_contacts(a, b, relation, crowd))
    if relation is None and not any(one.weight > 0 for one in contacts):
        return []
    return [*_names(a, b, relation, crowd), *contacts, *_seats(a, b)]


def code(a: Company, b: Company) -> Evidence | None:
    same = a.codes & b.codes
    return _told("code", 100, "统一社会信用代码相同", "same registration code", min(same)) if same else None


# ---- names


def _names(a: Company, b: Company, relation: Relation | None, crowd: Crowd) -> Iterator[Evidence]:
    if relation is not None:
        if relation.kind == "full":
            yield _told("full_name", 80, "全称相同", "same full name", relation.one.full)
        elif relation.kind == "core":
            yield from _core(relation, crowd)
        elif relation.kind == "short":
            yield from _short(relation, crowd)
        elif relation.kind in ACROSS:
            yield from _across(a, b, relation)
        else:
            yield from _alike(relation)
        if relation.one.unit and relation.one.unit == relation.other.unit:
            yield _told("same_unit", 35, "分支机构相同", "same unit", relation.one.unit)
    for script in (True, False):
        if _differ(a, b, in_chinese=script):
            yield Evidence("names_differ", -25, Text("两方的名称没有关联", "their names have nothing in common"))


def _core(relation: Relation, crowd: Crowd) -> Iterator[Evidence]:
    one, other = relation.one, relation.other
    yield _told("core", 40, "名称主体相同", "same core of the name", one.core)
    registered = one.is_registered or other.is_registered
    long = len(one.core) > 3 if one.is_chinese else len(one.core) >= 8
    placed = bool(one.region and other.region)
    two = one.is_chinese and len(one.core) == 2 and one.region != other.region
    if long or ((registered or placed) and not two):
        yield Evidence("core_tells", 15, Text("名称足以区分公司", "the name is long enough to tell companies apart"))
    if one.is_chinese and len(one.core) == 2 and not registered and not placed:
        yield Evidence("core_brief", -15, Text("名称只有两个字", "the name has two characters"))
    if one.is_registered and other.is_registered and one.region and other.region and one.region != other.region:
        yield Evidence("region_wider", -20, Text("一方名称中的地区更大", "the place in one name is wider"))
    several = crowd.bear(one)
    if several <= 1:
        yield Evidence("core_unique", 15, Text("没有其他公司用此名称", "no other company bears it"))
    else:
        yield Evidence("core_shared", -15, Text(f"{several} 家公司用此名称", f"{several} companies bear it"))
    if one.is_chinese and one.is_group != other.is_group:
        plain = other if one.is_group else one
        weight = -30 if plain.is_registered else -5
        yield Evidence("group", weight, Text("一方名称为集团", "one of them is named a group"))
    if one.words != other.words:
        yield Evidence("words_differ", -15, Text("通用词不同", "general words of the names differ"))
    if not registered and one.full == other.full and len(one.core) >= (3 if one.is_chinese else 5):
        yield Evidence("same_words", 15, Text("两方写法完全相同", "both are written just so"))


def _short(relation: Relation, crowd: Crowd) -> Iterator[Evidence]:
    short, long = relation.short, relation.long
    pair = f"{short.core} ~ {long.core}"
    yield _told("short", 35, "一方像是简称", "one may be short for the other", pair)
    several = crowd.fit(short)
    if several <= 1:
        weight = 30 if len(short.core) >= 3 else 25
        yield Evidence("short_unique", weight, Text("只有一家公司符合此简称", "it is short for no other company"))
    else:
        yield Evidence("short_shared", -10, Text(f"{several} 家公司符合此简称", f"it may be short for {several}"))
    if len(short.core) >= 4:
        yield Evidence("short_tells", 5, Text("简称较长", "the short name is a long one"))
    if len(short.core) == 2 and not short.region:
        yield Evidence("short_brief", -15, Text("简称只有两个字", "the short name has two characters"))
    if not chinese.leaves_out_only_the_general(short, long):
        yield Evidence("short_loose", -30, Text("简称跳过了有区别的字", "the short name leaves out telling characters"))
    if chinese.numbers(short.core):
        yield Evidence("same_number", 25, Text("序号相同", "same number in the name"))


def _alike(relation: Relation) -> Iterator[Evidence]:
    one, other = relation.one, relation.other
    pair = f"{one.core} ~ {other.core}"
    if relation.kind == "trunc":
        yield _told("cut", 65, "一方是另一方的缩写或截断", "one is the other abbreviated or cut off", pair)
    elif relation.kind == "longer":
        yield _told("longer", 40, "一方名称多几个词", "one has a few words more", pair)
    else:
        yield _told("similar", 45, "名称主体相近", "similar cores of the names", pair)
        length = min(len(one.core), len(other.core))
        if not one.is_chinese:
            if length >= 12:
                yield Evidence("similar_long", 20, Text("名称较长", "the names are long"))
        elif chinese.sounds_alike(one.core, other.core):
            weight = 20 if length >= 5 else 10
            yield Evidence("sounds_alike", weight, Text("读音相同，像是输入错误", "said alike: a typing mistake"))
        elif chinese.is_brief_brand_cut(one, other):
            yield Evidence("brand_letter_missing", -10, Text("字号少一个字", "one brand lacks a character"))
        elif len(one.core) != len(other.core):
            yield Evidence("letter_missing", 5, Text("一方少一个字", "one lacks a character"))
        elif chinese.brands_differ(one, other):
            yield Evidence("brand_differs", -35, Text("字号中有一个字不同", "one character of the brands differs"))
        else:
            yield Evidence("letter_differs", -15, Text("有一个字不同", "one character differs"))


def _across(a: Company, b: Company, relation: Relation) -> Iterator[Evidence]:
    han, latin = (relation.one, relation.other) if relation.one.is_chinese else (relation.other, relation.one)
    pair = f"{han.core} ~ {' '.join(latin.words)}"
    yield _told(f"across_{relation.kind}", _READ[relation.kind], "中英文名称对应", "the names say the same", pair)
    one, other = _trades(han), TRADES & set(latin.words)
    if one and other and one.isdisjoint(other):
        yield Evidence("trade_differs", -15, Text("行业用词不同", "their names tell different trades"))
    units = any(name.is_registered and name.region == CHINA for name in (*a.called, *b.called) if name.is_chinese)
    if units and {"group", "holdings"} & set(latin.words):
        yield Evidence("local_unit", -30, Text("一方是在华公司，一方是集团", "one is the unit in China, one the group"))


def _trades(name: Name) -> set[str]:
    return {phrases[0][0] for term, phrases in CHINESE.items() if term in name.core} - {"group", "holdings"}


def _differ(a: Company, b: Company, *, in_chinese: bool) -> bool:
    ours = [name for name in a.names if name.is_chinese == in_chinese]
    theirs = [name for name in b.names if name.is_chinese == in_chinese]
    called = any(n.is_chinese == in_chinese for n in a.called) and any(n.is_chinese == in_chinese for n in b.called)
    return called and best(ours, theirs) is None


def _unrelated(a: Company, b: Company, *, in_chinese: bool) -> bool:
    ours = [name for name in a.names if name.is_chinese == in_chinese]
    theirs = [name for name in b.names if name.is_chinese == in_chinese]
    return bool(ours and theirs) and best(ours, theirs) is None


# ---- numbers and sites


def _contacts(a: Company, b: Company, relation: Relation | None, crowd: Crowd) -> Iterator[Evidence]:
    silent = relation is None and _say_nothing_of_each_other(a, b)
    phones = (a.phones & b.phones) - crowd.shared
    if phones:
        weight = 57 if silent else 35
        yield _told("phone", weight, "电话相同，且无他人使用", "same telephone, nobody else's", min(phones))
    elif a.phones and b.phones and {_country(p) for p in a.phones}.isdisjoint({_country(p) for p in b.phones}):
        yield Evidence("country_differs", -25, Text("电话属于不同国家", "telephones of different countries"))
    ours, theirs = a.sites - crowd.shared, b.sites - crowd.shared
    sites = ours & theirs
    if sites:
        weight = 65 if silent else 40
        yield _told("domain", weight, "网址相同，且无他人使用", "same web address, nobody else's", min(sites))
        return
    if ours and theirs and not _sites_alike(ours, theirs):
        yield Evidence("sites_differ", -10, Text("网址不同", "their web addresses differ"))
    open_ = relation is None or relation.kind in ("short", "longer") or relation.kind in ACROSS
    if open_ and not (ours and theirs) and not any(_unrelated(a, b, in_chinese=script) for script in (True, False)):
        named = _brand_is_site(a, theirs, crowd) or _brand_is_site(b, ours, crowd)
        if named:
            yield _told("brand_is_site", 55, "名称与对方网址一致", "named as the other's web address", named)


def _say_nothing_of_each_other(a: Company, b: Company) -> bool:
    """All names of one are Chinese, all of the other Latin; and none is that of a group's unit."""
    scripts = {name.is_chinese for name in a.names}, {name.is_chinese for name in b.names}
    units = any("集团" in name.core[:-2] for name in (*a.called, *b.called))
    return sorted(scripts, key=list) in ([{False}, {True}], [{True}, {False}]) and not units


@lru_cache(maxsize=50_000)
def _country(phone: str) -> str:
    import phonenumbers

    return str(phonenumbers.parse(phone).country_code)


def _sites_alike(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    from rapidfuzz import fuzz

    pairs = [(label(one), label(other)) for one in ours for other in theirs]
    return any(one in other or other in one or fuzz.ratio(one, other) > 75 for one, other in pairs)


def _brand_is_site(company: Company, sites: frozenset[str], crowd: Crowd) -> str:
    """The site of the other that one of the company's Latin words is, if no other company has that word."""
    words = {word for name in company.names if name.words for word in brands(name)} - crowd.taken if sites else set()
    return next((site for site in sorted(sites) if label(site) in words), "")


# ---- seats


def _seats(a: Company, b: Company) -> Iterator[Evidence]:
    if _placed_elsewhere(a, b) or _placed_elsewhere(b, a):
        why = Text("名称中的地区与对方所在地不符", "a name tells a place where the other is not")
        yield Evidence("region", -25, why)
    towns = a.towns & b.towns
    if towns:
        yield _told("place", 15, "同一城市", "same town", min(towns))
    elif a.towns and b.towns:
        yield _told("place", -15, "所在城市不同", "in different towns", f"{min(a.towns)}, {min(b.towns)}")
    elif a.seats and b.seats:
        if any(compatible(one, other) for one in a.seats for other in b.seats):
            yield _told("place", 8, "同一地区", "same region", min(a.seats))
        else:
            yield _told("place", -10, "地区不同", "in different regions", f"{min(a.seats)}, {min(b.seats)}")
    elif cities := a.cities & b.cities:
        yield _told("place", 12, "同一城市", "same town", min(cities))
    elif a.cities and b.cities and not a.seats and not b.seats:
        yield _told("place", -12, "所在城市不同", "in different towns", f"{min(a.cities)}, {min(b.cities)}")
    if not (a.towns and b.towns) and not a.phones & b.phones:
        yield from _areas(a, b)
    if trades := a.industries & b.industries:
        yield _told("industry", 12, "行业相同", "same industry", min(trades))


def _areas(a: Company, b: Company) -> Iterator[Evidence]:
    """Where an address or a name does not tell both towns, the area code may."""
    ours, theirs = a.areas or a.towns, b.areas or b.towns
    if ours & theirs:
        yield _told("area", 8, "电话区号属同一城市", "telephone lines of one town", min(ours & theirs))
    elif a.areas and b.areas and not a.sites & b.sites:
        where = f"{min(a.areas)}, {min(b.areas)}"
        yield _told("area", -10, "电话区号属不同城市", "telephone lines of different towns", where)


def _placed_elsewhere(a: Company, b: Company) -> bool:
    """The names of one tell a place, those of the other none, and its address another."""
    told = {name.region for name in a.called if name.region} - {CHINA}
    silent = not ({name.region for name in b.called if name.region} - {CHINA})
    return bool(told and silent and b.seats) and not any(compatible(one, seat) for one in told for seat in b.seats)


def _told(rule: str, weight: int, zh: str, en: str, what: str) -> Evidence:
    return Evidence(rule, weight, Text(f"{zh}：{what}", f"{en}: {what}"))
