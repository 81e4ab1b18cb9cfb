"""Guards: what may be written without a person, and who may write at all."""

from __future__ import annotations

import pytest

from kamsync.engine import holds
from kamsync.engine.accept import NoSuchPlan
from kamsync.engine.pull import pull
from kamsync.store import AlreadyWriting, LeaseLost, writing
from kamsync.testing.faults import Fault
from tests.engine.desk import PEOPLE, WRITING, Desk

STREAMS = PEOPLE
STAYS_OPEN = True
LOW = "KAM·三级及以下"


def _companies(desk: Desk, *names: str) -> list[str]:
    return [desk.zoho.add("account", name=f"{name}有限公司") for name in names]


def test_an_unattended_cycle_writes_where_it_may_and_only_there(desk: Desk) -> None:
    ours, theirs = (
        desk.zoho.add("account", name="安徽合力股份有限公司"),
        desk.fxiaoke.add("account", name="中国一拖集团有限公司"),
    )
    desk.writes = {"zoho": "plan", "fxiaoke": "on"}

    done = desk.cycle(by_person=False)

    assert {row["connection"] for row in done.plan.changes} == {"zoho", "fxiaoke"}
    assert (desk.zoho.tags(ours), desk.fxiaoke.tags(theirs)) == ((), (LOW,))


def test_a_new_connection_only_plans(desk: Desk) -> None:
    ours = desk.zoho.add("account", name="安徽合力股份有限公司")

    done = desk.cycle(by_person=False)

    assert (len(done.plan.changes), done.applied) == (1, None)
    assert (desk.calls(WRITING), desk.zoho.tags(ours)) == (0, ())


def test_a_connection_that_is_off_is_read_and_never_planned(desk: Desk) -> None:
    desk.writes["zoho"] = "off"
    ours = desk.zoho.add("account", name="安徽合力股份有限公司")
    theirs = desk.fxiaoke.add("account", name="安徽合力股份有限公司")

    done = desk.cycle()

    assert [row["connection"] for row in done.plan.changes] == ["fxiaoke"]
    assert (desk.zoho.tags(ours), desk.fxiaoke.tags(theirs)) == ((), (LOW,))


def test_a_plan_from_before_a_connection_was_switched_off_writes_nothing_there(zoho_desk: Desk) -> None:
    _companies(zoho_desk, "安徽合力")
    zoho_desk.pull()
    zoho_desk.judge()
    plan = zoho_desk.plan()
    zoho_desk.writes["zoho"] = "off"
    zoho_desk.configure()

    done = zoho_desk.apply(plan.id)

    assert [why.en for _, why in done.accepted.skipped] == ["this connection may not write (writes = off)"]
    assert zoho_desk.calls(WRITING) == 0


def test_what_was_accepted_before_a_connection_was_switched_off_stays_here(zoho_desk: Desk) -> None:
    """The quota was spent, so accepted rows were waiting; then the admin pulled the plug."""
    [id] = _companies(zoho_desk, "安徽合力")
    answer = zoho_desk.zoho.spent()
    zoho_desk.zoho.fault(
        Fault("answer", on=WRITING, times=-1, status=429, body=answer.wire()[0], headers=dict(answer.headers))
    )
    first = zoho_desk.cycle()
    zoho_desk.heal()
    zoho_desk.writes["zoho"] = "off"
    zoho_desk.configure()
    zoho_desk.wait(days=1)

    zoho_desk.apply(first.plan.id)

    assert list(zoho_desk.intents.values()) == ["planned"]
    assert zoho_desk.zoho.tags(id) == ()


def test_more_than_an_unattended_run_may_write_waits_for_a_person(each_desk: Desk) -> None:
    each_desk.writes["zoho"], each_desk.guards["max_writes"] = "on", 2
    _companies(each_desk, "安徽合力", "中国一拖", "福耀玻璃")

    done = each_desk.cycle(by_person=False)

    assert done.applied is not None
    assert (done.applied.accepted.keys, len(done.applied.accepted.held)) == ([], 3)
    assert each_desk.calls(WRITING) == 0
    [hold] = each_desk.holds
    assert (hold["guard"], hold["connection"], hold["count"], hold["of"]) == ("writes", "zoho", 3, 2)


