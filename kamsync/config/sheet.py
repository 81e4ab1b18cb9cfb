"""Take typed values out of a TOML document, noting each one that is not what it should be.

It knows kinds of values (number, money, day, word), no file's meaning; a wrong value reads as its stand-in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

from kamsync.config.toml_file import Document, Problem, did_you_mean
from kamsync.plugin import Text

Key = str | int
Keys = tuple[Key, ...]
Table = Mapping[str, Any]
T = TypeVar("T")

_UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}
_LARGEST = Decimal(10) ** 15


class Sheet:
    """A document and what was found wrong in it. `at` is the whole path of a key, `table` the table that holds it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def wrong(self, at: Keys, text: Text, hint: Text | None = None) -> None:
        self.problems.append(self.document.problem(at, text, hint))

    def meant(self, word: str, choices: Iterable[str]) -> Text:
        """The choice that is close, else all of them."""
        known = ", ".join(choices)
        return did_you_mean(word, choices) or Text(f"可以用：{known}", f"there are: {known}")

    def known(self, at: Keys, table: Table, keys: Iterable[str]) -> None:
        """Note every key that nobody reads."""
        for key in table:
            if key not in keys:
                self.wrong((*at, key), Text("这里没有这个键", "is not a key here"), self.meant(key, keys))

    # ---- tables

    def table(self, at: Keys, parent: Table) -> Table:
        value = parent.get(str(at[-1]), {})
        if isinstance(value, dict):
            return value
        self.wrong(at, Text(f"要写成一个表：[{at[-1]}]", f"must be a table: [{at[-1]}]"))
        return {}

    def tables(self, at: Keys, parent: Table) -> list[tuple[Keys, Table]]:
        """The tables of [[name]], each with its place."""
        value = parent.get(str(at[-1]), [])
        if isinstance(value, list) and all(isinstance(each, dict) for each in value):
            return [((*at, index), each) for index, each in enumerate(value)]
        self.wrong(at, Text(f"要写成 [[{at[-1]}]]", f"must be written as [[{at[-1]}]]"))
        return []

    def named_tables(self, at: Keys, parent: Table) -> list[tuple[Keys, Table]]:
        """The tables below [name], each with its place."""
        return [((*at, key), self.table((*at, key), parent[str(at[-1])])) for key in self.table(at, parent)]

    # ---- words

    def word(self, at: Keys, table: Table, usual: str | None) -> str:
        """A text that is not empty; `usual` None: it must be there."""
        value = table.get(str(at[-1]), usual)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if str(at[-1]) in table:
            self.wrong(at, Text("要写成文字", "must be a text"))
        else:
            self.absent(at)
        return ""

    def words(self, at: Keys, table: Table) -> tuple[str, ...]:
        value = table.get(str(at[-1]), [])
        if isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value):
            return tuple(each.strip() for each in value)
        self.wrong(at, Text('要写成文字的列表，例如 ["大", "中"]', 'must be a list of texts, such as ["大", "中"]'))
        return ()

    def choice(self, at: Keys, table: Table, choices: tuple[str, ...], usual: str) -> str:
        value = self.word(at, table, usual)
        if value and value not in choices:
            self.wrong(at, Text(f'没有 "{value}" 这一种', f'"{value}" is not a kind'), self.meant(value, choices))
        return value

    def text(self, at: Keys, table: Table, usual: str) -> Text:
        """A text in both languages: { zh = "…", en = "…" }."""
        value = table.get(str(at[-1]), {"zh": usual, "en": usual})
        if isinstance(value, str):
            value = {"zh": value, "en": value}
        if isinstance(value, dict) and value.keys() == {"zh", "en"} and all(isinstance(v, str) for v in value.values()):
            return Text(value["zh"], value["en"])
        self.wrong(at, Text("要写两种语言", "must be given in both languages"), _BOTH)
        return Text(usual, usual)

    # ---- numbers and days

    def number(self, at: Keys, table: Table, usual: Decimal | None, *, low: int, high: int) -> Decimal:
        """A number between `low` and `high`; `usual` None: it must be there."""
        value = table.get(str(at[-1]), usual)
        read = as_number(value)
        if value is None:
            self.absent(at)
        elif read is None or not low <= read <= high:
            self.wrong(at, Text(f"要写 {low} 到 {high} 之间的数", f"must be a number from {low} to {high}"))
        return Decimal(low) if read is None else read

    def weight(self, at: Keys, table: Table) -> Decimal:
        value = self.number(at, table, None, low=0, high=100)
        if not value and as_number(table.get(str(at[-1]))) == 0:
            self.wrong(at, Text("权重要大于 0；不用就整段删掉", "must be more than 0; else leave the block out"))
        return value

    def whole(self, at: Keys, table: Table, usual: int = 0, *, low: int = 0) -> int:
        value = table.get(str(at[-1]), usual)
        if type(value) is int and low <= value <= 36_500:
            return value
        self.wrong(at, Text(f"要写不小于 {low} 的整数", f"must be a whole number, {low} or more"))
        return usual

    def money(self, at: Keys, table: Table) -> Decimal:
        """Yuan, as a number or with a unit."""
        read = as_money(table.get(str(at[-1])))
        if read is None or read < 0:
            self.wrong(at, Text("不是金额", "is not an amount"), _MONEY)
        return read or Decimal(0)

    def amount(self, at: Keys, table: Table) -> Decimal:
        """A number of any sign, or money with a unit."""
        read = as_money(table.get(str(at[-1])))
        if read is None:
            self.wrong(at, Text("不是数", "is not a number"), _MONEY)
        return read or Decimal(0)

    def maybe(self, take: Callable[[Keys, Table], T], at: Keys, table: Table) -> T | None:
        """What `take` reads, or None where the key is left out."""
        return take(at, table) if str(at[-1]) in table else None

    def day(self, at: Keys, table: Table) -> date:
        value = table.get(str(at[-1]))
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is None:
            self.absent(at)
        else:
            self.wrong(at, Text("不是日期", "is not a date"), _DAY)
        return date.min

    def anchors(self, at: Keys, table: Table) -> tuple[tuple[Decimal, Decimal], ...]:
        """Pairs [x, score]: x rising, scores 0–100 and never turning back."""
        value = table.get(str(at[-1]))
        pairs = [_pair(each) for each in value] if isinstance(value, list) else []
        if value is None:
            self.absent(at)
        for index, pair in enumerate(pairs):
            if pair is None:
                self.wrong((*at, index), Text("不是一对 [指标值, 分]", "is not a pair [value, score]"), _ANCHORS)
            elif not 0 <= pair[1] <= 100:
                self.wrong((*at, index), Text("分数要在 0 到 100 之间", "must score between 0 and 100"))
        good = tuple(pair for pair in pairs if pair)
        if value is not None and len(pairs) < 2:
            self.wrong(at, Text("至少要有两个点", "needs at least two points"), _ANCHORS)
        elif len(good) == len(pairs) and good:
            self._line(at, good)
        return good

    def _line(self, at: Keys, pairs: tuple[tuple[Decimal, Decimal], ...]) -> None:
        for index, (one, two) in enumerate(pairwise(pairs), 1):
            if two[0] <= one[0]:
                self.wrong((*at, index), Text("指标值要从小到大", "must have a larger value than the one before"))
        scores = [score for _, score in pairs]
        if scores not in (sorted(scores), sorted(scores, reverse=True)):
            self.wrong(at, Text("分数要么一路升，要么一路降", "must only rise or only fall in score"))
        elif scores[0] == scores[-1]:
            self.wrong(at, Text("分数处处相同，这个指标不起作用", "scores the same everywhere"))

    def absent(self, at: Keys) -> None:
        self.wrong(at, Text("没有写", "is missing"))


