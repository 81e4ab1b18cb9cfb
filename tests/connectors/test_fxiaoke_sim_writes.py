"""The simulated Fenxiang Xiaoke changes rows as the real one does: checked, in two stages, never twice the same."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_fxiaoke.sim.caller import Caller
from kamsync_fxiaoke.sim.values import midnight


@pytest.fixture
def tenant():
    with FxiaokeTenant() as running:
        yield running


@pytest.fixture
def client(tenant):
    return Caller(tenant)


# ---- the recycle bin


@pytest.mark.parametrize(("mode", "plain", "asked"), [("always", 1, 1), ("filtered", 0, 1), ("never", 0, 0)])
def test_invalid_rows_show_as_the_tenant_has_it(tenant, client, mode, plain, asked):
    tenant.knobs.void_rows = mode
    id = tenant.add("account", name="作废的客户")
    client.write("invalid", dataObjectApiName="AccountObj", object_data_id=id)

    found = client.rows("AccountObj", ("life_status", "EQ", ["invalid"]))

    assert (len(client.rows()), len(found)) == (plain, asked)
    gotten = client.call("/cgi/crm/v2/data/get", {"dataObjectApiName": "AccountObj", "objectDataId": id})["data"]
    assert (gotten["life_status"], gotten["life_status_before_invalid"]) == ("invalid", "normal")
    assert tenant.ids("account") == []


def test_deletion_has_two_stages_and_the_first_can_be_taken_back(tenant, client):
    id = tenant.add("account", name="华为技术")
    early = client.write("delete", dataObjectApiName="AccountObj", idList=[id])
    client.write("invalid", dataObjectApiName="AccountObj", object_data_id=id)
    again = client.write("invalid", dataObjectApiName="AccountObj", object_data_id=id)
    client.write("recover", dataObjectApiName="AccountObj", idList=[id])
    back = client.names()
    client.write("invalid", dataObjectApiName="AccountObj", object_data_id=id)

    deleted = client.write("delete", dataObjectApiName="AccountObj", idList=[id])

    assert (early["errorCode"], again["errorCode"], back, deleted["errorCode"]) == (
        320001501,
        320001501,
        ["华为技术"],
        0,
    )
    gotten = client.call("/cgi/crm/v2/data/get", {"dataObjectApiName": "AccountObj", "objectDataId": id})
    assert gotten["errorCode"] == 320001404


# ---- writing


def test_a_schedule_is_created_at_the_top_level_and_never_deduplicated(tenant, client):
    owner = tenant.add("user", name="王芳")
    account = tenant.add("account", name="华为技术", owner=owner)
    due = midnight(date(2026, 12, 1))
    marker = "kam:R01:2026-12:abcdefghijklmnopqrstuvwx23"
    data = {
        "dataObjectApiName": "ScheduleObj", "content": f"回访 华为技术\n60 天未联系\n{marker}", "begin_time": due,
        "end_time": due + 3_600_000, "participants": [owner], "owner": [owner],
        "related_object_data": [{"id": account, "name": "x", "describe_api_name": "AccountObj"}],
    }  # fmt: skip

    answers = [client.write("create", object_data=data) for _ in range(2)]

    assert answers[0]["dataId"] != answers[1]["dataId"]
    rows = client.rows("ScheduleObj", ("content", "LIKE", [marker]))
    assert len(rows) == 2
    assert rows[0]["related_object_data"][0] == {"id": account, "name": "华为技术", "describe_api_name": "AccountObj"}
    task = tenant.tasks()[0]
    assert (task.subject, task.body, task.marker) == ("回访 华为技术", "60 天未联系", marker)
    assert (task.target, task.owner, task.due, task.done, task.by_us) == (account, owner, "2026-12-01", False, True)


def test_an_update_changes_the_given_fields_only_and_never_the_owner(tenant, client):
    first, second = tenant.add("user", name="王芳"), tenant.add("user", name="李雷")
    id = tenant.add("account", name="华为技术", phone="0755-1", owner=first, modified=datetime(2026, 1, 1, tzinfo=UTC))
    data = {"_id": id, "dataObjectApiName": "AccountObj", "kam_tags__c": ["t2_Qk3MxB7"], "owner": [second], "url": ""}

    answer = client.write("update", object_data=data)

    row = client.rows()[0]
    assert answer["errorCode"] == 0
    assert (row["tel"], row["owner"], row["kam_tags__c"]) == ("0755-1", [first], ["t2_Qk3MxB7"])
    assert (row["version"], row["last_modified_by"]) == ("2", ["1000"])
    assert row["last_modified_time"] > row["create_time"]
    client.write("changeOwner", dataObjectApiName="AccountObj", Data=[{"objectDataId": id, "ownerId": [second]}])
    assert client.rows()[0]["owner"] == [second]


@pytest.mark.parametrize(
    "field",
    [
        {"kam_tags__c": ["KAM·一级"]},
        {"kam_tags__c": "t1_Rn8VdU2"},
        {"customer_size__c": "大型"},
        {"wallet_date__c": "2026-01-01"},
        {"wallet_estimate__c": "很多"},
        {"blacklisted__c": "true"},
        {"parent_account_id": "650c09e8dc044f0001973e01"},
        {"no_such_field__c": "x"},
    ],
)
def test_a_value_the_field_cannot_hold_is_refused_and_nothing_changes(tenant, client, field):
    id = tenant.add("account", name="华为技术")

    answer = client.write("update", object_data={"_id": id, "dataObjectApiName": "AccountObj", **field})

    assert answer["errorCode"] == 320001500
    assert client.rows()[0]["version"] == "1"


def test_unknown_fields_are_dropped_where_the_tenant_does_so(tenant, client):
    tenant.knobs.unknown_fields = "drop"
    id = tenant.add("account", name="华为技术")

    answer = client.write("update", object_data={"_id": id, "dataObjectApiName": "AccountObj", "no_such__c": "x"})

    assert answer["errorCode"] == 0


def test_a_locked_row_refuses_edits_with_a_word_about_the_lock(tenant, client):
    id = tenant.add("account", name="华为技术")
    tenant.lock_row(id)

    answer = client.write("update", object_data={"_id": id, "dataObjectApiName": "AccountObj", "tel": "1"})

    assert answer["errorCode"] == 50009
    assert "locked" in answer["errorMessage"]
    assert client.rows()[0]["lock_status"] == "1"
    tenant.lock_row(id, on=False)
    assert (
        client.write("update", object_data={"_id": id, "dataObjectApiName": "AccountObj", "tel": "1"})["errorCode"] == 0
    )


def test_a_write_that_does_not_switch_workflows_off_fires_them(tenant, client):
    id = tenant.add("account", name="华为技术")
    data = {"object_data": {"_id": id, "dataObjectApiName": "AccountObj", "tel": "1"}}
    client.write("update", **data)
    quiet = tenant.crm.workflows_fired

    client.call("/cgi/crm/v2/data/update", {**data, "triggerApprovalFlow": False, "triggerWorkFlow": False})

    assert (quiet, tenant.crm.workflows_fired) == (0, 2)


def test_a_write_without_its_object_data_ends_in_a_bare_exception_name(client):
    answer = client.write("create", objectData={})

    assert (answer["errorCode"], answer["errorMessage"]) == (-2, "java.lang.NullPointerException")
