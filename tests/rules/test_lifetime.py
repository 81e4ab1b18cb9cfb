"""What a customer is expected to be worth."""

from __future__ import annotations

import csv
import math
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from kamsync.rules.lifetime import (
    BgNbd,
    Fallback,
    Fit,
    GammaGamma,
    Purchases,
    Value,
    carried_forward,
    fit,
    value,
    values,
)

CDNOW = Path(__file__).parent / "data" / "cdnow_summary.csv"
PUBLISHED = Fit(BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4), GammaGamma(6.25, 3.74, 15.44), 2357, 946)


@pytest.fixture(scope="module")
def cdnow() -> list[Purchases]:
    lines = [line for line in CDNOW.read_text().splitlines() if line and not line.startswith("#")]
    rows = csv.DictReader(lines)
    return [Purchases(int(r["x"]), float(r["t_x"]), float(r["T"]), float(r["mean_value"]) or None) for r in rows]


@pytest.fixture(scope="module")
def learned(cdnow) -> Fit:
    found = fit(cdnow)
    assert isinstance(found, Fit)
    return found


def test_the_cdnow_customers_teach_the_published_rates(learned):
    found = learned.bgnbd

    assert [round(each, 3) for each in found.parameters] == [0.243, 4.414, 0.793, 2.426]
    assert round(found.log_likelihood, 1) == -9582.4


def test_the_cdnow_customers_teach_the_published_values(learned):
    found = learned.gamma_gamma

    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)


def test_the_published_customer_is_expected_to_buy_1_226_times_in_39_weeks(learned):
    expected = value(learned, Purchases(2, 30.43, 38.86, 22.35), weeks=39)

    assert round(expected.purchases, 3) == 1.226
    assert round(expected.p_alive, 4) == 0.7266
    assert round(expected.mean, 2) == 24.66


def test_value_is_margin_times_what_each_week_brings_discounted(learned):
    customer, margin = Purchases(2, 30.43, 38.86, 22.35), Decimal("0.3")
    by_week = [0.0, *(value(learned, customer, weeks=k).purchases for k in range(1, 11))]

    found = value(learned, customer, margin, weeks=10, discount=Decimal("0.10"))

    brought = sum((by_week[k] - by_week[k - 1]) / 1.1 ** (k / 52) for k in range(1, 11))
    assert float(found.clv) == pytest.approx(0.3 * found.mean * brought, abs=0.005)


def test_many_customers_are_worth_what_each_is_alone(learned, cdnow):
    some = cdnow[:5]

    together = values(learned, some, [Decimal("0.3")] * 5)

    assert together == [value(learned, each, Decimal("0.3")) for each in some]


def test_a_customer_who_bought_once_is_never_surely_alive_and_that_is_said(learned):
    new, old = (value(learned, Purchases(0, 0, weeks)) for weeks in (0, 200))

    assert 0 < old.p_alive < new.p_alive < 1
    assert (
        new.note.en
        == "one purchase only: the chance of being alive allows for having left after it, and is never 100 %"
    )


@pytest.mark.parametrize("x", [0, 1, 2, 5, 26, 100, 500, 1000, 2000])
def test_no_history_breaks_the_figures(x):
    histories = [
        Purchases(x, share * T if x else 0, T, mean)
        for share, T, mean in product((0.01, 0.5, 1.0), (0, 0.5, 52, 520), (None, 0.0, 12.5, 1e12))
    ]

    found = values(PUBLISHED, histories, [Decimal("0.3")] * len(histories))

    assert all(0 <= each.p_alive <= 1 for each in found)
    assert all(math.isfinite(each.purchases) and each.purchases >= 0 for each in found)
    assert all(each.clv.is_finite() and each.clv >= 0 for each in found)


