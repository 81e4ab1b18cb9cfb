"""A month on a short allowance: polls, sweeps, reading again, a quota that others ate; never above, nothing lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from kamsync.engine import verbs
from kamsync.engine.backfill import Wanted
from kamsync.engine.budgeting import BACKFILL as PART
from kamsync.engine.connections import connected
from kamsync.plugin import KamsyncError, QuotaSpent
from kamsync.store.tables import metadata
from tests.engine.desk import Desk, when

STREAMS = frozenset(["accounts", "contacts", "users"])
DAYS, POLLS, ROWS = 30, 4, 900
RESERVE = 0.4
KEY = {"zoho": "daily_credits", "fxiaoke": "daily_calls"}
KNOCK = 10  # what it takes at most to find out who we are
AGAIN, CUT = 8, 20  # days: every contact is wanted again; another program eats what there is
LEFT = 5  # of the quota, on that day
DECEMBER = Wanted(since=date(2025, 12, 1), until=date(2025, 12, 31))


@dataclass
class Month:
    """What the tenants' own books say after each step, and what was told."""

    desk: Desk
    day: int = 0
    allowed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KEY, 400))
    above: list[str] = field(default_factory=list)  # steps after which a tenant's books showed too much
    troubles: list[tuple[int, str, KamsyncError]] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)  # days on which a person was not answered
    unfinished: Counter[str] = field(default_factory=Counter)  # days that reading again took
    calls: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))  # at Fxiaoke, poll by poll

    def allow(self, least: Sequence[int] = (0, 0)) -> None:
        """The budget in the config, and the tenants' own, which refuse whatever is beyond."""
        self.allowed = {name: most or self.allowed[name] for name, most in zip(KEY, least, strict=True)}
        self.desk.options = {name: {KEY[name]: self.allowed[name], "reserve": f"{RESERVE:.0%}"} for name in KEY}
        self.desk.configure()
        self.desk.zoho.knobs.credits, self.desk.fxiaoke.knobs.daily_quota = (
            self.allowed["zoho"],
            self.allowed["fxiaoke"],
        )

    def poll(self) -> None:
        """What the daemon does."""
        report = verbs.pull_verb(self.desk.workspace)
        told = [(one.connection, one.trouble) for one in report.streams if one.trouble]
        self.troubles += [(self.day, name, trouble) for name, trouble in [*told, *report.troubles.items()]]
        self.calls[self.day].append(self.desk.fxiaoke.traffic.total)
        self.look("poll")

    def person(self) -> list[int]:
        """Somebody wants to know who we are there; what the ledgers say of the last 24 hours."""
        with connected(self.desk.workspace) as (ready, troubles):
            self.silent += [self.day] if troubles else []
            self.look("person")
            return [one.ledger.used() for one in ready.values()]

    def everything_again(self) -> None:
        """More than is left of such a job's share: an ordinary day fits into it, and a few credits more."""
        self.allow([int((used + 4) / (1 - RESERVE) / PART) + 1 for used in self.person()])
        raw = metadata.tables["raw"]
        with self.desk.workspace.store.write() as tx:
            tx.execute(raw.update().where(raw.c.modified_at < when("2026-01-01")).values(hash="spoilt"))
        for name in KEY:
            verbs.reckoned_pull(self.desk.workspace, lambda _: True, name, "contacts", wanted=DECEMBER)
            self.look("again")

    def look(self, step: str) -> None:
        """What people may still have is there, whatever was read; a person's own question may use of it."""
        self.desk.zoho.crm.limits.expire()
        books = {"zoho": self.desk.zoho.crm.limits.used, "fxiaoke": self.desk.fxiaoke.limits.used_today}
        for name, used in books.items():
            if used > int(self.allowed[name] * (1 - RESERVE)) + KNOCK:
                self.above.append(f"day {self.day}, {step}: {used} of {self.allowed[name]} at {name}")

    def count_unfinished(self) -> None:
        rows = self.desk.rows("cursor")
        self.unfinished.update({row["connection"] for row in rows if row["lane"].startswith("backfill") and row["hi"]})


def test_a_month_stays_within_the_budget_and_loses_nothing(desk: Desk) -> None:
    """
    each day  four polls, a sweep, a new contact at both, a person who asks
    day 8     from now on hardly more is allowed than a day takes; then every contact of December again
    day 20    another program leaves us five calls
    """
    month = Month(desk)
    desk.by_lists()
    month.allow()
    for tenant in (desk.zoho, desk.fxiaoke):
        for number in range(ROWS):
            tenant.add("contact", name=f"李雷{number}", modified=when(f"2025-12-{1 + number // 30:02}"))

    for month.day in range(DAYS):
        for tenant in (desk.zoho, desk.fxiaoke):
            tenant.add("contact", name=f"韩梅梅{month.day}")
        if month.day == CUT:
            desk.zoho.knobs.credits = desk.fxiaoke.knobs.daily_quota = LEFT
        month.poll()
        for _ in range(1, POLLS):
            desk.wait(hours=24 / POLLS)
            month.poll()
        month.person()
        if month.day == AGAIN:
            month.everything_again()
        month.count_unfinished()
        desk.wait(hours=24 / POLLS)
        if month.day == CUT:
            month.allow()
    desk.wait(hours=25)
    last = desk.pull()

    assert month.above == []
    assert month.silent == [CUT]
    assert {type(trouble) for _, _, trouble in month.troubles} == {QuotaSpent}
    assert {day for day, _, _ in month.troubles} >= {CUT}
    assert set(month.unfinished) == set(KEY)  # it did not fit into one day, and went on
    assert max(month.unfinished.values()) <= 3
    assert month.calls[CUT][1] == month.calls[CUT][2]  # parked until midnight: nobody knocks
    assert last.verdict == "ok"
    for name, tenant in (("zoho", desk.zoho), ("fxiaoke", desk.fxiaoke)):
        assert desk.raw(name, "contacts") == dict.fromkeys(tenant.ids("contact"), "live")
    assert "spoilt" not in {row["hash"] for row in desk.rows("raw")}
