"""One person, many records; and who has gone from one customer to another: never by a number alone."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from kamsync.rules.people import are_one, moves, persons

_NUMBER = count(1)


def contact(name: str, connection: str = "zoho", account: str = "A", on: int = 1, **given: Any) -> dict[str, Any]:
    """A contact record, last changed on that day of March."""
    usual = {"title": None, "mobile": None, "email": None, "decision_role": None, "left_company": None, "left_on": None}
    key = {"connection": connection, "stream": "contacts", "remote_id": str(next(_NUMBER))}
    changed = datetime(2026, 3, on, tzinfo=UTC)
    return key | usual | {"account_id": account, "name": name, "modified_at": changed} | given


@pytest.mark.parametrize(
    ("ours", "theirs", "one"),
    [
        (contact("李雷", mobile="138 1724 6035"), contact("李雷", "fxiaoke", mobile="+8613817246035"), True),
        (contact("李雷", mobile="13817246035"), contact("Li Lei", "fxiaoke", mobile="13817246035"), True),
        (contact("李雷", email="LiLei@a.cn"), contact("Lei Li", "fxiaoke", email="lilei@a.cn"), True),
        (contact("李经理", mobile="13817246035"), contact("李雷", "fxiaoke", mobile="13817246035"), True),
        (contact("李雷"), contact("李雷", "fxiaoke"), True),
        (contact("欧阳修"), contact("Ouyang Xiu", "fxiaoke"), True),
        (contact("李雷"), contact("李雷"), False),
        (contact("李雷", mobile="13817246035"), contact("韩梅梅", "fxiaoke", mobile="13817246035"), False),
        (contact("李经理"), contact("李雷", "fxiaoke"), False),
        (contact("李雷", mobile="13817246035"), contact("李雷", "fxiaoke", mobile="13926604183"), False),
        (contact("", mobile="13817246035"), contact("李雷", "fxiaoke", mobile="13817246035"), False),
    ],
)
def test_two_records_are_one_person_or_two(ours: dict[str, Any], theirs: dict[str, Any], one: bool) -> None:
    assert are_one(ours, theirs) is are_one(theirs, ours) is one


def test_a_person_is_known_by_all_their_records() -> None:
    rows = [
        contact("Li Lei", on=1, email="lilei@a.cn", decision_role="decision_maker"),
        contact("李雷", "fxiaoke", on=2, email="lilei@a.cn", mobile="13817246035"),
        contact("李总", on=3, mobile="13817246035", left_company=True),
        contact("韩梅梅"),
    ]

    found = persons(rows)

    assert [(one.name, len(one.records), one.role, one.left) for one in found] == [
        ("李雷", 3, "decision_maker", True),
        ("韩梅梅", 1, None, None),
    ]


def test_who_is_found_at_another_customer_has_moved_there_with_the_newer_record() -> None:
    old, new = contact("李雷", on=1, mobile="13817246035"), contact("李雷", account="B", on=5, mobile="138-1724-6035")

    found = list(moves([new, old]))

    assert [(one.old, one.new, one.by, one.noted) for one in found] == [(old, new, "+8613817246035", False)]


def test_the_record_that_says_they_left_is_the_old_one_however_new_it_is() -> None:
    old = contact("李雷", on=9, mobile="13817246035", left_company=True)
    new = contact("Li Lei", account="B", on=1, mobile="13817246035")

    assert [(one.old, one.noted) for one in moves([old, new])] == [(old, True)]


def test_a_number_of_many_or_of_another_name_moves_nobody() -> None:
    shared = [contact("李雷", account=account, mobile="13817246035") for account in "ABCD"]
    strangers = [contact("李雷", mobile="13926604183"), contact("韩梅梅", account="B", mobile="13926604183")]

    assert list(moves([*shared, *strangers])) == []
