"""Volume guards on what is written unattended: each holds its own rows, a person decides on exactly those."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kamsync.engine import auditing, holds
from kamsync.engine.cycle import cycle
from kamsync.engine.guarding import VOLUME
from kamsync.engine.views_status import status
from tests.engine.desk import BASIC, ROOT, WRITING, Desk

STREAMS = BASIC
STAYS_OPEN = True
LOW, HIGH = "KAM·三级及以下", "KAM·二级"


@pytest.fixture
def alone(each_desk: Desk) -> Desk:
    """A desk whose one connection writes by itself."""
    each_desk.writes["zoho"] = "on"
    return each_desk


@pytest.fixture
def quick(zoho_desk: Desk) -> Desk:
    """The same, on SQLite only."""
    zoho_desk.writes["zoho"] = "on"
    return zoho_desk


def _overdue(desk: Desk, count: int, start: int = 0, **more: Any) -> list[str]:
    return [desk.overdue(name=f"第{number}重型机械有限公司", **more) for number in range(start, start + count)]


def _held(desk: Desk) -> list[tuple[str, str, int, int]]:
    return [(hold["guard"], hold["subject"], hold["count"], hold["of"]) for hold in desk.holds]


def _tagged(desk: Desk, ids: list[str]) -> list[tuple[str, ...]]:
    return [desk.zoho.tags(id) for id in ids]


def test_a_rule_that_ran_away_is_held_alone_and_everything_else_goes_out(alone: Desk) -> None:
    alone.guards = {"surge_from": 2}
    ids = _overdue(alone, 3)

    done = alone.cycle(by_person=False)

    assert done.applied is not None
    assert done.applied.push.counts == {"applied": 3}
    assert (alone.our_tasks(), _tagged(alone, ids)) == ([], [(LOW,)] * 3)
    assert _held(alone) == [("rule", "R01", 3, 2)]


def test_what_is_usual_is_learned_from_thirty_days(quick: Desk) -> None:
    """Four a day, five days long: twelve are fine, thirteen are not."""
    quick.guards = {"surge_from": 4, "max_surge": 3, "max_per_owner": 100}
    for day in range(5):
        _overdue(quick, 4, start=100 * day)
        quick.cycle(by_person=False)
        quick.wait(days=1)
    made = len(quick.our_tasks())
    _overdue(quick, 13, start=1000)

    quick.cycle(by_person=False)

    assert (made, len(quick.our_tasks())) == (20, 20)
    assert _held(quick) == [("rule", "R01", 13, 12)]


def test_a_flood_that_comes_in_drops_is_one_all_the_same(quick: Desk) -> None:
    quick.guards = {"surge_from": 3}
    for turn in range(3):
        _overdue(quick, 2, start=10 * turn)
        quick.cycle(by_person=False)
        quick.wait(minutes=10)

    assert len(quick.our_tasks()) == 2
    assert _held(quick) == [("rule", "R01", 6, 3)]


def test_what_a_person_let_go_does_not_count_as_run_away(quick: Desk) -> None:
    quick.guards = {"surge_from": 2}
    _overdue(quick, 3)
    quick.cycle(by_person=False)
    holds.approve_verb(quick.workspace, quick.holds[0]["id"])
    quick.wait(minutes=10)
    _overdue(quick, 2, start=50)

    quick.cycle(by_person=False)

    assert (len(quick.our_tasks()), quick.holds) == (5, [])


def test_nobody_gets_more_tasks_a_day_than_a_person_can_do(quick: Desk) -> None:
    quick.guards = {"max_per_owner": 2}
    seller = quick.zoho.add("user", name="韩梅梅")
    _overdue(quick, 5, owner=seller)
    made = []

    for _ in range(3):
        quick.cycle(by_person=False)
        quick.cycle(by_person=False)
        made.append((len(quick.our_tasks()), _held(quick)))
        quick.wait(days=1)

    assert made == [(2, [("owner", seller, 5, 2)]), (4, [("owner", seller, 3, 2)]), (5, [])]


def test_a_new_policy_that_empties_a_tier_waits_for_a_person(quick: Desk) -> None:
    quick.guards = {"max_moved": "30%", "moved_from": 2}
    ids = [quick.zoho.add("account", name=f"第{number}电气有限公司", strategic=90) for number in range(4)]
    quick.cycle(by_person=False)
    quick.wait(days=1)
    for id in ids[:3]:
        quick.zoho.change("account", id, strategic=10)

    quick.cycle(by_person=False)

    assert _tagged(quick, ids) == [(HIGH,)] * 4
    [(guard, subject, *counts)] = _held(quick)
    assert (guard, subject in (LOW, HIGH), counts) == ("tier", True, [3, 2])


def test_too_large_a_share_of_the_customers_waits_for_a_person(quick: Desk) -> None:
    quick.guards = {"max_customers": 0.5, "customers_from": 2}
    first = [quick.zoho.add("account", name=f"第{number}电气有限公司") for number in range(2)]
    quick.cycle(by_person=False)
    second = [quick.zoho.add("account", name=f"第{number}化工有限公司") for number in range(3)]

    quick.cycle(by_person=False)

    assert (_tagged(quick, first), _tagged(quick, second)) == ([(LOW,)] * 2, [()] * 3)
    assert _held(quick) == [("customers", "plan", 3, 2)]


# ---- what a person decides


def _two_holds(desk: Desk) -> tuple[list[str], dict[str, int]]:
    """Three tasks wait for the rule, three tags for the run."""
    desk.guards = {"surge_from": 2, "max_writes": 2}
    ids = _overdue(desk, 3)
    desk.cycle(by_person=False)
    return ids, {hold["guard"]: hold["id"] for hold in desk.holds}


def test_approving_a_hold_lets_exactly_its_own_rows_go(alone: Desk) -> None:
    ids, by_guard = _two_holds(alone)

    holds.approve_verb(alone.workspace, by_guard["rule"])
    after_one = len(alone.our_tasks()), _tagged(alone, ids), _held(alone)
    holds.approve_verb(alone.workspace, by_guard["writes"])

    assert after_one == (3, [()] * 3, [("writes", "plan", 3, 2)])
    assert (_tagged(alone, ids), alone.holds) == ([(LOW,)] * 3, [])


def test_all_held_writes_can_be_approved_at_once(quick: Desk) -> None:
    ids, by_guard = _two_holds(quick)

    numbers = holds.held_writes(quick.workspace, "zoho")
    for number in numbers:
        holds.approve_verb(quick.workspace, number)

    assert set(numbers) == set(by_guard.values())
    assert (len(quick.our_tasks()), _tagged(quick, ids)) == (3, [(LOW,)] * 3)
    with pytest.raises(holds.NoSuchHold):
        holds.held_writes(quick.workspace)


def test_every_decision_is_in_the_trail_with_who_and_what(quick: Desk) -> None:
    _, by_guard = _two_holds(quick)
    quick.workspace.who = "wangfang"

    holds.approve_verb(quick.workspace, by_guard["rule"])

    [deed] = [row for row in auditing.export(quick.workspace) if row["deed"] == "hold.approved"]
    assert (deed["who"], deed["subject"]) == ("wangfang", str(by_guard["rule"]))
    assert deed["facts"] == {"guard": "rule", "connection": "zoho", "subject": "R01", "count": 3}


def test_a_person_who_applies_the_plan_lets_go_what_was_held_of_it(quick: Desk) -> None:
    ids, _ = _two_holds(quick)

    quick.apply(max(row["plan"] for row in quick.rows("change")))

    assert (len(quick.our_tasks()), _tagged(quick, ids), quick.holds) == (3, [(LOW,)] * 3, [])


def test_a_hold_that_was_approved_too_late_writes_nothing_that_nobody_wants(quick: Desk) -> None:
    ids, by_guard = _two_holds(quick)
    quick.wait(days=1)
    quick.zoho.change("account", ids[0], strategic=90)
    quick.pull()
    quick.judge()

    done = holds.approve_verb(quick.workspace, by_guard["writes"])

    assert done.applied is not None
    assert [why.en for _, why in done.applied.accepted.skipped] == ["what is wanted changed since the plan: plan again"]
    assert _tagged(quick, ids) == [(), (LOW,), (LOW,)]


# ---- how long a hold lasts


def test_a_hold_is_renewed_by_the_next_cycle_and_not_doubled(alone: Desk) -> None:
    _two_holds(alone)
    before = {hold["id"]: hold["made_at"] for hold in alone.holds}
    alone.wait(days=3)
    _overdue(alone, 1, start=70)

    alone.cycle(by_person=False)

    assert {hold["id"]: hold["made_at"] for hold in alone.holds} == before
    assert _held(alone) == [("rule", "R01", 4, 2), ("writes", "plan", 4, 2)]
    assert alone.calls(WRITING) == 0


def test_a_hold_never_expires_by_itself(quick: Desk) -> None:
    _two_holds(quick)
    since = quick.holds[0]["made_at"]
    for _ in range(4):
        quick.wait(days=30)
        quick.cycle(by_person=False)

    assert {hold["guard"] for hold in quick.holds} >= {"writes"}
    assert quick.workspace.clock.now() - since > timedelta(days=100)
    assert quick.calls(WRITING) == 0


def test_a_hold_is_over_when_its_cause_is(quick: Desk) -> None:
    """The admin raises the bar, or the rule wants no more: what is left goes out and nobody is asked any longer."""
    ids, _ = _two_holds(quick)
    quick.guards = {"surge_from": 2}
    quick.configure()

    quick.cycle(by_person=False)

    assert _tagged(quick, ids) == [(LOW,)] * 3
    assert _held(quick) == [("rule", "R01", 3, 2)]


def test_a_connection_that_is_away_keeps_its_holds(desk: Desk) -> None:
    desk.writes, desk.guards = {"zoho": "on", "fxiaoke": "on"}, {"max_writes": 1}
    for tenant, trade in ((desk.zoho, "电气"), (desk.fxiaoke, "化工")):
        for number in range(2):
            tenant.add("account", name=f"第{number}{trade}有限公司")
    desk.cycle(by_person=False)
    desk.guards = {}
    desk.configure()

    with desk.at_work() as (workspace, writer, ready, troubles):
        cycle(workspace, writer, {"zoho": ready["zoho"]}, troubles, desk.today)

    assert [hold["connection"] for hold in desk.holds] == ["fxiaoke"]


def test_many_full_days_are_one_line_of_the_status(quick: Desk) -> None:
    quick.guards = {"max_per_owner": 0}
    for number in range(4):
        _overdue(quick, 1, start=number, owner=quick.zoho.add("user", name=f"第{number}位"))
    quick.cycle(by_person=False)

    lines = [reason.text.en for reason in status(quick.workspace).reasons if reason.next == "kamsync hold list"]

    assert len(quick.holds) == 4
    assert [line.split(",")[0] for line in lines] == ["zoho: 4 holds (owner)"]


def test_every_guard_has_its_page_in_the_manual() -> None:
    page = (ROOT / "docs/guards.md").read_text("utf-8")

    assert [guard for guard in VOLUME if f"`{guard}`" not in page] == []
