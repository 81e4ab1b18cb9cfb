"""Whose turn it is today."""

from __future__ import annotations

from datetime import date

from kamsync.rules.pacing import Waiting, turns

WANG = ("zoho", "u1")


def waiting(key: str, priority: str = "medium", due: str = "2026-03-04", owner: object = WANG) -> Waiting:
    return Waiting(key, owner, priority, date.fromisoformat(due), date(2026, 3, 2))


def test_as_many_as_a_day_may_bring_all_go():
    found = turns([waiting(f"d{n:02}") for n in range(15)], 15, {})

    assert (len(found.now), found.later) == (15, {})


def test_beyond_that_the_digest_takes_a_place_and_the_least_pressing_wait():
    many = [waiting(f"d{n:02}", due=f"2026-03-{n + 4:02}") for n in range(16)]

    found = turns(list(reversed(many)), 15, {})

    assert found.now == {one.key for one in many[:14]}
    assert found.later == {WANG: ("d14", "d15")}


def test_a_high_one_goes_before_a_medium_one_and_an_urgent_one_takes_no_place():
    some = [
        waiting("m", due="2026-03-03"),
        waiting("h", "high"),
        waiting("l", "low"),
        *(waiting(f"u{n}", "urgent") for n in range(9)),
    ]

    found = turns(some, 2, {})

    assert found.now == {"h", *(f"u{n}" for n in range(9))}
    assert found.later == {WANG: ("m", "l")}


def test_what_an_owner_got_today_counts_and_each_owner_has_a_day_of_his_own():
    li = ("fxiaoke", "u1")

    found = turns([waiting("a"), waiting("b"), waiting("c", owner=li)], 3, {WANG: 2})

    assert found.now == {"c"}
    assert found.later == {WANG: ("a", "b")}
    assert turns([waiting("a")], 3, {WANG: 2}).now == {"a"}


def test_no_limit_lets_everything_go():
    assert len(turns([waiting(f"d{n:02}") for n in range(99)], 0, {}).now) == 99
