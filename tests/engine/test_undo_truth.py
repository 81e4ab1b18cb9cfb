"""Apply, people's hands, undo: whom nobody touched is as before; whatever people did since is as they left it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from kamsync.engine import pausing
from kamsync.testing.faults import Fault
from tests.engine.desk import BASIC, Desk
from tests.engine.test_undo import HIGH, LOW, lets_delete, open_tasks, written

STREAMS = BASIC
STAYS_OPEN = True
THEIRS = "展会"
ON_TAGS: dict[str, Callable[[Desk, str], None]] = {
    "nothing": lambda desk, id: None,
    "own tag": lambda desk, id: desk.tenant.set_tags(id, [THEIRS, LOW, "老客户"]),
    "our tag off": lambda desk, id: desk.tenant.set_tags(id, [THEIRS]),
    "another of ours on": lambda desk, id: desk.tenant.set_tags(id, [THEIRS, LOW, HIGH]),
}
ON_TASKS: dict[str, Callable[[Desk, str], None]] = {
    "nothing": lambda desk, id: None,
    "ticked off": lambda desk, id: desk.tenant.close_task(id),
    "reworded": lambda desk, id: desk.tenant.reword_task(id, "已约好下周三"),
    "deleted": lambda desk, id: desk.tenant.remove_task(id),
}


def test_whatever_people_did_survives_and_all_else_is_as_before(tag_desk: Desk) -> None:
    hands = list(product(ON_TAGS, ON_TASKS))
    ids = [tag_desk.overdue(name=f"第{number}机械有限公司") for number in range(len(hands))]
    for id in ids:
        tag_desk.tenant.set_tags(id, [THEIRS])
    tag_desk.cycle()
    tasks = {str(task.target): task.id for task in tag_desk.our_tasks()}
    tag_desk.wait(minutes=5)
    for id, (on_tags, on_tasks) in zip(ids, hands, strict=True):
        ON_TAGS[on_tags](tag_desk, id)
        ON_TASKS[on_tasks](tag_desk, tasks[id])
    touched_tags = {id: set(tag_desk.tenant.tags(id)) for id in ids}
    touched_tasks = {task.id: task for task in tag_desk.our_tasks()}

    tag_desk.undo()
    tag_desk.cycle()

    after = {task.id: task for task in tag_desk.our_tasks()}
    for id, (on_tags, on_tasks) in zip(ids, hands, strict=True):
        expected = touched_tags[id] - {LOW} if on_tags in ("nothing", "own tag") else touched_tags[id]
        assert set(tag_desk.tenant.tags(id)) == expected, (on_tags, on_tasks)
        if on_tasks == "nothing":
            assert after[tasks[id]].done
        else:
            assert after.get(tasks[id]) == touched_tasks.get(tasks[id]), (on_tags, on_tasks)


def test_a_wish_that_changed_while_an_undo_waited_is_written_after_it(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="中国一拖集团有限公司")
    zoho_desk.cycle()
    pausing.pause(zoho_desk.workspace)
    zoho_desk.undo()
    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=90)
    waiting = zoho_desk.cycle().plan
    pausing.resume(zoho_desk.workspace)

    zoho_desk.cycle()
    first = zoho_desk.zoho.tags(id)
    zoho_desk.cycle()

    assert ([row for row in waiting.changes if row["kind"] == "tags"], waiting.waiting) == ([], 1)
    assert (first, zoho_desk.zoho.tags(id), zoho_desk.holds) == ((), (HIGH,), [])


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_a_task_made_anew_is_not_taken_for_the_one_that_was_deleted(fxiaoke_desk: Desk, fault: str) -> None:
    """Its bin still shows the old one under the same marker: that proves nothing about the new."""
    written(fxiaoke_desk)
    lets_delete(fxiaoke_desk)
    fxiaoke_desk.undo(only="tasks")
    fxiaoke_desk.tenant.fault(Fault(fault, on=r"data/create$"))  # type: ignore[arg-type]  # two of the kinds

    fxiaoke_desk.apply(1)
    for _ in range(3):
        fxiaoke_desk.wait(minutes=5)
        fxiaoke_desk.cycle()

    [task] = [row for row in fxiaoke_desk.rows("intent") if row["kind"] == "task"]
    there = [each.id for each in fxiaoke_desk.our_tasks()]
    assert (task["state"], [task["written_id"]]) == ("done", there)
    assert len(open_tasks(fxiaoke_desk)) == 1


def test_a_changed_reminder_policy_judges_on_the_same_day_and_lets_nothing_wrong_come_back(zoho_desk: Desk) -> None:
    """The rule that was wrong is switched off: what it had asked for is no longer wanted, so nothing opens it again."""
    written(zoho_desk)
    zoho_desk.undo(only="tasks")
    zoho_desk.cycle()  # whatever landed is judged by now
    (zoho_desk.folder / "reminders.toml").write_text("[R24]\n", "utf-8")
    zoho_desk.policy["reminders"] = str(zoho_desk.folder / "reminders.toml")
    zoho_desk.configure()

    done = zoho_desk.cycle()

    assert (done.plan.changes, [duty[0] for duty in zoho_desk.duties if duty[2] == "wanted"]) == ([], [])
    assert (open_tasks(zoho_desk), zoho_desk.holds) == ([], [])
