"""Read one row of metrics as a person wrote it: numbers, decimal strings, dates, names of tiers.

Tolerant of shapes, strict on meaning: a value that cannot be understood refuses the row and says which one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from kamsync.plugin import Text
from kamsync.plugin.document import did_you_mean
from kamsync.rules.metrics import CATALOGUE, Input, Metric, Metrics
from kamsync.rules.moving import Previous
from kamsync.rules.policy import Override, Policy, Traits

# Other words for a metric, and what is known by name but scores nothing.
_ALSO = {"cv": "order_gap_cv", "gap_cv": "order_gap_cv", "order_cv": "order_gap_cv", "order_gaps_cv": "order_gap_cv"}
_OTHERS = frozenset(["churn_risk", "lifecycle", "size", "industry", "focus_industry", "potential"])
_SOURCE = Text("文件所给", "given in the file")
_LARGEST = Decimal(10) ** 18
_SMALLEST = -30  # the exponent below which a number is a mistake


class BadRow(Exception):
    """A row that cannot be judged, and why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, understood. `group` is an id, or a tier by name or rank: the file as a whole tells which."""

    number: int
    id: str
    given_id: str | int
    metrics: Metrics
    previous: Previous | None
    group: str | int | None
    group_tier: str | None
    strategic: Decimal | None
    override: Override | None
    first_order: date | None
    blacklisted: bool
    deregistered: bool
    traits: Traits
    warnings: tuple[Text, ...]


def read_row(number: int, given: object, policy: Policy, as_of: date) -> Row:
    """The row at a line of the file; raises `BadRow`."""
    row = _table(given, "row")
    id = row.get("id")
    if isinstance(id, bool) or not isinstance(id, str | int) or not str(id).strip():
        raise _bad("id", "要写编号", "must be given")
    metrics = _table(row.get("metrics"), "metrics")
    group, group_tier = _group(row.get("group"), policy)
    strategic = row.get("strategic")
    return Row(
        number=number,
        id=str(id),
        given_id=id,
        metrics=_metrics(metrics, row.get("overdue_180d"), as_of),
        previous=_previous(row.get("previous"), policy),
        group=group,
        group_tier=group_tier,
        strategic=_yes(strategic) if isinstance(strategic, bool) else _number(strategic, "strategic"),
        override=_override(row.get("override"), policy),
        first_order=_day(row.get("first_order"), "first_order"),
        blacklisted=_flag(row.get("blacklisted"), "blacklisted"),
        deregistered=_flag(row.get("deregistered"), "deregistered"),
        traits=_traits(row, metrics),
        warnings=tuple(
            _stranger(name) for name in metrics if name not in CATALOGUE and name not in _OTHERS and name not in _ALSO
        ),
    )


# ---- parts


def _metrics(given: Mapping[str, Any], overdue: object, as_of: date) -> Metrics:
    words = {name: name for name in CATALOGUE} | {name: word for word, name in _ALSO.items() if word in given}
    values = {name: _number(given.get(word), f"metrics.{word}") for name, word in words.items()}
    if overdue is not None:
        values["overdue_180d"] = _number(overdue, "overdue_180d")
    inputs = {"growth_yoy": _grown(values["revenue_12m"], values["growth_yoy"])}
    return Metrics(
        as_of,
        {
            name: Metric(name=name, value=value, source=_SOURCE, inputs=inputs.get(name, {}))
            for name, value in values.items()
        },
    )


_SIZES = {
    "large": "大", "大型": "大", "medium": "中", "中型": "中", "small": "小", "小型": "小", "micro": "微", "微型": "微",
}  # fmt: skip


def _traits(row: Mapping[str, Any], metrics: Mapping[str, Any]) -> Traits:
    """What is asked besides figures, beside the metrics or among them."""
    said = {**{name: metrics.get(name) for name in ("size", "industry", "focus_industry")}, **row}
    size, industry, focus = said["size"], said["industry"], said["focus_industry"]
    words = [word.strip() if isinstance(word, str) and word.strip() else None for word in (size, industry)]
    return Traits(
        size=_SIZES.get(words[0].casefold(), words[0]) if words[0] else None,
        industry=words[1],
        focus=None if focus is None else _flag(bool(focus) if focus in (0, 1) else focus, "focus_industry"),
        potential=_number(metrics.get("potential"), "metrics.potential"),
    )


def _grown(now: Decimal | None, rate: Decimal | None) -> dict[str, Input]:
    """The two years behind a growth rate, so that a group's growth can come from its sums."""
    if now is None or rate is None or rate <= -1:
        return {}
    return {"now": now, "before": now / (1 + rate)}


