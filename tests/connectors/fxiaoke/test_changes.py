"""Changing schedules of ours: which calls they become, in every behaviour of tenants, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kamsync.plugin import Intent, Probe, Target, TaskChange, TaskRef
from kamsync.testing.faults import Fault
from tests.connectors.fxiaoke.conftest import MARKER

REF = TaskRef(MARKER)
LATER = date(2026, 3, 11)


def made(one: Any, **words: Any) -> str:
    """A reminder of ours on a new account; its id."""
    (id,) = one.many(1)
    (told,) = one.session.write([one.task(id, **words)])
    return str(told.remote_id)


def alter(id: str, marker: str = MARKER, **asked: Any) -> Intent:
    return Intent("c1", TaskChange(Target("accounts", "AccountObj", "1"), id, marker, **asked))


def told(one: Any, *intents: Intent) -> list[tuple[str, str | None]]:
    return [(each.state, each.cause) for each in one.session.write(intents)]


def row(one: Any, id: str) -> dict[str, Any]:
    found: dict[str, Any] = one.tenant.crm.tables["ScheduleObj"].rows[id]
    return found


def live(one: Any, id: str) -> Any:
    return one.session.tasks([replace(REF, remote_id=id)])[0]


# ---- owners


def test_a_schedule_changes_hands_by_change_owner_and_moves_to_the_other_calendar(desk):
    one = desk()
    new = one.tenant.add("user", name="李小三")
    helper = one.tenant.add("user", name="韩梅梅")
    id = made(one)
    table = one.tenant.crm.tables["ScheduleObj"]
    table.put({**row(one, id), "participants": ["1000", helper]})

    assert told(one, alter(id, owner=new)) == [("applied", None)]

    (sent,) = one.sent("/changeOwner")
    assert sent["data"]["Data"] == [{"objectDataId": id, "ownerId": [new]}]
    assert (row(one, id)["owner"], row(one, id)["participants"]) == ([new], [new, helper])
    assert "owner" not in one.sent("/update")[0]["data"]["object_data"]


@pytest.mark.parametrize("left", [True, False])
def test_an_owner_who_left_or_never_was_is_named_as_the_cause_and_nothing_moves(desk, left):
    """30027: the engine gives it to somebody else; it need not read codes."""
    one = desk()
    nobody = one.tenant.add("user", name="李小三") if left else "9999"
    id = made(one)
    if left:
        one.tenant.change("user", nobody, active=False)
    before = row(one, id)

    changed = one.session.write([alter(id, owner=nobody, due=LATER)])
    anew = one.session.write([one.task(one.many(1)[0], MARKER.replace("12-30", "12-31"), owner=nobody)])

    assert [(each.state, each.code, each.cause) for each in (*changed, *anew)] == [("refused", "30027", "owner")] * 2
    assert row(one, id) == before


def test_what_does_not_follow_a_new_owner_is_told_as_unknown(desk):
    """Two calls, and the second goes astray: half is done, so neither "done" nor "not sent" would be true."""
    one = desk()
    new = one.tenant.add("user", name="李小三")
    id = made(one)
    one.tenant.fault(Fault("answer", "data/update", status=200, body={"errorCode": 30004, "errorMessage": "too fast"}))

    (outcome,) = one.session.write([alter(id, owner=new, due=LATER)])

    assert outcome.state == "unknown"
    assert (live(one, id).owner, live(one, id).due) == (new, date(2026, 3, 2))
    assert told(one, alter(id, owner=new, due=LATER)) == [("applied", None)]
    assert (live(one, id).owner, live(one, id).due) == (new, LATER)


# ---- days


def test_the_hour_and_the_length_that_people_gave_a_schedule_stay(desk):
    """They moved it to half past two, for ninety minutes; we move the day and nothing else."""
    one = desk()
    id = made(one)
    begin = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)  # 14:30 in China
    at = int(begin.timestamp() * 1000)
    one.tenant.crm.tables["ScheduleObj"].put({**row(one, id), "begin_time": at, "end_time": at + 5_400_000})

    assert told(one, alter(id, due=LATER)) == [("applied", None)]

    nine_days = int(timedelta(days=9).total_seconds() * 1000)
    assert (row(one, id)["begin_time"], row(one, id)["end_time"]) == (at + nine_days, at + nine_days + 5_400_000)
    assert one.sent("/update")[0]["data"]["object_data"].keys() == {
        "_id",
        "dataObjectApiName",
        "begin_time",
        "end_time",
    }


# ---- done


def test_a_tenant_that_has_all_fields_claims_every_change(desk):
    (task,) = [write for write in desk().session.writes() if write.facet == "task"]

    assert task.changes == {"close", "reopen", "due", "owner", "delete"}


def test_a_tenant_without_a_field_for_done_claims_no_closing_and_refuses_it(desk):
    """An unknown field in an update may be dropped without a word: "closed" would be a lie."""
    one = desk(task_done_field="finished__c", unknown_fields="drop")
    id = made(one)

    (task,) = [write for write in one.session.writes() if write.facet == "task"]

    assert task.changes == {"due", "owner", "delete"}
    assert told(one, alter(id, close=True)) == [("refused", "unsupported")]
    assert one.sent("/update") == []


def test_opening_again_takes_the_first_word_that_does_not_mean_done(desk):
    one = desk()
    id = made(one)
    one.tenant.close_task(id)

    assert told(one, alter(id, close=False)) == [("applied", None)]

    assert row(one, id)["schedule_status__c"] == "open"
    assert live(one, id).done is False


# ---- deleting, and the bin


@pytest.mark.parametrize("shown", ["always", "filtered", "named", "never"])
def test_a_deleted_schedule_lies_in_the_bin_and_is_gone_to_us_in_each_behaviour_of_tenants(desk, shown):
    one = desk(tenant_void_rows=shown)
    id = made(one)

    assert told(one, alter(id, delete=True)) == [("applied", None)]

    assert (row(one, id)["life_status"], live(one, id).state) == ("invalid", "gone")
    assert list(one.session.ours(None)) == []
    assert told(one, alter(id, delete=True), alter(id, close=True)) == [("applied", None)] * 2
    assert one.sent("/delete") == []
    assert len(one.sent("/invalid")) == 1
    if shown != "never":  # where nothing shows it, nobody can know that it was made
        (found,) = one.session.find([Probe(MARKER, Target("accounts", "AccountObj", "1"), one.tenant.now())])
        assert found.state == "found"


def test_a_schedule_that_people_took_out_of_the_bin_is_ours_again(desk):
    one = desk()
    id = made(one)
    one.session.write([alter(id, delete=True)])

    one.tenant.recover("activity", id)

    assert live(one, id).state == "found"
    assert [each.remote_id for each in one.session.ours(None)] == [id]


def test_a_schedule_under_review_is_not_deleted_and_the_crm_s_words_are_told(desk):
    one = desk()
    id = made(one)
    one.tenant.crm.tables["ScheduleObj"].put({**row(one, id), "life_status": "in_change"})

    (outcome,) = one.session.write([alter(id, delete=True)])

    assert outcome.state in ("refused", "unknown")
    assert row(one, id)["life_status"] == "in_change"


# ---- all of them


def test_every_change_switches_approvals_and_workflows_off_at_the_top(desk):
    one = desk()
    new = one.tenant.add("user", name="李小三")
    id = made(one)

    one.session.write([alter(id, owner=new, due=LATER, close=True)])
    one.session.write([alter(id, delete=True)])

    bodies = [*one.sent("/update"), *one.sent("/changeOwner"), *one.sent("/invalid")]
    assert len(bodies) == 3
    assert all((body["triggerApprovalFlow"], body["triggerWorkFlow"]) == (False, False) for body in bodies)
    assert one.tenant.workflows_fired == 0


def test_a_locked_schedule_is_left_and_called_locked(desk):
    one = desk()
    id = made(one)
    one.tenant.lock_row(id)
    seen = told(one, alter(id, due=LATER))
    one.tenant.lock_row(id, on=False)
    locked = {"errorCode": 50009, "errorMessage": "数据已锁定"}
    one.tenant.fault(Fault("answer", "data/update", status=200, body=locked))

    found_by_the_write = told(one, alter(id, due=LATER))

    assert seen == found_by_the_write == [("refused", "locked")]


def test_a_schedule_is_read_past_the_index_before_it_is_changed(desk):
    """Lists show it as it was a quarter of an hour ago; people's edit of a minute ago counts."""
    one = desk(lag=900.0)
    id = made(one)
    seen = live(one, id)
    one.clock.sleep(60.0)
    one.tenant.reword_task(id, "已约好下周三")

    assert [state for state, _ in told(one, alter(id, due=LATER, modified=seen.modified))] == ["stale"]
    assert live(one, id).subject == "已约好下周三"


