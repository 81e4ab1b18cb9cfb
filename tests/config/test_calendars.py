"""The calendar file: what it may say, and how its mistakes are shown."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from kamsync.config.calendars import calendar_of, read_calendar
from kamsync.config.toml_file import Problems, parse
from kamsync.rules.calendar import WorkCalendar

SHIPPED = Path(__file__).parents[2] / "policies" / "calendar-cn.toml"


def test_a_year_is_written_as_days_and_spans_of_days():
    text = """
    opens = 08:30:00
    [2028]
    off = ["05-01..05-03"]
    work = ["05-06"]
    """

    calendar = calendar_of(parse(text, "calendar.toml"))

    assert [calendar.is_working(date(2028, 5, day)) for day in (1, 2, 3, 4, 6, 7)] == [False] * 3 + [True, True, False]
    assert calendar.opens == time(8, 30)
    assert not calendar.provisional(2028)


def test_every_mistake_in_a_calendar_is_shown_at_once_with_its_line():
    text = "\n".join(
        [
            "closes = 18",
            "open = 09:00:00",
            "[2028]",
            'of = ["01-01"]',
            'off = ["02-30", "10-07..10-01",',
            '       "10-01..10-03"]',
            'work = ["10-01", "10-09"]',
        ]
    )

    with pytest.raises(Problems) as raised:
        calendar_of(parse(text, "calendar.toml"))

    assert [(p.line, p.key, p.text.en, p.hint and p.hint.en) for p in raised.value.problems] == [
        (1, "closes", "is not a time", "such as 09:00:00, unquoted"),
        (2, "open", "is neither a year nor opens / closes", 'did you mean "opens"?'),
        (4, "2028.of", "is not a calendar key", 'did you mean "off"?'),
        (5, "2028.off[1]", "'02-30' is neither a day nor a span of days", 'write "05-09" or "10-01..10-07"'),
        (5, "2028.off[2]", "'10-07..10-01' is neither a day nor a span of days", 'write "05-09" or "10-01..10-07"'),
        (7, "2028.work[1]", "2028-10-01 is listed as off too", None),
        (7, "2028.work[2]", "2028-10-09 is no weekend day", None),
    ]


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_shipped_calendar_agrees_with_the_holidays_library_on_every_day(year):
    calendar, library = read_calendar(SHIPPED), WorkCalendar()

    every = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]

    assert [day for day in every if calendar.is_working(day) != library.is_working(day)] == []
