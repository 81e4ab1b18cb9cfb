"""Changing Zoho tasks of ours: what goes over the wire, what Zoho answers, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kamsync.plugin import Choice, Field, Intent, Outcome, Stream, Target, Task, TaskChange, TaskRef
from kamsync.testing.faults import Fault
from kamsync.testing.server import Answer, Call
from kamsync.testing.suite_bench import body_of
from kamsync_zoho.changes import able
from kamsync_zoho.metadata import Metadata
from kamsync_zoho.outcomes import by_id

LATER = date(2031, 3, 11)


def marker(number: int = 1) -> str:
    return f"kam:R08:INV-{number}-30:" + "abcdefghijklmnopqrstuvwxy2"


def made(org: Any, count: int = 1) -> list[str]:
    """So many reminders of ours; their ids."""
    target = [Target("accounts", "Accounts", id) for id in org.accounts(count)]
    batch = [
        Intent(f"t{n}", Task(where, "催款", "发票逾期", date(2031, 3, 2), "high", None, marker(n)))
        for n, where in enumerate(target, 1)
    ]
    return [str(told.remote_id) for told in org.session.write(batch)]


def alter(id: str, number: int = 1, **asked: Any) -> Intent:
    return Intent(f"c{number}", TaskChange(Target("accounts", "Accounts", "1"), id, marker(number), **asked))


def states(outcomes: Any) -> list[str]:
    return [outcome.state for outcome in outcomes]


def overheard(org: Any, meanwhile: Callable[[Call], None] = lambda call: None) -> list[Call]:
    """Every call that comes from now on; `meanwhile` runs before each is answered."""
    heard: list[Call] = []
    handle = org.tenant.server.handle

    def listen(call: Call) -> Answer:
        heard.append(call)
        meanwhile(call)
        return handle(call)

    org.tenant.server.handle = listen
    return heard


def test_a_change_that_was_planned_on_a_stamp_goes_alone_on_that_condition(org):
    ids = made(org, 2)
    seen = org.session.tasks([TaskRef(marker(1), ids[0]), TaskRef(marker(2), ids[1])])
    calls = overheard(org)

    told = org.session.write([alter(id, n, close=True, modified=one.modified)
                              for n, (id, one) in enumerate(zip(ids, seen, strict=True), 1)])  # fmt: skip

    puts = [(call.path, call.headers.get("if-unmodified-since")) for call in calls if call.method == "PUT"]
    stamps = [one.modified.isoformat(timespec="seconds") for one in seen]
    assert states(told) == ["applied", "applied"]
    assert puts == [(f"/crm/v8/Tasks/{id}", stamp) for id, stamp in zip(ids, stamps, strict=True)]


def test_a_task_edited_between_our_look_and_our_write_is_stale_and_as_people_left_it(org):
    """The half second that no look can cover: Zoho itself keeps the condition."""
    (id,) = made(org)
    (seen,) = org.session.tasks([TaskRef(marker(), id)])

    def edit(call: Call) -> None:
        if call.method == "PUT":
            org.sleep(2.0)
            org.tenant.reword_task(id, "已约好下周三")

    overheard(org, edit)
    (told,) = org.session.write([alter(id, due=LATER, modified=seen.modified)])

    (task,) = org.tenant.tasks()
    assert (told.state, told.code) == ("stale", "ALREADY_MODIFIED")
    assert (task.subject, task.due) == ("已约好下周三", "2031-03-02")


def test_changes_without_a_stamp_travel_together_and_fire_nothing(org):
    ids = made(org, 120)
    calls = overheard(org)

    told = org.session.write([alter(id, n, due=LATER) for n, id in enumerate(ids, 1)])

    sent = [call.json() for call in calls if call.method == "PUT"]
    assert set(states(told)) == {"applied"}
    assert [len(body["data"]) for body in sent] == [100, 20]
    assert [(body["trigger"], body["skip_feature_execution"]) for body in sent] == [([], [{"name": "cadences"}])] * 2
    assert all(row.keys() == {"id", "Due_Date"} for body in sent for row in body["data"])


def test_deleting_puts_tasks_into_the_bin_in_one_call_that_wakes_no_workflow(org):
    ids = made(org, 3)
    calls = overheard(org)

    told = org.session.write([alter(id, n, delete=True) for n, id in enumerate(ids, 1)])

    (deletion,) = [call for call in calls if call.method == "DELETE"]
    assert states(told) == ["applied"] * 3
    assert deletion.query == {"ids": ",".join(ids), "wf_trigger": "false"}
    assert org.tenant.tasks() == []
    org.tenant.restore(ids[0])
    assert [one.state for one in org.session.tasks([TaskRef(marker(1), ids[0])])] == ["found"]


def test_a_workflow_wakes_for_a_change_only_where_the_config_names_it(open_org):
    org = open_org(options={"trigger": ["workflow"]})
    ids = made(org, 2)
    before = org.tenant.workflows_fired

    org.session.write([alter(ids[0], 1, close=True), alter(ids[1], 2, delete=True)])

    assert org.tenant.workflows_fired - before == 2


def test_one_bad_row_of_a_batch_of_changes_is_told_by_the_place_it_points_to(org):
    """Zoho names no id in such a refusal; turned round, the place in its words still tells whose it is."""
    ids = made(org, 3)
    handle = org.tenant.server.handle

    def turned(call: Call) -> Answer:
        answer = handle(call)
        if call.method != "PUT":
            return answer
        return Answer(answer.status, {"data": body_of(answer)["data"][::-1]})

    org.tenant.server.handle = turned
    told = org.session.write([alter(ids[0], 1, owner="1"), alter(ids[1], 2, due=LATER), alter(ids[2], 3, due=LATER)])

    assert [(one.state, one.cause) for one in told] == [("refused", "owner"), ("applied", None), ("applied", None)]


def test_rows_are_known_by_id_then_by_the_place_they_point_to_then_by_where_they_stand():
    one, two, three = {"details": {"id": "1"}}, {"details": {"json_path": "$.data[1].Owner"}}, {"code": "INVALID_DATA"}

    assert by_id([two, one], ["1", "2", "3"]) == {"1": one, "2": two}
    assert by_id([one, two, three], ["1", "2", "3"]) == {"1": one, "2": two, "3": three}
    assert by_id([three], ["1", "2"]) == {}


def test_what_a_locked_task_or_one_under_a_process_answers_is_a_lock(org):
    (id,) = made(org)
    org.tenant.lock_record(id)
    locked = org.session.write([alter(id, close=True)])
    org.tenant.lock_record(id, locked=False)
    org.tenant.knobs.blueprint = ("Status",)

    process = org.session.write([alter(id, close=True)])

    assert [(one.state, one.cause) for one in (*locked, *process)] == [("refused", "locked")] * 2


def test_an_organisation_that_has_all_fields_claims_every_change(org):
    (task,) = [write for write in org.session.writes() if write.facet == "task"]

    assert task.changes == {"close", "reopen", "due", "owner", "delete"}


def test_a_grant_without_the_right_to_delete_does_not_claim_it(open_org):
    granted = ",".join(["ZohoCRM.modules.READ", "ZohoCRM.modules.tasks.UPDATE", "ZohoCRM.settings.ALL"])
    org = open_org(scopes=tuple(granted.split(",")))

    (task,) = [write for write in org.session.writes() if write.facet == "task"]

    assert task.changes == {"close", "reopen", "due", "owner"}


class Told(Metadata):
    """What the metadata of a made-up organisation say of tasks."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.told = fields

    def fields_if_told(self, module: str) -> Sequence[Field]:
        return self.told


