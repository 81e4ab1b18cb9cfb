"""Every data centre, sandbox and developer host; tokens; prices; and rows that say what they mean."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kamsync.net.hosts import admit
from kamsync.plugin import AuthExpired, ConfigError, Refused, Reply, Request, Throttled
from kamsync_zoho import connector, coql
from kamsync_zoho.options import ZohoOptions, centre_of, first_guess
from kamsync_zoho.outcomes import judge
from kamsync_zoho.replies import check
from tests.connectors.zoho.conftest import ACCOUNTS, START

ENDINGS = ["com", "eu", "in", "com.cn", "com.au", "jp", "sa", "uk"]


def options(accounts_url: str, **more: Any) -> ZohoOptions:
    given = {"accounts_url": accounts_url, "client_id": "1000.A", "client_secret": "b", "refresh_token": "c", **more}
    return ZohoOptions(**given)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", ["www", "sandbox", "developer"])
def test_every_data_centre_and_environment_of_zohos_may_be_called(ending, kind):
    admit(f"https://{kind}.zohoapis.{ending}/crm/v8/org", connector.wire.hosts, (), "zoho")

    assert first_guess(options(f"https://accounts.zoho.{ending}")) == f"https://www.zohoapis.{ending}"


@pytest.mark.parametrize("kind", ["www", "sandbox", "developer"])
def test_the_canadian_centre_has_token_hosts_of_another_name(kind):
    admit(f"https://{kind}.zohoapis.ca/crm/v8/org", connector.wire.hosts, (), "zoho")

    assert first_guess(options("https://accounts.zohocloud.ca")) == "https://www.zohoapis.ca"


@pytest.mark.parametrize(
    "base",
    ["https://www.zohoapis.com.evil.example", "http://www.zohoapis.com", "https://zohoapis.co", "https://10.0.0.1"],
)
def test_no_token_goes_to_a_host_that_only_looks_like_zohos(base):
    with pytest.raises(ConfigError):
        admit(f"{base}/crm/v8/org", connector.wire.hosts, (), "zoho")


def test_a_token_that_leads_into_another_data_centre_is_refused():
    mint = connector.wire.mint(options("https://accounts.zoho.com.cn"))
    body = b'{"access_token":"t","api_domain":"https://www.zohoapis.com","expires_in":3600}'

    with pytest.raises(Refused, match="data centre"):
        mint.read(Reply(200, {}, body))


@pytest.mark.parametrize("host", ["sandbox", "developer", "www"])
def test_a_token_of_a_sandbox_leads_to_the_sandbox(host):
    mint = connector.wire.mint(options("https://accounts.zoho.eu"))
    body = f'{{"access_token":"t","api_domain":"https://{host}.zohoapis.eu","expires_in":3600}}'.encode()

    assert mint.read(Reply(200, {}, body)).base == f"https://{host}.zohoapis.eu"


def test_an_address_of_nobodys_has_no_data_centre():
    assert [centre_of(one) for one in ("http://127.0.0.1:9", "https://accounts.zoho.com.au", "")] == [
        None,
        "com.au",
        None,
    ]


def test_eleven_mints_in_ten_minutes_are_a_pause_in_any_language(open_org):
    org = open_org(throttle_word="拒绝访问", mint_limit=1)
    org.session.fields(ACCOUNTS)
    org.tenant.expire_token()

    with pytest.raises(Throttled) as told:
        org.pages()

    assert (told.value.after or 0) >= 599


def test_a_missing_scope_costs_no_new_token(open_org):
    org = open_org(scopes=("ZohoCRM.modules.ALL", "ZohoCRM.org.READ"))
    org.session.check()

    assert org.tenant.token_calls == 1


def test_the_end_of_a_token_is_taken_from_the_answers():
    reply = Reply(200, {"x-accesstoken-reset": "2026-11-21T19:21:19+08:00"}, b"{}")

    assert connector.wire.ends is not None
    moment = connector.wire.ends(reply)
    assert (moment is not None and moment.isoformat(), connector.wire.ends(Reply(200, {}, b""))) == (
        "2026-11-21T11:21:19+00:00",
        None,
    )


@pytest.mark.parametrize(
    ("request_", "credits"),
    [
        (coql.select(["Name"], "Accounts", "id is not null", limit=200), 1),
        (coql.select(["Name"], "Accounts", "id is not null", limit=1_000), 2),
        (coql.select(["Name"], "Accounts", "id is not null", limit=2_000), 3),
        (coql.select(["Name"], "Accounts", "id is not null", limit=1, offset=9_800), 1),
        (Request("POST", "/crm/bulk/v8/read", json={"query": {}}, write=True), 50),
        (Request("GET", "/crm/bulk/v8/read/1"), 1),
        (Request("GET", "/crm/bulk/v8/read/1/result"), 1),
    ],
)
def test_queries_and_jobs_have_zohos_price(request_, credits):
    assert connector.wire.price(request_) == credits


def test_the_price_we_reckon_is_the_price_zoho_takes(org):
    org.accounts(1_300)
    org.pages()
    org.session.check()
    list(org.session.ids(ACCOUNTS, None))
    org.session.get(ACCOUNTS, ["7"])

    assert org.door.spent.credits == org.credits


def test_a_record_changed_meanwhile_makes_its_row_stale():
    row = {"code": "ALREADY_MODIFIED", "details": {"id": "7", "Modified_Time": "2026-01-01T08:00:00+08:00"}}

    outcome = judge("1", row)

    assert (outcome.state, outcome.modified) == ("stale", START)


@pytest.mark.parametrize("code", ["CONVERTED_RECORD", "ID_ALREADY_CONVERTED", "RECORD_LOCKED", "NOT_APPROVED"])
def test_what_zoho_refuses_for_good_is_a_refusal(code):
    assert judge("1", {"code": code, "details": {}, "status": "error"}).state == "refused"


def test_an_error_that_comes_instead_of_a_bulk_file_is_an_error():
    request = Request("GET", "/crm/bulk/v8/read/1/result")
    body = b'{"code":"INVALID_TOKEN","details":{},"message":"x","status":"error"}'

    with pytest.raises(AuthExpired):
        check(request, Reply(200, {}, body))
    check(request, Reply(200, {}, b"PK\x03\x04"))


def test_line_items_are_left_to_reads_by_id(org):
    (id,) = org.accounts(1)
    org.tenant.add("activity", kind="visit", about=id, subject="拜访", modified=START)
    events = next(stream for stream in org.session.streams() if stream.object == "Events")

    (page,) = org.pages(events)

    (found,) = org.session.get(events, [page.records[0].id])
    assert "Participants" not in (page.fields or ())
    assert found.page is not None
    assert "Participants" in found.page.records[0].body


def test_what_is_read_in_one_zone_is_the_same_moment_in_another(open_org):
    shanghai, new_york = open_org(), open_org(time_zone="America/New_York")
    for org in (shanghai, new_york):
        org.tenant.add("account", name="甲", modified=START + timedelta(days=66))

    (one,), (other,) = shanghai.records(), new_york.records()

    assert (one.modified, one.body["Modified_Time"] == other.body["Modified_Time"]) == (other.modified, False)
