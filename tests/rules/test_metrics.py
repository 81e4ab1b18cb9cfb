"""Each number about an account: what it is, what it came from, and when it is unknown."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kamsync.config.policies import read_policy
from kamsync.plugin import same
from kamsync.rules.facts import DealFacts, Facts, MoneyDueFacts, OrderFacts, SurveyFacts
from kamsync.rules.groups import pool
from kamsync.rules.metrics import CATALOGUE, Metric, measure, whole_months
from kamsync.rules.policy import Valuing

POLICY = read_policy(Path(__file__).parents[2] / "policies" / "value4.toml")
DAY = date(2026, 11, 22)
WAN = 1_000_000  # 1 万元 in fen


def file_of(**known: Any) -> Facts:
    return Facts(account="a1", name="华东精密机械（苏州）有限公司", as_of=DAY, **known)


def metric(name: str, **known: Any) -> Metric:
    found = measure(file_of(**known), POLICY).get(name)
    assert found is not None
    return found


def value(name: str, **known: Any) -> Decimal | None:
    return metric(name, **known).value


def test_an_empty_file_knows_nothing_and_says_why():
    metrics = list(measure(file_of(), POLICY))

    assert [each.name for each in metrics] == list(CATALOGUE)
    assert all(each.value is None and each.note and each.note.zh and each.note.en for each in metrics)


def test_no_orders_at_all_is_a_known_zero_not_an_unknown():
    orders = OrderFacts()

    assert value("revenue_12m", orders=orders) == 0
    assert value("order_days_12m", orders=orders) == 0
    assert value("gross_margin_12m", orders=orders) == 0
    assert value("growth_yoy", orders=orders) is None
    assert value("tenure_months", orders=orders) is None


def test_money_is_measured_in_yuan_to_the_fen():
    assert value("revenue_12m", orders=OrderFacts(net_12m=123_456_789)) == Decimal("1234567.89")


@pytest.mark.parametrize(
    ("now", "before", "growth"),
    [
        (112, 100, "0.12"),
        (50, 100, "-0.5"),
        (700, 100, "5"),
        (600, 100, "5"),
        (-50, 100, "-1"),
        (0, 100, "-1"),
        (100, 0, None),
        (100, -5, None),
    ],
)
def test_growth_is_clamped_and_unknown_without_a_year_before(now: int, before: int, growth: str | None):
    found = metric("growth_yoy", orders=OrderFacts(net_12m=now * WAN, net_prev_12m=before * WAN))

    assert found.value == (None if growth is None else Decimal(growth))
    assert found.inputs == {"now": Decimal(now * 10_000), "before": Decimal(before * 10_000)}


@pytest.mark.parametrize(
    ("estimated", "fresh"),
    [
        (date(2025, 11, 22), True),
        (date(2025, 11, 21), False),
        (DAY, True),
        (date(2026, 11, 23), False),
        (None, False),
    ],
)
def test_a_wallet_estimate_lives_365_days(estimated: date | None, fresh: bool):
    known = {"wallet": 900 * WAN, "wallet_date": estimated, "orders": OrderFacts(net_12m=300 * WAN)}

    assert value("wallet_gap", **known) == (6_000_000 if fresh else None)
    assert (value("share_of_wallet", **known) is not None) == fresh


def test_a_share_of_wallet_over_one_shows_one_and_says_that_the_estimate_is_low():
    known = {"wallet": 100 * WAN, "wallet_date": DAY, "orders": OrderFacts(net_12m=130 * WAN)}

    share = metric("share_of_wallet", **known)

    assert share.value == 1
    assert share.note is not None
    assert value("wallet_gap", **known) == 0


def test_a_wallet_of_nothing_has_no_share():
    known = {"wallet": 0, "wallet_date": DAY, "orders": OrderFacts()}

    assert value("share_of_wallet", **known) is None
    assert value("wallet_gap", **known) == 0


def test_on_time_rate_is_money_on_time_over_money_due():
    assert value("on_time_rate", due=MoneyDueFacts(due_12m=300 * WAN, on_time_12m=279 * WAN)) == Decimal("0.93")


@pytest.mark.parametrize(
    "due", [MoneyDueFacts(due_12m=300, on_time_12m=None, open=5), MoneyDueFacts(due_12m=0, on_time_12m=0), None]
)
def test_on_time_rate_is_unknown_without_payments_or_without_anything_due(due: MoneyDueFacts | None):
    assert value("on_time_rate", due=due) is None


@pytest.mark.parametrize(
    ("csat", "nps", "satisfaction"),
    [("80", "44", "76"), ("80", None, "80"), (None, "44", "72"), (None, "-100", "0"), (None, None, None)],
)
def test_satisfaction_is_the_mean_of_csat_and_nps_or_the_one_present(
    csat: str | None, nps: str | None, satisfaction: str | None
):
    surveys = SurveyFacts(csat=Decimal(csat) if csat else None, nps=Decimal(nps) if nps else None)

    assert value("satisfaction", surveys=surveys) == (Decimal(satisfaction) if satisfaction else None)


@pytest.mark.parametrize(
    ("since", "first", "months"),
    [
        (date(2023, 7, 22), date(2024, 1, 1), 40),
        (date(2024, 1, 1), date(2023, 7, 23), 39),
        (None, date(2025, 11, 22), 12),
        (date(2030, 1, 1), None, None),
        (date(2030, 1, 1), DAY, 0),
    ],
)
def test_tenure_counts_whole_months_from_the_earliest_start(since: date | None, first: date | None, months: int | None):
    assert value("tenure_months", since=since, orders=OrderFacts(first=first)) == months


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2026, 1, 15), date(2026, 3, 14), 1),
    ],
)
def test_a_month_that_begins_on_its_31st_ends_on_the_last_day_of_a_shorter_one(start: date, end: date, months: int):
    assert whole_months(start, end) == months


def test_thirteen_calendar_months_in_a_window_count_as_twelve():
    assert value("active_months_12", orders=OrderFacts(months_12m=13)) == 12


def test_a_margin_of_costed_orders_is_no_assumption():
    found = metric("gross_margin_12m", orders=OrderFacts(net_12m=800 * WAN, costed_12m=800 * WAN, cost_12m=620 * WAN))

    assert (found.value, found.assumed) == (Decimal(1_800_000), False)


def test_only_the_orders_without_a_cost_use_the_assumed_rate_and_it_is_said():
    orders = OrderFacts(net_36m=800 * WAN, costed_36m=500 * WAN, cost_36m=400 * WAN)

    found = metric("margin_cum_36m", orders=orders)

    assert (found.value, found.assumed) == (Decimal(1_000_000 + 600_000), True)
    assert "20%" in found.source.zh
    assert found.inputs["margin_rate"] == Decimal("0.20")


def test_without_cost_and_without_a_rate_a_margin_is_unknown():
    policy = replace(POLICY, value=Valuing(margin_rate=None))

    found = measure(file_of(orders=OrderFacts(net_12m=800 * WAN)), policy).get("gross_margin_12m")

    assert found is not None
    assert found.value is None
    assert found.note is not None


def test_what_others_worked_out_is_taken_as_it_is():
    known = {
        "clv_36m": 720 * WAN,
        "clv_how": same("BG/NBD"),
        "influence": 50,
        "deals": DealFacts(weighted_12m=240 * WAN),
        "due": MoneyDueFacts(overdue_180d=7 * WAN),
    }

    assert value("clv_36m", **known) == 7_200_000
    assert value("influence", **known) == 50
    assert value("weighted_pipeline_12m", **known) == 2_400_000
    assert value("overdue_180d", **known) == 70_000


def test_a_window_names_the_first_and_last_day_that_counted():
    assert metric("revenue_12m", orders=OrderFacts()).window == (date(2025, 11, 23), DAY)
    assert metric("weighted_pipeline_12m", deals=DealFacts()).window == (date(2026, 11, 23), date(2027, 11, 22))


def test_a_group_sums_money_and_works_its_rates_out_from_the_sums():
    members = [
        measure(
            file_of(
                orders=OrderFacts(net_12m=300 * WAN, net_prev_12m=100 * WAN, days_12m=4),
                due=MoneyDueFacts(due_12m=100 * WAN, on_time_12m=100 * WAN, overdue_180d=WAN),
                wallet=1000 * WAN,
                wallet_date=DAY,
            ),
            POLICY,
        ),
        measure(
            file_of(
                orders=OrderFacts(net_12m=100 * WAN, net_prev_12m=300 * WAN, days_12m=9),
                due=MoneyDueFacts(due_12m=300 * WAN, on_time_12m=0),
            ),
            POLICY,
        ),
    ]

    group = pool(members)

    assert group.value("revenue_12m") == 4_000_000
    assert group.value("growth_yoy") == 0
    assert group.value("on_time_rate") == Decimal("0.25")
    assert group.value("wallet_gap") == 6_000_000
    assert group.value("order_days_12m") == 9
    assert group.value("overdue_180d") == 10_000
    assert group.value("satisfaction") is None
