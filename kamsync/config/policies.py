"""Read the tier policy that an admin keeps: tiers, weights, anchors, bars, floors, the book and overrides.

It judges no account. Every mistake is found in one pass and shown with its line and a way out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from kamsync.config import policies_kinds as kinds
from kamsync.config.schema import Noting, schema
from kamsync.config.sheet import Key, Sheet
from kamsync.config.toml_file import Document, Problems, read
from kamsync.plugin import Text
from kamsync.rules.metrics import CATALOGUE
from kamsync.rules.policy import (
    KINDS,
    Admission,
    Book,
    CoverageBars,
    Dimension,
    Gates,
    MetricRule,
    Override,
    Policy,
    Steadiness,
    Tier,
    Valuing,
)

KEYS = (
    "name", "kind", "labels", "tiers", "large", "matrix", "dimensions", "steadiness", "coverage", "gates", "rules",
    "value", "book", "groups", "overrides",
)  # fmt: skip


def read_policy(path: Path) -> Policy:
    """The policy in the file at `path`; raises `Problems` with every mistake in it."""
    return policy_of(read(path))


def policy_of(document: Document) -> Policy:
    """The policy that `document` describes; raises `Problems` with every mistake in it."""
    reader = _Reader(document)
    policy = reader.policy()
    if reader.sheet.problems:
        raise Problems(sorted(reader.sheet.problems, key=lambda problem: problem.line or 0), next="kamsync doctor")
    return policy


def policy_schema(documents: Sequence[Document]) -> dict[str, Any]:
    """The JSON Schema of policy files, out of this reader and documents that together have every key."""
    sheets = [Noting(document) for document in documents]
    for document, sheet in zip(documents, sheets, strict=True):
        _Reader(document, sheet).policy()
    return schema("kamsync tier policy", sheets, {("dimensions", "*", "metrics"): list(CATALOGUE)})


class _Reader:
    """One pass over the document; what is wrong is noted and left at its usual value."""

    def __init__(self, document: Document, sheet: Sheet | None = None) -> None:
        self.document = document
        self.sheet = sheet or Sheet(document)
        self.tiers_by_name: dict[str, str] = {}  # every name of a tier -> its first name

    def policy(self) -> Policy:
        sheet, data = self.sheet, self.document.data
        sheet.known((), data, KEYS)
        kind = sheet.choice(("kind",), data, KINDS, KINDS[0])
        tiers = self._tiers(kind)
        gates = self._gates()
        overrides = sheet.tables(("overrides",), data)
        return Policy(
            name=sheet.word(("name",), data, self.document.path.stem),
            kind=kind,
            version=hashlib.sha256(self.document.text.encode()).hexdigest()[:12],
            tiers=tiers,
            dimensions=self._dimensions(),
            steadiness=self._steadiness(),
            coverage=self._coverage(),
            gates=gates,
            value=self._value(),
            book=self._book(),
            entries=kinds.entries_of(sheet, data, kind),
            matrix=kinds.matrix_of(sheet, data, kind, self._tier_name),
            clauses=kinds.clauses_of(sheet, data, self._tier_name),
            parents=kinds.parents_of(sheet, data),
            overrides=tuple(self._override(at, table, gates.override_days) for at, table in overrides),
        )

    # ---- tiers

    def _tiers(self, kind: str) -> tuple[Tier, ...]:
        tables = self.sheet.tables(("tiers",), self.document.data)
        pack = kinds.pack_of(self.sheet, self.document.data)
        if pack and tables and len(pack) != len(tables):
            much = Text(
                f"有 {len(pack)} 个名称，等级却有 {len(tables)} 个", f"has {len(pack)} names, not {len(tables)}"
            )
            self.sheet.wrong(("labels",), much)
        tiers = tuple(self._tier(at, table, rank, kind, pack) for rank, (at, table) in enumerate(tables, 1))
        if not tiers:
            self.sheet.wrong(("tiers",), Text("至少要有一个等级", "needs at least one tier"))
            return (Tier("", 1, Text("", ""), Decimal(0)),)
        for tier, (at, _) in zip(tiers, tables, strict=True):
            for name in (tier.name, *tier.also):
                if self.tiers_by_name.setdefault(name, tier.name) != tier.name:
                    self.sheet.wrong(at, Text(f'"{name}" 已是另一级的名字', f'"{name}" already names another tier'))
        if kind != "matrix":
            self._bands(tiers, tables, kind)
        return tiers

    def _bands(self, tiers: tuple[Tier, ...], tables: Sequence[tuple[tuple[Key, ...], Any]], kind: str) -> None:
        """Every score is in one band: none is in two, none in none."""
        for better, worse, (at, table) in zip(tiers, tiers[1:], tables[1:], strict=False):
            if worse.floor >= better.floor and not (kind == "two_stage" and worse is tiers[-1]):
                self.sheet.wrong((*at, "floor"), Text("必须低于上一级的分数线", "must be below that of the tier above"))
            ceiling = self.sheet.maybe(self._ceiling, (*at, "ceiling"), table)
            if ceiling is not None and ceiling != better.floor:
                low, high = sorted((ceiling, better.floor))
                gap = ceiling < better.floor
                zh, en = ("有空缺", "leaves a gap") if gap else ("与上一级重叠", "overlaps the tier above")
                self.sheet.wrong((*at, "ceiling"), Text(f"{zh}：{low} 到 {high} 分", f"{en}: {low} to {high}"))
        if tiers[-1].floor > 0:
            below = Text("最低一级要从 0 分起，否则有空缺", "of the lowest tier must be 0: scores below are in no tier")
            self.sheet.wrong((*tables[-1][0], "floor"), below)

    def _ceiling(self, at: tuple[Key, ...], table: Mapping[str, Any]) -> Decimal:
        return self.sheet.number(at, table, None, low=0, high=100)

    def _tier(
        self, at: tuple[Key, ...], table: Mapping[str, Any], rank: int, kind: str, pack: tuple[Text, ...]
    ) -> Tier:
        sheet = self.sheet
        sheet.known(at, table, ("name", "label", "also", "floor", "ceiling", "quota"))
        packed = pack[rank - 1] if rank <= len(pack) else None
        name = sheet.word((*at, "name"), table, packed.zh if packed else None)
        floor = sheet.number((*at, "floor"), table, Decimal(0) if kind == "matrix" else None, low=0, high=100)
        also = sheet.words((*at, "also"), table) + (kinds.also_of(rank, pack) if packed else ())
        label = packed if packed and "label" not in table else sheet.text((*at, "label"), table, name)
        others = tuple(dict.fromkeys(word for word in also if word != name))
        return Tier(name, rank, label, floor, others, kinds.quota_of(sheet, at, table))

    # ---- dimensions

    def _dimensions(self) -> tuple[Dimension, ...]:
        tables = self.sheet.named_tables(("dimensions",), self.document.data)
        dimensions = tuple(self._dimension(at, table) for at, table in tables)
        if not dimensions:
            self.sheet.wrong(("dimensions",), Text("至少要有一个维度", "needs at least one dimension"))
        self._hundred(("dimensions",), [dimension.weight for dimension in dimensions])
        placed: dict[str, str] = {}
        for dimension in dimensions:
            for rule in dimension.metrics:
                if placed.setdefault(rule.name, dimension.name) != dimension.name:
                    taken = Text(f"已在 {placed[rule.name]} 里用过", f"is used in {placed[rule.name]} already")
                    self.sheet.wrong(("dimensions", dimension.name, "metrics", rule.name), taken)
        return dimensions

    def _dimension(self, at: tuple[Key, ...], table: Mapping[str, Any]) -> Dimension:
        self.sheet.known(at, table, ("label", "weight", "metrics"))
        name = str(at[-1])
        tables = self.sheet.named_tables((*at, "metrics"), table)
        metrics = tuple(rule for where, each in tables if (rule := self._metric(where, each)))
        if not tables:
            self.sheet.wrong((*at, "metrics"), Text("至少要有一个指标", "needs at least one metric"))
        self._hundred((*at, "metrics"), [rule.weight for rule in metrics] if len(metrics) == len(tables) else [])
        label = self.sheet.text((*at, "label"), table, name)
        return Dimension(name, label, self.sheet.weight((*at, "weight"), table), metrics)

    def _metric(self, at: tuple[Key, ...], table: Mapping[str, Any]) -> MetricRule | None:
        name = str(at[-1])
        kind = CATALOGUE.get(name)
        if kind is None:
            text = Text("kamsync 不会算这个指标", "is not a metric that kamsync measures")
            self.sheet.wrong(at, text, self.sheet.meant(name, CATALOGUE))
            return None
        self.sheet.known(at, table, ("weight", "anchors"))
        anchors = self.sheet.anchors((*at, "anchors"), table)
        return MetricRule(name, self.sheet.weight((*at, "weight"), table), anchors, kind.unit)

    def _hundred(self, at: tuple[Key, ...], weights: list[Decimal]) -> None:
        total = sum(weights, Decimal(0))
        if weights and total != 100 and all(weight > 0 for weight in weights):
            self.sheet.wrong(at, Text(f"权重合计 {total}，应为 100", f"the weights add up to {total}, not 100"))

    # ---- numbers

    def _steadiness(self) -> Steadiness:
        at, table, usual = self._section("steadiness", Steadiness)
        sheet = self.sheet
        return Steadiness(
            up_margin=sheet.number((*at, "up_margin"), table, usual.up_margin, low=0, high=100),
            up_days=sheet.whole((*at, "up_days"), table, usual.up_days),
            down_margin=sheet.number((*at, "down_margin"), table, usual.down_margin, low=0, high=100),
            down_runs=sheet.whole((*at, "down_runs"), table, usual.down_runs, low=1),
            down_days=sheet.whole((*at, "down_days"), table, usual.down_days),
            grace_days=sheet.whole((*at, "grace_days"), table, usual.grace_days),
        )

    def _coverage(self) -> CoverageBars:
        at, table, usual = self._section("coverage", CoverageBars)
        bars = {
            each.name: self.sheet.number((*at, each.name), table, getattr(usual, each.name), low=0, high=1)
            for each in fields(CoverageBars)
        }
        return CoverageBars(**bars)

    def _gates(self) -> Gates:
        at, table, usual = self._section("gates", Gates)
        sheet = self.sheet
        return Gates(
            strategic_rating=sheet.whole((*at, "strategic_rating"), table, usual.strategic_rating),
            strategic_tier=self._tier_name((*at, "strategic_tier"), table),
            group_below=sheet.whole((*at, "group_below"), table, 0) if "group_below" in table else None,
            credit_share=sheet.number((*at, "credit_share"), table, usual.credit_share, low=0, high=1),
            credit_tier=self._tier_name((*at, "credit_tier"), table),
            override_days=sheet.whole((*at, "override_days"), table, usual.override_days),
        )

    def _value(self) -> Valuing:
        at, table, usual = self._section("value", Valuing)
        rate = self.sheet.number((*at, "margin_rate"), table, Decimal(0), low=-1, high=1)
        return Valuing(
            margin_rate=rate if "margin_rate" in table else None,
            discount=self.sheet.number((*at, "discount"), table, usual.discount, low=0, high=1),
        )

    def _section(self, name: str, kind: type[Any]) -> tuple[tuple[Key, ...], Mapping[str, Any], Any]:
        table = self.sheet.table((name,), self.document.data)
        self.sheet.known((name,), table, [each.name for each in fields(kind)])
        return (name,), table, kind()

    # ---- the book and overrides

    def _book(self) -> Book:
        table = self.sheet.table(("book",), self.document.data)
        self.sheet.known(("book",), table, ("admit", "tagged"))
        at = ("book", "tagged")
        tagged = tuple(self.tiers_by_name[name] for name in self.sheet.words(at, table) if self._is_tier(at, name))
        admit = tuple(self._admission(at, each) for at, each in self.sheet.tables(("book", "admit"), table))
        return Book(admit, tagged)

    def _admission(self, at: tuple[Key, ...], table: Mapping[str, Any]) -> Admission:
        sheet = self.sheet
        sheet.known(at, table, [each.name for each in fields(Admission)])
        if not table:
            sheet.wrong(at, Text("没有写任何条件，会放进所有客户", "has no condition and would admit every account"))
        return Admission(
            sizes=sheet.words((*at, "sizes"), table),
            industries=sheet.words((*at, "industries"), table),
            connections=sheet.words((*at, "connections"), table),
            min_revenue_12m=sheet.maybe(sheet.money, (*at, "min_revenue_12m"), table),
            min_wallet=sheet.maybe(sheet.money, (*at, "min_wallet"), table),
            min_strategic=sheet.maybe(sheet.whole, (*at, "min_strategic"), table),
            ordered_within_days=sheet.maybe(sheet.whole, (*at, "ordered_within_days"), table),
        )

    def _override(self, at: tuple[Key, ...], table: Mapping[str, Any], longest: int) -> tuple[str, Override]:
        sheet = self.sheet
        sheet.known(at, table, ("account", "tier", "reason", "author", "from", "until"))
        found = len(sheet.problems)
        if "tier" not in table:
            sheet.absent((*at, "tier"))
        override = Override(
            tier=self._tier_name((*at, "tier"), table) or "",
            reason=sheet.word((*at, "reason"), table, None),
            author=sheet.word((*at, "author"), table, None),
            start=sheet.day((*at, "from"), table),
            until=sheet.day((*at, "until"), table),
        )
        refusal = override.refusal(longest) if len(sheet.problems) == found else None
        if refusal:
            sheet.wrong(at, refusal)
        return sheet.word((*at, "account"), table, None), override

    def _tier_name(self, at: tuple[Key, ...], table: Mapping[str, Any]) -> str | None:
        if at[-1] not in table:
            return None
        name = self.sheet.word(at, table, None)
        return self.tiers_by_name[name] if name and self._is_tier(at, name) else None

    def _is_tier(self, at: tuple[Key, ...], name: str) -> bool:
        if name in self.tiers_by_name:
            return True
        text = Text(f'"{name}" 不是本策略的等级', f'"{name}" is not a tier of this policy')
        self.sheet.wrong(at, text, self.sheet.meant(name, self.tiers_by_name))
        return False
