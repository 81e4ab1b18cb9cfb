"""Tags of the simulated Zoho: a module's list, a record's set, and the stamp that they leave alone."""

from datetime import UTC, datetime

import pytest

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
TIERS = [{"name": "KAM·一级", "color_code": "#F17574"}, {"name": "KAM·二级"}]


@pytest.fixture
def accounts(zoho):
    return [zoho.tenant.add("account", name=f"客户{n}", tags=["老客户"], modified=START) for n in range(3)]


def change(zoho, verb, ids, *names, **more):
    return zoho.post(f"Accounts/actions/{verb}_tags", {"tags": [{"name": name} for name in names], "ids": ids, **more})


def outcome(reply, key="data"):
    return reply.status_code, [result["code"] for result in reply.json()[key]]


def test_a_tag_is_made_once_for_each_module(zoho):
    made = zoho.post("settings/tags", {"tags": TIERS}, module="Accounts")
    again = zoho.post("settings/tags", {"tags": TIERS}, module="Accounts")
    contacts = zoho.post("settings/tags", {"tags": TIERS[:1]}, module="Contacts")

    ids = [result["details"]["id"] for result in made.json()["tags"]]
    assert outcome(made, "tags") == (201, ["SUCCESS", "SUCCESS"])
    assert outcome(again, "tags") == (400, ["DUPLICATE_DATA", "DUPLICATE_DATA"])
    assert [result["details"]["id"] for result in again.json()["tags"]] == ids
    assert outcome(contacts, "tags") == (201, ["SUCCESS"])
    listed = zoho.get("settings/tags", module="Accounts").json()
    assert listed["tags"][0] == {"name": "KAM·一级", "id": ids[0], "color_code": "#F17574"}
    assert listed["info"] == {"count": 2, "allowed_count": 100}


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ({"name": "字" * 26}, "INVALID_DATA"),
        ({"name": "KAM·一级", "color_code": "#000000"}, "INVALID_DATA"),
        ({"name": " "}, "MANDATORY_NOT_FOUND"),
    ],
)
def test_a_tag_that_cannot_be_is_refused(zoho, tag, code):
    assert outcome(zoho.post("settings/tags", {"tags": [tag]}, module="Accounts"), "tags") == (400, [code])


def test_a_module_holds_only_so_many_tags(open_tenant):
    zoho = open_tenant(tags_per_module=1)

    reply = zoho.post("settings/tags", {"tags": TIERS}, module="Accounts")

    assert outcome(reply, "tags") == (207, ["SUCCESS", "LIMIT_EXCEEDED"])


def test_tags_are_added_and_removed_one_by_one_beside_those_of_people(zoho, accounts):
    added = change(zoho, "add", accounts[:2], "KAM·一级")
    twice = change(zoho, "add", accounts[:1], "KAM·一级")
    removed = change(zoho, "remove", accounts[1:2], "KAM·一级")

    assert [outcome(reply)[0] for reply in (added, twice, removed)] == [200, 200, 200]
    assert [zoho.tenant.tags(id) for id in accounts] == [("老客户", "KAM·一级"), ("老客户",), ("老客户",)]
    assert (added.json()["success_count"], added.json()["locked_count"]) == ("2", "0")


def test_one_record_has_an_address_of_its_own(zoho, accounts):
    zoho.post(f"Accounts/{accounts[0]}/actions/add_tags", {"tags": [{"name": "KAM·一级"}]})
    zoho.post(f"Accounts/{accounts[0]}/actions/remove_tags", {"tags": [{"name": "老客户"}]})

    assert zoho.tenant.tags(accounts[0]) == ("KAM·一级",)


def test_over_write_takes_away_what_people_set(zoho, accounts):
    change(zoho, "add", accounts[:1], "KAM·一级", over_write=True)

    assert zoho.tenant.tags(accounts[0]) == ("KAM·一级",)


def test_an_unknown_record_and_a_full_one_are_refused_by_themselves(open_tenant):
    zoho = open_tenant(tags_per_record=2)
    full = zoho.tenant.add("account", name="满", tags=["一", "二"])
    free = zoho.tenant.add("account", name="空")

    reply = change(zoho, "add", [full, free, "5725767999999999999"], "KAM·一级")

    assert outcome(reply) == (207, ["LIMIT_EXCEEDED", "SUCCESS", "INVALID_DATA"])


def test_five_hundred_records_go_in_a_call_and_a_credit_buys_fifty(zoho, accounts):
    before = zoho.tenant.credits_spent
    change(zoho, "add", accounts * 17, "KAM·一级")
    cost = zoho.tenant.credits_spent - before

    over = change(zoho, "add", accounts * 167, "KAM·一级")

    assert cost == 2
    assert (over.status_code, over.json()["code"]) == (400, "LIMIT_EXCEEDED")


def test_a_tag_nobody_made_is_made_on_the_way_unless_the_profile_may_not(zoho, accounts):
    made = change(zoho, "add", accounts[:1], "KAM·一级")
    zoho.tenant.knobs.auto_create_tags = False
    refused = change(zoho, "add", accounts[:1], "KAM·二级")

    assert [outcome(made), outcome(refused)] == [(200, ["SUCCESS"]), (400, ["INVALID_DATA"])]


@pytest.mark.parametrize("moves", [False, True])
def test_tags_and_formulas_leave_the_stamp_alone_unless_the_knobs_say_otherwise(open_tenant, moves):
    zoho = open_tenant(tags_move_modified=moves, formulas_move_modified=moves)
    account = zoho.tenant.add("account", name="甲", modified=START)
    deal = zoho.tenant.add("deal", name="扩产", account=account, modified=START)

    change(zoho, "add", [account], "KAM·一级")
    zoho.tenant.set_tags(account, ["展会"])
    zoho.tenant.calculate(deal, Expected_Revenue=5)

    since = {"If-Modified-Since": "2026-03-01T17:00:01+08:00"}
    replies = [zoho.get(module, headers=since, fields="Owner") for module in ("Accounts", "Deals")]
    assert [reply.status_code for reply in replies] == ([200, 200] if moves else [304, 304])
    assert zoho.tenant.tags(account) == ("展会",)
