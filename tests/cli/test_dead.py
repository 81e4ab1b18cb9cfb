"""Dead letters at the keyboard: listed with what helps, shown whole, taken up again, given up."""

from __future__ import annotations

import pytest

from tests.cli.office import AS_OF, Office, width


@pytest.fixture
def refused(office: Office) -> str:
    """The tag of a locked customer was refused; its id there."""
    id = office.zoho.add("account", name="华东精密机械有限公司")
    office.type("pull")
    office.type("tier", "--as-of", AS_OF)
    office.zoho.lock_record(id)
    office.type("plan", "--as-of", AS_OF)
    office.type("apply", "1")
    return id


def test_a_refused_write_is_listed_shown_and_replayed(office: Office, refused: str) -> None:
    zh, en = office.type("dead", "list", lang="zh"), office.type("dead")
    [letter] = office.type("dead", "list", "--json").json["dead"]
    shown = office.type("dead", "show", letter["id"][:8], lang="zh")
    office.zoho.lock_record(refused, locked=False)
    done = office.type("dead", "replay", "--class", "locked", "--connection", "zoho", "--json")
    empty = office.type("dead", "list")

    assert (zh.code, en.code, shown.code, done.code) == (0, 0, 0, 0)
    assert "华东精密" in zh.out
    assert "在 CRM 里解锁" in zh.out
    assert "unlock it in the CRM" in en.out
    assert max(width(zh.out), width(en.out)) <= 80
    assert (letter["class"], letter["code"], letter["attempts"]) == ("locked", "RECORD_LOCKED", 1)
    assert "RECORD_LOCKED" in shown.out
    assert (done.json["taken"], done.json["applied"]) == ([letter["key"]], 1)
    assert "No dead letters." in empty.out


def test_one_that_is_given_up_is_written_no_more(office: Office, refused: str) -> None:
    [letter] = office.type("dead", "list", "--json").json["dead"]
    dropped = office.type("dead", "drop", letter["key"])
    office.zoho.lock_record(refused, locked=False)

    plan = office.type("plan", "--json", "--as-of", AS_OF).json

    assert (dropped.code, plan["changes"]) == (0, [])
    assert "kamsync dead replay" in plan["skipped"][0]["why"]


def test_a_replay_of_nothing_and_a_name_that_is_none_are_wrong_usage(office: Office) -> None:
    nothing, unknown = office.type("dead", "replay"), office.type("dead", "show", "7f3c")

    assert (nothing.code, unknown.code) == (2, 2)
    assert "kamsync dead list" in unknown.err
