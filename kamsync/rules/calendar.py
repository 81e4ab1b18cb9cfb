"""Which days and hours people work in mainland China, and how to count in them.

Years that the calendar file carries follow the government's notice for the year. For any other year the `holidays`
library is asked; where it knows no 调休 yet, the year is provisional: weekdays less the statutory festivals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Decree:
    """One year's notice: days off (weekends need no mention) and weekend days worked instead (调休)."""

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working days of mainland China; a working day lasts from `opens` to `closes`, local time."""

    decrees: Mapping[int, Decree] = field(default_factory=dict)
    opens: time = time(9)
    closes: time = time(18)

    def is_working(self, day: date) -> bool:
        """A weekday that is no holiday, or a weekend day worked in exchange for one."""
        decree = self._year(day.year)
        return day in decree.work or (day.weekday() < 5 and day not in decree.off)

    def provisional(self, year: int) -> bool:
        """Is the year's notice still to come, so that its days may change?"""
        return self._year(year).provisional

    def next(self, day: date) -> date:
        """The nearest working day on or after `day`."""
        while not self.is_working(day):
            day += DAY
        return day

    def prev(self, day: date) -> date:
        """The nearest working day on or before `day`."""
        while not self.is_working(day):
            day -= DAY
        return day

    def plus(self, day: date, n: int) -> date:
        """The n-th working day after `day` (before it, for a negative n; on or after it, for 0)."""
        if n == 0:
            return self.next(day)
        for _ in range(abs(n)):
            day = self.next(day + DAY) if n > 0 else self.prev(day - DAY)
        return day

    @property
    def hours_a_day(self) -> float:
        """Working hours of one working day."""
        day = date.min
        return (datetime.combine(day, self.closes) - datetime.combine(day, self.opens)) / timedelta(hours=1)

    def plus_hours(self, moment: datetime, hours: float) -> datetime:
        """The moment when so many working hours have passed, in the zone of `moment`."""
        left = timedelta(hours=hours)
        now = self._at_work(moment)
        while left > (today := self._close(now) - now):
            left -= today
            now = self._open(self.next(now.date() + DAY), now)
        return now + left

    def _at_work(self, moment: datetime) -> datetime:
        """`moment` itself during working hours, else the next time the doors open."""
        day = moment.date()
        if not self.is_working(day):
            return self._open(self.next(day), moment)
        if moment >= self._close(moment):
            return self._open(self.next(day + DAY), moment)
        return max(moment, self._open(day, moment))

    def _open(self, day: date, like: datetime) -> datetime:
        return datetime.combine(day, self.opens, like.tzinfo)

    def _close(self, moment: datetime) -> datetime:
        return datetime.combine(moment.date(), self.closes, moment.tzinfo)

    def _year(self, year: int) -> Decree:
        return self.decrees.get(year) or _statutory(year)


@lru_cache(maxsize=64)
def _statutory(year: int) -> Decree:
    """What the library knows. A festival that falls on a weekend is made up for on a weekday, as the law has it."""
    from holidays import country_holidays

    known = country_holidays("CN", years=year)
    off = frozenset(day for day in known if day.year == year)
    work = frozenset(day for day in known.weekend_workdays if day.year == year)
    return Decree(off, work, provisional=not work)
