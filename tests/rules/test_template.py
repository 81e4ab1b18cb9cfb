"""Texts with gaps."""

from __future__ import annotations

from datetime import date

import pytest

from kamsync.rules.template import read_template

FIELDS = {"account": "text", "days": "number", "touched": "date", "open": "money"}
VALUES = {"account": "华为技术（中国）有限公司", "days": 1, "touched": date(2026, 1, 2), "open": 123_456_750}


def faults(source: str) -> list[tuple[str, str, str | None]]:
    return [(each.what, each.text.en, each.hint and each.hint.en) for each in read_template(source, FIELDS)[1]]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("联系 {{account}}", "联系 华为技术（中国）有限公司"),
        ("{{ days }} 天", "1 天"),
        ("{{days|days}}", "1 day"),
        ("{{touched}}", "2026-01-02"),
        ("{{touched|cn}}", "2026年1月2日"),
        ("{{touched | long}}", "2 January 2026"),
        ("{{open}}", "1,234,567.50"),
        ("{{open|yuan}}", "1,234,568"),
        ("{{open|wan}} 万", "123.46 万"),
        ("{one} brace", "{one} brace"),
    ],
)
def test_a_gap_is_filled_as_people_read_it(source, said):
    template, wrong = read_template(source, FIELDS)

    assert (template.say(VALUES), wrong) == (said, ())


def test_what_is_filled_in_is_never_a_template_itself_and_stays_on_one_line():
    template, _ = read_template("{{account}}。", FIELDS)

    assert template.say({**VALUES, "account": " {{open}}\r\n{{days}}\u2028x "}) == "{{open}} {{days}} x。"


def test_a_long_name_can_be_cut():
    template, _ = read_template("{{account|short}}", FIELDS)

    assert template.say({**VALUES, "account": "字" * 30}) == "字" * 19 + "…"


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("{{acount}}", ("{{acount}}", "is not a field of this reminder", 'did you mean "account"?')),
        ("{{zzz}}", ("{{zzz}}", "is not a field of this reminder", "fields: account, days, open, touched")),
        ("{{account.name}}", ("{{account.name}}", "is not a field of this reminder", 'did you mean "account"?')),
        ("{{open|wann}}", ("|wann", "is not a filter", 'did you mean "wan"?')),
        ("{{touched|wan}}", ("|wan", "cannot show a date", None)),
        ("{{account", ("{{", "is half a pair, or full width", "write {{field}} in half-width braces")),
        ("｛｛account｝", ("｛｛", "is half a pair, or full width", "write {{field}} in half-width braces")),
    ],
)
def test_a_text_that_could_not_be_told_is_found_when_it_is_read(source, wrong):
    assert faults(source) == [wrong]


def test_every_fault_of_a_text_is_found_at_once():
    assert [what for what, _, _ in faults("{{a}} {{open|b}} }}")] == ["{{a}}", "|b", "}}"]