def as_number(value: object) -> Decimal | None:
    """A TOML number as an exact decimal of sensible size; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    read = Decimal(value)
    return read if read.is_finite() and abs(read) < _LARGEST else None


def as_money(value: object) -> Decimal | None:
    """Yuan: 1500000, "150万", "1.5亿"; None for anything else."""
    if not isinstance(value, str):
        return as_number(value)
    match = re.fullmatch(r"(-?\d{1,15}(?:\.\d{1,6})?) ?(万|亿|)元?", value.strip(), re.ASCII)
    return Decimal(match[1]) * _UNITS[match[2]] if match else None


def _pair(value: object) -> tuple[Decimal, Decimal] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, score = as_money(value[0]), as_number(value[1])
    return None if x is None or score is None else (x, score)


_BOTH = Text('例如 { zh = "一级", en = "Tier 1" }', 'such as { zh = "一级", en = "Tier 1" }')
_DAY = Text("例如 2026-12-01，不加引号", "such as 2026-12-01, unquoted")
_MONEY = Text('写元数，或 "20万"、"1.5亿"', 'write yuan, or "20万" (200,000), "1.5亿" (150,000,000)')
_ANCHORS = Text('例如 [[0, 0], ["100万", 30], ["500万", 60]]', 'such as [[0, 0], ["100万", 30], ["500万", 60]]')
