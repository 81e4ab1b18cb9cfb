"""Who may call the simulated Zoho, how often, and what it says when not."""

import threading
from datetime import timedelta

import pytest


def test_a_minted_token_names_the_tenants_own_address_and_lives_an_hour_in_seconds(zoho):
    reply = zoho.mint().json()

    assert reply["api_domain"] == zoho.tenant.url
    assert (reply["token_type"], reply["expires_in"]) == ("Bearer", 3600)
    assert "refresh_token" not in reply


def test_the_secrets_may_come_in_the_query_too(zoho):
    assert zoho.mint(place="params").json()["access_token"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_id": "1000.OTHER"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client_secret"),
        ({"refresh_token": "1000.revoked"}, "invalid_code"),
    ],
)
def test_a_wrong_secret_is_an_error_at_http_200(zoho, changed, error):
    reply = zoho.mint(**changed)

    assert (reply.status_code, reply.json()) == (200, {"error": error})


def test_the_eleventh_token_in_ten_minutes_is_refused_and_the_window_opens_again(open_tenant):
    zoho = open_tenant(throttle_word="拒绝访问")
    for _ in range(9):
        zoho.mint()

    refused = zoho.mint()
    zoho.tenant.offset += timedelta(minutes=10, seconds=1)
    later = zoho.mint()

    assert (refused.status_code, refused.json()["error"]) == (400, "拒绝访问")
    assert later.json()["access_token"]


def test_the_oldest_of_too_many_living_tokens_dies(open_tenant):
    zoho = open_tenant(active_tokens=2)
    first = zoho.token
    zoho.mint()
    zoho.mint()

    reply = zoho.get("org", headers={"Authorization": f"Zoho-oauthtoken {first}"})

    assert (reply.status_code, reply.json()["code"]) == (401, "INVALID_TOKEN")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "AUTHENTICATION_FAILURE"),
        ("Bearer 1000.x.y", "AUTHENTICATION_FAILURE"),
        ("Zoho-oauthtoken 1000.x.y", "INVALID_TOKEN"),
    ],
)
def test_a_call_without_a_living_token_of_the_right_scheme_is_a_401(zoho, header, code):
    reply = zoho.get("org", headers={"Authorization": header})

    assert (reply.status_code, reply.json()["code"]) == (401, code)


def test_a_token_dies_after_its_hour_or_when_the_tenant_says_so(zoho):
    living = zoho.get("org")
    zoho.tenant.offset += timedelta(hours=1)
    expired = zoho.get("org")
    zoho.token = zoho.mint().json()["access_token"]
    zoho.tenant.expire_token()
    revoked = zoho.get("org")

    assert [living.status_code, expired.status_code, revoked.status_code] == [200, 401, 401]
    assert living.headers["X-ACCESSTOKEN-RESET"].endswith("+08:00")


@pytest.mark.parametrize(
    ("scope", "path"),
    [("ZohoCRM.coql.READ", "coql"), ("ZohoCRM.modules.tasks.CREATE", "Tasks"), ("ZohoCRM.settings.ALL", "Tasks")],
)
def test_a_missing_scope_is_named_as_such_and_never_as_a_bad_token(open_tenant, scope, path):
    granted = ("ZohoCRM.modules.READ", "ZohoCRM.modules.accounts.ALL", "ZohoCRM.users.READ")
    zoho = open_tenant(scopes=granted)

    reply = zoho.post(path, {})

    assert (reply.status_code, reply.json()["code"]) == (401, "OAUTH_SCOPE_MISMATCH")
    assert zoho.get("users").status_code == 200
    assert scope not in zoho.mint().json()["scope"].split()


def test_a_module_that_the_profile_may_not_see_is_a_403(open_tenant):
    zoho = open_tenant(unreadable=("Deals",))

    reply = zoho.get("Deals", fields="Deal_Name")

    assert (reply.status_code, reply.json()["code"]) == (403, "NO_PERMISSION")
    assert zoho.get("Accounts", fields="Account_Name").status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "Accountz", 400, "INVALID_MODULE"),
        ("GET", "a/b/c/d/e", 404, "INVALID_URL_PATTERN"),
        ("DELETE", "coql", 400, "INVALID_MODULE"),
        ("PATCH", "Accounts", 405, "INVALID_REQUEST_METHOD"),
    ],
)
def test_a_wrong_address_is_refused_by_its_code(zoho, method, path, status, code):
    reply = zoho.call(method, path)

    assert (reply.status_code, reply.json()["code"]) == (status, code)


def test_the_remaining_credits_show_only_once_half_is_used_then_429_until_they_come_back(open_tenant):
    zoho = open_tenant(credits=4)
    seen = [zoho.get("org").headers.get("X-API-CREDITS-REMAINING") for _ in range(4)]

    spent = zoho.get("org")
    zoho.tenant.offset += timedelta(hours=24, seconds=1)
    zoho.token = zoho.mint().json()["access_token"]
    later = zoho.get("org")

    assert seen == [None, "2", "1", "0"]
    assert (spent.status_code, spent.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert (later.status_code, zoho.tenant.credits_spent) == (200, 5)


def test_one_call_too_many_at_a_time_is_a_429(open_tenant):
    zoho = open_tenant(concurrency=1)
    zoho.tenant.server.latency = 0.3
    codes = []

    threads = [threading.Thread(target=lambda: codes.append(zoho.get("org").status_code)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [200, 429]


def test_the_price_list_covers_what_is_charged(zoho):
    apis = zoho.get("__apis").json()["__apis"]
    used = zoho.get("__limits", feature="API").json()["__limits"][0]["consumed_limit"]

    coql = next(each for each in apis if each["path"] == "/crm/v8/coql")["operation_types"][0]
    assert (coql["method"], coql["min_credits"], coql["max_credits"]) == ("POST", 1, 3)
    assert used == 2
