"""`kamsync care`, `kamsync care calendar` and `kamsync quality`, as admins type them."""

from __future__ import annotations

import pytest

from tests.cli.office import AS_OF, ROOT, Office, width


@pytest.fixture
def judged(office: Office) -> Office:
    """A book that was judged on a day, by every rule there is."""
    office.remind(ROOT / "policies/reminders.toml")
    office.fill()
    assert office.type("pull").code == 0
    assert office.type("tier", "--as-of", AS_OF).code == 0
    return office


def test_the_weeks_to_come_are_told_by_owner(judged: Office) -> None:
    told = judged.type("care", "--as-of", AS_OF, "--weeks", "8", "--json").json

    assert (told["as_of"], told["until"]) == (AS_OF, "2026-04-26")
    assert {one["rule"] for one in told["duties"]} >= {"R08"}
    assert sum(owner["count"] for week in told["weeks"] for owner in week["owners"]) == len(told["duties"])
    assert [one["on"] for one in told["duties"]] == sorted(one["on"] for one in told["duties"])
    stages = [one["on"] for one in told["duties"] if one["rule"] == "R08"]
    assert stages[:3] == ["2026-03-02", "2026-03-12", "2026-04-11"]  # 30 days are over; 60 and 90 come


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_owners_reminders_are_told_with_their_words(judged: Office, lang: str) -> None:
    shown = judged.type("care", "--as-of", AS_OF, "--owner", "王丽", lang=lang)

    assert shown.code == 0
    assert "INV-7" in shown.out
    assert width(shown.out) <= 80
    assert "kamsync plan" in shown.out


def test_an_owner_that_nobody_knows_is_said_with_those_there_are(judged: Office) -> None:
    refused = judged.type("care", "--as-of", AS_OF, "--owner", "韩梅")

    assert refused.code == 2
    assert "王丽" in refused.err


def test_nothing_is_kept_by_a_preview(judged: Office) -> None:
    before = judged.type("plan", "--as-of", AS_OF, "--json").json["counts"]
    judged.type("care", "--as-of", AS_OF, "--weeks", "8")

    assert judged.type("plan", "--as-of", AS_OF, "--json").json["counts"] == before


def test_the_calendar_of_a_year_is_shown_and_changed_with_its_comments_kept(office: Office) -> None:
    path = office.folder / "policies" / "calendar-cn.toml"
    before = office.type("care", "calendar", "2027", "--json").json

    changed = office.type(
        "care", "calendar", "--off", "2027-02-04", "--work", "2027-02-13", "--plain", "2027-02-05", "--json"
    )
    after = office.type("care", "calendar", "2027", "--json").json

    assert (before["provisional"], after["provisional"]) == (True, False)
    assert changed.json["changed"].endswith("calendar-cn.toml")
    assert set(after["off"]) == (set(before["off"]) | {"2027-02-04"}) - {"2027-02-05"}
    assert after["work"] == ["2027-02-13"]
    assert "# 春节 Spring Festival" in path.read_text("utf-8")
    assert office.type("care", "calendar", "2026", "--json").json["working_days"] == 248
    assert width(office.type("care", "calendar", "2026").out) <= 80


def test_a_poor_file_is_listed_with_what_it_lacks(judged: Office) -> None:
    told = judged.type("quality", "--as-of", AS_OF, "--json").json
    shown = judged.type("quality", "--as-of", AS_OF)

    assert told["accounts"] == 2
    small = next(one for one in told["files"] if one["name"] == "苏州小河五金店")
    assert "uscc" in small["missing"]
    assert shown.code == 0
    assert width(shown.out) <= 80
