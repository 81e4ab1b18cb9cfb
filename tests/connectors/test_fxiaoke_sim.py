"""The simulated Fenxiang Xiaoke keeps the gateway's rules: tokens, who may call, how often."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from kamsync.testing.faults import Fault
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_fxiaoke.sim.caller import Caller

QUERY = "/cgi/crm/v2/data/query"


@pytest.fixture
def tenant():
    with FxiaokeTenant() as running:
        yield running


@pytest.fixture
def client(tenant):
    return Caller(tenant)


# ---- tokens


def test_a_token_stays_the_same_until_6600_seconds_and_the_old_one_lives_on_to_7200(tenant, client):
    first = client.mint()
    tenant.offset += timedelta(seconds=6590)
    again = client.mint()
    tenant.offset += timedelta(seconds=20)
    client.token = first["accessToken"]

    later = client.mint()

    assert first["expiresIn"] == 7200
    assert first["openUserId"].startswith("FSCID_")
    assert again["accessToken"] == first["accessToken"]
    assert again["expiresIn"] in (609, 610)
    assert later["accessToken"] != first["accessToken"]
    assert client.query()["errorCode"] == 0
    tenant.offset += timedelta(seconds=600)
    assert client.query()["errorCode"] == 20016


def test_the_eleventh_token_call_of_a_minute_is_refused(tenant, client):
    codes = [client.mint()["errorCode"] for _ in range(11)]

    assert codes == [0] * 10 + [30004]
    tenant.offset += timedelta(seconds=60)
    assert client.mint()["errorCode"] == 0


def test_a_tenant_put_back_to_a_moment_has_had_no_call_since(tenant, client):
    tenant.knobs.calls_per_20s = 3
    client.token = client.mint()["accessToken"]
    moment = tenant.dump()
    for _ in range(9):
        client.mint()
    for _ in range(3):
        client.query()

    tenant.load(moment)

    assert [client.mint()["errorCode"] for _ in range(9)] == [0] * 9
    assert [client.query()["errorCode"] for _ in range(3)] == [0] * 3
    assert tenant.limits.used_today == 3


def test_two_mints_at_one_time_are_one_too_many(tenant):
    tenant.tokens.seconds = 0.3
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(Caller(tenant).mint()["errorCode"])) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [-1, 0]
    assert tenant.tokens.concurrent == 1


@pytest.mark.parametrize(
    ("wrong", "code"), [("appSecret", 10006), ("grantType", 10006), ("appId", 20006), ("permanentCode", 20015)]
)
def test_a_wrong_part_of_the_credentials_is_named(client, wrong, code):
    answer = client.mint(**{wrong: "nonsense"})

    assert answer["errorCode"] == code
    assert wrong in answer["errorMessage"]
    assert "accessToken" not in answer


def test_an_expired_token_is_refused_and_the_next_mint_is_new(tenant, client):
    client.query()
    old = client.token
    tenant.expire_token()

    refused = client.query()

    assert refused["errorCode"] == 20016
    assert client.mint()["accessToken"] != old


# ---- who calls


def test_calls_without_or_with_wrong_or_mixed_credentials_are_told_apart(tenant, client):
    client.query()
    good = {"authorization": f"Bearer {client.token}", "x-fs-ea": tenant.app.ea, "x-fs-userid": "1000"}

    codes = [
        client.send(QUERY, {})["errorCode"],
        client.send(QUERY, {}, {**good, "authorization": "Bearer nonsense"})["errorCode"],
        client.send(QUERY, {}, {**good, "x-fs-ea": "another"})["errorCode"],
        client.send(QUERY, {}, {**good, "x-fs-userid": "4711"})["errorCode"],
        client.send(QUERY, {"corpAccessToken": client.token}, good)["errorCode"],
        client.send("/cgi/crm/v9/nothing", {}, good)["errorCode"],
        client.http.get(tenant.url + QUERY, headers=good, timeout=10).json()["errorCode"],
    ]

    assert codes == [20017, 20016, 20016, 20012, 10001, 10006, 10006]


def test_body_style_speaks_in_open_ids_and_header_style_in_employee_ids_unless_asked(tenant):
    owner = tenant.add("user", name="王芳")
    tenant.add("account", name="华为技术", owner=owner)
    open_id = tenant.crm.people.open_id(owner)
    header, body = Caller(tenant), Caller(tenant, legacy=True)

    assert header.rows()[0]["owner"] == [owner]
    assert header.rows(convertUserId=True)[0]["owner"] == [open_id]
    assert body.rows()[0]["owner"] == [open_id]
    assert body.rows(convertUserId=False)[0]["owner"] == [owner]
    assert header.names(("owner", "IN", [open_id])) == header.names(("owner", "IN", [owner])) == ["华为技术"]


def test_without_an_administrator_other_peoples_rows_are_missing_without_a_word(tenant):
    tenant.knobs.acting_user_admin = False
    own, other = tenant.add("user", name="王芳"), tenant.add("user", name="李雷")
    tenant.add("account", name="自己的", owner=own)
    hidden = tenant.add("account", name="别人的", owner=other)
    client = Caller(tenant, user=own)

    answer = client.query()

    assert [row["name"] for row in answer["data"]["dataList"]] == ["自己的"]
    assert answer["data"]["total"] == 1
    gotten = client.call("/cgi/crm/v2/data/get", {"dataObjectApiName": "AccountObj", "objectDataId": hidden})
    assert gotten["errorCode"] == 320001404


# ---- how often


def test_the_call_over_the_window_is_refused_per_path_and_the_window_passes(tenant, client):
    tenant.knobs.calls_per_20s = 3
    codes = [client.query()["errorCode"] for _ in range(4)]

    elsewhere = client.call("/cgi/crm/v2/object/list")["errorCode"]

    assert codes == [0, 0, 0, 30004]
    assert elsewhere == 0
    tenant.offset += timedelta(seconds=20)
    assert client.query()["errorCode"] == 0


def test_the_daily_quota_ends_at_midnight_in_china_and_may_never_have_been_bought(tenant, client):
    tenant.offset = datetime(2030, 5, 1, 15, 50, tzinfo=UTC) - datetime.now(UTC)  # 23:50 in Shanghai
    tenant.knobs.daily_quota = 2
    codes = [client.query()["errorCode"] for _ in range(3)]
    tenant.offset += timedelta(minutes=20)
    codes.append(client.query()["errorCode"])
    tenant.knobs.daily_quota = 0

    codes.append(client.query()["errorCode"])

    assert codes == [0, 0, 30002, 0, 30003]


def test_a_fault_at_the_door_is_html_instead_of_json(tenant, client):
    client.query()
    tenant.fault(Fault("answer", on="query", status=502, body="<html>Bad Gateway</html>"))

    reply = client.http.post(tenant.url + QUERY, json={}, timeout=10)

    assert reply.status_code == 502
    assert reply.text.startswith("<html>")
