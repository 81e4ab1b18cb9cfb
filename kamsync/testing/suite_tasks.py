"""Checks of tasks: each is created once, whole, and known again by its marker.

How an answer that got lost is told is for the checks of sending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from kamsync.plugin import Found, Intent, Ours, Outcome, Probe, Task, Write
from kamsync.testing.suite_bench import HOUR, Bench, skip
from kamsync.testing.suite_typing import HOSTILE
from kamsync.testing.tenant import TrueTask

DUE = date(2031, 3, 2)


def task_level(bench: Bench) -> Write:
    """How this tenant lets us write tasks; skips where it does not."""
    found = next((write for write in bench.writer().writes() if write.facet == "task"), None)
    return found or skip("task")


def marker(number: int = 1) -> str:
    """A marker as kamsync makes them; two of them differ in the suffix alone."""
    return f"kam:R08:INV-{number}-30:" + "abcdefgh23456ijklm234567xy"


def reminder(bench: Bench, account: str, number: int = 1, owner: str | None = None) -> Intent:
    """An accepted reminder to call on an account."""
    task_level(bench)
    return Intent(
        f"task-{number}",
        Task(
            target=bench.target(account),
            subject=f"【KA】催款:华北精工集团 {number}",
            body="发票 INV-0012 已逾期 30 天\n余额 120,000.50 元",
            due=DUE,
            priority="high",
            owner=owner,
            marker=marker(number),
            target_name="华北精工集团",
        ),
    )


def send(bench: Bench, *intents: Intent) -> list[Outcome]:
    return list(bench.writer().write(intents))


def ours(bench: Bench) -> list[TrueTask]:
    """The tasks that really are there by our hand."""
    return [task for task in bench.tenant.tasks() if task.by_us]


def look(bench: Bench, sent_at: datetime, *numbers: int) -> list[Found]:
    """Look for reminders on accounts, after the wait that the connector asks for."""
    bench.clock.sleep(task_level(bench).settle)
    target = bench.target(bench.tenant.ids("account")[0])
    return list(bench.writer().find([Probe(marker(number), target, sent_at) for number in numbers]))


class Tasks:
    """Creating and finding reminders."""

    def test_a_task_is_created_as_it_was_asked_for(self, bench: Bench) -> None:
        """The right person sees it on the right customer, on the right day, and can read why."""
        (account,) = bench.accounts(1)
        owner = bench.tenant.add("user", name="王小二", email="wang@example.cn")

        (outcome,) = send(bench, reminder(bench, account, owner=owner))

        (task,) = ours(bench)
        assert (outcome.state, outcome.remote_id) == ("applied", task.id)
        assert (task.subject, task.due, task.owner, task.target) == (
            "【KA】催款:华北精工集团 1", "2031-03-02", owner, account,
        )  # fmt: skip
        assert (task.marker, task.done) == (marker(), False)
        assert "余额 120,000.50 元" in task.body

    def test_a_task_without_an_owner_gets_one(self, bench: Bench) -> None:
        """The account has no owner: the task must not be lost in nobody's list."""
        (account,) = bench.accounts(1)

        (outcome,) = send(bench, reminder(bench, account))

        assert outcome.state == "applied"
        assert [bool(task.owner) for task in ours(bench)] == [True]

    def test_hostile_words_in_a_task_are_stored_as_they_are(self, bench: Bench) -> None:
        """Subjects carry customers' names, and customers are called what they are called."""
        (account,) = bench.accounts(1)
        words = [text for text in HOSTILE if len(text) < 100 and "\ufeff" not in text]
        asked = [reminder(bench, account, number) for number in range(1, len(words) + 1)]
        bodies = [intent.body for intent in asked if isinstance(intent.body, Task)]
        named = [
            Intent(intent.id, replace(body, subject=f"回访 {text}"))
            for intent, body, text in zip(asked, bodies, words, strict=True)
        ]

        outcomes = send(bench, *named)

        assert {outcome.state for outcome in outcomes} == {"applied"}
        assert {task.subject for task in ours(bench)} == {f"回访 {text}" for text in words}
        assert {task.marker for task in ours(bench)} == {body.marker for body in bodies}

    def test_each_task_of_a_batch_is_told_by_itself(self, bench: Bench) -> None:
        """One owner has left the company; the other two reminders still arrive, and each knows its own task."""
        there = bench.accounts(3)
        batch = [
            reminder(bench, account, number, owner="987654321987654321" if number == 2 else None)
            for number, account in enumerate(there, 1)
        ]

        outcomes = send(bench, *batch)

        assert [outcome.intent for outcome in outcomes] == [intent.id for intent in batch]
        assert [outcome.state for outcome in outcomes] == ["applied", "refused", "applied"]
        assert {task.marker: task.id for task in ours(bench)} == {
            marker(1): outcomes[0].remote_id,
            marker(3): outcomes[2].remote_id,
        }

    def test_a_task_for_a_record_that_is_gone_is_refused(self, bench: Bench) -> None:
        """The account was deleted since the plan: no task that hangs on nothing, and no waiting for a miracle."""
        gone, there = bench.accounts(2)
        bench.tenant.remove("account", gone)

        outcomes = send(bench, reminder(bench, gone, 1), reminder(bench, there, 2))

        assert [outcome.state for outcome in outcomes] == ["refused", "applied"]
        assert [task.target for task in ours(bench)] == [there]

    def test_a_batch_of_tasks_of_the_size_it_names_is_taken(self, bench: Bench) -> None:
        """The engine fills batches to what the connector says it takes."""
        (account,) = bench.accounts(1)
        numbers = range(1, task_level(bench).batch + 1)

        outcomes = send(bench, *(reminder(bench, account, number) for number in numbers))

        assert {outcome.state for outcome in outcomes} == {"applied"}
        assert {task.marker for task in ours(bench)} == {marker(number) for number in numbers}

    def test_tasks_fire_no_workflow(self, bench: Bench) -> None:
        """Fifty reminders at seven in the morning must not become fifty approvals and a hundred messages."""
        (account,) = bench.accounts(1)

        send(bench, reminder(bench, account))

        if bench.tenant.workflows_fired is None:
            skip("a count of workflows")
        assert bench.tenant.workflows_fired == 0

    def test_a_key_that_the_crm_enforces_leaves_one_task_of_two(self, bench: Bench) -> None:
        """Level E3 says that sending again is safe: the engine relies on it and does not look first."""
        if task_level(bench).level != "E3":
            skip("E3")
        (account,) = bench.accounts(1)
        (first,) = send(bench, reminder(bench, account))

        (second,) = send(bench, reminder(bench, account))

        assert (second.state, second.remote_id) == ("applied", first.remote_id)
        assert len(ours(bench)) == 1

    # ---- finding

    def test_a_task_is_found_by_its_marker_among_others(self, bench: Bench) -> None:
        """Markers that begin alike are different duties."""
        (account,) = bench.accounts(1)
        sent_at = bench.clock.now()
        outcomes = send(bench, *(reminder(bench, account, number) for number in (1, 12, 123)))

        found = look(bench, sent_at, 12, 1)

        assert [(each.marker, each.state) for each in found] == [(marker(12), "found"), (marker(1), "found")]
        assert [each.remote_id for each in found] == [outcomes[1].remote_id, outcomes[0].remote_id]

    def test_a_task_that_was_never_sent_is_absent(self, bench: Bench) -> None:
        """Only then may it be sent: "found" would lose the reminder for good."""
        (account,) = bench.accounts(1)
        send(bench, reminder(bench, account, 12))

        found = look(bench, bench.clock.now(), 1)

        assert [(each.marker, each.state) for each in found] == [(marker(1), "absent")]

    def test_the_level_of_tasks_is_no_more_than_the_look_is_worth(self, bench: Bench) -> None:
        """E2 and E3 promise that a look which finds nothing means nothing is there."""
        level = task_level(bench)
        (account,) = bench.accounts(1)
        send(bench, reminder(bench, account))

        (found,) = look(bench, bench.clock.now(), 2)

        assert level.level in ("E3", "E2", "E1", "E0")
        assert found.strong or level.level in ("E1", "E0")

    def test_ours_lists_every_task_with_a_marker_and_nobody_elses(self, bench: Bench) -> None:
        """After a lost database this list is all that keeps us from making every reminder again."""
        there = bench.accounts(2)
        bench.tenant.add("activity", kind="task", subject="打电话给客户", about=(there[0],), status="planned")
        outcomes = send(bench, reminder(bench, there[0], 1), reminder(bench, there[1], 2))
        bench.tenant.close_task(str(outcomes[1].remote_id))
        bench.clock.sleep(task_level(bench).settle)

        listed = {each.marker: each for each in bench.writer().ours(None)}

        assert {name: _told(each) for name, each in listed.items()} == {
            marker(1): (outcomes[0].remote_id, there[0], False),
            marker(2): (outcomes[1].remote_id, there[1], True),
        }

    def test_ours_since_a_moment_has_what_came_after_it(self, bench: Bench) -> None:
        """Each run asks what became of our tasks since the last one."""
        (account,) = bench.accounts(1)
        began = bench.clock.now()
        send(bench, reminder(bench, account))
        bench.clock.sleep(task_level(bench).settle)

        recent = list(bench.writer().ours(began - HOUR))
        later = list(bench.writer().ours(bench.clock.now() + timedelta(days=1)))

        assert [each.marker for each in recent] == [marker()]
        assert later == []

    def test_every_level_that_is_claimed_is_one_there_is(self, bench: Bench) -> None:
        """People decide by these levels what they let kamsync write."""
        claimed: Sequence[Write] = bench.writer().writes()

        assert len({write.facet for write in claimed}) == len(claimed) > 0
        assert all(write.level[0] == ("E" if write.facet == "task" else "S") for write in claimed)
        assert all(write.batch >= 1 and write.settle >= 0 and write.why.zh and write.why.en for write in claimed)


def _told(each: Ours) -> tuple[str, str | None, bool]:
    """Which task, where it hangs, and whether it is ticked off."""
    return each.remote_id, each.target.remote_id if each.target else None, each.done
