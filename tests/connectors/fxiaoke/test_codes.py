"""Each documented code means one thing, told by code, endpoint and shape of the request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kamsync.plugin import AuthExpired, QuotaSpent, Refused, Request, Throttled, Truncated, Unavailable
from kamsync_fxiaoke.codes import cause_of, error

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # in Beijing
READ = Request("POST", "/cgi/crm/v2/data/query", json={"data": {"search_query_info": {"offset": 0}}})
FAR = Request("POST", "/cgi/crm/v2/data/query", json={"data": {"search_query_info": {"offset": 10_100}}})
WRITE = Request("POST", "/cgi/crm/v2/data/create", json={"data": {}}, write=True)
MINT = Request("POST", "/oauth2.0/token", json={}, auth=False)

PARAMETERS = [*range(10001, 10016), *range(11001, 11019), 12004, 12005, 15002, 32000, 20017]
RIGHTS = [15003, 20014, 20020, 20021, 20022, 20023]
SECRETS = [20006, 20015]
PEOPLE = [20012, 30007, 30027]
FINAL = [*PARAMETERS, *RIGHTS, *SECRETS, *PEOPLE, 30003]


def judged(code: Any, request: Request, words: str = "said") -> Any:
    return error({"errorCode": code, "errorMessage": words, "traceId": "E-O.1"}, request, NOON)


@pytest.mark.parametrize("code", [code for code in FINAL if code != 10013])
@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
def test_a_known_no_is_final_for_reads_and_writes(code: int, request_: Request):
    assert isinstance(judged(code, request_), Refused)


@pytest.mark.parametrize("code", [-1, -2, 50009])
@pytest.mark.parametrize("request_", [READ, WRITE, MINT], ids=["read", "write", "mint"])
def test_a_busy_service_is_asked_again_and_a_write_stays_unknown(code: int, request_: Request):
    assert isinstance(judged(code, request_), Unavailable)


@pytest.mark.parametrize("code", [14001, 30004, "30004"])
def test_both_codes_of_too_fast_wait_and_the_token_call_waits_its_minute(code: Any):
    assert type(judged(code, READ)) is Throttled
    assert judged(code, READ).after < 20
    assert judged(code, MINT).after == 60


def test_a_spent_day_waits_until_midnight_in_beijing_and_not_all_come_at_once():
    waits = {error({"errorCode": 30002, "traceId": f"E-O.{n}"}, READ, NOON).after for n in range(50)}  # type: ignore[attr-defined]  # QuotaSpent

    assert isinstance(judged(30002, WRITE), QuotaSpent)
    assert min(waits) >= 12 * 3600
    assert max(waits) < 12 * 3600 + 300
    assert len(waits) > 25


@pytest.mark.parametrize("code", [20005, 20016])
def test_a_dead_token_is_renewed_but_not_by_the_token_call_itself(code: int):
    assert isinstance(judged(code, READ), AuthExpired)
    assert isinstance(judged(code, WRITE), AuthExpired)
    assert isinstance(judged(code, MINT), Refused)


def test_10006_speaks_of_secrets_at_the_token_call_and_of_the_path_elsewhere():
    assert "app_secret" in judged(10006, MINT).text.en
    assert "no such path" in judged(10006, READ).text.en
    assert "app_secret" not in judged(10006, READ).text.en


def test_10013_is_the_wall_of_offsets_or_a_missing_token():
    assert isinstance(judged(10013, FAR), Truncated)
    assert isinstance(judged(10013, READ), Refused)
    assert isinstance(judged(10013, WRITE), Refused)


def test_50009_is_a_lock_or_a_failure_and_only_the_words_tell():
    assert isinstance(judged(50009, WRITE, "数据已锁定"), Refused)
    assert isinstance(judged(50009, WRITE, "service timeout"), Unavailable)
    assert isinstance(judged(50009, READ, "数据已锁定"), Unavailable)


@pytest.mark.parametrize("code", [*range(320001400, 320001425), *range(700, 725)])
def test_an_unknown_code_stops_a_page_and_leaves_a_write_unknown(code: int):
    assert isinstance(judged(code, READ), Refused)
    assert isinstance(judged(code, WRITE, "java.lang.NullPointerException"), Unavailable)


def test_a_duplicate_is_known_by_its_words_whatever_its_code():
    refusal = judged(320001999, WRITE, "the data is duplicate (查重)")

    assert (type(refusal), refusal.code) == (Refused, "duplicate")


@pytest.mark.parametrize("code", [30003, *RIGHTS])
def test_what_only_an_admin_can_mend_says_so(code: int):
    assert "admin" in judged(code, READ).text.en
    assert judged(code, READ).next == "kamsync doctor"


def test_a_missing_right_speaks_of_white_list_and_developer_mode():
    assert "white list" in judged(20021, READ).text.en
    assert "developer mode" in judged(20021, READ).text.en


@pytest.mark.parametrize(
    ("code", "cause", "words"),
    [
        *((code, "owner", "no such employee") for code in (20012, 30027)),
        *((code, "permission", "no right") for code in (*RIGHTS, *SECRETS)),
        (30003, "limit", "no calls bought"),
        (50009, "locked", "记录已锁定"),
        (10001, "invalid", "bad parameter"),
        (11001, "gone", "数据不存在"),
    ],
)
def test_a_refused_write_s_cause_follows_from_its_code_and_words(code: int, cause: str, words: str):
    assert cause_of(judged(code, WRITE, words)) == cause
