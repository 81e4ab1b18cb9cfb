"""The made-up world keeps what it promises to the demo and to connector authors."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kamsync.rules.codes import domain_key, phone_key, uscc_valid
from kamsync.testing.world import World, WorldOrder
from kamsync.testing.world_make import make_world

TODAY = date(2026, 11, 9)
EIGHT = datetime(2026, 11, 9, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
YEAR = timedelta(days=365)

# Dimension weight × metric weight of the default policy, by what must be on file for the metric.
WORTH = {
    "orders": Decimal("0.245"),  # revenue, order days
    "costs": Decimal("0.145"),  # gross margin, cumulative margin
    "lifetime": Decimal("0.20"),  # lifetime value, tenure, active months
    "wallet": Decimal("0.10"),
    "pipeline": Decimal("0.0875"),
    "year before": Decimal("0.0625"),
    "payments": Decimal("0.05"),
    "survey": Decimal("0.05"),
    "influence": Decimal("0.06"),
}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(TODAY)


def counts(order: WorldOrder) -> bool:
    return order.status in ("confirmed", "delivered")


def coverage(world: World) -> list[Decimal]:
    """How much of the default policy can be measured, for each company."""
    known: dict[int, set[str]] = defaultdict(lambda: {"pipeline"})
    company = {account.key: account.company for account in world.accounts}
    in_zoho = {account.company for account in world.accounts if account.crm == "zoho"}
    uncosted = {company[order.account] for order in world.orders if order.cost is None}
    for account in world.accounts:
        if account.wallet and account.wallet_date and world.today - account.wallet_date <= YEAR:
            known[account.company].add("wallet")
        if account.influence is not None:
            known[account.company].add("influence")
    for order in filter(counts, world.orders):
        owner, age = company[order.account], world.today - order.date
        known[owner] |= {"orders", "lifetime"} | ({"costs"} if owner not in uncosted else set())
        if YEAR <= age < 2 * YEAR:
            known[owner].add("year before")
    for invoice in world.invoices:
        if invoice.paid and company[invoice.account] not in in_zoho:
            known[company[invoice.account]].add("payments")
    for survey in world.surveys:
        if world.today - survey.date < YEAR:
            known[company[survey.account]].add("survey")
    return [sum((WORTH[name] for name in known[number]), Decimal(0)) for number in set(company.values())]


def revenue(world: World) -> dict[int, Decimal]:
    company = {account.key: account.company for account in world.accounts}
    total: dict[int, Decimal] = defaultdict(Decimal)
    for order in filter(counts, world.orders):
        if world.today - order.date < YEAR:
            total[company[order.account]] += order.amount - order.returned - order.refunded
    return total


def test_four_hundred_companies_stand_on_496_records_and_96_of_them_in_both_crms(world):
    by_crm = {crm: {a.company for a in world.accounts if a.crm == crm} for crm in ("zoho", "fxiaoke")}

    both = by_crm["zoho"] & by_crm["fxiaoke"]

    assert (len(world.accounts), len(both), len(world.same)) == (496, 96, 96)
    assert len(by_crm["zoho"]) == len(by_crm["fxiaoke"]) == 248


def test_there_is_enough_of_everything(world):
    sizes = {name: len(getattr(world, name)) for name in ("contacts", "activities", "orders", "invoices", "users")}

    assert 1_800 <= sizes["contacts"] <= 2_050
    assert 10_500 <= sizes["activities"] <= 11_500
    assert sizes["orders"] > 8_000
    assert sizes["invoices"] > 3_000
    assert sizes["users"] == 16


def test_the_same_day_and_seed_make_the_same_world(world):
    again, other = make_world(TODAY), make_world(TODAY, seed=8)

    assert again == world
    assert other != world


@pytest.mark.parametrize(("today", "seed"), [(TODAY, 7), (date(2026, 2, 28), 7), (date(2027, 6, 1), 11)])
def test_most_companies_can_be_judged_and_some_show_what_missing_data_does(today, seed):
    world = make_world(today, seed=seed)

    shares = coverage(world)

    assert sum(share >= Decimal("0.60") for share in shares) >= 0.9 * len(shares)
    assert 0.4 * len(shares) <= sum(share >= Decimal("0.80") for share in shares) <= 0.9 * len(shares)
    assert sum(share < Decimal("0.60") for share in shares) >= 5


def test_companies_are_of_every_worth(world):
    yearly = revenue(world)

    large = sum(amount >= 20_000_000 for amount in yearly.values())
    medium = sum(3_000_000 <= amount < 20_000_000 for amount in yearly.values())

    assert 20 <= large <= 32
    assert 65 <= medium <= 95


def test_every_code_on_file_is_valid_and_one_company_has_one_code(world):
    codes = {(a.company, a.uscc) for a in world.accounts if a.uscc}

    assert all(uscc_valid(code) for _, code in codes)
    assert len({company for company, _ in codes}) == len({code for _, code in codes}) == len(codes)


def test_every_telephone_number_and_site_can_be_read_and_belongs_to_one_company(world):
    phones = {(a.company, phone_key(a.phone)) for a in world.accounts if a.phone}
    sites = {(a.company, domain_key(a.website)) for a in world.accounts if a.website}

    for found in (phones, sites):
        assert all(key for _, key in found)
        assert len({company for company, _ in found}) == len({key for _, key in found}) == len(found)


def test_about_half_of_the_companies_in_both_lack_the_code_on_one_side(world):
    by_key = {a.key: a for a in world.accounts}

    lacking = [pair for pair in world.same if not all(by_key[key].uscc for key in pair)]

    assert 35 <= len(lacking) <= 55
    assert all(by_key[one].name != by_key[other].name for one, other in world.same)


def test_nothing_that_is_done_lies_after_eight_this_morning(world):
    moments = [a.at for a in world.activities if a.done]
    moments += [m for a in world.accounts for m in (a.created, a.modified)] + [c.created for c in world.contacts]
    moments += [m for case in world.cases for m in (case.opened, case.closed) if m] + [d.created for d in world.deals]
    days = [o.date for o in world.orders] + [i.issued for i in world.invoices] + [s.date for s in world.surveys]
    days += [day for invoice in world.invoices for day, _ in invoice.paid]

    assert max(moments) <= EIGHT
    assert max(days) <= TODAY
    assert all(a.at > EIGHT for a in world.activities if not a.done)
    assert all(a.created <= a.modified for a in world.accounts)


def test_fxiaoke_is_given_only_what_its_records_can_hold(world):
    side = {a.key: a.crm for a in world.accounts}

    kept = [a for a in world.activities if side[a.account] == "fxiaoke"]

    assert all(a.reached and not a.inbound for a in kept)
    assert {a.kind for a in kept if not a.done} <= {"visit", "exec_visit", "task"}


def test_debts_of_every_stage_are_open_and_others_fall_due_this_week(world):
    open_bills = [i for i in world.invoices if sum(amount for _, amount in i.paid) < i.amount]
    ages = [(TODAY - bill.due).days for bill in open_bills]

    reached = {stage for stage in (1, 7, 15, 30, 60, 90, 180) for age in ages if age >= stage}

    assert len(reached) == 7
    assert 40 <= sum(age > 0 for age in ages) <= 90
    assert any(-7 <= age <= 0 for age in ages)


def test_many_records_changed_in_the_same_second(world):
    moments = [(a.crm, a.modified) for a in world.accounts]

    largest = max(moments.count(moment) for moment in set(moments))

    assert largest >= 20
    assert len(set(moments)) > 300


def test_one_person_of_each_crm_has_left_and_still_owns_accounts(world):
    gone = {user.key: user.crm for user in world.users if not user.active}

    assert sorted(gone.values()) == ["fxiaoke", "zoho"]
    assert set(gone) <= {a.owner for a in world.accounts}


def test_every_row_hangs_on_an_account_and_every_key_is_its_own(world):
    accounts = {a.key for a in world.accounts}

    for name in ("contacts", "activities", "deals", "orders", "contracts", "invoices", "cases", "surveys"):
        rows = getattr(world, name)
        assert {row.account for row in rows} <= accounts
        assert len({row.key for row in rows}) == len(rows)
    for name in ("orders", "invoices", "contracts", "cases"):
        assert len({row.number for row in getattr(world, name)}) == len(getattr(world, name))


def test_a_larger_world_keeps_its_companies_apart():
    world = make_world(TODAY, companies=2_500, both=300)

    names = {a.company: a.name for a in world.accounts}

    assert len(world.accounts) == 2_800
    assert len(set(names.values())) == 2_500


def test_some_companies_of_one_brand_and_trade_are_two_and_their_codes_say_so(world):
    by_core: dict[str, set[tuple[int, str | None]]] = defaultdict(set)
    for account in world.accounts:
        town = (account.city or "").removesuffix("市")
        core = account.name.removeprefix(town).partition("有限公司")[0].removesuffix("股份")
        by_core[core].add((account.company, account.uscc))

    alike = [found for found in by_core.values() if len({company for company, _ in found}) == 2]

    assert len(alike) >= 4
    assert all(code for found in alike for _, code in found)


@pytest.mark.parametrize(("companies", "both"), [(1, 0), (1, 1), (6, 6), (30, 4)])
def test_a_world_may_be_tiny(companies, both):
    world = make_world(TODAY, companies=companies, both=both)

    assert (len(world.accounts), len(world.same)) == (companies + both, both)
