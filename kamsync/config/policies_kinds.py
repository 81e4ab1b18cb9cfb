"""The parts of a tier policy that not every kind has: packs of names, quotas, a first stage, a matrix, rules, groups.

Reads values out of the sheet and notes what is wrong in them; it judges no account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from itertools import product
from typing import Any

from kamsync.config.sheet import Key, Sheet
from kamsync.plugin import Text
from kamsync.rules.metrics import CATALOGUE
from kamsync.rules.policy import SIGNS, Clause, Condition, Entry, Matrix, Quota

Names = Callable[[tuple[Key, ...], Mapping[str, Any]], str | None]  # the tier that a key names

# What each tier is called, best first: 中文, English.
PACKS: Mapping[str, tuple[Text, ...]] = {
    "tiers": (Text("一级", "Tier 1"), Text("二级", "Tier 2"), Text("三级及以下", "Tier 3")),
    "vip": (Text("VIP客户", "VIP"), Text("重点客户", "Key"), Text("普通客户", "Standard")),
    "vip_general": (Text("VIP", "VIP"), Text("重点", "Key"), Text("一般", "General")),
    "abc": (Text("A", "A"), Text("B", "B"), Text("C", "C")),
    "sabc": (Text("S", "S"), Text("A", "A"), Text("B", "B"), Text("C", "C")),
}
CELLS = tuple(value + potential for value, potential in product("ABC", "HML"))


def pack_of(sheet: Sheet, data: Mapping[str, Any]) -> tuple[Text, ...]:
    """The names that the file asks for; none where it names its tiers itself."""
    if "labels" not in data:
        return ()
    return PACKS.get(sheet.choice(("labels",), data, tuple(PACKS), ""), ())


def also_of(rank: int, pack: tuple[Text, ...]) -> tuple[str, ...]:
    """What the other packs of as many tiers call the same class."""
    alike = [other[rank - 1] for other in PACKS.values() if len(other) == len(pack) and rank <= len(other)]
    return tuple(dict.fromkeys(word for text in alike for word in (text.zh, text.en)))


def quota_of(sheet: Sheet, at: tuple[Key, ...], tier: Mapping[str, Any]) -> Quota | None:
    """{ top = 20 } or { share = 0.05 }."""
    if "quota" not in tier:
        return None
    at, table = (*at, "quota"), sheet.table((*at, "quota"), tier)
    sheet.known(at, table, [each.name for each in fields(Quota)])
    if len(table) != 1:
        sheet.wrong(at, Text("写 top 或 share 之一", "must have one of top and share"))
    share = sheet.number((*at, "share"), table, None, low=0, high=1) if "share" in table else None
    return Quota(sheet.maybe(sheet.whole, (*at, "top"), table), share)


def entries_of(sheet: Sheet, data: Mapping[str, Any], kind: str) -> tuple[Entry, ...]:
    """[[large]]: the ways past the first stage of a two-stage policy."""
    found = []
    for at, table in sheet.tables(("large",), data):
        sheet.known(at, table, [each.name for each in fields(Entry)])
        if not table:
            sheet.wrong(at, Text("没有写任何条件，所有客户都算大客户", "has no condition: every account is large"))
        found.append(
            Entry(
                sheet.maybe(sheet.money, (*at, "min_revenue_12m"), table),
                sheet.words((*at, "sizes"), table),
                sheet.words((*at, "industries"), table),
            )
        )
    if (kind == "two_stage") != bool(found):
        said = Text('只有 kind = "two_stage" 才要写，也必须写', 'goes with kind = "two_stage", and only with it')
        sheet.wrong(("large",), said)
    return tuple(found)


def matrix_of(sheet: Sheet, data: Mapping[str, Any], kind: str, tier_name: Names) -> Matrix | None:
    """[matrix]: value classes by potential classes."""
    if (kind == "matrix") != ("matrix" in data):
        said = Text('只有 kind = "matrix" 才要写，也必须写', 'goes with kind = "matrix", and only with it')
        sheet.wrong(("matrix",), said)
    if "matrix" not in data:
        return None
    at, table = ("matrix",), sheet.table(("matrix",), data)
    sheet.known(at, table, ("value", "a_share", "b_share", "high", "medium", "lift_rating", "cells"))
    found = Matrix(
        value=metric_name(sheet, (*at, "value"), table, "gross_margin_12m"),
        a_share=sheet.number((*at, "a_share"), table, Decimal("0.80"), low=0, high=1),
        b_share=sheet.number((*at, "b_share"), table, Decimal("0.95"), low=0, high=1),
        high=sheet.number((*at, "high"), table, Decimal(70), low=0, high=100),
        medium=sheet.number((*at, "medium"), table, Decimal(40), low=0, high=100),
        lift_rating=sheet.maybe(sheet.whole, (*at, "lift_rating"), table),
        cells=_cells(sheet, table, tier_name),
    )
    if found.a_share >= found.b_share:
        sheet.wrong((*at, "b_share"), Text("必须大于 a_share：两段重叠", "must be above a_share: the classes overlap"))
    if found.medium >= found.high:
        sheet.wrong((*at, "medium"), Text("必须小于 high：两段重叠", "must be below high: the classes overlap"))
    return found


def _cells(sheet: Sheet, matrix: Mapping[str, Any], tier_name: Names) -> dict[str, str]:
    at, table = ("matrix", "cells"), sheet.table(("matrix", "cells"), matrix)
    sheet.known(at, table, CELLS)
    gaps = [cell for cell in CELLS if cell not in table]
    if gaps:
        listed = "、".join(gaps)
        sheet.wrong(at, Text(f"有空缺：{listed} 没有等级", f"has gaps: {listed} lead to no tier"))
    return {cell: tier_name((*at, cell), table) or "" for cell in CELLS}


def clauses_of(sheet: Sheet, data: Mapping[str, Any], tier_name: Names) -> tuple[Clause, ...]:
    """[[rules]]: conditions on metrics, and the tier that an account is then not below or not above."""
    found = []
    for at, table in sheet.tables(("rules",), data):
        sheet.known(at, table, ("name", "when", "at_least", "at_most", "reason"))
        if ("at_least" in table) == ("at_most" in table):
            sheet.wrong(at, Text("写 at_least 或 at_most 之一", "must have one of at_least and at_most"))
        name = sheet.word((*at, "name"), table, None)
        found.append(
            Clause(
                name=name,
                when=tuple(_conditions(sheet, at, table)),
                at_least=tier_name((*at, "at_least"), table),
                at_most=tier_name((*at, "at_most"), table),
                reason=sheet.text((*at, "reason"), table, name),
            )
        )
    return tuple(found)


def _conditions(sheet: Sheet, at: tuple[Key, ...], rule: Mapping[str, Any]) -> Iterator[Condition]:
    rows = sheet.tables((*at, "when"), rule)
    if not rows:
        sheet.wrong((*at, "when"), Text("至少要有一个条件", "needs at least one condition"))
    for where, table in rows:
        sheet.known(where, table, ("metric", *SIGNS))
        metric = metric_name(sheet, (*where, "metric"), table, None)
        signs = [sign for sign in table if sign in SIGNS]
        if len(signs) != 1:
            listed = " ".join(SIGNS)
            sheet.wrong(where, Text(f"要写一个比较：{listed}", f"needs one comparison: {listed}"))
        for sign in signs:
            yield Condition(metric, sign, sheet.amount((*where, sign), table))


def metric_name(sheet: Sheet, at: tuple[Key, ...], table: Mapping[str, Any], usual: str | None) -> str:
    """A metric that kamsync measures."""
    name = sheet.word(at, table, usual)
    if name and name not in CATALOGUE:
        text = Text("kamsync 不会算这个指标", "is not a metric that kamsync measures")
        sheet.wrong(at, text, sheet.meant(name, CATALOGUE))
    return name


def parents_of(sheet: Sheet, data: Mapping[str, Any]) -> dict[str, str]:
    """[[groups]]: which account belongs to which, where the CRMs do not tell. No account is its own parent."""
    found: dict[str, str] = {}
    places: dict[str, tuple[Key, ...]] = {}
    for at, table in sheet.tables(("groups",), data):
        sheet.known(at, table, ("account", "parent"))
        account = sheet.word((*at, "account"), table, None)
        if account in found:
            sheet.wrong((*at, "account"), Text("已有上级", "has a parent already"))
        found[account], places[account] = sheet.word((*at, "parent"), table, None), at
    for loop in _loops(found):
        said = " → ".join((*loop, loop[0]))
        sheet.wrong(places[loop[0]], Text(f"集团关系成环：{said}", f"goes round in a circle: {said}"))
    return found


def _loops(parents: Mapping[str, str]) -> Iterable[list[str]]:
    """Each circle once, from its first account on."""
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in done and at not in path:
            path.append(at)
            at = parents.get(at)
        if at is not None and at in path:
            yield path[path.index(at) :]
        done.update(path)
