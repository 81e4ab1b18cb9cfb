"""What is taken for one company so far: some records, with all that they tell together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kamsync.rules.areas import line_towns
from kamsync.rules.identity import chinese, latin
from kamsync.rules.identity.face import Face, Name
from kamsync.rules.identity.relation import kind_of
from kamsync.rules.names import form_country
from kamsync.rules.regions import compatible, leading_place, place


@dataclass(slots=True, eq=False)
class Company:
    """`called`: the names its records go by; `names`: these and the others that they give."""

    faces: tuple[Face, ...]
    id: str = field(init=False)
    called: tuple[Name, ...] = field(init=False)
    names: tuple[Name, ...] = field(init=False)
    codes: frozenset[str] = field(init=False)
    phones: frozenset[str] = field(init=False)
    sites: frozenset[str] = field(init=False)
    towns: frozenset[str] = field(init=False)
    areas: frozenset[str] = field(init=False)  # towns of its telephone lines
    seats: frozenset[str] = field(init=False)
    cities: frozenset[str] = field(init=False)
    industries: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        faces = self.faces
        self.id = min(face.id for face in faces)
        self.called = tuple(dict.fromkeys(face.names[0] for face in faces if face.names))
        self.names = tuple(dict.fromkeys(name for face in faces for name in face.names))
        self.codes = frozenset(face.code for face in faces if face.code)
        self.phones = frozenset(face.phone for face in faces if face.phone)
        self.sites = frozenset(face.site for face in faces if face.site)
        self.towns = frozenset(face.town for face in faces if face.town)
        self.areas = frozenset(town for phone in self.phones for town in line_towns(phone))
        self.seats = frozenset(face.seat for face in faces if face.seat)
        self.cities = frozenset(face.city for face in faces if face.city)
        self.industries = frozenset(face.industry for face in faces if face.industry)

    @property
    def ids(self) -> list[str]:
        return sorted(face.id for face in self.faces)

    def also_called(self) -> Iterator[Name]:
        """Names that its records give beside the one they go by: former, short, English."""
        return (name for face in self.faces for name in face.names[1:])


def joined(companies: Sequence[Company]) -> Company:
    return Company(tuple(face for company in companies for face in company.faces))


def label(site: str) -> str:
    return site.partition(".")[0]


def bar(a: Company, b: Company) -> tuple[str, str, str] | None:
    """Why these two can't be one company: the rule, and what stands on either side; None: nothing forbids it.

    A numbered or a placed name, a unit, a legal form of another country, another full registered name: two
    companies, whatever they share. A former name that one of them gives itself is no other name.
    """
    if a.codes and b.codes and a.codes.isdisjoint(b.codes):
        return "code_differs", min(a.codes), min(b.codes)
    for one in a.called:
        for other in b.called:
            rule = _names_apart(one, other)
            if rule is not None:
                return rule, *_said(rule, one, other)
            if _two_licences(one, other) and not (_gives(b, one) or _gives(a, other)):
                return "legal_name", one.full, other.full
    return None


def _names_apart(one: Name, other: Name) -> str | None:
    alike = one.is_chinese == other.is_chinese
    if (one.unit != other.unit) if alike else _units_differ(one.unit, other.unit):
        return "branch"
    if alike and one.is_chinese and chinese.numbers(one.core) != chinese.numbers(other.core):
        return "number"
    if not compatible(one.region, other.region):
        return "place_differs"
    homes = {form_country(one.form), form_country(other.form)} - {None}
    return "form_differs" if alike and len(homes) > 1 else None


def _units_differ(one: str, other: str) -> bool:
    """Of names in two scripts: only one of them names a unit, or both and of different places."""
    if not one or not other:
        return one != other
    return not compatible(_place_of(one), _place_of(other))


@lru_cache(maxsize=10_000)
def _place_of(unit: str) -> str:
    """上海分 and shanghai branch."""
    found = leading_place(unit)
    return found[0] if found else place(unit.partition(" ")[0])


def _said(rule: str, one: Name, other: Name) -> tuple[str, str]:
    parts = {"branch": "unit", "place_differs": "region", "form_differs": "form"}
    part = parts.get(rule, "core")
    return getattr(one, part), getattr(other, part)


def _two_licences(one: Name, other: Name) -> bool:
    """Two registered names in one script that are not spellings of one another."""
    if not (one.is_registered and other.is_registered) or one.is_chinese != other.is_chinese:
        return False
    if one.core == other.core:
        return one.is_chinese and one.is_group != other.is_group
    if one.is_chinese:
        same = one.region + one.core == other.region + other.core or one.full == other.full
        slip = chinese.is_slip(one.core, other.core) or chinese.is_slip(
            one.region + one.core, other.region + other.core
        )
        return not same and not slip
    return latin.likeness(one, other) is None and not set(latin.telling(one)) & set(latin.telling(other))


def _gives(company: Company, name: Name) -> bool:
    """Does it say of itself that it is, or was, called so?"""
    if name.is_chinese:
        given = (other for other in company.also_called() if other.is_chinese)
        return any(other.core == name.core and other.is_group == name.is_group for other in given)
    return any(not other.is_chinese and kind_of(other, name) is not None for other in company.also_called())
