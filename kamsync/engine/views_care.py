"""What will be owed in the weeks to come, by week and owner, and how good the files are: on what is known today.

Reads the store and asks the rules for days ahead; keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from kamsync.engine import caring, owed
from kamsync.engine.homes import Homes
from kamsync.engine.judge import CHUNK, reach
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, Priority, Text
from kamsync.rules import quality
from kamsync.rules.facts import Facts
from kamsync.rules.home import home
from kamsync.rules.quality import Quality
from kamsync.rules.reminder_rules import RULES
from kamsync.store import verdicts
from kamsync.store.facts import book, gather
from kamsync.store.tables import Row

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One reminder that will come on `on`, as far as is known today. `owner`: (connection, user id, name)."""

    on: date
    due: date
    rule: str
    account: str
    name: str
    priority: Priority
    subject: Text
    owner: tuple[str, str, str]

    @property
    def week(self) -> date:
        """The Monday of its week."""
        return self.on - timedelta(days=self.on.weekday())


@dataclass(frozen=True, slots=True)
class Preview:
    """`as_of`: the day it was reckoned from, with every reminder that comes within the weeks, the soonest first."""

    as_of: date
    until: date
    coming: tuple[Coming, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The quality of one account's file, beside what it should be; `worth`: net sales of 12 months, minor units."""

    account: str
    name: str
    tier: str
    rank: int
    found: Quality
    target: int
    worth: int | None


def preview(workspace: Workspace, weeks: int, owner: str | None, as_of: date | None = None) -> Preview:
    """Ask every rule for each day ahead. `owner`: only of this person, by name or id. Raises ConfigError where there
    is nobody of that name, or nothing was judged yet."""
    day = as_of or workspace.today
    until = day + timedelta(weeks=weeks) - DAY
    found: list[Coming] = []
    names: set[str] = set()
    with workspace.store.read() as tx:
        for some, rows, homes in _chunks(workspace, tx, day):
            for facts, row in zip(some, rows, strict=True):
                mine = list(_ahead(workspace, facts, row, homes, until))
                names |= {word for one in mine for word in one.owner[1:]}
                found += [one for one in mine if owner is None or owner in one.owner[1:]]
    if owner is not None and owner not in names:
        known = ", ".join(sorted(names)[:8]) or "–"
        raise ConfigError(
            Text(f"没有这位负责人:{owner};有:{known}", f"nobody of that name: {owner}; there are: {known}"),
            next="kamsync care",
        )
    return Preview(day, until, tuple(sorted(found, key=lambda one: (one.on, one.owner, one.account, one.rule))))


def _chunks(workspace: Workspace, tx: Connection, day: date) -> Iterator[tuple[list[Facts], list[Row], Homes]]:
    """The judged accounts with how they are served, some at a time."""
    ground = caring.ground(tx, reach(workspace, tx))
    accounts = book(tx)
    for start in range(0, len(accounts), CHUNK):
        some = accounts[start : start + CHUNK]
        judged = {row["account"]: row for row in verdicts.newest(tx, some, day)}
        gathered = gather(tx, some, day, ground.read, workspace.golden, workspace.config.timezone)
        homes = Homes.of(workspace, tx, some)
        cared = caring.with_care(workspace, tx, [facts for facts in gathered if facts.account in judged], ground, homes)
        yield cared, [judged[facts.account] for facts in cared], homes


def _ahead(workspace: Workspace, facts: Facts, row: Row, homes: Homes, until: date) -> Iterator[Coming]:
    """What is owed today and what comes to it each day, every reminder once."""
    seen: set[str] = set()
    day = facts.as_of
    while day <= until:
        told = owed.found(workspace, replace(facts, as_of=day), row, homes)
        for duty in told.due.duties:
            if duty.key in seen:
                continue
            seen.add(duty.key)
            where = home(None, told.places, workspace.prefer)
            if where is None:
                continue
            user = homes.assignee(where) or ""
            colleague = homes.colleagues.get((where.connection, user))
            yield Coming(
                on=day,
                due=duty.due,
                rule=duty.rule,
                account=duty.account,
                name=facts.name,
                priority=duty.priority,
                subject=duty.subject,
                owner=(where.connection, user, colleague.name if colleague else user),
            )
        day += DAY


# ---- the quality of files


def files(workspace: Workspace, as_of: date | None = None) -> list[File]:
    """Every judged account's file, what to mend first on top: the most below its target, weighed by sales."""
    day = as_of or workspace.today
    found: list[File] = []
    with workspace.store.read() as tx:
        for some, rows, _ in _chunks(workspace, tx, day):
            found += [_file(workspace, facts, row) for facts, row in zip(some, rows, strict=True)]
    return sorted(found, key=_urgency)


def _file(workspace: Workspace, facts: Facts, row: Row) -> File:
    wish = workspace.reminders.rules.get("R21")
    settings = wish.settings if wish else RULES["R21"].settings()
    place = min(row["rank"], len(settings.target)) - 1
    cycle = settings.every[min(row["rank"], len(settings.every)) - 1] or 365
    return File(
        account=facts.account,
        name=facts.name,
        tier=row["tier"],
        rank=row["rank"],
        found=quality.measure(facts, cycle),
        target=settings.target[place],
        worth=facts.orders.net_12m if facts.orders else None,
    )


def _urgency(file: File) -> tuple[bool, int, Decimal, int, str]:
    """Files below their target first, better tiers before others, then by points missing and sales."""
    score = file.found.score
    below = score is not None and score < file.target
    gap = Decimal(0) if score is None else file.target - score
    return not below, file.rank, -gap, -(file.worth or 0), file.account


def counted(coming: Sequence[Coming]) -> dict[date, dict[tuple[str, str, str], dict[str, int]]]:
    """How many of each rule come to each owner in each week."""
    weeks: dict[date, dict[tuple[str, str, str], dict[str, int]]] = {}
    for one in coming:
        rules = weeks.setdefault(one.week, {}).setdefault(one.owner, {})
        rules[one.rule] = rules.get(one.rule, 0) + 1
    return weeks
