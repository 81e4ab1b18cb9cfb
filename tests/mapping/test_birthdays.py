"""Birthdays as people type them: solar, lunar, with a year or without, and nonsense named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kamsync.mapping import Notes, Rejection
from kamsync.model import Birthday

Read = Callable[..., Any]
BORN = 'birthday = "X"'


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1985-03-08", Birthday(3, 8, 1985)),
        ("1985年3月8日", Birthday(3, 8, 1985)),
        ("3月8日", Birthday(3, 8)),
        ("03-08", Birthday(3, 8)),
        ("2-29", Birthday(2, 29)),
        (1_769_875_200_000, Birthday(2, 1, 2026)),
        ("1985-03-08T00:00:00+08:00", Birthday(3, 8, 1985)),
        ("农历八月十五", Birthday(8, 15, lunar=True)),
        ("八月十五", Birthday(8, 15, lunar=True)),
        ("腊月三十", Birthday(12, 30, lunar=True)),
        ("正月初一", Birthday(1, 1, lunar=True)),
        ("1976年闰八月廿三", Birthday(8, 23, 1976, lunar=True, leap=True)),
        ("六月二十", Birthday(6, 20, lunar=True)),
        ("十一月初十", Birthday(11, 10, lunar=True)),
        ("阴历 1985-8-15", Birthday(8, 15, 1985, lunar=True)),
        ("８－１５（农历）", Birthday(8, 15, lunar=True)),
        ("lunar 8-15", Birthday(8, 15, lunar=True)),
        ("", None),
        ("农历", None),
        (None, None),
    ],
)
def test_a_birthday_is_read_as_it_is_meant(read: Read, raw: object, day: Birthday | None) -> None:
    assert read("contact", BORN, {"X": raw}) == day


@pytest.mark.parametrize("raw", ["13-01", "02-30", "农历8-31", "八月五十", "生于春天"])
def test_a_day_that_does_not_exist_sets_the_record_aside(read: Read, raw: str) -> None:
    refused = read("contact", BORN, {"X": raw})

    assert isinstance(refused, Rejection)
    assert refused.field == "birthday"


@pytest.mark.parametrize("raw", ["9999-12-31", "1800-01-01", "0001-01-01"])
def test_a_year_in_which_nobody_was_born_is_none_and_noted(read: Read, raw: str) -> None:
    notes = Notes()

    assert read("contact", BORN, {"X": raw}, notes) is None
    assert [name for name, _ in notes.odd] == ["birthday"]
