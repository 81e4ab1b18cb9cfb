"""Try policies on history: what each would have made of every account, month by month, beside the one in force.

Reads only. Where a month was judged, the figures that judged count; where it was not, they are measured as of its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from kamsync.engine import replay
from kamsync.engine.judge import Sitting, chunks, gathered, reach, seated
from kamsync.engine.replay import Circumstances
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text
from kamsync.rules.metrics import Metrics, measure
from kamsync.rules.placing import Bars, bars, bound, figure
from kamsync.rules.policy import Policy
from kamsync.rules.tiers import Previous
from kamsync.store import looking, verdicts
from kamsync.store.facts import book

Known = dict[str, tuple[Metrics, Circumstances]]
ZERO = Decimal(0)
REASONS = 3


@dataclass(frozen=True, slots=True)
class Mover:
    """An account whose tier at the end is another under the draft. `revenue`: of its last year, in yuan."""

    account: str
    name: str
    before: str
    after: str
    up: bool
    revenue: Decimal | None
    reasons: tuple[Text, ...]


@dataclass(slots=True)
class Course:
    """What one policy made of the book. `changes`: of final tiers; `flapped`: accounts that went and came back."""

    policy: Policy
    tiers: dict[str, int] = field(default_factory=dict)
    revenue: dict[str, Decimal] = field(default_factory=dict)
    changes: int = 0
    flapped: int = 0
    movers: list[Mover] = field(default_factory=list)

    @property
    def revenue_moved(self) -> Decimal:
        return sum((mover.revenue or ZERO for mover in self.movers), ZERO)


@dataclass(slots=True)
class Simulation:
    """The course of the policy in force and of each draft over the same dates. `measured`: those judged just now."""

    dates: list[date]
    measured: list[date]
    accounts: int
    now: Course
    drafts: list[Course]


@dataclass(slots=True)
class _Walk:
    """One policy on its way through the months."""

    course: Course
    states: dict[str, Previous] = field(default_factory=dict)
    path: dict[str, list[int]] = field(default_factory=dict)
    bars: Bars = replay.NOWHERE


def simulate(workspace: Workspace, drafts: Sequence[Policy], months: int = 12) -> Simulation:
    """Judge the book by each policy at the end of every month, the newest being today or the last day judged."""
    walks = [_Walk(Course(policy)) for policy in (workspace.policy, *drafts)]
    with workspace.store.read() as tx:
        judged = verdicts.dates(tx)
    dates = _dates(workspace.today, months, judged)
    known: Known = {}
    for done, day in enumerate(dates, 1):
        known = _stored(workspace, day) if day in judged else _measured(workspace, day)
        for walk in walks:
            _month(walk, known, day)
        workspace.say("tier.simulated", done=done, of=len(dates))
    for walk in walks:
        _sum_up(walk, known)
    now, *others = walks
    with workspace.store.read() as tx:
        names = looking.account_names(tx, list(known))
    for walk in others:
        walk.course.movers = _movers(now, walk, known, dates[-1], names)
    courses = [walk.course for walk in others]
    return Simulation(dates, [day for day in dates if day not in judged], len(known), now.course, courses)


def _dates(today: date, months: int, judged: set[date]) -> list[date]:
    """A date a month, oldest first: the last one judged in it, else its last day; today for this month."""
    found = []
    end = today
    for _ in range(months):
        inside = [day for day in judged if (day.year, day.month) == (end.year, end.month) and day <= end]
        found.append(max(inside, default=end))
        end = end.replace(day=1) - timedelta(days=1)
    return found[::-1]


def _stored(workspace: Workspace, day: date) -> Known:
    with workspace.store.read() as tx:
        rows = verdicts.figures_of(tx, day)
    return {row["account"]: (replay.metrics_of(row), replay.circumstances(row)) for row in rows}


def _measured(workspace: Workspace, day: date) -> Known:
    """As of a day on which nobody judged, from what the store holds; groups are left out."""
    policy = workspace.policy
    with workspace.store.read() as tx:
        accounts = book(tx)
        sitting = seated(workspace, Sitting(as_of=day, policy=policy, reach=reach(workspace, tx)), accounts)
        known: Known = {}
        for chunk in chunks(accounts):
            for facts in gathered(workspace, tx, sitting, chunk):
                if policy.book.admits(facts):
                    known[facts.account] = (measure(facts, policy), Circumstances.of(facts, policy))
    return known


def _month(walk: _Walk, known: Known, day: date) -> None:
    policy = walk.course.policy
    if policy.is_relative:
        walk.bars = bars(policy, (figure(metrics, policy) for metrics, _ in known.values()))
        policy = bound(policy, walk.bars)
    for account, (metrics, around) in known.items():
        found = replay.placed(metrics, policy, walk.states.get(account), day, _under(policy, around))
        walk.states[account] = Previous(
            scored_tier=found.moved.tier.name, since=found.moved.since, pending_down=found.moved.pending_down,
            tier=found.tier.name, as_of=day,
        )  # fmt: skip
        walk.path.setdefault(account, []).append(found.tier.rank)


def _under(policy: Policy, around: Circumstances) -> Circumstances:
    """What counts besides the figures, in a policy's own words; an override to a tier that it does not have is none."""
    override = around.override
    if override is not None and policy.tier(override.tier) is None:
        override = None
    return replace(around, override=override) if override is not around.override else around


