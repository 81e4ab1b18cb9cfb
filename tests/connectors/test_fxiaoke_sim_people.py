"""The simulated Fenxiang Xiaoke tells its metadata and people, obeys people's hands, and is seeded from the world."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kamsync.testing import world as w
from kamsync_fxiaoke.sim import FxiaokeTenant, seed
from kamsync_fxiaoke.sim.caller import Caller
from kamsync_fxiaoke.sim.values import midnight


@pytest.fixture
def tenant():
    with FxiaokeTenant() as running:
        yield running


@pytest.fixture
def client(tenant):
    return Caller(tenant)


# ---- metadata


def test_objects_and_fields_are_described_with_labels_and_options(client):
    objects = {one["describeApiName"]: one for one in client.call("/cgi/crm/v2/object/list")["data"]["objects"]}

    top = client.call("/cgi/crm/v2/object/describe", apiName="AccountObj", includeDetail=True)
    inside = client.call("/cgi/crm/v2/object/describe", {"apiName": "satisfaction__c"})

    assert objects["satisfaction__c"]["defineType"] == "custom"
    assert objects["AccountObj"]["defineType"] == "package"
    assert objects["OpportunityObj"]["isActive"] is False
    fields = top["data"]["describe"]["fields"]
    assert (fields["wallet_estimate__c"]["label"], fields["wallet_estimate__c"]["type"]) == (
        "年采购额(万元)",
        "currency",
    )
    assert {"label": "KAM·一级", "value": "t1_Rn8VdU2"} in fields["kam_tags__c"]["options"]
    assert fields["name"]["is_required"] is True
    assert inside["data"]["describe"]["fields"]["account_id__c"]["target_api_name"] == "AccountObj"


# ---- people


def test_the_directory_lists_everybody_by_flat_parameters(tenant, client):
    leader = tenant.add("user", name="王芳", email="fang@example.com", phone="13900001111")
    left = tenant.add("user", name="李雷", active=False, manager=leader)

    users = client.call("/cgi/user/list", departmentId=999999, fetchChild=True)["userList"]

    by_id = {one["employeeNumber"]: one for one in users}
    assert by_id.keys() == {"1000", leader, left}
    assert (by_id[leader]["name"], by_id[leader]["isStop"]) == ("王芳", False)
    assert (by_id[left]["isStop"], by_id[left]["leaderId"]) == (True, by_id[leader]["openUserId"])
    assert client.call("/cgi/user/list", {"departmentId": 999999})["errorCode"] == 10001
    assert client.call("/cgi/user/list", departmentId=5)["errorCode"] == 30007
    found = client.call("/cgi/user/getByMobile", mobile="13900001111")["empList"]
    assert [one["openUserId"] for one in found] == [by_id[leader]["openUserId"]]
    assert client.call("/cgi/user/get", openUserId=by_id[left]["openUserId"])["name"] == "李雷"
    assert client.call("/cgi/user/get", openUserId="FSUID_0")["errorCode"] == 20012


def test_changed_employees_come_in_pages(tenant, client):
    for at in range(5):
        tenant.add("user", name=f"员工{at}", modified=datetime(2026, 1, 1 + at, tzinfo=UTC))
    since = midnight(date(2026, 1, 2))

    page = client.call("/cgi/user/get/batchByUpdTime", startTime=since, endTime=since + 10**9, pageSize=3, pageNumber=2)

    assert (page["pageCount"], page["totalCount"]) == (2, 4)
    assert [one["name"] for one in page["employees"]] == ["员工4"]


def test_departments_hang_below_the_company(client):
    departments = client.call("/cgi/department/list")["departments"]

    assert {one["parentId"] for one in departments if one["id"] != 999999} == {999999}


def test_personnel_rows_are_hidden_until_a_sharing_rule_exists(tenant, client):
    tenant.add("user", name="王芳")
    before = client.rows("PersonnelObj")
    tenant.knobs.personnel_visible = True

    after = client.rows("PersonnelObj", ("full_name", "EQ", ["王芳"]))

    assert before == []
    assert [row["user_id"] for row in after] == ["1001"]


# ---- people's hands


def test_tags_are_read_and_set_by_their_labels(tenant):
    id = tenant.add("account", name="华为技术")

    tenant.set_tags(id, ["老客户", "重点", "KAM·二级"])

    assert tenant.tags(id) == ("老客户", "重点", "KAM·二级")
    assert tenant.truth()["tags"] == {id: ["老客户", "重点", "KAM·二级"]}


def test_a_task_of_a_person_is_closed_and_removed(tenant):
    account = tenant.add("account", name="华为技术")
    at = datetime(2026, 5, 1, 2, tzinfo=UTC)
    id = tenant.add("activity", kind="task", subject="带样品", about=(account,), at=at, status="planned")

    tenant.close_task(id)

    task = tenant.tasks()[0]
    assert (task.done, task.by_us, task.marker, task.due, task.target) == (True, False, None, "2026-05-01", account)
    tenant.remove_task(id)
    assert tenant.tasks() == []


def test_each_kind_of_activity_goes_to_its_object(tenant, client):
    account = tenant.add("account", name="华为技术")
    at = datetime(2026, 5, 1, 2, tzinfo=UTC)
    for kind, direction, reached in [
        ("call", "inbound", True), ("call", "outbound", True), ("call", "outbound", False), ("meeting", "mutual", True),
        ("note", None, None), ("visit", None, None), ("exec_visit", None, None), ("task", None, None),
    ]:  # fmt: skip
        tenant.add("activity", kind=kind, direction=direction, reached=reached, subject=kind, about=account, at=at)

    records = client.rows("ActiveRecordObj")
    visits = client.rows("CheckinsObj")

    how = [(row["active_record_type"], row.get("interactive_types")) for row in records]
    assert sorted(how, key=str) == [
        ("call", "in"), ("call", "miss"), ("call", "out"), ("meeting", "face"), ("note", None)
    ]  # fmt: skip
    assert {row["create_time"] for row in records} == {int(at.timestamp() * 1000)}
    assert {row["checkins_scene"] for row in visits} == {"visit", "exec"}
    assert {row["customer_id__r"] for row in visits} == {"华为技术"}
    assert len(tenant.tasks()) == 1
    assert len(tenant.ids("activity")) == 8


def test_a_change_and_a_removal_by_hand_show_in_the_next_query(tenant, client):
    keep, drop = tenant.add("account", name="留下"), tenant.add("account", name="删掉")
    changed = datetime(2031, 1, 1, tzinfo=UTC)

    tenant.change("account", keep, name="改名", modified=changed)
    tenant.remove("account", drop)

    row = client.rows()[0]
    assert client.names() == ["改名"]
    assert row["last_modified_time"] == int(changed.timestamp() * 1000)
    assert tenant.ids("account") == [keep]


def test_the_state_survives_a_restart(tmp_path):
    state = tmp_path / "fxiaoke.json"
    with FxiaokeTenant(state=state) as first:
        owner = first.add("user", name="王芳")
        id = first.add("account", name="华为技术", owner=owner, industry="新行业")
        first.set_tags(id, ["老客户"])
        caller = Caller(first)
        made = caller.write("create", object_data={"dataObjectApiName": "ScheduleObj", "content": "回访"})["dataId"]

    with FxiaokeTenant(state=state) as second:
        again = Caller(second)
        again.token = caller.token

        row = again.rows()[0]

        assert (row["_id"], row["owner__r"]["name"], row["industry_level1__r"]) == (id, "王芳", "新行业")
        assert second.tags(id) == ("老客户",)
        assert [(task.id, task.by_us) for task in second.tasks()] == [(made, True)]


# ---- the world


def small_world() -> w.World:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    return w.World(
        today=date(2026, 6, 1),
        users=(
            w.WorldUser(key="u1", crm="fxiaoke", name="王芳", email="fang@example.com"),
            w.WorldUser(key="u2", crm="fxiaoke", name="李雷", email="lei@example.com", active=False, manager="u1"),
            w.WorldUser(key="z1", crm="zoho", name="Zoe", email="zoe@example.com"),
        ),
        accounts=(
            w.WorldAccount(
                key="a1", crm="fxiaoke", company=1, name="深圳市远山科技有限公司", other_name="远山", size="中",
                wallet=Decimal(2_500_000), since=date(2019, 4, 1), owner="u2", industry="光电子", province="广东省",
                created=start, modified=datetime(2026, 5, 1, tzinfo=UTC), tags=("展会",),
            ),
            w.WorldAccount(
                key="a0", crm="fxiaoke", company=2, name="老客户厂", created=datetime(2015, 1, 1, tzinfo=UTC),
                modified=start,
            ),
            w.WorldAccount(key="b1", crm="zoho", company=1, name="远山科技", created=start, modified=start),
        ),
        contacts=(w.WorldContact(key="c1", account="a1", name="赵敏", role="决策者", created=start),),
        activities=(
            w.WorldActivity(key="v1", account="a1", kind="call", subject="来电", text="问价", at=start, inbound=True),
            w.WorldActivity(
                key="v2", account="a1", kind="meeting", subject="计划会面", done=False,
                at=datetime(2026, 7, 1, tzinfo=UTC),
            ),
            w.WorldActivity(key="v3", account="b1", kind="call", subject="zoho", at=start),
        ),
        deals=(
            w.WorldDeal(
                key="d1", account="a1", name="框架", amount=Decimal(100), probability=60, status="open",
                close=date(2026, 9, 1), created=start,
            ),
        ),
        orders=(
            w.WorldOrder(
                key="o1", account="a1", number="SO-1", date=date(2026, 2, 1), amount=Decimal(1000),
                returned=Decimal(100), refunded=Decimal(50), status="confirmed",
            ),
        ),
        invoices=(
            w.WorldInvoice(
                key="i1", account="a1", number="INV-0012", issued=date(2026, 2, 2), due=date(2026, 3, 2),
                amount=Decimal(850), paid=((date(2026, 3, 1), Decimal(300)), (date(2026, 3, 20), Decimal("50.5"))),
            ),
        ),
        contracts=(
            w.WorldContract(
                key="k1", account="a1", number="HT-1", start=date(2025, 1, 1), end=date(2025, 12, 31), amount=Decimal(9)
            ),
        ),
        cases=(
            w.WorldCase(
                key="s1", account="a1", number="GD-1", subject="坏了", kind="complaint", priority="high", opened=start
            ),
        ),
        surveys=(w.WorldSurvey(key="q1", account="a1", kind="nps", score=9, max_score=10, date=date(2026, 4, 1)),),
    )  # fmt: skip


def test_the_world_is_seeded_with_the_agreed_fields(tenant, client):
    ids = seed(tenant, small_world())

    account = client.rows("AccountObj", ("_id", "EQ", [ids["a1"]]))[0]
    assert len(client.rows()) == 2
    assert (len(ids["a1"]), len(ids["a0"])) == (24, 32)
    assert (account["wallet_estimate__c"], account["customer_size__c__r"]) == ("250.00", "中型")
    assert (account["industry_level1__r"], account["kam_tags__c__r"]) == ("光电子", ["展会"])
    assert account["owner__r"]["name"] == "李雷(已停用)"
    assert "owner" not in client.rows("AccountObj", ("_id", "EQ", [ids["a0"]]))[0]
    order = client.rows("SalesOrderObj")[0]
    assert (order["order_amount"], order["returned_goods_amount"], order["refund_amount"]) == (
        "1000.00",
        "100.00",
        "50.00",
    )
    assert (order["receivable_amount"], order["order_status"], "cost_amount__c" in order) == ("850.00", "normal", False)
    plan = client.rows("PaymentPlanObj")[0]
    assert (plan["actual_payment_amount"], plan["plan_payment_time"]) == ("350.50", midnight(date(2026, 3, 2)))
    payments = client.rows("PaymentObj", orders=[{"fieldName": "payment_time", "isAsc": True}])
    assert [(row["payment_amount"], row["payment_plan_id"]) for row in payments] == [
        ("300.00", plan["_id"]), ("50.50", plan["_id"])
    ]  # fmt: skip
    assert client.rows("ContactObj")[0]["decision_role__c"] == "dm"
    assert client.rows("NewOpportunityObj")[0]["probability"] == 60
    assert client.rows("ContractObj")[0]["status__r"] == "到期"
    case = client.rows("CasesObj")[0]
    assert (case["case_type__c"], case["priority__c"], case["status__c"]) == ("complaint", "high", "open")
    assert client.rows("satisfaction__c")[0]["survey_date__c"] == midnight(date(2026, 4, 1))
    record = client.rows("ActiveRecordObj")[0]
    assert (record["active_record_content"], record["interactive_types"]) == ("来电\n问价", "in")
    assert record["related_object_data"][0]["id"] == ids["a1"]
    assert [task.subject for task in tenant.tasks()] == ["计划会面"]
    assert len(tenant.ids("user")) == 3


def test_the_same_world_gives_the_same_ids(tenant):
    with FxiaokeTenant() as other:
        assert seed(tenant, small_world()) == seed(other, small_world())


def test_no_seeded_row_is_newer_than_the_worlds_day(tenant, client):
    world = small_world()
    late = w.WorldOrder(key="o2", account="a1", number="SO-2", date=world.today, amount=Decimal(1))

    seed(tenant, replace(world, orders=(late,)))

    order = client.rows("SalesOrderObj")[0]
    assert order["create_time"] == order["last_modified_time"] == order["order_time"] == midnight(world.today)
