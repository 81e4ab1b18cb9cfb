"""R18 to R20: a birthday, a festival, the day our work together began.

Only for people who agreed to be cared for, and who still work there. Presents are spoken of only where the customer is
known to be neither a public body nor state-owned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kamsync.model import Birthday
from kamsync.plugin import Priority, Text
from kamsync.rules.lunar import FESTIVALS, festival, kept_near
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words, known_by

NAMES = {
    "new-year": Text("元旦", "New Year's Day"),
    "spring": Text("春节", "Spring Festival"),
    "dragon-boat": Text("端午节", "Dragon Boat Festival"),
    "mid-autumn": Text("中秋节", "Mid-Autumn Festival"),
    "national": Text("国庆节", "National Day"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """How many working days ahead we remind."""

    ahead: int = 3
    priority: Priority = "low"


def _near(question: Question, day: date, ahead: int) -> date | None:
    """From when on the day is told of, if that has come and the day is not over."""
    on = question.calendar.plus(day, -ahead)
    return on if on <= question.as_of <= day else None


def _presents(question: Question) -> Text:
    profile = question.care.profile
    if profile is not None and profile.may_get_presents:
        return Text("可以准备合规的小礼品。", "A small present within the rules is fine.")
    return Text(
        "只问候，不送礼（国有单位或公共机构，或企业性质不明）。",
        "A greeting only, no present (public or state-owned, or not known to be neither).",
    )


def birthdays(question: Question, settings: Greeting) -> Iterator[Owed]:
    """Each contact's next birthday, solar or lunar."""
    contacts = question.care.contacts or ()
    for contact in contacts:
        if contact.birthday is None or contact.consent is not True or contact.left is True:
            continue
        for year, day in kept_near(contact.birthday, question.as_of):
            on = _near(question, day, settings.ahead)
            if on is None:
                continue
            name = known_by(contact.member, [one.member for one in contacts])
            presents = _presents(question)
            lunar = Text("（农历）", " (lunar)") if contact.birthday.lunar else Text("", "")
            yield Owed(
                suffix=f"{name}-{year}",
                series=name,
                on=on,
                due=question.calendar.prev(day),
                priority=settings.priority,
                because=Text(
                    f"{contact.name} 的生日{lunar.zh}是 {day}", f"{contact.name}'s birthday{lunar.en} is on {day}"
                ),
                values={"contact": contact.name, "birthday": day, "presents": presents.zh, "presents_en": presents.en},
            )


BIRTHDAY = Rule(
    id="R18",
    title=Text("联系人生日", "birthday"),
    settings=Greeting,
    fields={"contact": "text", "birthday": "date", "presents": "text", "presents_en": "text"},
    words=Words(
        subject=Text(
            "祝贺 {{account}} {{contact}} 生日：{{birthday}}", "Birthday of {{contact}}, {{account}}: {{birthday}}"
        ),
        body=Text(
            "{{account}} 的 {{contact}} 生日是 {{birthday|cn}}。请发去祝贺。\n{{presents}}",
            "{{contact}} of {{account}} has a birthday on {{birthday|long}}. Please send "
            "congratulations.\n{{presents_en}}",
        ),
    ),
    owed=birthdays,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Festival:
    """Which festivals, and how many working days ahead; one task for all customers of an owner."""

    days: tuple[str, ...] = FESTIVALS
    ahead: int = 3
    priority: Priority = "low"


def check_festival(settings: Festival) -> Iterator[tuple[str, Text]]:
    if unknown := sorted(set(settings.days) - set(FESTIVALS)):
        known = ", ".join(FESTIVALS)
        yield (
            "days",
            Text(f"没有节日 {unknown[0]}；可以用：{known}", f"{unknown[0]} is no festival; there are: {known}"),
        )


def festivals(question: Question, settings: Festival) -> Iterator[Owed]:
    """The next festival of each kind."""
    if not question.care.consents:
        return
    for name in settings.days:
        for year in (question.as_of.year, question.as_of.year + 1):
            day = festival(name, year)
            on = _near(question, day, settings.ahead)
            if on is None:
                continue
            said = NAMES[name]
            yield Owed(
                suffix=f"{name}-{year}",
                series=f"{name}-{year}",
                on=on,
                due=question.calendar.prev(day),
                priority=settings.priority,
                because=Text(f"{said.zh}是 {day}", f"{said.en} is on {day}"),
                values={"festival": said.zh, "festival_en": said.en, "day": day},
                each="owner",
            )


FESTIVAL = Rule(
    id="R19",
    title=Text("节日问候", "festival"),
    settings=Festival,
    fields={"festival": "text", "festival_en": "text", "day": "date"},
    words=Words(
        subject=Text("{{festival}}问候大客户（{{day}}）", "{{festival_en}} greetings to key accounts ({{day}})"),
        body=Text(
            "{{day|cn}}是{{festival}}。请问候你负责的、同意接受关怀的客户联系人。\n国有单位和公共机构只问候，不送礼。",
            "{{festival_en}} is on {{day|long}}. Please greet those contacts of your customers who agreed to it.\n"
            "Public bodies and state-owned companies get a greeting only, no present.",
        ),
    ),
    owed=festivals,
)


def anniversaries(question: Question, settings: Greeting) -> Iterator[Owed]:
    """The day our work together began, or the first order where nobody wrote that down, from its first return on."""
    orders = question.facts.orders
    since = question.facts.since or (orders.first if orders else None)
    if since is None or not question.care.consents:
        return
    for year, day in kept_near(Birthday(since.month, since.day), question.as_of):
        on = _near(question, day, settings.ahead)
        if on is None or year <= since.year:
            continue
        presents = _presents(question)
        yield Owed(
            suffix=str(year),
            series="",
            on=on,
            due=question.calendar.prev(day),
            priority=settings.priority,
            because=Text(
                f"{since} 开始合作，到 {day} 满 {year - since.year} 年",
                f"working together since {since}: {year - since.year} years on {day}",
            ),
            values={
                "since": since, "day": day, "years": year - since.year,
                "presents": presents.zh, "presents_en": presents.en,
            },
        )  # fmt: skip


ANNIVERSARY = Rule(
    id="R20",
    title=Text("合作周年", "anniversary"),
    settings=Greeting,
    fields={"since": "date", "day": "date", "years": "number", "presents": "text", "presents_en": "text"},
    words=Words(
        subject=Text(
            "与 {{account}} 合作 {{years}} 周年：{{day}}",
            "{{account}}: working together for {{years}} years on {{day}}",
        ),
        body=Text(
            "与 {{account}} 从 {{since|cn}} 开始合作，{{day|cn}} 满 {{years}} 年。请致谢并回顾合作成果。\n{{presents}}",
            "We have worked with {{account}} since {{since|long}}; {{day|long}} makes it {{years}} years. "
            "Please say thanks and look back together.\n{{presents_en}}",
        ),
    ),
    owed=anniversaries,
)
