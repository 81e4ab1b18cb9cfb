"""Staff, their leaders and what the acting employee cannot see."""

from __future__ import annotations

from typing import Any

import pytest

from kamsync.testing.server import Answer


def staff(one: Any) -> dict[str, Any]:
    return {record.id: record.body for page in one.read(one.users) for record in page.records}


def no_right(*paths: str) -> Any:
    def answer(call, answered):
        denied = any(call.path.endswith(path) for path in paths)
        return Answer(200, {"errorCode": 20014, "errorMessage": "no right"}) if denied else answered

    return answer


@pytest.mark.parametrize("ids", ["number", "open"])
def test_owners_and_leaders_go_by_the_same_ids_as_the_staff(desk, ids):
    one = desk(employee_ids=ids)
    boss = one.tenant.add("user", name="王总")
    seller = one.tenant.add("user", name="李丽", manager=boss)
    one.tenant.add("account", name="华为技术", owner=seller)

    people = staff(one)
    (account,) = [record.body for page in one.read() for record in page.records]

    assert people[account["owner"][0]]["name"] == "李丽"
    assert people[people[account["owner"][0]]["leaderId"]]["name"] == "王总"


def test_a_leader_links_in_body_style_too(desk):
    probe = desk()
    open_id = probe.tenant.crm.people.open_id("1000")
    one = desk(auth_style="body", login="legacy", acting_user=open_id)
    boss = one.tenant.add("user", name="王总")
    one.tenant.add("user", name="李丽", manager=boss)

    people = staff(one)
    lily = next(body for body in people.values() if body["name"] == "李丽")

    assert people[lily["leaderId"]]["name"] == "王总"


def test_those_who_left_lose_the_mark_and_are_known_to_have_left(desk):
    one = desk()
    left = one.tenant.add("user", name="张三", active=False)
    one.tenant.add("user", name="李四(已停用)")

    people = staff(one)

    assert (people[left]["name"], people[left]["isStop"]) == ("张三", True)
    assert [(body["name"], body["isStop"]) for body in people.values() if "李四" in body["name"]] == [("李四", True)]


@pytest.mark.parametrize("denied", [("/user/list",), ("/user/list", "/batchByUpdTime")])
def test_the_staff_come_from_the_next_source_where_one_is_closed(desk, denied):
    one = desk(personnel_visible=True)
    seller = one.tenant.add("user", name="李丽")
    one.tamper = no_right(*denied)

    people = staff(one)

    assert people[seller]["name"] == "李丽"


def test_the_changed_staff_come_page_by_page_under_either_name(desk):
    one = desk()
    for number in range(5):
        one.tenant.add("user", name=f"员工{number}")

    everybody: list[Any] = []

    def other(call, answer):
        if call.path.endswith("/user/list"):
            return Answer(200, {"errorCode": 20014, "errorMessage": "no right"})
        if call.path.endswith("/batchByUpdTime"):
            everybody.extend(answer.body.pop("employees"))
            at = (call.json()["pageNumber"] - 1) * 2
            return Answer(200, {**answer.body, "empList": everybody[at : at + 2], "pageCount": 3})
        return answer

    one.tamper = other

    assert len(staff(one)) == 6


def test_departments_are_a_stream_of_their_own(desk):
    one = desk()
    stream = next(stream for stream in one.session.streams() if stream.name == "departments")

    (page,) = one.read(stream)

    assert {record.body["name"] for record in page.records} >= {"全公司", "大客户部"}
    assert "parentId" in {field.name for field in one.session.fields(stream)}


# ---- blind spots


def test_an_acting_employee_who_is_no_admin_is_found_out(desk):
    one = desk(acting_user_admin=False)
    other = one.tenant.add("user", name="李丽")
    one.tenant.add("account", name="他人的", owner=other)
    one.tenant.add("account", name="自己的", owner="1000")

    assert "none of the 1 other" in one.findings("warn")["acting_user"]


def test_an_admin_is_not_taken_for_one_who_sees_only_his_own(desk):
    one = desk()
    other = one.tenant.add("user", name="李丽")
    one.tenant.add("account", name="他人的", owner=other)
    one.tenant.add("account", name="自己的", owner="1000")

    assert "acting_user" not in one.findings("warn")


def test_owners_that_match_nobody_are_told_with_the_setting_that_helps(desk):
    one = desk(own_numbers=True)
    other = one.tenant.add("user", name="李丽")
    one.tenant.add("account", name="他人的", owner=other)

    assert "employee_ids" in one.findings("warn")
    one.session = type(one.session)(
        one.session._options.model_copy(update={"employee_ids": "open"}), one.door, one.clock
    )
    assert "employee_ids" not in one.findings("warn")


def test_a_staff_that_is_not_to_be_seen_is_told_with_the_sharing_rule(desk):
    one = desk()
    one.tenant.add("user", name="李丽")
    one.tamper = no_right("/user/list", "/batchByUpdTime")

    health = one.session.check()

    (finding,) = [one for one in health.findings if one.check == "staff"]
    assert "PersonnelObj" in finding.fix.en


def test_objects_that_are_not_to_be_seen_are_counted_and_named(desk):
    one = desk()
    for name in ("CasesObj", "CheckinsObj"):
        del one.tenant.crm.objects[name]

    told = one.findings("warn")["objects"]

    assert told.startswith("2 objects")
    assert "CasesObj" in told


def test_the_check_up_costs_the_pull_none_of_its_calls(desk):
    one = desk()

    one.session.check()

    assert one.tenant.traffic.calls["POST /cgi/crm/v2/data/query"] == 0


def test_the_day_s_calls_are_told_to_whoever_forecasts(desk):
    assert desk(daily_calls=7_000).session.check().credits == 7_000
