"""R21, R22, R28, R32 to R34: the customer's file is stale, thin, nobody's, double, at odds with itself.

What stands so on a day is told once a quarter (or cycle); what was never read is no fault of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from kamsync.plugin import Priority, Text
from kamsync.rules import quality
from kamsync.rules.marker import slug
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words, quarter
from kamsync.rules.template import days_en
from kamsync.rules.wording import join, short

NOTHING = Text("—", "—")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleFile:
    """Days between refreshes and the DQ that a file should have, by rank (0: not asked for)."""

    every: tuple[int, ...] = quality.CYCLES
    target: tuple[int, ...] = quality.TARGETS
    due: int = 5
    priority: Priority = "medium"


def stale_file(question: Question, settings: StaleFile) -> Iterator[Owed]:
    """Once a cycle since the file was verified; once a quarter while its quality is below the target."""
    profile = question.care.profile
    cycle, target = question.of(settings.every), question.of(settings.target)
    if profile is None:
        return
    found = quality.measure(question.facts, cycle or max(settings.every, default=365))
    score = Text(short(found.score), short(found.score)) if found.score is not None else Text("未知", "unknown")
    missing = join([quality.FIELDS[name] for name in found.missing[:6]]) if found.missing else NOTHING
    age = (question.as_of - profile.verified).days if profile.verified else 0
    if cycle and profile.verified and age >= cycle:
        n = age // cycle
        suffix, on, stage = f"{profile.verified}-{n}", profile.verified + timedelta(days=n * cycle), n
        because = Text(
            f"档案上次核实 {profile.verified}，应每 {cycle} 天核实一次",
            f"the file was verified on {profile.verified}; agreed: every {days_en(cycle)}",
        )
    elif found.score is not None and found.score < target:
        (name, on), stage = quarter(question.as_of), 0
        suffix = f"dq-{name}"
        because = Text(
            f"档案质量 {score.zh} 分，目标 {target} 分；缺：{missing.zh}",
            f"file quality {score.en}, target {target}; missing: {missing.en}",
        )
    else:
        return
    yield Owed(
        suffix=suffix,
        series="",
        stage=stage,
        on=on,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=because,
        values={
            "score": score.zh, "score_en": score.en, "target": target, "missing": missing.zh, "missing_en": missing.en,
        },
    )  # fmt: skip


STALE_FILE = Rule(
    id="R21",
    title=Text("档案待更新", "stale file"),
    settings=StaleFile,
    fields={"score": "text", "score_en": "text", "target": "number", "missing": "text", "missing_en": "text"},
    words=Words(
        subject=Text("核实并更新 {{account}} 的档案", "Verify and complete the file of {{account}}"),
        body=Text(
            "{{account}}（{{tier}}）的档案质量 {{score}} 分，目标 {{target}} 分。缺少：{{missing}}。\n"
            "请与客户核对基本信息、联系人和合同，在 CRM 中补全，并填写核实日期。",
            "The file of {{account}} ({{tier}}) has a quality of {{score_en}}; it should have {{target}}. "
            "Missing: {{missing_en}}.\n"
            "Please check master data, contacts and contracts with the customer, complete them in the CRM, "
            "and note the day of verification.",
        ),
    ),
    owed=stale_file,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinContacts:
    """How many contacts who still work there a customer should have, by rank."""

    at_least: tuple[int, ...] = (4, 2, 1)
    due: int = 5
    priority: Priority = "high"


def thin_contacts(question: Question, settings: ThinContacts) -> Iterator[Owed]:
    """At most one of: the decision maker has left; there is none; there are too few."""
    contacts = question.care.contacts
    if contacts is None:
        return
    people = [one for one in contacts if one.left is not True]
    need, kind = question.of(settings.at_least), ""
    if not any(one.decides for one in people):
        if any(one.decides for one in contacts):
            kind, why = "left", Text("决策者已离职", "the decision maker has left")
        elif any(one.role not in (None, "unknown") for one in people):
            kind, why = "no-decider", Text("没有决策者", "there is no decision maker")
    if not kind and len(people) < need:
        kind, why = "few", Text("联系人太少", "there are too few contacts")
    if not kind:
        return
    name, since = quarter(question.as_of)
    yield Owed(
        suffix=f"{kind}-{name}",
        series=kind,
        on=since,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(
            f"{why.zh}：在职联系人 {len(people)} 位，应有 {need} 位（含决策者）",
            f"{why.en}: {len(people)} contacts of {need} wanted, a decision maker among them",
        ),
        values={"why": why.zh, "why_en": why.en, "count": len(people), "need": need},
    )


THIN_CONTACTS = Rule(
    id="R22",
    title=Text("联系人不足", "thin contacts"),
    settings=ThinContacts,
    fields={"why": "text", "why_en": "text", "count": "number", "need": "number"},
    words=Words(
        subject=Text("补充 {{account}} 的关键联系人：{{why}}", "Widen the contacts at {{account}}: {{why_en}}"),
        body=Text(
            "{{account}}（{{tier}}）：{{why}}。在职联系人 {{count}} 位，应有 {{need}} 位，其中至少一位决策者。\n"
            "请找到新的关键联系人，补全角色和联系方式；已离职的请在 CRM 中标明。",
            "{{account}} ({{tier}}): {{why_en}}. {{count}} contacts are on file, {{need}} are wanted, "
            "with a decision maker among them.\n"
            "Please find the right people, enter their roles and how to reach them, and mark in the CRM who has left.",
        ),
    ),
    owed=thin_contacts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOwner:
    """Working days to name somebody."""

    due: int = 1
    priority: Priority = "high"


def no_owner(question: Question, settings: NoOwner) -> Iterator[Owed]:
    """Nobody keeps the account, or who does has left."""
    profile = question.care.profile
    if profile is None or profile.owner not in ("none", "left"):
        return
    left = profile.owner == "left"
    why = Text("负责人已离职", "its owner has left") if left else Text("没有负责人", "it has no owner")
    name, since = quarter(question.as_of)
    yield Owed(
        suffix=f"{profile.owner}-{name}",
        series="",
        on=since,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=why,
        values={"why": why.zh, "why_en": why.en},
    )


NO_OWNER = Rule(
    id="R28",
    title=Text("无人负责", "no owner"),
    settings=NoOwner,
    fields={"why": "text", "why_en": "text"},
    words=Words(
        subject=Text("指定 {{account}} 的负责人：{{why}}", "Name an owner for {{account}}: {{why_en}}"),
        body=Text(
            "{{account}}（{{tier}}）{{why}}。请指定新的负责人和备份负责人，并把客户介绍给他们。",
            "{{account}} ({{tier}}): {{why_en}}. Please name a new owner and a backup, and introduce them to "
            "the customer.",
        ),
    ),
    owed=no_owner,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidy:
    """Working days to put it in order."""

    due: int = 5
    priority: Priority = "low"


def duplicates(question: Question, settings: Tidy) -> Iterator[Owed]:
    """Records that may be this same customer, once a quarter."""
    profile = question.care.profile
    if profile is None or not (profile.twins or profile.doubled):
        return
    name, since = quarter(question.as_of)
    count = len(profile.twins) + profile.doubled
    yield Owed(
        suffix=name,
        series="",
        on=since,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(f"有 {count} 处疑似重复", f"{count} of its records may be double"),
        values={"count": count, "records": ", ".join(profile.twins[:5]) or "—"},
    )


DUPLICATE = Rule(
    id="R32",
    title=Text("疑似重复", "duplicate"),
    settings=Tidy,
    fields={"count": "number", "records": "text"},
    words=Words(
        subject=Text("{{account}} 疑似重复建档", "{{account}} may be on file twice"),
        body=Text(
            "{{account}} 有 {{count}} 处疑似重复：{{records}}。请核对是否同一客户；是的话在 CRM 中合并，"
            "不是的话在 kamsync 中标明。",
            "{{account}} may be on file twice ({{count}}): {{records}}. Please check whether it is one customer; "
            "merge the records in the CRM, or tell kamsync that they differ.",
        ),
    ),
    owed=duplicates,
)


def conflicts(question: Question, settings: Tidy) -> Iterator[Owed]:
    """Fields of which the CRMs say what cannot all be true, once a quarter."""
    differing = question.facts.conflicts
    if not differing:
        return
    name, since = quarter(question.as_of)
    fields = join([quality.FIELDS.get(one, Text(one, one)) for one in differing])
    yield Owed(
        suffix=f"{slug('-'.join(sorted(differing)))}-{name}",
        series="",
        on=since,
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(f"两边的 {fields.zh} 不一致", f"the CRMs differ in {fields.en}"),
        values={"fields": fields.zh, "fields_en": fields.en},
    )


CONFLICT = Rule(
    id="R33",
    title=Text("字段不一致", "field conflict"),
    settings=Tidy,
    fields={"fields": "text", "fields_en": "text"},
    words=Words(
        subject=Text("{{account}} 的 {{fields}} 两边不一致", "{{account}}: the CRMs differ in {{fields_en}}"),
        body=Text(
            "{{account}} 的 {{fields}} 在两个 CRM 中不一致（见 kamsync identity conflicts）。\n"
            "请核实哪个是对的，并更正另一个。",
            "The CRMs differ about {{account}} in {{fields_en}} (see kamsync identity conflicts).\n"
            "Please check which is right and mend the other.",
        ),
    ),
    owed=conflicts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """How many days an estimate of the customer's spend holds."""

    days: int = 365
    due: int = 10
    priority: Priority = "low"


