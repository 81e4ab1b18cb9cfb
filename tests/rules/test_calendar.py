"""Working days and hours in mainland China."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kamsync.config import read_calendar
from kamsync.rules.calendar import Decree, WorkCalendar
from kamsync.rules.lunar import FESTIVALS, festival

CHINA = ZoneInfo("Asia/Shanghai")


def days(year: int, *texts: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(f"{year}-{text}") for text in texts)


def run(first: str, last: str) -> frozenset[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return frozenset(start + timedelta(days=n) for n in range((end - start).days + 1))


@pytest.fixture
def calendar() -> WorkCalendar:
    """
    2026   off   春节 02-15..02-23   劳动节 05-01..05-05   国庆节 10-01..10-07
           work  02-14  02-28  05-09  09-20  10-10
    """
    off = run("2026-02-15", "2026-02-23") | run("2026-05-01", "2026-05-05") | run("2026-10-01", "2026-10-07")
    return WorkCalendar({2026: Decree(off, days(2026, "02-14", "02-28", "05-09", "09-20", "10-10"))})


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-02-13", True),  # an ordinary Friday
        ("2026-02-14", True),  # a Saturday worked for the Spring Festival
        ("2026-02-17", False),  # a Tuesday in the Spring Festival
        ("2026-03-01", False),  # an ordinary Sunday
        ("2026-09-20", True),  # a Sunday worked for National Day
    ],
)
def test_a_day_is_worked_when_the_notice_of_the_year_says_so(calendar, day, working):
    assert calendar.is_working(date.fromisoformat(day)) is working


def test_three_working_days_from_before_the_spring_festival_end_after_it(calendar):
    assert calendar.plus(date(2026, 2, 12), 3) == date(2026, 2, 24)


def test_working_days_are_counted_backwards_too(calendar):
    assert calendar.plus(date(2026, 2, 24), -3) == date(2026, 2, 12)


def test_the_nearest_working_day_before_a_day_in_the_national_holiday_is_its_eve(calendar):
    assert calendar.prev(date(2026, 10, 3)) == date(2026, 9, 30)


def test_the_nearest_working_day_after_a_day_in_the_national_holiday_is_the_eighth(calendar):
    assert calendar.next(date(2026, 10, 3)) == date(2026, 10, 8)


def test_a_working_day_is_its_own_nearest(calendar):
    assert calendar.prev(date(2026, 9, 30)) == calendar.next(date(2026, 9, 30)) == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-04-30 17:00", 4, "2026-05-06 12:00"),  # over 劳动节
        ("2026-04-30 17:00", 1, "2026-04-30 18:00"),  # done as the doors close
        ("2026-04-30 21:30", 0, "2026-05-06 09:00"),  # asked after work
        ("2026-05-03 11:00", 1.5, "2026-05-06 10:30"),  # asked on a holiday
        ("2026-04-29 07:00", 9, "2026-04-29 18:00"),  # asked before work
        ("2026-05-08 12:00", 20, "2026-05-11 14:00"),  # over a Saturday that is worked
    ],
)
def test_working_hours_run_only_while_the_doors_are_open(calendar, start, hours, end):
    moment = datetime.fromisoformat(start).replace(tzinfo=CHINA)

    done = calendar.plus_hours(moment, hours)

    assert done == datetime.fromisoformat(end).replace(tzinfo=CHINA)


def test_a_year_without_a_notice_is_weekdays_less_festivals_and_says_it_is_provisional(calendar):
    spring_festival, monday, saturday = date(2027, 2, 8), date(2027, 2, 15), date(2027, 2, 13)

    worked = [calendar.is_working(day) for day in (spring_festival, monday, saturday)]

    assert worked == [False, True, False]
    assert calendar.provisional(2027)


def test_a_year_with_a_notice_is_not_provisional(calendar):
    assert not calendar.provisional(2026)


def test_a_past_year_that_the_file_leaves_out_still_knows_its_worked_weekends(calendar):
    assert calendar.is_working(date(2023, 6, 25))  # a Sunday worked for 端午节
    assert not calendar.provisional(2023)


# ---- five years of the shipped file, beside another hand's table

SHIPPED = read_calendar(Path(__file__).parents[2] / "policies" / "calendar-cn.toml")


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_shipped_years_are_worked_as_another_table_has_them(year):
    alone = WorkCalendar()  # asks the library for every year
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(366) if (date(year, 1, 1) + timedelta(n)).year == year]

    assert [day for day in every if SHIPPED.is_working(day) != alone.is_working(day)] == []
    assert sum(map(SHIPPED.is_working, every)) == {2024: 251, 2025: 248, 2026: 248}[year]
    assert not SHIPPED.provisional(year)


@pytest.mark.parametrize("year", [2027, 2028])
def test_a_year_to_come_is_off_on_its_statutory_festivals_and_works_no_weekend(year):
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(366) if (date(year, 1, 1) + timedelta(n)).year == year]
    eve = festival("spring", year) - timedelta(days=1)

    assert SHIPPED.provisional(year)
    assert not any(SHIPPED.is_working(festival(name, year)) for name in FESTIVALS)
    assert not any(map(SHIPPED.is_working, (eve, date(year, 5, 1), date(year, 5, 2), date(year, 10, 3))))
    assert not any(SHIPPED.is_working(day) for day in every if day.weekday() >= 5)


@pytest.mark.parametrize(
    ("day", "prev", "next", "plus3"),
    [
        ("2024-02-09", "2024-02-09", "2024-02-09", "2024-02-20"),  # 02-18 is a Sunday that is worked
        ("2024-05-03", "2024-04-30", "2024-05-06", "2024-05-08"),
        ("2025-01-26", "2025-01-26", "2025-01-26", "2025-02-06"),  # a Sunday that is worked
        ("2025-10-05", "2025-09-30", "2025-10-09", "2025-10-11"),  # the third is a Saturday that is worked
        ("2026-01-03", "2025-12-31", "2026-01-04", "2026-01-06"),  # over the turn of the year
        ("2026-02-12", "2026-02-12", "2026-02-12", "2026-02-24"),
        ("2026-10-03", "2026-09-30", "2026-10-08", "2026-10-10"),
        ("2027-10-02", "2027-09-30", "2027-10-06", "2027-10-08"),
        ("2028-01-25", "2028-01-24", "2028-01-31", "2028-02-02"),
    ],
)
def test_working_days_are_found_and_counted_over_every_kind_of_break(day, prev, next, plus3):
    day = date.fromisoformat(day)

    assert [str(one) for one in (SHIPPED.prev(day), SHIPPED.next(day), SHIPPED.plus(day, 3))] == [prev, next, plus3]


def test_four_hours_from_the_eve_of_labour_day_end_at_noon_after_it():
    asked = datetime(2026, 4, 30, 17, tzinfo=CHINA)

    assert SHIPPED.plus_hours(asked, 4) == datetime(2026, 5, 6, 12, tzinfo=CHINA)
