"""One cell as a plain value: trimmed, digits and dates in one spelling, Excel's days as dates.

Changes how a value is written, never what it says; names and words stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

INVISIBLE = "\ufeff\u200b\u200e\u200f"
WIDE = re.compile("[\u2212\u5e74\uff01-\uff5e\uffe5]")  # −, 年, full-width signs
KEPT_TEXT = re.compile(r'="(.*)"', re.DOTALL)  # ="00123": how spreadsheets are told to keep leading zeros
FIGURES = re.compile(r"[-+]?[¥$€£]?\s*[-+]?[\d,]*\.?\d+%?")
WHEN = re.compile(
    r"(?P<y>\d{4})(?:[-/.]|年)(?P<m>\d{1,2})(?:[-/.]|月)(?P<d>\d{1,2})日?"
    r"(?:[ T]+(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?)?"
)
DATED = re.compile(r"日期|时间|日$|生日|(?:^|[\s_])(?:date|time|day|on|at)$|^date|date$", re.IGNORECASE)
DAYS = range(20_000, 80_000)  # 1954 to 2119, counted as Excel does
SINCE_1900, SINCE_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  a spreadsheet has no zone

Plain = str | int | bool | Decimal | None


def is_dated(name: str) -> bool:
    """Does a column of this name hold dates?"""
    return DATED.search(name) is not None


def clean(value: Any, *, dated: bool = False, since: datetime = SINCE_1900) -> Plain:
    """The cell as JSON can hold it; None where it is empty. `dated`: a bare number is a day of Excel's."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, dated, since)
    if isinstance(value, int | float):
        return _number(value, dated, since)
    if isinstance(value, datetime):
        return _written(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _text(value: str, dated: bool, since: datetime) -> Plain:
    text = value.strip()
    if not text.isascii():
        text = text.strip(INVISIBLE).strip()
        text = _narrow(text) if WIDE.search(text) else text
    if not text:
        return None
    if text[0] == "=" and (kept := KEPT_TEXT.fullmatch(text)):
        return kept[1].replace('""', '"').strip() or None
    if text[:4].isdigit():
        moment = WHEN.fullmatch(text)
        if moment:
            return _spelled(moment) or text
    if dated and re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _day(float(text), since) or text
    return text


def _narrow(text: str) -> str:
    """Full-width figures, dates and codes (１２３，ＳＯ－１) as everybody writes them; words stay."""
    narrow = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    if narrow.isascii() and " " not in narrow:
        return narrow
    return narrow if FIGURES.fullmatch(narrow) or WHEN.fullmatch(narrow) else text


def _spelled(moment: re.Match[str]) -> str | None:
    parts = [int(part) if part else 0 for part in moment.group("y", "m", "d", "h", "min", "s")]
    try:
        read = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001  six whole numbers; the zone is the mapping's
    except ValueError:
        return None  # a 30th of February stays as written, and the mapping says that it is no date
    return read.isoformat() if moment["h"] else read.date().isoformat()


def _number(value: float, dated: bool, since: datetime) -> Plain:
    if dated and (day := _day(value, since)):
        return day
    if isinstance(value, int):
        return value
    if value != value or value in (float("inf"), float("-inf")):
        return None
    exact = Decimal(f"{value:.15g}")  # Excel itself keeps 15 digits: what lies beyond is noise of the format
    return int(exact) if exact == exact.to_integral_value() and abs(exact) < 10**15 else exact


def _day(value: float, since: datetime) -> str | None:
    if int(value) not in DAYS:
        return None
    return _written(since + timedelta(seconds=round(value * 86_400)))


def _written(moment: datetime) -> str:
    whole = moment.time() == time() and moment.tzinfo is None
    return moment.date().isoformat() if whole else moment.replace(microsecond=0).isoformat()


# ---- what a column holds, from a few of its values


def kind_of(values: list[Plain]) -> str:
    """The kind of value that all of these are: integer, number, date, instant, yesno or text."""
    kinds = {_kind(value) for value in values if value is not None}
    if kinds == {"integer", "number"}:
        return "number"
    if kinds == {"date", "instant"}:
        return "instant"
    return kinds.pop() if len(kinds) == 1 else "text"


def _kind(value: Plain) -> str:
    if isinstance(value, bool):
        return "yesno"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, Decimal):
        return "number"
    text = str(value)
    moment = WHEN.fullmatch(text)
    if moment:
        return "instant" if moment["h"] else "date"
    if FIGURES.fullmatch(text):
        leading = re.fullmatch(r"0\d+", text)  # 00123 is a code, no figure
        return "text" if leading else "number" if re.search(r"[.%]", text) else "integer"
    return "text"
