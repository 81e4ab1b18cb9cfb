"""The other kinds of policy: a first stage, a matrix of value and potential, quotas, rules beside the score."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamsync.config.policies import policy_of, read_policy
from kamsync.plugin.document import Problems, parse
from kamsync.rules.placing import bars, bound
from kamsync.rules.policy import Quota
from kamsync.rules.trying import try_row, try_rows

POLICIES = Path(__file__).parents[2] / "policies"
VIP, ABC, SABC = (read_policy(POLICIES / f"{name}.toml") for name in ("vip_two_stage", "abc_matrix", "sabc"))
DAY = date(2026, 11, 22)
GOOD = {"order_days_12m": 12, "order_gap_cv": "0.3", "avg_days_late": 10, "service_events_12m": 6}


def vip(metrics: dict[str, Any], **more: Any) -> dict[str, Any]:
    return try_row({"id": "a", "metrics": metrics, **more}, VIP, DAY, "en")


def abc(*rows: dict[str, Any], **more: Any) -> list[str]:
    found = try_rows([{"id": str(place), **row} for place, row in enumerate(rows)], ABC, DAY, "en")
    return [row["tier"] for row in found]


def margin(value: Any, potential: Any = None, **more: Any) -> dict[str, Any]:
    return {"metrics": {"gross_margin_12m": value, "potential": potential}, **more}


# ---- two stages


def test_habit_payment_and_service_are_worth_40_35_and_25():
    """Habit 0.6·70 + 0.4·70 = 70, payment 80, service 60."""
    found = vip({"revenue_12m": 12_000_000, **GOOD})

    assert found["dimensions"] == {"habit": "70.00", "payment": "80.00", "service": "60.00"}
    assert (found["score"], found["tier"], found["coverage"]) == ("71.00", "VIP客户", "1.0000")


@pytest.mark.parametrize(
    ("traits", "tier"),
    [
        ({"revenue_12m": 10_000_000}, "VIP客户"),
        ({"revenue_12m": 9_999_999}, "普通客户"),
        ({"revenue_12m": 3_000_000, "size": "large", "focus_industry": True}, "VIP客户"),
        ({"revenue_12m": 3_000_000, "size": "大", "industry": "制造业"}, "VIP客户"),
        ({"revenue_12m": 2_999_999, "size": "large", "focus_industry": True}, "普通客户"),
        ({"revenue_12m": 3_000_000, "size": "中", "focus_industry": True}, "普通客户"),
        ({"revenue_12m": 3_000_000, "size": "large", "industry": "餐饮业"}, "普通客户"),
        ({"revenue_12m": 3_000_000, "size": "large"}, "普通客户"),
    ],
)
def test_who_is_not_large_is_a_standard_customer_whatever_the_score(traits: dict[str, Any], tier: str):
    assert vip({**traits, **GOOD})["tier"] == tier


def test_sales_that_are_unknown_leave_a_customer_where_it_was():
    new = vip({"revenue_12m": None, **GOOD})
    old = vip({"revenue_12m": None, **GOOD}, previous={"scored_tier": "VIP客户", "since": "2026-01-01"})

    assert (new["tier"], new["flags"]) == ("普通客户", ["unjudged", "short_of_data"])
    assert (old["tier"], old["flags"]) == ("VIP客户", ["kept", "short_of_data"])


@pytest.mark.parametrize(("late", "tier"), [("18.57", "VIP客户"), ("18.7", "重点客户")])
def test_vip_begins_at_65(late: str, tier: str):
    """Habit 70 and service 60 give 43; the payment must bring 22 of its 35: 62.86 at 18.57 days late."""
    assert vip({"revenue_12m": 10_000_000, **GOOD, "avg_days_late": late})["tier"] == tier


def test_without_a_rhythm_the_order_days_are_the_habit():
    found = vip({"revenue_12m": 12_000_000, **GOOD, "order_gap_cv": None})

    assert (found["dimensions"]["habit"], found["coverage"]) == ("70.00", "0.8400")


def test_a_rhythm_worse_than_its_mean_counts_as_none():
    found = vip({"revenue_12m": 12_000_000, **GOOD, "cv": 3, "order_gap_cv": 3})

    assert found["dimensions"]["habit"] == "42.00"


def test_a_missing_part_gives_its_weight_to_the_others():
    """Without service 75 % is known: 40·70 + 35·80 over 75 = 74.67, capped below the best tier."""
    found = vip({"revenue_12m": 12_000_000, **GOOD, "service_events_12m": None})

    assert (found["score"], found["scored_tier"], found["tier"]) == ("74.67", "VIP客户", "重点客户")


def test_a_vip_that_is_no_longer_large_falls_one_tier_after_two_runs():
    small = {"revenue_12m": 1_000_000, **GOOD}
    was = {"scored_tier": "VIP客户", "since": (DAY - timedelta(days=200)).isoformat()}

    first = vip(small, previous={**was, "pending_down": 0})
    second = vip(small, previous={**was, "pending_down": 1})

    assert (first["tier"], first["pending_down"]) == ("VIP客户", 1)
    assert (second["tier"], second["pending_down"]) == ("重点客户", 0)


def test_the_way_past_the_first_stage_is_the_nearest_step():
    found = vip({"revenue_12m": 9_000_000, **GOOD})

    assert found["nearest"]["up"]["text"] == "12-month net sales from ¥9,000,000 to ¥10,000,000: VIP"


# ---- the matrix


def test_pareto_looks_at_the_share_before_a_group_of_equals():
    """80, 10, 5, 5: before the second lies 0.80, which is not below it; before the fives 0.90."""
    assert abc(margin(5), margin(80), margin(10), margin(5)) == ["B", "A", "B", "B"]
    assert abc(margin(79), margin(11), margin(10)) == ["A", "A", "B"]
    assert abc(margin(95), margin(5)) == ["A", "C"]
    assert abc(margin(50), margin(50), margin(50)) == ["A", "A", "A"]


def test_nothing_earned_is_c_and_unknown_keeps_the_tier():
    was = {"scored_tier": "A", "since": "2026-01-01", "pending_down": 1}

    found = try_rows(
        [
            {"id": "0", **margin(0)}, {"id": "n", **margin(-7)}, {"id": "u", **margin(None, previous=was)},
            {"id": "new", **margin(None)}, {"id": "x", **margin(10)},
        ],
        ABC, DAY, "en",
    )  # fmt: skip

    assert [(row["tier"], row["pending_down"]) for row in found] == [("C", 0), ("C", 0), ("A", 1), ("C", 0), ("A", 0)]
    assert "unjudged" in found[3]["flags"]


@pytest.mark.parametrize(
    ("potential", "tiers"),
    [(70, "AAB"), ("69.99", "ABC"), (40, "ABC"), ("39.99", "ABC"), (None, "ABC")],
)
def test_the_matrix_of_value_and_potential(potential: Any, tiers: str):
    """AH AM AL BH → A, BM BL CH → B, CM CL → C."""
    found = abc(margin(80, potential), margin(16, potential), margin(4, potential))

    assert "".join(found) == tiers


def test_strategic_accounts_are_lifted_by_one():
    assert abc(margin(80), margin(16, strategic=80), margin(4, strategic=80), margin(0, strategic=79)) == list("AABC")


def test_potential_is_the_score_of_its_dimension_and_m_where_too_little_is_known():
    rich = {"gross_margin_12m": 10, "wallet_gap": 50_000_000, "weighted_pipeline_12m": 30_000_000, "growth_yoy": 1}

    found = try_rows([{"id": "a", "metrics": rich}, {"id": "b", "metrics": {**rich, "wallet_gap": None,
                      "weighted_pipeline_12m": None}}], ABC, DAY)  # fmt: skip

    assert [(row["cell"], row["dimensions"]["potential"]) for row in found] == [("AH", "100.00"), ("AM", None)]


@pytest.mark.parametrize(
    ("days", "low", "tier", "pending"),
    [(400, 0, "A", 1), (400, 1, "B", 0), (89, 1, "A", 2)],
)
def test_a_matrix_moves_down_after_two_runs_and_90_days_one_tier_a_step(days: int, low: int, tier: str, pending: int):
    was = {"scored_tier": "A", "since": (DAY - timedelta(days=days)).isoformat(), "pending_down": low}

    found = try_rows([{"id": "a", **margin(0, previous=was)}, {"id": "x", **margin(10)}], ABC, DAY)[0]

    assert (found["tier"], found["pending_down"]) == (tier, pending)


@given(st.lists(st.integers(-3, 12), min_size=1, max_size=12), st.randoms())
def test_equal_margins_get_equal_tiers_and_order_never_matters(margins: list[int], chance: Any):
    rows = [{"id": str(place), **margin(value)} for place, value in enumerate(margins)]
    tiers = {row["id"]: row["tier"] for row in try_rows(rows, ABC, DAY)}
    chance.shuffle(rows)

    assert {row["id"]: row["tier"] for row in try_rows(rows, ABC, DAY)} == tiers
    assert len({(margins[int(id)], tier) for id, tier in tiers.items()}) == len(set(margins))


# ---- quotas and rules


def test_a_quota_lets_in_the_best_and_never_cuts_a_tie():
    top = replace(SABC, tiers=(replace(SABC.tiers[0], quota=Quota(top=2)), *SABC.tiers[1:]))
    figures = [Decimal(value) for value in (99, 95, 95, 95, 90)]

    assert bars(top, figures).floors["S"] == 95
    assert bars(SABC, figures).floors["S"] == 99  # 5 % of five: only who has nobody above
    assert bars(SABC, [Decimal(50)]).floors == {"S": 85, "A": 70, "B": 50}
    assert bound(top, bars(top, [])).tiers[0].floor == 85


def test_a_quota_of_a_worse_tier_holds_for_the_better_ones():
    """A quarter of eight: two in A or better."""
    figures = [Decimal(value) for value in (100, 90, 89, 88, 60, 50, 40, 30)]

    assert bars(SABC, figures).floors == {"S": 100, "A": 90, "B": 50}


def test_a_rule_caps_or_lifts_beside_the_score():
    full = {rule.name: rule.anchors[-1][0] for rule in SABC.rules}

    good, bad = (try_row({"id": "a", "metrics": {**full, "avg_days_late": late}}, SABC, DAY, "en") for late in (60, 61))

    assert (good["tier"], bad["tier"], bad["scored_tier"]) == ("S", "B", "S")
    assert bad["reasons"][0] == "more than 60 days late on average: not above B"
    assert bad["flags"] == ["rule:bad_payer"]


# ---- files


def faults(name: str, *changes: tuple[str, str]) -> list[str]:
    text = (POLICIES / f"{name}.toml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(Problems) as caught:
        policy_of(parse(text, "draft.toml"))
    assert all(problem.line for problem in caught.value.problems)
    return [f"{problem.key} {problem.text.en}" for problem in caught.value.problems]


def test_bands_that_leave_a_gap_or_overlap_are_told():
    found = faults("sabc", ("ceiling = 85", "ceiling = 80"), ("ceiling = 70", "ceiling = 75"))

    assert found == ["tiers[2].ceiling leaves a gap: 80 to 85", "tiers[3].ceiling overlaps the tier above: 70 to 75"]


def test_a_matrix_with_a_hole_or_classes_that_overlap_is_told():
    found = faults(
        "abc_matrix", ('BH = "A"\n', ""), ("b_share = 0.95", "b_share = 0.8"), ("medium = 40", "medium = 70")
    )

    assert found == [
        "matrix.b_share must be above a_share: the classes overlap",
        "matrix.medium must be below high: the classes overlap",
        "matrix.cells has gaps: BH lead to no tier",
    ]


def test_groups_that_go_round_in_a_circle_are_told_once():
    pairs = (("z/1", "z/2"), ("z/2", "z/3"), ("z/3", "z/1"), ("z/9", "z/1"))
    groups = "".join(f'[[groups]]\naccount = "{one}"\nparent = "{other}"\n' for one, other in pairs)

    found = faults("value4", ("[book]", f"{groups}[book]"))

    assert found == ["groups[1] goes round in a circle: z/1 → z/2 → z/3 → z/1"]


def test_a_pack_names_the_tiers_in_both_languages_and_knows_other_names():
    assert [(tier.name, tier.label.en) for tier in VIP.tiers] == [
        ("VIP客户", "VIP"), ("重点客户", "Key"), ("普通客户", "Standard"),
    ]  # fmt: skip
    assert all(VIP.tier(name) is VIP.tiers[0] for name in ("vip", "一级", "A", "Tier 1"))
    assert [tier.name for tier in SABC.tiers] == ["S", "A", "B", "C"]
    assert faults("sabc", ('labels = "sabc"', 'labels = "abc"'))[0] == "labels has 3 names, not 4"


def test_parts_of_another_kind_are_refused():
    assert faults("vip_two_stage", ('kind = "two_stage"', 'kind = "weighted"'))[0].startswith("tiers[3].floor must be")
    assert 'large goes with kind = "two_stage", and only with it' in faults(
        "vip_two_stage", ('kind = "two_stage"', 'kind = "weighted"')
    )
    assert 'matrix goes with kind = "matrix", and only with it' in faults("value4", ('"weighted"', '"matrix"'))
