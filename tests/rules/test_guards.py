"""What is too much at once: each guard holds its own rows, the narrowest first, and the rest may go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kamsync.rules.guards import Limits, Stop, Usual, Wish, stops

EASY = Limits(
    writes=1000,
    customers=1.0,
    customers_from=1000,
    per_owner=1000,
    moved=1.0,
    moved_from=1000,
    surge=3,
    surge_from=1000,
)
VIP, KEY, NEW = "KAM·VIP", "KAM·重点", "KAM·普通"


def _tasks(count: int, rule: str = "R01", owner: str | None = "王芳", **more: Any) -> list[Wish]:
    return [Wish(f"task:{rule}|{owner}{n}", "zoho", f"客户{rule}{owner}{n}", rule=rule, owner=owner, **more)
            for n in range(count)]  # fmt: skip


def _moves(count: int, was: str | None, becomes: str | None) -> list[Wish]:
    return [Wish(f"tags:{was}>{becomes}:{n}", "zoho", f"客户{was}{becomes}{n}", was=was, becomes=becomes)
            for n in range(count)]  # fmt: skip


def _told(found: list[Stop]) -> list[tuple[str, str, int, int, int]]:
    return [(one.guard, one.subject, one.count, one.of, len(one.keys)) for one in found]


@pytest.mark.parametrize(
    ("days", "before", "wants", "held"),
    [
        ((), 0, 50, False),
        ((), 0, 51, True),
        ((), 41, 10, True),  # a drop at a time is a flood all the same
        ((20, 30, 40), 0, 90, False),
        ((20, 30, 40), 0, 91, True),
        ((20, 30, 9000), 0, 91, True),  # one mad day is not usual
    ],
)
def test_a_rule_may_want_three_times_its_usual_day(days: tuple[int, ...], before: int, wants: int, held: bool) -> None:
    usual = Usual(days={("zoho", "R01"): days}, by_rule={("zoho", "R01"): before})

    found = stops(_tasks(wants), replace(EASY, surge_from=50), usual)

    assert [(one.guard, one.count) for one in found] == ([("rule", before + wants)] if held else [])


def test_a_rule_that_ran_away_holds_its_own_rows_only() -> None:
    calm, mad, tags = _tasks(4, "R08"), _tasks(50_000, "R01"), _moves(3, None, VIP)

    found = stops([*calm, *mad, *tags], replace(EASY, surge_from=50, writes=10), Usual())

    assert _told(found) == [("rule", "R01", 50_000, 50, 50_000)]
    assert {key for one in found for key in one.keys} == {one.key for one in mad}


def test_a_tier_that_comes_apart_at_once_waits_and_the_others_move() -> None:
    usual = Usual(tagged={("zoho", VIP): 20, ("zoho", KEY): 80, ("zoho", NEW): 900})
    out, few = _moves(12, VIP, NEW), _moves(5, KEY, NEW)

    found = stops([*out, *few, *_moves(40, None, NEW)], replace(EASY, moved=0.3, moved_from=10), usual)

    assert _told(found) == [("tier", VIP, 12, 10, 12)]
    assert found[0].keys == tuple(one.key for one in out)


def test_who_would_leave_a_tier_is_held_by_the_tier_that_suffers_most() -> None:
    usual = Usual(tagged={("zoho", VIP): 20, ("zoho", KEY): 1000})

    found = stops([*_moves(12, VIP, KEY), *_moves(30, KEY, None)], replace(EASY, moved=0.3, moved_from=10), usual)

    assert _told(found) == [("tier", VIP, 12, 10, 12)]


def test_a_first_tag_is_no_move() -> None:
    assert stops(_moves(900, None, VIP), replace(EASY, moved=0, moved_from=0), Usual()) == []


def test_an_owner_gets_the_most_pressing_tasks_of_the_day_and_urgent_ones_besides() -> None:
    wishes = [
        *_tasks(3, "R02", pressing=(3, "2026-03-02")),
        *_tasks(2, "R08", pressing=(1, "2026-03-09")),
        *_tasks(5, "R12", urgent=True),
        *_tasks(9, "R01", owner="李雷"),
        *_tasks(4, "R28", owner=None),
    ]

    found = stops(wishes, replace(EASY, per_owner=9), Usual(by_owner={("zoho", "王芳"): 6}))

    assert _told(found) == [("owner", "王芳", 11, 9, 2)]
    assert set(found[0].keys) == {one.key for one in wishes[1:3]}


def test_too_large_a_share_of_the_customers_is_asked_about_first() -> None:
    usual = Usual(customers={"zoho": 400})
    limits = replace(EASY, customers=0.25, customers_from=50)

    fine = stops(_moves(100, None, VIP), limits, usual)
    found = stops(_moves(101, None, VIP), limits, usual)

    assert (fine, _told(found)) == ([], [("customers", "plan", 101, 100, 101)])


def test_a_few_customers_may_be_all_there_are() -> None:
    assert (
        stops(_moves(50, None, VIP), replace(EASY, customers=0.1, customers_from=50), Usual(customers={"zoho": 50}))
        == []
    )


def test_what_other_guards_hold_does_not_count_for_the_run() -> None:
    wishes = [*_tasks(60), *_moves(10, None, VIP)]

    assert _told(stops(wishes, replace(EASY, surge_from=50, writes=10), Usual())) == [("rule", "R01", 60, 50, 60)]
    assert _told(stops(wishes, replace(EASY, writes=69), Usual())) == [("writes", "plan", 70, 69, 70)]


def test_connections_are_counted_apart() -> None:
    there = [replace(one, connection="fxiaoke") for one in _tasks(40)]

    found = stops([*_tasks(40), *there, *_tasks(11, "R08")], replace(EASY, surge_from=40, writes=50), Usual())

    assert [(one.guard, one.connection) for one in found] == [("writes", "zoho")]


def test_every_hold_says_in_both_languages_what_is_usual_and_what_may_go() -> None:
    usual = Usual(days={("zoho", "R01"): [12]}, names={("zoho", "7"): "王芳"})
    [rule] = stops(_tasks(51), replace(EASY, surge_from=50), usual)
    [owner] = stops(_tasks(2, owner="7"), replace(EASY, per_owner=1), usual)

    assert rule.text.zh == "zoho:规则 R01 今天要建 51 个任务,平日 12 个;超过 50 个须有人确认"
    assert rule.text.en == ("zoho: rule R01 wants 51 tasks today, 12 on a usual day; more than 50 wait for a person")
    assert owner.text.en == "zoho: 王芳 would get 2 new tasks today, 1 a day go out; the other 1 wait"
