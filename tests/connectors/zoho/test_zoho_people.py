"""What people do in Zoho while we look: delete, restore, merge, lock, forbid; and what Zoho posts to us."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from kamsync.plugin import ConfigError, Intent, Refused, Stream, TagChange, Target, Truncated, Window
from kamsync.testing.faults import Fault
from kamsync_zoho.metadata import USERS
from kamsync_zoho.watch import ids
from tests.connectors.zoho.conftest import ACCOUNTS

DAY = timedelta(days=1)
HOOK = "https://sync.example.cn/hooks/zoho"


def gone(org, window=None):
    now = org.now()
    pages = org.session.gone(ACCOUNTS, window or Window(now - DAY, now + DAY), None)
    return [each.id for page in pages for each in page.gone]


# ---- deletions


def test_deletions_of_both_kinds_are_told(org):
    first, second, _ = org.accounts(3)
    org.tenant.remove("account", first)
    org.tenant.purge(second)

    assert sorted(gone(org)) == [first, second]


def test_more_deletions_than_one_list_holds_are_told_by_kind(open_org):
    org = open_org(wall=400)
    there = org.accounts(700)
    for number, id in enumerate(there):
        org.tenant.remove("account", id) if number % 2 else org.tenant.purge(id)

    assert set(gone(org)) == set(there)


def test_more_deletions_than_zoho_tells_are_admitted(open_org):
    org = open_org(wall=400)
    for id in org.accounts(700):
        org.tenant.remove("account", id)

    with pytest.raises(Truncated):
        gone(org)


def test_a_restored_record_is_no_longer_gone_and_is_read_again(org):
    (id,) = org.accounts(1)
    org.tenant.remove("account", id)
    org.tenant.restore(id)

    assert (gone(org), org.ids()) == ([], [id])


def test_each_stream_says_how_far_back_its_deletions_reach(org):
    reach = {stream.object: stream.remembers for stream in org.session.streams()}

    assert reach["Accounts"] == timedelta(days=60)


def test_a_merge_deletes_the_loser_and_shows_in_its_children(org):
    winner, loser = org.accounts(2)
    contact = org.tenant.add("contact", name="王磊", account=loser)
    org.tenant.merge(winner, loser)

    (child,) = org.records(Stream("contacts", "Contacts", "contact"))

    assert (child.id, child.body["Account_Name"], gone(org)) == (contact, {"id": winner}, [loser])


# ---- people


def test_users_who_left_or_were_deleted_are_read_too(org):
    left = org.tenant.add("user", name="李娜", email="ln@example.cn", active=False)
    deleted = org.tenant.add("user", name="赵强", email="zq@example.cn")
    org.tenant.remove("user", deleted)

    users = {record.id: record.body["status"] for record in org.records(USERS)}

    assert (users[left], users[deleted]) == ("inactive", "deleted")


def test_fields_that_change_in_silence_are_named(org):
    fields = {field.name: field for field in org.session.fields(Stream("deals", "Deals"))}

    assert [name for name, field in fields.items() if field.silent] == ["Expected_Revenue", "Tag"]
    assert fields["Expected_Revenue"].returns == "double"


def test_custom_modules_and_fields_are_discovered(org):
    streams = {stream.object: stream for stream in org.session.streams()}
    fields = {field.name: field for field in org.session.fields(streams["Contracts"])}

    assert (streams["Contracts"].custom, streams["Accounts"].custom) == (True, False)
    assert (fields["Account"].refers_to, fields["Account"].custom, bool(fields["Account"].id)) == (
        "Accounts",
        True,
        True,
    )
    assert not {"Deals_X_Contacts", "Ordered_Items", "Home", "Attachments"} & streams.keys()


@pytest.mark.parametrize("together", [True, False])
def test_modules_and_fields_cost_one_call_where_zoho_tells_them_together(open_org, together):
    org = open_org(modules_with_fields=together)
    for stream in org.session.streams():
        org.session.fields(stream)

    calls = org.spent("/settings/modules") + org.spent("/settings/fields")

    assert calls == (1 if together else 16)


def test_a_field_hidden_since_yesterday_is_unknown_and_not_empty(org):
    org.accounts(1)
    org.tenant.hide_field("Accounts", "Phone")

    (page,) = org.pages(window=org.window(want=frozenset({"Phone", "Account_Name"})))

    assert ("Phone" in page.records[0].body, "Phone" in (page.fields or ())) == (False, False)


# ---- tags at their limits


def change(id, add=(), remove=()):
    return Intent(id, TagChange(Target("accounts", "Accounts", id), add, remove))


def test_a_record_that_carries_all_the_tags_it_may_keeps_them(open_org):
    org = open_org(edition="standard", tags_per_record=5)
    (id,) = org.accounts(1)
    mine = [f"标签{n}" for n in range(4)] + ["KAM·二级"]
    org.tenant.set_tags(id, mine)
    org.session.live([Target("accounts", "Accounts", id)])

    (outcome,) = org.session.write([change(id, ("KAM·一级", "KAM·战略"), ("KAM·二级",))])

    assert (outcome.state, outcome.code, set(org.tenant.tags(id))) == ("refused", "LIMIT_EXCEEDED", set(mine))


def test_a_module_that_is_full_of_tags_is_not_asked_for_more(open_org):
    org = open_org(tags_per_module=1)
    (id,) = org.accounts(1)
    org.tenant.set_tags(id, ["展会"])

    (outcome,) = org.session.write([change(id, ("KAM·一级",))])

    assert (outcome.state, outcome.code) == ("refused", "LIMIT_EXCEEDED")
    assert org.tenant.traffic.calls["POST /crm/v8/settings/tags"] == 0


# ---- check-up


def test_a_check_up_costs_three_calls_where_the_token_names_its_scopes(org):
    org.session.check()

    assert org.credits == 3


def test_the_edition_tells_how_much_may_be_called(open_org):
    org = open_org(edition="enterprise")

    health = org.session.check()

    assert (health.concurrency, health.credits) == (20, 52_000)


def test_a_sandbox_is_told_from_the_real_thing(open_org):
    org = open_org(org_type="sandbox")

    (finding,) = [each for each in org.session.check().findings if each.check == "zoho.kind"]

    assert (finding.state, "sandbox" in finding.detail.en) == ("warn", True)


def test_heavy_calls_stay_within_their_own_smaller_limit(open_org):
    from concurrent.futures import ThreadPoolExecutor

    org = open_org({"concurrency": 18}, sub_concurrency=10)
    org.accounts(1)
    org.session.fields(ACCOUNTS)
    org.tenant.server.latency = 0.03

    with ThreadPoolExecutor(18) as pool:
        list(pool.map(lambda _: org.ids(), range(36)))

    assert [seen for seen in org.tenant.traffic.log if seen.status == 429] == []


# ---- notifications


@pytest.fixture
def watched(open_org):
    scopes = ("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.notifications.ALL", "ZohoCRM.coql.READ")
    return open_org({"notify_token": "口令-1"}, scopes=scopes)


def test_a_channel_lives_a_week(watched):
    until = watched.session.watch(HOOK, [ACCOUNTS])

    assert timedelta(days=6.9) < until - watched.now() <= timedelta(days=7)


def test_a_channel_that_died_silently_is_subscribed_anew(watched):
    watched.session.watch(HOOK, [ACCOUNTS])
    watched.sleep(8 * 86_400)

    again = watched.session.watch(HOOK, [ACCOUNTS])

    assert again > watched.now() + timedelta(days=6)


def test_the_staff_is_no_module_and_is_not_watched(watched):
    streams = watched.session.streams()

    watched.session.watch(HOOK, [stream for stream in streams if stream.entity in ("account", "user")])

    assert [channel.events for channel in watched.tenant.crm.channels.values()] == [["Accounts.all"]]


def test_a_notice_with_our_token_is_a_hint_to_poll_its_module(watched):
    watched.session.watch(HOOK, [ACCOUNTS])
    (id,) = watched.accounts(1)

    (notice,) = watched.tenant.notices(id)

    assert (watched.session.hint({}, notice).objects, ids(notice)) == (("Accounts",), (id,))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"module":"Accounts"}', b'{"token":"x"}', b'{"token":"\\ud800"}', b'{"token":["x"]}']
)
def test_a_notice_without_our_token_is_refused(watched, body):
    with pytest.raises(Refused):
        watched.session.hint({}, body)


@pytest.mark.parametrize("time", ["null", '"1"', "true", "1" + "0" * 30])
def test_a_notice_that_does_not_say_when_is_known_by_nothing(watched, time):
    body = f'{{"token":"口令-1","module":"Accounts","server_time":{time}}}'.encode()

    said = watched.session.hint({}, body)

    assert (said.objects, said.id, said.at) == (("Accounts",), "", None)


def test_a_notice_is_not_believed_where_no_token_is_set(org):
    with pytest.raises(ConfigError, match="notify_token"):
        org.session.hint({}, json.dumps({"module": "Accounts", "token": ""}).encode())


def test_a_token_that_zoho_would_not_keep_is_named_before_it_is_sent(open_org):
    with pytest.raises(ConfigError, match="50"):
        open_org({"notify_token": "x" * 51}).session.watch(HOOK, [ACCOUNTS])


def test_a_refused_subscription_says_so(watched):
    with pytest.raises(Refused):
        watched.session.watch(HOOK, [Stream("none", "No_Such_Module")])


def test_a_field_under_a_blueprint_refuses_its_row_alone(org):
    row = {"code": "RECORD_IN_BLUEPRINT", "details": {"api_name": "Tag"}, "message": "x", "status": "error"}
    first, second = org.accounts(2)
    good = {"code": "SUCCESS", "details": {"id": second}, "status": "success"}
    body = {"data": [{**row, "details": {"id": first}}, good]}
    org.tenant.set_tags(first, ["KAM·一级"])
    org.tenant.fault(Fault("answer", on="POST .*/add_tags$", status=207, body=body))

    outcomes = org.session.write([change(id, ("KAM·一级",)) for id in (first, second)])

    assert [(one.state, one.code) for one in outcomes] == [("refused", "RECORD_IN_BLUEPRINT"), ("applied", "SUCCESS")]


def test_a_workflow_is_fired_only_where_the_config_names_it(open_org):
    from tests.connectors.test_zoho_connector import task_for

    quiet, loud = open_org(), open_org({"trigger": ["workflow"]})
    for org in (quiet, loud):
        org.session.write([Intent("1", replace(task_for(org.accounts(1)[0]), owner=None))])

    assert (quiet.tenant.workflows_fired, loud.tenant.workflows_fired) == (0, 1)
