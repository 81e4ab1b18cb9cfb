"""Try a policy on rows of metrics that somebody wrote down: no CRM, no store.

A row that cannot be read becomes an error of its own, with its line; the others go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kamsync.plugin import Text
from kamsync.rules.groups import pool
from kamsync.rules.metrics import Metrics
from kamsync.rules.placing import bars, bound, figure
from kamsync.rules.policy import Policy
from kamsync.rules.rows import BadRow, Row, read_row
from kamsync.rules.tiers import Step, Verdict, decide


def try_lines(lines: Iterable[str], policy: Policy, as_of: date, language: str = "zh") -> list[dict[str, Any]]:
    """Judge the rows of a JSON-lines file; blank lines are skipped, an unreadable one gives an error."""
    numbered = [(number, line.removeprefix("\ufeff").strip()) for number, line in enumerate(lines, 1)]
    read = [(number, _json(line)) for number, line in numbered if line]
    return _tried(read, policy, as_of, language)


def try_rows(rows: Sequence[object], policy: Policy, as_of: date, language: str = "zh") -> list[dict[str, Any]]:
    """Judge rows that belong together: rows of one group are also summed, and the sum is the group's tier."""
    return _tried(list(enumerate(rows, 1)), policy, as_of, language)


def try_row(row: Mapping[str, Any], policy: Policy, as_of: date, language: str = "zh") -> dict[str, Any]:
    """Judge one row alone."""
    return try_rows([row], policy, as_of, language)[0]


def _json(line: str) -> object:
    try:
        return json.loads(line, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as broken:
        return BadRow(Text(f"不是合法的 JSON：{broken}", f"is not JSON: {broken}"))


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is not a number")


def _tried(numbered: list[tuple[int, object]], policy: Policy, as_of: date, language: str) -> list[dict[str, Any]]:
    read = [(number, given, _row(number, given, policy, as_of)) for number, given in numbered]
    rows = [row for _, _, row in read if isinstance(row, Row)]
    if policy.is_relative:
        policy = bound(policy, bars(policy, [figure(row.metrics, policy) for row in rows]))
    groups = _Groups(rows, policy, as_of)
    return [
        _shown(groups.verdict(row), row, language) if isinstance(row, Row) else _error(number, given, row, language)
        for number, given, row in read
    ]


def _row(number: int, given: object, policy: Policy, as_of: date) -> Row | BadRow:
    try:
        return given if isinstance(given, BadRow) else read_row(number, given, policy, as_of)
    except BadRow as bad:
        return bad


@dataclass(frozen=True, slots=True)
class _Group:
    metrics: Metrics
    tier: str


class _Groups:
    """The groups that rows of one file name: by the name of a tier, or by an id that rows share."""

    def __init__(self, rows: Sequence[Row], policy: Policy, as_of: date) -> None:
        self.policy, self.as_of = policy, as_of
        self.ids = {row.id for row in rows}
        self.of_row = {row.number: self._key(row) for row in rows}
        named = set(self.of_row.values())
        members: dict[str, list[Row]] = {}
        for row in rows:
            key = self.of_row[row.number] or (row.id if row.id in named else None)
            if key:
                self.of_row[row.number] = key
                members.setdefault(key, []).append(row)
        self.by_key = {key: self._group(key, rows) for key, rows in members.items()}

    def _key(self, row: Row) -> str | None:
        """The id of the row's group; None where it has none or names its group's tier outright."""
        return None if row.group is None or self._tier(row) else str(row.group)

    def _tier(self, row: Row) -> str | None:
        if row.group_tier:
            return row.group_tier
        if row.group is None or str(row.group) in self.ids:
            return None
        if isinstance(row.group, int):
            return self.policy.tiers[row.group - 1].name if 1 <= row.group <= len(self.policy.tiers) else None
        tier = self.policy.tier(row.group)
        return tier.name if tier else None

    def _group(self, key: str, rows: list[Row]) -> _Group:
        """The group judged on its sums, with the top parent's history and standing where the file has the parent."""
        metrics = pool([row.metrics for row in rows])
        heads = [row for row in rows if row.id == key]
        if heads:
            return _Group(metrics, _verdict(heads[0], metrics, self.policy, None).tier)
        return _Group(metrics, decide(metrics, self.policy, None, self.as_of).tier)

    def verdict(self, row: Row) -> Verdict:
        key = self.of_row[row.number]
        if key is None:
            return _verdict(row, row.metrics, self.policy, self._tier(row))
        group = self.by_key[key]
        if row.id == key:
            return _verdict(row, group.metrics, self.policy, None)
        return _verdict(row, row.metrics, self.policy, group.tier)


def _verdict(row: Row, metrics: Metrics, policy: Policy, group_tier: str | None) -> Verdict:
    return decide(
        metrics, policy, row.previous, metrics.as_of,
        strategic=row.strategic, group_tier=group_tier, override=row.override, first_order=row.first_order,
        blacklisted=row.blacklisted, deregistered=row.deregistered, traits=row.traits,
    )  # fmt: skip


# ---- output


def _error(number: int, given: object, bad: BadRow, language: str) -> dict[str, Any]:
    id = given.get("id") if isinstance(given, Mapping) else None
    said = Text(f"第 {number} 行：{bad.text.zh}", f"line {number}: {bad.text.en}")
    return {"id": id if isinstance(id, str | int) else None, "line": number, "error": said.say(language)}


def _shown(verdict: Verdict, row: Row, language: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": row.given_id,
        "tier": verdict.tier,
        "scored_tier": verdict.scored_tier,
        "score": _figure(verdict.score),
        "coverage": _figure(verdict.coverage),
        "dimensions": {dimension.name: _figure(dimension.score) for dimension in verdict.dimensions},
        "since": verdict.since.isoformat(),
        "pending_down": verdict.pending_down,
        "as_of": verdict.as_of.isoformat(),
        "reasons": [reason.say(language) for reason in verdict.reasons],
        "flags": list(verdict.flags),
        "nearest": {"up": _step(verdict.nearest.up, language), "down": _step(verdict.nearest.down, language)},
    }
    if verdict.cell:
        shown["cell"] = verdict.cell
    if row.warnings:
        shown["warnings"] = [warning.say(language) for warning in row.warnings]
    return shown


def _step(step: Step | None, language: str) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "metric": step.metric,
        "now": _figure(step.now),
        "to": _figure(step.to),
        "tier": step.tier,
        "score": _figure(step.score),
        "text": step.text.say(language),
    }


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
