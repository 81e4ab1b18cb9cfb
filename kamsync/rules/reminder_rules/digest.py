"""R00: how many new tasks an owner gets a day, and in which words the digest tells of those that wait.

Owes nothing by itself: whose turn it is, is decided over all that is owed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kamsync.plugin import Priority, Text
from kamsync.rules.reminder_rules.rule import Owed, Question, Rule, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """New tasks an owner and day, the digest among them (0: no limit; urgent ones never count); how many it names."""

    per_owner: int = 15
    named: int = 10
    priority: Priority = "medium"


def nothing(question: Question, settings: Digest) -> Iterator[Owed]:
    """Never owed to one customer."""
    return iter(())


DIGEST = Rule(
    id="R00",
    title=Text("提醒摘要", "digest"),
    settings=Digest,
    fields={"count": "number", "named": "text"},
    words=Words(
        subject=Text("还有 {{count}} 项提醒排在后面", "{{count}} more reminders are waiting"),
        body=Text(
            "今天的新任务已到上限，还有 {{count}} 项按紧急程度排队，之后几天陆续建立。排在最前的：{{named}}。\n"
            "全部内容见 kamsync care。",
            "You got as many new tasks today as a day may bring; {{count}} more wait for the days to come, "
            "the most pressing first: {{named}}.\n"
            "kamsync care shows them all.",
        ),
    ),
    owed=nothing,
)
