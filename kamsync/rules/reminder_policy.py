"""Which reminders are on, how they are tuned and in what words they are told.

Values only: reading a policy file is for `config`. A rule that a policy does not name is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kamsync.plugin import Text
from kamsync.rules.reminder_rules import RULES
from kamsync.rules.reminder_rules.rule import Rule, Words
from kamsync.rules.template import Fault, Template, Value, read_template

LANGUAGES = ("zh", "en")
LONGEST_SUBJECT = 200  # characters; CRMs cut or refuse longer ones


@dataclass(frozen=True, slots=True)
class Sentence:
    """One text of a task, in both languages."""

    zh: Template
    en: Template

    def say(self, values: Mapping[str, Value]) -> Text:
        """The sentence with its gaps filled."""
        return Text(self.zh.say(values), self.en.say(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePolicy:
    """One rule that is on. `settings` is of the rule's own settings type."""

    settings: Any
    subject: Sentence
    body: Sentence


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """The rules that are on, by id. `version` tells one text of the policy from another."""

    rules: Mapping[str, RulePolicy]
    version: str = field(default="", compare=False)


def default_policy() -> ReminderPolicy:
    """Every rule on, with its usual numbers and words."""
    return ReminderPolicy({rule.id: rule_policy(rule, rule.settings(), rule.words) for rule in RULES.values()})


def rule_policy(rule: Rule[Any], settings: Any, words: Words) -> RulePolicy:
    """A rule with these settings and words; the words must be free of faults (see `faults`)."""
    found = faults(rule, words)
    if found:
        raise ValueError(f"{rule.id}: {', '.join(fault.what for _, _, fault in found)}")
    return RulePolicy(settings=settings, subject=_sentence(rule, words.subject), body=_sentence(rule, words.body))


def faults(rule: Rule[Any], words: Words) -> list[tuple[str, str, Fault]]:
    """What is wrong with a rule's words: which text, in which language, and what."""
    return [
        (name, language, fault)
        for name, text in (("subject", words.subject), ("body", words.body))
        for language in LANGUAGES
        for fault in read_template(text.say(language), rule.all_fields)[1]
    ]


def _sentence(rule: Rule[Any], text: Text) -> Sentence:
    return Sentence(*(read_template(text.say(language), rule.all_fields)[0] for language in LANGUAGES))
