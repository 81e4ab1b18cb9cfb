"""Which of several CRMs' values a customer's file shows, and where they contradict one another.

Pure, and it overwrites nothing: a value that loses stays where it is, and both are told with their source. Fields that
only make sense together come from one record.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from kamsync.model import Account, Member
from kamsync.model.values import Source
from kamsync.rules.codes import domain_key, phone_key, uscc_key
from kamsync.rules.names import normalize_name
from kamsync.rules.regions import compatible, place

Criterion = Literal["verified", "complete", "newest", "preferred", "dated", "earliest", "any"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)
Row = Mapping[str, Any]  # a member record with its columns, and `modified_at` of the record

USUAL: tuple[Criterion, ...] = ("verified", "complete", "newest", "preferred")
TOGETHER: Mapping[str, tuple[str, ...]] = {
    "industry": ("industry", "industry_code"),
    "website": ("website", "domain"),
    "address": ("address", "city", "province", "region", "country"),
    "parent": ("parent", "relation"),
    "wallet": ("wallet", "wallet_date"),
    "strategic": ("strategic", "strategic_by", "strategic_date", "strategic_reason"),
    "influence": ("influence", "influence_by", "influence_date", "influence_reason"),
}
_LED = {other: lead for lead, others in TOGETHER.items() for other in others}
FIELDS: tuple[str, ...] = tuple(
    one.name for one in dataclasses.fields(Account) if _LED.get(one.name, one.name) == one.name != "verified_at"
)
_USUAL: Mapping[str, tuple[Criterion, ...]] = {
    "since": ("earliest",),
    "created_at": ("earliest",),
    "blacklisted": ("any",),
    "deregistered": ("any",),
    "wallet": ("dated", "preferred"),
    "strategic": ("dated", "preferred"),
    "influence": ("dated", "preferred"),
    "size": ("verified", "preferred"),
    "owner": ("preferred",),
    "backup_owner": ("preferred",),
    "sponsor": ("preferred",),
    "rating": ("preferred",),
}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Survivorship:
    """Which value survives: criteria in order for every field, or for one. `prefer`: connections, the best first."""

    order: tuple[Criterion, ...] = USUAL
    fields: Mapping[str, tuple[Criterion, ...]] = field(default_factory=dict)
    prefer: tuple[str, ...] = ()

    def of(self, name: str) -> tuple[Criterion, ...]:
        return self.fields.get(name) or _USUAL.get(name) or self.order


@dataclass(frozen=True, slots=True)
class Told:
    """What one record says of a field: the value of each column."""

    values: Mapping[str, Any]
    source: Source


@dataclass(frozen=True, slots=True)
class Golden:
    """The value that a field has, where from, and `why`: by which criterion it won; "only" where no other record has
    one, "agreed" where all say the same. `conflicts`: what others say that cannot be true beside it."""

    name: str
    told: Told
    why: str
    conflicts: tuple[Told, ...] = ()

    @property
    def value(self) -> Any:
        """Of money, the amount in minor units of the base currency, or of its own."""
        values = self.told.values
        if self.name in values:
            return values[self.name]
        base = values.get(f"{self.name}_base")
        return values.get(f"{self.name}_minor", values.get(f"{self.name}_ref")) if base is None else base


def lead(name: str) -> str:
    """The field that decides for this one: the parts of an address come from one record."""
    return _LED.get(name, name)


def golden(name: str, rows: Sequence[Row], how: Survivorship) -> Golden | None:
    """The value of a field (with those that go with it); None where no record has one."""
    held = sorted((_told(row, name) for row in rows if _has(row, name)), key=lambda one: one.source.member)
    if not held:
        return None
    known = {_member(row): row for row in rows}
    ranks = {one.source.member: _ranks(name, known[one.source.member], one, how) for one in held}
    held.sort(key=lambda one: (_comparable(name, one), ranks[one.source.member]), reverse=True)
    best, others = held[0], held[1:]
    differing = [one for one in others if _shown(one) != _shown(best)]
    why = "only" if not others else "agreed"
    if differing:
        ours, theirs = ranks[best.source.member], ranks[differing[0].source.member]
        why = next((name for name, a, b in zip(how.of(name), ours, theirs, strict=True) if a != b), "preferred")
    conflict = _CONFLICTS.get(name)
    against = tuple(one for one in differing if conflict is not None and conflict(best.values, one.values))
    return Golden(name, best, why, against)


def every(rows: Sequence[Row], how: Survivorship) -> Iterator[Golden]:
    """Every field that any of an account's records has."""
    for name in FIELDS:
        found = golden(name, rows, how)
        if found is not None:
            yield found


def conflicts(rows: Sequence[Row], how: Survivorship) -> Iterator[Golden]:
    """The fields of which an account's records say what cannot all be true."""
    if len(rows) > 1:
        for name in _CONFLICTS:
            found = golden(name, rows, how)
            if found is not None and found.conflicts:
                yield found


# ---- what a record says


