"""What we write, by which way, and how honestly its outcome is told."""

from __future__ import annotations

from typing import Any

import pytest

from kamsync.plugin import Probe, Target
from kamsync.testing.faults import Fault
from kamsync.testing.server import Answer

MARKER = "kam:R08:INV-0012-30:" + "abcdefgh23456" * 2


def probe(one: Any, id: str) -> Any:
    return one.session.find([Probe(MARKER, Target("accounts", "AccountObj", id), one.tenant.now())])[0]


# ---- by function


def test_a_function_makes_a_true_task_with_its_marker(desk):
    one = desk(task_channel="function")
    (id,) = one.many(1)

    (outcome,) = one.session.write([one.task(id)])

    (made,) = one.tenant.tasks()
    assert (outcome.state, outcome.remote_id) == ("applied", made.id)
    assert (made.marker, made.target, made.due, made.owner) == (MARKER, id, "2026-03-02", "1000")


@pytest.mark.parametrize(
    "wrap",
    [
        lambda made: {"data": made["data"]},
        lambda made: {"data": {"functionResult": made["data"]}},
        lambda made: {"data": {"success": True, "functionResult": '{"isError":false,"data":{"taskId":"task000001"}}'}},
        lambda made: {"data": made["data"]["data"]},
        lambda made: {"data": "task000001"},
    ],
)
def test_a_function_s_answer_is_understood_in_every_wrapping(desk, wrap):
    one = desk(task_channel="function")
    (id,) = one.many(1)
    one.tamper = lambda call, answer: (
        Answer(200, {"errorCode": 0, **wrap(answer.body)}) if call.path.endswith("function") else answer
    )

    (outcome,) = one.session.write([one.task(id)])

    assert (outcome.state, outcome.remote_id) == ("applied", "task000001")


def test_a_function_that_says_it_failed_is_a_refusal_and_one_not_installed_too(desk):
    one, bare = desk(task_channel="function"), desk(task_channel="function", functions=False)

    assert one.outcomes(one.task(one.many(1)[0], owner="9999")) == [("refused", "function")]
    assert [state for state, _ in bare.outcomes(bare.task(bare.many(1)[0]))] == ["refused"]
    assert one.tenant.tasks() == []


def test_a_task_by_function_whose_answer_is_lost_stays_unknown_for_ever(desk):
    """No list shows it to us, so it is never said to be absent, and nobody makes a second one."""
    one = desk(task_channel="function")
    (id,) = one.many(1)
    one.tenant.fault(Fault("drop_after", "special/function"))

    assert one.outcomes(one.task(id)) == [("unknown", "unknown")]
    assert probe(one, id).state == "unsure"
    assert len(one.tenant.tasks()) == 1


# ---- by message


def test_a_message_reaches_its_owner_with_a_link_to_the_account(desk):
    one = desk(task_channel="message")
    (id,) = one.many(1)

    assert one.outcomes(one.task(id, owner="1000")) == [("applied", "")]

    (sent,) = one.tenant.crm.messages
    assert sent["toUser"] == ["1000"]
    assert sent["composite"]["head"]["title"] == "催收 华为技术"
    assert id in sent["composite"]["link"]["url"]
    assert "data" not in one.sent("message/send")[0]


def test_a_message_whose_answer_is_lost_is_never_sent_again_by_us(desk):
    one = desk(task_channel="message")
    (id,) = one.many(1)
    one.tenant.fault(Fault("drop_after", "message/send"))

    assert one.outcomes(one.task(id)) == [("unknown", "unknown")]
    assert len(one.tenant.crm.messages) == 1
    assert probe(one, id).state == "unsure"
    assert list(one.session.ours(None)) == []


@pytest.mark.parametrize(
    ("words", "levels"),
    [
        ({}, {"tags": "S1", "task": "E1"}),
        ({"task_channel": "function", "tag_channel": "function"}, {"tags": "S0", "task": "E0"}),
        ({"task_channel": "message"}, {"tags": "S1", "task": "E0"}),
    ],
)
def test_each_way_promises_no_more_than_it_keeps(desk, words, levels):
    writes = desk(**words).session.writes()

    assert {write.facet: write.level for write in writes} == levels
    assert all(write.why.zh and write.why.en for write in writes)
    assert [write.undoable for write in writes if write.facet == "task"] == [words.get("task_channel") != "message"]


# ---- tags of the CRM's own


