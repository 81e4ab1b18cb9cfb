"""How likely a customer is to leave, where it is in its life with us, and its fifth of the book."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kamsync.config import read_calendar
from kamsync.config.policies import read_policy
from kamsync.rules.facts import CaseFacts, ContractFacts, Facts, MoneyDueFacts, OrderFacts, SurveyFacts, TouchFacts
from kamsync.rules.metrics import measure
from kamsync.rules.metrics_risk import Risk, churn, expected_interval, fifths, lifecycle
from kamsync.rules.metrics_standing import engagement

ROOT = Path(__file__).parents[2]
POLICY = read_policy(ROOT / "policies" / "value4.toml")
CALENDAR = read_calendar(ROOT / "policies" / "calendar-cn.toml")
DAY = date(2026, 11, 20)  # a Friday


def file_of(**known: Any) -> Facts:
    return Facts(account="a1", name="华东精密机械（苏州）有限公司", as_of=DAY, **known)


def value(name: str, **known: Any) -> Decimal | None:
    return measure(file_of(**known), POLICY).value(name)


def risk(rank: int = 3, **known: Any) -> Risk:
    facts = file_of(**known)
    return churn(facts, measure(facts, POLICY), rank, CALENDAR)


def ordered(*ages: int, **more: Any) -> OrderFacts:
    """Orders so many days ago, oldest first."""
    days = tuple(DAY - timedelta(days=age) for age in ages)
    return OrderFacts(first=days[0], last=days[-1], days=len(days), recent_days=days[-11:], **more)


# ---- engagement


def test_a_visit_10_days_ago_and_a_call_45_days_ago_are_worth_42_51():
    strength = 3 * Decimal("0.5") ** (Decimal(10) / 45) + Decimal("1.5") * Decimal("0.5")

    assert round(strength, 4) == Decimal("3.3217")
    assert round(engagement(strength), 2) == Decimal("42.51")
    assert value("engagement", touches=TouchFacts(strength=strength)) == engagement(strength)


def test_no_touch_at_all_is_a_known_zero_and_no_reading_is_unknown():
    assert value("engagement", touches=TouchFacts()) == 0
    assert value("engagement") is None


# ---- money


def test_days_late_are_weighed_by_money():
    assert value("avg_days_late", due=MoneyDueFacts(timed=100, late_days=1500)) == 15
    assert value("avg_days_late", due=MoneyDueFacts(timed=100, late_days=0)) == 0
    assert value("avg_days_late", due=MoneyDueFacts()) is None


@pytest.mark.parametrize(("invoiced", "dso"), [(300, 60), (0, None), (None, None)])
def test_dso_is_what_is_open_over_what_was_invoiced_in_90_days(invoiced: int | None, dso: int | None):
    assert value("dso", due=MoneyDueFacts(open=200, invoiced_90d=invoiced)) == dso


# ---- rhythm


@pytest.mark.parametrize(
    ("ages", "rank", "days"),
    [
        ((30, 10), 1, 60), ((30, 10), 2, 90), ((30, 10), 3, 180), ((30, 10), 7, 180),
        ((40, 30, 10), 1, 15),  # gaps 10 and 20
        ((6, 4, 2), 1, 7),  # never less than a week
        ((900, *range(100, -1, -10)), 1, 10),  # only the last ten gaps
    ],
)  # fmt: skip
def test_the_expected_interval_is_the_customers_own_or_its_ranks(ages: tuple[int, ...], rank: int, days: int):
    assert expected_interval(ordered(*ages), rank) == days


def test_the_variation_of_gaps_needs_three_order_days():
    assert value("order_gap_cv", orders=ordered(60, 30, 0)) == 0
    assert value("order_gap_cv", orders=ordered(40, 30, 0)) == Decimal("0.5")  # gaps 10 and 30: 20 ± 10
    assert value("order_gap_cv", orders=ordered(30, 0)) is None
    assert value("order_gap_cv") is None


# ---- churn


def test_nothing_known_is_no_risk_figure_at_all():
    assert risk() == Risk(value=None, parts=risk().parts)
    assert risk().level is None


@pytest.mark.parametrize(
    ("silent", "share"), [(0, 0), (60, 0), (90, "0.25"), (120, "0.5"), (180, 1), (900, 1)]
)  # rank 1 without a rhythm: 60 days
def test_inactivity_grows_from_one_interval_to_three(silent: int, share: object):
    found = risk(rank=1, orders=ordered(silent))

    assert found.parts[0].share == Decimal(str(share))
    assert found.value == 100 * Decimal(str(share))  # alone, it has all the weight


@pytest.mark.parametrize(("now", "share"), [(150, 0), (100, 0), (75, "0.5"), (50, 1), (0, 1)])
def test_decline_is_full_at_half_the_sales(now: int, share: object):
    found = risk(orders=OrderFacts(net_12m=now, net_prev_12m=100))

    assert found.parts[1].share == Decimal(str(share))


def test_a_complaint_is_late_once_its_working_days_are_over():
    """Rank 1 has 3 working days: of 13 November (Friday) until the 18th, of the 17th (Tuesday) until the 20th."""
    cases = CaseFacts(open_complaints=(date(2026, 11, 13), date(2026, 11, 17)), complaints_90d=2)

    assert risk(rank=1, cases=cases).parts[2].share == Decimal(2) / 3  # (1 late + 0.5 × 2) / 3
    assert risk(rank=3, cases=cases).parts[2].share == Decimal(1) / 3
    assert risk(rank=1, cases=CaseFacts()).parts[2].share == 0


@pytest.mark.parametrize(("csat", "share"), [(100, 0), (60, 0), (30, "0.5"), (0, 1)])
def test_dissatisfaction_begins_below_60(csat: int, share: object):
    assert risk(surveys=SurveyFacts(csat=Decimal(csat))).parts[3].share == Decimal(str(share))


@pytest.mark.parametrize(
    ("left", "share"),
    [(None, "0.5"), (DAY, "0.8"), (DAY - timedelta(days=180), "0.8"), (DAY - timedelta(days=181), "0.5")],
)
def test_a_decision_maker_who_left_weighs_for_180_days(left: date | None, share: str):
    half_warm = Decimal(20)
    strength = -6 * (1 - half_warm / 100).ln()

    found = risk(touches=TouchFacts(strength=strength), decision_maker_left=left)

    assert round(found.parts[4].share or 0, 10) == Decimal(share)


def test_what_is_unknown_gives_its_weight_to_what_is_known():
    """Inactivity 0.5 of 35 and dissatisfaction 1 of 15; decline, complaints and the relationship are unknown."""
    found = risk(rank=1, orders=ordered(120), surveys=SurveyFacts(csat=Decimal(0)))

    assert found.value == 100 * (35 * Decimal("0.5") + 15) / Decimal(50)
    assert found.level == "medium"


@pytest.mark.parametrize(("value", "level"), [("70", "high"), ("69.99", "medium"), ("40", "medium"), ("39.99", "low")])
def test_risk_is_high_from_70_and_medium_from_40(value: str, level: str):
    assert Risk(value=Decimal(value), parts=()).level == level


# ---- life


@pytest.mark.parametrize(
    ("orders", "stage"),
    [
        (None, None),
        (OrderFacts(), "prospect"),
        (ordered(179), "new"),
        (ordered(180), "mature"),
        (ordered(400, 10, net_12m=115, net_prev_12m=100), "growing"),
        (ordered(400, 10, net_12m=114, net_prev_12m=100), "mature"),
        (ordered(400, 10, net_12m=85, net_prev_12m=100), "mature"),
        (ordered(400, 10, net_12m=84, net_prev_12m=100), "declining"),
        (ordered(181), "dormant"),
        (ordered(500, 400, 300), "mature"),  # every 100 days: silent for 300 is not yet dormant
        (ordered(501, 401, 301), "dormant"),
        (ordered(545), "dormant"),
        (ordered(546), "lost"),  # 180 + 365 days
    ],
)
def test_stages_of_life(orders: OrderFacts | None, stage: str | None):
    facts = file_of(orders=orders)

    assert lifecycle(facts, measure(facts, POLICY)) == stage


def test_a_contract_that_is_over_loses_a_customer_unless_it_ordered_since():
    over = ContractFacts(over=DAY - timedelta(days=30))

    silent, buying = file_of(orders=ordered(40), contracts=over), file_of(orders=ordered(29), contracts=over)

    assert lifecycle(silent, measure(silent, POLICY)) == "lost"
    assert lifecycle(buying, measure(buying, POLICY)) == "new"


# ---- fifths


def test_fifths_count_who_is_strictly_worse_and_ties_share():
    values = {name: Decimal(worth) for name, worth in zip("abcdefghij", (1, 2, 2, 2, 5, 6, 7, 8, 9, 9), strict=True)}

    assert list(fifths(values).values()) == [1, 1, 1, 1, 3, 3, 4, 4, 5, 5]
    assert fifths(dict(reversed(values.items()))) == fifths(values)
    assert set(fifths(dict.fromkeys("abc", Decimal(7))).values()) == {1}
    assert fifths({}) == {}
