"""The simulated Fenxiang Xiaoke shows and finds rows as the real one does, its traps included."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

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


# ---- values


def test_a_row_carries_values_and_derived_names_just_as_the_crm_writes_them(tenant, client):
    tenant.add("user", name="系统管理员")
    owner = tenant.add("user", name="王芳", active=False)
    account = tenant.add(
        "account", name="华为技术有限公司", owner=owner, size="大", wallet=12_345_600, wallet_date=date(2026, 3, 1),
        blacklisted=False, influence=80, province="广东省",
    )  # fmt: skip
    tenant.set_tags(account, ["老客户", "KAM·一级"])
    tenant.add(
        "deal", account=account, name="年度框架", amount=100, probability="0.6", status="open", stage="方案/报价"
    )

    row, deal = client.rows()[0], client.rows("NewOpportunityObj")[0]

    assert row["wallet_estimate__c"] == "1234.56"
    assert row["wallet_date__c"] == midnight(date(2026, 3, 1)) == 1772294400000  # 2026-02-28 16:00 UTC
    assert (row["customer_size__c"], row["customer_size__c__r"]) == ("1", "大型")
    assert (row["kam_tags__c"], row["kam_tags__c__r"]) == (["TvP3c4kMA", "t1_Rn8VdU2"], ["老客户", "KAM·一级"])
    assert row["blacklisted__c"] is False
    assert row["influence__c"] == "80"
    assert row["province__r"] == "广东省" != row["province"]
    assert row["owner__r"]["name"] == "王芳(已停用)"
    assert (row["owner__r"]["status"], row["owner__l"][0]["id"]) == (1, owner)
    assert "tel" not in row
    assert row["searchAfterId"][0] == str(row["last_modified_time"])
    assert row["total_num"] == 1
    assert (deal["amount"], deal["probability"], deal["sales_stage__r"]) == ("100.00", 60, "方案/报价")
    assert (deal["account_id__r"], deal["account_id__relation_ids"]) == ("华为技术有限公司", account)


def test_empty_fields_come_as_null_only_when_asked(tenant, client):
    tenant.add("account", name="小厂")

    row = client.rows(includeNull=True)[0]

    assert row["tel"] is None
    assert "tel" not in client.rows()[0]


# ---- paging


def test_a_page_is_cut_at_the_limit_of_the_tenant_and_says_so(tenant, client):
    for at in range(130):
        tenant.add("account", name=f"公司{at}")

    answer = client.query(limit=1000)["data"]

    assert (len(answer["dataList"]), answer["limit"], answer["total"]) == (100, 100, 130)
    assert client.query(total=False)["data"]["total"] == 0
    assert client.query(returnTotalNum=3)["data"]["total"] == 0
    assert len(client.rows(offset=100)) == 30


def test_an_offset_over_10000_is_refused(tenant, client):
    assert client.query(offset=10_000)["errorCode"] == 0

    assert client.query(offset=10_100)["errorCode"] == 10013


def test_keyset_by_id_reads_every_row_once_while_rows_are_touched(tenant, client):
    ids = [tenant.add("account", name=f"公司{at}") for at in range(250)]
    seen: list[str] = []
    last = ""

    while True:
        page = client.rows("AccountObj", ("_id", "GT", [last]), orders=[{"fieldName": "_id", "isAsc": True}])
        seen += [row["_id"] for row in page]
        if len(page) < 100:
            break
        last = page[-1]["_id"]
        tenant.change("account", ids[0], phone=last)

    assert seen == sorted(ids)


def test_the_default_order_is_the_newest_change_first(tenant, client):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for at in range(3):
        tenant.add("account", name=f"公司{at}", modified=start + timedelta(minutes=at))

    names = client.names()

    assert names == ["公司2", "公司1", "公司0"]
    ascending = [{"fieldName": "last_modified_time", "isAsc": True}, {"fieldName": "_id", "isAsc": True}]
    assert client.names(orders=ascending) == ["公司0", "公司1", "公司2"]
    edge = str(int((start + timedelta(minutes=1)).timestamp() * 1000))
    assert client.names(("last_modified_time", "GTE", [edge]), orders=ascending) == ["公司1", "公司2"]


def test_a_query_may_lag_behind_while_get_is_fresh(tenant, client):
    tenant.knobs.lag = 30
    id = tenant.add("account", name="新客户")

    early = client.names()

    assert early == []
    fresh = client.call("/cgi/crm/v2/data/get", {"dataObjectApiName": "AccountObj", "objectDataId": id})
    assert fresh["data"]["name"] == "新客户"
    tenant.offset += timedelta(seconds=31)
    assert client.names() == ["新客户"]


# ---- filters


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (("name", "EQ", ["甲公司"]), ["甲公司"]),
        (("name", "N", ["甲公司"]), ["乙公司", "丙厂"]),
        (("name", "LIKE", ["公司"]), ["乙公司", "甲公司"]),
        (("name", "NLIKE", ["公司"]), ["丙厂"]),
        (("name", "STARTWITH", ["丙"]), ["丙厂"]),
        (("name", "ENDWITH", ["厂"]), ["丙厂"]),
        (("influence__c", "GT", ["9"]), ["乙公司"]),
        (("influence__c", "LTE", ["9"]), ["甲公司"]),
        (("influence__c", "BETWEEN", ["5", "80"]), ["乙公司", "甲公司"]),
        (("influence__c", "IS", []), ["丙厂"]),
        (("influence__c", "ISN", []), ["乙公司", "甲公司"]),
        (("customer_size__c", "IN", ["1", "4"]), ["甲公司"]),
        (("customer_size__c", "NIN", ["1"]), ["丙厂", "乙公司"]),
        (("kam_tags__c", "HASANYOF", ["TvP3c4kMA", "t1_Rn8VdU2"]), ["乙公司"]),
        (("kam_tags__c", "NHASANYOF", ["TvP3c4kMA"]), ["丙厂", "甲公司"]),
        (("blacklisted__c", "EQ", ["true"]), ["丙厂"]),
        (("wallet_date__c", "LT", [str(midnight(date(2026, 1, 2)))]), ["甲公司"]),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_each_operator_finds_what_it_says(tenant, client, condition, found):
    tenant.add("account", name="甲公司", influence=9, size="大", wallet_date=date(2026, 1, 1))
    second = tenant.add("account", name="乙公司", influence=10)
    tenant.add("account", name="丙厂", blacklisted=True)
    tenant.set_tags(second, ["老客户"])

    names = client.names(condition)

    assert sorted(names) == sorted(found)


def test_filters_are_anded_with_keyset_and_window(tenant, client):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [tenant.add("account", name=f"公司{at}", modified=start + timedelta(hours=at)) for at in range(40)]
    since = str(int((start + timedelta(hours=37)).timestamp() * 1000))
    by_id = [{"fieldName": "_id", "isAsc": True}]

    names = client.names(("last_modified_time", "GTE", [since]), ("_id", "GT", [ids[37]]), orders=by_id)

    assert names == ["公司38", "公司39"]


@pytest.mark.parametrize(
    "info",
    [
        {"filters": [{"fieldName": "name", "operator": "EQ", "fieldValues": ["x"]}]},
        {"filters": [{"field_name": "name", "operator": "EQ", "field_values": "x"}]},
        {"filters": [{"field_name": "name", "operator": "NE", "field_values": ["x"]}]},
        {"filters": [{"field_name": "no_such__c", "operator": "EQ", "field_values": ["x"]}]},
        {"orders": [{"field_name": "name", "isAsc": True}]},
        {"limit": 0},
    ],
)
def test_the_wrong_spelling_is_refused(client, info):
    answer = client.call("/cgi/crm/v2/data/query", {"dataObjectApiName": "AccountObj", "search_query_info": info})

    assert answer["errorCode"] == 10001


def test_an_unknown_object_is_a_business_error(client):
    assert client.query("NoSuchObj")["errorCode"] == 320001401
    assert client.call("/cgi/crm/v2/object/describe", apiName="NoSuchObj")["errorCode"] == 320001401


def test_a_projection_keeps_the_named_fields_in_the_spelling_of_each_call(tenant, client):
    tenant.add("account", name="华为技术", phone="0755-1")
    extra = {"searchAfterId", "total_num"}

    row = client.rows(fieldProjection=["_id", "last_modified_time"])[0]

    assert row.keys() - extra == {"_id", "last_modified_time"}
    assert "tel" in client.rows(field_projection=["_id"])[0]
    data = {"dataObjectApiName": "AccountObj", "search_query_info": {"limit": 5}, "field_projection": ["name"]}
    simple = client.call("/cgi/crm/custom/v2/data/findSimple", data)["data"]["dataList"][0]
    one = client.call("/cgi/crm/custom/v2/data/findOne", data)["data"]["objectData"]
    assert simple.keys() - extra == one.keys() - extra == {"_id", "name"}


def test_a_custom_object_has_its_own_path_and_may_put_its_list_at_the_top(tenant, client):
    account = tenant.add("account", name="华为技术")
    tenant.add("survey", account=account, kind="nps", score=9, max_score=10, date=date(2026, 5, 1))
    tenant.knobs.strict_paths = True

    row = client.rows("satisfaction__c")[0]

    assert (row["kind__c"], row["score__c"], row["account_id__c__r"]) == ("nps", "9", "华为技术")
    wrong = {"dataObjectApiName": "satisfaction__c", "search_query_info": {}}
    assert client.call("/cgi/crm/v2/data/query", wrong)["errorCode"] == 320001401
    tenant.knobs.custom_list = "top"
    assert client.query("satisfaction__c")["dataList"][0]["_id"] == row["_id"]
