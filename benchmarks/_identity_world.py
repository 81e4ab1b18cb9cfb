"""A messy book of companies in two languages, with the truth: written from what real books hold, not from the rules.

What real books hold: brands that many unrelated companies share; groups with daughters and branches that show the
group's telephone, site or even code; former names; short, English, pinyin, traditional and mistyped spellings, brackets
and notes; a second name field with whatever somebody typed; codes, telephones and sites that are missing, mistyped,
of a person, an agent or a parent. Half of the fields are empty, and some rows nobody could tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from _identity_words import (
    AGENTS,
    BRAND,
    ENDS,
    FORMS,
    HEADS,
    MIDDLES,
    NOTES,
    RARE,
    SECTORS,
    TAILS,
    TOWNS,
    TRADES,
    WESTERN,
)
from pypinyin import lazy_pinyin

from kamsync.rules.identity import Known
from kamsync.testing.world_names import make_uscc


@dataclass(slots=True)
class Entity:
    """One company. `han`: brand, trade, form, unit; `latin`: what it calls itself in English."""

    id: int
    town: list[str]
    brand: str = ""
    trade: tuple[str, str] = ("", "")
    form: str = ""
    unit: str = ""
    latin: str = ""
    code: str | None = None
    phone: str = ""
    site: str = ""
    former: str = ""
    parent: Entity | None = None
    extra: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        if not self.brand:
            return self.latin
        return f"{self.town[0]}{self.brand}{self.trade[0]}{self.form}{self.unit}"

    @property
    def is_western(self) -> bool:
        return not self.brand


def make(count: int, seed: int = 1) -> tuple[list[Known], dict[str, int]]:
    """Rows of about `count` companies in any order, and which company each is."""
    chance = Random(seed)
    rows: list[Known] = []
    truth: dict[str, int] = {}
    for entity in _entities(chance, count):
        for _ in range(chance.choices((1, 2, 3, 4), (42, 36, 15, 7))[0]):
            row = _row(chance, entity, f"r{chance.getrandbits(60):015x}")
            rows.append(row)
            truth[row.id] = entity.id
    chance.shuffle(rows)
    return rows, truth


# ---- who there is


def _entities(chance: Random, count: int) -> Iterator[Entity]:
    made = 0
    registered: set[tuple[object, ...]] = set()
    while made < count:
        kind = chance.random()
        if kind < 0.16:
            some = [_western(chance, made)]
        elif kind < 0.21:
            some = _group(chance, made)
        else:
            some = [_chinese(chance, made)]
        names = {(one.town[0], one.brand, one.trade, one.unit, one.latin * one.is_western) for one in some}
        sites = {(one.site,) for one in some}
        if len(names) == len(some) and registered.isdisjoint(names | sites):  # no registry enters a name twice
            registered |= names | sites
            yield from some
            made += len(some)


def _brand(chance: Random) -> str:
    """The usual ones again and again, as in life; some that nobody else has."""
    if chance.random() < 0.35:
        return "".join(chance.choice(RARE + BRAND) for _ in range(chance.choice((2, 2, 3))))
    return "".join(BRAND[min(int(chance.expovariate(1 / 30)), len(BRAND) - 1)] for _ in range(2))


def _chinese(chance: Random, id: int) -> Entity:
    town, brand, (zh, en) = chance.choice(TOWNS), _brand(chance), chance.choice(TRADES)
    one = Entity(id, town, brand, (zh, en), chance.choice(FORMS))
    spelled = "".join(lazy_pinyin(brand)).capitalize()
    own = chance.random()
    called = (
        spelled if own < 0.82 else _coined(chance)
    )  # the others trade under a brand that nobody could read from the name
    place = f"{town[1]} " if chance.random() < 0.5 else ""
    one.latin = f"{place}{called} {en} {chance.choice(ENDS)}"
    one.code = make_uscc(chance, town[4])
    one.phone = f"{town[3]}-{chance.randrange(2, 9)}{chance.randrange(10**7):07d}"
    label = called.lower() + chance.choice(("", "", "-cn", "group", town[1][:2].lower(), str(chance.randrange(100))))
    one.site = f"{label}.{chance.choice(('com', 'cn', 'com.cn', 'net'))}"
    if chance.random() < 0.08:
        other = chance.choice((_brand(chance), brand))
        one.former = f"{town[0]}{other}{chance.choice(TRADES)[0]}有限公司"
    return one


def _western(chance: Random, id: int) -> Entity:
    form, area = chance.choice(WESTERN)
    brand = _coined(chance) + (f" & {_coined(chance)}" if chance.random() < 0.08 else "")
    sector = chance.choice(SECTORS) if chance.random() < 0.75 else ""
    one = Entity(
        id, ["", chance.choice(("Chicago", "Houston", "Munich", "London", "Lyon", "Singapore", "Toronto")), "", "", ""]
    )
    one.latin = " ".join(filter(None, (brand, sector, form)))
    one.phone = f"{area}-555-{chance.randrange(10**4):04d}"
    one.site = f"{''.join(brand.lower().split(' & '))}{sector.lower() if chance.random() < 0.4 else ''}.com"
    if chance.random() < 0.05:
        one.former = f"{_coined(chance)} {chance.choice(SECTORS)} {form}"
    return one


def _coined(chance: Random) -> str:
    return chance.choice(HEADS) + chance.choice(MIDDLES) + chance.choice(TAILS)


def _group(chance: Random, id: int) -> list[Entity]:
    """A parent, daughters of the same brand in other trades and towns, and branches."""
    parent = _chinese(chance, id)
    parent.form = chance.choice(("集团有限公司", "集团股份有限公司", "控股有限公司"))
    units = [parent]
    for step in range(1, chance.randrange(3, 8)):
        unit = _chinese(chance, id + step)
        unit.brand, unit.parent, unit.former = parent.brand, parent, ""
        if chance.random() < 0.4:  # a branch: the company's name and where
            unit.unit = f"{unit.town[0]}分公司"
            unit.town, unit.trade, unit.form = parent.town, parent.trade, parent.form
            branch = f" {next(town[1] for town in TOWNS if unit.unit.startswith(town[0]))} Branch"
        else:
            branch = ""
        spelled = "".join(lazy_pinyin(unit.brand)).capitalize()
        unit.latin = f"{unit.town[1]} {spelled} {unit.trade[1]} Co., Ltd.{branch}"
        if chance.random() < 0.6:
            unit.site = parent.site
        if chance.random() < 0.25:
            unit.phone = parent.phone
        units.append(unit)
    return units


# ---- how somebody wrote it down


def _row(chance: Random, one: Entity, id: str) -> Known:
    name, others = _western_name(chance, one) if one.is_western else _chinese_name(chance, one)
    code = one.code if chance.random() < 0.42 else None
    if code and one.unit and chance.random() < 0.1 and one.parent:
        code = one.parent.code
    if code and chance.random() < 0.03:
        place = chance.randrange(8, 17)
        code = code[:place] + chance.choice("0123456789ABCDEF") + code[place + 1 :]
    return Known(
        id=id, name=name, other_names=tuple(others), uscc=code, phone=_phone(chance, one), website=_site(chance, one),
        province=one.town[2] if chance.random() < 0.4 else None, city=_city(chance, one),
    )  # fmt: skip


def _chinese_name(chance: Random, one: Entity) -> tuple[str, list[str]]:
    town, core = one.town[0], one.brand + one.trade[0]
    ways: list[tuple[int, Callable[[], str]]] = [
        (44, lambda: one.name),
        (8, lambda: f"{one.brand}（{town}）{one.trade[0]}{one.form}{one.unit}"),
        (4, lambda: f"{town}市{core}{one.form}{one.unit}"),
        (3, lambda: f"{core}{one.form}{one.unit}"),
        (9, lambda: f"{town}{core}{one.unit}"),
        (7, lambda: f"{core}{one.unit}"),
        (2, lambda: one.brand + (one.unit or one.trade[0][:2])),
        (2, lambda: f"{one.brand}集团" if one.form.startswith("集团") else one.brand + one.unit),
        (10, lambda: one.latin),
        (2, lambda: " ".join(one.latin.replace("Co., Ltd.", "").replace(",", "").split())),
        (1, lambda: " ".join(lazy_pinyin(one.name))),
        (3, lambda: _traditional(one.name)),
        (3, lambda: one.former or one.name),
    ]
    said = chance.choices([say for _, say in ways], [weight for weight, _ in ways])[0]()
    others = []
    if chance.random() < 0.16:
        others.append(chance.choice((one.latin, one.latin, core, one.brand, one.former or one.name, one.name)))
    return _slip(chance, said), others


def _western_name(chance: Random, one: Entity) -> tuple[str, list[str]]:
    bare = one.latin.rsplit(" ", 1)[0]
    ways = [(50, one.latin), (14, one.latin.upper()), (18, bare), (4, one.latin.replace(".", "")), (4, bare.split()[0]),
            (4, one.latin.replace("Technologies", "Tech").replace("Industries", "Inds").replace("Holdings", "Hldgs")),
            (3, one.former or one.latin), (3, f"The {one.latin}")]  # fmt: skip
    said = chance.choices([name for _, name in ways], [weight for weight, _ in ways])[0]
    others = [one.former] if one.former and chance.random() < 0.3 else []
    return _slip(chance, said), others


def _slip(chance: Random, name: str) -> str:
    """What fingers and habits do to a name."""
    if len(name) > 5 and chance.random() < 0.05:
        name = _mistyped(chance, name, chance.randrange(len(name) - 3))
    if chance.random() < 0.06:
        name += chance.choice(NOTES)
    if chance.random() < 0.04:
        at = chance.randrange(len(name)) if ord(name[0]) > 255 else 0
        name = f" {name[:at]} {name[at:]} "
    return name.replace("（", "(").replace("）", ")") if chance.random() < 0.3 else name


def _mistyped(chance: Random, name: str, at: int) -> str:
    """Chinese is typed by its sound; Latin letters are swapped, dropped and missed."""
    said = chance.random()
    if ord(name[at]) > 255:
        if said < 0.7:
            return name[:at] + chance.choice(_said_alike().get(lazy_pinyin(name[at])[0], name[at])) + name[at + 1 :]
        return name[:at] + (chance.choice(BRAND) if said < 0.8 else "") + name[at + 1 :]
    if said < 0.5:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + (chance.choice("aeinrst") if said < 0.7 else "") + name[at + 1 :]


@cache
def _said_alike() -> dict[str, str]:
    """The 3,755 usual characters by their sound."""
    usual = "".join(
        bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)
    )
    found: dict[str, str] = {}
    for letter in usual:
        found[lazy_pinyin(letter)[0]] = found.get(lazy_pinyin(letter)[0], "") + letter
    return found


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


def _traditional(text: str) -> str:
    return str(_converter().convert(text))


def _phone(chance: Random, one: Entity) -> str | None:
    said = chance.random()
    if said < 0.36:
        return None
    if said < 0.40:
        return f"13{chance.randrange(10)}{chance.randrange(10**8):08d}"  # of whoever was met there
    if said < 0.415:
        return chance.choice(AGENTS)
    if said < 0.44:
        return one.phone[:-4] + f"{chance.randrange(10**4):04d}"  # another extension of the house
    return chance.choice(
        (one.phone, one.phone.replace("-", ""), "+86 " + one.phone.lstrip("0") if one.brand else one.phone)
    )


def _site(chance: Random, one: Entity) -> str | None:
    said = chance.random()
    if said < 0.54:
        return None
    if said < 0.56:
        return "www.1688.com"
    if said < 0.58:
        return f"www.{one.site.split('.')[0]}old.com"
    return chance.choice((one.site, f"www.{one.site}", f"http://www.{one.site}/", one.site.upper()))


def _city(chance: Random, one: Entity) -> str | None:
    said = chance.random()
    if said < 0.42:
        return None
    town = chance.choice(TOWNS) if one.brand and said < 0.47 else one.town  # registered here, at work there
    return chance.choice((town[0], town[0], f"{town[0]}市", town[1])) if town[0] else town[1]
