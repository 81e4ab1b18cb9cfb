"""Kamsync's names for things as this org stores them, so that one suite can act as a person in any CRM.

A name it does not know is ignored; a kind of activity that Zoho has no module for is an error of the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kamsync_zoho.sim.state import Body, Org

MODULES = {
    "account": ("Accounts",),
    "contact": ("Contacts",),
    "activity": ("Tasks", "Calls", "Events", "Notes"),
    "deal": ("Deals",),
    "order": ("Sales_Orders",),
    "invoice": ("Invoices",),
    "case": ("Cases",),
    "contract": ("Contracts",),
    "survey": ("Satisfaction_Surveys",),
}
KINDS: dict[str, tuple[str, Body]] = {
    "task": ("Tasks", {}),
    "call": ("Calls", {}),
    "visit": ("Events", {"Event_Kind": "拜访"}),
    "exec_visit": ("Events", {"Event_Kind": "高层拜访"}),
    "meeting": ("Events", {"Event_Kind": "会议"}),
    "note": ("Notes", {}),
}
HOME = {"Currency": "CNY", "Exchange_Rate": 1}
SIZES = {"大": "大型", "中": "中型", "小": "小型", "微": "微型"}
ROLES = {"decision_maker": "决策者", "influencer": "影响者", "user": "使用者", "gatekeeper": "把关者"}
STAGES = {"open": "Negotiation/Review", "won": "Closed Won", "lost": "Closed Lost"}

Setter = Callable[[Org, Any], Body]
Convert = Callable[[Org, Any], Any]


# ---- one value


def plain(org: Org, value: Any) -> Any:
    return value


def number(org: Org, value: Any) -> int | float | None:
    """Whole units: a Decimal, an int, or a money value that counts minor units."""
    if value is None:
        return None
    amount = Decimal(value.minor).scaleb(-2) if hasattr(value, "minor") else Decimal(str(value))
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def day(org: Org, value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(org.zone).date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def moment(org: Org, value: Any) -> str | None:
    if isinstance(value, datetime):
        return org.iso(value.timestamp())
    if isinstance(value, date):
        return org.iso(datetime(value.year, value.month, value.day, 10, tzinfo=org.zone).timestamp())
    return None if value is None else str(value)


def ref(org: Org, value: Any) -> Body | None:
    return None if value is None else org.must(str(getattr(value, "id", value))).ref


def user(org: Org, value: Any) -> Body | None:
    return None if value is None else org.user_ref(str(getattr(value, "id", value)), email=True)


def choice(choices: Mapping[Any, Any]) -> Convert:
    """The stored value of ours; a value that is not ours stands as it is."""
    return lambda org, value: choices.get(value, value)


def to(name: str, convert: Convert = plain) -> Setter:
    return lambda org, value: {name: convert(org, value)}


# ---- one field of ours


def names(org: Org, value: Any) -> Body:
    return {"Other_Name": value if value is None or isinstance(value, str) else "; ".join(value) or None}


def about(org: Org, value: Any) -> Body:
    """What a task, call or event hangs on: a contact has a field of its own."""
    body: Body = {}
    for each in value if isinstance(value, list | tuple) else (value,):
        row = org.must(str(getattr(each, "id", each)))
        if row.module == "Contacts":
            body["Who_Id"] = row.ref
        elif "What_Id" not in body:
            body["What_Id"], body["$se_module"] = row.ref, row.module
    return body


def parent(org: Org, value: Any) -> Body:
    first = value[0] if isinstance(value, list | tuple) else value
    return {"Parent_Id": org.ref_to(org.must(str(getattr(first, "id", first))), "Parent_Id")}


def direction(org: Org, value: Any) -> Body:
    return {"Call_Type": "Inbound" if value == "inbound" else "Outbound"}


def start(org: Org, value: Any) -> Body:
    end = value + timedelta(hours=1) if isinstance(value, datetime) else value
    return {"Start_DateTime": moment(org, value), "End_DateTime": moment(org, end)}


COUNTS = to("Status", choice({True: "Delivered", False: "Cancelled"}))
DONE = {True: "Completed", "done": "Completed", False: "Not Started", "planned": "Not Started", "cancelled": "Deferred"}
CALLED = {True: "Completed", "done": "Completed", False: "Scheduled", "planned": "Scheduled", "cancelled": "Cancelled"}
ABOUT: dict[str, Setter] = {"about": about, "account": about, "owner": to("Owner", user), "text": to("Description")}

FIELDS: dict[str, dict[str, Setter]] = {
    "Accounts": {
        "name": to("Account_Name"), "other_names": names, "other_name": names, "uscc": to("USCC"),
        "industry": to("Industry"), "ownership": to("Ownership"), "size": to("Customer_Size", choice(SIZES)),
        "employees": to("Employees"), "annual_revenue": to("Annual_Revenue", number), "phone": to("Phone"),
        "website": to("Website"), "country": to("Billing_Country"), "province": to("Billing_State"),
        "city": to("Billing_City"), "address": to("Billing_Street"), "parent": to("Parent_Account", ref),
        "owner": to("Owner", user), "rating": to("Rating"), "wallet": to("Wallet_Estimate", number),
        "wallet_date": to("Wallet_Date", day), "strategic": to("Strategic"), "influence": to("Influence"),
        "since": to("Cooperation_Since", day), "blacklisted": to("Blacklisted"),
    },
    "Contacts": {
        "name": to("Last_Name"), "account": to("Account_Name", ref), "title": to("Title"),
        "department": to("Department"), "phone": to("Phone"), "mobile": to("Mobile"), "email": to("Email"),
        "decision_role": to("Decision_Role", choice(ROLES)), "birthday": to("Date_of_Birth", day),
        "reports_to": to("Reporting_To", ref), "owner": to("Owner", user),
        "care_consent": to("Email_Opt_Out", choice({True: False, False: True})),
    },
    "Tasks": {
        **ABOUT, "subject": to("Subject"), "at": to("Due_Date", day), "due": to("Due_Date", day),
        "status": to("Status", choice(DONE)), "done": to("Status", choice(DONE)), "marker": to("Kamsync_Key"),
        "body": to("Description"),
    },
    "Calls": {
        **ABOUT, "subject": to("Subject"), "at": to("Call_Start_Time", moment), "direction": direction,
        "status": to("Outgoing_Call_Status", choice(CALLED)), "done": to("Outgoing_Call_Status", choice(CALLED)),
        "reached": to("Call_Result", choice({True: "Interested", False: "No response/Busy"})),
    },
    "Events": {**ABOUT, "subject": to("Event_Title"), "at": start, "venue": to("Venue")},
    "Notes": {
        "about": parent, "account": parent, "subject": to("Note_Title"), "text": to("Note_Content"),
        "owner": to("Owner", user),
    },
    "Deals": {
        "name": to("Deal_Name"), "account": to("Account_Name", ref), "stage": to("Stage"),
        "status": to("Stage", choice(STAGES)), "amount": to("Amount", number), "owner": to("Owner", user),
        "probability": to("Probability", lambda org, value: None if value is None else int(Decimal(str(value)) * 100)),
        "close_date": to("Closing_Date", day),
    },
    "Sales_Orders": {
        "number": to("SO_Number"), "subject": to("Subject"), "account": to("Account_Name", ref),
        "date": to("Order_Date", day), "counts": COUNTS, "status": to("Status"), "gross": to("Grand_Total", number),
        "returned": to("Returned_Amount", number), "cost": to("Cost_Total", number), "owner": to("Owner", user),
    },
    "Invoices": {
        "number": to("Invoice_Number"), "account": to("Account_Name", ref), "issued": to("Invoice_Date", day),
        "due": to("Due_Date", day), "amount": to("Grand_Total", number), "owner": to("Owner", user),
        "status": to("Status", choice({"open": "Delivered", "paid": "Paid", "cancelled": "Cancelled"})),
    },
    "Cases": {
        "number": to("Case_Number"), "subject": to("Subject"), "account": to("Account_Name", ref),
        "kind": to("Type", choice({"complaint": "Complaint", "service": "Service", "emergency": "Emergency"})),
        "severity": to("Priority", choice({"critical": "High", "high": "High", "normal": "Medium", "low": "Low"})),
        "status": to("Status", choice({"open": "New", "closed": "Closed"})),
        "resolved_at": to("Resolved_Time", moment), "owner": to("Owner", user),
    },
    "Contracts": {
        "number": to("Name"), "account": to("Account", ref), "start": to("Start_Date", day), "end": to("End_Date", day),
        "amount": to("Amount", number), "auto_renew": to("Auto_Renew"), "owner": to("Owner", user),
        "status": to("Contract_Status", choice(
            {"draft": "草稿", "active": "生效", "ended": "终止", "cancelled": "终止"}
        )),
    },
    "Satisfaction_Surveys": {
        "name": to("Name"), "account": to("Account", ref), "score": to("Score", number),
        "kind": to("Survey_Type", choice({"csat": "CSAT", "nps": "NPS"})),
        "max_score": to("Max_Score", number), "date": to("Survey_Date", day),
    },
}  # fmt: skip
USER_FIELDS = {"name": "full_name", "email": "email", "phone": "phone"}


def module_of(entity: str, neutral: Mapping[str, Any]) -> tuple[str, Body]:
    """The module a new record goes to, and what its kind says of it."""
    if entity == "activity":
        return KINDS[neutral.get("kind", "task")]
    return MODULES[entity][0], {}


def body_of(org: Org, module: str, given: Mapping[str, Any]) -> Body:
    """The stored values of what was given."""
    body: Body = {}
    for name, value in given.items():
        setter = FIELDS[module].get(name)
        body.update(setter(org, value) if setter is not None else {})
    return {name: value for name, value in body.items() if name in org.modules[module].fields}


def completed(org: Org, module: str, body: Body, now: float) -> Body:
    """A new record with a plain value in whatever must have one."""
    stamp = org.iso(now)
    usual: dict[str, Body] = {
        "Accounts": {"Account_Name": "未命名客户", "Blacklisted": False, **HOME},
        "Contacts": {"Last_Name": "联系人", "Email_Opt_Out": False},
        "Tasks": {"Subject": "任务", "Status": "Not Started", "Priority": "Normal"},
        "Calls": {"Subject": "通话", "Call_Type": "Outbound", "Call_Start_Time": stamp,
                  "Outgoing_Call_Status": "Completed"},
        "Events": {"Event_Title": "会议", "Start_DateTime": stamp, "End_DateTime": stamp},
        "Deals": {"Deal_Name": "商机", "Stage": "Qualification", **HOME},
        "Sales_Orders": {"Subject": "订单", "Status": "Approved", **HOME},
        "Invoices": {"Subject": "发票", "Status": "Delivered", **HOME},
        "Cases": {"Subject": "工单", "Status": "New", "Case_Origin": "Phone", "Priority": "Medium"},
        "Contracts": {"Name": "合同", "Contract_Status": "生效", "Auto_Renew": False},
        "Satisfaction_Surveys": {"Name": "满意度调查"},
    }  # fmt: skip
    return {**usual.get(module, {}), **{name: value for name, value in body.items() if value is not None}}
