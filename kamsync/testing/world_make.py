"""Make the small made-up business world that the demo, the tests and connector authors share.

Everything follows from (today, companies, both, seed); nothing is read from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from kamsync.testing.world import (
    Crm,
    World,
    WorldAccount,
    WorldActivity,
    WorldCase,
    WorldContact,
    WorldContract,
    WorldDeal,
    WorldInvoice,
    WorldOrder,
    WorldSurvey,
    WorldUser,
)
from kamsync.testing.world_names import Company, Spelling, make_companies, spell, write_phone, write_site
from kamsync.testing.world_people import (
    before_eight,
    last_touch,
    make_activities,
    make_cases,
    make_contacts,
    make_surveys,
    make_users,
)
from kamsync.testing.world_trade import (
    Habit,
    at_hour,
    make_contracts,
    make_deals,
    make_habit,
    make_invoices,
    make_orders,
)
from kamsync.testing.world_words import FOLK_TAGS, STREETS

SIZES = {"large": "大", "medium": "中", "small": "小"}
ACTIVITIES = {"large": (58, 76), "medium": (24, 38), "small": (9, 18)}


@dataclass(slots=True)
class _Rows:
    """What has been made so far."""

    users: dict[Crm, list[WorldUser]]
    accounts: list[WorldAccount] = field(default_factory=list)
    contacts: list[WorldContact] = field(default_factory=list)
    activities: list[WorldActivity] = field(default_factory=list)
    deals: list[WorldDeal] = field(default_factory=list)
    orders: list[WorldOrder] = field(default_factory=list)
    contracts: list[WorldContract] = field(default_factory=list)
    invoices: list[WorldInvoice] = field(default_factory=list)
    cases: list[WorldCase] = field(default_factory=list)
    surveys: list[WorldSurvey] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Pen:
    """How one side writes a company down. `style` varies phone and site; `code`, `reach`: what that side knows."""

    spelling: Spelling
    style: int
    code: bool
    phone: bool
    site: bool
    town: bool


def make_world(today: date, *, companies: int = 400, both: int = 96, seed: int = 7) -> World:
    """`companies` companies on `companies + both` account records, about half of them in each CRM."""
    rng = Random(f"kamsync world {seed}")
    firms, shared = make_companies(rng, companies, both)
    turn_of = {number: turn for turn, number in enumerate(shared)}
    rows = _Rows({"zoho": make_users(rng, "zoho"), "fxiaoke": make_users(rng, "fxiaoke")})
    moments = _shared_moments(rng, today)
    single = 0
    for company in firms:
        habit = make_habit(rng, company)
        if company.number in turn_of:
            pens = _pair(company, turn_of[company.number])
        else:
            pens = {("zoho", "fxiaoke")[single % 2]: _single(rng, company, single)}
            single += 1
        known = [_account(rng, rows, company, habit, crm, pen, today, moments) for crm, pen in pens.items()]
        rows.accounts += known
        if len(known) == 2:
            rows.same.append((known[0].key, known[1].key))
        _fill(rng, rows, known, habit, today)
    return _world(today, rows)


def _world(today: date, rows: _Rows) -> World:
    return World(
        today=today,
        users=(*rows.users["zoho"], *rows.users["fxiaoke"]),
        accounts=tuple(rows.accounts),
        contacts=tuple(rows.contacts),
        activities=tuple(rows.activities),
        deals=tuple(rows.deals),
        orders=tuple(rows.orders),
        contracts=tuple(rows.contracts),
        invoices=tuple(rows.invoices),
        cases=tuple(rows.cases),
        surveys=tuple(rows.surveys),
        same=tuple(rows.same),
    )


def _shared_moments(rng: Random, today: date) -> dict[Crm, list[datetime]]:
    """Seconds in which many records changed at once: an import, a mass update."""
    return {crm: [before_eight(today, days, rng) for days in (200, 40, 3)] for crm in ("zoho", "fxiaoke")}


def _pair(company: Company, turn: int) -> dict[Crm, _Pen]:
    """Both CRMs know the company: Fxiaoke by its registered name, Zoho by another spelling (or the reverse)."""
    other = spell(company, turn)
    code = turn % 2 == 0 or other.needs_code
    # Where a code is missing, the telephone, the site or the town has to tell.
    reach = turn // 2 % 4 != 1 or turn % 12 in (9, 10)
    variant = _Pen(other, turn, code or turn % 4 == 1, phone=True, site=reach, town=turn % 3 != 1)
    plain = _Pen(Spelling(company.name), turn + 1, code or turn % 4 == 3, phone=True, site=reach, town=True)
    if turn % 5 == 3 and company.english not in other.name:
        return {"zoho": plain, "fxiaoke": variant}
    return {"zoho": variant, "fxiaoke": plain}


def _single(rng: Random, company: Company, turn: int) -> _Pen:
    """One CRM only; some people decorate what they type."""
    name = company.name
    decorated = {
        11: f"{name} 🚀",
        23: f'{name}"重点"',
        37: f"{name}, {company.latin.capitalize()}",
        53: f"'{name}'",
        71: f"{company.english} 🏭",
    }.get(turn % 97, name)
    # The look-alikes are among the first few: a code tells them apart.
    code = rng.random() < 0.65 or turn < 40
    return _Pen(Spelling(decorated), turn, code, rng.random() < 0.85, rng.random() < 0.6, rng.random() < 0.8)


def _account(
    rng: Random,
    rows: _Rows,
    company: Company,
    habit: Habit,
    crm: Crm,
    pen: _Pen,
    today: date,
    moments: dict[Crm, list[datetime]],
) -> WorldAccount:
    number = company.number
    rated = rng.random() < {"large": 0.92, "medium": 0.75, "small": 0.32}[company.value] and not habit.new
    modified = rng.choice(moments[crm]) if rng.random() < 0.3 else before_eight(today, 240, rng)
    strategic = rng.randint(60, 95) if company.value == "large" and rng.random() < 0.6 else None
    return WorldAccount(
        key=f"{crm[0]}a{number:04d}",
        crm=crm,
        company=number,
        name=pen.spelling.name,
        other_name=pen.spelling.other_name,
        uscc=company.uscc if pen.code else None,
        phone=write_phone(company, pen.style) if pen.phone else None,
        website=write_site(company, pen.style) if pen.site else None,
        industry=company.trade.industry,
        province=company.town.province if pen.town else None,
        city=f"{company.town.name}市" if pen.town else None,
        address=f"{company.town.name}市{rng.choice(STREETS)}{rng.randint(1, 999)}号" if pen.town else None,
        size="微" if habit.yearly < 120_000 else SIZES[company.value],  # type: ignore[arg-type]  # the literals above
        employees=rng.randint(*{"large": (800, 6000), "medium": (120, 900), "small": (5, 150)}[company.value]),
        wallet=Decimal(habit.wallet) if habit.wallet else None,
        wallet_date=today - timedelta(days=habit.wallet_age) if habit.wallet else None,
        influence=rng.randint(*{"large": (55, 95), "medium": (35, 80), "small": (10, 60)}[company.value])
        if rated
        else None,
        strategic=strategic,
        since=_since(rng, habit, today),
        blacklisted=company.value == "small" and number % 199 == 7,
        owner=rng.choice(rows.users[crm]).key,
        created=min(modified, at_hour(today - timedelta(days=rng.randint(250, 1500)), rng.randint(9, 18))),
        modified=modified,
        tags=tuple(tag for tag in FOLK_TAGS if rng.random() < 0.06),
    )


def _since(rng: Random, habit: Habit, today: date) -> date | None:
    if habit.first is None or rng.random() < 0.4:
        return None
    longer = {"large": 1500, "medium": 900, "small": 400}[habit.value] if habit.first > 600 else 1
    return today - timedelta(days=habit.first + rng.randint(0, longer))


def _fill(rng: Random, rows: _Rows, known: Sequence[WorldAccount], habit: Habit, today: date) -> None:
    """Everything that hangs on one company's records."""
    orders = list(make_orders(rng, known, habit, today))
    rows.orders += orders
    fxiaoke = frozenset(a.key for a in known if a.crm == "fxiaoke")
    company = known[0].company
    owes = company // 8 if company % 8 == 3 else None
    rows.invoices += make_invoices(rng, orders, fxiaoke, habit, today, owes)
    recent = last_touch(rng, habit.value)
    for place, account in enumerate(known):
        count = rng.randint(*ACTIVITIES[habit.value])
        age = recent + place * rng.randint(0, 40)
        rows.contacts += make_contacts(rng, account, habit.value)
        rows.activities += make_activities(rng, account, habit.value, today, age, count)
        rows.deals += make_deals(rng, account, habit, today)
        rows.contracts += make_contracts(rng, account, habit, today)
        rows.cases += make_cases(rng, account, habit.value, today)
        rows.surveys += [] if habit.new else make_surveys(rng, account, habit.value, today)
