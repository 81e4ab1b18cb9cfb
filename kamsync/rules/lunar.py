"""The Chinese lunar calendar (农历): its dates as solar ones, and where birthdays and festivals fall.

Years 1900 to 2100 by the months that GB/T 33661 gives; anything outside raises ValueError. Knows no working days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from kamsync.model import Birthday

FIRST_YEAR, LAST_YEAR = 1900, 2100
_NEW_YEAR_1900 = date(1900, 1, 31)

# One number a lunar year: the leap month (0: none) above 13 bits, the first month lowest; a 1 is a month of 30 days.
_TABLE = (
    "116d2 00752 00ea5 0b64a 0064b 00a9b 09556 0056a 00b59 05752 "  # 1900
    "00752 0db25 00b25 00a4b 0b4ab 002ad 0056b 04b69 00da9 0fd92 "  # 1910
    "00e92 00d25 0ba4d 00a56 002b6 095b5 006d4 00ea9 05e92 00e92 "  # 1920
    "0cd26 0052b 00a57 0b2b6 00b5a 006d4 06ec9 00749 0f693 00a93 "  # 1930
    "0052b 0ca5b 00aad 0056a 09b55 00ba4 00b49 05a93 00a95 0f52d "  # 1940
    "00536 00aad 0b5aa 005b2 00da5 07d4a 00d4a 10a95 00a97 00556 "  # 1950
    "0cab5 00ad5 006d2 08ea5 00ea5 0064a 06c97 00a9b 0f55a 0056a "  # 1960
    "00b69 0b752 00b52 00b25 0964b 00a4b 114ab 002ad 0056d 0cb69 "  # 1970
    "00da9 00d92 09d25 00d25 15a4d 00a56 002b6 0c5b5 006d5 00ea9 "  # 1980
    "0be92 00e92 00d26 06a56 00a57 114d6 0035a 006d5 0b6c9 00749 "  # 1990
    "00693 0952b 0052b 00a5b 0555a 0056a 0fb55 00ba4 00b49 0ba93 "  # 2000
    "00a95 0052d 08aad 00ab5 135aa 005d2 00da5 0dd4a 00d4a 00c95 "  # 2010
    "0952e 00556 00ab5 055b2 006d2 0cea5 00725 0064b 0ac97 00cab "  # 2020
    "0055a 06ad6 00b69 17752 00b52 00b25 0da4b 00a4b 004ab 0a55b "  # 2030
    "005ad 00b6a 05b52 00d92 0fd25 00d25 00a55 0b4ad 004b6 005b5 "  # 2040
    "06daa 00ec9 11e92 00e92 00d26 0ca56 00a57 004d6 086d5 00755 "  # 2050
    "00749 06e93 00693 0f52b 0052b 00a5b 0b55a 0056a 00b65 0974a "  # 2060
    "00b4a 11a95 00a95 0052d 0caad 00ab5 005aa 08ba5 00da5 00d4a "  # 2070
    "07c95 00c96 0f94e 00556 00ab5 0b5b2 006d2 00ea5 08e4a 0068b "  # 2080
    "10c97 004ab 0055b 0cad6 00b6a 00752 09725 00b45 00a8b 0549b "  # 2090
    "004ab "  # 2100
)
_YEARS = tuple(int(code, 16) for code in _TABLE.split())


def kept_on(birthday: Birthday, year: int) -> date:
    """The solar day on which a birthday is kept in a year of its own calendar.

    29 February is kept on the 28th; the 30th of a lunar month of 29 days on the 29th; a leap month's birthday in the
    plain month where the year has no such leap month.
    """
    if birthday.lunar:
        return lunar_day(year, birthday.month, birthday.day, leap=birthday.leap)
    if (birthday.month, birthday.day) == (2, 29) and not _is_leap(year):
        return date(year, 2, 28)
    return date(year, birthday.month, birthday.day)


def kept_near(birthday: Birthday, day: date) -> Iterator[tuple[int, date]]:
    """(year of its own calendar, solar day) of its returns around a day, oldest first."""
    return ((year, kept_on(birthday, year)) for year in range(day.year - 1, day.year + 2))


def lunar_day(year: int, month: int, day: int, *, leap: bool = False) -> date:
    """The solar date of a lunar day that people keep each year: bent to a day and month that the year has."""
    if not (1 <= month <= 12 and 1 <= day <= 30):
        raise ValueError(f"no lunar day: month {month}, day {day}")
    months = _months(year)
    place = month + (1 if leap and _leap_month(year) == month else 0)
    place += 1 if 0 < _leap_month(year) < month else 0
    start = new_year(year) + timedelta(days=sum(months[: place - 1]))
    return start + timedelta(days=min(day, months[place - 1]) - 1)


@cache
def new_year(year: int) -> date:
    """The first day of a lunar year: Spring Festival (春节)."""
    _code(year)
    return _NEW_YEAR_1900 + timedelta(days=sum(sum(_months(earlier)) for earlier in range(FIRST_YEAR, year)))


FESTIVALS = ("new-year", "spring", "dragon-boat", "mid-autumn", "national")


def festival(name: str, year: int) -> date:
    """The day of a festival (one of FESTIVALS) in a solar year; lunar ones never leave the year of their number."""
    match name:
        case "new-year":
            return date(year, 1, 1)
        case "spring":
            return new_year(year)
        case "dragon-boat":
            return lunar_day(year, 5, 5)
        case "mid-autumn":
            return lunar_day(year, 8, 15)
        case "national":
            return date(year, 10, 1)
    raise ValueError(f"no festival {name!r}")


@cache
def _months(year: int) -> tuple[int, ...]:
    """The days of each month, a leap month after its plain one."""
    code = _code(year)
    return tuple(29 + (code >> place & 1) for place in range(13 if code >> 13 else 12))


def _leap_month(year: int) -> int:
    return _code(year) >> 13


def _code(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"lunar years are known from {FIRST_YEAR} to {LAST_YEAR}, not {year}")
    return _YEARS[year - FIRST_YEAR]


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
