"""A reminder whose cause is gone is closed, if nobody touched it; what is not known is never gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from kamsync.engine.cycle import Cycle
from kamsync.testing.faults import Fault
from tests.engine.desk import BASIC, THREE_RULES, WRITING, Desk, when

STREAMS = BASIC | {"invoices"}
STAYS_OPEN = True
GONE = "its cause is gone, and nobody touched the task"
LATER = "a later reminder took its place, and nobody touched this one"
BACK = "its cause is back: opened again"


def _reminded(desk: Desk) -> str:
    """A customer out of touch, and the reminder of it; a quarter of an hour ago."""
    id = desk.overdue()
    desk.cycle()
    desk.wait(minutes=15)
    return id


def _met(desk: Desk, id: str) -> str:
    return desk.tenant.add("activity", kind="visit", about=id, at=desk.clock.now() - timedelta(hours=1))


def _changes(done: Cycle) -> list[str]:
    return [row["en"] for row in done.plan.changes if row["kind"] == "task_change"]


def _states(desk: Desk) -> list[bool]:
    return [task.done for task in desk.our_tasks()]


def _rules(desk: Desk, edit: Callable[[str], str]) -> None:
    path = desk.folder / "reminders.toml"
    path.write_text(edit(THREE_RULES.read_text("utf-8")), "utf-8")
    desk.policy["reminders"] = str(path)
    desk.configure()


def _without(rule: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        blocks = re.split(r"(?m)^(?=\[R\d\d)", text)
        return "".join(block for block in blocks if not block.startswith(f"[{rule}"))

    return edit


# ---- closed


def test_a_contact_closes_the_reminder_that_asked_for_it_once(task_desk: Desk) -> None:
    id = _reminded(task_desk)
    _met(task_desk, id)

    done = task_desk.cycle()
    closed = _states(task_desk)
    task_desk.wait(days=1)
    task_desk.poison_writing()
    quiet = task_desk.cycle()

    assert (_changes(done), closed) == ([GONE], [True])
    assert (quiet.plan.changes, quiet.plan.troubles) == ([], {})


def test_a_longer_cadence_closes_what_only_the_shorter_one_asked_for(task_desk: Desk) -> None:
    _reminded(task_desk)
    _rules(task_desk, lambda text: text.replace("[R01]", "[R01]\nevery = [365, 365, 365]"))

    done = task_desk.cycle()

    assert (_changes(done), _states(task_desk)) == ([GONE], [True])


def test_a_paid_receivable_closes_its_reminder(fxiaoke_desk: Desk) -> None:
    account = fxiaoke_desk.fxiaoke.add("account", name="中国一拖集团有限公司")
    invoice = fxiaoke_desk.fxiaoke.add("invoice", account=account, amount=300, due=when("2026-02-20").date())
    fxiaoke_desk.cycle()
    fxiaoke_desk.wait(minutes=15)
    fxiaoke_desk.fxiaoke.change("invoice", invoice, paid_amount=300)

    done = fxiaoke_desk.cycle()

    assert (_changes(done), _states(fxiaoke_desk)) == ([GONE], [True])


def test_a_later_stage_closes_the_earlier_once_its_own_task_is_there(task_desk: Desk) -> None:
    _reminded(task_desk)
    task_desk.wait(days=85)
    task_desk.pull()
    task_desk.judge()
    task_desk.tenant.fault(Fault("answer", on=WRITING, times=-1, status=500, body="{}"))
    blocked = task_desk.cycle()
    task_desk.heal()
    task_desk.wait(days=1)
    made = task_desk.cycle()
    closed = task_desk.cycle()

    assert _changes(blocked) == _changes(made) == []
    assert _changes(closed) == [LATER]
    assert sorted((task.due or "", task.done) for task in task_desk.our_tasks())[0][1] is True
    assert sorted(_states(task_desk)) == [False, True]


# ---- left alone


@pytest.mark.parametrize("act", ["reword", "reassign", "complete", "throw away"])
def test_a_reminder_that_somebody_touched_is_theirs_and_asked_for_once(task_desk: Desk, act: str) -> None:
    id = _reminded(task_desk)
    (task,) = task_desk.our_tasks()
    tenant = task_desk.tenant
    {
        "reword": lambda: tenant.reword_task(task.id, "已约好下周三"),
        "reassign": lambda: tenant.change("activity", task.id, owner=tenant.add("user", name="李小三")),
        "complete": lambda: tenant.close_task(task.id),
        "throw away": lambda: tenant.remove_task(task.id),
    }[act]()
    before = task_desk.our_tasks()
    _met(task_desk, id)

    first = task_desk.cycle()
    (duty,) = task_desk.rows("duty")

    assert (_changes(first), task_desk.our_tasks()) == ([], before)
    assert duty["state"] == "over"
    assert duty["ended"] == "left" or act in ("complete", "throw away")


def test_a_task_that_was_written_while_a_clock_was_wrong_is_left_alone(task_desk: Desk) -> None:
    """By the stamps alone nobody touched it since."""
    tenant = task_desk.tenant
    tenant.offset -= timedelta(days=1)
    id = _reminded(task_desk)
    (task,) = task_desk.our_tasks()
    tenant.change("activity", task.id, status="planned")  # what nobody can see but by its stamp
    tenant.offset += timedelta(days=1)
    _met(task_desk, id)
    task_desk.pull(full=True)

    done = task_desk.cycle()
    (duty,) = task_desk.rows("duty")

    assert (duty["state"], _changes(done), _states(task_desk)) == ("over", [], [False])


def test_a_rule_that_is_switched_off_leaves_its_open_tasks(task_desk: Desk) -> None:
    _reminded(task_desk)
    _rules(task_desk, _without("R01"))

    done = task_desk.cycle()

    assert (_changes(done), _states(task_desk)) == ([], [False])


def test_what_is_not_known_is_not_gone(task_desk: Desk) -> None:
    """Nobody can tell of a customer of whom no two-way contact is on record any more."""
    id = _reminded(task_desk)
    (visit,) = [one for one in task_desk.tenant.ids("activity") if one not in {t.id for t in task_desk.our_tasks()}]
    task_desk.tenant.change("activity", visit, about=task_desk.tenant.add("account", name="另一家有限公司"))

    task_desk.cycle()
    duties = {row["remote_id"]: (row["state"], row["ended"]) for row in task_desk.rows("duty")}

    assert duties[id] == ("over", "")
    assert False in _states(task_desk)


def test_a_planned_visit_puts_off_and_does_not_close(task_desk: Desk) -> None:
    id = _reminded(task_desk)
    task_desk.tenant.add(
        "activity", kind="visit", about=id, status="planned", at=task_desk.clock.now() + timedelta(days=3)
    )

    done = task_desk.cycle()

    assert (_changes(done), _states(task_desk)) == ([], [False])


def test_a_customer_not_judged_since_something_landed_keeps_its_task(task_desk: Desk) -> None:
    id = _reminded(task_desk)
    _met(task_desk, id)
    task_desk.pull()
    task_desk.judge()
    task_desk.tenant.change("account", id, phone="0571-88886666")
    task_desk.pull()

    made = task_desk.plan()

    assert [row for row in made.changes if row["kind"] == "task_change"] == []


def test_a_task_that_was_adopted_after_a_loss_is_left_alone(task_desk: Desk) -> None:
    id = _reminded(task_desk)
    task_desk.lose_database()
    task_desk.wait(minutes=15)
    task_desk.cycle()
    _met(task_desk, id)

    done = task_desk.cycle()

    assert (_changes(done), _states(task_desk)) == ([], [False])


# ---- minds change


def _gone(desk: Desk) -> tuple[str, str]:
    id = _reminded(desk)
    visit = _met(desk, id)
    return id, visit


def test_a_cause_that_is_back_before_the_task_was_closed_keeps_it_open(task_desk: Desk) -> None:
    _, visit = _gone(task_desk)
    task_desk.pull()
    task_desk.judge()
    planned = task_desk.plan()
    task_desk.tenant.change("activity", visit, at=when("2025-10-01"))
    task_desk.pull()
    task_desk.judge()

    task_desk.apply(planned.id)

    assert [row["en"] for row in planned.changes if row["kind"] == "task_change"] == [GONE]
    assert _states(task_desk) == [False]


def test_a_cause_that_is_back_later_opens_the_task_again_and_never_makes_a_second(task_desk: Desk) -> None:
    _, visit = _gone(task_desk)
    task_desk.cycle()
    task_desk.wait(minutes=15)
    task_desk.tenant.change("activity", visit, at=when("2025-10-01"))

    done = task_desk.cycle()
    again = _states(task_desk)
    task_desk.poison_writing()
    quiet = task_desk.cycle()

    assert (_changes(done), again) == ([BACK], [False])
    assert (quiet.plan.changes, quiet.plan.troubles) == ([], {})


def test_a_closing_that_was_undone_is_held_and_does_not_come_back(task_desk: Desk) -> None:
    _gone(task_desk)
    task_desk.cycle()
    task_desk.wait(minutes=15)

    task_desk.undo()
    task_desk.wait(minutes=15)
    done = task_desk.cycle()

    assert _states(task_desk) == [False]
    assert [(row["kind"], row["key"].partition(":")[0]) for row in done.plan.held] == [("task_change", "passed")]
