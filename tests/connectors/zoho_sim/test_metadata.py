"""What the simulated Zoho says of itself: modules, fields, people, the company."""

from datetime import UTC, datetime

import pytest


def by_name(reply, key):
    return {each["api_name"]: each for each in reply.json()[key]}


def test_modules_tell_the_useful_ones_from_the_rest(zoho):
    modules = by_name(zoho.get("settings/modules"), "modules")

    useful = [name for name, each in modules.items() if each["api_supported"] and each["viewable"]]
    assert {"Accounts", "Tasks", "Notes", "Sales_Orders", "Satisfaction_Surveys"} <= set(useful)
    assert (modules["Accounts"]["plural_label"], modules["Accounts"]["generated_type"]) == ("客户", "default")
    assert modules["Contracts"]["generated_type"] == "custom"
    assert modules["Contracts"]["module_name"].startswith("CustomModule")
    assert (modules["Home"]["generated_type"], modules["Home"]["api_supported"]) == ("web", False)


def test_fields_have_chinese_labels_stable_ids_and_choices(zoho):
    first, again = [by_name(zoho.get("settings/fields", module="Accounts"), "fields") for _ in range(2)]

    size, parent = first["Customer_Size"], first["Parent_Account"]
    assert (size["display_label"], size["data_type"], size["custom_field"]) == ("企业规模", "picklist", True)
    assert [each["display_value"] for each in size["pick_list_values"]] == ["大型", "中型", "小型", "微型"]
    assert parent["lookup"]["module"]["api_name"] == "Accounts"
    assert first["Modified_Time"]["operation_type"]["api_update"] is False
    assert first["Account_Name"]["system_mandatory"] is True
    assert size["id"] == again["Customer_Size"]["id"]
    assert len({each["id"] for each in first.values()}) == len(first)


def test_the_key_of_our_tasks_is_a_unique_text_field(zoho):
    fields = by_name(zoho.get("settings/fields", module="Tasks"), "fields")

    assert fields["Kamsync_Key"]["unique"]
    assert [name for name, each in fields.items() if each["unique"]] == ["Kamsync_Key"]
    assert fields["Subject"]["length"] == 255


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "REQUIRED_PARAM_MISSING"),
        ({"module": "Nowhere"}, 400, "INVALID_MODULE"),
        ({"module": "Attachments"}, 204, None),
    ],
)
def test_a_module_without_field_metadata_is_a_204_and_an_unknown_one_an_error(zoho, query, status, code):
    reply = zoho.get("settings/fields", **query)

    assert (reply.status_code, reply.json()["code"] if reply.content else None) == (status, code)


def test_a_hidden_field_is_gone_from_the_metadata(zoho):
    zoho.tenant.hide_field("Accounts", "Phone")

    assert "Phone" not in by_name(zoho.get("settings/fields", module="Accounts"), "fields")


def test_users_come_in_pages_by_type(zoho):
    boss = zoho.tenant.add("user", name="李娜", email="ln@example.cn")
    left = zoho.tenant.add("user", name="离职", email="lz@example.cn", active=False, manager=boss)
    zoho.tenant.remove("user", zoho.tenant.add("user", name="已删", email="ys@example.cn"))

    pages = [zoho.get("users", type="AllUsers", per_page=3, page=page).json() for page in (1, 2)]
    inactive = zoho.get("users", type="DeactiveUsers").json()["users"]
    me = zoho.get("users", type="CurrentUser").json()["users"]

    assert [page["info"]["more_records"] for page in pages] == [True, False]
    assert len([user for page in pages for user in page["users"]]) == 5
    assert [(user["id"], user["status"], user["Reporting_To"]["name"]) for user in inactive] == [
        (left, "inactive", "李娜")
    ]
    assert [user["full_name"] for user in me] == ["kamsync"]


def test_the_company_tells_its_id_zone_currency_and_edition(open_tenant):
    zoho = open_tenant(org_id="88", org_type="sandbox", edition="professional", time_zone="Europe/Berlin")

    (org,) = zoho.get("org").json()["org"]

    assert (org["zgid"], org["type"], org["time_zone"], org["currency"]) == ("88", "sandbox", "Europe/Berlin", "CNY")
    assert org["license_details"]["paid_type"] == "professional"


def test_stamps_follow_the_orgs_zone_through_summer_time(open_tenant):
    zoho = open_tenant(time_zone="Europe/Berlin")
    for month in (1, 7):
        zoho.tenant.add("account", name="甲", modified=datetime(2026, month, 1, 12, tzinfo=UTC))

    rows = zoho.get("Accounts", fields="Modified_Time", sort_order="asc").json()["data"]

    assert [row["Modified_Time"] for row in rows] == ["2026-01-01T13:00:00+01:00", "2026-07-01T14:00:00+02:00"]
