"""Read the reminder policy that an admin keeps: which rules are on, their numbers and their words.

It decides no reminder. What a rule can be told is declared by the rule; every mistake is shown at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from kamsync.config.toml_file import Document, Problem, Problems, did_you_mean, read
from kamsync.plugin import Priority, Text
from kamsync.rules.reminder_policy import LANGUAGES, ReminderPolicy, RulePolicy, faults, rule_policy
from kamsync.rules.reminder_rules import RULES
from kamsync.rules.reminder_rules.rule import Rule, Words

TEXTS = ("subject", "body")
PRIORITIES: tuple[str, ...] = get_args(Priority)


def read_reminders(path: Path) -> ReminderPolicy:
    """The policy in the file at `path`; raises `Problems` with every mistake in it."""
    return reminders_of(read(path))


def reminders_of(document: Document) -> ReminderPolicy:
    """The policy that `document` describes; raises `Problems` with every mistake in it."""
    reader = _Reader(document)
    policy = reader.policy()
    if reader.problems:
        raise Problems(sorted(reader.problems, key=lambda problem: problem.line or 0), next="kamsync doctor")
    return policy


class _Reader:
    """One pass over the document; what is wrong is noted and left at its usual value."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def policy(self) -> ReminderPolicy:
        rules = {}
        for name, table in self.document.data.items():
            if name not in RULES:
                self._wrong((name,), Text("没有这条提醒规则", "is not a reminder rule"), _meant(name, RULES))
            elif not isinstance(table, dict):
                self._wrong((name,), Text(f"要写成一个表：[{name}]", f"must be a table: [{name}]"))
            elif wish := self._rule(RULES[name], table):
                rules[name] = wish
        return ReminderPolicy(rules, hashlib.sha256(self.document.text.encode()).hexdigest()[:12])

    def _rule(self, rule: Rule[Any], table: Mapping[str, Any]) -> RulePolicy | None:
        """The rule as the table tunes it; None when it is off or cannot be told."""
        kinds = get_type_hints(rule.settings)
        self._unknown((rule.id,), table, ("on", *kinds, *TEXTS))
        settings = self._settings(rule, {key: table[key] for key in kinds if key in table}, kinds)
        words = Words(subject=self._text(rule, "subject", table), body=self._text(rule, "body", table))
        found = faults(rule, words)
        for name, language, fault in found:
            what = Text(f"{fault.what} {fault.text.zh}", f"{fault.what} {fault.text.en}")
            self._wrong((rule.id, name, language), what, fault.hint)
        on = table.get("on", True)
        if not isinstance(on, bool):
            self._wrong((rule.id, "on"), Text("要写 true 或 false", "must be true or false"))
        return rule_policy(rule, settings, words) if on is True and not found else None

    def _settings(self, rule: Rule[Any], table: Mapping[str, Any], kinds: Mapping[str, Any]) -> Any:
        values = {}
        for key, value in table.items():
            need = _missed(kinds[key], value)
            if need:
                self._wrong((rule.id, key), *need)
            else:
                values[key] = _as(kinds[key], value)
        settings = rule.settings(**values)
        for key, text in rule.check(settings):
            self._wrong((rule.id, key), text)
        return settings

    def _text(self, rule: Rule[Any], name: str, table: Mapping[str, Any]) -> Text:
        """The text in both languages; a language that is left out keeps its usual words."""
        usual: Text = getattr(rule.words, name)
        given = table.get(name, {})
        if not isinstance(given, dict):
            hint = Text(f'{name}.zh = "…"', f'{name}.en = "…"')
            self._wrong((rule.id, name), Text("要按语言写", "must be given by language"), hint)
            return usual
        self._unknown((rule.id, name), given, LANGUAGES)
        said = {language: given.get(language, usual.say(language)) for language in LANGUAGES}
        for language, text in said.items():
            if not isinstance(text, str) or not text.strip():
                self._wrong((rule.id, name, language), Text("要写成文字", "must be a text"))
                said[language] = usual.say(language)
        return Text(said["zh"], said["en"])

    def _unknown(self, at: tuple[str, ...], table: Mapping[str, Any], known: Iterable[str]) -> None:
        for key in table:
            if key not in known:
                self._wrong((*at, key), Text("这里没有这个键", "is not a key here"), _meant(key, known))

    def _wrong(self, keys: tuple[str, ...], text: Text, hint: Text | None = None) -> None:
        self.problems.append(self.document.problem(keys, text, hint))


def _meant(word: str, choices: Iterable[str]) -> Text:
    """The choice that is close, else all of them."""
    known = ", ".join(choices)
    return did_you_mean(word, choices) or Text(f"可以用：{known}", f"there are: {known}")


# ---- what a setting may be: a number, a priority, a word, a list of them (one alone is a list of one), a list of lists


def _missed(kind: Any, value: Any) -> tuple[Text, Text] | None:
    """What the value should have been; None when it is."""
    if _depth(kind) > 1:
        rows = value if isinstance(value, list) and value else [value]
        return next((need for row in rows if (need := _missed(get_args(kind)[0], row))), None)
    values = value if _depth(kind) and isinstance(value, list) else [value]
    one = _one(kind)
    if one is int:
        fits = bool(values) and all(type(each) is int and each >= 0 for each in values)
        need = (Text("要写不小于 0 的整数", "must be a whole number, 0 or more"), Text("例如 14", "such as 14"))
    elif one is str:
        fits = all(isinstance(each, str) and bool(each.strip()) for each in values)
        need = (Text("要写文字的列表", "must be a list of texts"), Text('例如 ["甲", "乙"]', 'such as ["one", "two"]'))
    else:
        fits = bool(values) and all(each in PRIORITIES for each in values)
        known = ", ".join(PRIORITIES)
        need = (Text("不是优先级", "is not a priority"), Text(f"可以用：{known}", f"there are: {known}"))
    return None if fits else need


def _as(kind: Any, value: Any) -> Any:
    if not _depth(kind):
        return value
    return tuple(_as(get_args(kind)[0], each) for each in (value if isinstance(value, list) else [value]))


def _depth(kind: Any) -> int:
    """How many lists deep a setting is."""
    return 1 + _depth(get_args(kind)[0]) if get_origin(kind) is tuple else 0


def _one(kind: Any) -> Any:
    return _one(get_args(kind)[0]) if get_origin(kind) is tuple else kind