def test_own_tags_are_merged_and_people_s_stay(desk):
    one = desk(tag_channel="function")
    (id,) = one.many(1)
    one.tenant.crm.hung[id] = ["66d904", "66d902"]

    assert one.outcomes(one.tagged(id, add=("KAM·一级",), remove=("KAM·二级",))) == [("applied", "")]

    assert one.tenant.crm.hung[id] == ["66d904", "66d901"]
    assert one.session.live([Target("accounts", "AccountObj", id)])[0].tags == ("老客户", "KAM·一级")
    assert one.outcomes(one.tagged(id, add=("KAM·一级",))) == [("applied", "")]
    assert len([body for body in one.sent("function") if body["data"]["api_name"] == "kam_tag_update__c"]) == 1


def test_a_tag_that_nobody_made_is_refused_by_name(desk):
    one = desk(tag_channel="function")
    (id,) = one.many(1)

    (outcome,) = one.session.write([one.tagged(id, add=("KAM·特级",))])

    assert (outcome.state, outcome.code) == ("refused", "option_missing")
    assert "KAM·特级" in outcome.message


# ---- what stands in the way


def test_rows_under_review_in_a_pool_locked_or_void_are_reported_and_left(desk):
    one = desk()
    review, pooled, locked, void, free = one.many(5)
    table = one.tenant.crm.tables["AccountObj"]
    table.put({**table.rows[review], "life_status": "in_change"})
    one.tenant.pool(pooled)
    one.tenant.lock_row(locked)
    one.tenant.invalidate("account", void)

    told = one.outcomes(*(one.tagged(id, add=("KAM·一级",)) for id in (review, pooled, locked, void, free)))

    assert told == [
        ("refused", "in_review"),
        ("refused", "pooled"),
        ("refused", "locked"),
        ("refused", "gone"),
        ("applied", ""),
    ]
    assert one.tenant.traffic.calls["POST /cgi/crm/v2/data/update"] == 1


def test_a_lock_found_only_by_the_write_is_a_refusal_not_a_doubt(desk):
    one = desk()
    (id,) = one.many(1)
    one.tenant.fault(
        Fault("answer", "data/update", status=200, body={"errorCode": 50009, "errorMessage": "数据已锁定"})
    )

    assert one.outcomes(one.tagged(id, add=("KAM·一级",))) == [("refused", "50009")]


def test_approvals_and_workflows_are_switched_off_at_the_top_of_every_write(desk):
    one = desk()
    (id,) = one.many(1)

    one.session.write([one.task(id), one.tagged(id, add=("KAM·一级",))])

    for body in (*one.sent("/create"), *one.sent("/update")):
        assert (body["triggerApprovalFlow"], body["triggerWorkFlow"]) == (False, False)
    assert one.tenant.workflows_fired == 0


def test_the_owner_is_never_part_of_an_update(desk):
    """The CRM ignores it there without a word; only changeOwner moves a row."""
    one = desk()
    (id,) = one.many(1)

    one.session.write([one.tagged(id, add=("KAM·一级",))])

    assert all("owner" not in body["data"]["object_data"] for body in one.sent("/update"))


def test_the_object_is_named_inside_what_is_written(desk):
    """Left out, the CRM answers with a bare NullPointerException."""
    one = desk()
    (id,) = one.many(1)

    one.session.write([one.task(id), one.tagged(id, add=("KAM·一级",))])

    assert one.sent("/create")[0]["data"]["object_data"]["dataObjectApiName"] == "ScheduleObj"
    assert one.sent("/update")[0]["data"]["object_data"]["dataObjectApiName"] == "AccountObj"


def test_a_create_that_tells_no_id_is_looked_up_by_its_marker(desk):
    one = desk()
    (id,) = one.many(1)

    def without_id(call, answer):
        if call.path.endswith("/create"):
            answer.body.pop("dataId", None)
        return answer

    one.tamper = without_id
    (outcome,) = one.session.write([one.task(id)])

    assert (outcome.state, outcome.remote_id) == ("applied", one.tenant.tasks()[0].id)


def test_people_are_written_as_lists_and_moments_as_milliseconds(desk):
    one = desk()
    (id,) = one.many(1)

    one.session.write([one.task(id, owner="1000")])

    sent = one.sent("/create")[0]["data"]["object_data"]
    assert (sent["owner"], sent["participants"]) == (["1000"], ["1000"])
    assert sent["begin_time"] == 1772413200000
    assert sent["related_object_data"][0]["describe_api_name"] == "AccountObj"


def test_our_own_writes_come_back_under_our_own_name(desk):
    """What we wrote raises the stamp: an echo is known by who wrote last and by content that did not change."""
    one = desk()
    (id,) = one.many(1)
    one.session.write([one.tagged(id, add=("KAM·一级",))])

    page, *_ = one.read(within=one.lately())

    assert page.records[0].body["last_modified_by"] == ["1000"]
