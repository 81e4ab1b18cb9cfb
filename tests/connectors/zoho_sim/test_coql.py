"""COQL of the simulated Zoho: what it can say, what it refuses, what it costs."""

from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def desk(zoho):
    """Six accounts by name, two a second; `desk.ask` gives the names that match."""
    rows = [
        ("甲", 10, "大"),
        ("乙", None, "小"),
        ("丙", 30, "大"),
        ("丁", 40, None),
        ("戊's", 50, "微"),
        ("己%", 60, "大"),
    ]
    for place, (name, employees, size) in enumerate(rows):
        at = START + timedelta(seconds=place // 2)
        zoho.tenant.add("account", name=name, employees=employees, size=size, modified=at, blacklisted=place == 5)

    def ask(rest):
        reply = zoho.coql(f"select Account_Name from Accounts where {rest}")
        return [row["Account_Name"] for row in reply.json()["data"]] if reply.status_code == 200 else reply.status_code

    zoho.ask = ask
    return zoho


@pytest.mark.parametrize(
    ("rest", "names"),
    [
        ("id is not null", "甲 乙 丙 丁 戊's 己%"),
        ("Account_Name = '乙'", "乙"),
        ("Account_Name = '戊\\'s'", "戊's"),
        ("Account_Name in ('甲', '丁')", "甲 丁"),
        ("Account_Name not in ('甲', '丁')", "乙 丙 戊's 己%"),
        ("Account_Name like '%s'", "戊's"),
        ("Account_Name not like '%s'", "甲 乙 丙 丁 己%"),
        ("Employees > 30", "丁 戊's 己%"),
        ("Employees between 30 and 40", "丙 丁"),
        ("Employees is null", "乙"),
        ("Employees != 10", "丙 丁 戊's 己%"),
        ("Blacklisted = true", "己%"),
        ("(Customer_Size = '大型' and (Employees >= 30 and Employees < 60))", "丙"),
        ("Customer_Size = '微型' or Customer_Size is null", "丁 戊's"),
        ("id is not null order by Employees desc", "己% 戊's 丁 丙 甲 乙"),
        ("id is not null order by Customer_Size asc, Employees desc limit 2", "丁 己%"),
        ("id is not null order by id asc limit 2 offset 3", "丁 戊's"),
        ("id is not null limit 3, 2", "丁 戊's"),
        ("Modified_Time >= '2026-03-01T17:00:02+08:00'", "戊's 己%"),
        ("Modified_Time < '2026-03-01T09:00:01+00:00'", "甲 乙"),
    ],
)
def test_a_query_finds_just_what_it_says(desk, rest, names):
    assert desk.ask(rest) == names.split()


def test_nothing_found_is_a_204(desk):
    assert desk.ask("Account_Name = '没有'") == 204


def test_a_keyset_walk_with_ties_brings_every_row_once_in_order(zoho):
    with zoho.tenant.lock:
        ids = [zoho.tenant.add("account", name="客户", modified=START + timedelta(seconds=n // 7)) for n in range(50)]
    seen, stamp, last = [], "2026-01-01T00:00:00+08:00", 0

    while True:
        reply = zoho.coql(
            f"select Modified_Time from Accounts where ((Modified_Time > '{stamp}' or (Modified_Time = '{stamp}' "
            f"and id > {last})) and Modified_Time < '2026-04-01T00:00:00+08:00') "
            "order by Modified_Time asc, id asc limit 6"
        )
        if reply.status_code == 204:
            break
        seen += [row["id"] for row in reply.json()["data"]]
        last, stamp = reply.json()["data"][-1]["id"], reply.json()["data"][-1]["Modified_Time"]

    assert seen == ids


def test_lookups_tell_only_the_id_unless_joined_and_the_pseudo_field_is_quoted(zoho):
    account = zoho.tenant.add("account", name="华北精工", industry="汽车")
    zoho.tenant.add("activity", kind="task", about=account, subject="回访")
    zoho.tenant.add("deal", account=account, name="扩产")

    task = zoho.coql(f"select Subject, What_Id, Owner, '$se_module' from Tasks where What_Id = '{account}'")
    deal = zoho.coql(
        "select Account_Name, Account_Name.Industry, Account_Name.Account_Name as customer from Deals "
        "where Account_Name.Account_Name = '华北精工'"
    )

    (row,) = task.json()["data"]
    assert (row["What_Id"], row["$se_module"], list(row["Owner"])) == ({"id": account}, "Accounts", ["id"])
    assert deal.json()["data"][0] == {
        "id": deal.json()["data"][0]["id"],
        "Account_Name": {"id": account},
        "Account_Name.Industry": "汽车",
        "customer": "华北精工",
    }


@pytest.mark.parametrize(
    ("query", "code", "details"),
    [
        ("select Phone from Accounts", "SYNTAX_ERROR", {"clause": "where"}),
        ("select from Accounts where id > 1", "SYNTAX_ERROR", {"line": 1, "column": 8, "near": "from"}),
        ("select Phone from Accounts where Phone = 'it's'", "SYNTAX_ERROR", None),
        ("select $se_module from Tasks where id > 1", "SYNTAX_ERROR", None),
        ("select * from Tasks where id > 1", "SYNTAX_ERROR", None),
        ("select Phone from Accounts where id > 1 and id > 2 and id > 3", "SYNTAX_ERROR", None),
        ("select Nope from Accounts where id > 1", "INVALID_QUERY", {"column_name": "Nope"}),
        ("select Phone from Accounts where Nope = 1", "INVALID_QUERY", {"column_name": "Nope", "clause": "where"}),
        ("select Phone from Accounts where Description like 'x%'", "INVALID_QUERY", {"column_name": "Description"}),
        ("select Phone from Accounts where Employees = 'many'", "INVALID_QUERY", {"column_name": "Employees"}),
        ("select Phone from Accounts where Modified_Time > '2026-01-01'", "INVALID_QUERY", None),
        ("select Phone from Accounts where Phone > '1'", "INVALID_QUERY", {"operator": ">"}),
        ("select Participants from Events where id > 1", "INVALID_QUERY", {"column_name": "Participants"}),
        ("select Note_Title from Notes where id > 1", "INVALID_QUERY", {"module": "Notes"}),
        ("select Phone from Nowhere where id > 1", "INVALID_QUERY", {"module": "Nowhere"}),
        ("select Phone from Accounts where id > 1 limit 2001", "LIMIT_EXCEEDED", {"clause": "limit"}),
        ("select Phone from Accounts where id > 1 limit 9 offset 99999", "LIMIT_EXCEEDED", {"clause": "offset"}),
        ("select Phone from Accounts where id > 1 order by id, id", "DUPLICATE_DATA", {"column_name": "id"}),
    ],
)
def test_a_query_that_zoho_would_refuse_is_refused_by_its_code(zoho, query, code, details):
    reply = zoho.coql(query)

    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert (details or {}).items() <= reply.json()["details"].items()


def test_columns_criteria_and_lists_have_their_limits(zoho):
    def nested(count):
        return "id > 1" if count == 1 else f"(id > 1 and {nested(count - 1)})"

    columns = ", ".join(["Phone"] * 51)
    replies = [
        zoho.coql(f"select {columns} from Accounts where id > 1"),
        zoho.coql(f"select Phone from Accounts where {nested(26)}"),
        zoho.coql(f"select Phone from Accounts where id in ({', '.join(['1'] * 51)})"),
    ]
    allowed = zoho.coql(f"select Phone from Accounts where {nested(25)}")

    clauses = [(reply.json()["code"], reply.json()["details"]["clause"]) for reply in replies]
    assert clauses == [("LIMIT_EXCEEDED", "select"), ("LIMIT_EXCEEDED", "where"), ("LIMIT_EXCEEDED", "in")]
    assert allowed.status_code == 204


def test_the_limit_drives_the_price(zoho):
    for limit in (200, 201, 1000, 2000):
        zoho.coql(f"select Phone from Accounts where id > 1 limit {limit}")

    assert zoho.tenant.credits_spent == 1 + 2 + 2 + 3


def test_a_field_hidden_from_the_profile_breaks_the_query_by_name_and_falls_out_of_lists(zoho):
    id = zoho.tenant.add("account", name="甲", phone="010-1")

    zoho.tenant.hide_field("Accounts", "Phone")

    refused = zoho.coql("select Account_Name, Phone from Accounts where id > 1").json()
    assert (refused["code"], refused["details"]["column_name"]) == ("INVALID_QUERY", "Phone")
    assert zoho.get("Accounts", fields="Account_Name,Phone").json()["data"] == [{"id": id, "Account_Name": "甲"}]