def test_a_guard_on_one_connection_holds_back_no_other(desk: Desk) -> None:
    desk.writes, desk.guards["max_writes"] = {"zoho": "on", "fxiaoke": "on"}, 1
    _companies(desk, "安徽合力", "中国一拖")
    theirs = desk.fxiaoke.add("account", name="福耀玻璃工业集团股份有限公司")

    desk.cycle(by_person=False)

    assert (desk.fxiaoke.tags(theirs), [hold["connection"] for hold in desk.holds]) == ((LOW,), ["zoho"])


def test_approving_held_writes_sends_them_once(each_desk: Desk) -> None:
    each_desk.writes["zoho"], each_desk.guards["max_writes"] = "on", 2
    ids = _companies(each_desk, "安徽合力", "中国一拖", "福耀玻璃")
    each_desk.cycle(by_person=False)

    done = holds.approve_verb(each_desk.workspace, each_desk.holds[0]["id"])

    assert done.applied is not None
    assert done.applied.push.counts == {"applied": 3}
    assert [each_desk.zoho.tags(id) for id in ids] == [(LOW,)] * 3
    assert each_desk.holds == []


def test_held_writes_are_one_hold_however_often_the_daemon_comes_by(zoho_desk: Desk) -> None:
    zoho_desk.writes["zoho"], zoho_desk.guards["max_writes"] = "on", 2
    ids = _companies(zoho_desk, "安徽合力", "中国一拖", "福耀玻璃")
    zoho_desk.cycle(by_person=False)
    zoho_desk.cycle(by_person=False)
    [hold] = zoho_desk.holds

    holds.approve_verb(zoho_desk.workspace, hold["id"])

    assert [zoho_desk.zoho.tags(id) for id in ids] == [(LOW,)] * 3


def test_a_held_plan_that_a_person_applied_leaves_no_hold_behind(zoho_desk: Desk) -> None:
    zoho_desk.writes["zoho"], zoho_desk.guards["max_writes"] = "on", 2
    ids = _companies(zoho_desk, "安徽合力", "中国一拖", "福耀玻璃")
    zoho_desk.cycle(by_person=False)

    zoho_desk.cycle(by_person=True)
    zoho_desk.cycle(by_person=False)

    assert [zoho_desk.zoho.tags(id) for id in ids] == [(LOW,)] * 3
    assert zoho_desk.holds == []


def test_a_person_may_write_more_than_the_guard_lets_pass(zoho_desk: Desk) -> None:
    zoho_desk.guards["max_writes"] = 1
    ids = _companies(zoho_desk, "安徽合力", "中国一拖")

    zoho_desk.cycle(by_person=True)

    assert [zoho_desk.zoho.tags(id) for id in ids] == [(LOW,)] * 2


def test_a_plan_that_does_not_exist_is_named(zoho_desk: Desk) -> None:
    with pytest.raises(NoSuchPlan) as refused:
        zoho_desk.apply(77)

    assert (refused.value.exit_code, refused.value.next) == (2, "kamsync plan")
    assert "77" in str(refused.value)


def test_a_second_writer_is_refused_and_told_who_is_first(each_desk: Desk) -> None:
    with writing(each_desk.workspace.store), pytest.raises(AlreadyWriting) as refused:
        each_desk.pull()

    assert refused.value.exit_code == 3
    assert "pid" in str(refused.value)


def test_a_writer_that_was_overtaken_can_land_nothing(each_desk: Desk) -> None:
    """Its lease ran out while the machine slept; another took over."""
    each_desk.zoho.add("account", name="安徽合力股份有限公司")
    with each_desk.at_work() as (workspace, writer, ready, _):
        each_desk.overtake()

        with pytest.raises(LeaseLost):
            pull(workspace, writer, ready, {})

    assert each_desk.rows("raw") == []
