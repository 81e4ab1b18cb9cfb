"""The checker sees each kind of harm, and none where all is well."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.reliability.checker import Case, Found, check

TASK = {"target": "7", "marker": "kam:R24:2026-11-24:x", "subject": "分级变化"}
PEOPLE = {"tags": {"7": ["老客户"]}, "tasks": {"1": {"subject": "自己的事"}}, "records": {"7": {"name": "华为"}}}


@pytest.fixture
def case() -> Case:
    """
    华为   rated 90, then 10: the first tier, a day later one step down, and a reminder of that
    """
    now = {"zoho": {"tags": {"7": ["KAM·二级"]}, "tasks": [TASK], "people": PEOPLE}}
    ratings = [{"华为": 90}, {"华为": 10}]
    places = {"华为": {"zoho": "7"}}
    return Case(["2026-11-23", "2026-11-24"], ratings, places, {"zoho": 2}, copy.deepcopy(now), copy.deepcopy(now))


def harm(found: Found) -> tuple[int, int, int, int]:
    return found.lost, found.doubled, found.foreign, found.unasked


def test_what_is_right_is_right(case: Case):
    assert harm(check(case)) == (0, 0, 0, 0)
    assert check(case).needed == 4  # the first tag, another in its place (two writes), the reminder


def spoil(case: Case, what: str) -> None:
    zoho: dict[str, Any] = case.after["zoho"]
    if what == "a tag is not there":
        zoho["tags"]["7"] = []
    elif what == "a reminder is not there":
        zoho["tasks"] = []
    elif what == "a reminder is there twice":
        zoho["tasks"] = [TASK, TASK]
    elif what == "a tag of ours is there that nobody wants":
        zoho["tags"]["7"] = ["KAM·一级", "KAM·二级"]
    elif what == "a reminder of a day on which nothing changed":
        zoho["tasks"] = [TASK, TASK | {"marker": "kam:R24:2026-11-23:y"}]
    elif what == "a person's tag is gone":
        zoho["people"]["tags"] = {"7": []}
    elif what == "a person's task is gone":
        zoho["people"]["tasks"] = {}
    elif what == "a field of a person's has another value":
        zoho["people"]["records"]["7"]["name"] = "中兴"


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("a tag is not there", (1, 0, 0, 0)),
        ("a reminder is not there", (1, 0, 0, 0)),
        ("a reminder is there twice", (0, 1, 0, 0)),
        ("a tag of ours is there that nobody wants", (0, 0, 0, 1)),
        ("a reminder of a day on which nothing changed", (0, 0, 0, 1)),
        ("a person's tag is gone", (0, 0, 1, 0)),
        ("a person's task is gone", (0, 0, 1, 0)),
        ("a field of a person's has another value", (0, 0, 1, 0)),
    ],
)
def test_each_harm_is_seen(case: Case, what: str, found: tuple[int, int, int, int]):
    spoil(case, what)

    assert harm(check(case)) == found
