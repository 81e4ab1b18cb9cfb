"""Reconcile: tasks beside receipts; what people did stays theirs, what we made twice is closed, all of it adds up."""

from __future__ import annotations

from typing import Any

import pytest

from kamsync.engine.knowing import compare
from kamsync.engine.reconciling import Reckoning
from kamsync.engine.rows import to_write
from kamsync.plugin import Text, Unavailable
from kamsync.store.outbox import INTENT
from kamsync.testing.faults import Fault
from kamsync.testing.tenant import TrueTask
from tests.engine.desk import BASIC, Desk

STREAMS = BASIC
STAYS_OPEN = True
NAMES = ("安徽合力股份有限公司", "中国一拖集团有限公司", "福耀玻璃工业集团股份有限公司")


loose = pytest.mark.parametrize("task_desk", ["E2", "fxiaoke"], indirect=True)  # would take a second one with our key


def reminded(desk: Desk, many: int = 1) -> list[TrueTask]:
    """Reminders of ours are in the CRM, a day old; the oldest first."""
    for name in NAMES[:many]:
        desk.overdue(name=name)
    desk.cycle()
    desk.wait(days=1)
    return sorted(desk.our_tasks(), key=lambda task: task.id)


def reconcile(desk: Desk) -> Reckoning:
    with desk.at_work() as (workspace, writer, ready, _):
        told, troubles = compare(workspace, writer, ready.values())
    assert not troubles
    (one,) = told
    return one


def figures(told: Reckoning) -> dict[str, Any]:
    """Every figure that is not nought, without what it cost."""
    left_out = {"connection", "calls", "credits", "adds_up"}
    return {name: value for name, value in told.to_json().items() if value and name not in left_out}


def again(desk: Desk) -> str:
    """The same reminder goes out once more, as from a sender that slept through its lease; the new task's id."""
    (row,) = [row for row in desk.rows("intent") if row["kind"] == "task"]
    with desk.at_work() as (_, _, ready, _):
        writer = ready[desk.connections[0]].writer
        assert writer is not None
        (outcome,) = writer.write([to_write(row | {"payload": row["payload"] | {"target_name": NAMES[0]}})])
    return str(outcome.remote_id)


def roles(desk: Desk) -> dict[str, str]:
    return {row["remote_id"]: row["role"] for row in desk.rows("ours")}


# ---- what adds up


@pytest.mark.parametrize("task_desk", ["E3"], indirect=True)
def test_receipts_and_tasks_add_up_and_nothing_is_written(task_desk: Desk) -> None:
    reminded(task_desk, 2)
    task_desk.poison_writing()

    told = reconcile(task_desk)

    assert figures(told) == {"listed": 2, "receipts": 2, "found": 2}
    assert (told.adds_up, told.calls > 0) == (True, True)


@loose
def test_what_people_did_is_named_and_comes_back_in_no_cycle(task_desk: Desk) -> None:
    """One was ticked off, one deleted; both debts stand."""
    done, removed, left = reminded(task_desk, 3)
    task_desk.tenant.close_task(done.id)
    task_desk.tenant.remove_task(removed.id)

    told = reconcile(task_desk)
    twice = reconcile(task_desk)
    task_desk.cycle()

    assert figures(told) == figures(twice) == {"listed": 2, "receipts": 3, "found": 2, "removed": 1}
    assert told.adds_up
    assert {task.id for task in task_desk.our_tasks()} == {done.id, left.id}
    gone = next(row for row in task_desk.rows("intent") if row["written_id"] == removed.id)
    assert task_desk.receipts(gone["key"]) == ["applied", "removed"]


def test_a_task_that_nobody_may_see_any_more_is_told_until_it_is_seen(fxiaoke_desk: Desk) -> None:
    """An admin took a right away: that is no deletion."""
    (task,) = reminded(fxiaoke_desk)
    fxiaoke_desk.stays_open = None
    no_right = {"errorCode": 20014, "errorMessage": "no right"}
    fxiaoke_desk.tenant.remove_task(task.id)
    fxiaoke_desk.tenant.fault(Fault("answer", on="ScheduleObj.*get$|data/get$", times=-1, status=200, body=no_right))

    told = reconcile(fxiaoke_desk)
    said = [row["kind"] for row in fxiaoke_desk.rows("concern")]
    fxiaoke_desk.heal()
    healed = reconcile(fxiaoke_desk)

    assert (figures(told), told.adds_up) == ({"receipts": 1, "unseen": 1}, False)
    assert (said, fxiaoke_desk.rows("concern")) == (["receipts"], [])
    assert figures(healed) == {"receipts": 1, "removed": 1}


def test_a_marker_that_a_person_took_off_makes_the_task_theirs(zoho_desk: Desk) -> None:
    (task,) = reminded(zoho_desk)
    zoho_desk.zoho.org.must(task.id).body["Kamsync_Key"] = None

    told = reconcile(zoho_desk)
    zoho_desk.cycle()

    assert figures(told) == {"receipts": 1, "unmarked": 1}
    assert len(list(zoho_desk.zoho.tasks())) == 1


# ---- twice


