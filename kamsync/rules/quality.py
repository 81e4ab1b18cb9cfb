"""How good a customer's file is: complete, fresh, valid, and no second one of the same customer.

DQ = 100 (0.40 C + 0.25 F + 0.25 V + 0.10 U). A part that nothing is known about leaves the sum, and the others count
for all of it; a field that was said not to apply leaves the base of C. Decimals, rounded half up to two places once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from kamsync.plugin import Text
from kamsync.rules.facts import Facts

CYCLES = (90, 180, 365)  # days between refreshes of a file, by rank
TARGETS = (90, 80, 60)  # the DQ that a file should have, by rank
WEIGHTS: Mapping[str, int] = {
    "name": 10, "uscc": 10, "decision_maker": 10, "owner": 8, "contract": 8, "second_contact": 6, "industry": 6,
    "region": 6, "phone": 6, "payment_terms": 6, "size": 5, "address": 5, "history": 4, "verified": 4, "parent": 3,
    "website": 3,
}  # fmt: skip
FIELDS: Mapping[str, Text] = {
    "name": Text("名称", "name"),
    "uscc": Text("统一社会信用代码", "registration code"),
    "decision_maker": Text("决策者", "decision maker"),
    "owner": Text("负责人", "owner"),
    "contract": Text("合同", "contract"),
    "second_contact": Text("第二联系人", "second contact"),
    "industry": Text("行业", "industry"),
    "region": Text("地区", "region"),
    "phone": Text("电话", "telephone"),
    "payment_terms": Text("付款条件", "terms of payment"),
    "size": Text("规模", "size"),
    "address": Text("地址", "address"),
    "history": Text("交易记录", "history of orders"),
    "verified": Text("核实日期", "day of verification"),
    "parent": Text("上级公司", "parent company"),
    "website": Text("网站", "website"),
}

_EMPTY = frozenset(
    (
        "无", "没有", "未知", "不详", "暂无", "待补充", "待定", "空", "测试", "na", "n/a", "none", "null", "nil",
        "unknown", "tbd", "test", "-", "--", "/", ".", "*", "?", "x", "xx", "xxx",
    )
)  # fmt: skip
_NOT_APPLICABLE = frozenset(("不适用", "notapplicable"))
_BLANKS = re.compile(r"\s+")
_PLACEHOLDER_NUMBERS = frozenset(("13800138000", "8613800138000", "+8613800138000"))


def is_filled(value: object) -> bool | None:
    """Does a field hold something? None: it says that it does not apply. 无, 未知, N/A and the like are empty."""
    if not isinstance(value, str):
        return value is not None
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", value)).casefold()
    if text in _NOT_APPLICABLE:
        return None
    return bool(text) and text not in _EMPTY and text.replace("-", "") not in _PLACEHOLDER_NUMBERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """One file's score and parts, each 0..1 or None where nothing is known; `missing`: empty fields, heaviest first."""

    score: Decimal | None
    complete: Decimal | None
    fresh: Decimal | None
    valid: Decimal | None
    unique: Decimal | None
    missing: tuple[str, ...] = ()


_PARTS = (Decimal("0.40"), Decimal("0.25"), Decimal("0.25"), Decimal("0.10"))


def total(
    complete: Decimal | None, fresh: Decimal | None, valid: Decimal | None, unique: Decimal | None
) -> Decimal | None:
    """The score of these parts; None where no part is known."""
    known = [(w, part) for w, part in zip(_PARTS, (complete, fresh, valid, unique), strict=True) if part is not None]
    weight = sum((w for w, _ in known), Decimal(0))
    if not weight:
        return None
    score = 100 * sum((w * part for w, part in known), Decimal(0)) / weight
    return score.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def measure(facts: Facts, cycle: int) -> Quality:
    """The quality of a file that is to be refreshed every `cycle` days."""
    filled = _filled(facts)
    base = sum(WEIGHTS[name] for name, full in filled.items() if full is not None)
    full = sum(WEIGHTS[name] for name, full in filled.items() if full)
    complete = Decimal(full) / base if base else None
    profile = facts.care.profile
    valid = Decimal(profile.passed) / profile.checks if profile and profile.checks else None
    unique = None if profile is None else Decimal(0 if profile.doubled else 1)
    if profile and profile.twins and not profile.doubled:
        unique = Decimal("0.5")
    fresh = _fresh(facts, cycle)
    missing = sorted((name for name, full in filled.items() if full is False), key=lambda name: -WEIGHTS[name])
    return Quality(
        score=total(complete, fresh, valid, unique),
        complete=complete,
        fresh=fresh,
        valid=valid,
        unique=unique,
        missing=tuple(missing),
    )


def _filled(facts: Facts) -> dict[str, bool | None]:
    """Which of the fields hold something; what was never read at all is left out."""
    care = facts.care
    found: dict[str, bool | None] = {}
    if care.profile is not None:
        found |= {name: full for name, full in care.profile.filled.items() if name in WEIGHTS}
    if care.contacts is not None:
        people = [one for one in care.contacts if one.left is not True]
        found["decision_maker"] = any(one.decides for one in people)
        found["second_contact"] = len(people) > 1
    if care.contracts is not None:
        found["contract"] = any(one.end is None or one.end >= facts.as_of for one in care.contracts)
    if facts.orders is not None:
        found["history"] = facts.orders.days > 0
    return found


def _fresh(facts: Facts, cycle: int) -> Decimal | None:
    """0.5 profile, 0.3 contacts (their mean), 0.2 contracts in force (the stalest)."""
    care, day = facts.care, facts.as_of
    people = [one.verified for one in care.contacts or () if one.left is not True and one.verified is not None]
    papers = [one.verified for one in care.contracts or () if one.verified is not None and (one.end or day) >= day]
    parts = (
        (Decimal("0.5"), freshness(care.profile.verified if care.profile else None, day, cycle)),
        (Decimal("0.3"), _mean([freshness(one, day, cycle) for one in people])),
        (Decimal("0.2"), freshness(min(papers, default=None), day, cycle)),
    )
    known = [(weight, part) for weight, part in parts if part is not None]
    return sum((w * part for w, part in known), Decimal(0)) / sum(w for w, _ in known) if known else None


def freshness(verified: date | None, day: date, cycle: int) -> Decimal | None:
    """1 within the cycle since it was verified, falling to 0 at twice the cycle; None: never verified, as far known."""
    if verified is None or cycle <= 0:
        return None
    age = Decimal((day - verified).days) / cycle
    return max(Decimal(0), min(Decimal(1), 2 - age))


def _mean(values: list[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) / len(known) if known else None
