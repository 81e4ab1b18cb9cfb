"""Codes and texts evened on the way in, and what happens to a value that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kamsync.mapping import Notes, Rejection
from kamsync.model import Money
from kamsync.plugin.document import Problems
from tests.mapping.conftest import small

Read = Callable[..., Any]
GOOD, WRONG = "91440606123456788U", "91310115MA1K3ABC0D"  # the second one's GB 32100 digit does not hold


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        ('uscc = "X"', "９１４４０６０６ 12345678-8u", GOOD),
        ('uscc = { from = "X", as = "text" }', " 914406 ", "914406"),
        ('region = ["X", "Y"]', "江苏省", "320000"),
        ('industry_code = "X"', "汽车制造业", "C36"),
        ('domain = "X"', "https://www.huawei.com/cn/", "huawei.com"),
        ('domain = "X"', "lilei@qq.com", None),
        ('phone = { from = "X", country = "HK" }', "2123 4567", "+85221234567"),
        ('phone = "X"', "88886666", "88886666"),
        ('industry = { from = "X", norm = ["half", "spaces", "upper"] }', " Ａｂ　　（汽车） ", "AB (汽车)"),
        ('industry = { from = "X", norm = "simplified" }', "汽車製造", "汽车制造"),
        ('wallet = "X"', "约1.2亿元", Money(12_000_000_000, "CNY", 12_000_000_000)),
        ('wallet = "X"', "３５０万", Money(350_000_000, "CNY", 350_000_000)),
        ('wallet = "X"', "¥1,234.5 万元左右", Money(1_234_500_000, "CNY", 1_234_500_000)),
        ('wallet = { from = "X", scale = 10000 }', "350万", Money(350_000_000, "CNY", 350_000_000)),
        ('wallet = { from = "X", scale = 10000 }', "350", Money(350_000_000, "CNY", 350_000_000)),
        ('employees = "X"', "1.2万", 12_000),
    ],
)
def test_a_value_is_evened_as_its_kind_asks(read: Read, field: str, raw: object, value: Any) -> None:
    notes = Notes()

    assert read("account", field, {"X": raw}, notes) == value
    assert notes.odd == []


@pytest.mark.parametrize("raw", ["50-100万", "一些", "1万2千", "0x10", "¥", "万"])
def test_what_is_no_clear_amount_is_not_guessed(read: Read, raw: str) -> None:
    got = read("account", 'wallet = "X"', {"X": raw})

    assert got is None or isinstance(got, Rejection)


@pytest.mark.parametrize(
    ("field", "raw", "value", "noted"),
    [
        ('uscc = "X"', WRONG, WRONG, True),
        ('uscc = { from = "X", unknown = "default" }', WRONG, None, True),
        ('uscc = { from = "X", unknown = "ignore" }', WRONG, None, False),
        ('industry_code = "X"', "炼金术", None, False),
        ('industry_code = { from = "X", unknown = "default", default = "T" }', "炼金术", "T", True),
        ('region = { from = ["X"], unknown = "default" }', "火星", None, True),
        ('since = { from = "X", unknown = "default" }', "待定", None, True),
        ('since = { from = "X", unknown = "ignore" }', "待定", None, False),
        ('wallet = { from = "X", unknown = "default" }', "面议", None, True),
        ('employees = { from = ["X", "Y"], unknown = "ignore", default = 5 }', "几百", 5, False),
    ],
)
def test_what_does_not_fit_is_dealt_with_as_the_mapping_says(
    read: Read, field: str, raw: str, value: Any, noted: bool
) -> None:
    notes = Notes()

    assert read("account", field, {"X": raw}, notes) == value
    assert bool(notes.odd) == noted


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        ('uscc = { from = "X", unknown = "reject" }', WRONG),
        ('industry_code = { from = "X", unknown = "reject" }', "炼金术"),
        ('region = { from = ["X"], unknown = "reject" }', "火星"),
        ('phone = { from = "X", unknown = "reject" }', "见备注"),
        ('phone = { from = "X", unknown = "reject" }', "88886666"),
        ('since = "X"', "待定"),
    ],
)
def test_a_field_can_set_its_record_aside(read: Read, field: str, raw: str) -> None:
    refused = read("account", field, {"X": raw})

    assert isinstance(refused, Rejection)
    assert refused.field == field.split(" ")[0]


@pytest.mark.parametrize(
    ("line", "key", "said"),
    [
        ('uscc = { from = "X", unknown = "kep" }', "things.fields.uscc.unknown", 'did you mean "keep"?'),
        ('region = { from = ["X"], unknown = "keep" }', "things.fields.region.unknown",
         "choices: ignore, default, reject"),
        ('industry = { from = "X", norm = ["haf"] }', "things.fields.industry.norm", 'did you mean "half"?'),
        ('phone = { from = "X", country = "China" }', "things.fields.phone.country", 'write it like "CN" or "HK"'),
        ('wallet = { from = "X", currency = "yuan" }', "things.fields.wallet.currency", 'write it like "CNY" or "USD"'),
        ('wallet = { from = "X", class = "public" }', "things.fields.wallet.class", "it can only be made stricter"),
        ('wallet = { from = "X", class = "sensitiv" }', "things.fields.wallet.class", 'did you mean "sensitive"?'),
        ('wallet = { from = "X", purpose = "valu" }', "things.fields.wallet.purpose", 'did you mean "value"?'),
        ('phone = { from = "X", lunar = true }', "things.fields.phone.lunar",
         "keys: from, formula, as, default, unknown, country, class, purpose"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_fields_keys_is_named_with_a_way_out(line: str, key: str, said: str) -> None:
    with pytest.raises(Problems) as refused:
        small("account", line)

    (problem,) = refused.value.problems
    assert (problem.line, problem.key, problem.hint and problem.hint.en) == (6, key, said)


def test_a_field_says_who_may_see_it_and_what_for_it_is_held() -> None:
    mapping = small("account", 'goals = { from = "X", class = "sensitive", purpose = "trade" }')

    assert (mapping.privacy("things", "goals"), mapping.purpose("things", "goals")) == ("sensitive", "trade")
    assert (mapping.privacy("things", "name"), mapping.purpose("things", "name")) == ("internal", "identity")
    assert mapping.privacy("things", "wallet") == "sensitive"


def test_a_birthday_takes_its_calendar_from_a_field_of_its_own(read: Read) -> None:
    field = 'birthday = { from = "X", lunar_from = "C" }'

    lunar, solar = (read("contact", field, {"X": "1985-08-15", "C": said}) for said in ("农历", "公历"))

    assert (lunar.lunar, lunar.month, lunar.day) == (True, 8, 15)
    assert (solar.lunar, solar.month, solar.day) == (False, 8, 15)
