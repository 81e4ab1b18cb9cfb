"""The working calendar as admins see and change it: a year's days off and weekend days worked.

Changes the calendar file and nothing else, with its comments kept. What the file does not list is the calendar's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import tomlkit

from kamsync.config.calendars import calendar_of
from kamsync.config.toml_file import parse, read
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, Text
from kamsync.rules.lunar import FESTIVALS, festival


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year: `off` are weekdays that are not worked, `work` weekend days that are."""

    year: int
    provisional: bool
    working_days: int
    off: tuple[date, ...]
    work: tuple[date, ...]
    festivals: dict[str, date]
    opens: time
    closes: time


def of_year(workspace: Workspace, year: int) -> Year:
    """The working calendar of a year."""
    calendar = workspace.calendar
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    worked = [day for day in days if calendar.is_working(day)]
    return Year(
        year=year,
        provisional=calendar.provisional(year),
        working_days=len(worked),
        off=tuple(day for day in days if day.weekday() < 5 and day not in set(worked)),
        work=tuple(day for day in worked if day.weekday() >= 5),
        festivals={name: festival(name, year) for name in FESTIVALS},
        opens=calendar.opens,
        closes=calendar.closes,
    )


def change(workspace: Workspace, off: Sequence[date], work: Sequence[date], plain: Sequence[date]) -> Path:
    """Write days into the calendar file: `off`, `work`, or `plain` (as the day of the week has it); the file's path.

    A year that the file does not list yet begins with what was reckoned for it. Raises ConfigError where the config
    names no calendar of its own, Problems where the days make no sense.
    """
    path = workspace.config.policy.calendar
    if path is None:
        raise ConfigError(
            Text(
                "配置里没有自己的日历:在 [policy] 写 calendar",
                "the config names no calendar of its own: [policy] calendar",
            ),
            next="kamsync care calendar",
        )
    document: Any = tomlkit.parse(read(path).text)
    for year in sorted({day.year for day in (*off, *work, *plain)}):
        known = of_year(workspace, year)
        days_off, days_worked = set(known.off), set(known.work)
        mine = [{day for day in days if day.year == year} for days in (off, work, plain)]
        days_off = (days_off | {day for day in mine[0] if day.weekday() < 5}) - mine[1] - mine[2]
        days_worked = (days_worked | {day for day in mine[1] if day.weekday() >= 5}) - mine[0] - mine[2]
        if str(year) not in document:
            document[str(year)] = tomlkit.table()
        table = document[str(year)]
        table["off"], table["work"] = _days(days_off), _days(days_worked)
    text = tomlkit.dumps(document)
    calendar_of(parse(text, str(path)))  # raises Problems rather than writing what cannot be read again
    path.write_text(text, "utf-8")
    workspace.__dict__.pop("calendar", None)
    return path


def _days(days: set[date]) -> Any:
    listed = tomlkit.array()
    listed.extend(f"{day:%m-%d}" for day in sorted(days))
    return listed
