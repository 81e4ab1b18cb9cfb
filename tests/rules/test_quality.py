"""How good a file is: each part by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kamsync.rules.care_facts import CareFacts, ContactFact, ContractFact, ProfileFacts
from kamsync.rules.facts import Facts, OrderFacts
from kamsync.rules.quality import WEIGHTS, freshness, is_filled, measure, total
from tests.rules.owing import file, record

DAY = date(2026, 3, 2)


def test_the_parts_are_weighed_and_rounded_once():
    parts = (Decimal("0.79"), Decimal("0.8333"), Decimal("0.9"), Decimal("0.5"))

    assert total(*parts) == Decimal("79.93")


def test_a_part_that_nothing_is_known_about_leaves_the_sum():
    assert total(Decimal("0.5"), None, None, None) == Decimal("50.00")
    assert total(None, None, None, None) is None


def test_the_fields_weigh_a_hundred():
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("深圳", True), (0, True), ("", False), (None, False), ("无", False), (" 未知 ", False), ("N/A", False),
        ("13800138000", False), ("138-0013-8000", False), ("不适用", None), ("Not applicable", None), ("无锡", True),
    ],
)  # fmt: skip
def test_a_placeholder_fills_nothing_and_not_applicable_does_not_count(value, filled):
    assert is_filled(value) is filled


@pytest.mark.parametrize(("age", "fresh"), [(0, "1"), (90, "1"), (105, "0.8333"), (135, "0.5"), (180, "0"), (999, "0")])
def test_freshness_holds_for_a_cycle_and_is_gone_after_two(age, fresh):
    assert round(freshness(DAY - timedelta(days=age), DAY, 90), 4) == Decimal(fresh)


def test_the_freshness_of_a_file_is_that_of_profile_contacts_and_contracts():
    stale, fresh = DAY - timedelta(days=135), DAY
    care = CareFacts(
        profile=ProfileFacts(verified=stale),
        contacts=(
            ContactFact(member=record("p1"), name="王芳", verified=fresh),
            ContactFact(member=record("p2"), name="李雷", verified=stale),
            ContactFact(member=record("p3"), name="韩梅", verified=stale, left=True),
        ),
        contracts=(ContractFact(member=record("k1"), number="HT-7", verified=fresh),),
    )

    found = measure(replace_day(file(care)), 90)

    assert found.fresh == Decimal("0.5") * Decimal("0.5") + Decimal("0.3") * Decimal("0.75") + Decimal("0.2")


def replace_day(facts: Facts) -> Facts:
    return replace(facts, as_of=DAY)


def test_completeness_counts_what_applies_by_its_weight():
    profile = ProfileFacts(filled={"name": True, "uscc": False, "website": None})  # 10 of 20
    care = CareFacts(
        profile=profile,
        contacts=(ContactFact(member=record("p1"), name="王芳", role="decision_maker"),),  # 10 of 16
        contracts=(ContractFact(member=record("k1"), number="HT-7", end=DAY - timedelta(days=1)),),  # 0 of 8
    )

    found = measure(replace_day(file(care, orders=OrderFacts(days=3))), 90)  # 4 of 4

    assert found.complete == Decimal(24) / 48
    assert found.missing == ("uscc", "contract", "second_contact")


@pytest.mark.parametrize(
    ("known", "unique"), [({}, "1"), ({"twins": ("zoho/accounts/9",)}, "0.5"), ({"doubled": True}, "0")]
)
def test_a_file_beside_another_of_the_same_customer_is_not_unique(known, unique):
    found = measure(replace_day(file(CareFacts(profile=ProfileFacts(passed=9, checks=10, **known)))), 90)

    assert (found.unique, found.valid) == (Decimal(unique), Decimal("0.9"))


def test_a_file_that_was_never_read_has_no_quality():
    assert measure(replace_day(file()), 90).score is None
