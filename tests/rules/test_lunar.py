"""Lunar dates: birthdays and festivals as the solar days people keep."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from holidays.calendars.chinese import _ChineseLunisolar  # another hand's table, to check ours by

from kamsync.model import Birthday
from kamsync.rules.lunar import FESTIVALS, festival, kept_near, kept_on, lunar_day, new_year

THEIRS = _ChineseLunisolar()


@pytest.mark.parametrize("year", range(1920, 2100))
def test_each_years_festivals_fall_where_another_table_has_them(year):
    assert new_year(year) == THEIRS.lunar_new_year_date(year)[0]
    assert lunar_day(year, 5, 5) == THEIRS.dragon_boat_date(year)[0]
    assert lunar_day(year, 8, 15) == THEIRS.mid_autumn_date(year)[0]
    assert lunar_day(year, 9, 9) == THEIRS.double_ninth_date(year)[0]


@pytest.mark.parametrize(
    ("lunar", "solar"),
    [
        ((2026, 8, 15), "2026-09-25"),
        ((2027, 8, 15), "2027-09-15"),
        ((2025, 12, 30), "2026-02-16"),  # a month of 29 days: kept on its last
        ((2026, 12, 30), "2027-02-05"),
        ((1978, 8, 1), "1978-09-03"),  # a day later than some libraries have it
        ((1978, 7, 30), "1978-09-02"),
        ((1933, 6, 1), "1933-07-23"),
        ((1954, 11, 1), "1954-11-25"),
        ((2023, 2, 20), "2023-03-11"),  # before the leap second month of that year
        ((2023, 3, 1), "2023-04-20"),  # after it
    ],
)
def test_a_lunar_day_is_kept_on_its_solar_one(lunar, solar):
    assert lunar_day(*lunar) == date.fromisoformat(solar)


@pytest.mark.parametrize(
    ("year", "solar"),
    [
        (2024, "2024-07-23"),
        (2025, "2025-08-11"),  # the leap sixth month itself
        (2026, "2026-07-31"),
        (2027, "2027-07-21"),
        (2028, "2028-08-08"),
    ],
)
def test_a_birthday_in_a_leap_month_is_kept_in_the_plain_one_where_there_is_none(year, solar):
    born = Birthday(month=6, day=18, lunar=True, leap=True)

    assert kept_on(born, year) == date.fromisoformat(solar)


def test_a_birthday_in_the_plain_month_stays_there_in_a_leap_year():
    assert kept_on(Birthday(month=6, day=18, lunar=True), 2025) == date(2025, 7, 12)


@pytest.mark.parametrize(("year", "day"), [(2024, 29), (2025, 28), (2026, 28), (2027, 28), (2028, 29), (2100, 28)])
def test_the_29th_of_february_is_kept_on_the_28th_in_other_years(year, day):
    assert kept_on(Birthday(month=2, day=29), year) == date(year, 2, day)


def test_every_day_of_five_lunar_years_follows_the_one_before():
    day = new_year(2024)
    for year in range(2024, 2029):
        for month in range(1, 13):
            for leap in (False, True) if (year, month) in ((2025, 6), (2028, 5)) else (False,):
                assert lunar_day(year, month, 1, leap=leap) == day
                last = lunar_day(year, month, 30, leap=leap)
                assert last - day in (timedelta(28), timedelta(29))
                day = last + timedelta(1)

    assert day == new_year(2029) == date(2029, 2, 13)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, ["2024-01-01", "2024-02-10", "2024-06-10", "2024-09-17", "2024-10-01"]),
        (2025, ["2025-01-01", "2025-01-29", "2025-05-31", "2025-10-06", "2025-10-01"]),
        (2026, ["2026-01-01", "2026-02-17", "2026-06-19", "2026-09-25", "2026-10-01"]),
        (2027, ["2027-01-01", "2027-02-06", "2027-06-09", "2027-09-15", "2027-10-01"]),
        (2028, ["2028-01-01", "2028-01-26", "2028-05-28", "2028-10-03", "2028-10-01"]),
    ],
)
def test_five_years_of_festivals(year, days):
    assert [str(festival(name, year)) for name in FESTIVALS] == days


def test_the_returns_near_a_day_take_in_those_of_the_lunar_year_before():
    born = Birthday(month=12, day=20, lunar=True)

    assert list(kept_near(born, date(2027, 1, 20))) == [
        (2026, date(2027, 1, 27)),
        (2027, date(2028, 1, 16)),
        (2028, date(2029, 2, 3)),
    ]


@pytest.mark.parametrize(("year", "month", "day"), [(1899, 1, 1), (2101, 1, 1), (2026, 13, 1), (2026, 1, 31)])
def test_a_day_that_no_lunar_year_has_is_refused(year, month, day):
    with pytest.raises(ValueError, match="lunar"):
        lunar_day(year, month, day)
