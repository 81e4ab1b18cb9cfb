"""People's hands in the simulated Zoho, its truth, its memory, and a made-up world loaded into it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kamsync.testing.world import (
    World,
    WorldAccount,
    WorldActivity,
    WorldCase,
    WorldContact,
    WorldContract,
    WorldDeal,
    WorldInvoice,
    WorldOrder,
    WorldSurvey,
    WorldUser,
)
from kamsync_zoho.sim import seed

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
KEY = "kam:R01:2026-03:" + "b" * 26


def row(zoho, module, id):
    return zoho.get(f"{module}/{id}").json()["data"][0]


def test_a_person_closes_and_deletes_tasks_and_the_truth_shows_it(zoho):
    account = zoho.tenant.add("account", name="华北精工", tags=("老客户",))
    closed = zoho.tenant.add("activity", kind="task", about=account, subject="回访", text=f"说明\n{KEY}")
    zoho.tenant.remove_task(zoho.tenant.add("activity", kind="task", about=(account,)))

    zoho.tenant.close_task(closed)

    truth = zoho.http.get(f"{zoho.tenant.url}/truth", timeout=10).json()
    (task,) = truth["tasks"]
    assert truth["tags"] == {account: ["老客户"]}
    assert (task["id"], task["done"], task["by_us"], task["marker"]) == (closed, True, False, KEY)


def test_each_kind_of_activity_goes_to_its_module(zoho):
    account = zoho.tenant.add("account", name="华北精工")
    at = START + timedelta(hours=1)
    kinds = ("call", "visit", "exec_visit", "meeting", "note")
    ids = {kind: zoho.tenant.add("activity", kind=kind, about=account, subject="甲", at=at) for kind in kinds}
    missed = zoho.tenant.add("activity", kind="call", about=account, reached=False, status="planned")

    assert row(zoho, "Calls", ids["call"])["Call_Start_Time"] == "2026-03-01T18:00:00+08:00"
    shown = [row(zoho, "Events", ids[kind])["Event_Kind"] for kind in ("visit", "exec_visit", "meeting")]
    assert shown == ["拜访", "高层拜访", "会议"]
    assert row(zoho, "Notes", ids["note"])["Parent_Id"]["module"]["api_name"] == "Accounts"
    call = row(zoho, "Calls", missed)
    assert (call["Call_Result"], call["Outgoing_Call_Status"]) == ("No response/Busy", "Scheduled")
    assert set(zoho.tenant.ids("activity")) == {*ids.values(), missed}


def test_a_kind_that_zoho_has_no_module_for_is_an_error_of_the_test(zoho):
    with pytest.raises(KeyError):
        zoho.tenant.add("activity", kind="chat")


def test_a_rename_shows_in_every_lookup(zoho):
    owner = zoho.tenant.add("user", name="王磊", email="wl@example.cn")
    account = zoho.tenant.add("account", name="旧名", owner=owner)
    deal = zoho.tenant.add("deal", account=account)

    zoho.tenant.change("account", account, name="新名")
    zoho.tenant.change("user", owner, name="王磊2")

    assert row(zoho, "Deals", deal)["Account_Name"] == {"name": "新名", "id": account}
    assert row(zoho, "Accounts", account)["Owner"]["name"] == "王磊2"


def test_a_stopped_tenant_goes_on_where_it_was(open_tenant, tmp_path):
    first = open_tenant(state=tmp_path / "zoho.json")
    account = first.tenant.add("account", name="华北精工", tags=["老客户"], modified=START)
    contact = first.tenant.add("contact", name="张三", account=account)
    first.write("Tasks", {"Subject": "回访", "Kamsync_Key": KEY, "What_Id": {"id": account}, "$se_module": "Accounts"})
    binned = first.tenant.add("account", name="旧客户")
    first.tenant.remove("account", binned)
    first.tenant.save()

    second = open_tenant(state=tmp_path / "zoho.json")
    second.tenant.change("account", account, name="新名")
    second.tenant.restore(binned)

    assert second.tenant.tasks() == first.tenant.tasks()
    assert second.tenant.tags(account) == ("老客户",)
    assert row(second, "Contacts", contact)["Account_Name"]["name"] == "新名"
    assert second.write("Tasks", {"Subject": "回访", "Kamsync_Key": KEY}).json()["data"][0]["code"] == "DUPLICATE_DATA"
    assert second.get("org", headers={"Authorization": f"Zoho-oauthtoken {first.token}"}).status_code == 200


def test_a_state_of_another_kind_is_not_taken_over(zoho):
    with pytest.raises(ValueError, match="format"):
        zoho.tenant.load({"format": 99})


@pytest.fixture
def world():
    """One company with one of everything, and a stranger in the other CRM."""
    stamps = {"created": START - timedelta(days=400), "modified": START}
    hung = {"account": "a1"}
    return World(
        today=date(2026, 3, 2),
        users=(
            WorldUser(key="u1", crm="zoho", name="王磊", email="wl@example.cn", manager="u2"),
            WorldUser(key="u2", crm="zoho", name="李娜", email="ln@example.cn", active=False),
            WorldUser(key="f1", crm="fxiaoke", name="外人", email="x@example.cn"),
        ),
        accounts=(
            WorldAccount(
                key="a1", crm="zoho", company=1, name="华北精工", other_name="HB Precision", size="大", owner="u1",
                wallet=Decimal(3_000_000), since=date(2020, 1, 1), tags=("老客户",), **stamps,
            ),
            WorldAccount(key="b1", crm="fxiaoke", company=2, name="别处", **stamps),
        ),
        contacts=(
            WorldContact(key="c1", name="张三", role="决策者", birthday=date(1980, 5, 1), created=START, **hung),
            WorldContact(key="c2", name="别处", account="b1", created=START),
        ),
        activities=(
            WorldActivity(key="t1", kind="call", subject="来电", at=START, inbound=True, **hung),
            WorldActivity(key="t2", kind="exec_visit", subject="高层", at=FUTURE, done=False, **hung),
            WorldActivity(key="t3", kind="task", subject="待办", at=START, done=False, **hung),
            WorldActivity(key="t4", kind="note", subject="纪要", text="全文", at=START, **hung),
        ),
        deals=(
            WorldDeal(key="d1", name="扩产", amount=Decimal(500), probability=60, status="open", close=date(2026, 6, 1),
                      created=START, **hung),
        ),
        orders=(
            WorldOrder(key="o1", number="SO-1", date=date(2026, 1, 5), amount=Decimal("99.5"), cost=Decimal(60),
                       **hung),
        ),
        contracts=(
            WorldContract(key="k1", number="HT-1", start=date(2025, 1, 1), end=date(2026, 3, 31), amount=Decimal(7),
                          **hung),
        ),
        invoices=(
            WorldInvoice(key="i1", number="INV-1", issued=date(2026, 1, 1), due=date(2026, 2, 1), amount=Decimal(10),
                         paid=((date(2026, 1, 9), Decimal(10)),), **hung),
            WorldInvoice(key="i2", number="INV-2", issued=date(2026, 1, 1), due=date(2026, 2, 1), amount=Decimal(10),
                         **hung),
        ),
        cases=(
            WorldCase(key="s1", number="CS-1", subject="漏油", kind="complaint", priority="normal", opened=START,
                      closed=START + timedelta(days=1), **hung),
        ),
        surveys=(WorldSurvey(key="v1", kind="nps", score=9, max_score=10, date=date(2026, 1, 8), **hung),),
    )  # fmt: skip


def test_a_world_is_loaded_with_what_belongs_to_this_crm_only(zoho, world):
    ids = seed(zoho.tenant, world)

    assert {"b1", "c2", "f1"}.isdisjoint(ids)
    entities = ("account", "contact", "activity", "deal", "order", "contract", "invoice", "case", "survey")
    assert [len(zoho.tenant.ids(each)) for each in entities] == [1, 1, 4, 1, 1, 1, 2, 1, 1]
    assert [zoho.tenant.org.users[ids[key]]["status"] for key in ("u1", "u2")] == ["active", "inactive"]
    assert zoho.tenant.tags(ids["a1"]) == ("老客户",)


@pytest.mark.parametrize(
    ("key", "module", "expected"),
    [
        ("a1", "Accounts", {
            "Account_Name": "华北精工", "Other_Name": "HB Precision", "Customer_Size": "大型",
            "Wallet_Estimate": 3000000, "Cooperation_Since": "2020-01-01", "Modified_Time": "2026-03-01T17:00:00+08:00",
            "Created_Time": "2025-01-25T17:00:00+08:00", "Blacklisted": False, "Currency": "CNY",
        }),
        ("c1", "Contacts", {"Full_Name": "张三", "Decision_Role": "决策者", "Date_of_Birth": "1980-05-01"}),
        ("t1", "Calls", {"Call_Type": "Inbound", "Call_Result": "Interested", "$se_module": "Accounts"}),
        ("t2", "Events", {"Event_Kind": "高层拜访", "Start_DateTime": "2099-01-01T08:00:00+08:00"}),
        ("t3", "Tasks", {"Subject": "待办", "Status": "Not Started", "Due_Date": "2026-03-01"}),
        ("t4", "Notes", {"Note_Content": "全文", "Created_Time": "2026-03-01T17:00:00+08:00"}),
        ("d1", "Deals", {"Probability": 60, "Amount": 500, "Closing_Date": "2026-06-01", "Expected_Revenue": 300}),
        ("o1", "Sales_Orders", {"SO_Number": "SO-1", "Order_Date": "2026-01-05", "Grand_Total": 99.5, "Cost_Total": 60,
                                "Status": "Delivered"}),
        ("k1", "Contracts", {"Name": "HT-1", "End_Date": "2026-03-31", "Contract_Status": "生效", "Auto_Renew": False}),
        ("i1", "Invoices", {"Invoice_Number": "INV-1", "Status": "Paid", "Modified_Time": "2026-01-09T10:00:00+08:00"}),
        ("i2", "Invoices", {"Status": "Delivered", "Due_Date": "2026-02-01", "Grand_Total": 10}),
        ("s1", "Cases", {"Type": "Complaint", "Priority": "Medium", "Status": "Closed",
                         "Resolved_Time": "2026-03-02T17:00:00+08:00", "Created_Time": "2026-03-01T17:00:00+08:00"}),
        ("v1", "Satisfaction_Surveys", {"Survey_Type": "NPS", "Score": 9, "Max_Score": 10,
                                        "Survey_Date": "2026-01-08"}),
    ],
)  # fmt: skip
def test_every_row_of_the_world_stands_in_zohos_own_fields(zoho, world, key, module, expected):
    ids = seed(zoho.tenant, world)

    shown = row(zoho, module, ids[key])

    assert {name: shown[name] for name in expected} == expected


def test_nothing_in_a_seeded_world_was_modified_after_now(zoho, world):
    ids = seed(zoho.tenant, world)

    visit = row(zoho, "Events", ids["t2"])

    assert datetime.fromisoformat(visit["Modified_Time"]) <= zoho.tenant.now()


def test_the_options_connect_to_this_tenant_alone(zoho):
    options = zoho.tenant.options()

    assert options["allow_hosts"] == [zoho.tenant.url.removeprefix("http://")]
    assert options["accounts_url"] == zoho.tenant.url