def _sum_up(walk: _Walk, known: Known) -> None:
    course = walk.course
    tiers = Counter(walk.states[account].tier for account in known)
    course.tiers = {tier.name: tiers[tier.name] for tier in course.policy.tiers}
    course.revenue = dict.fromkeys(course.tiers, ZERO)
    for account, (metrics, _) in known.items():
        course.revenue[walk.states[account].tier or ""] += metrics.value("revenue_12m") or ZERO
    for ranks in walk.path.values():
        turns = [later - earlier for earlier, later in pairwise(ranks) if later != earlier]
        course.changes += len(turns)
        course.flapped += any(one * other < 0 for one, other in pairwise(turns))


def _movers(now: _Walk, draft: _Walk, known: Known, day: date, names: Mapping[str, str]) -> list[Mover]:
    """Who ends elsewhere, most revenue first; tiers are compared by rank. Their last verdict is put into words."""
    policy = bound(draft.course.policy, draft.bars) if draft.course.policy.is_relative else draft.course.policy
    found = []
    for account, (metrics, around) in known.items():
        before, after = now.path[account][-1], draft.path[account][-1]
        if before == after:
            continue
        placed = replay.verdict(metrics, policy, None, day, replace(_under(policy, around), bars=draft.bars))
        found.append(
            Mover(
                account=account,
                name=names.get(account, account),
                before=now.states[account].tier or "",
                after=draft.states[account].tier or "",
                up=after < before,
                revenue=metrics.value("revenue_12m"),
                reasons=placed.reasons[:REASONS],
            )
        )
    return sorted(found, key=lambda mover: (-(mover.revenue or ZERO), mover.account))


# ---- as JSON


def to_json(found: Simulation, language: str) -> dict[str, Any]:
    """Money in yuan as decimal strings. The first policy is the one in force; the drafts are beside it."""
    return {
        "dates": [day.isoformat() for day in found.dates],
        "measured": [day.isoformat() for day in found.measured],
        "accounts": found.accounts,
        "policies": [_course(course, language) for course in (found.now, *found.drafts)],
    }


def _course(course: Course, language: str) -> dict[str, Any]:
    ups = sum(mover.up for mover in course.movers)
    return {
        "name": course.policy.name,
        "version": course.policy.version,
        "tiers": course.tiers,
        "revenue": {name: f"{amount:f}" for name, amount in course.revenue.items()},
        "changes": course.changes,
        "flapped": course.flapped,
        "up": ups,
        "down": len(course.movers) - ups,
        "revenue_moved": f"{course.revenue_moved:f}",
        "movers": [
            {
                "account": mover.account,
                "name": mover.name,
                "before": mover.before,
                "after": mover.after,
                "up": mover.up,
                "revenue": None if mover.revenue is None else f"{mover.revenue:f}",
                "reasons": [reason.say(language) for reason in mover.reasons],
            }
            for mover in course.movers
        ],
    }
