"""What we owe a customer today, as duties.

Pure: a second look on the same date finds the same. Where a duty goes, who gets it and whether it was done before
are decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kamsync.model import Member
from kamsync.plugin import Priority, Text
from kamsync.rules.calendar import WorkCalendar
from kamsync.rules.facts import Facts
from kamsync.rules.marker import unmark
from kamsync.rules.reminder_policy import LONGEST_SUBJECT, ReminderPolicy, RulePolicy
from kamsync.rules.reminder_rules import RULES
from kamsync.rules.reminder_rules.rule import ManualTier, Owed, Question, Rests, TierChange, Unsure
from kamsync.rules.template import Value

__all__ = ["Due", "Duty", "Ended", "Listed", "ManualTier", "TierChange", "due", "ended"]

Ended = Literal["", "gone", "later"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A reminder wanted once per (account, rule, suffix).

    `due` holds if it is first offered today; due date and texts are frozen then. Duties that share a `series` follow
    on one another: the one of a higher `stage` closes the others. `on`: the day it became owed. `cause`: the record
    that caused it. `each`: "owner" where all customers of one owner share the task.
    """

    rule: str
    account: str
    suffix: str
    series: str
    cause: Member | None
    due: date
    priority: Priority
    subject: Text
    body: Text
    because: Text
    on: date
    stage: int = 0
    each: Literal["account", "owner"] = "account"

    @property
    def key(self) -> str:
        """What it is known by: `rule|account|suffix`."""
        return f"{self.rule}|{self.account}|{self.suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Something to show and not to create: an old debt (`duty`), or a question that data is missing for."""

    rule: str
    account: str
    because: Text
    duty: Duty | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What is owed to one account: duties to create, and what is only listed.

    `sure`: the rules that were asked and could tell. `rests`: (rule, series) in which nothing is asked for just now
    and nothing is over either.
    """

    duties: tuple[Duty, ...] = ()
    listed: tuple[Listed, ...] = ()
    sure: frozenset[str] = frozenset()
    rests: frozenset[tuple[str, str]] = frozenset()


def due(
    facts: Facts,
    rank: int,
    tier_change: TierChange | None,
    policy: ReminderPolicy,
    calendar: WorkCalendar,
    as_of: date,
    go_live: date | None = None,
    *,
    tier: str = "",
    now: datetime | None = None,
    manual: ManualTier | None = None,
    churn: Sequence[tuple[date, Decimal]] = (),
) -> Due:
    """What each rule that is on finds owed on `as_of`; what became owed before `go_live` is only listed.

    `now` (aware): what is counted in hours is counted up to it, where it lies within `as_of`; else to the day's end.
    """
    question = Question(
        facts=facts,
        rank=rank,
        tier=tier,
        change=tier_change,
        calendar=calendar,
        as_of=as_of,
        now=now,
        manual=manual,
        churn=tuple(churn),
    )
    rules = sorted(policy.rules.items())
    told = [(name, owed) for name, wish in rules for owed in RULES[name].owed(question, wish.settings)]
    duties = sorted(
        (_duty(name, owed, policy.rules[name], question) for name, owed in told if isinstance(owed, Owed)),
        key=lambda duty: (duty.rule, duty.suffix),
    )
    old = [duty for duty in duties if go_live and duty.on < go_live]
    unsure = [_listed(name, owed, question) for name, owed in told if isinstance(owed, Unsure)]
    return Due(
        duties=tuple(duty for duty in duties if duty not in old),
        listed=(*unsure, *(_before(duty, go_live) for duty in old if go_live)),
        sure=frozenset(policy.rules.keys() - {each.rule for each in unsure}),
        rests=frozenset((name, owed.series) for name, owed in told if isinstance(owed, Rests)),
    )


def ended(rule: str, series: str, stage: int, found: Due, read: Collection[str]) -> Ended:
    """Why a duty that was owed once is not owed now: its cause is `gone`, or a `later` one of its series is owed.

    Empty: nobody can tell. `read`: the entities that were read where it hangs.
    """
    known = rule in found.sure and (rule, series) not in found.rests
    if not known or not set(RULES[rule].needs) <= set(read):
        return ""
    owed = (*found.duties, *(each.duty for each in found.listed if each.duty))
    beside = [each.stage for each in owed if series and (each.rule, each.series) == (rule, series)]
    fades = RULES[rule].fades
    if any(fades or other > stage for other in beside):
        return "later"
    return "gone" if fades and not beside else ""


def _duty(rule: str, owed: Owed, wish: RulePolicy, question: Question) -> Duty:
    account = question.facts
    values: Mapping[str, Value] = {"account": account.name, "tier": question.tier, "due": owed.due, **owed.values}
    subject, body = wish.subject.say(values), wish.body.say(values)
    return Duty(
        rule=rule,
        account=account.account,
        suffix=owed.suffix,
        series=owed.series,
        cause=owed.cause,
        due=owed.due,
        priority=owed.priority,
        subject=Text(_title(subject.zh), _title(subject.en)),
        body=Text(unmark(body.zh), unmark(body.en)),
        because=owed.because,
        on=owed.on,
        stage=owed.stage,
        each=owed.each,
    )


def _title(text: str) -> str:
    """One line that a CRM takes as it is."""
    line = unmark(" ".join(text.split()))
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"


def _listed(rule: str, unsure: Unsure, question: Question) -> Listed:
    return Listed(rule=rule, account=question.facts.account, because=unsure.because)


def _before(duty: Duty, go_live: date) -> Listed:
    because = Text(
        f"{duty.because.zh}（{duty.on} 已发生，早于上线日 {go_live}，只列出不建任务）",
        f"{duty.because.en} (owed since {duty.on}, before go-live on {go_live}: listed, not created)",
    )
    return Listed(rule=duty.rule, account=duty.account, because=because, duty=duty)
