"""What Zoho's answers mean: pure, on bodies as they were seen in the wild."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from kamsync.plugin import (
    AuthExpired,
    CursorLost,
    QuotaSpent,
    Refused,
    Reply,
    Request,
    Throttled,
    Token,
    Truncated,
    Unavailable,
)
from kamsync_zoho import connector
from kamsync_zoho.coql import literal
from kamsync_zoho.marker import find_marker, signed
from kamsync_zoho.options import ZohoOptions, first_guess

LIST = Request("GET", "/crm/v8/Accounts", {"fields": "Account_Name"})
INSERT = Request("POST", "/crm/v8/Tasks", json={"data": [{}, {}]}, write=True)


def reply(status: int, body: Any = None, **headers: str) -> Reply:
    data = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, data)


def error(code: str, message: str = "说明") -> dict[str, Any]:
    return {"code": code, "details": {}, "message": message, "status": "error"}


def options(**more: Any) -> ZohoOptions:
    given = {"accounts_url": "https://accounts.zoho.com.cn", "client_id": "1000.A", "client_secret": "s3cret",
             "refresh_token": "1000.r"}  # fmt: skip
    return ZohoOptions(**{**given, **more})


@pytest.mark.parametrize(
    ("answer", "means"),
    [
        (reply(401, error("INVALID_TOKEN")), AuthExpired),
        (reply(401, error("AUTHENTICATION_FAILURE")), AuthExpired),
        (reply(401, "<html>sign in</html>"), AuthExpired),
        (reply(401, error("OAUTH_SCOPE_MISMATCH")), Refused),
        (reply(401, error("oauth_scope_mismatch")), Refused),
        (reply(403, error("NO_PERMISSION")), Refused),
        (reply(400, error("AUTHORIZATION_FAILED")), Refused),
        (reply(404, error("INVALID_URL_PATTERN")), Refused),
        (reply(200, error("INVALID_MODULE")), Refused),
        (reply(400, error("EXPIRED_VALUE")), CursorLost),
        (reply(400, error("TOKEN_BOUND_DATA_MISMATCH")), CursorLost),
        (reply(400, error("DISCRETE_PAGINATION_LIMIT_EXCEEDED")), Truncated),
        (reply(400, error("PAGINATION_LIMIT_EXCEEDED")), Truncated),
        (reply(500, error("INTERNAL_ERROR")), Unavailable),
        (reply(502, "<html>bad gateway</html>"), Unavailable),
        (reply(200, "<html>captive portal</html>"), Unavailable),
        (reply(200, "<html>" + "x" * 9000), Unavailable),
        (reply(302, "moved"), Unavailable),
        (reply(400, "not json"), Unavailable),
        (reply(429, error("TOO_MANY_REQUESTS")), Throttled),
        (reply(429, "<html>slow down</html>"), Throttled),
    ],
)
def test_each_answer_has_the_name_of_what_happens_next(answer: Reply, means: type[Exception]) -> None:
    with pytest.raises(means) as raised:
        connector.wire.check(LIST, answer)

    assert type(raised.value) is means


@pytest.mark.parametrize(
    "answer",
    [
        reply(204),
        reply(304),
        reply(200, {"data": [], "info": {}}),
        reply(200, {"data": [{"id": "1", "x": "y" * 5000}]}),
        reply(400, error("NO_CONTENT")),
        reply(400, error("Not Modified")),
        reply(202, {"data": [{"code": "SCHEDULED"}]}),
    ],
)
def test_an_answer_that_can_be_read_passes(answer: Reply) -> None:
    connector.wire.check(LIST, answer)


@pytest.mark.parametrize("status", [200, 201, 202, 207, 400, 403, 412])
def test_results_row_by_row_pass_for_a_write_whatever_the_status(status: int) -> None:
    connector.wire.check(INSERT, reply(status, {"data": [error("RECORD_LOCKED"), error("INVALID_DATA")]}))


@pytest.mark.parametrize(
    "answer",
    [
        reply(429, {"code": 429, "error": "TOO_MANY_REQUESTS", "error_info": "… limit for the past 24 hours."}),
        reply(429, error("TOO_MANY_REQUESTS"), x_api_credits_remaining="0"),
        reply(429, error("TOO_MANY_REQUESTS", "超过 24 小时内的调用上限")),
        reply(429, error("TOO_MANY_REQUESTS"), x_ratelimit_day_remaining="0"),
    ],
)
def test_spent_credits_are_told_from_haste(answer: Reply) -> None:
    with pytest.raises(QuotaSpent) as raised:
        connector.wire.check(LIST, answer)

    assert raised.value.after == 900


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        (reply(429, error("TOO_MANY_REQUESTS", "24 hours credits"), x_api_credits_remaining="812"), None),
        (reply(429, error("TOO_MANY_REQUESTS", "credits or concurrency")), None),
        (reply(429, error("TOO_MANY_REQUESTS"), retry_after="7"), 7),
        (reply(429, error("RATE_LIMIT_EXCEEDED"), retry_after="soon"), None),
        (
            reply(429, "{}", retry_after="Sun, 22 Nov 2026 01:00:30 GMT", date="Sun, 22 Nov 2026 01:00:00 GMT"),
            30,
        ),
    ],
)
def test_haste_keeps_the_pause_that_was_asked_for(answer: Reply, after: float | None) -> None:
    with pytest.raises(Throttled) as raised:
        connector.wire.check(LIST, answer)

    assert (type(raised.value), raised.value.after) == (Throttled, after)


def test_a_missing_scope_is_named() -> None:
    request = Request("POST", "/crm/v8/Accounts/actions/add_tags", json={}, write=True)

    with pytest.raises(Refused) as raised:
        connector.wire.check(request, reply(401, error("OAUTH_SCOPE_MISMATCH")))

    assert "ZohoCRM.settings.tags.ALL" in raised.value.text.zh


# ---- the token call


def minted(status: int, body: Any, **more: Any) -> Token:
    return connector.wire.mint(options(**more)).read(reply(status, body))


def test_the_token_call_carries_its_secrets_in_the_body_only() -> None:
    mint = connector.wire.mint(options())

    assert (mint.base, mint.request.path, dict(mint.request.query)) == (
        "https://accounts.zoho.com.cn", "/oauth/v2/token", {},
    )  # fmt: skip
    assert mint.request.form is not None
    assert mint.request.form["client_secret"] == "s3cret"
    assert not mint.request.auth


def test_the_address_comes_from_the_token_unless_the_config_names_one() -> None:
    body = {"access_token": "1000.a", "api_domain": "https://www.zohoapis.com.cn/", "expires_in": 3600}

    assert minted(200, body).base == "https://www.zohoapis.com.cn"
    assert minted(200, body, api_url="https://sandbox.zohoapis.com.cn").base == "https://sandbox.zohoapis.com.cn"


@pytest.mark.parametrize(
    "life", [{"expires_in": 3600}, {"expires_in": 3_600_000}, {"expires_in": "3600"}, {}, {"expires_in": None},
             {"expires_in": 3_600_000, "expires_in_sec": 3600}],
)  # fmt: skip
def test_a_token_lives_an_hour_however_that_is_written(life: dict[str, Any]) -> None:
    token = minted(200, {"access_token": "1000.a", **life})

    assert (token.expires_in, token.refresh_after) == (3600, 3300)


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (200, {"error": "invalid_code"}, Refused),
        (200, {"error": "invalid_client"}, Refused),
        (400, {"error": "invalid_client_secret"}, Refused),
        (400, {"error": "Access Denied", "status": "failure"}, Throttled),
        (200, {"error": "Access Denied", "status": "failure"}, Throttled),
        (400, {"error": "拒绝访问", "status": "failure"}, Throttled),
        (200, {"access_token": ""}, Throttled),
        (200, [], Throttled),
        (503, {"error": "x"}, Unavailable),
        (200, "<html>", Unavailable),
    ],
)
def test_no_token_is_a_no_a_pause_or_an_outage(status: int, body: Any, means: type[Exception]) -> None:
    with pytest.raises(means) as raised:
        minted(status, body)

    assert getattr(raised.value, "after", None) == (600 if means is Throttled else None)


def test_calls_are_signed_in_zohos_own_way() -> None:
    signed_call = connector.wire.sign(options(), minted(200, {"access_token": "1000.a"}), LIST)

    assert signed_call.headers["Authorization"] == "Zoho-oauthtoken 1000.a"


# ---- addresses and prices


@pytest.mark.parametrize(
    ("accounts", "api"),
    [
        ("https://accounts.zoho.com", "https://www.zohoapis.com"),
        ("https://accounts.zoho.com.cn/", "https://www.zohoapis.com.cn"),
        ("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
        ("http://127.0.0.1:8900", "http://127.0.0.1:8900"),
    ],
)
def test_the_first_address_is_that_of_the_same_data_centre(accounts: str, api: str) -> None:
    assert first_guess(options(accounts_url=accounts)) == api


@pytest.mark.parametrize(
    ("request_", "credits"),
    [
        (LIST, 1),
        (Request("GET", "/crm/v8/Accounts", {"cvid": "1"}), 3),
        (Request("POST", "/crm/v8/Tasks", json={"data": [{}] * 11}, write=True), 2),
        (Request("POST", "/crm/v8/Accounts/actions/add_tags", json={"ids": ["1"] * 101}, write=True), 3),
        (Request("POST", "/crm/v8/coql", json={"select_query": "select id from Tasks where x limit 200"}), 1),
        (Request("POST", "/crm/v8/coql", json={"select_query": "select id from Tasks where x LIMIT 1000"}), 2),
        (Request("POST", "/crm/v8/coql", json={"select_query": "select id from Tasks where x limit 2000"}), 3),
        (Request("POST", "/oauth/v2/token", auth=False), 0),
    ],
)
def test_a_call_costs_what_zoho_charges(request_: Request, credits: int) -> None:
    assert connector.wire.price(request_) == credits


# ---- markers and literals

MARKER = "kam:R08:INV-0012-30:" + "abcdefghijklmnopqrstuvwxy2"


@pytest.mark.parametrize(
    "text", [MARKER, f"催款\n\n{MARKER}", f"<p>催款<br>{MARKER}</p>", f"{MARKER} 已跟进", f"「{MARKER}」"]
)
def test_a_marker_is_found_whatever_people_put_around_it(text: str) -> None:
    assert find_marker(None, text) == MARKER


@pytest.mark.parametrize("text", ["", None, 7, "kam:R8:x:" + "a" * 26, "kam:R08:x:" + "a" * 25, MARKER + "a"])
def test_what_only_looks_like_a_marker_is_none(text: Any) -> None:
    assert find_marker(text) is None


def test_a_long_text_is_cut_but_never_its_marker() -> None:
    text = signed("😀" * 40_000, MARKER, 32_000)

    assert (len(text), text.endswith("…\n\n" + MARKER)) == (32_000, True)


def test_a_quote_cannot_leave_its_literal() -> None:
    assert literal("O'Neil\\") == r"'O\'Neil\\'"
    with pytest.raises(Refused):
        literal("a\nb")


def test_amounts_stay_exact() -> None:
    assert reply(200, '{"a": 0.1}').json() == {"a": Decimal("0.1")}
