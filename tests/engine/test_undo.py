"""Undo: what one apply wrote is taken back, nothing else is, and it stays away until somebody wants it again."""

from __future__ import annotations

from typing import Any

import pytest

from kamsync.engine import holds, pausing
from tests.engine.desk import BASIC, THREE_RULES, Desk

STREAMS = BASIC
STAYS_OPEN = True
LOW, HIGH = "KAM·三级及以下", "KAM·二级"
ALTERS = r"(POST|PUT|DELETE) .*(/Tasks|add_tags|remove_tags)|data/(create|update|changeOwner|invalid)$"
NAME = "中国一拖集团有限公司"


def written(desk: Desk, **more: Any) -> str:
    """One customer, whom nobody called for long: a tag and a task are in the CRM."""
    id = desk.overdue(**more)
    desk.cycle()
    return id


def lets_delete(desk: Desk) -> None:
    desk.options[desk.connections[0]]["may_delete"] = True
    desk.configure()


def open_tasks(desk: Desk) -> list[str | None]:
    return [task.target for task in desk.our_tasks() if not task.done]


def whys(rows: Any) -> list[str]:
    return [row["en"] for row in rows]


# ---- what is taken back


def test_what_one_apply_wrote_is_taken_back(task_desk: Desk) -> None:
    id = task_desk.overdue()
    task_desk.tenant.set_tags(id, ["展会"])
    task_desk.cycle()
    shown = task_desk.plan_undo()

    done = task_desk.undo()

    assert [(row["kind"], row["now"], row["last_written"], row["wanted"]) for row in shown.changes if
            row["kind"] == "tags"] == [("tags", [LOW], LOW, None)]  # fmt: skip
    assert done.push.counts == {"applied": 2}
    assert set(task_desk.tenant.tags(id)) == {"展会"}
    assert [task.done for task in task_desk.our_tasks()] == [True]
    states = {key.split(":")[0]: state for key, state in task_desk.intents.items()}
    assert states == {"tags": "undone", "task": "undone", "undo": "done"}


def test_the_tag_that_a_later_apply_replaced_comes_back(tag_desk: Desk) -> None:
    id = tag_desk.tenant.add("account", name=NAME)
    tag_desk.cycle()
    tag_desk.wait(days=1)
    tag_desk.tenant.change("account", id, strategic=90)
    tag_desk.cycle()
    before = tag_desk.tenant.tags(id)

    tag_desk.undo()

    assert (before, tag_desk.tenant.tags(id)) == ((HIGH,), (LOW,))
    assert [(row["value"], row["revision"]) for row in tag_desk.rows("owned")] == [(LOW, 0)]


@pytest.mark.parametrize(("only", "kind"), [("tags", "tags"), ("tasks", "task_change")])
def test_only_one_kind_is_taken_back_where_only_that_is_asked_for(zoho_desk: Desk, only: Any, kind: str) -> None:
    id = written(zoho_desk)

    done = zoho_desk.undo(only=only)

    assert [result.row["kind"] for result in done.push.results] == [kind]
    assert (zoho_desk.zoho.tags(id) == (), open_tasks(zoho_desk) == []) == (only == "tags", only == "tasks")


def test_where_the_config_lets_us_delete_the_tasks_are_deleted(tag_desk: Desk) -> None:
    written(tag_desk)
    lets_delete(tag_desk)

    tag_desk.undo()

    assert tag_desk.our_tasks() == []


def test_what_was_accepted_and_has_not_left_does_not_leave_any_more(each_desk: Desk) -> None:
    """Wrong tags: a person stops the writes, takes back what went out, and lets writes go on."""
    id = each_desk.overdue()
    pausing.pause(each_desk.workspace)
    each_desk.cycle()

    done = each_desk.undo()
    pausing.resume(each_desk.workspace)
    each_desk.cycle()

    assert len(done.accepted.withdrawn) == 2
    assert (each_desk.zoho.tags(id), each_desk.our_tasks()) == ((), [])
    assert each_desk.calls(ALTERS) == 0


