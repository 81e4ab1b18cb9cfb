"""How customers are served, gathered for the reminder rules: a chunk of accounts at a time, on what is known of all.

Reads the store; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection

from kamsync.engine.homes import Homes
from kamsync.engine.workspace import Workspace
from kamsync.rules.facts import Facts
from kamsync.store import facts_care, facts_profile, verdicts
from kamsync.store.facts import Reach
from kamsync.store.tables import Row

CHURN_BACK = timedelta(days=365)  # how far back a crossing of the bar is looked for


@dataclass(frozen=True, slots=True)
class Ground:
    """What holds for the whole book: which streams were read, and what each connection tells of at all."""

    read: Reach
    care: facts_care.Telling
    profile: facts_profile.Telling


def ground(tx: Connection, read: Reach) -> Ground:
    """One look over the book, for all its chunks."""
    return Ground(read, facts_care.telling(tx), facts_profile.telling(tx))


def with_care(workspace: Workspace, tx: Connection, some: Sequence[Facts], on: Ground, homes: Homes) -> list[Facts]:
    """The facts with how each account is served."""
    if not some:
        return []
    as_of, zone = some[0].as_of, workspace.config.timezone
    where = {facts.account: frozenset(member.connection for member in facts.members) for facts in some}
    served = facts_care.care(tx, where, as_of, on.read, on.care, zone)
    files = facts_profile.profiles(tx, list(where), on.profile, as_of, zone)
    found = []
    for facts in some:
        profile = files.get(facts.account)
        if profile is not None:
            profile = replace(profile, owner=_owner(facts, on, homes))
        due = facts.due
        late = (_late(due.late_days, due.timed), _late(due.late_days_before, due.timed_before)) if due else (None, None)
        care = replace(served[facts.account], profile=profile, paid_late=late[0], paid_late_before=late[1])
        found.append(replace(facts, care=care))
    return found


def _late(days: int | None, money: int | None) -> Decimal | None:
    """Days late on average, weighted by money."""
    return Decimal(days) / money if days is not None and money else None


def _owner(facts: Facts, on: Ground, homes: Homes) -> Literal["here", "left", "none"] | None:
    """Does anybody keep the account? None where no CRM says."""
    told = [member for member in facts.members if "owner_ref" in on.profile.columns.get(member.connection, ())]
    people = [person for member in told if (person := homes.owner(member)) is not None]
    if any(person.active is not False for person in people):
        return "here"
    if people:
        return "left"
    return "none" if told else None


def churns(
    workspace: Workspace, tx: Connection, rows: Sequence[Row], as_of: date
) -> Mapping[str, list[tuple[date, Decimal]]]:
    """The risk of churn by date, of those accounts for which a crossing may stand; `rows`: today's evaluations."""
    wish = workspace.reminders.rules.get("R23")
    if wish is None:
        return {}
    least = min(wish.settings.from_risk) - wish.settings.rearm
    risky = {row["account"]: risk for row in rows if (risk := _risk(row)) is not None and risk >= least}
    found: dict[str, list[tuple[date, Decimal]]] = {account: [] for account in risky}
    for row in verdicts.history(tx, list(risky), as_of - CHURN_BACK, as_of):
        risk = _risk(row)
        if risk is not None:
            found[row["account"]].append((row["as_of"], risk))
    for account, risk in risky.items():
        found[account].append((as_of, risk))
    return found


def _risk(row: Row) -> Decimal | None:
    value = (row["metrics"] or {}).get("churn_risk")
    return None if value is None else Decimal(value)
