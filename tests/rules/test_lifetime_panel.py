"""Purchases as a person keeps them: a line each, or a line a customer."""

from __future__ import annotations

from datetime import date

import pytest

from kamsync.rules.lifetime import Purchases
from kamsync.rules.lifetime_panel import NoPanel, read_panel

PANEL = """
# 华东区
客户,日期,金额
华为技术,2026-01-01,100
"比亚迪, 汽车",2026-01-08,50.5
华为技术,2026/01/15,30
华为技术,20260115,40
华为技术,2026-01-29,
华为技术,2026-02-05,-10
"""


def test_purchases_of_one_day_are_one_and_the_first_day_is_no_repeat():
    found = read_panel(PANEL.splitlines())

    assert found.until == date(2026, 2, 5)
    assert found.customers == {
        "华为技术": Purchases(3, 5.0, 5.0, 30.0),  # (70 − 10) / 2: the amount of 29 January is unknown, not zero
        "比亚迪, 汽车": Purchases(0, 0.0, 4.0, None),
    }
    assert not found.bad


def test_what_was_bought_after_the_last_day_watched_does_not_count():
    found = read_panel(PANEL.splitlines(), until=date(2026, 1, 7))

    assert found.customers == {"华为技术": Purchases(0, 0.0, 6 / 7, None)}


def test_a_line_a_customer_is_read_as_it_stands():
    found = read_panel(
        ["\ufeffcustomer,x,t_x,T,mean_value,note", "1,2,30.43,38.86,22.35,vip", "2,0,0,38.86,0", "3,1,9,9,"]
    )

    assert found.customers == {
        "1": Purchases(2, 30.43, 38.86, 22.35), "2": Purchases(0, 0, 38.86), "3": Purchases(1, 9, 9),
    }  # fmt: skip
    assert found.until is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1,1,2,3,4", "this customer has a line already"),
        (",1,2,3,4", "names no customer"),
        ("9,1.5,2,3,4", "x must be a whole number, 0 or more"),
        ("9,1,2,,4", "x, t_x and T must all be given"),
        ("9,1,4,3,4", "t_x must lie between 0 and T"),
        ("9,0,2,3,4", "without a repeat purchase (x = 0) t_x must be 0"),
        ("9,1,2,3,many", 'mean_value "many" is not a number'),
        ("9,nan,2,3,4", 'x "nan" is not a sensible number'),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_count(line, said):
    found = read_panel(["customer,x,t_x,T,mean_value", "1,1,2,3,4", line, "2,0,0,3,"])

    assert list(found.customers) == ["1", "2"]
    assert [(bad.line, bad.text.en) for bad in found.bad] == [(3, said)]


def test_a_day_that_is_none_is_named():
    found = read_panel(["customer,date,amount", "1,2026-02-30,5", "1,2026-02-01,5"])

    assert found.bad[0].text.en == 'date "2026-02-30" is not a date like 2026-12-01'
    assert found.customers["1"].x == 0


@pytest.mark.parametrize("lines", [[], ["1,2026-01-01,5"], ["customer,day,amount"]])
def test_without_known_columns_nothing_is_read(lines):
    with pytest.raises(NoPanel, match="the first line must name the columns"):
        read_panel(lines)