def test_an_undo_waits_while_writes_are_paused_and_leaves_after_it(zoho_desk: Desk) -> None:
    id = written(zoho_desk)
    pausing.pause(zoho_desk.workspace)
    paused = zoho_desk.undo()
    still = zoho_desk.zoho.tags(id)
    pausing.resume(zoho_desk.workspace)

    zoho_desk.undo()

    assert (paused.push.counts, still) == ({"not_sent": 2}, (LOW,))
    assert (zoho_desk.zoho.tags(id), open_tasks(zoho_desk)) == ((), [])


# ---- people


def test_tasks_that_people_touched_are_left_as_they_made_them(tag_desk: Desk) -> None:
    names = ("安徽合力", "中国一拖", "福耀玻璃", "三一重工", "格力电器")
    ids = [tag_desk.overdue(name=f"{name}有限公司") for name in names]
    tag_desk.cycle()
    tasks = {str(task.target): task.id for task in tag_desk.our_tasks()}
    tag_desk.wait(minutes=5)
    done, deleted, reworded, noted, untouched = (tasks[id] for id in ids)
    tag_desk.tenant.close_task(done)
    tag_desk.tenant.remove_task(deleted)
    tag_desk.tenant.reword_task(reworded, "已约好下周三")
    tag_desk.tenant.change("activity", noted)
    before = [task for task in tag_desk.our_tasks() if task.id != untouched]

    plan = tag_desk.plan_undo(only="tasks")
    tag_desk.apply(plan.id)

    assert sorted(whys(plan.skipped)) == [
        "someone changed the task since", "someone completed the task", "someone edited the task",
        "the task was deleted",
    ]  # fmt: skip
    assert [task for task in tag_desk.our_tasks() if task.id != untouched] == before
    assert [task.done for task in tag_desk.our_tasks() if task.id == untouched] == [True]


def test_tags_that_people_changed_are_left_as_they_made_them(tag_desk: Desk) -> None:
    ids = [tag_desk.tenant.add("account", name=f"{name}有限公司") for name in ("安徽合力", "中国一拖", "福耀玻璃")]
    tag_desk.cycle()
    theirs: list[tuple[str, ...]] = [(LOW, HIGH), (), ("展会",)]
    for id, tags in zip(ids, theirs, strict=True):
        tag_desk.tenant.set_tags(id, tags)

    plan = tag_desk.plan_undo()
    tag_desk.apply(plan.id)

    assert (plan.changes, set(whys(plan.skipped))) == ([], {"someone changed its tags since"})
    assert [tag_desk.tenant.tags(id) for id in ids] == theirs


def test_a_hand_between_the_plan_of_an_undo_and_its_apply_is_seen(tag_desk: Desk) -> None:
    id = written(tag_desk)
    plan = tag_desk.plan_undo()
    tag_desk.wait(seconds=5)
    tag_desk.tenant.set_tags(id, [HIGH])
    tag_desk.tenant.reword_task(tag_desk.our_tasks()[0].id, "已约好下周三")

    done = tag_desk.apply(plan.id)

    assert done.push.counts == {"stale": 2}
    assert (tag_desk.tenant.tags(id), len(open_tasks(tag_desk))) == ((HIGH,), 1)


def test_what_a_later_apply_wrote_over_is_named_with_that_run(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name=NAME)
    zoho_desk.cycle()
    first = zoho_desk.rows("intent")[0]["run"]
    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=90)
    zoho_desk.cycle()
    later = max(row["run"] for row in zoho_desk.rows("intent"))

    plan = zoho_desk.plan_undo(first)

    assert (plan.changes, whys(plan.skipped)) == ([], [f"run {later} wrote over it: undo that one first"])


# ---- what was undone stays away


