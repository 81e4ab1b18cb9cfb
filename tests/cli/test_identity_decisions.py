"""Deciding at the command line: who is one customer, why, a person's word about it, and taking it back."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kamsync.cli.common import Asked
from kamsync.cli.identifying_review import Sitting
from kamsync.cli.opening import working
from kamsync.cli.screen import Screen
from kamsync.engine import deciding, views_review
from tests.cli.office import AS_OF, Office, width

NAME, BRAND = "华新水泥股份有限公司", "霁禾食品"


@pytest.fixture
def book(office: Office) -> dict[str, str]:
    """One customer in both CRMs; a brand that two companies bear, of which one buys."""
    z, f = office.zoho, office.fxiaoke
    ids = {
        "ours": z.add("account", name=NAME, phone="027-87773898", city="黄石"),
        "theirs": f.add("account", name=NAME, phone="027-87773898", city="黄石"),
        "brand": z.add("account", name=BRAND),
        "shanghai": f.add("account", name="霁禾(上海)食品有限公司", city="上海"),
        "beijing": f.add("account", name="霁禾(北京)食品有限公司", city="北京"),
    }
    f.change("account", ids["theirs"], phone="027-87770001")
    z.add("contact", name="李雷", account=ids["ours"], mobile="13817246035")
    f.add("contact", name="李雷", account=ids["beijing"], mobile="138 1724 6035")
    f.add("order", account=ids["beijing"], number="SO-1", date=date(2026, 1, 12), counts=True, gross=800_000)
    assert office.type("pull").code == 0
    assert office.type("tier", "--as-of", AS_OF).code == 0
    return ids


def pairs(office: Office) -> list[dict[str, object]]:
    found: list[dict[str, object]] = office.type("identity", "review", "--json").json["pairs"]
    return found


def decided(office: Office) -> list[tuple[str, bool]]:
    return [(row["said"], row["ended"] is not None) for row in office.type("identity", "decisions", "--json").lines]


def members(office: Office, record: str) -> int:
    return len(office.type("identity", "show", record, "--json").json["members"])


def sit(office: Office, keys: str, words: Iterator[str] = iter(())) -> Sitting:
    """A person at the keyboard who types these keys, and these words where one is asked for."""
    asked, typed = Asked("en", office.config), iter(keys)
    with working(asked, Screen(asked)) as workspace:
        questions = views_review.queue(workspace)
        sitting = Sitting(Screen(asked), workspace, questions, lambda: next(typed), lambda _: next(words))
        sitting.run()
        deciding.carry_out(workspace)
    return sitting


def test_the_pairs_of_the_customer_who_buys_come_first(office: Office, book: dict[str, str]) -> None:
    asked = pairs(office)

    assert [one["b"] or one["a"] for one in asked] == [
        f"zoho/accounts/{book['brand']}", f"zoho/accounts/{book['brand']}"
    ]  # fmt: skip
    assert [str(one["a"]).rpartition("/")[2] for one in asked] == [book["beijing"], book["shanghai"]]
    assert [one["worth"] for one in asked] == ["800000.00", "0.00"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_screen_fits_and_ends_with_what_to_do_next(office: Office, book: dict[str, str], lang: str) -> None:
    ours, theirs = f"zoho/{book['ours']}", f"fxiaoke/{book['theirs']}"
    screens = [
        office.type(*words, lang=lang)
        for words in (
            ["identity"],
            ["identity", "review"],
            ["identity", "show", ours],
            ["identity", "split", ours, theirs, "--reason", "两家公司"],
            ["identity", "show", ours],
            ["identity", "decisions"],
            ["identity", "undo"],
            ["identity", "conflicts"],
            ["identity", "people"],
            ["identity", "people", ours],
        )
    ]

    assert [one.code for one in screens] == [0] * len(screens)
    for one in screens:
        shown, _, following = one.out.rpartition("接下来:" if lang == "zh" else "next: ")
        assert width(shown) <= 80
        assert following.startswith("kamsync ")


def test_contradictions_are_listed_with_the_value_that_is_shown(office: Office, book: dict[str, str]) -> None:
    told = office.type("identity", "conflicts", "--json").json["conflicts"]

    assert [(one["field"], len(one["conflicts"])) for one in told] == [("phone", 1)]
    values = (told[0]["value"], told[0]["conflicts"][0]["value"])
    assert {value.replace("-", "")[-8:] for value in values} == {"87773898", "87770001"}
    assert told[0]["modified_at"]


def test_who_seems_to_have_moved_is_listed(office: Office, book: dict[str, str]) -> None:
    told = office.type("identity", "people", "--json").json["moved"]

    assert [{one["old"]["account_name"], one["new"]["account_name"]} for one in told] == [
        {NAME, "霁禾(北京)食品有限公司"}
    ]  # fmt: skip


def test_show_tells_each_rule_with_its_weight_and_what_was_decided(office: Office, book: dict[str, str]) -> None:
    office.type("identity", "split", NAME, f"fxiaoke/{book['theirs']}", "--reason", "两家公司")

    told = office.type("identity", "show", f"zoho/{book['ours']}", "--json").json

    assert [(one["said"], one["reason"]) for one in told["decisions"]] == [("different", "两家公司")]
    assert [(one["decision"], one["score"]) for one in told["nearby"]] == [(1, 95)]
    assert {(one["rule"], one["weight"]) for one in told["nearby"][0]["evidence"]} >= {("full_name", 80), ("place", 15)}


def test_a_split_holds_after_the_next_pull_and_undo_takes_it_back(office: Office, book: dict[str, str]) -> None:
    ours = f"zoho/{book['ours']}"
    done = office.type("identity", "split", NAME, f"fxiaoke/{book['theirs']}", "--reason", "两家公司", "--json")
    office.type("pull")
    apart = members(office, ours)

    office.type("identity", "undo", str(done.json["decisions"][0]["id"]), "--reason", "看错了")

    assert (apart, members(office, ours)) == (1, 2)
    assert decided(office) == [("different", True)]


def test_what_the_rules_forbid_needs_its_name(office: Office, book: dict[str, str]) -> None:
    pair = (f"fxiaoke/{book['shanghai']}", f"fxiaoke/{book['beijing']}")
    refused = office.type("identity", "same", *pair, "--reason", "一家")

    done = office.type("identity", "same", *pair, "--reason", "一家", "--despite", "place_differs")

    assert refused.code == 2
    assert "--despite place_differs" in refused.err
    assert done.code == 0
    assert {book["shanghai"], book["beijing"]} <= {
        one["remote_id"] for one in office.type("identity", "show", pair[0], "--json").json["members"]
    }


def test_each_key_of_the_review_does_what_it_says(office: Office, book: dict[str, str]) -> None:
    """Same, back (the answer is taken back), skip, different, and out of pairs."""
    sitting = sit(office, "ybsn")

    assert decided(office) == [("same", True), ("different", False)]
    assert sitting.at == 2
    assert members(office, f"zoho/{book['brand']}") == 1
    assert [str(one["a"]).rpartition("/")[2] for one in pairs(office)] == [book["beijing"]]


def test_quitting_keeps_what_was_answered(office: Office, book: dict[str, str]) -> None:
    sit(office, "yq")

    assert decided(office) == [("same", False)]
    assert members(office, f"zoho/{book['brand']}") == 2


def test_at_the_keyboard_a_veto_is_passed_by_typing_its_name_alone(office: Office, book: dict[str, str]) -> None:
    """The brand was joined with the one; now the other is of another town than the name tells."""
    sitting = sit(office, "yyq", iter(["yes"]))

    assert decided(office) == [("same", False)]
    assert sitting.at == 1


def test_all_above_a_score_are_joined_and_taken_back_in_one_go(office: Office, book: dict[str, str]) -> None:
    """Only one of the two can be: the other is left for a person."""
    done = office.type("identity", "review", "--above", "30", "--yes", "--json")
    joined = members(office, f"zoho/{book['brand']}")

    office.type("identity", "undo", str(done.json["batch"]))

    assert (done.code, done.json["decided"], len(done.json["refused"])) == (7, 1, 1)
    assert (joined, members(office, f"zoho/{book['brand']}")) == (2, 1)


def test_a_sheet_is_written_answered_and_read_back(office: Office, book: dict[str, str], tmp_path: Path) -> None:
    sheet = tmp_path / "pairs.csv"
    office.type("identity", "review", "--export", str(sheet))
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["decision"], rows[1]["decision"] = "同", "不同"
    with sheet.open("w", encoding="gb18030", newline="") as file:  # as a Chinese spreadsheet saves it
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)

    done = office.type("identity", "review", "--import", str(sheet), "--json")

    assert (done.code, done.json["decided"]) == (0, 2)
    assert decided(office) == [("same", False), ("different", False)]
    assert pairs(office) == []


def test_a_sheet_with_a_mistake_changes_nothing_and_names_the_line(
    office: Office, book: dict[str, str], tmp_path: Path
) -> None:
    sheet = tmp_path / "pairs.csv"
    brand = f"zoho/{book['brand']}"
    sheet.write_text(f"decision,a,b\n同,{brand},fxiaoke/{book['beijing']}\n也许,{brand},fxiaoke/x\n", "utf-8")

    done = office.type("identity", "review", "--import", str(sheet))

    assert done.code == 2
    assert "pairs.csv:3" in done.err
    assert decided(office) == []


def test_decisions_outlive_the_store(office: Office, book: dict[str, str], tmp_path: Path) -> None:
    """Kept as JSON lines, brought back into an empty store before anything was pulled."""
    office.type("identity", "split", NAME, f"fxiaoke/{book['theirs']}", "--reason", "两家公司")
    kept = tmp_path / "decisions.jsonl"
    kept.write_text(office.type("identity", "decisions", "--json").out, "utf-8")
    for file in office.folder.glob("kamsync.db*"):
        file.unlink()

    first = office.type("identity", "decisions", "--import", str(kept), "--json").json
    office.type("pull")
    again = office.type("identity", "decisions", "--import", str(kept), "--json").json

    assert (first["added"], again["added"]) == (1, 0)
    assert members(office, f"zoho/{book['ours']}") == 1
    now = json.loads(office.type("identity", "decisions", "--json").out)
    assert now == json.loads(kept.read_text("utf-8"))
