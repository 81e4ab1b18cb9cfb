"""Decisions that come from files: kept elsewhere and brought back, or answered in a spreadsheet.

A line that cannot be read is named with its number, and then nothing of its file is taken down.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kamsync.engine.deciding import CannotDecide, Taken, Wish, Word, decide, find_record
from kamsync.engine.heeding import name_of
from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.plugin import ConfigError, Text
from kamsync.store import audit, decisions
from kamsync.store.audit import Deed
from kamsync.store.tables import Row

SAME = frozenset(("same", "y", "yes", "是", "同", "相同", "同一", "同一客户"))
DIFFERENT = frozenset(("different", "n", "no", "否", "不同", "不是", "不同客户"))
WRONG = 5  # mistakes of one file that are told


@dataclass(slots=True)
class Answered:
    """What a file of answers did. `refused`: pairs that were left open, and why."""

    taken: list[Taken] = field(default_factory=list)
    refused: list[tuple[str, str, Text]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(one.rows) for one in self.taken)

    @property
    def batch(self) -> int | None:
        return self.taken[0].batch if self.taken else None


def answer(workspace: Workspace, wishes: Iterable[Wish]) -> Answered:
    """Take these down one by one, to be taken back in one go; what is forbidden or contradicted stays open."""
    done = Answered()
    for wish in wishes:
        try:
            done.taken.append(decide(workspace, [wish], batch=done.batch))
        except CannotDecide as refused:
            done.refused.append((name_of(wish.a), name_of(wish.b), refused.text))
    return done


# ---- a spreadsheet


def answers(workspace: Workspace, text: str, name: str) -> list[Wish]:
    """What a sheet answers (`decision`, `a`, `b`, `reason`, `despite`; CSV, JSON lines). Raises ConfigError."""
    wishes, wrong = [], []
    for number, row in _rows(text):
        word = _word(row.get("decision"))
        if word is None:
            continue
        try:
            if word == "?":
                said = row.get("decision")
                raise CannotDecide(
                    Text(f"看不懂 decision “{said}”(写 同 或 不同)", f"decision is {said!r}: say same or different")
                )
            a, b = (find_record(workspace, str(row.get(side) or "")) for side in ("a", "b"))
            reason, despite = str(row.get("reason") or ""), str(row.get("despite") or "").split()
            wishes.append(Wish(word, a, b, reason, despite))
        except CannotDecide as bad:
            wrong.append((number, bad.text))
    _must_be_right(wrong, name)
    return wishes


def _word(said: object) -> Any:
    word = str(said or "").strip().casefold()
    return "same" if word in SAME else "different" if word in DIFFERENT else "?" if word else None


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        yield from _objects(text.splitlines())
    else:
        yield from enumerate(csv.DictReader(io.StringIO(text)), 2)


def _objects(lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        yield number, said if isinstance(said, dict) else {"decision": line[:20]}


def _must_be_right(wrong: Sequence[tuple[int, Text]], name: str) -> None:
    if wrong:
        lines = [(number, text) for number, text in wrong[:WRONG]]
        zh = "\n".join(f"  {name}:{number} {text.zh}" for number, text in lines)
        en = "\n".join(f"  {name}:{number} {text.en}" for number, text in lines)
        raise ConfigError(
            Text(
                f"{name} 有 {len(wrong)} 行不能用,没有记下任何决定:\n{zh}",
                f"{len(wrong)} lines of {name} cannot be used, nothing was taken down:\n{en}",
            ),
            next="kamsync identity review --export pairs.csv",
        )


# ---- decisions kept elsewhere


def bring_back(workspace: Workspace, lines: Sequence[str], name: str) -> Taken:
    """Decisions as `line_of` tells them, with those who made them, and when; what is known already stays as it is.

    Their records need not be there yet. Raises ConfigError.
    """
    found: list[Row] = []
    wrong = []
    for number, told in _objects(lines):
        try:
            found.append(_kept(told))
        except (KeyError, TypeError, ValueError) as bad:
            wrong.append((number, Text(f"不是一条决定({bad})", f"is no decision ({bad})")))
    _must_be_right(wrong, name)
    with workspace.store.write() as tx:
        known = {_same_as(row) for row in decisions.listed(tx)}
        fresh = [row for row in found if _same_as(row) not in known]
        taken = Taken()
        for batch in dict.fromkeys(row["batch"] for row in fresh):
            taken.rows += decisions.add(tx, [row | {"batch": None} for row in fresh if row["batch"] == batch])
        deeds = [
            Deed(f"identity.{row['said']}", " ".join(map(name_of, decisions.members(row))),
                 {"decision": row["id"], "from": name, "who": row["who"], "at": row["at"].isoformat()})
            for row in taken.rows
        ]  # fmt: skip
        audit.append(tx, workspace.who, workspace.clock.now(), deeds)
    return taken


def _kept(told: Mapping[str, Any]) -> Row:
    word: Word = told["said"]
    if word not in ("same", "different"):
        raise ValueError(word)
    a, b = (Member(*(str(told[side][part]) for part in ("connection", "stream", "remote_id"))) for side in ("a", "b"))
    ended = told.get("ended") or {}
    return decisions.ends(a, b) | {
        "batch": told.get("batch"), "said": word, "leaves": bool(told.get("leaves")), "who": str(told["who"]),
        "at": _instant(told["at"]), "reason": str(told.get("reason") or ""),
        "facts": {"despite": list(told.get("despite") or ())},
        "ended_at": _instant(ended["at"]) if ended else None, "ended_by": str(ended.get("by") or ""),
        "ended_why": str(ended.get("why") or ""), "carried": False,
    }  # fmt: skip


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _same_as(row: Row) -> tuple[object, ...]:
    """What makes a decision this one, in whichever store it is."""
    ends = tuple(row[f"{side}_{part}"] for side in ("a", "b") for part in ("connection", "stream", "id"))
    return (row["said"], row["at"], row["who"], *ends, row["ended_at"])
