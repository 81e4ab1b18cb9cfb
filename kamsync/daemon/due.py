"""What runs when: the latest business time of each scheduled verb, and which of them are still owed.

Pure: the schedule, the ledger, the moment and the zone are arguments. A business time is a local date or a slot of
an interval, so no clock change can make it fire twice, and however long the daemon slept each verb is owed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from kamsync.config import Every, ScheduleBlock, Timing
from kamsync.engine.ledger import Ledger

Verb = Literal["cycle", "pull", "hooks"]
VERBS: tuple[Verb, ...] = ("cycle", "pull")  # those on the schedule; a cycle pulls too, so it goes first


@dataclass(frozen=True, slots=True)
class Job:
    """One verb at one business time; `key` names that time for ever.

    `missed`: its day is over. `covers`: other jobs whose business time this one serves as well.
    """

    verb: Verb
    key: str
    at: datetime
    missed: bool = False
    covers: tuple[Job, ...] = ()


def latest(schedule: ScheduleBlock, now: datetime, zone: ZoneInfo) -> tuple[Job, ...]:
    """The newest business time of each scheduled verb that has come by now."""
    timings: dict[Verb, Timing | None] = {"cycle": schedule.cycle, "pull": schedule.pull}
    return tuple(_latest(verb, timing, now, zone) for verb in VERBS if (timing := timings[verb]) is not None)


def due(jobs: Sequence[Job], ledger: Ledger) -> tuple[Job, ...]:
    """Of these jobs, the ones still owed. A cycle serves a pull that is owed at the same moment."""
    owed = [job for job in jobs if _is_owed(job, ledger)]
    cycle = next((job for job in owed if job.verb == "cycle"), None)
    if cycle is None:
        return tuple(owed)
    rest = tuple(job for job in owed if job is not cycle)
    return (Job(cycle.verb, cycle.key, cycle.at, cycle.missed, rest),)


def upcoming(schedule: ScheduleBlock, now: datetime, zone: ZoneInfo) -> dict[Verb, datetime]:
    """When each scheduled verb comes next."""
    timings: dict[Verb, Timing | None] = {"cycle": schedule.cycle, "pull": schedule.pull}
    return {verb: _next(timing, now, zone) for verb in VERBS if (timing := timings[verb]) is not None}


def pairs(jobs: Iterable[Job]) -> list[tuple[str, str]]:
    """What the ledger knows these jobs by."""
    return [(job.verb, job.key) for job in jobs]


def _is_owed(job: Job, ledger: Ledger) -> bool:
    """Not done yet. A day that was over before this store's first day of work is nobody's debt."""
    if (job.verb, job.key) in ledger.ended:
        return False
    return not job.missed or job.verb in ledger.known


def _latest(verb: Verb, timing: Timing, now: datetime, zone: ZoneInfo) -> Job:
    if isinstance(timing, Every):
        at = _slot(timing, now)
        return Job(verb, f"{at:%Y-%m-%dT%H:%M:%SZ}/{timing.seconds}", at)
    today = now.astimezone(zone).date()
    days = (today - timedelta(days=back) for back in range(3))  # three: a zone may skip a whole day
    day, at = next((day, at) for day in days if (at := _moment(day, timing.at, zone)) <= now)
    return Job(verb, f"{day.isoformat()} {timing.at:%H:%M}", at, missed=day != today)


def _next(timing: Timing, now: datetime, zone: ZoneInfo) -> datetime:
    if isinstance(timing, Every):
        return _slot(timing, now) + timedelta(seconds=timing.seconds)
    today = now.astimezone(zone).date()
    moments = (_moment(today + timedelta(days=ahead), timing.at, zone) for ahead in range(3))
    return next(at for at in moments if at > now)


def _slot(timing: Every, now: datetime) -> datetime:
    """The start of the interval that this moment lies in; intervals are counted in UTC and know no summer time."""
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % timing.seconds, UTC)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the zone's clocks show this time on this day: the first of two such moments; for none, past the gap."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
