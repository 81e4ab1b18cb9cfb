"""Read the working calendar that an admin keeps: each year's notice of the State Council as dates.

It knows no dates of its own; years that the file leaves out are the calendar's to guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from kamsync.config.toml_file import Document, Problem, Problems, did_you_mean, read
from kamsync.plugin import Text
from kamsync.rules.calendar import Decree, WorkCalendar

HOURS = ("opens", "closes")
YEAR_KEYS = ("off", "work")
_SPAN = re.compile(r"(\d\d)-(\d\d)(?:\.\.(\d\d)-(\d\d))?")


def read_calendar(path: Path) -> WorkCalendar:
    """The calendar in the file at `path`; raises `Problems` with every mistake in it."""
    return calendar_of(read(path))


def calendar_of(document: Document) -> WorkCalendar:
    """The calendar that `document` describes; raises `Problems` with every mistake in it."""
    reader = _Reader(document)
    calendar = reader.calendar()
    if reader.problems:
        raise Problems(sorted(reader.problems, key=lambda problem: problem.line or 0), next="kamsync doctor")
    return calendar


class _Reader:
    """One pass over the document; what is wrong is noted and read as if it were not there."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def calendar(self) -> WorkCalendar:
        decrees = {}
        for key, value in self.document.data.items():
            if re.fullmatch(r"\d{4}", key):
                decrees[int(key)] = self._decree(key, value)
            elif key not in HOURS:
                what = Text("不是年份，也不是 opens / closes", "is neither a year nor opens / closes")
                self._wrong((key,), what, did_you_mean(key, HOURS))
        opens, closes = self._time("opens", time(9)), self._time("closes", time(18))
        if opens >= closes:
            self._wrong(("closes",), Text("下班时间必须晚于上班时间", "must be later than opens"))
        return WorkCalendar(decrees, opens, closes)

    def _time(self, key: str, default: time) -> time:
        value = self.document.data.get(key, default)
        if isinstance(value, time):
            return value
        example = Text("例如 09:00:00，不加引号", "such as 09:00:00, unquoted")
        self._wrong((key,), Text("不是时间", "is not a time"), example)
        return default

    def _decree(self, year: str, table: Any) -> Decree:
        if not isinstance(table, dict):
            self._wrong((year,), Text(f"要写成一个表：[{year}]", f"must be a table: [{year}]"))
            return Decree()
        for key in sorted(table.keys() - set(YEAR_KEYS)):
            self._wrong((year, key), Text("不是日历的键", "is not a calendar key"), did_you_mean(key, YEAR_KEYS))
        off = frozenset(day for _, day in self._days(year, "off", table))
        return Decree(off, frozenset(self._weekends_worked(year, table, off)))

    def _weekends_worked(self, year: str, table: dict[str, Any], off: frozenset[date]) -> Iterator[date]:
        for index, day in self._days(year, "work", table):
            if day.weekday() < 5:
                self._wrong((year, "work", index), Text(f"{day} 不是周末，本来就上班", f"{day} is no weekend day"))
            elif day in off:
                self._wrong((year, "work", index), Text(f"{day} 同时列为放假", f"{day} is listed as off too"))
            yield day

    def _days(self, year: str, key: str, table: dict[str, Any]) -> Iterator[tuple[int, date]]:
        spans = table.get(key, [])
        if not isinstance(spans, list):
            self._wrong((year, key), Text("要写成一个列表", "must be a list"))
            return
        for index, span in enumerate(spans):
            days = _span(int(year), span)
            if not days:
                self._wrong(
                    (year, key, index),
                    Text(f"{span!r} 不是日期或日期段", f"{span!r} is neither a day nor a span of days"),
                    Text('写成 "05-09" 或 "10-01..10-07"', 'write "05-09" or "10-01..10-07"'),
                )
            for day in days:
                yield index, day

    def _wrong(self, keys: tuple[str | int, ...], text: Text, hint: Text | None = None) -> None:
        self.problems.append(self.document.problem(keys, text, hint))


def _span(year: int, text: Any) -> list[date]:
    """The days of "10-01..10-07" or "05-09"; none where it is not such a thing."""
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return []
    month, day, last_month, last_day = match.groups()
    try:
        first = date(year, int(month), int(day))
        last = date(year, int(last_month), int(last_day)) if last_month else first
    except ValueError:
        return []
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
