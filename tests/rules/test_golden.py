"""Which of several values a file shows, by which criterion, and which of them cannot all be true."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kamsync.model import Account
from kamsync.rules.golden import FIELDS, Survivorship, conflicts, every, golden
from kamsync.store.entities import row_of

HOW = Survivorship(prefer=("zoho", "fxiaoke"))
GOOD_CODE, BAD_CODE = "914403001922038216", "914403001922038217"


def record(connection: str = "zoho", on: int = 1, **fields: Any) -> dict[str, Any]:
    """A member row as the store gives it, last changed on that day of March."""
    account = Account(**({"name": "华新水泥股份有限公司"} | fields))
    key = {"connection": connection, "stream": "accounts", "remote_id": f"{connection}{on}"}
    return key | row_of("account", account) | {"modified_at": datetime(2026, 3, on, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("name", "ours", "theirs", "shown", "why"),
    [
        ("name", {"name": "华新水泥"}, {"name": "华新水泥股份有限公司"}, "华新水泥股份有限公司", "complete"),
        ("name", {"name": "华新水泥股份公司"}, {"name": "华新水泥 股份公司(老客户)"}, "华新水泥股份公司", "complete"),
        ("uscc", {"uscc": BAD_CODE}, {"uscc": GOOD_CODE}, GOOD_CODE, "verified"),
        ("phone", {"phone": "027-87773898"}, {"phone": "027-87773000"}, "027-87773000", "newest"),
        ("size", {"size": "大"}, {}, "大", "only"),
        ("size", {"size": "大"}, {"size": "大"}, "大", "agreed"),
        ("since", {"since": date(2019, 3, 1)}, {"since": date(2015, 1, 1)}, date(2015, 1, 1), "earliest"),
        ("blacklisted", {"blacklisted": True}, {"blacklisted": False}, True, "any"),
        ("rating", {"rating": "A"}, {"rating": "C"}, "A", "preferred"),
        ("strategic", {"strategic": 90, "strategic_date": date(2026, 2, 1)},
         {"strategic": 40, "strategic_date": date(2025, 2, 1)}, 90, "dated"),
        ("address", {"city": "黄石", "address": "港口路 1 号"}, {"city": "武汉"}, "港口路 1 号", "complete"),
    ],
)  # fmt: skip
def test_the_value_that_survives_and_why(name: str, ours: Any, theirs: Any, shown: Any, why: str) -> None:
    """Ours is of the preferred connection and older."""
    rows = [record("zoho", 1, **ours), record("fxiaoke", 2, **theirs)]

    found = golden(name, rows, HOW)

    assert found is not None
    assert (found.value, found.why) == (shown, why)
    assert golden(name, rows[::-1], HOW) == found


def test_what_a_person_confirmed_later_wins_over_what_is_newer() -> None:
    confirmed = record("zoho", 1, size="中", verified_at=datetime(2026, 2, 1, tzinfo=UTC))

    found = golden("size", [confirmed, record("fxiaoke", 2, size="大")], HOW)

    assert found is not None
    assert (found.value, found.why) == ("中", "verified")
    assert found.told.source.member.connection == "zoho"
    assert found.told.source.modified_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_the_parts_of_an_address_come_from_one_record() -> None:
    whole = record("zoho", 1, province="湖北", city="黄石", address="港口路 1 号")

    found = golden("address", [whole, record("fxiaoke", 2, province="广东", region="440300")], HOW)

    assert found is not None
    assert found.told.values["region"] is None
    assert found.told.values["city"] == "黄石"


def test_a_field_may_have_an_order_of_its_own() -> None:
    how = Survivorship(fields={"phone": ("preferred",)}, prefer=("zoho", "fxiaoke"))

    found = golden("phone", [record("zoho", 1, phone="027-87773898"), record("fxiaoke", 2, phone="027-87773000")], how)

    assert found is not None
    assert (found.value, found.why) == ("027-87773898", "preferred")


def test_only_what_cannot_all_be_true_is_a_conflict() -> None:
    rows = [
        record("zoho", 1, phone="027-87773898", city="黄石", employees=1000, industry="水泥"),
        record("fxiaoke", 2, name="华新水泥", phone="+86 27 8777 3898", city="湖北省黄石市", employees=1100),
    ]
    others = [
        record("zoho", 1, phone="027-87773898", city="黄石", employees=1000, industry="水泥"),
        record("fxiaoke", 2, name="湖北宏源电缆制造有限公司", phone="027-87773000", city="武汉", employees=3000),
    ]

    assert list(conflicts(rows, HOW)) == []
    assert [found.name for found in conflicts(others, HOW)] == ["name", "phone", "employees", "address"]


def test_money_of_which_no_rate_is_known_stands_behind() -> None:
    known = record("zoho", 1) | {"wallet_minor": 100, "wallet_currency": "CNY", "wallet_base": 100}
    strange = record("fxiaoke", 2, wallet_date=date(2026, 3, 1))
    strange |= {"wallet_minor": 900, "wallet_currency": "XAG", "wallet_base": None}

    found = golden("wallet", [known, strange], HOW)

    assert found is not None
    assert found.value == 100


def test_every_field_has_one_value_at_most_and_none_is_made_up() -> None:
    rows = [record("zoho", 1, phone="027-87773898"), record("fxiaoke", 2, size="大")]

    found = [one.name for one in every(rows, HOW)]

    assert set(found) == {"name", "phone", "size"}
    assert "city" not in FIELDS
