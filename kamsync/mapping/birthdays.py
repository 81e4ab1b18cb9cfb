"""Read a birthday however it was typed: a date, a day without a year, or a day of the lunar calendar (农历).

Pure. It converts nothing between the calendars: that is done for the year in which the day is kept.
"""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import ZoneInfo

from kamsync.mapping import convert
from kamsync.mapping.convert import Odd, Unfit
from kamsync.model import Birthday
from kamsync.plugin import Text

WANTED = Text("生日", "a birthday")
LUNAR = re.compile(r"农历|阴历|旧历|lunar", re.IGNORECASE)
_MARKS = re.compile(r"农历|阴历|旧历|公历|阳历|新历|lunar|solar|生日|[\s()（）:：]", re.IGNORECASE)
_PLAIN = re.compile(r"(?:(\d{4})[-/.年])?(闰|L)?(\d{1,2})[-/.月](\d{1,2})[日号]?")
_SPOKEN = re.compile(
    r"(?:(\d{4})年)?(闰?)([正一二三四五六七八九十冬腊]{1,2})月([初一二三四五六七八九十廿卅]{1,3})[日号]?"
)
_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九十", 1)}
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def birthday(value: object, zone: ZoneInfo, *, lunar: bool = False) -> Birthday | None:
    """The day, of the lunar calendar where the text says so or the caller knows. Raises `Unfit` or `Odd`."""
    if isinstance(value, str):
        word = unicodedata.normalize("NFKC", convert.clean(value))
        plain = _MARKS.sub("", word)
        is_lunar = lunar or bool(LUNAR.search(word))
        if not plain:
            return None
        if found := _SPOKEN.fullmatch(plain):
            year, leap, month, day = found.groups()
            return _made(value, year, _month(month), _day(day), lunar=True, leap=bool(leap))
        if found := _PLAIN.fullmatch(plain):
            year, leap, month, day = found.groups()
            return _made(value, year, int(month), int(day), lunar=is_lunar or bool(leap), leap=bool(leap))
        lunar = is_lunar
    read = convert.day(value, zone)
    return None if read is None else _made(value, str(read.year), read.month, read.day, lunar=lunar, leap=False)


def _made(value: object, year: str | None, month: int, day: int, *, lunar: bool, leap: bool) -> Birthday:
    longest = 30 if lunar else _DAYS[month - 1] if 1 <= month <= 12 else 0
    if not 1 <= month <= 12 or not 1 <= day <= longest:
        raise Unfit(WANTED, value)
    known = int(year) if year else None
    if known is not None and not 1900 <= known <= 2100:
        raise Odd(value)  # 0001-01-01, 9999-12-31: how a form says "none"
    return Birthday(month, day, known, lunar, leap)


def _month(word: str) -> int:
    return _MONTHS.get(word) or _number(word)


def _day(word: str) -> int:
    """初八 8, 十五 15, 廿三 23, 三十 30."""
    if word.startswith("廿"):
        return 20 + _number(word[1:])
    if word.startswith("卅"):
        return 30 + _number(word[1:])
    return _number(word.removeprefix("初"))


def _number(word: str) -> int:
    tens, ten, ones = word.rpartition("十")
    if not ten:
        return _DIGITS.get(word, 0)
    return 10 * (_DIGITS.get(tens, 0) if tens else 1) + _DIGITS.get(ones, 0)
