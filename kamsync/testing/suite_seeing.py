"""Checks of looking at tasks of ours: what each is now, fresh, told apart from gone and from not ours.

Undo, reassignment and "the cause is gone" are decided by it; doubt after a lost answer ends by it.
"""

from __future__ import annotations

from kamsync.plugin import Change, ConnectorError, TaskRef, as_asked
from kamsync.testing.suite_bench import HOUR, Bench
from kamsync.testing.suite_changes import Story, each_change, looker, made, see
from kamsync.testing.suite_tasks import DUE, marker, send, task_level

MANY = 60


class Seeing:
    """`tasks`, and what `ours` tells beside."""

    def test_a_task_is_told_as_people_see_it(self, bench: Bench) -> None:
        """What is compared before anything is changed: done or not, whose, when, what about, and its stamp."""
        (id,) = made(bench, 1)
        bench.tenant.close_task(id)
        (task,) = bench.tenant.tasks()

        (seen,) = see(bench, TaskRef(marker(), id))

        assert (seen.state, seen.remote_id, seen.done) == ("found", id, True)
        assert (seen.owner, seen.due, seen.subject) == (task.owner, DUE, task.subject)
        assert seen.modified is None or seen.modified.utcoffset() is not None

    def test_a_task_is_read_past_what_was_read_before(self, bench: Bench) -> None:
        """A person ticks it off a second before we push: we see it."""
        (id,) = made(bench, 1)
        (before,) = see(bench, TaskRef(marker(), id))
        bench.clock.sleep(2.0)
        bench.tenant.close_task(id)

        (seen,) = see(bench, TaskRef(marker(), id))

        assert (before.done, seen.done) == (False, True)
        assert before.modified is None or before.modified != seen.modified

    def test_tasks_that_are_gone_and_those_of_others_are_told_apart(self, bench: Bench) -> None:
        """A reminder that a person deleted is not to be made again; one that is not ours is not to be touched."""
        looker(bench)
        here, deleted = made(bench, 2)
        theirs = bench.tenant.add("activity", kind="task", subject="打电话给客户", status="planned")
        bench.tenant.remove_task(deleted)

        seen = see(bench, *(TaskRef(marker(n), id) for n, id in ((1, here), (2, deleted), (1, theirs), (2, here))))

        assert [each.state for each in seen] == ["found", "gone", "foreign", "foreign"]

    def test_a_task_is_looked_at_by_its_marker_alone(self, bench: Bench) -> None:
        """The database is gone and with it every id: the marker is what we can work out again."""
        ids = made(bench, 2)
        looker(bench)
        bench.clock.sleep(task_level(bench).settle)

        seen = see(bench, TaskRef(marker(2)), TaskRef(marker(7)), TaskRef(marker(1)))

        assert [(each.state, each.remote_id) for each in seen] == [("found", ids[1]), ("gone", None), ("found", ids[0])]

    def test_many_tasks_are_looked_at_one_by_one_in_order(self, bench: Bench) -> None:
        """After a policy was taken back, more is to be closed than one call can ask about."""
        looker(bench)
        ids = made(bench, MANY)
        bench.tenant.remove_task(ids[7])

        seen = see(bench, *(TaskRef(marker(number), id) for number, id in enumerate(ids, 1)))

        assert [each.ref.remote_id for each in seen] == ids
        assert [number for number, each in enumerate(seen) if each.state != "found"] == [7]

    def test_a_look_at_tasks_of_a_crm_that_is_not_there_tells_of_none(self, bench: Bench) -> None:
        """No answer is not "gone": an undo would call it done."""
        (id,) = made(bench, 1)
        looker(bench)
        bench.tenant.stop()

        try:
            states = [each.state for each in looker(bench).tasks([TaskRef(marker(), id)])]
        except ConnectorError:
            states = []

        assert states in ([], ["hidden"])

    def test_ours_tells_what_each_task_is(self, bench: Bench) -> None:
        """The list that brings a lost database back also tells whose they are, and until when."""
        looker(bench)
        ids = made(bench, 2)
        bench.tenant.close_task(ids[1])
        bench.clock.sleep(task_level(bench).settle)
        there = {task.id: task for task in bench.tenant.tasks()}

        listed = {each.remote_id: each for each in bench.writer().ours(None)}

        assert {id: (each.owner, each.due, each.subject, each.done) for id, each in listed.items()} == {
            id: (there[id].owner, DUE, there[id].subject, id == ids[1]) for id in ids
        }
        told = {each.creator for each in listed.values()}, [each.created for each in listed.values()]
        assert told[0] <= {None, bench.session.check().user}
        assert all(at is None or abs(at - bench.tenant.now()) < HOUR for at in told[1])

    @each_change
    def test_a_change_whose_answer_was_lost_shows_in_a_look(self, bench: Bench, name: Change) -> None:
        """It was made, once, and nobody heard: unknown, until a look says that the task is what was asked for."""
        trial = Story(bench, name)
        on = bench.last_call(lambda: send(bench, trial.intent()))
        story = Story(bench, name, 11)
        change, before = story.change, bench.times(on)
        bench.fault("drop_after", on)

        (outcome,) = send(bench, story.intent())

        calls = bench.times(on) - before
        bench.clock.sleep(task_level(bench).settle)
        (seen,) = see(bench, story.ref)
        assert (outcome.state, calls) == ("unknown", 1)
        assert as_asked(change, seen)
