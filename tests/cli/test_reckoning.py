"""What a pull will cost, on the screen and for programs: before it begins, and beside what it took."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.office import Office, width

JANUARY = datetime(2026, 1, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def contacts(office: Office, count: int) -> list[str]:
    return [
        office.zoho.add("contact", name=f"韩梅梅{number}", modified=JANUARY + number * timedelta(hours=1))
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("signing in and looking at the tenant takes", "left for such a job", "a count")),
        ("zh", ("登录与查看租户另需", "此类任务还可用", "CRM 计数")),
    ],
)
def test_a_dry_run_tells_the_cost_and_reads_nothing(office: Office, lang: str, words: tuple[str, ...]) -> None:
    office.fill()
    contacts(office, 450)

    answer = office.type("pull", "--full", "--dry-run", lang=lang)
    pulled = office.type("pull", "--json")

    assert answer.code == 0
    assert all(word in answer.out for word in words)
    assert width(answer.out) <= 80
    assert next(one for one in pulled.json["streams"] if one["stream"] == "contacts")["new"] == 450


def test_a_dry_run_tells_programs_each_stream(office: Office) -> None:
    contacts(office, 450)

    told = office.type("pull", "zoho", "--full", "--dry-run", "--json").json

    [contact] = [one for one in told["streams"] if one["stream"] == "contacts"]
    assert (contact["records"], contact["calls"], contact["credits"], contact["basis"]) == (450, 3, 5, "count")
    assert told["budget"][0]["opening"]["calls"] > 0
    assert told["budget"][0]["left"] > 0


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("credits said", "were said; it took")), ("zh", ("预计积分", "积分,实际"))]
)
def test_a_full_pull_shows_the_forecast_beside_its_cost(office: Office, lang: str, words: tuple[str, ...]) -> None:
    contacts(office, 450)
    office.type("pull")

    answer = office.type("pull", "zoho", "--full", lang=lang)

    assert answer.code == 0
    assert all(word in answer.out for word in words)
    assert width(answer.out) <= 80


def test_every_stream_of_a_full_pull_takes_what_was_said(office: Office) -> None:
    office.fill()
    contacts(office, 450)
    office.type("pull")

    streams = office.type("pull", "--full", "--json").json["streams"]

    said = {(one["connection"], one["stream"]): one["forecast"] for one in streams}
    assert all(said.values())
    for one in streams:
        forecast = said[one["connection"], one["stream"]]
        assert abs(one["requests"] - forecast["calls"]) <= 1, one
        assert abs(one["credits"] - forecast["credits"]) <= 1, one


def test_a_pull_whose_cost_nobody_asked_for_is_not_counted_for(office: Office) -> None:
    """Neither the first load nor those that follow."""
    contacts(office, 450)
    calls = office.zoho.traffic.total

    answer = office.type("pull", "zoho", "--json")

    assert not [one for one in answer.json["streams"] if one["forecast"] is not None]
    opening = 4  # a token, the organisation, who we are, what there is
    assert office.zoho.traffic.total - calls == opening + sum(one["requests"] for one in answer.json["streams"])


def test_a_window_and_a_list_of_ids_are_told_before_they_are_read(office: Office, tmp_path: Path) -> None:
    ids = contacts(office, 60)
    office.type("pull")
    names = tmp_path / "ids.txt"
    names.write_text("\n".join(ids[:7]), "utf-8")

    window = office.type("pull", "zoho", "contacts", "--since", "2026-01-02", "--until", "2026-01-02")
    by_id = office.type("pull", "zoho", "contacts", "--ids", str(names), "--json")

    assert "a count" in window.out
    assert "zoho: 1 calls, 1 credits were said; it took 1 and 1 (+0.0%)" in window.out
    [stream] = by_id.json["streams"]
    assert (stream["requests"], stream["forecast"]["calls"]) == (7, 7)


def test_a_job_that_is_more_than_todays_credits_is_told_so(office: Office) -> None:
    office.options["zoho"] = {"daily_credits": 60}
    office.configure()
    contacts(office, 30)

    answer = office.type("pull", "zoho", "--full", "--dry-run")

    assert "more than today's" in answer.out or "left for such a job" in answer.out