def test_a_copy_that_people_made_their_own_is_foreign(desk):
    """They took our line out: it is theirs now, whatever its id."""
    one = desk()
    id = made(one)
    one.tenant.crm.tables["ScheduleObj"].put({**row(one, id), "content": "我的日程"})

    assert live(one, id).state == "foreign"
    assert told(one, alter(id, delete=True)) == [("refused", "foreign")]


def test_a_right_that_is_missing_hides_a_schedule_and_a_stopped_app_sends_nothing(desk):
    one = desk()
    id = made(one)
    one.tenant.fault(Fault("answer", "data/get", status=200, body={"errorCode": 20014, "errorMessage": "no right"}))
    hidden = told(one, alter(id, close=True))
    stopped = {"errorCode": 30003, "errorMessage": "no quota was bought"}
    one.tenant.fault(Fault("answer", "data/get", status=200, body=stopped))

    (outcome,) = one.session.write([alter(id, close=True)])

    assert hidden == [("refused", None)]
    assert outcome.state == "not_sent"


@pytest.mark.parametrize("channel", ["function", "message"])
def test_what_cannot_be_seen_to_be_ours_is_never_changed(desk, channel):
    """A task by function has an id and could be called off, but no call shows us whose it is."""
    one = desk(task_channel=channel)
    id = made(one)

    (task,) = [write for write in one.session.writes() if write.facet == "task"]

    assert task.changes == frozenset()
    assert live(one, id).state == "hidden"
    assert told(one, alter(id, delete=True), alter(id, close=True)) == [("refused", "unsupported")] * 2
    assert not any("cancel" in body["data"]["api_name"] for body in one.sent("special/function"))