def _columns(row: Row, name: str) -> tuple[str, ...]:
    if name in row:
        return (name,)
    return tuple(f"{name}_{part}" for part in ("minor", "currency", "base", "stream", "ref") if f"{name}_{part}" in row)


def _told(row: Row, name: str) -> Told:
    columns = [column for part in TOGETHER.get(name, (name,)) for column in _columns(row, part)]
    return Told({column: row[column] for column in columns}, Source(_member(row), row.get("modified_at")))


def _member(row: Row) -> Member:
    return Member(row["connection"], row["stream"], row["remote_id"])


def _comparable(name: str, one: Told) -> bool:
    """Money of which no rate is known stands behind any other."""
    return one.values.get(f"{name}_base", 0) is not None


def _has(row: Row, name: str) -> bool:
    parts = TOGETHER["address"] if name == "address" else (name,)
    return any(row[column] not in (None, "", []) for part in parts for column in _columns(row, part))


def _shown(one: Told) -> tuple[Any, ...]:
    return tuple(str(value) if isinstance(value, list) else value for value in one.values.values())


# ---- who wins


def _ranks(name: str, row: Row, one: Told, how: Survivorship) -> tuple[Any, ...]:
    """One rank for each criterion; the higher wins."""
    return tuple(_RANKS[criterion](name, row, one, how) for criterion in how.of(name))


def _verified(name: str, row: Row, one: Told, how: Survivorship) -> tuple[bool, datetime]:
    """A code or number that proves itself; then what a person confirmed, the later the better."""
    proof = _PROOFS.get(name)
    return (proof is not None and proof(one.values[name]) is not None, row.get("verified_at") or _LONG_AGO)


def _complete(name: str, row: Row, one: Told, how: Survivorship) -> tuple[int, ...]:
    """A registered name beats a short one, and one without blanks and notes; more parts of an address, a longer text or
    list beats less."""
    if name == "name":
        known = normalize_name(one.values["name"])
        return (known.is_registered, known.is_chinese, len(known.full), len(known.full) - len(one.values["name"]))
    value = one.values.get(name)
    filled = sum(part not in (None, "", []) for part in one.values.values())
    return (filled, len(value) if name in _LONG and isinstance(value, str | list) else 0)


def _newest(name: str, row: Row, one: Told, how: Survivorship) -> datetime:
    return one.source.modified_at or _LONG_AGO


def _preferred(name: str, row: Row, one: Told, how: Survivorship) -> int:
    connection = one.source.member.connection
    return -how.prefer.index(connection) if connection in how.prefer else -len(how.prefer)


def _dated(name: str, row: Row, one: Told, how: Survivorship) -> date:
    """The day that the value itself carries, of an estimate or a rating."""
    return one.values.get(f"{name}_date") or date.min


def _earliest(name: str, row: Row, one: Told, how: Survivorship) -> float:
    value = one.values[name]
    return -value.timestamp() if isinstance(value, datetime) else -value.toordinal()


def _any(name: str, row: Row, one: Told, how: Survivorship) -> bool:
    """One record that says so is enough."""
    return one.values[name] is True


_RANKS: Mapping[Criterion, Callable[[str, Row, Told, Survivorship], Any]] = {
    "verified": _verified,
    "complete": _complete,
    "newest": _newest,
    "preferred": _preferred,
    "dated": _dated,
    "earliest": _earliest,
    "any": _any,
}
_PROOFS: Mapping[str, Callable[[str], str | None]] = {"uscc": uscc_key, "phone": phone_key, "website": domain_key}
_LONG = frozenset(("address", "other_names", "flags", "preferences", "concerns", "business_model", "goals"))


# ---- what cannot both be true

MUCH = 1.25  # how many times as much is another figure


def _names(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Two registered names of one script; a short name contradicts none."""
    one, other = normalize_name(a["name"]), normalize_name(b["name"])
    both = one.is_registered and other.is_registered and one.is_chinese == other.is_chinese
    return both and (one.core != other.core or not compatible(one.region, other.region))


def _keys_differ(name: str, key: Callable[[str], str | None]) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    return lambda a, b: len({key(a[name]), key(b[name])} - {None}) > 1


def _differ(name: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    return lambda a, b: _folded(a[name]) != _folded(b[name])


def _folded(value: Any) -> Any:
    return "".join(value.split()).casefold() if isinstance(value, str) else value


def _far(column: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    def far(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        one, other = a[column], b[column]
        return one is not None and other is not None and max(one, other) > MUCH * max(0, min(one, other))

    return far


def _places(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return any(a[part] and b[part] and not compatible(place(a[part]), place(b[part])) for part in ("city", "province"))


_CONFLICTS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], bool]] = {
    "name": _names,
    "uscc": _keys_differ("uscc", uscc_key),
    "phone": _keys_differ("phone", phone_key),
    "website": _keys_differ("website", domain_key),
    "industry": _differ("industry"),
    "ownership": _differ("ownership"),
    "size": _differ("size"),
    "employees": _far("employees"),
    "annual_revenue": _far("annual_revenue_base"),
    "founded": _differ("founded"),
    "address": _places,
}
