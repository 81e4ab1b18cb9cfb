"""What runs when: each business time once, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from kamsync.config import Daily, Every, ScheduleBlock
from kamsync.daemon.due import Job, due, latest, pairs, upcoming
from kamsync.engine.ledger import Ledger

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEFAULT = ScheduleBlock()  # pull = "10m", cycle = "07:30"
ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Africa/Cairo",
    "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "America/Havana", "Asia/Shanghai",
)  # fmt: skip


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def played(schedule: ScheduleBlock, zone: ZoneInfo, moments: Iterable[datetime]) -> list[tuple[datetime, Job]]:
    """The jobs that fire as the clock shows these moments one after another, each done at once."""
    ended: set[tuple[str, str]] = set()
    fired = []
    for now in moments:
        ledger = Ledger(frozenset(ended), frozenset(verb for verb, _ in ended))
        for job in due(latest(schedule, now, zone), ledger):
            ended.update(pairs((job, *job.covers)))
            fired.append((now, job))
    return fired


def every(step: timedelta, begin: datetime, end: datetime) -> Iterable[datetime]:
    while begin < end:
        yield begin
        begin += step


def test_a_day_is_one_cycle_at_its_hour_and_a_pull_in_each_interval():
    minutes = every(timedelta(minutes=1), china("2026-11-23 00:00"), china("2026-11-24 00:00"))

    fired = played(DEFAULT, SHANGHAI, minutes)

    cycles = [(now, job.key) for now, job in fired if job.verb == "cycle"]
    assert cycles == [(china("2026-11-23 07:30"), "2026-11-23 07:30")]
    assert sum(job.verb == "pull" for _, job in fired) == 24 * 6 - 1  # the cycle pulled for the one at 07:30


def test_a_cycle_serves_the_pull_of_the_same_moment():
    now = china("2026-11-23 07:30")

    owed = due(latest(DEFAULT, now, SHANGHAI), Ledger())

    assert [(job.verb, [one.verb for one in job.covers]) for job in owed] == [("cycle", ["pull"])]


def test_a_daemon_that_slept_for_days_owes_each_verb_once():
    asleep = [china("2026-11-20 07:30"), china("2026-11-25 06:00")]

    fired = played(DEFAULT, SHANGHAI, asleep)

    assert [(job.verb, job.key) for now, job in fired if now == asleep[1]] == [("cycle", "2026-11-24 07:30")]


def test_a_first_start_does_not_make_up_for_a_day_before_the_store_was_there():
    jobs = latest(DEFAULT, china("2026-11-23 06:00"), SHANGHAI)

    assert [job.verb for job in due(jobs, Ledger())] == ["pull"]
    assert [job.verb for job in due(jobs, Ledger(known=frozenset({"cycle"})))] == ["cycle"]


def test_a_verb_that_is_switched_off_never_fires():
    schedule = ScheduleBlock.model_validate({"pull": "off", "cycle": "off"})

    assert latest(schedule, china("2026-11-23 12:00"), SHANGHAI) == ()
    assert upcoming(schedule, china("2026-11-23 12:00"), SHANGHAI) == {}


@pytest.mark.parametrize("name", ZONES)
def test_a_daily_job_fires_once_a_day_through_every_change_of_summer_time(name: str):
    zone = ZoneInfo(name)
    schedule = ScheduleBlock(pull=None, cycle=Daily(time(2, 30)))
    for year in (2024, 2026, 2035):
        begin, end = datetime(year, 1, 1, 12, tzinfo=UTC), datetime(year, 12, 30, tzinfo=UTC)

        fired = played(schedule, zone, every(timedelta(minutes=30), begin, end))

        keys = [job.key for _, job in fired]
        days = [date.fromisoformat(key.split()[0]) for key in keys]
        assert len(set(keys)) == len(keys)
        assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=1)}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-28", "2026-03-28T01:30:00+00:00"),
        ("2026-03-29", "2026-03-29T01:30:00+00:00"),  # 02:30 does not exist: 03:30, half an hour into summer time
        ("2026-10-25", "2026-10-25T00:30:00+00:00"),  # 02:30 comes twice: the first
    ],
)
def test_a_time_that_the_clocks_skip_or_repeat_is_one_moment(day: str, expected: str):
    berlin = ZoneInfo("Europe/Berlin")
    schedule = ScheduleBlock(pull=None, cycle=Daily(time(2, 30)))
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=berlin)

    (job,) = latest(schedule, noon, berlin)

    assert (job.key, job.at.isoformat()) == (f"{day} 02:30", expected)


@pytest.mark.parametrize(
    "jump", [timedelta(days=1), timedelta(days=-1), timedelta(days=-5 * 365), timedelta(days=9000)]
)
def test_a_clock_that_jumps_and_comes_back_doubles_nothing(jump: timedelta):
    begin = china("2026-11-23 07:00")
    before = list(every(timedelta(minutes=1), begin, begin + timedelta(hours=1)))
    away = [moment + jump for moment in before]
    after = [moment + timedelta(hours=1) for moment in before]

    fired = played(DEFAULT, SHANGHAI, [*before, *away, *after])

    keys = [pair for _, job in fired for pair in pairs((job, *job.covers))]
    assert len(keys) == len(set(keys))
    at_home = [job for now, job in fired if now in after]
    assert [job.verb for job in at_home].count("pull") == 6
    assert sum(now in away and job.verb == "cycle" for now, job in fired) <= 2  # a day made up for, and the new day's


def test_the_next_times_are_ahead_of_now():
    coming = upcoming(DEFAULT, china("2026-11-23 07:30"), SHANGHAI)

    assert coming == {"cycle": china("2026-11-24 07:30"), "pull": china("2026-11-23 07:40")}


def test_another_interval_begins_keys_of_its_own():
    now = china("2026-11-23 08:00")

    ten, hour = (latest(ScheduleBlock(pull=Every(each), cycle=None), now, SHANGHAI)[0].key for each in (600, 3600))

    assert ten != hour
