"""`kamsync tier try`: rows in a file, a line a row, and no row spoils another."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamsync.config.policies import read_policy
from kamsync.rules.trying import try_lines, try_row, try_rows

POLICY = read_policy(Path(__file__).parents[2] / "policies" / "value4.toml")
DAY = date(2026, 11, 22)

X1 = {
    "id": "X1",
    "name": "华东精密机械（苏州）有限公司",
    "metrics": {
        "revenue_12m": "8000000", "gross_margin_12m": 1800000, "order_days_12m": 15,
        "wallet_gap": 6000000, "weighted_pipeline_12m": "2400000.00", "growth_yoy": 0.12,
        "clv_36m": 7200000, "margin_cum_36m": 4200000, "tenure_months": 40,
        "on_time_rate": 0.93, "satisfaction": 76, "active_months_12": 9, "influence": 50,
    },
}  # fmt: skip
X2 = {
    "id": "X2",
    "metrics": {
        "revenue_12m": 27000000, "gross_margin_12m": 6200000, "order_days_12m": 30,
        "wallet_gap": 18000000, "weighted_pipeline_12m": None, "growth_yoy": "0.10",
        "clv_36m": 19000000, "tenure_months": 55, "on_time_rate": 0.97, "active_months_12": 12,
    },
}  # fmt: skip
POOR = {"id": "P", "metrics": dict.fromkeys(X1["metrics"], 0)}
RICH = {
    "id": "R",
    "metrics": dict.fromkeys(X1["metrics"], 100) | {name: 50_000_000 for name in X1["metrics"] if name.endswith("m")},
}


def tried(row: dict[str, Any], **more: Any) -> dict[str, Any]:
    return try_row({**row, **more}, POLICY, DAY)


def test_the_worked_examples_come_out_as_decimal_strings():
    x1, x2 = try_rows([X1, X2], POLICY, DAY)

    reasons = x1.pop("reasons")
    assert reasons[0] == "近 12 个月净销售额 800 万元，得分最多：11.38 分"
    assert {key: x1[key] for key in x1 if key not in ("flags", "nearest", "as_of")} == {
        "id": "X1", "tier": "二级", "scored_tier": "二级", "score": "64.76", "coverage": "1.0000",
        "dimensions": {"current": "66.50", "potential": "57.65", "lifetime": "64.20", "loyalty_influence": "71.17"},
        "since": "2026-11-22", "pending_down": 0,
    }  # fmt: skip
    assert (x2["tier"], x2["scored_tier"], x2["score"], x2["coverage"]) == ("二级", "一级", "80.86", "0.7625")
    assert x2["dimensions"] == {
        "current": "87.83",
        "potential": "71.41",
        "lifetime": "80.47",
        "loyalty_influence": None,
    }


def test_reasons_are_said_in_the_language_asked_for():
    zh, en = (try_row(X2, POLICY, DAY, language)["reasons"] for language in ("zh", "en"))

    assert zh[0] == "只掌握 76.25% 的权重，不足 80% 不能为一级"
    assert en[0] == "only 76.25% of the weight is known; Tier 1 takes 80%"


def test_every_result_is_plain_json():
    results = try_rows([X1, X2, {"id": 7, "metrics": {}}, "nonsense"], POLICY, DAY)

    assert json.loads(json.dumps(results)) == results


def test_numbers_may_be_numbers_or_decimal_strings():
    as_text = {name: str(value) for name, value in X1["metrics"].items()}
    as_decimal = {name: Decimal(str(value)) for name, value in X1["metrics"].items()}

    assert tried({**X1, "metrics": as_text}) == tried(X1) == tried({**X1, "metrics": as_decimal})


def test_a_row_with_nothing_known_is_lowest_flagged_and_has_no_score():
    found = tried({"id": "无", "metrics": {}})

    assert (found["tier"], found["score"], found["coverage"]) == ("三级及以下", None, "0.0000")
    assert "unjudged" in found["flags"]


def test_the_previous_state_carries_on():
    low = tried(X1, previous={"scored_tier": "一级", "since": "2026-01-01", "pending_down": 0})
    lower = tried(X1, previous={"scored_tier": "一级", "since": "2026-01-01", "pending_down": 1})

    assert (low["scored_tier"], low["since"], low["pending_down"]) == ("一级", "2026-01-01", 1)
    assert (lower["scored_tier"], lower["since"], lower["pending_down"]) == ("二级", "2026-11-22", 0)


def test_its_own_result_as_the_previous_state_of_the_same_date_changes_nothing():
    first = tried(X1, previous={"scored_tier": "一级", "since": "2026-01-01", "pending_down": 0})

    again = tried(X1, previous=first)

    assert again["pending_down"] == 1
    assert (again["tier"], again["since"]) == (first["tier"], first["since"])


@pytest.mark.parametrize(
    ("more", "tier"),
    [
        ({}, "三级及以下"),
        ({"strategic": 80}, "二级"),
        ({"strategic": "79.9"}, "三级及以下"),
        ({"strategic": True}, "二级"),
        ({"group": "一级"}, "二级"),
        ({"group": "VIP客户"}, "二级"),
        ({"group": {"tier": "A"}}, "二级"),
        ({"group": 1}, "二级"),
        ({"group": {"tier": "1"}}, "二级"),
        ({"group": "二级"}, "三级及以下"),
        ({"strategic": 90, "blacklisted": True}, "三级及以下"),
        (
            {"override": {"tier": "VIP客户", "reason": "董事会决定", "author": "李",
                          "from": "2026-11-22", "until": "2027-01-01"}},
            "一级",
        ),
    ],
)  # fmt: skip
def test_what_stands_beside_the_metrics_counts(more: dict[str, Any], tier: str):
    assert tried(POOR, **more)["tier"] == tier


def test_old_debt_is_in_yuan_and_caps_above_a_tenth_of_sales():
    assert tried(RICH)["tier"] == "一级"
    assert tried(RICH, overdue_180d="5000000")["tier"] == "一级"
    assert tried(RICH, overdue_180d="5000000.01")["tier"] == "二级"


def test_a_young_customer_is_not_demoted():
    previous = {"scored_tier": "二级", "since": "2026-06-01", "pending_down": 1}

    assert tried(POOR, previous=previous, first_order="2026-06-01")["scored_tier"] == "二级"
    assert tried(POOR, previous=previous, first_order="2026-05-01")["scored_tier"] == "三级及以下"


# ---- groups


def test_rows_of_one_group_are_summed_and_its_tier_holds_up_its_members():
    half = {name: value / 2 if name.endswith("m") else value for name, value in RICH["metrics"].items()}
    rows = [
        {"id": "甲", "group": "华东集团", "metrics": half},
        {"id": "乙", "group": "华东集团", "metrics": half},
        {"id": "丙", "group": "华东集团", "metrics": POOR["metrics"]},
        {"id": "丁", "group": "别的集团", "metrics": POOR["metrics"]},
    ]

    found = {row["id"]: row["tier"] for row in try_rows(rows, POLICY, DAY)}

    assert found == {"甲": "一级", "乙": "一级", "丙": "二级", "丁": "三级及以下"}


def test_the_top_parent_is_judged_on_the_sums_of_its_group():
    rows = [
        {"id": "总公司", "metrics": {"revenue_12m": 4_000_000}},
        {"id": "子公司", "group": "总公司", "metrics": {"revenue_12m": 4_000_000}},
    ]

    parent, child = try_rows(rows, POLICY, DAY)

    assert parent["dimensions"]["current"] == "65.00"
    assert child["dimensions"]["current"] == "52.50"


@settings(max_examples=20)
@given(st.permutations(range(6)))
def test_the_order_of_rows_never_matters(order: list[int]):
    rows = [
        X1,
        X2,
        POOR,
        {**RICH, "group": "G"},
        {**POOR, "id": "Q", "group": "G"},
        {**POOR, "id": "G"},
    ]
    straight = {row["id"]: row for row in try_rows(rows, POLICY, DAY)}

    shuffled = {row["id"]: row for row in try_rows([rows[index] for index in order], POLICY, DAY)}

    assert shuffled == straight


# ---- rows that cannot be read


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("华东精密", "row must be an object {…}"),
        ({"metrics": {}}, "id must be given"),
        ({"id": True, "metrics": {}}, "id must be given"),
        ({"id": "a"}, "metrics must be an object {…}"),
        ({"id": "a", "metrics": {"revenue_12m": "八百万"}}, 'metrics.revenue_12m "八百万" is not a number'),
        ({"id": "a", "metrics": {"revenue_12m": True}}, "metrics.revenue_12m must be a number"),
        ({"id": "a", "metrics": {"revenue_12m": "NaN"}}, "metrics.revenue_12m is not a sensible number"),
        ({"id": "a", "metrics": {"revenue_12m": "1e999999"}}, "metrics.revenue_12m is not a sensible number"),
        ({"id": "a", "metrics": {}, "first_order": "2026-13-01"},
         'first_order "2026-13-01" is not a date like 2026-12-01'),
        ({"id": "a", "metrics": {}, "previous": {"scored_tier": "特级"}},
         'previous.scored_tier "特级" is not a tier; there are: 一级、二级、三级及以下'),
        ({"id": "a", "metrics": {}, "previous": {"scored_tier": "一级", "pending_down": -1}},
         "previous.pending_down must be a whole number, 0 or more"),
        ({"id": "a", "metrics": {}, "override": {"tier": "一级"}}, "override must have both dates, from and until"),
        ({"id": "a", "metrics": {}, "blacklisted": "yes"}, "blacklisted must be true or false"),
        ({"id": "a", "metrics": {}, "group": 1.5}, "group must be the group's id or its tier"),
    ],
)  # fmt: skip
def test_a_bad_row_says_its_line_and_what_is_wrong_and_the_rest_go_on(row: object, says: str):
    good, bad, after = try_rows([X1, row, X2], POLICY, DAY, "en")

    assert bad["error"] == f"line 2: {says}"
    assert (good["score"], after["score"]) == ("64.76", "80.86")


def test_lines_are_numbered_as_in_the_file_and_blank_ones_are_skipped():
    lines = [
        "\ufeff" + json.dumps(X1) + "\r\n",
        "\n",
        "{oops\n",
        '{"id":"n","metrics":{"revenue_12m":NaN}}',
        json.dumps(X2),
    ]

    found = try_lines(lines, POLICY, DAY, "en")

    assert [row.get("score", row.get("line")) for row in found] == ["64.76", 3, 4, "80.86"]
    assert found[1]["error"].startswith("line 3: is not JSON: ")


def test_a_misspelt_metric_is_pointed_out_and_a_metric_of_another_policy_is_not():
    found = tried(X1 | {"metrics": X1["metrics"] | {"revenue_12": 1, "avg_days_late": 3}})

    assert found["warnings"] == ['metrics.revenue_12：不是已知的指标，是不是想写 "revenue_12m"？']
    assert found["score"] == "64.76"
