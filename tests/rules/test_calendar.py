"""Working days and hours in mainland China."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kamsync.rules.calendar import Decree, WorkCalendar

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
