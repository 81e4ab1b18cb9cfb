"""Who works on both sides of the made-up world, and what passes between them.

Decides people, touches and service only. A CRM that cannot hold something is never given it: Fxiaoke's records know
neither a planned call nor one that nobody answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

from kamsync.testing.world import (
    Crm,
    WorldAccount,
    WorldActivity,
    WorldCase,
    WorldContact,
    WorldSurvey,
    WorldUser,
)
from kamsync.testing.world_names import Class
from kamsync.testing.world_trade import at_hour
from kamsync.testing.world_words import (
    ANSWERS,
    CALLS,
    CASES,
    EXEC_VISITS,
    GIVEN,
    MEETINGS,
    NOTES,
    SURNAMES,
    TASKS,
    TITLES,
    VISITS,
)

Kind = Literal["call", "meeting", "visit", "exec_visit", "task", "note"]
USERS = 8
GONE = 6  # this one has left and still owns accounts
SUBJECTS: dict[Kind, tuple[str, ...]] = {
    "call": CALLS,
    "meeting": MEETINGS,
    "visit": VISITS,
    "exec_visit": EXEC_VISITS,
    "task": TASKS,
    "note": NOTES,
}
CADENCE: dict[Class, int] = {"large": 14, "medium": 30, "small": 90}


def make_users(rng: Random, crm: Crm) -> list[WorldUser]:
    """A head of sales and seven people, one of whom has left."""
    names = rng.sample([a + b for a in SURNAMES[:30] for b in GIVEN], USERS)
    boss = f"{crm}-u1"
    return [
        WorldUser(
            key=f"{crm}-u{number}",
            crm=crm,
            name=name,
            email=f"sales{number}@{crm}-team.example",
            active=number != GONE,
            manager=None if number == 1 else boss,
        )
        for number, name in enumerate(names, start=1)
    ]


def make_contacts(rng: Random, account: WorldAccount, value: Class) -> Iterator[WorldContact]:
    """Mostly with a decision maker among them; some files are thin."""
    count = rng.randint(*{"large": (5, 9), "medium": (3, 6), "small": (2, 5)}[value])
    first = rng.random() < 0.8
    for number in range(count):
        role = rng.choice(("决策者", "影响者", "使用者", "把关者"))
        if number == 0 and first:
            role = "决策者"
        born = date(rng.randint(1962, 2000), rng.randint(1, 12), rng.randint(1, 28))
        yield WorldContact(
            key=f"{account.key}-c{number}",
            account=account.key,
            name=rng.choice(SURNAMES) + rng.choice(GIVEN),
            title=rng.choice(TITLES[role]),
            mobile=f"1705550{rng.randint(0, 9999):04d}" if rng.random() < 0.85 else None,
            email=f"c{number}@{account.key}.example" if rng.random() < 0.6 else None,
            role=role if rng.random() < 0.8 else None,  # type: ignore[arg-type]  # TITLES' keys are these literals
            birthday=born if rng.random() < 0.35 else None,
            created=account.created + (account.modified - account.created) * rng.random(),
        )


def last_touch(rng: Random, value: Class) -> int:
    """How many days ago the customer last answered: about three in five within the cadence of their class."""
    cadence = CADENCE[value]
    if rng.random() < 0.62:
        return rng.randint(1, max(2, cadence - 3))
    return rng.randint(cadence + 1, cadence * 3)


def make_activities(
    rng: Random, account: WorldAccount, value: Class, today: date, recent: int, count: int
) -> Iterator[WorldActivity]:
    """`count` rows over two years; the newest two-way touch is `recent` days old, only notes and tasks are newer."""
    yield _touch(rng, account, today, recent, 0, _kind(rng, value))
    for number in range(1, count):
        age = int(recent + (rng.random() ** 1.6) * 700)
        yield _touch(rng, account, today, age, number, _kind(rng, value))
    if rng.random() < 0.5:
        yield _touch(rng, account, today, rng.randint(1, recent), count, rng.choice(("note", "task")))
    if account.crm == "zoho" and rng.random() < 0.25:
        yield _touch(rng, account, today, rng.randint(1, recent), count + 1, "call", reached=False)
    if rng.random() < 0.2:
        yield _planned(rng, account, today, count + 2)


def _kind(rng: Random, value: Class) -> Kind:
    weights = {"large": (38, 18, 14, 4, 12, 14), "medium": (42, 14, 12, 2, 14, 16), "small": (48, 8, 7, 0, 17, 20)}
    kinds: tuple[Kind, ...] = ("call", "meeting", "visit", "exec_visit", "task", "note")
    return rng.choices(kinds, weights[value])[0]


def _touch(
    rng: Random, account: WorldAccount, today: date, age: int, number: int, kind: Kind, reached: bool = True
) -> WorldActivity:
    if number == 0 and kind in ("task", "note"):
        kind = "call"
    return WorldActivity(
        key=f"{account.key}-a{number:03d}",
        account=account.key,
        kind=kind,
        subject=rng.choice(SUBJECTS[kind]),
        text=rng.choice(ANSWERS) if reached else "无人接听",
        at=at_hour(today - timedelta(days=age), rng.randint(9, 17), rng.randint(0, 59)),
        inbound=kind == "call" and account.crm == "zoho" and reached and rng.random() < 0.2,
        reached=reached,
        owner=account.owner,
    )


def _planned(rng: Random, account: WorldAccount, today: date, number: int) -> WorldActivity:
    kinds: tuple[Kind, ...] = ("visit", "visit", "task")
    if account.crm == "zoho":
        kinds = ("call", "meeting", "visit", "task")
    kind = rng.choice(kinds)
    ahead = rng.randint(1, 7) if rng.random() < 0.75 else rng.randint(8, 40)
    return WorldActivity(
        key=f"{account.key}-a{number:03d}",
        account=account.key,
        kind=kind,
        subject=rng.choice(SUBJECTS[kind]),
        at=at_hour(today + timedelta(days=ahead), rng.randint(9, 16), 30),
        done=False,
        owner=account.owner,
    )


def make_cases(rng: Random, account: WorldAccount, value: Class, today: date) -> Iterator[WorldCase]:
    """Service over the last year; one case in nine is still open."""
    count = rng.randint(*{"large": (2, 6), "medium": (0, 2), "small": (0, 1)}[value])
    for number in range(count):
        kind: Literal["complaint", "service", "emergency"] = rng.choices(
            ("complaint", "service", "emergency"), (3, 6, 1)
        )[0]
        is_open = rng.random() < 0.11
        opened = at_hour(today - timedelta(days=rng.randint(1, 12 if is_open else 360)), rng.randint(9, 17))
        closed = min(opened + timedelta(hours=rng.randint(2, 200)), at_hour(today, 7))
        yield WorldCase(
            key=f"{account.key}-s{number}",
            account=account.key,
            number=f"CS{opened:%y%m%d}-{account.key.upper()}-{number}",
            subject=rng.choice(CASES[kind]),
            kind=kind,
            priority="high" if kind == "emergency" else rng.choice(("normal", "normal", "low", "high")),
            opened=opened,
            closed=None if is_open else closed,
        )


def make_surveys(rng: Random, account: WorldAccount, value: Class, today: date) -> Iterator[WorldSurvey]:
    """CSAT of five or NPS of ten; some files hold only an old answer, most small ones none."""
    draw = rng.random()
    share = {"large": 0.9, "medium": 0.7, "small": 0.3}[value]
    if draw > share + 0.1:
        return
    ages = (
        [rng.randint(380, 800)] if draw > share else [rng.randint(5, 170), rng.randint(180, 360)][: rng.randint(1, 2)]
    )
    for number, age in enumerate(ages):
        nps = rng.random() < 0.4
        yield WorldSurvey(
            key=f"{account.key}-q{number}",
            account=account.key,
            kind="nps" if nps else "csat",
            score=rng.choice((10, 9, 9, 8, 8, 7, 5)) if nps else rng.choice((5, 5, 5, 4, 4, 3, 2)),
            max_score=10 if nps else 5,
            date=today - timedelta(days=age),
        )


def before_eight(today: date, days: int, rng: Random) -> datetime:
    """A moment within the last `days` days, at least a minute before eight this morning; whole seconds."""
    return at_hour(today, 8) - timedelta(seconds=rng.randint(60, days * 86_400))
