"""Answers of Fxiaoke's that make no sense: nothing may be concluded from them, least of all that there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kamsync.plugin import Unavailable
from kamsync.testing.server import Answer, Call
from kamsync_fxiaoke.forecast import pages
from kamsync_fxiaoke.rows import rows_of


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"data": "0"},
        {"data": True},
        {"data": 7},
        {"data": {"total": 3}},
        {"data": {"dataList": "1"}},
        {"data": ["1", "2"]},
    ],
)
def test_an_answer_without_its_list_is_no_empty_list(said: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        rows_of(said)


def test_nothing_is_an_empty_list_or_no_data() -> None:
    assert [rows_of(said) for said in ({"data": {"dataList": []}}, {"data": None}, {"data": {}})] == [[], [], []]


def test_no_data_is_no_end_while_rows_are_still_to_come() -> None:
    with pytest.raises(Unavailable):
        rows_of({"data": None}, more=True)

    assert rows_of({"data": {"dataList": []}}, more=True) == []


def test_an_absurd_count_is_reckoned_at_once() -> None:
    assert pages(10**15, 4) > 10**13
    assert pages(45_000, 4) == 453


@pytest.mark.parametrize("status", [["normal"], {"a": 1}, 7, None])
def test_a_life_status_of_any_kind_is_read(desk: Callable[..., Any], status: Any) -> None:
    here = desk()
    (id,) = here.many(1)

    def odd(call: Call, answer: Answer) -> Answer:
        if not call.path.endswith("data/get"):
            return answer
        return replace(answer, body=answer.body | {"data": answer.body["data"] | {"life_status": status}})

    here.tamper = odd

    assert here.outcomes(here.tagged(id, add=("KAM·一级",))) == [("applied", "")]


@pytest.mark.parametrize("owner", [-1, {"id": "1000"}, None])
def test_owners_that_are_no_list_are_nobody_s(desk: Callable[..., Any], owner: Any) -> None:
    here = desk()
    here.many(2)

    def odd(call: Call, answer: Answer) -> Answer:
        data = answer.body.get("data")
        if not isinstance(data, dict) or not data.get("dataList"):
            return answer
        return replace(
            answer, body=answer.body | {"data": {"dataList": [row | {"owner": owner} for row in data["dataList"]]}}
        )

    here.tamper = odd

    assert here.session.check().credits