def test_a_picklist_without_the_word_for_done_cannot_be_closed(org):
    """An admin may rename or remove it: then nothing is written that Zoho would take for another status."""
    fields = org.session.fields(Stream("tasks", "Tasks"))

    def status(*words: str) -> Told:
        choices = tuple(Choice(word, word) for word in words)
        return Told([replace(one, choices=choices) if one.name == "Status" else one for one in fields])

    assert able(status("已完成", "未启动"), deletes=False) == {"close", "reopen", "due", "owner"}
    assert able(status("进行中"), deletes=False) == {"due", "owner"}
    assert able(Told([]), deletes=True) == {"close", "reopen", "due", "owner", "delete"}


def test_after_an_unknown_change_the_rest_is_not_sent(org):
    ids = made(org, 3)
    seen = org.session.tasks([TaskRef(marker(n), id) for n, id in enumerate(ids, 1)])
    org.tenant.fault(Fault("drop_after", on=f"PUT /crm/v8/Tasks/{ids[1]}"))

    told = org.session.write([alter(id, n, close=True, modified=one.modified)
                              for n, (id, one) in enumerate(zip(ids, seen, strict=True), 1)])  # fmt: skip

    assert states(told) == ["applied", "unknown", "not_sent"]
    done = {task.id: task.done for task in org.tenant.tasks()}
    assert [done[id] for id in ids] == [True, True, False]


def test_a_task_that_quotes_our_marker_is_not_ours_unless_its_key_says_so(org):
    """Somebody copies the text of a reminder into a task of their own and goes on writing."""
    (id,) = made(org)
    words = f"见 {marker()} 的提醒"
    theirs = org.tenant.add("activity", kind="task", subject="我的任务", status="planned")
    org.tenant.org.must(theirs).body["Description"] = words
    org.tenant.org.must(theirs).body["Kamsync_Key"] = marker(2)

    told: list[Outcome] = list(org.session.write([alter(theirs, close=True)]))

    assert [(one.state, one.cause) for one in told] == [("refused", "foreign")]
    assert [task.id for task in org.tenant.tasks() if task.done] == []
    assert id != theirs


@pytest.mark.parametrize("keyed", [True, False])
def test_tasks_are_looked_up_by_marker_with_a_key_field_and_without(open_org, keyed):
    org = open_org(task_key_field=keyed)
    ids = made(org, 2)

    seen = org.session.tasks([TaskRef(marker(2)), TaskRef(marker(9)), TaskRef(marker(1))])

    assert [(one.state, one.remote_id) for one in seen] == [("found", ids[1]), ("gone", None), ("found", ids[0])]
