"""From metrics to a score: worked examples to the last digit, and what holds for every account."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamsync.config.policies import read_policy
from kamsync.plugin import Text, same
from kamsync.rules.metrics import Metric, Metrics
from kamsync.rules.policy import Dimension, MetricRule, Policy
from kamsync.rules.scoring import points_at, score

POLICY = read_policy(Path(__file__).parents[2] / "policies" / "value4.toml")
DAY = date(2026, 11, 22)
RULES = {rule.name: rule for rule in POLICY.rules}

X1 = {
    "revenue_12m": "8000000", "gross_margin_12m": "1800000", "order_days_12m": "15",
    "wallet_gap": "6000000", "weighted_pipeline_12m": "2400000", "growth_yoy": "0.12",
    "clv_36m": "7200000", "margin_cum_36m": "4200000", "tenure_months": "40",
    "on_time_rate": "0.93", "satisfaction": "76", "active_months_12": "9", "influence": "50",
}  # fmt: skip
X2 = {
    "revenue_12m": "27000000", "gross_margin_12m": "6200000", "order_days_12m": "30",
    "wallet_gap": "18000000", "growth_yoy": "0.10",
    "clv_36m": "19000000", "tenure_months": "55",
    "on_time_rate": "0.97", "active_months_12": "12",
}  # fmt: skip


def metrics(values: Mapping[str, str | Decimal | None]) -> Metrics:
    found = {
        name: Metric(name=name, value=None if value is None else Decimal(value), source=same("test"))
        for name, value in values.items()
    }
    return Metrics(DAY, found)


def spread(*dimensions: tuple[str, dict[str, str]]) -> Policy:
    """The policy with these dimensions; every metric scores its own value, 0–100."""
    line = ((Decimal(0), Decimal(0)), (Decimal(100), Decimal(100)))
    return replace(
        POLICY,
        dimensions=tuple(
            Dimension(
                name=f"d{index}",
                label=Text("维度", "dimension"),
                weight=Decimal(weight),
                metrics=tuple(MetricRule(name, Decimal(each), line, "points") for name, each in rules.items()),
            )
            for index, (weight, rules) in enumerate(dimensions)
        ),
    )


def test_worked_example_x1_comes_out_to_the_last_digit():
    found = score(metrics(X1), POLICY)

    assert [str(each.score) for each in found.dimensions] == ["66.50", "57.65", "64.20", "71.17"]
    assert (str(found.total), str(found.coverage)) == ("64.76", "1.0000")


def test_worked_example_x2_renormalises_what_is_unknown():
    found = score(metrics(X2), POLICY)

    assert [str(each.score) for each in found.dimensions] == ["87.83", "71.41", "80.47", "None"]
    assert (str(found.total), str(found.coverage)) == ("80.86", "0.7625")


@pytest.mark.parametrize(
    ("metric", "value", "points"),
    [
        ("revenue_12m", "8000000", "65.00"),
        ("gross_margin_12m", "1800000", "65.00"),
        ("order_days_12m", "15", "72.50"),
        ("wallet_gap", "6000000", "61.67"),
        ("weighted_pipeline_12m", "2400000", "52.80"),
        ("growth_yoy", "0.12", "58.00"),
        ("clv_36m", "7200000", "63.67"),
        ("margin_cum_36m", "4200000", "67.50"),
        ("tenure_months", "40", "62.50"),
        ("on_time_rate", "0.93", "84.67"),
        ("active_months_12", "9", "80.00"),
        ("growth_yoy", "-0.9", "0.00"),
        ("growth_yoy", "5", "100.00"),
        ("revenue_12m", "-1", "0.00"),
        ("revenue_12m", "99000000", "100.00"),
        ("satisfaction", "76", "76.00"),
    ],
)
def test_a_metric_scores_on_the_line_between_its_anchors_and_level_beyond_them(metric: str, value: str, points: str):
    found = score(metrics({metric: value}), POLICY)

    (part,) = [each for dimension in found.dimensions for each in dimension.metrics if each.name == metric]
    assert str(part.score) == points


def test_every_anchor_scores_exactly_what_it_says():
    for rule in RULES.values():
        assert [points_at(x, rule) for x, _ in rule.anchors] == [points for _, points in rule.anchors]


def test_thirds_do_not_push_a_half_below_itself():
    """Weights 3, 1 and 2 of 6: (3 × 14.30 + 21.47 + 2 × 89.84) / 6 is 40.675 exactly, and halves go up."""
    policy = spread(("100", {"satisfaction": "3", "influence": "1", "on_time_rate": "2"}))

    found = score(metrics({"satisfaction": "14.30", "influence": "21.47", "on_time_rate": "89.84"}), policy)

    assert str(found.total) == "40.68"


def test_a_dimension_with_exactly_half_of_its_weight_counts_and_one_with_less_does_not():
    policy = spread(("50", {"satisfaction": "50", "influence": "50"}), ("50", {"on_time_rate": "51", "clv_36m": "49"}))

    found = score(metrics({"satisfaction": "80", "clv_36m": "10"}), policy)

    assert [str(each.score) for each in found.dimensions] == ["80.00", "None"]
    assert (str(found.total), str(found.coverage)) == ("80.00", "0.4950")


def test_nothing_known_is_no_score_rather_than_zero():
    found = score(metrics({}), POLICY)

    assert (found.total, str(found.coverage)) == (None, "0.0000")


def test_a_known_nothing_is_zero_rather_than_unknown():
    found = score(metrics(dict.fromkeys(RULES, "0") | {"on_time_rate": "0", "growth_yoy": "-1"}), POLICY)

    assert (str(found.total), str(found.coverage)) == ("0.00", "1.0000")


VALUES = st.fixed_dictionaries(
    {
        name: st.none() | st.decimals(rule.anchors[0][0] - 1, rule.anchors[-1][0] * 2, places=4)
        for name, rule in RULES.items()
    }
)


@given(VALUES)
def test_points_add_up_to_the_score(values: dict[str, Decimal | None]):
    found = score(metrics(values), POLICY)

    parts = [part.points for dimension in found.dimensions for part in dimension.metrics]
    assert sum(parts) == sum(dimension.points for dimension in found.dimensions) == (found.total or 0)
    assert all(part >= 0 for part in parts)


@given(VALUES, st.sampled_from(sorted(RULES)))
def test_forgetting_an_input_never_raises_coverage(values: dict[str, Decimal | None], name: str):
    less = values | {name: None}

    assert score(metrics(less), POLICY).coverage <= score(metrics(values), POLICY).coverage


@given(VALUES, st.sampled_from(sorted(RULES)), st.decimals(0, 10**8, places=2))
def test_more_of_a_known_metric_never_lowers_the_score(values: dict[str, Decimal | None], name: str, more: Decimal):
    before = values | {name: values[name] or Decimal(0)}
    after = before | {name: (before[name] or 0) + more}

    low, high = score(metrics(before), POLICY).total, score(metrics(after), POLICY).total

    assert (high or 0) >= (low or 0)


@given(VALUES, st.randoms())
def test_the_order_in_which_metrics_arrive_never_matters(values: dict[str, Decimal | None], random):
    names = list(values)
    random.shuffle(names)

    assert score(metrics({name: values[name] for name in names}), POLICY) == score(metrics(values), POLICY)
