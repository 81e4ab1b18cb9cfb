"""Checks of changes to tasks that are there: closed, opened again, moved, given away, deleted; that one, nothing else.

How an answer that got lost is told is for the checks of sending; what a task is now, for those of looking.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kamsync.plugin import Change, Intent, LiveTask, ReadsTasks, TaskChange, TaskRef, Write
from kamsync.testing.suite_bench import Bench, skip
from kamsync.testing.suite_tasks import DUE, marker, ours, reminder, send, task_level
from kamsync.testing.tenant import TrueTask

LATER = DUE + timedelta(days=9)
NOBODY = "987654321987654321"
EACH: tuple[Change, ...] = ("close", "reopen", "due", "owner", "delete")
each_change = pytest.mark.parametrize("name", EACH)


def changing(bench: Bench, *names: Change) -> Write:
    """How this tenant lets us write tasks; skips where one of these changes is not claimed."""
    level = task_level(bench)
    missing = [name for name in names if name not in level.changes]
    return level if not missing else skip(f"a change of tasks: {', '.join(missing)}")


def looker(bench: Bench) -> ReadsTasks:
    """Whoever claims a change can look at a task."""
    task_level(bench)
    return bench.session if isinstance(bench.session, ReadsTasks) else skip("tasks")


def see(bench: Bench, *refs: TaskRef) -> list[LiveTask]:
    return list(looker(bench).tasks(refs))


def made(bench: Bench, count: int, *, first: int = 1) -> list[str]:
    """So many reminders, each on an account of its own; their ids in the CRM."""
    batch = [reminder(bench, account, number) for number, account in enumerate(bench.accounts(count), first)]
    size = task_level(bench).batch
    outcomes = [told for start in range(0, count, size) for told in send(bench, *batch[start : start + size])]
    assert {told.state for told in outcomes} <= {"applied"}
    return [str(told.remote_id) for told in outcomes]


def alter(bench: Bench, id: str, number: int = 1, **asked: Any) -> Intent:
    """A change of the reminder of this number."""
    target = bench.target(_on(bench, id))
    return Intent(f"change-{number}", TaskChange(target, id, marker(number), **asked))


def _on(bench: Bench, id: str) -> str:
    return next((task.target for task in bench.tenant.tasks() if task.id == id and task.target), "0")


def truth(bench: Bench) -> dict[str, TrueTask]:
    return {task.id: task for task in bench.tenant.tasks()}


def asking(name: Change, owner: str = NOBODY) -> dict[str, Any]:
    """The words of a change of this kind."""
    words: dict[Change, dict[str, Any]] = {
        "close": {"close": True},
        "reopen": {"close": False},
        "due": {"due": LATER},
        "owner": {"owner": owner},
        "delete": {"delete": True},
    }
    return words[name]


class Story:
    """One change of a kind, told in full: what to ask for, and what the task must be afterwards."""

    def __init__(self, bench: Bench, name: Change, number: int = 1) -> None:
        changing(bench, name)
        self.bench, self.name, self.number = bench, name, number
        self.id, self.other = made(bench, 2, first=number)
        if name == "reopen":
            bench.tenant.close_task(self.id)
        self.owner = bench.tenant.add("user", name="李小三", email="li@example.cn") if name == "owner" else NOBODY
        self.before = truth(bench)

    def intent(self, id: str = "", **more: Any) -> Intent:
        return alter(self.bench, id or self.id, self.number, **asking(self.name, self.owner), **more)

    @property
    def change(self) -> TaskChange:
        body = self.intent().body
        assert isinstance(body, TaskChange)
        return body

    @property
    def ref(self) -> TaskRef:
        return TaskRef(marker(self.number), self.id)

    @property
    def after(self) -> dict[str, TrueTask]:
        """What must be there when it is done."""
        if self.name == "delete":
            return {id: task for id, task in self.before.items() if id != self.id}
        fields: dict[Change, dict[str, Any]] = {
            "close": {"done": True},
            "reopen": {"done": False},
            "due": {"due": LATER.isoformat()},
            "owner": {"owner": self.owner},
        }
        return {**self.before, self.id: replace(self.before[self.id], **fields[self.name])}


class Changing:
    """Changing what is ours, and only that."""

    @each_change
    def test_a_change_is_made_to_that_task_and_to_nothing_else(self, bench: Bench, name: Change) -> None:
        """The reminder is what was asked for; its other fields, and every other task, are as they were."""
        story = Story(bench, name)

        (outcome,) = send(bench, story.intent())

        assert (outcome.state, outcome.remote_id) == ("applied", story.id)
        assert truth(bench) == story.after

    @each_change
    def test_a_change_made_twice_changes_nothing_more(self, bench: Bench, name: Change) -> None:
        """After a lost receipt the same change may come again: it is done already, planned long ago or not."""
        story = Story(bench, name)
        (seen,) = see(bench, story.ref)
        bench.clock.sleep(2.0)
        send(bench, story.intent(modified=seen.modified))

        (outcome,) = send(bench, story.intent(modified=seen.modified))

        assert outcome.state == "applied"
        assert truth(bench) == story.after

    @each_change
    def test_a_task_that_is_not_ours_is_never_changed(self, bench: Bench, name: Change) -> None:
        """Should a fault elsewhere ask for it: a salesperson's own task, and one of ours that was not meant."""
        story = Story(bench, name)
        theirs = bench.tenant.add("activity", kind="task", subject="打电话给客户", about=(_on(bench, story.id),),
                                  status="done" if name == "reopen" else "planned")  # fmt: skip
        before = truth(bench)

        outcomes = send(bench, story.intent(theirs), replace(story.intent(story.other), id="change-other"))

        assert [(told.state, told.cause) for told in outcomes] == [("refused", "foreign")] * 2
        assert truth(bench) == before

    @each_change
    def test_a_task_that_moved_since_the_plan_is_left_and_told_as_stale(self, bench: Bench, name: Change) -> None:
        """Somebody edits the reminder between plan and push: people win, and the plan is made again."""
        story = Story(bench, name)
        (seen,) = see(bench, story.ref)
        if seen.modified is None:
            skip("stamps of tasks")
        bench.clock.sleep(2.0)
        bench.tenant.reword_task(story.id, "已约好下周三")
        before = truth(bench)

        (outcome,) = send(bench, story.intent(modified=seen.modified))

        assert outcome.state == "stale"
        assert truth(bench) == before

    @each_change
    def test_a_change_planned_on_the_task_as_it_is_goes_through(self, bench: Bench, name: Change) -> None:
        """Nobody touched it since: what was planned a second ago is no less true."""
        story = Story(bench, name)
        (seen,) = see(bench, story.ref)

        (outcome,) = send(bench, story.intent(modified=seen.modified))

        assert outcome.state == "applied"
        assert truth(bench) == story.after

    @each_change
    def test_a_task_that_is_gone_needs_no_closing_and_takes_nothing_else(self, bench: Bench, name: Change) -> None:
        """A person deleted it: nobody has to do it any more, which is all that closing and deleting are for."""
        story = Story(bench, name)
        asked = story.intent()
        bench.tenant.remove_task(story.id)
        before = truth(bench)

        (outcome,) = send(bench, asked)

        done = name in ("close", "delete")
        assert (outcome.state, outcome.cause) == (("applied", None) if done else ("refused", "gone"))
        assert truth(bench) == before

    @each_change
    def test_a_change_that_is_not_claimed_is_refused(self, bench: Bench, name: Change) -> None:
        """What this tenant or channel cannot do is said in a word that the engine knows, and nothing is tried."""
        if name in task_level(bench).changes:
            skip("a change of tasks that is not claimed")
        (id,) = made(bench, 1)
        if name == "reopen":
            bench.tenant.close_task(id)
        owner = bench.tenant.add("user", name="李小三", email="li@example.cn")
        before = truth(bench)

        (outcome,) = send(bench, alter(bench, id, **asking(name, owner)))

        assert (outcome.state, outcome.cause) == ("refused", "unsupported")
        assert truth(bench) == before

    @each_change
    def test_changes_fire_no_workflow(self, bench: Bench, name: Change) -> None:
        """Fifty reminders whose cause is gone are closed at night: no customer gets a mail."""
        story = Story(bench, name)

        send(bench, story.intent())

        if bench.tenant.workflows_fired is None:
            skip("a count of workflows")
        assert bench.tenant.workflows_fired == 0

    # ---- several at once

    def test_several_changes_of_a_task_are_one_intent(self, bench: Bench) -> None:
        """Given to somebody else, and to be done later: both, or neither is said to be done."""
        changing(bench, "due", "owner")
        (id,) = made(bench, 1)
        owner = bench.tenant.add("user", name="李小三", email="li@example.cn")
        before = truth(bench)[id]

        (outcome,) = send(bench, alter(bench, id, due=LATER, owner=owner))

        assert outcome.state == "applied"
        assert truth(bench) == {id: replace(before, due=LATER.isoformat(), owner=owner)}

    def test_different_days_in_one_batch_are_not_mixed_up(self, bench: Bench) -> None:
        """Three reminders, three days, and one of them is closed beside: each gets its own."""
        changing(bench, "due", "close")
        ids = made(bench, 3)
        days = [LATER + timedelta(days=number) for number in range(3)]

        send(bench, *(alter(bench, id, number, due=day, close=True if number == 2 else None)
                      for number, (id, day) in enumerate(zip(ids, days, strict=True), 1)))  # fmt: skip

        there = truth(bench)
        assert [(there[id].due, there[id].done) for id in ids] == [
            (day.isoformat(), number == 2) for number, day in enumerate(days, 1)
        ]

    def test_each_change_of_a_batch_is_told_by_itself(self, bench: Bench) -> None:
        """One reminder was deleted meanwhile; the other two are moved, and each knows its own."""
        changing(bench, "due")
        ids = made(bench, 3)
        batch = [alter(bench, id, number, due=LATER) for number, id in enumerate(ids, 1)]
        bench.tenant.remove_task(ids[1])

        outcomes = send(bench, *batch)

        assert [told.intent for told in outcomes] == [intent.id for intent in batch]
        assert [told.state for told in outcomes] == ["applied", "refused", "applied"]
        assert {task.due for task in ours(bench)} == {LATER.isoformat()}

    def test_an_owner_who_is_not_there_is_named_as_the_cause(self, bench: Bench) -> None:
        """Left the company, or never was: the engine falls back to another; the rest of the batch arrives."""
        changing(bench, "owner")
        ids = made(bench, 3)
        left = bench.tenant.add("user", name="李小三", email="li@example.cn")
        stays = bench.tenant.add("user", name="王小二", email="wang@example.cn")
        bench.tenant.remove("user", left)
        before = truth(bench)
        batch = [alter(bench, id, number, owner=owner)
                 for number, (id, owner) in enumerate(zip(ids, (stays, left, NOBODY), strict=True), 1)]  # fmt: skip

        outcomes = send(bench, *batch)

        assert [(told.state, told.cause) for told in outcomes] == [("applied", None), *[("refused", "owner")] * 2]
        assert [truth(bench)[id] for id in ids[1:]] == [before[id] for id in ids[1:]]

    def test_a_new_task_for_an_owner_who_is_not_there_names_the_cause(self, bench: Bench) -> None:
        """The engine gives it to somebody else at once, and does not wait for a person to read a code."""
        (account,) = bench.accounts(1)
        left = bench.tenant.add("user", name="李小三", email="li@example.cn")
        asked = [reminder(bench, account, 1, owner=NOBODY), reminder(bench, account, 2, owner=left)]
        bench.tenant.remove("user", left)

        outcomes = send(bench, *asked)

        assert [(told.state, told.cause) for told in outcomes] == [("refused", "owner")] * 2
        assert ours(bench) == []

    def test_a_batch_of_changes_of_the_size_it_names_is_taken(self, bench: Bench) -> None:
        """The engine fills batches to what the connector says it takes."""
        size = changing(bench, "due").batch
        ids = made(bench, size)

        outcomes = send(bench, *(alter(bench, id, number, due=LATER) for number, id in enumerate(ids, 1)))

        assert {told.state for told in outcomes} == {"applied"}
        assert {task.due for task in ours(bench)} == {LATER.isoformat()}


def moved(bench: Bench, id: str, number: int, day: date = LATER) -> Intent:
    """The reminder of this number on another day: the change that stands for all where a call goes wrong."""
    changing(bench, "due")
    return alter(bench, id, number, due=day)
