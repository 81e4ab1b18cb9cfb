"""Which contact records are one person, and who has gone from one customer to another.

Pure. A telephone or an address alone proves nobody: switchboards and info@ are shared. It takes a name that may be the
same person's too. What follows is a proposal: nobody is marked as gone by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import combinations
from typing import Any

from kamsync.model import Member
from kamsync.rules.codes import phone_key

Row = Mapping[str, Any]  # a contact record with its columns, its account, and `modified_at`
TOO_MANY = 3  # accounts under one number or address, beyond which it is nobody's own
_TITLES = re.compile(
    r"(?:先生|女士|小姐|老师|总经理|经理|主任|主管|厂长|处长|科长|院长|总监|总工|工程师|董事长|董事|总|工|董|部长)+$"
)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """One person at one customer. `records`: what stands for them, the newest first."""

    account: str
    records: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The fullest name that a record gives, Chinese before Latin."""
        return max((str(row["name"]) for row in self.records), key=lambda name: (_is_chinese(name), len(_bare(name))))

    @property
    def left(self) -> bool | None:
        """Has somebody noted that they left; None: nobody says."""
        told = [row["left_company"] for row in self.records if row["left_company"] is not None]
        return any(told) if told else None

    @property
    def role(self) -> str | None:
        """What they decide, as the newest record that knows it says."""
        return next(
            (row["decision_role"] for row in self.records if row["decision_role"] not in (None, "unknown")), None
        )


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody who was at one customer and now is at another. `by`: the mobile or e-mail that both records give.
    `noted`: the record at the old one says so itself."""

    old: Row
    new: Row
    by: str
    noted: bool


# ---- one person, many records


def persons(rows: Sequence[Row]) -> list[Person]:
    """The people of one account. Records of one CRM with one name are two people unless a number joins them."""
    order = sorted(rows, key=lambda row: (row["modified_at"] or _LONG_AGO, place(row)), reverse=True)
    groups: list[list[Row]] = []
    for row in order:
        mine = [group for group in groups if any(are_one(row, other) for other in group)]
        joined = [row, *(other for group in mine for other in group)]
        groups = [group for group in groups if group not in mine] + [joined]
    found = [sorted(group, key=order.index) for group in groups]
    return [
        Person(group[0]["account_id"], tuple(group)) for group in sorted(found, key=lambda group: order.index(group[0]))
    ]


def are_one(a: Row, b: Row) -> bool:
    """One mobile or e-mail under names that may be one; or one full name in two CRMs and nothing that contradicts."""
    if not _may_be_one(str(a["name"]), str(b["name"])):
        return False
    if _keys(a) & _keys(b):
        return True
    apart = any(one and other and one != other for one, other in zip(_each(a), _each(b), strict=True))
    full = all(len(_bare(str(row["name"]))) >= 2 for row in (a, b)) and _same_name(str(a["name"]), str(b["name"]))
    return full and not apart and a["connection"] != b["connection"]


def place(row: Row) -> Member:
    return Member(row["connection"], row["stream"], row["remote_id"])


# ---- who has gone elsewhere


def moves(rows: Sequence[Row]) -> Iterator[Move]:
    """Of contacts that share a mobile or e-mail over accounts: who has moved. The newer record is where they are now,
    unless it is the one that says that they left."""
    by_key: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for key in _keys(row):
            by_key[key].append(row)
    told: set[tuple[Member, Member]] = set()
    for key, some in sorted(by_key.items()):
        if len({row["account_id"] for row in some}) > TOO_MANY:
            continue
        for one, other in combinations(sorted(some, key=place), 2):
            if one["account_id"] == other["account_id"] or not _may_be_one(str(one["name"]), str(other["name"])):
                continue
            old, new = _in_order(one, other)
            if (place(old), place(new)) not in told and not (old["left_company"] and new["left_company"]):
                told.add((place(old), place(new)))
                yield Move(old, new, key, bool(old["left_company"]))


def _in_order(one: Row, other: Row) -> tuple[Row, Row]:
    old, new = sorted(
        (one, other), key=lambda row: (not row["left_company"], row["modified_at"] or _LONG_AGO, place(row))
    )
    return old, new


# ---- names, numbers, addresses


def _keys(row: Row) -> set[str]:
    return {key for key in _each(row) if key}


def _each(row: Row) -> tuple[str | None, str | None]:
    """Mobile and e-mail in one spelling; a landline is no person's."""
    email = str(row["email"] or "").strip().casefold()
    return phone_key(row["mobile"]) if row["mobile"] else None, email if "@" in email else None


@lru_cache(maxsize=50_000)
def _bare(name: str) -> str:
    """A name without width, case, blanks and titles: 王总 is 王."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    bare = _TITLES.sub("", "".join(folded.split())) if _is_chinese(folded) else re.sub(r"[^a-z\s]", " ", folded)
    return " ".join(bare.split())


def _is_chinese(name: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in name)


def _may_be_one(a: str, b: str) -> bool:
    """The same name in either script, or a surname with a title beside a whole name."""
    one, other = sorted((_bare(a), _bare(b)), key=len)
    if not one:
        return False
    return _same_name(a, b) or (_is_chinese(one) and len(one) == 1 and other.startswith(one))


def _same_name(a: str, b: str) -> bool:
    one, other = _bare(a), _bare(b)
    if one == other:
        return bool(one)
    if _is_chinese(one) == _is_chinese(other):
        return False
    han, latin = (one, other) if _is_chinese(one) else (other, one)
    return frozenset(latin.split()) in _spelled(han) or "".join(latin.split()) in {"".join(way) for way in _ways(han)}


@lru_cache(maxsize=50_000)
def _ways(han: str) -> tuple[tuple[str, str], ...]:
    """Surname and given name as they are said, in either order; a surname has one character, or two."""
    from pypinyin import lazy_pinyin

    sounds = lazy_pinyin(han)
    cuts = [("".join(sounds[:cut]), "".join(sounds[cut:])) for cut in (1, 2) if cut < len(sounds)]
    return tuple(way for one, other in cuts for way in ((one, other), (other, one)))


def _spelled(han: str) -> set[frozenset[str]]:
    return {frozenset(way) for way in _ways(han)}
