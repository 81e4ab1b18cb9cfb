"""Link records that somebody wrote down, a JSON object a line: no CRM, no store.

A line that cannot be read becomes an error of its own, with its number; the others are linked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kamsync.plugin import Text
from kamsync.rules.identity import Known, LinkDecision, link


@dataclass(slots=True)
class Tried:
    """`rows`: `{"id", "cluster"}` or `{"line", "error"}` in the order of the lines; a cluster has the id of its first
    record. `reviews`: pairs that a person should look at, the likeliest first."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)

    @property
    def bad(self) -> int:
        return sum("error" in row for row in self.rows)


def try_lines(lines: Iterable[str], language: str = "zh") -> Tried:
    """Link the records of a JSON-lines file; blank lines are skipped."""
    read = [(number, _read(line)) for number, line in enumerate(lines, 1) if line.removeprefix("\ufeff").strip()]
    known: dict[str, Known] = {}
    first: dict[str, int] = {}
    found: list[tuple[int, Known | Text]] = []
    for number, one in read:
        if isinstance(one, Known) and first.setdefault(one.id, number) != number:
            line = first[one.id]
            one = Text(f"编号 {one.id} 与第 {line} 行重复", f"the id {one.id} is that of line {line} too")
        if isinstance(one, Known):
            known[one.id] = one
        found.append((number, one))
    order = {id: place for place, id in enumerate(known)}
    clusters, decisions = link(list(known.values()))
    head = {id: min(cluster, key=order.__getitem__) for cluster in clusters for id in cluster}
    rows = [
        {"id": one.id, "cluster": head[one.id]}
        if isinstance(one, Known)
        else {"line": number, "error": one.say(language)}
        for number, one in found
    ]
    return Tried(rows, _reviews(decisions, head, language))


def _reviews(decisions: Iterable[LinkDecision], head: dict[str, str], language: str) -> list[dict[str, Any]]:
    """One pair for two clusters, however many of their records are alike."""
    best: dict[frozenset[str], LinkDecision] = {}
    for one in decisions:
        pair = frozenset((head[one.a], head[one.b]))
        if one.verdict == "review" and len(pair) == 2 and (pair not in best or one.score > best[pair].score):
            best[pair] = one
    likely = sorted(best.values(), key=lambda one: (-one.score, one.a, one.b))
    return [
        {"a": one.a, "b": one.b, "score": one.score,
         "evidence": [{"rule": item.rule, "weight": item.weight, "detail": item.detail.say(language)}
                      for item in one.evidence]}
        for one in likely
    ]  # fmt: skip


def _read(line: str) -> Known | Text:
    try:
        said = json.loads(line.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as broken:
        return Text(f"不是合法的 JSON：{broken}", f"is not JSON: {broken}")
    if not isinstance(said, dict) or not _text(said.get("id")):
        return Text("不是带 id 的对象", "is not an object with an id")
    given = {name: _text(said.get(name)) or None for name in _FIELDS}
    return Known(
        id=_text(said["id"]), name=_text(said.get("name")), other_names=_names(said.get("other_names")), **given
    )


_FIELDS = ("uscc", "phone", "website", "province", "city", "industry")


def _names(given: object) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else [given]
    return tuple(name for name in map(_text, listed) if name)


def _text(given: object) -> str:
    """Numbers are text too: an id or a telephone that was written without quotes."""
    return str(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else ""
