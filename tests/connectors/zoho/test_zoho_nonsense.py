"""Answers of Zoho's that make no sense: nothing may be concluded from them, least of all that there is nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kamsync.plugin import Reply, Request, Unavailable
from kamsync_zoho import connector
from kamsync_zoho.outcomes import judge
from kamsync_zoho.shapes import listed, more

READ = Request("GET", "/crm/v8/Accounts/1")
WRITE = Request("POST", "/crm/v8/Tasks", json={"data": [{}]}, write=True)


@pytest.mark.parametrize("code", ["SUCCESz", "0", "\x00", "NULL", {"id": "7"}, [1], True, None])
def test_a_word_that_nobody_knows_is_no_refusal_of_a_row_that_succeeded(code: Any) -> None:
    row = {"code": code, "status": "success", "details": {"id": "7"}, "message": "record added"}

    assert judge("i", row).state in ("unknown", "applied")


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"code": "SUCCESS", "status": "success"}, "applied"),
        ({"code": "SUCCESS"}, "applied"),
        ({"status": "success"}, "applied"),
        ({"code": "SUCCESS", "status": "error"}, "unknown"),
        ({"code": "SOME_NEW_WORD", "status": "error"}, "refused"),
        ({"code": "SOME_NEW_WORD"}, "unknown"),
        ({"code": "INVALID_DATA"}, "refused"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)
def test_a_row_is_what_its_word_and_its_status_say_together(row: Any, state: str) -> None:
    assert judge("i", row).state == state


@pytest.mark.parametrize("said", [{"info": {}}, {"data": None, "info": {}}, {"data": "0"}, {"data": {}}, {"data_": []}])
def test_an_answer_without_its_list_is_no_empty_list(said: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        listed(said)


def test_nothing_is_told_by_status_or_by_zohos_own_word() -> None:
    assert listed({}) == []
    assert listed({"code": "NO_CONTENT"}) == []


@pytest.mark.parametrize("flag", ["", "华", 0, 1, [], {}, [[]]])
def test_a_flag_that_is_none_does_not_end_a_list(flag: Any) -> None:
    with pytest.raises(Unavailable):
        more({"info": {"more_records": flag}}, 3, 200)


@pytest.mark.parametrize("info", ["", "false", 7, [], True])
def test_an_info_that_is_none_does_not_end_a_list(info: Any) -> None:
    with pytest.raises(Unavailable):
        more({"info": info}, 3, 200)


def test_more_of_nothing_does_not_end_a_list() -> None:
    with pytest.raises(Unavailable):
        more({"info": {"more_records": True}}, 0, 200)


def test_a_full_page_of_which_nothing_is_told_is_followed_by_another() -> None:
    assert [more({}, count, 200) for count in (200, 199)] == [True, False]
    assert more({"info": {"name": "王丽"}}, 200, 200)
    assert more({"info": {"next_page_token": "t"}}, 3, 200)
    assert more({"info": {"more_records": "true"}}, 3, 200)


@pytest.mark.parametrize("request_", [READ, WRITE])
@pytest.mark.parametrize("status", [400, 403, 404, 418])
def test_a_number_without_zohos_word_refuses_nothing(request_: Request, status: int) -> None:
    """A gateway's 404 in JSON is no word about a record, and none about a write."""
    assert connector.wire is not None

    with pytest.raises(Unavailable):
        connector.wire.check(request_, Reply(status, {}, json.dumps({"message": "not here", "path": "/"}).encode()))