def stale_wallet(question: Question, settings: Wallet) -> Iterator[Owed]:
    """An estimate that has grown too old; one that was never made is not asked for."""
    made = question.facts.wallet_date
    if question.facts.wallet is None or made is None or (question.as_of - made).days <= settings.days:
        return
    yield Owed(
        suffix=str(made),
        series="",
        on=made + timedelta(days=settings.days + 1),
        due=question.calendar.plus(question.as_of, settings.due),
        priority=settings.priority,
        because=Text(
            f"采购总额估算是 {made} 做的，已超过 {settings.days} 天", f"the spend was estimated on {made}, too long ago"
        ),
        values={"made": made, "wallet": question.facts.wallet},
    )


WALLET = Rule(
    id="R34",
    title=Text("采购额估算过期", "stale wallet estimate"),
    settings=Wallet,
    fields={"made": "date", "wallet": "money"},
    words=Words(
        subject=Text("更新 {{account}} 的年采购额估算", "Estimate the yearly spend of {{account}} anew"),
        body=Text(
            "{{account}}（{{tier}}）的年采购额估算是 {{made|cn}} 做的：{{wallet|wan}} 万元，已经过期，不再用于评分。\n"
            "请根据客户的产量、招标和公开信息重新估算，并在 CRM 中更新金额和日期。",
            "The yearly spend of {{account}} ({{tier}}) was estimated on {{made|long}} at {{wallet|yuan}} yuan; "
            "that is too old to count.\n"
            "Please estimate it anew from output, tenders and what is public, and enter amount and date in the CRM.",
        ),
    ),
    owed=stale_wallet,
)