@loose
def test_a_copy_by_a_person_is_theirs_and_told_once(task_desk: Desk) -> None:
    (task,) = reminded(task_desk)
    copy = task_desk.tenant.copy_task(task.id)
    heard: list[str] = []
    task_desk.workspace.say = lambda event, **_: heard.append(event)

    told, twice = reconcile(task_desk), reconcile(task_desk)
    task_desk.cycle()

    assert figures(told) == figures(twice) == {"listed": 2, "receipts": 1, "found": 1, "copies": 1}
    assert heard.count("reconcile.copy") == 1
    assert roles(task_desk)[copy] == "copy"
    assert [(each.done, each.subject) for each in task_desk.our_tasks()] == [(False, task.subject)] * 2


@loose
def test_what_we_made_twice_is_closed_by_the_next_plan_and_once(task_desk: Desk) -> None:
    (task,) = reminded(task_desk)
    second = again(task_desk)

    told = reconcile(task_desk)
    task_desk.cycle()
    after = reconcile(task_desk)
    quiet = task_desk.cycle()

    assert figures(told) == {"listed": 2, "receipts": 1, "found": 1, "spares": 1}
    assert {each.id: each.done for each in task_desk.our_tasks()} == {task.id: False, second: True}
    assert (figures(after), after.adds_up) == ({"listed": 2, "receipts": 1, "found": 1}, True)
    assert quiet.plan.changes == []
    closing = [row for row in task_desk.rows("intent") if row["kind"] == "task_change"]
    assert [(row["payload"]["task"], row["state"]) for row in closing] == [(second, "done")]


@loose
def test_of_two_the_one_that_a_person_touched_stays(task_desk: Desk) -> None:
    (task,) = reminded(task_desk)
    second = again(task_desk)
    task_desk.wait(minutes=5)
    task_desk.tenant.reword_task(second, "已约好下周三")

    reconcile(task_desk)
    task_desk.cycle()

    now = {each.id: (each.done, each.subject) for each in task_desk.our_tasks()}
    assert now == {task.id: (True, task.subject), second: (False, "已约好下周三")}


@loose
def test_two_that_people_changed_are_theirs_to_choose_from(task_desk: Desk) -> None:
    (task,) = reminded(task_desk)
    second = again(task_desk)
    task_desk.wait(minutes=5)
    for id in (task.id, second):
        task_desk.tenant.reword_task(id, "已约好下周三")
    before = task_desk.our_tasks()
    task_desk.poison_writing()

    told = reconcile(task_desk)
    task_desk.cycle()
    said = [row["kind"] for row in task_desk.rows("concern")]
    task_desk.heal()
    task_desk.tenant.remove_task(second)
    after = reconcile(task_desk)

    assert (told.unclear, said) == (1, ["doubles"])
    assert after.unclear == 0
    assert task_desk.rows("concern") == []
    assert [each for each in before if each.id == task.id] == task_desk.our_tasks()


@loose
def test_one_that_a_person_touches_after_it_was_found_spare_is_left_alone(task_desk: Desk) -> None:
    reminded(task_desk)
    second = again(task_desk)
    reconcile(task_desk)
    task_desk.wait(minutes=5)
    task_desk.tenant.reword_task(second, "已约好下周三")

    done = task_desk.cycle()

    assert done.plan.changes == []
    assert [each.done for each in task_desk.our_tasks()] == [False, False]


# ---- when, and what it may use


def test_a_day_brings_one_comparison_and_a_crash_another(zoho_desk: Desk) -> None:
    reminded(zoho_desk)

    def runs() -> int:
        return sum(row["kind"] == "reconcile" for row in zoho_desk.rows("run"))

    first = runs()
    zoho_desk.cycle()
    daily = runs()
    zoho_desk.cycle()
    same_day = runs()
    intent = next(row for row in zoho_desk.rows("intent") if row["kind"] == "tags")
    with zoho_desk.workspace.store.write() as tx:
        tx.execute(INTENT.update().where(INTENT.c.id == intent["id"]).values(state="sending", epoch=1))
    zoho_desk.cycle()

    assert (first, daily, same_day, runs()) == (1, 2, 2, 3)


def test_a_comparison_that_fails_today_keeps_no_reminder_back(zoho_desk: Desk) -> None:
    """Only what is new is asked for before a reminder is made; the rest of the list can wait for better days."""
    reminded(zoho_desk)
    zoho_desk.overdue(name="三一重工股份有限公司")

    with zoho_desk.at_work() as (_, _, ready, _):
        session: Any = ready["zoho"].session
    ours = session.ours

    def partly(since: Any) -> Any:
        if since is None:
            raise Unavailable(Text("今天不行", "not today"))
        return ours(since)

    session.ours = partly
    done = zoho_desk.cycle()

    assert (len(zoho_desk.our_tasks()), done.plan.troubles) == (2, {})
    assert [row["verdict"] for row in zoho_desk.rows("run") if row["kind"] == "reconcile"] == ["ok", "degraded"]


def test_no_reminder_is_made_where_the_tasks_that_are_there_cannot_be_listed(zoho_desk: Desk) -> None:
    reminded(zoho_desk)
    zoho_desk.overdue(name="三一重工股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge()
    plan = zoho_desk.plan()
    zoho_desk.hide("Tasks")

    done = zoho_desk.apply(plan.id)

    assert [row["kind"] for row, _ in done.accepted.skipped] == ["task"]
    assert list(done.push.troubles) == ["zoho"]
    assert len(zoho_desk.our_tasks()) == 1
