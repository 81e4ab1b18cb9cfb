"""Writing to the simulated Zoho: a result per record, its codes, tags, and what a stamp tells."""

from datetime import UTC, datetime, timedelta

import pytest
from requests.exceptions import ConnectionError

from kamsync.testing.faults import Fault

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
KEY = "kam:R08:INV-0012-30:" + "a" * 26


@pytest.fixture
def account(zoho):
    return zoho.tenant.add("account", name="华北精工", modified=START)


def task(account, **more):
    hung = {"What_Id": {"id": account}, "$se_module": "Accounts"}
    return {"Subject": "【KA】续约提醒", "Due_Date": "2026-12-01", **hung, **more}


def outcome(reply):
    return reply.status_code, [result["code"] for result in reply.json()["data"]]


def test_a_task_is_created_with_its_owner_target_and_key(zoho, account):
    owner = zoho.tenant.add("user", name="王磊", email="wl@example.cn")
    due = {"Owner": {"id": owner}, "Kamsync_Key": KEY, "Description": "合同 HT-1"}

    reply = zoho.write("Tasks", task(account, **due))

    (truth,) = zoho.tenant.tasks()
    assert outcome(reply) == (201, ["SUCCESS"])
    assert (truth.id, truth.target, truth.owner) == (reply.json()["data"][0]["details"]["id"], account, owner)
    assert (truth.marker, truth.due, truth.done, truth.by_us) == (KEY, "2026-12-01", False, True)
    assert zoho.tenant.workflows_fired == 0


def test_a_taken_unique_key_names_the_task_that_holds_it_and_is_free_again_after_deletion(zoho, account):
    first = zoho.write("Tasks", task(account, Kamsync_Key=KEY)).json()["data"][0]["details"]["id"]

    again = zoho.write("Tasks", task(account, Kamsync_Key=KEY))
    zoho.tenant.remove_task(first)
    after = zoho.write("Tasks", task(account, Kamsync_Key=KEY))

    assert outcome(again) == (400, ["DUPLICATE_DATA"])
    assert again.json()["data"][0]["details"]["id"] == first
    assert outcome(after) == (201, ["SUCCESS"])


def test_without_the_key_field_the_same_insert_twice_makes_two_tasks(open_tenant):
    zoho = open_tenant(task_key_field=False)
    account = zoho.tenant.add("account", name="华北精工")
    given = task(account, Kamsync_Key=KEY, Description=f"请回访\n{KEY}")

    zoho.write("Tasks", given)
    zoho.write("Tasks", given)

    assert [each.marker for each in zoho.tenant.tasks()] == [KEY, KEY]
    assert "Kamsync_Key" not in [
        field["api_name"] for field in zoho.get("settings/fields", module="Tasks").json()["fields"]
    ]


def test_an_insert_whose_answer_is_lost_is_there_all_the_same(zoho, account):
    zoho.tenant.fault(Fault("drop_after", on="POST /crm/v8/Tasks"))

    with pytest.raises(ConnectionError):
        zoho.write("Tasks", task(account, Kamsync_Key=KEY))

    assert [each.marker for each in zoho.tenant.tasks()] == [KEY]


@pytest.mark.parametrize(
    ("wrong", "code", "details"),
    [
        ({"Subject": None}, "MANDATORY_NOT_FOUND", {"api_name": "Subject", "json_path": "$.data[0].Subject"}),
        ({"Subject": "长" * 256}, "INVALID_DATA", {"api_name": "Subject", "maximum_length": 255}),
        ({"What_Id": {"id": "5725767999999999999"}}, "INVALID_DATA", {"api_name": "What_Id"}),
        ({"$se_module": "Deals"}, "INVALID_DATA", {"api_name": "What_Id"}),
        ({"$se_module": "Nowhere"}, "INVALID_DATA", {"api_name": "$se_module"}),
        ({"$se_module": None}, "DEPENDENT_FIELD_MISSING", {"api_name": "What_Id"}),
        ({"Owner": {"id": "1"}}, "INVALID_DATA", {"api_name": "Owner"}),
        ({"Due_Date": "01/12/2026"}, "INVALID_DATA", {"api_name": "Due_Date", "expected_data_type": "date"}),
        ({"Send_Notification_Email": "no"}, "INVALID_DATA", {"expected_data_type": "boolean"}),
    ],
)
def test_a_bad_record_is_refused_by_field(zoho, account, wrong, code, details):
    reply = zoho.write("Tasks", task(account, **wrong))

    (result,) = reply.json()["data"]
    assert (reply.status_code, result["code"], result["status"]) == (400, code, "error")
    assert details.items() <= result["details"].items()
    assert zoho.tenant.tasks() == []


def test_a_task_for_someone_who_has_left_is_refused(zoho, account):
    gone = zoho.tenant.add("user", name="离职", email="x@example.cn", active=False)

    reply = zoho.write("Tasks", task(account, Owner={"id": gone}))

    assert reply.json()["data"][0]["details"]["api_name"] == "Owner"


def test_a_mixed_batch_is_a_207_in_the_order_of_the_request(zoho, account):
    reply = zoho.write("Tasks", task(account), {"Subject": ""}, "text", task(account, Status="自定义"))

    assert outcome(reply) == (207, ["SUCCESS", "MANDATORY_NOT_FOUND", "INVALID_DATA", "SUCCESS"])