def _previous(given: object, policy: Policy) -> Previous | None:
    if given is None:
        return None
    row = _table(given, "previous")
    name = row.get("scored_tier", row.get("tier"))
    if name is None:
        return None
    pending = _number(row.get("pending_down"), "previous.pending_down") or Decimal(0)
    if pending < 0 or pending != int(pending):
        raise _bad("previous.pending_down", "要写不小于 0 的整数", "must be a whole number, 0 or more")
    return Previous(
        scored_tier=_tier(name, "previous.scored_tier", policy),
        since=_day(row.get("since"), "previous.since"),
        pending_down=int(pending),
        as_of=_day(row.get("as_of"), "previous.as_of"),
    )


def _group(given: object, policy: Policy) -> tuple[str | int | None, str | None]:
    """An id or a tier in one word; { id, tier } where the row says which is which."""
    if isinstance(given, Mapping):
        tier = given.get("tier")
        word, _ = _group(given.get("id"), policy)
        return word, None if tier is None else _tier(tier, "group.tier", policy)
    if given is None or given == "":
        return None, None
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise _bad("group", "要写集团的编号或等级", "must be the group's id or its tier")
    return given, None


def _override(given: object, policy: Policy) -> Override | None:
    if given is None:
        return None
    row = _table(given, "override")
    start, until = _day(row.get("from"), "override.from"), _day(row.get("until"), "override.until")
    if start is None or until is None:
        raise _bad("override", "要写 from 和 until 两个日期", "must have both dates, from and until")
    return Override(
        tier=_tier(row.get("tier"), "override.tier", policy),
        reason=str(row.get("reason") or ""),
        author=str(row.get("author") or ""),
        start=start,
        until=until,
    )


def _tier(given: object, where: str, policy: Policy) -> str:
    rank = int(given) if isinstance(given, int | str) and re.fullmatch("[1-9]", str(given)) else 0
    tier = policy.ranked(rank) if 1 <= rank <= len(policy.tiers) else policy.tier(str(given))
    if tier is None:
        names = "、".join(tier.name for tier in policy.tiers)
        raise _bad(where, f'没有等级 "{given}"，可以用：{names}', f'"{given}" is not a tier; there are: {names}')
    return tier.name


def _stranger(name: str) -> Text:
    hint = did_you_mean(name, CATALOGUE) or Text("已忽略", "it was ignored")
    return Text(
        f'metrics.{name}：不是已知的指标，{hint.zh}', f"metrics.{name}: is not a known metric; {hint.en}"
    )  # fmt: skip


# ---- kinds of values


def _table(given: object, where: str) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    raise _bad(where, "要写成 {…}", "must be an object {…}")


def _number(given: object, where: str) -> Decimal | None:
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        raise _bad(where, "要写数字", "must be a number")
    try:
        value = Decimal(str(given).strip())
    except (InvalidOperation, ValueError):
        raise _bad(where, f'"{given}" 不是数字', f'"{given}" is not a number') from None
    if not value.is_finite() or abs(value) > _LARGEST or int(value.as_tuple().exponent) < _SMALLEST:
        raise _bad(where, "不是合理的数字", "is not a sensible number")
    return value


def _day(given: object, where: str) -> date | None:
    if given is None or given == "":
        return None
    try:
        return date.fromisoformat(str(given).strip())
    except ValueError:
        raise _bad(where, f'"{given}" 不是日期（如 2026-12-01）', f'"{given}" is not a date like 2026-12-01') from None


def _flag(given: object, where: str) -> bool:
    if given is None or isinstance(given, bool):
        return bool(given)
    raise _bad(where, "要写 true 或 false", "must be true or false")


def _yes(strategic: bool) -> Decimal:
    return Decimal(100) if strategic else Decimal(0)


def _bad(where: str, zh: str, en: str) -> BadRow:
    return BadRow(Text(f"{where} {zh}", f"{where} {en}"))
