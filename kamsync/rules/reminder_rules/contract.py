"""R04 to R06: a contract ends with none after it, its notice of renewal is near, its review is due.

Drafts and cancelled contracts never come here. A term that nobody wrote down is never made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kamsync.model import Member
from kamsync.plugin import Priority, Text
from kamsync.rules.care_facts import ContractFact
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words, known_by
from kamsync.rules.template import days_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """Days before the end at which we remind, by rank; from how many days on it is high and urgent.

    `after`: for so many days after the end the last reminder stays.
    """

    stages: tuple[tuple[int, ...], ...] = ((180, 90, 60, 30, 7), (90, 60, 30, 7), (60, 30))
    high_from: int = 30
    urgent_from: int = 7
    within: int = 5
    after: int = 30


def check_renewal(settings: Renewal) -> Iterator[tuple[str, Text]]:
    """Stages are told in the order they are reached."""
    if any(list(stages) != sorted(set(stages), reverse=True) for stages in settings.stages):
        yield "stages", Text("每个等级的档要由大到小，不能重复", "must fall within each tier, none twice")


def renewals(question: Question, settings: Renewal) -> Iterator[Owed]:
    """For each contract without a successor the latest stage it has reached."""
    stages = question.of(settings.stages)
    for contract, end in _ending(question.care.contracts or ()):
        left = (end - question.as_of).days
        reached = [place for place, stage in enumerate(stages) if left <= stage]
        if contract.renewed or not reached or left < -settings.after:
            continue
        stage = stages[reached[-1]]
        name = known_by(contract.member, _members(question))
        calendar = question.calendar
        within = question.as_of + timedelta(days=settings.within)
        urgent = stage <= settings.urgent_from
        yield Owed(
            suffix=f"{name}-{end}-{stage}",
            series=f"{name}-{end}",
            stage=reached[-1],
            on=end - timedelta(days=stage),
            due=min(calendar.prev(within), calendar.prev(end)),
            priority="urgent" if urgent else "high" if stage <= settings.high_from else "medium",
            cause=contract.member,
            because=_ends(contract, end, left),
            values={"contract": contract.number, "ends": end, "left": left, "stage": stage},
        )


def _ends(contract: ContractFact, end: date, left: int) -> Text:
    if left < 0:
        return Text(f"合同 {contract.number} 已于 {end} 到期，没有续签", f"contract {contract.number} ended on {end}")
    return Text(
        f"合同 {contract.number} 于 {end} 到期，还有 {left} 天，没有续签",
        f"contract {contract.number} ends on {end}, in {days_en(left)}; none follows it",
    )


def _ending(contracts: Sequence[ContractFact]) -> Iterator[tuple[ContractFact, date]]:
    return ((contract, contract.end) for contract in contracts if contract.end is not None)


def _members(question: Question) -> list[Member]:
    return [contract.member for contract in question.care.contracts or ()]


RENEWAL = Rule(
    id="R04",
    title=Text("合同续签", "contract renewal"),
    settings=Renewal,
    fields={"contract": "text", "ends": "date", "left": "number", "stage": "number"},
    words=Words(
        subject=Text(
            "续签 {{account}} 的合同 {{contract}}：{{ends}} 到期", "Renew {{contract}} of {{account}}: ends {{ends}}"
        ),
        body=Text(
            "{{account}}（{{tier}}）的合同 {{contract}} 将于 {{ends|cn}} 到期，目前没有后续合同。\n"
            "请与客户确认续签意向、条款和时间表；已经续签的，请在 CRM 中录入新合同。",
            "Contract {{contract}} of {{account}} ({{tier}}) ends on {{ends|long}} and none follows it.\n"
            "Please settle with the customer whether, on what terms and when it is renewed; if it has been, "
            "enter the new contract in the CRM.",
        ),
    ),
    owed=renewals,
    check=check_renewal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How many days before the last day of notice we remind."""

    ahead: int = 30
    priority: Priority = "high"