def test_a_batch_of_more_than_a_hundred_is_refused_whole_and_a_credit_buys_ten(zoho, account):
    spent = zoho.tenant.credits_spent
    full = zoho.write("Tasks", *[task(account)] * 100)
    cost = zoho.tenant.credits_spent - spent

    over = zoho.write("Tasks", *[task(account)] * 101)

    assert (full.status_code, cost) == (201, 10)
    assert (over.status_code, over.json()["code"]) == (400, "LIMIT_EXCEEDED")
    assert len(zoho.tenant.tasks()) == 100


def test_workflows_fire_for_each_record_unless_trigger_is_empty(zoho, account):
    zoho.post("Tasks", {"data": [task(account), task(account)]})
    zoho.post("Tasks", {"data": [task(account)], "trigger": []})
    zoho.post("Tasks", {"data": [task(account)], "trigger": ["workflow"]})

    assert zoho.tenant.workflows_fired == 3


def test_an_update_moves_the_stamp_and_completing_a_task_closes_it(zoho, account):
    id = zoho.tenant.add("activity", kind="task", about=account, modified=START)

    reply = zoho.write("Tasks", {"id": id, "Status": "Completed"}, method="PUT")

    (row,) = zoho.get("Tasks", ids=id, fields="Closed_Time,Modified_Time,Modified_By").json()["data"]
    assert outcome(reply) == (200, ["SUCCESS"])
    assert row["Closed_Time"] == row["Modified_Time"] > "2026-03-01T17:00:00+08:00"
    assert row["Modified_By"]["name"] == "kamsync"
    assert [each.done for each in zoho.tenant.tasks()] == [True]


def test_an_update_of_a_record_that_was_modified_meanwhile_is_a_412(zoho, account):
    zoho.tenant.change("account", account, phone="1", modified=START + timedelta(seconds=5))
    change = {"Phone": "2"}

    stale = zoho.write(f"Accounts/{account}", change, method="PUT", headers={"If-Unmodified-Since": START.isoformat()})
    fresh = zoho.write(
        f"Accounts/{account}", change, method="PUT", headers={"If-Unmodified-Since": "2026-03-01T17:00:05+08:00"}
    )

    assert outcome(stale) == (412, ["ALREADY_MODIFIED"])
    assert stale.json()["data"][0]["details"]["Modified_Time"] == "2026-03-01T17:00:05+08:00"
    assert outcome(fresh) == (200, ["SUCCESS"])


def test_a_locked_record_takes_neither_fields_nor_tags_nor_deletion(zoho, account):
    zoho.tenant.lock_record(account)

    update = zoho.write("Accounts", {"id": account, "Phone": "1"}, method="PUT")
    tags = zoho.post("Accounts/actions/add_tags", {"tags": [{"name": "KAM·一级"}], "ids": [account]})
    drop = zoho.call("DELETE", "Accounts", ids=account)
    zoho.tenant.lock_record(account, locked=False)

    assert [outcome(reply) for reply in (update, tags, drop)] == [(400, ["RECORD_LOCKED"])] * 3
    assert tags.json()["locked_count"] == "1"
    assert outcome(zoho.write("Accounts", {"id": account, "Phone": "1"}, method="PUT")) == (200, ["SUCCESS"])


def test_upsert_updates_by_name_and_is_not_offered_for_tasks(zoho, account):
    reply = zoho.write("Accounts/upsert", {"Account_Name": "华北精工", "Phone": "1"}, {"Account_Name": "新客户"})
    tasks = zoho.write("Tasks/upsert", task(account))

    assert [result["action"] for result in reply.json()["data"]] == ["update", "insert"]
    assert len(zoho.tenant.ids("account")) == 2
    assert (tasks.status_code, tasks.json()["code"]) == (400, "NOT_SUPPORTED")


def test_deletion_by_ids_answers_for_each(zoho, account):
    reply = zoho.call("DELETE", "Accounts", ids=f"{account},5725767999999999999")

    assert outcome(reply) == (207, ["SUCCESS", "INVALID_DATA"])
    assert zoho.get("Accounts/deleted").json()["data"][0]["deleted_by"]["name"] == "kamsync"


def test_a_note_hangs_on_its_parent_in_both_shapes(zoho, account):
    newer = {"Parent_Id": {"id": account, "module": {"api_name": "Accounts"}}, "Note_Content": "新"}
    older = {"Parent_Id": account, "se_module": "Accounts", "Note_Content": "旧"}

    reply = zoho.write("Notes", newer, older, {"Note_Content": "无"})

    assert outcome(reply) == (207, ["SUCCESS", "SUCCESS", "MANDATORY_NOT_FOUND"])


def test_what_is_not_json_is_refused_and_unknown_keys_are_ignored_unless_the_knob_says_refuse(zoho, account):
    text = zoho.http.post(
        f"{zoho.tenant.url}/crm/v8/Tasks",
        data="<html>",
        headers={"Authorization": f"Zoho-oauthtoken {zoho.token}"},
        timeout=10,
    )
    ignored = zoho.write("Tasks", task(account, Nonsense=1))
    zoho.tenant.knobs.unknown_keys = "refuse"
    refused = zoho.write("Tasks", task(account, Nonsense=1))

    assert text.json()["code"] == "UNABLE_TO_PARSE_DATA_TYPE"
    assert [outcome(ignored), outcome(refused)] == [(201, ["SUCCESS"]), (400, ["INVALID_DATA"])]
