"""A sentence with gaps: `{{field}}` or `{{field|filter}}`, and nothing else.

No attributes, no calls, no loops: whoever edits a text can break its wording and nothing more. A field or filter
that does not exist is found when the text is read, never when it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from kamsync.plugin import Text
from kamsync.plugin.document import did_you_mean

Kind = Literal["text", "number", "date", "money"]
Value = str | int | Decimal | date


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a template. `what` is the piece of text it is about."""

    what: str
    text: Text
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a value goes; `filters` are applied from left to right."""

    field: str
    kind: Kind
    filters: tuple[str, ...] = ()

    def fill(self, values: Mapping[str, Value]) -> str:
        """The value as people read it, on one line."""
        value: Any = values[self.field]
        for name in self.filters or (self.kind,):
            value = _SHOW[name](value) if name in _SHOW else FILTERS[name].show(value)
        return " ".join(str(value).split())


@dataclass(frozen=True, slots=True)
class Template:
    """A text whose every gap is known to have a value."""

    parts: tuple[str | Gap, ...]

    def say(self, values: Mapping[str, Value]) -> str:
        """The text with its gaps filled; what is filled in is never read as a template again."""
        return "".join(part if isinstance(part, str) else part.fill(values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Filter:
    """Another way to show a value of one kind."""

    kind: Kind
    show: Callable[[Any], str]


def read_template(source: str, fields: Mapping[str, Kind]) -> tuple[Template, tuple[Fault, ...]]:
    """The template in `source` and what is wrong with it; only one without faults may be used."""
    parts: list[str | Gap] = []
    faults: list[Fault] = []
    for literal, inside in _pieces(source):
        faults += _stray(literal)
        parts.append(literal)
        if inside is None:
            continue
        gap = _gap(inside, fields)
        if isinstance(gap, Gap):
            parts.append(gap)
        else:
            faults.append(gap)
    return Template(tuple(part for part in parts if part != "")), tuple(faults)


def _pieces(source: str) -> Iterator[tuple[str, str | None]]:
    """Literal text, each time with what stands in the braces after it."""
    pieces = re.split(r"\{\{([^{}]*)\}\}", source)
    inner: list[str | None] = [*pieces[1::2], None]
    yield from zip(pieces[::2], inner, strict=True)


def _stray(literal: str) -> Iterator[Fault]:
    for brace in ("{{", "}}", "｛｛", "｝｝"):
        if brace in literal:
            yield Fault(brace, Text("花括号没有配对，或是全角的", "is half a pair, or full width"),
                        Text("写成 {{字段}}，半角", "write {{field}} in half-width braces"))  # fmt: skip


def _gap(inside: str, fields: Mapping[str, Kind]) -> Gap | Fault:
    field, *filters = (word.strip() for word in inside.split("|"))
    if field not in fields:
        known = ", ".join(sorted(fields))
        hint = did_you_mean(field, fields) or Text(f"可用字段：{known}", f"fields: {known}")
        return Fault(f"{{{{{inside}}}}}", Text("没有这个字段", "is not a field of this reminder"), hint)
    kind = fields[field]
    for name in filters:
        if name not in FILTERS:
            known = ", ".join(FILTERS)
            hint = did_you_mean(name, FILTERS) or Text(f"可用过滤器：{known}", f"filters: {known}")
            return Fault(f"|{name}", Text("没有这个过滤器", "is not a filter"), hint)
        if FILTERS[name].kind != kind:
            return Fault(f"|{name}", Text(f"不能用于{_KINDS[kind].zh}", f"cannot show {_KINDS[kind].en}"))
        kind = "text"
    return Gap(field, fields[field], tuple(filters))


# ---- how values read


def _money(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-2):,.2f}"


def _yuan(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-2).quantize(Decimal(1), ROUND_HALF_UP):,}"


def _wan(minor: int) -> str:
    """万: ten thousands, at most two decimals."""
    shown = f"{Decimal(minor).scaleb(-6).quantize(Decimal('0.01'), ROUND_HALF_UP):,.2f}"
    return shown.rstrip("0").rstrip(".")


def days_en(count: int) -> str:
    """A number of days in English."""
    return f"{count} day" if count == 1 else f"{count} days"


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip

FILTERS: Mapping[str, Filter] = {
    "yuan": Filter("money", _yuan),
    "wan": Filter("money", _wan),
    "cn": Filter("date", lambda day: f"{day.year}年{day.month}月{day.day}日"),
    "long": Filter("date", lambda day: f"{day.day} {_MONTHS[day.month - 1]} {day.year}"),
    "days": Filter("number", days_en),
    "short": Filter("text", _short),
}
_SHOW: Mapping[str, Callable[[Any], str]] = {"text": str, "number": str, "date": date.isoformat, "money": _money}
_KINDS: Mapping[Kind, Text] = {
    "text": Text("文字", "a text"),
    "number": Text("数字", "a number"),
    "date": Text("日期", "a date"),
    "money": Text("金额", "an amount of money"),
}