@pytest.mark.parametrize(
    "parameters",
    [
        (0.001, 0.001, 0.001, 0.001),
        (1000, 0.001, 1000, 0.3),
        (1000, 1000, 1000, 1000),
        (0.2, 0.007, 0.1, 1090),
        (0.5, 5, 1.0, 2.0),  # a = 1, where the textbook formula divides by zero
        (0.5, 5, 0.6, 0.4),  # a + b = 1, where it meets a pole
        (6, 0.02, 116, 0.07),
    ],
)
def test_no_parameters_break_the_figures(parameters):
    model = Fit(BgNbd(*parameters, 0.0), GammaGamma(6.25, 1.0001, 15.44), 100, 50)
    histories = [Purchases(x, T if x else 0, T, 100.0) for x, T in product((0, 1, 30, 2000), (0, 5, 500))]

    found = values(model, histories, [Decimal(1)] * len(histories), weeks=520)

    assert all(math.isfinite(each.purchases) and each.purchases >= 0 and each.clv.is_finite() for each in found)


def test_a_rate_of_leaving_near_one_gives_figures_between_its_neighbours():
    below, at, above = (
        value(Fit(BgNbd(0.5, 5, a, 2.0, 0.0), None, 100, 50), Purchases(3, 20, 30), weeks=52).purchases
        for a in (0.999, 1.0, 1.001)
    )

    assert above < at < below


def test_with_few_customers_who_came_back_nothing_is_fitted_and_that_is_said():
    found = fit([Purchases(1, 10, 20, 100.0)] * 29 + [Purchases(0, 0, 20)] * 500)

    assert found == Fallback(found.why, customers=529, repeats=29)
    assert found.why.en == "customers who came back: 29 (a fit needs 30)"


def test_the_fall_back_carries_a_years_margin_forward_at_a_discount():
    assert carried_forward(Decimal(5200), weeks=0) == 0
    assert carried_forward(Decimal(5200), weeks=2, discount=Decimal(0)) == 200
    assert carried_forward(Decimal(5200), weeks=52) == Decimal("4955.34")  # (1 − 1/1.1) / (1.1^(1/52) − 1) weeks of 100


def test_without_a_fit_a_customer_goes_on_at_its_own_pace():
    model = Fallback(fit([]).why, 1, 0)

    found = value(model, Purchases(4, 20, 40, 100.0), Decimal("0.5"), weeks=10, discount=Decimal(0))

    assert found == Value(p_alive=None, purchases=1.0, mean=100.0, clv=Decimal("50.00"), note=found.note)
    assert found.note.en == "carried forward at the customer's own pace"


def test_where_values_are_unknown_purchases_are_still_expected(cdnow):
    found = fit([Purchases(each.x, each.t_x, each.T) for each in cdnow])

    expected = value(found, Purchases(2, 30.43, 38.86), weeks=39)

    assert (round(expected.purchases, 3), expected.mean, expected.clv) == (1.226, None, None)


@pytest.mark.parametrize("panel", [[Purchases(1, 10, 10, 5.0)] * 40, [Purchases(2000, 300, 300, 1e9)] * 40])
def test_customers_who_are_all_alike_break_nothing(panel):
    found = value(fit(panel), panel[0])

    assert math.isfinite(found.purchases)
    assert found.clv.is_finite()


@pytest.mark.parametrize("history", [(-1, 0, 0), (1, -1, 5), (1, 1, float("nan")), (1, float("inf"), 5)])
def test_what_is_no_history_is_refused(history):
    with pytest.raises(ValueError, match="no history"):
        Purchases(*history)


@pytest.mark.parametrize(
    ("x", "T", "weeks", "expected"),
    [(10, 520, 156, None), (100, 0, 39, 3396.851768), (500, 0.001, 39, 16964.92822), (2000, 0, 156, 254588.6643)],
)
def test_hundreds_of_purchases_in_no_time_keep_their_digits(x, T, weeks, expected):
    """Worked out with 60 digits (mpmath): there the textbook formula has none left in doubles."""
    model = Fit(BgNbd(0.05, 1, 0.05, 0.4, 0.0), None, 100, 50)

    found = value(model, Purchases(x, T, T), weeks=weeks)

    if expected is None:
        assert 0 < found.purchases < (0.05 + x) / (1 + T) * weeks
    else:
        assert found.purchases / found.p_alive == pytest.approx(expected, rel=1e-6)
