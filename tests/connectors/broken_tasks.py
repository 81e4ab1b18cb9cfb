"""Spoilt writers of tasks, and spoilt looks for them; nothing here is ever sent to a real CRM."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from kamsync.plugin import Found, Intent, Ours, Outcome, Probe, Task, Write
from kamsync.testing.suite import ConnectorTests as Suite
from tests.connectors.acme import AcmeWriter
from tests.connectors.broken import fails, spoils

Outcomes = Sequence[Outcome]
Intents = Sequence[Intent]


# ---- tasks


def _tasks(intents: Intents, **fields: Any) -> Intents:
    return [replace(intent, body=replace(intent.body, **fields)) for intent in intents if isinstance(intent.body, Task)]


@spoils("write", Suite.test_a_task_is_created_as_it_was_asked_for)
def loses_the_body(write: Any, intents: Intents) -> Outcomes:
    return write(_tasks(intents, body=""))


@spoils("write", Suite.test_a_task_without_an_owner_gets_one)
def wants_an_owner(write: Any, intents: Intents) -> Outcomes:
    return _refusing(write, intents, lambda task: task.owner is None)


@spoils("write", Suite.test_a_subject_that_is_too_long_is_cut_and_keeps_its_marker)
def wants_short_subjects(write: Any, intents: Intents) -> Outcomes:
    return _refusing(write, intents, lambda task: len(task.subject) > 200)


@spoils("write", Suite.test_a_task_without_words_is_taken)
def wants_words(write: Any, intents: Intents) -> Outcomes:
    return _refusing(write, intents, lambda task: not task.body)


@spoils("write", Suite.test_every_priority_is_taken)
def knows_three_priorities(write: Any, intents: Intents) -> Outcomes:
    return _refusing(write, intents, lambda task: task.priority == "urgent")


def _refusing(write: Any, intents: Intents, odd: Any) -> Outcomes:
    return [
        Outcome(one.id, "refused") if isinstance(one.body, Task) and odd(one.body) else write([one])[0]
        for one in intents
    ]


@spoils("write", Suite.test_hostile_words_in_a_task_are_stored_as_they_are)
def writes_plain_words_only(write: Any, intents: Intents) -> Outcomes:
    plain = [
        replace(one, body=replace(one.body, subject=one.body.subject.encode("gbk", "ignore").decode("gbk")))
        for one in intents
        if isinstance(one.body, Task)
    ]
    return write(plain)


@spoils(
    "write",
    Suite.test_a_key_that_the_crm_enforces_leaves_one_task_of_two,
    Suite.test_a_reminder_sent_by_two_at_one_time_is_one_task,
)
def makes_every_key_new(write: Any, intents: Intents) -> Outcomes:
    return write(_tasks(intents, marker=f"{uuid.uuid4()}"))


# ---- finding


@spoils(
    "find", Suite.test_a_task_that_was_never_sent_is_absent, Suite.test_a_task_that_was_lost_on_the_way_is_not_found
)
def finds_what_was_never_sent(find: Any, probes: Sequence[Probe]) -> Sequence[Found]:
    return [Found(probe.marker, "found", "1") for probe in probes]


@spoils(
    "find",
    Suite.test_a_task_whose_answer_was_lost_is_found,
    Suite.test_a_task_that_shows_late_is_found_when_the_wait_is_over,
    Suite.test_a_look_at_a_crm_that_is_not_there_is_no_absence,
    Suite.test_a_task_that_people_reworded_is_still_known,
    Suite.test_a_task_that_is_done_is_still_known,
)
def finds_nothing(find: Any, probes: Sequence[Probe]) -> Sequence[Found]:
    return [Found(probe.marker, "absent") for probe in probes]


@fails(Suite.test_a_task_is_found_by_its_marker_among_others)
class FindsByTheBeginning(AcmeWriter):
    def find(self, probes: Sequence[Probe]) -> Sequence[Found]:
        there = {each.marker[:13]: each.remote_id for each in self.ours(None)}
        return [Found(probe.marker, "found", there.get(probe.marker[:13])) for probe in probes]


@spoils("find", Suite.test_the_level_of_tasks_is_no_more_than_the_look_is_worth)
def looks_weakly(find: Any, probes: Sequence[Probe]) -> Sequence[Found]:
    return [replace(one, strong=False) for one in find(probes)]


@spoils("find", Suite.test_many_looks_are_answered_one_by_one_in_order)
def answers_a_hundred_looks(find: Any, probes: Sequence[Probe]) -> Sequence[Found]:
    return find(probes[:100])


@fails(Suite.test_ours_lists_every_task_with_a_marker_and_nobody_elses)
class TakesEveryTaskForOurs(AcmeWriter):
    def ours(self, since: Any) -> Iterator[Ours]:
        for row in self._get("/records/todos")["rows"]:
            yield Ours(row["id"], row["key"] or row["subject"], None, False)


@spoils("ours", Suite.test_ours_since_a_moment_has_what_came_after_it)
def lists_ours_of_all_time(ours: Any, since: Any) -> Iterator[Ours]:
    return ours(None)


@fails(Suite.test_a_task_that_people_deleted_is_not_listed_as_ours)
class ListsWhatItSent(AcmeWriter):
    def write(self, intents: Intents) -> Outcomes:
        outcomes = super().write(intents)
        sent = [
            Ours(str(told.remote_id), one.body.marker, None, False)
            for one, told in zip(intents, outcomes, strict=True)
            if isinstance(one.body, Task)
        ]
        self.__dict__.setdefault("sent", []).extend(sent)
        return outcomes

    def ours(self, since: Any) -> Iterator[Ours]:
        return iter(self.__dict__.get("sent", []))


@spoils("writes", Suite.test_every_level_that_is_claimed_is_one_there_is)
def claims_each_facet_twice(writes: Any) -> Sequence[Write]:
    return [*writes(), *writes()]
