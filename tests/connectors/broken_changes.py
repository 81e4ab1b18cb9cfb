"""Spoilt changes of tasks, and spoilt looks at them; nothing here is ever sent to a real CRM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from kamsync.plugin import ConnectorError, Intent, LiveTask, Ours, Outcome, TaskChange, TaskRef, Write
from kamsync.testing.suite import ConnectorTests as Suite
from tests.connectors.acme import AcmeWriter
from tests.connectors.broken import fails, spoils

Outcomes = Sequence[Outcome]
Intents = Sequence[Intent]
Refs = Sequence[TaskRef]
Lives = Sequence[LiveTask]


def _but(intents: Intents, **fields: Any) -> Intents:
    """The batch with every change in it changed."""
    return [
        replace(one, body=replace(one.body, **fields)) if isinstance(one.body, TaskChange) else one for one in intents
    ]


# ---- changing


@spoils("write", Suite.test_a_change_is_made_to_that_task_and_to_nothing_else)
def moves_the_day_as_well(write: Any, intents: Intents) -> Outcomes:
    return write(_but(intents, due=date(2031, 12, 24)))


@spoils("write", Suite.test_a_change_is_made_to_that_task_and_to_nothing_else)
def closes_nothing(write: Any, intents: Intents) -> Outcomes:
    return write(_but(intents, close=None))


@fails(Suite.test_a_change_made_twice_changes_nothing_more)
class LooksAtTheStampFirst(AcmeWriter):
    def write(self, intents: Intents) -> Outcomes:
        changes = [one.body for one in intents if isinstance(one.body, TaskChange)]
        lives = self.tasks([TaskRef(one.marker, one.remote_id) for one in changes])
        moved = [one.modified not in (None, live.modified) for one, live in zip(changes, lives, strict=True)]
        return [Outcome(one.id, "stale") for one in intents] if any(moved) else super().write(intents)


@spoils("tasks", Suite.test_a_task_that_is_not_ours_is_never_changed)
def takes_any_task_for_ours(tasks: Any, refs: Refs) -> Lives:
    return [replace(one, state="found") if one.state == "foreign" else one for one in tasks(refs)]


@spoils("write", Suite.test_a_task_that_moved_since_the_plan_is_left_and_told_as_stale)
def forgets_when_it_was_planned(write: Any, intents: Intents) -> Outcomes:
    return write(_but(intents, modified=None))


@spoils("write", Suite.test_a_change_planned_on_the_task_as_it_is_goes_through)
def calls_every_plan_old(write: Any, intents: Intents) -> Outcomes:
    return [Outcome(one.id, "stale") if _is_planned(one) else write([one])[0] for one in intents]


def _is_planned(intent: Intent) -> bool:
    return isinstance(intent.body, TaskChange) and intent.body.modified is not None


@spoils("write", Suite.test_a_task_that_is_gone_needs_no_closing_and_takes_nothing_else)
def must_close_what_is_gone(write: Any, intents: Intents) -> Outcomes:
    return [replace(one, state="refused", cause="gone") if one.code == "gone" else one for one in write(intents)]


@spoils("writes", Suite.test_a_change_that_is_not_claimed_is_refused)
def claims_no_change(writes: Any) -> Sequence[Write]:
    return [replace(one, changes=frozenset()) for one in writes()]


@spoils("write", Suite.test_several_changes_of_a_task_are_one_intent)
def makes_one_change_of_two(write: Any, intents: Intents) -> Outcomes:
    return write(_but(intents, owner=None))


@spoils("write", Suite.test_different_days_in_one_batch_are_not_mixed_up)
def sends_one_day_for_all(write: Any, intents: Intents) -> Outcomes:
    days = [one.body.due for one in intents if isinstance(one.body, TaskChange)]
    return write(_but(intents, due=days[0]) if days else intents)


@spoils(
    "write",
    Suite.test_an_owner_who_is_not_there_is_named_as_the_cause,
    Suite.test_a_new_task_for_an_owner_who_is_not_there_names_the_cause,
)
def names_no_cause(write: Any, intents: Intents) -> Outcomes:
    return [replace(one, cause=None) for one in write(intents)]


# ---- looking


@spoils("tasks", Suite.test_a_task_is_told_as_people_see_it)
def takes_every_task_for_open(tasks: Any, refs: Refs) -> Lives:
    return [replace(one, done=False) for one in tasks(refs)]


@fails(Suite.test_a_task_is_read_past_what_was_read_before)
class RemembersTasks(AcmeWriter):
    def tasks(self, refs: Refs) -> Lives:
        kept: dict[TaskRef, LiveTask] = self.__dict__.setdefault("kept", {})
        kept |= {one.ref: one for one in super().tasks([ref for ref in refs if ref not in kept])}
        return [kept[ref] for ref in refs]


@spoils("tasks", Suite.test_tasks_that_are_gone_and_those_of_others_are_told_apart)
def takes_a_foreign_task_for_gone(tasks: Any, refs: Refs) -> Lives:
    return [replace(one, state="gone") if one.state == "foreign" else one for one in tasks(refs)]


@spoils("tasks", Suite.test_a_task_is_looked_at_by_its_marker_alone)
def knows_tasks_by_id_only(tasks: Any, refs: Refs) -> Lives:
    return [tasks([ref])[0] if ref.remote_id else LiveTask(ref, "gone") for ref in refs]


@spoils("tasks", Suite.test_many_tasks_are_looked_at_one_by_one_in_order)
def tells_of_tasks_that_are_there(tasks: Any, refs: Refs) -> Lives:
    return [one for one in tasks(refs) if one.state == "found"]


@spoils("tasks", Suite.test_a_look_at_tasks_of_a_crm_that_is_not_there_tells_of_none)
def takes_silence_for_gone(tasks: Any, refs: Refs) -> Lives:
    try:
        return tasks(refs)
    except ConnectorError:
        return [LiveTask(ref, "gone") for ref in refs]


@spoils("ours", Suite.test_ours_tells_what_each_task_is)
def lists_markers_only(ours: Any, since: Any) -> Iterator[Ours]:
    return (replace(one, owner=None, due=None, subject=None) for one in ours(since))
