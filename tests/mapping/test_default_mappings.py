"""The mapping files that come with kamsync, on records as the two CRMs send them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kamsync.mapping import Mapping, Notes, Rejection, apply, drift, missing, read_mapping
from kamsync.model import (
    ENTITIES,
    Account,
    Activity,
    Birthday,
    Case,
    Contact,
    Contract,
    Deal,
    Entity,
    Invoice,
    Money,
    Order,
    OrderLine,
    Payment,
    Ref,
    Return,
    Survey,
    User,
    is_two_way,
)
from kamsync.plugin import Field, Record
from kamsync_fxiaoke.sim.fields import objects
from kamsync_zoho.sim.fields import modules
from tests.mapping.conftest import SHANGHAI


def shipped(crm: str) -> Mapping:
    file = Path("mappings") / f"{crm}.toml"
    return read_mapping(file.read_text("utf-8"), str(file))


MAPPINGS = {crm: shipped(crm) for crm in ("zoho", "fxiaoke")}
FEB_1 = 1_769_875_200_000  # 2026-02-01 00:00 in Shanghai
AT = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
STAMP = "2026-02-01T00:00:00+08:00"
MARKER = "kam:R08:INV-0012-30:" + "k2" * 13
ACCOUNT = {"name": "华北精工集团", "id": "5725"}
ZOHO_USER = {"name": "李雷", "id": "9001", "email": "lilei@example.com"}
OF = Ref("accounts", "5725")
OWNER = Ref("users", "9001")
MINE = {"account_id": "650c", "owner": ["1001"], "life_status": "normal", "is_deleted": False, "create_time": FEB_1}
HERS = Ref("accounts", "650c")
FX_OWNER = Ref("users", "1001")


def yuan(amount: int) -> Money:
    return Money(amount * 100, "CNY", amount * 100)


ZOHO = [
    ("accounts", {
        "Account_Name": "华北精工集团有限公司", "Phone": "010-88886666", "Website": "https://hbjg.example.cn",
        "Industry": "制造业", "Ownership": "State-owned", "Rating": "Active", "Employees": 1200,
        "Annual_Revenue": Decimal("120000000.5"), "Parent_Account": {"name": "华北控股", "id": "57"},
        "Owner": ZOHO_USER,
        "Billing_Country": "中国", "Billing_State": "北京", "Billing_City": "北京市", "Billing_Street": "知春路 1 号",
        "Currency": "CNY", "Exchange_Rate": 1, "Created_Time": STAMP, "Other_Name": "HBJG Co., Ltd; 华北精工",
        "USCC": "91440606123456788U", "Customer_Size": "大型", "Wallet_Estimate": 8000000, "Wallet_Date": "2026-06-01",
        "Influence": 80, "Strategic": 70, "Cooperation_Since": "2019-05-01", "Blacklisted": False,
     }, Account(
        name="华北精工集团有限公司", other_names=("HBJG Co., Ltd", "华北精工"), uscc="91440606123456788U",
        industry="制造业", industry_code="C", region="110000", domain="example.cn",
        ownership="state_owned", size="大", employees=1200,
        annual_revenue=Money(12000000050, "CNY", 12000000050),
        phone="+861088886666", website="https://hbjg.example.cn", country="中国", province="北京", city="北京市",
        address="知春路 1 号", parent=Ref("accounts", "57"), owner=OWNER, rating="Active", wallet=yuan(8_000_000),
        wallet_date=date(2026, 6, 1), strategic=70, influence=80, since=date(2019, 5, 1), blacklisted=False,
        created_at=AT)),
    ("contacts", {"Full_Name": None, "Last_Name": "韩梅梅", "Account_Name": ACCOUNT, "Title": "采购总监",
                  "Mobile": "13800138000", "Email": "hmm@example.com", "Date_of_Birth": "1985-03-08",
                  "Reporting_To": {"id": "31"},
                  "Email_Opt_Out": True, "Decision_Role": "决策者"},
     Contact(name="韩梅梅", account=OF, title="采购总监", mobile="+8613800138000", email="hmm@example.com",
             decision_role="decision_maker", birthday=Birthday(3, 8, 1985), reports_to=Ref("contacts", "31"),
             marketing_consent=False, care_consent=False)),
    ("contacts", {"Full_Name": "李华", "Email_Opt_Out": False}, Contact(name="李华")),
    ("tasks", {"Subject": "回访", "Status": "Not Started", "Due_Date": "2026-02-01", "What_Id": ACCOUNT,
               "$se_module": "Accounts", "Owner": ZOHO_USER, "Kamsync_Key": MARKER},
     Activity(kind="task", about=(OF,), subject="回访", at=AT, status="planned", owner=OWNER, marker=MARKER)),
    ("tasks", {"Subject": "寄样", "Status": "Completed", "Closed_Time": STAMP, "What_Id": {"id": "88"},
               "$se_module": "Deals", "Who_Id": {"id": "31", "name": "韩梅梅"}, "Description": f"说明\n{MARKER}"},
     Activity(kind="task", about=(Ref("deals", "88"), Ref("contacts", "31")), subject="寄样", at=AT, status="done",
              marker=MARKER)),
    ("calls", {"Subject": "报价", "Call_Type": "Missed", "Call_Start_Time": STAMP, "What_Id": ACCOUNT,
               "$se_module": "Accounts"},
     Activity(kind="call", about=(OF,), subject="报价", at=AT, status="done", direction="inbound", reached=False)),
    ("calls", {"Call_Type": "Outbound", "Outgoing_Call_Status": "Scheduled", "Call_Result": "Interested"},
     Activity(kind="call", status="planned", direction="outbound", outcome="Interested")),
    ("calls", {"Call_Type": "Outbound", "Outgoing_Call_Status": "Completed", "Call_Result": "No response/Busy"},
     Activity(kind="call", status="done", direction="outbound", reached=False, outcome="No response/Busy")),
    ("events", {"Event_Title": "新春拜访", "Start_DateTime": STAMP, "Event_Kind": "高层拜访", "What_Id": ACCOUNT,
                "$se_module": "Accounts", "Owner": ZOHO_USER},
     Activity(kind="exec_visit", about=(OF,), subject="新春拜访", at=AT, status="done", owner=OWNER)),
    ("events", {"Event_Title": "例会"}, Activity(kind="meeting", subject="例会", status="done")),
    ("notes", {"Note_Content": "客户想降价", "Parent_Id": {**ACCOUNT, "module": {"api_name": "Accounts", "id": "2"}},
               "Created_Time": STAMP},
     Activity(kind="note", about=(OF,), subject="客户想降价", at=AT, status="done")),
    ("deals", {"Deal_Name": "二期", "Account_Name": ACCOUNT, "Stage": "Negotiation/Review", "Amount": 500000,
               "Probability": 60, "Closing_Date": "2026-12-31", "Owner": ZOHO_USER},
     Deal(account=OF, name="二期", stage="Negotiation/Review", status="open", amount=yuan(500_000),
          probability=Decimal("0.6"), close_date=date(2026, 12, 31), owner=OWNER)),
    ("deals", {"Stage": "Closed Lost to Competition"}, Deal(stage="Closed Lost to Competition", status="lost")),
    ("orders", {"SO_Number": "SO-7", "Account_Name": ACCOUNT, "Status": "Delivered", "Grand_Total": Decimal("12000.50"),
                "Order_Date": None, "Created_Time": STAMP, "Cost_Total": 9000, "Returned_Amount": 0},
     Order(account=OF, number="SO-7", date=date(2026, 2, 1), counts=True, gross=Money(1200050, "CNY", 1200050),
           returned=yuan(0), cost=yuan(9000))),
    ("invoices", {"Invoice_Number": "INV-0012", "Account_Name": ACCOUNT, "Invoice_Date": "2026-01-05",
                  "Due_Date": "2026-02-04", "Status": "Approved", "Grand_Total": 12000},
     Invoice(account=OF, number="INV-0012", issued=date(2026, 1, 5), due=date(2026, 2, 4), amount=yuan(12000),
             status="open")),
    ("cases", {"Case_Number": "C-1", "Subject": "漏油", "Account_Name": ACCOUNT, "Type": "Complaint",
               "Priority": "High", "Status": "Closed", "Created_Time": STAMP, "Resolved_Time": STAMP},
     Case(account=OF, number="C-1", subject="漏油", kind="complaint", severity="high", status="closed", opened_at=AT,
          resolved_at=AT)),
    ("contracts", {"Name": "HT-1", "Account": ACCOUNT, "Start_Date": "2026-01-01", "End_Date": "2026-12-31",
                   "Amount": 1000000, "Auto_Renew": True, "Contract_Status": "生效"},
     Contract(account=OF, number="HT-1", start=date(2026, 1, 1), end=date(2026, 12, 31), amount=yuan(1_000_000),
              status="active", auto_renew=True)),
    ("surveys", {"Account": ACCOUNT, "Survey_Type": "CSAT", "Score": 4, "Max_Score": 5, "Survey_Date": "2026-02-01"},
     Survey(account=OF, kind="csat", score=Decimal(4), max_score=Decimal(5), date=date(2026, 2, 1))),
    ("users", {"id": "9001", "full_name": "李雷", "email": "lilei@example.com", "mobile": "", "status": "active"},
     User(name="李雷", email="lilei@example.com", active=True)),
]  # fmt: skip

FXIAOKE = [
    ("accounts", {
        **MINE, "name": "华北精工集团有限公司", "tel": "010-88886666", "url": "hbjg.example.cn", "industry_level1": "1",
        "industry_level1__r": "制造业", "province": "110000", "province__r": "北京", "city": "110100",
        "city__r": "北京市", "address": "知春路 1 号", "uniform_social_credit_code": "91440606123456788U",
        "parent_account_id": "6500", "other_name__c": "HBJG", "customer_size__c": "1", "customer_size__c__r": "大型",
        "wallet_estimate__c": "800.50", "wallet_date__c": FEB_1, "influence__c": "80", "strategic__c": "70.00",
        "cooperation_since__c": FEB_1, "blacklisted__c": False, "mc_currency": "CNY",
     }, Account(
        name="华北精工集团有限公司", other_names=("HBJG",), uscc="91440606123456788U",
        industry="制造业", industry_code="C", region="110000", domain="example.cn",
        size="大",
        phone="+861088886666", website="hbjg.example.cn", province="北京", city="北京市", address="知春路 1 号",
        parent=Ref("accounts", "6500"), owner=FX_OWNER, wallet=yuan(8_005_000), wallet_date=date(2026, 2, 1),
        strategic=70, influence=80, since=date(2026, 2, 1), blacklisted=False, created_at=AT)),
    ("accounts", {"name": "公海客户", "owner": []}, Account(name="公海客户")),
    ("contacts", {**MINE, "name": "韩梅梅", "job_title": "采购总监", "mobile": "13800138000", "decision_role__c": "dm",
                  "birthday__c": FEB_1},
     Contact(name="韩梅梅", account=HERS, title="采购总监", mobile="+8613800138000", decision_role="decision_maker",
             birthday=Birthday(2, 1, 2026), owner=FX_OWNER)),
    ("records", {**MINE, "account_id": None, "active_record_content": "谈价格", "active_record_type": "call",
                 "active_record_type__r": "电话", "interactive_types": "miss",
                 "related_object_data": [{"id": "650c", "name": "华北", "describe_api_name": "AccountObj"},
                                         {"id": "77", "describe_api_name": "LeadsObj"}]},
     Activity(kind="call", about=(HERS, Ref(None, "77")), subject="谈价格", at=AT, status="done", direction="outbound",
              reached=False, owner=FX_OWNER)),
    ("records", {"active_record_type": "meeting", "interactive_types": "face", "create_time": FEB_1},
     Activity(kind="meeting", at=AT, status="done", direction="mutual")),
    ("visits", {**MINE, "customer_id": "650c", "communicate_record": "看产线", "new_stat_date": FEB_1,
                "checkins_scene": "exec"},
     Activity(kind="exec_visit", about=(HERS,), subject="看产线", at=AT, status="done", owner=FX_OWNER)),
    ("schedules", {**MINE, "content": f"回访\n{MARKER}", "begin_time": FEB_1, "end_time": FEB_1,
                   "schedule_status__c": "done",
                   "related_object_data": [{"id": "650c", "describe_api_name": "AccountObj"}]},
     Activity(kind="task", about=(HERS,), subject=f"回访\n{MARKER}", at=AT, status="done", owner=FX_OWNER,
              marker=MARKER)),
    ("deals", {**MINE, "name": "二期", "amount": "500000.00", "sales_stage": "4", "sales_stage__r": "谈判审核",
               "sales_status": "1", "probability": 60, "close_date": FEB_1},
     Deal(account=HERS, name="二期", stage="谈判审核", status="open", amount=yuan(500_000), probability=Decimal("0.6"),
          close_date=date(2026, 2, 1), owner=FX_OWNER, created_at=AT)),
    ("orders", {**MINE, "name": "DD-1", "order_time": FEB_1, "order_amount": "12000.50", "returned_goods_amount": "100",
                "refund_amount": "0.00", "order_status": "Xy7", "order_status__r": "已发货", "cost_amount__c": "9000"},
     Order(account=HERS, number="DD-1", date=date(2026, 2, 1), counts=True, gross=Money(1200050, "CNY", 1200050),
           returned=yuan(100), refunded=yuan(0), cost=yuan(9000), owner=FX_OWNER)),
    ("invoices", {**MINE, "name": "HK-1", "plan_payment_amount": "12000", "plan_payment_time": FEB_1,
                  "actual_payment_amount": "2000.00"},
     Invoice(account=HERS, number="HK-1", issued=date(2026, 2, 1), due=date(2026, 2, 1), amount=yuan(12000),
             paid_amount=yuan(2000))),
    ("payments", {**MINE, "payment_plan_id": "70", "payment_amount": "2000.00", "payment_time": FEB_1},
     Payment(account=HERS, invoice=Ref("invoices", "70"), date=date(2026, 2, 1), amount=yuan(2000))),
    ("order_lines", {**MINE, "name": "CP-1", "order_id": "90", "product_id": "66", "product_id__r": "液压泵",
                     "quantity": "2.50", "product_price": "5000.00", "sales_price": "4800.20", "subtotal": "12000.50"},
     OrderLine(order=Ref("orders", "90"), product="液压泵", quantity=Decimal("2.50"),
               price=Money(480020, "CNY", 480020), amount=Money(1200050, "CNY", 1200050))),
    ("returns", {**MINE, "name": "TH-1", "order_id": "90", "returned_goods_time": FEB_1,
                 "returned_goods_inv_amount": "100.00", "returned_goods_reason": "1",
                 "returned_goods_reason__r": "质量问题"},
     Return(account=HERS, order=Ref("orders", "90"), number="TH-1", date=date(2026, 2, 1), amount=yuan(100),
            reason="质量问题")),
    ("contracts", {**MINE, "name": "HT-1", "contract_amount": "1000000.00", "started_time": FEB_1,
                   "expired_time": FEB_1, "status": "1", "auto_renew__c": True},
     Contract(account=HERS, number="HT-1", start=date(2026, 2, 1), end=date(2026, 2, 1), amount=yuan(1_000_000),
              status="active", auto_renew=True, owner=FX_OWNER)),
    ("cases", {**MINE, "name": "GD-1", "title__c": "漏油", "case_type__c": "complaint", "priority__c": "high",
               "status__c": "closed", "closed_time__c": FEB_1},
     Case(account=HERS, number="GD-1", subject="漏油", kind="complaint", severity="high", status="closed", opened_at=AT,
          resolved_at=AT, owner=FX_OWNER)),
    ("surveys", {"account_id__c": "650c", "kind__c": "nps", "score__c": "9", "max_score__c": "10",
                 "survey_date__c": FEB_1},
     Survey(account=HERS, kind="nps", score=Decimal(9), max_score=Decimal(10), date=date(2026, 2, 1))),
    ("users", {"openUserId": "FSUID_1", "name": "李雷", "mobile": "13900139000", "email": "lilei@example.com",
               "isStop": True, "leaderId": "FSUID_2"},
     User(name="李雷", email="lilei@example.com", phone="+8613900139000", active=False,
          manager=Ref("users", "FSUID_2"))),
]  # fmt: skip


def seen(crm: str, stream: str, body: dict[str, Any], notes: Notes | None = None) -> Entity | Rejection | None:
    record = Record("1", None, body)
    return apply(MAPPINGS[crm], stream, record, zone=SHANGHAI, base_currency="CNY", notes=notes)


@pytest.mark.parametrize(("stream", "body", "entity"), ZOHO)
def test_what_zoho_sends_becomes_the_key_account_file(stream: str, body: dict[str, Any], entity: Entity):
    notes = Notes()

    assert seen("zoho", stream, body, notes) == entity
    assert notes.odd == []


@pytest.mark.parametrize(("stream", "body", "entity"), FXIAOKE)
def test_what_fxiaoke_sends_becomes_the_key_account_file(stream: str, body: dict[str, Any], entity: Entity):
    notes = Notes()

    assert seen("fxiaoke", stream, body, notes) == entity
    assert notes.odd == []


@pytest.mark.parametrize("crm", ["zoho", "fxiaoke"])
def test_the_examples_cover_every_stream(crm: str):
    examples = {"zoho": ZOHO, "fxiaoke": FXIAOKE}[crm]

    assert {stream for stream, _, _ in examples} == set(MAPPINGS[crm].streams)


def test_an_invalid_row_of_fxiaoke_is_no_customer():
    assert seen("fxiaoke", "accounts", {"name": "作废客户", "life_status": "invalid"}) is None


def test_only_calls_that_reached_someone_count_as_contact():
    reached = seen("zoho", "calls", {"Call_Type": "Outbound", "Call_Result": "Interested"})
    missed = seen("zoho", "calls", {"Call_Type": "Missed"})

    assert isinstance(reached, Activity)
    assert isinstance(missed, Activity)
    assert (is_two_way(reached), is_two_way(missed)) == (True, False)


def simulated(crm: str) -> dict[str, list[Field]]:
    tables = modules() if crm == "zoho" else objects()
    return {name: [Field(f.name, f.label, f.type) for f in table.fields.values()] for name, table in tables.items()}


# What other tenants have and the simulated ones do not.
ELSEWHERE = {
    "zoho": {"contracts.amount"},
    "fxiaoke": {"accounts.rating", "accounts.country"},
}


@pytest.mark.parametrize("crm", ["zoho", "fxiaoke"])
def test_the_simulated_tenants_have_the_mapped_fields(crm: str):
    tenant, mapping = simulated(crm), MAPPINGS[crm]
    streams = [stream for stream in mapping.streams if stream != "users"]

    lacking = {
        problem.key.replace(".fields", "")
        for s in streams
        for problem in drift(mapping, s, tenant[mapping.object_of(s)])
    }

    assert lacking <= ELSEWHERE[crm]


def test_custom_fields_that_a_tenant_lacks_are_told_apart():
    plain = [field for field in simulated("zoho")["Accounts"] if field.name != "USCC"]

    assert missing(MAPPINGS["zoho"], "accounts", plain) == {"USCC"}


@pytest.mark.parametrize("crm", ["zoho", "fxiaoke"])
def test_what_stands_there_as_an_example_is_right_once_its_mark_is_taken_away(crm: str):
    example = re.compile(r"^# (\w+ = [\"{\[].*|\[\w+(?:\.\w+)?\])$", re.MULTILINE)
    text = example.sub(r"\1", (Path(__file__).parents[2] / "mappings" / f"{crm}.toml").read_text("utf-8"))

    mapping = read_mapping(text, f"mappings/{crm}.toml")

    assert set(mapping.entities.values()) | {"payment"} == set(ENTITIES)
    assert {"sponsor", "credit_limit", "verified_at"} <= set(mapping.specs["accounts"].fields)
