"""What a mapping's formulas can call, and how they take a record's values for numbers, texts and days.

Every result is bounded: numbers in digits, texts in letters.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping import convert
from kamsync.mapping.convert import Unfit
from kamsync.plugin import Text

EXACT = Context(prec=50, rounding=ROUND_HALF_UP, traps=[DivisionByZero, InvalidOperation, Overflow])
LONGEST = 32_000  # letters of a text that a formula takes or makes
MANY = 20
TOO_LONG = Text(f"不超过 {LONGEST:,} 个字符", f"at most {LONGEST:,} characters")


def number(value: Any) -> Decimal | None:
    """The value as a number; None where it is unknown. Raises `Unfit` for what is none."""
    if value is None or type(value) is bool:
        if value is None:
            return None
        raise Unfit(convert.NUMBER, value)
    return convert.number(value)


def words(value: Any) -> str | None:
    """The value as a text of bounded length."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    got = convert.text(value)
    return None if got is None else got[:LONGEST]


def same(a: Any, b: Any) -> bool:
    """Equal as numbers where one is a number, else as texts, case aside; what is unknown equals only None."""
    if a is None or b is None:
        return a is b
    if isinstance(a, bool) or isinstance(b, bool):
        return convert.yesno(a) == convert.yesno(b)
    if isinstance(a, Decimal | int | float) or isinstance(b, Decimal | int | float):
        return number(a) == number(b)
    return (words(a) or "").casefold() == (words(b) or "").casefold()


def _numbers(values: tuple[Any, ...]) -> list[Decimal]:
    return [got for value in values if (got := number(value)) is not None]


def _least(zone: ZoneInfo, *values: Any) -> Decimal | None:
    return min(_numbers(values), default=None)


def _most(zone: ZoneInfo, *values: Any) -> Decimal | None:
    return max(_numbers(values), default=None)


def _total(zone: ZoneInfo, *values: Any) -> Decimal | None:
    """The sum of what is known; unknown where nothing is."""
    known = _numbers(values)
    return sum(known, Decimal(0)) if known else None


def _abs(zone: ZoneInfo, value: Any) -> Decimal | None:
    got = number(value)
    return None if got is None else abs(got)


def _round(zone: ZoneInfo, value: Any, places: Any = 0) -> Decimal | None:
    got, after = number(value), convert.integer(places) or 0
    if got is None:
        return None
    return got.quantize(Decimal(1).scaleb(-max(-18, min(18, after))), rounding=ROUND_HALF_UP, context=EXACT)


def _number(zone: ZoneInfo, value: Any) -> Decimal | None:
    return number(value)


def _first(zone: ZoneInfo, *values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _known(zone: ZoneInfo, value: Any) -> bool:
    return value is not None


def _text(zone: ZoneInfo, *values: Any) -> str | None:
    """All that is known, one behind the other."""
    known = [word for value in values if (word := words(value)) is not None]
    return _bounded("".join(known)) if known else None


def _bounded(text: str) -> str:
    if len(text) > LONGEST:
        raise Unfit(TOO_LONG, text)
    return text


def _of_text(work: Callable[[str], Any]) -> Callable[..., Any]:
    def function(zone: ZoneInfo, value: Any) -> Any:
        got = words(value)
        return None if got is None else work(got)

    return function


def _left(zone: ZoneInfo, value: Any, count: Any) -> str | None:
    got = words(value)
    return None if got is None else got[: max(0, convert.integer(count) or 0)]


def _right(zone: ZoneInfo, value: Any, count: Any) -> str | None:
    got, most = words(value), max(0, convert.integer(count) or 0)
    return None if got is None else got[max(0, len(got) - most) :]


def _replace(zone: ZoneInfo, value: Any, old: Any, new: Any) -> str | None:
    got, from_, to = words(value), _literal(old), _literal(new)
    if got is None or not from_:
        return got
    if len(got) + got.count(from_) * (len(to) - len(from_)) > LONGEST:
        raise Unfit(TOO_LONG, got)
    return got.replace(from_, to)


def _literal(value: Any) -> str:
    """A text just as it is, blanks and all."""
    return value[:LONGEST] if isinstance(value, str) else words(value) or ""


def _contains(zone: ZoneInfo, value: Any, word: Any) -> bool:
    got, part = words(value), words(word)
    return got is not None and part is not None and part.casefold() in got.casefold()


def _starts(zone: ZoneInfo, value: Any, word: Any) -> bool:
    got, part = words(value), words(word)
    return got is not None and part is not None and got.casefold().startswith(part.casefold())


def _day(zone: ZoneInfo, value: Any) -> date | None:
    return value if value is None or isinstance(value, date) else convert.day(value, zone)


def _days(zone: ZoneInfo, begin: Any, end: Any) -> Decimal | None:
    """From the first day to the second."""
    a, b = _day(zone, begin), _day(zone, end)
    return None if a is None or b is None else Decimal((b - a).days)


def _year(zone: ZoneInfo, value: Any) -> Decimal | None:
    got = _day(zone, value)
    return None if got is None else Decimal(got.year)


def _month(zone: ZoneInfo, value: Any) -> Decimal | None:
    got = _day(zone, value)
    return None if got is None else Decimal(got.month)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "first": _first, "known": _known, "number": _number, "min": _least, "max": _most, "total": _total, "abs": _abs,
    "round": _round, "text": _text, "lower": _of_text(str.lower), "upper": _of_text(str.upper),
    "length": _of_text(lambda text: Decimal(len(text))), "left": _left, "right": _right, "replace": _replace,
    "contains": _contains, "starts": _starts, "day": _day, "days": _days, "year": _year, "month": _month,
}  # fmt: skip
TAKES = {
    "first": (1, MANY), "known": (1, 1), "number": (1, 1), "min": (1, MANY), "max": (1, MANY), "total": (1, MANY),
    "abs": (1, 1), "round": (1, 2), "text": (1, MANY), "lower": (1, 1), "upper": (1, 1), "length": (1, 1),
    "left": (2, 2), "right": (2, 2), "replace": (3, 3), "contains": (2, 2), "starts": (2, 2), "day": (1, 1),
    "days": (2, 2), "year": (1, 1), "month": (1, 1),
}  # fmt: skip
