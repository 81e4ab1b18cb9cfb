"""The reminder policy file: what it may say, and how its mistakes are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamsync.config.reminders import read_reminders, reminders_of
from kamsync.config.toml_file import Problems, parse
from kamsync.rules.reminder_policy import default_policy
from kamsync.rules.reminder_rules import RULES

SHIPPED = Path(__file__).parents[2] / "policies" / "reminders.toml"


def test_the_shipped_policy_says_exactly_what_the_rules_do_by_themselves():
    assert read_reminders(SHIPPED) == default_policy()


def test_the_shipped_policy_names_every_field_a_text_may_use():
    text = SHIPPED.read_text(encoding="utf-8")

    missing = [f"{rule.id}.{name}" for rule in RULES.values() for name in rule.all_fields if f" {name} " not in text]

    assert missing == []


def test_a_policy_need_only_say_what_it_wants_otherwise():
    text = """
    [R01]
    every = 20
    subject.zh = "请联系 {{account}}"
    [R24]
    on = false
    """

    policy = reminders_of(parse(text, "reminders.toml"))

    assert list(policy.rules) == ["R01"]
    assert policy.rules["R01"].settings == RULES["R01"].settings(every=(20,))
    assert policy.rules["R01"].subject.en == default_policy().rules["R01"].subject.en
    assert policy.rules["R01"].subject.zh.say({"account": "华为技术"}) == "请联系 华为技术"


def test_every_mistake_in_a_policy_is_shown_at_once_with_its_line():
    text = "\n".join(
        [
            "R24 = true",
            "[R01x]",
            "[R01]",
            "on = 1",
            "evry = [14]",
            "every = [14, -1]",
            'priority = ["high", "mid"]',
            'subject.zh = "联系 {{acount}}"',
            'body.fr = "…"',
            "[R08]",
            "stages = [7, 1]",
            "due = true",
            'subject = "催款"',
            'body.en = ""',
        ]
    )

    with pytest.raises(Problems) as raised:
        reminders_of(parse(text, "reminders.toml"))

    assert [(p.line, p.key, p.text.en, p.hint and p.hint.en) for p in raised.value.problems] == [
        (1, "R24", "must be a table: [R24]", None),
        (2, "R01x", "is not a reminder rule", 'did you mean "R01"?'),
        (4, "R01.on", "must be true or false", None),
        (5, "R01.evry", "is not a key here", 'did you mean "every"?'),
        (6, "R01.every", "must be a whole number, 0 or more", "such as 14"),
        (7, "R01.priority", "is not a priority", "there are: urgent, high, medium, low"),
        (8, "R01.subject.zh", "{{acount}} is not a field of this reminder", 'did you mean "account"?'),
        (9, "R01.body.fr", "is not a key here", "there are: zh, en"),
        (11, "R08.stages", "must rise from 1 on, none twice", None),
        (12, "R08.due", "must be a whole number, 0 or more", "such as 14"),
        (13, "R08.subject", "must be given by language", 'subject.en = "…"'),
        (14, "R08.body.en", "must be a text", None),
    ]


def test_an_empty_policy_is_no_reminders():
    assert reminders_of(parse("", "reminders.toml")).rules == {}
