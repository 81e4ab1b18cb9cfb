"""The companies of the made-up world, and how two CRMs come to spell one of them differently.

Every code, telephone number and web address here is invented; none is looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Literal

from stdnum.cn import uscc

from kamsync.testing.world_words import FIRST, SECOND, TOWNS, TRADES, Town, Trade

Class = Literal["large", "medium", "small"]

# GB 32100 leaves out I, O, S, V, Z.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS_11714 = (3, 7, 9, 10, 5, 8, 4, 2)
LOOKALIKES = 8


@dataclass(frozen=True, slots=True)
class Company:
    """One true company, whoever has it on file."""

    number: int
    brand: str
    latin: str
    trade: Trade
    town: Town
    form: str
    branch: str
    value: Class
    uscc: str
    line: str  # the eight digits of its telephone number, after the area code
    domain: str

    @property
    def name(self) -> str:
        return f"{self.town.name}{self.brand}{self.trade.word}{self.form}{self.branch}"

    @property
    def english(self) -> str:
        return f"{self.town.english} {self.latin.capitalize()} {self.trade.english} Co., Ltd."


def make_uscc(rng: Random, region: str) -> str:
    """A code whose two check digits are right; no authority has given out organisation codes that begin with YY."""
    body = "YY" + "".join(rng.choices(ALPHABET, k=6))
    number = f"91{region}{body}{organisation_digit(body)}"
    return number + str(uscc.calc_check_digit(number))


def organisation_digit(body: str) -> str:
    """The check digit of GB 11714 over eight characters."""
    total = sum(int(letter, 36) * weight for letter, weight in zip(body, _WEIGHTS_11714, strict=True))
    return "0123456789X0"[11 - total % 11]


def make_companies(rng: Random, count: int, both: int) -> tuple[list[Company], list[int]]:
    """`count` companies, and which `both` of them are in both CRMs; a few of the others look like one they are not."""
    values, brands = _values(count), _brands(rng, count)
    companies = [_company(rng, number, brands[number], values[number]) for number in range(count)]
    shared = _shared(rng, values, both)
    singles = [n for n in range(count) if n not in shared and values[n] == "small"]
    for turn, (one, other) in enumerate(zip(singles[::2][:LOOKALIKES], singles[1::2], strict=False)):
        companies[other] = _lookalike(rng, companies[one], companies[other], turn)
    return companies, shared


def _shared(rng: Random, values: list[Class], both: int) -> list[int]:
    """Key customers are likelier to be known to both sales teams."""
    odds = {"large": 3.0, "medium": 1.6, "small": 1.0}
    drawn = sorted(range(len(values)), key=lambda n: rng.random() ** (1 / odds[values[n]]), reverse=True)
    return sorted(drawn[:both])


def _company(rng: Random, number: int, brand: tuple[str, str], value: Class) -> Company:
    town, trade = rng.choice(TOWNS), rng.choice(TRADES)
    return Company(
        number=number,
        brand=brand[0],
        latin=brand[1],
        trade=trade,
        town=town,
        form="有限公司" if number % 9 else "股份有限公司",
        branch="",
        value=value,
        uscc=make_uscc(rng, town.code),
        line=_line(number),
        domain=f"{brand[1]}-{number}.example",
    )


def _line(number: int) -> str:
    return f"{5550 + number // 10000}{number % 10000:04d}"


def _lookalike(rng: Random, one: Company, other: Company, turn: int) -> Company:
    """Same brand and trade, another company: of another town, or (each fourth) a branch with a code of its own."""
    branch = f"{other.town.name}分公司" if turn % 4 == 3 else ""
    town = one.town if branch else next(t for t in TOWNS if t.province not in (one.town.province, other.town.province))
    return Company(
        number=other.number,
        brand=one.brand,
        latin=one.latin,
        trade=one.trade,
        town=town,
        form=one.form,
        branch=branch,
        value=other.value,
        uscc=make_uscc(rng, town.code),
        line=_line(other.number),
        domain=f"{one.latin}-{town.english.lower().replace(chr(39), '')}-{other.number}.example",
    )


def _values(count: int) -> list[Class]:
    """6.5 % large, 20 % medium, the rest small, spread evenly."""
    marks: list[Class] = []
    for number in range(count):
        if number * 65 % 1000 < 65:
            marks.append("large")
        elif number * 215 % 1000 < 215:
            marks.append("medium")
        else:
            marks.append("small")
    return marks


def _brands(rng: Random, count: int) -> list[tuple[str, str]]:
    """Distinct brands of two characters, of three where two do not suffice."""
    pairs = [(a + b, x + y) for a, x in FIRST for b, y in SECOND]
    rng.shuffle(pairs)
    if count > len(pairs):
        pairs += [(a + b + c, x + y + z) for a, x in FIRST for b, y in SECOND for c, z in SECOND if b != c]
    return pairs[:count]


@dataclass(frozen=True, slots=True)
class Spelling:
    name: str
    other_name: str | None = None
    needs_code: bool = False  # nothing but the code ties this spelling to the other one


VARIANTS = 12


def spell(company: Company, variant: int) -> Spelling:
    """One of the ways in which somebody else would write the company's name."""
    town, core, form = company.town.name, company.brand + company.trade.word, company.form
    province = company.town.province.rstrip("省市")
    spellings = (
        Spelling(f"{company.brand}（{town}）{company.trade.word}{form}"),
        Spelling(f"{town}{core}{'股份有限公司' if form == '有限公司' else '有限公司'}"),
        Spelling(f"{town}{core}"),
        Spelling(_traditional(f"{town}{core}{form}")),
        Spelling(f" {town}{company.brand} {company.trade.word}　{form}(老客户)"),
        Spelling(company.english, other_name=company.name),
        Spelling(company.english, needs_code=True),
        Spelling(f"{core}{form}"),
        Spelling(f"“{company.brand}”{company.trade.word}{form} ⭐"),
        Spelling(f"{province}{core}有限责任公司"),
        Spelling(f"{company.brand}{company.trade.word[:2]}"),
        Spelling(f"{town}市{core}{form}", other_name=company.latin.upper()),
    )
    return spellings[variant % VARIANTS]


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


def _traditional(text: str) -> str:
    return str(_converter().convert(text))


def write_phone(company: Company, style: int) -> str:
    """The same number as different people type it."""
    area, line = company.town.area, company.line
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    return (
        f"{area}-{line}",
        f"+86 {area[1:]} {line[:4]} {line[4:]}",
        f"({area}){line[:4]}-{line[4:]}转801",
        f"{area}-{line}".translate(wide),
        f"0086-{area[1:]}-{line}",
    )[style % 5]


def write_site(company: Company, style: int) -> str:
    """The same site as different people type it."""
    domain = company.domain
    return (f"www.{domain}", f"http://{domain}/", f"https://www.{domain}/index.html", domain.upper())[style % 4]