def notices(question: Question, settings: Notice) -> Iterator[Owed]:
    """A contract that renews itself, while notice can still be given."""
    for contract, end in _ending(question.care.contracts or ()):
        if contract.auto_renew is not True or contract.notice_days is None:
            continue
        last = end - timedelta(days=contract.notice_days)
        on = last - timedelta(days=settings.ahead)
        if not on <= question.as_of <= last:
            continue
        name = known_by(contract.member, _members(question))
        yield Owed(
            suffix=f"{name}-{end}",
            series=name,
            on=on,
            due=question.calendar.prev(last),
            priority=settings.priority,
            cause=contract.member,
            because=Text(
                f"合同 {contract.number} 于 {end} 自动续约，最迟 {last} 可以提出变更",
                f"contract {contract.number} renews itself on {end}; notice can be given until {last}",
            ),
            values={"contract": contract.number, "ends": end, "notice": last},
        )


NOTICE = Rule(
    id="R05",
    title=Text("自动续约通知期", "notice before automatic renewal"),
    settings=Notice,
    fields={"contract": "text", "ends": "date", "notice": "date"},
    words=Words(
        subject=Text(
            "{{account}} 的合同 {{contract}} 将自动续约：{{notice}} 前确认条款",
            "{{contract}} of {{account}} renews itself: settle terms by {{notice}}",
        ),
        body=Text(
            "{{account}}（{{tier}}）的合同 {{contract}} 到 {{ends|cn}} 自动续约，{{notice|cn}} 之后不能再提出变更。\n"
            "请在此之前与客户确认：按原条款续约、调整条款，还是终止。",
            "Contract {{contract}} of {{account}} ({{tier}}) renews itself on {{ends|long}}; "
            "after {{notice|long}} no change can be asked for.\n"
            "Please settle with the customer before: as it stands, with other terms, or not at all.",
        ),
    ),
    owed=notices,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Days between reviews by rank, where the contract itself names none (0: none is due)."""

    every: tuple[int, ...] = (90, 180, 365)
    ahead: int = 14
    priority: Priority = "medium"


def reviews(question: Question, settings: Review) -> Iterator[Owed]:
    """The next review of each contract in force: the last one, or its start, and the cycle."""
    for contract in question.care.contracts or ():
        last = contract.reviewed or contract.start
        cycle = contract.review_days or question.of(settings.every)
        running = contract.end is None or question.as_of <= contract.end
        if last is None or not cycle or not running:
            continue
        expected = last + timedelta(days=cycle)
        on = expected - timedelta(days=settings.ahead)
        if question.as_of < on or (contract.end is not None and expected > contract.end):
            continue
        name = known_by(contract.member, _members(question))
        yield Owed(
            suffix=f"{name}-{last}",
            series=name,
            on=on,
            due=question.calendar.prev(expected),
            priority=settings.priority,
            cause=contract.member,
            because=Text(
                f"合同 {contract.number} 每 {cycle} 天回顾一次，上次（或生效）{last}，下次 {expected}",
                f"contract {contract.number} is reviewed every {days_en(cycle)}; last, or begun, {last}: next "
                f"{expected}",
            ),
            values={"contract": contract.number, "last": last, "cycle": cycle, "expected": expected},
        )


REVIEW = Rule(
    id="R06",
    title=Text("合同回顾", "contract review"),
    settings=Review,
    fields={"contract": "text", "last": "date", "cycle": "number", "expected": "date"},
    words=Words(
        subject=Text(
            "回顾 {{account}} 的合同 {{contract}}：{{expected}} 前",
            "Review {{contract}} of {{account}} by {{expected}}",
        ),
        body=Text(
            "{{account}}（{{tier}}）的合同 {{contract}} 约定每 {{cycle}} 天回顾一次，下次应在 {{expected|cn}}之前。\n"
            "请核对执行情况、价格与付款条款，需要调整的与客户商定，并在 CRM 中更新回顾日期。",
            "Contract {{contract}} of {{account}} ({{tier}}) is reviewed every {{cycle|days}}; "
            "the next review is due by {{expected|long}}.\n"
            "Please check how it is kept, its prices and terms of payment, settle changes with the customer, "
            "and note the day of the review in the CRM.",
        ),
    ),
    owed=reviews,
)
