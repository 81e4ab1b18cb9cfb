"""How the checks of the suite are grouped, and the grade that follows from what became of them.

Grades are computed here, never claimed. Pure: results in, grade out.

A  reads and writes, tags and tasks both, and every check that applies passes
B  reads, writes less than that or nothing, and every check that applies passes
C  some checks fail, none of those on which trust rests
F  a check fails on which trust rests: on loss, on people's own things, on what is said of writes, on secrets
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from kamsync.plugin import Text

Result = Literal["passed", "failed", "skipped"]
UNCLAIMED = ": not claimed by this session"  # how the reason ends of a check that does not apply


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that ask about one thing. `grave`: a failure means that the connector is not to be trusted."""

    title: Text
    grave: bool = True


# By the class that holds the checks, in the order in which they are told.
GROUPS: Mapping[str, Group] = {
    "Metadata": Group(Text("自述与发现", "what it says of itself"), grave=False),
    "Auth": Group(Text("登录与令牌", "signing in"), grave=False),
    "Reading": Group(Text("读取与断点续读", "reading and resuming")),
    "Lists": Group(Text("长列表、乱序、并行", "walls, lost order, many readers")),
    "Keeping": Group(Text("接着上次读", "going on from a kept place")),
    "Entities": Group(Text("每种记录", "every kind of record"), grave=False),
    "Typing": Group(Text("值与类型", "values and types")),
    "Deleting": Group(Text("删除", "deletions")),
    "People": Group(Text("合并、恢复、权限、字段变化", "merges, restores, rights, drift")),
    "Hooks": Group(Text("变更通知", "calls that come in")),
    "Faults": Group(Text("读取时的故障与限流", "bad weather while reading")),
    "Tags": Group(Text("标签", "tags")),
    "Tasks": Group(Text("任务", "tasks")),
    "Changing": Group(Text("改动已有任务", "changes of tasks")),
    "Seeing": Group(Text("查看自己的任务", "looking at tasks of ours")),
    "Sending": Group(Text("写入时的故障", "bad weather while writing")),
    "Settling": Group(Text("写入不明之后", "evidence after doubt")),
    "Answers": Group(Text("残缺、乱序的写入应答", "short and reordered answers")),
    "Owning": Group(Text("人的改动优先", "people's edits win")),
    "Redaction": Group(Text("不泄露密钥", "no secret is shown")),
}
RULES: Mapping[str, Text] = {
    "A": Text(
        "读与写(标签、任务)都支持,适用的检查全部通过",
        "reads and writes, tags and tasks both; every check that applies passes",
    ),
    "B": Text(
        "支持读取,写入不全或不支持;适用的检查全部通过",
        "reads, and writes less or nothing; every check that applies passes",
    ),
    "C": Text(
        "有检查未通过,但不涉及丢失、误写或泄密", "some checks fail, none of them on loss, false writes or secrets"
    ),
    "F": Text(
        "有涉及丢失、误写、动了别人的数据或泄密的检查未通过:不要使用",
        "a check on loss, false writes, people's own things or secrets fails: do not use it",
    ),
}


def grade(results: Iterable[tuple[str, Result]], facets: Iterable[str]) -> str:
    """The grade for (group, result) of every check, and the facets that are written."""
    failed = {group for group, result in results if result == "failed"}
    if any(GROUPS[group].grave for group in failed):
        return "F"
    if failed:
        return "C"
    return "A" if {"task", "tags"} <= set(facets) else "B"