def test_quiet_cycles_after_an_undo_write_nothing_and_say_why(desk: Desk) -> None:
    """Where nobody watches, too."""
    desk.writes = {"zoho": "on", "fxiaoke": "on"}
    desk.overdue(desk.zoho), desk.overdue(desk.fxiaoke, name="安徽合力股份有限公司")
    desk.cycle(by_person=False)
    desk.undo()
    truth, calls = (desk.zoho.truth(), desk.fxiaoke.truth()), desk.calls(ALTERS)

    first = desk.cycle(by_person=False)
    desk.wait(days=1)
    second = desk.cycle(by_person=False)

    assert (first.plan.changes, second.plan.changes, desk.calls(ALTERS)) == ([], [], calls)
    assert (desk.zoho.truth(), desk.fxiaoke.truth()) == truth
    assert len(second.plan.held) == 4
    assert {row["en"] for row in second.plan.held} == {
        f"it was undone: kamsync hold approve {hold['id']}, or apply plan 1 again" for hold in desk.holds
    }
    assert [(hold["guard"], hold["count"]) for hold in desk.holds] == [("undone", 2)] * 2


def forward(desk: Desk, id: str) -> None:
    """The forward state: the tag, and one open task; none was made twice."""
    assert desk.tenant.tags(id) == (LOW,)
    assert [(task.target, task.done) for task in desk.our_tasks()] == [(id, False)]
    assert desk.holds == []


def test_the_same_plan_applied_again_writes_it_again_and_doubles_nothing(tag_desk: Desk) -> None:
    """A task that was closed is opened again (Zoho), one that was deleted is made anew (Fxiaoke)."""
    id = written(tag_desk)
    if tag_desk.connections == ("fxiaoke",):
        lets_delete(tag_desk)
    tag_desk.undo()

    tag_desk.apply(1)

    forward(tag_desk, id)
    assert tag_desk.cycle().plan.changes == []


def test_another_plan_that_asks_for_the_same_does_not_write_it_again(zoho_desk: Desk) -> None:
    id = zoho_desk.overdue()
    zoho_desk.pull()
    zoho_desk.judge()
    older, applied = zoho_desk.plan().id, zoho_desk.plan().id
    zoho_desk.apply(applied)
    zoho_desk.undo()

    done = zoho_desk.apply(older)

    assert {why.en.split(":")[0] for _, why in done.accepted.skipped} == {"it was undone"}
    assert (zoho_desk.zoho.tags(id), open_tasks(zoho_desk)) == ((), [])


def test_a_person_who_approves_the_hold_gets_it_written_again(tag_desk: Desk) -> None:
    """The other way round: deleted in Zoho, closed in Fxiaoke."""
    id = written(tag_desk)
    if tag_desk.connections == ("zoho",):
        lets_delete(tag_desk)
    tag_desk.undo()

    holds.approve_verb(tag_desk.workspace, tag_desk.holds[0]["id"])
    tag_desk.cycle()

    forward(tag_desk, id)


def test_a_new_policy_lets_go_what_it_judges_and_nothing_else(zoho_desk: Desk) -> None:
    """The tiers' policy lets tags go, the reminders' policy tasks."""
    id = written(zoho_desk)
    zoho_desk.undo()
    zoho_desk.use_policy("# the second edition")

    zoho_desk.cycle()
    tags, tasks = zoho_desk.zoho.tags(id), open_tasks(zoho_desk)
    text = THREE_RULES.read_text("utf-8")
    (zoho_desk.folder / "reminders.toml").write_text(f"{text}\n# the second edition\n", "utf-8")
    zoho_desk.policy["reminders"] = str(zoho_desk.folder / "reminders.toml")
    zoho_desk.configure()
    zoho_desk.cycle()

    assert (tags, tasks) == ((LOW,), [])
    forward(zoho_desk, id)


def test_a_new_tier_is_a_new_wish_that_no_undo_holds(tag_desk: Desk) -> None:
    id = tag_desk.tenant.add("account", name=NAME)
    tag_desk.cycle()
    tag_desk.undo()
    tag_desk.wait(days=1)
    tag_desk.tenant.change("account", id, strategic=90)

    tag_desk.cycle()
    tag_desk.cycle()

    assert (tag_desk.tenant.tags(id), tag_desk.holds) == ((HIGH,), [])
