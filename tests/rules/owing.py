"""A customer's file as a test wants it, and what one rule finds owed on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.config import read_calendar
from kamsync.model import Member
from kamsync.rules.care_facts import CareFacts
from kamsync.rules.facts import Facts
from kamsync.rules.reminder_policy import ReminderPolicy, default_policy
from kamsync.rules.reminders import Duty, ManualTier, due

CALENDAR = read_calendar(Path(__file__).parents[2] / "policies" / "calendar-cn.toml")
CHINA = ZoneInfo("Asia/Shanghai")
POLICY = default_policy()


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def record(id: str, stream: str = "rows") -> Member:
    return Member("fxiaoke", stream, id)


def file(care: CareFacts | None = None, **known: Any) -> Facts:
    """A customer of which nothing is known, except as told."""
    return Facts(account="a1", name="华为技术", as_of=date.min, care=care or CareFacts(), **known)


def look(
    rule: str,
    facts: Facts,
    on: str,
    rank: int = 1,
    now: str | None = None,
    manual: ManualTier | None = None,
    churn: Sequence[tuple[date, Any]] = (),
) -> list[Duty]:
    """What this rule alone finds, with its usual numbers."""
    policy = ReminderPolicy({rule: POLICY.rules[rule]})
    asked = day(on)
    facts = replace(facts, as_of=asked)
    moment = at(now) if now else None
    found = due(
        facts, rank, None, policy, CALENDAR, asked, tier="一级", now=moment, manual=manual, churn=churn
    )  # fmt: skip
    return list(found.duties)


def brief(found: Sequence[Duty]) -> list[tuple[str, str, str]]:
    """(suffix, due date, priority) of each."""
    return [(duty.suffix, str(duty.due), duty.priority) for duty in found]
