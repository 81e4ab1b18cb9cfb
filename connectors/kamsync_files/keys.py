"""The id of a row: its key columns, or its content where it has none. Each row is told once.

A row that cannot be named, or whose name another row has already, is a problem and never replaces the other.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from kamsync.plugin import Text, joined
from kamsync_files.lines import at

SHORTENED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
TOTALS = frozenset(["合计", "总计", "小计", "累计", "total", "grandtotal", "subtotal", "sum", "totals"])

Body = Mapping[str, Any]


class Unnamed(Exception):
    """The row has no id of its own; `why` is its problem."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class Names:
    """The ids of one file's rows, in the file's order."""

    def __init__(self, file: str, key: Sequence[str], *, once: bool) -> None:
        self._file = file
        self._key = key
        self._once = once
        self._lines: dict[int, int] = {}  # of each id: its line and a checksum of its row, in one number
        self._times: dict[int, int] = {}  # of each row without a key that came more than once

    def of(self, number: int, body: Body) -> str | None:
        """The row's id; None where it says nothing new. Raises Unnamed."""
        content = "\x1e".join([f"{name}\x1f{body[name]}" for name in sorted(body)]).encode("utf-8", "replace")
        if not self._key:
            return self._by_content(content)
        if self._once and all(body.get(column) is None for column in self._key):
            return None  # an order that names no customer is no customer without a name
        id = self._by_key(number, body)
        mark, check = _short(id.encode("utf-8", "replace")), zlib.crc32(content)
        before = self._lines.setdefault(mark, number << 32 | check)
        if before >> 32 == number:
            return id
        if self._once or before & 0xFFFFFFFF == check:
            return None
        line = before >> 32
        raise Unnamed(
            at(
                self._file,
                number,
                f"与第 {line} 行的键 {id} 相同而内容不同;请在 key 里再加一列",
                f"has the key {id} of line {line} and says something else; add a column to key",
            )
        )

    def _by_content(self, content: bytes) -> str:
        """Two equal rows are two: the second, third … of a file is told apart by its count."""
        mark = _short(content)
        if mark not in self._lines:
            self._lines[mark] = 0
            return f"row:{mark:016x}"
        self._times[mark] = count = self._times.get(mark, 1) + 1
        return f"row:{mark:016x}#{count}"

    def _by_key(self, number: int, body: Body) -> str:
        parts = []
        for column in self._key:
            value = body.get(column)
            text = "" if value is None else str(value)
            why = _why_no_key(column, text)
            if why:
                raise Unnamed(at(self._file, number, why.zh, why.en))
            parts.append(text)
        return joined(parts)


def is_total(body: Body) -> bool:
    """Is this the sum below (or between) the rows?"""
    first = next((value for value in body.values() if value is not None), None)
    return isinstance(first, str) and len(first) < 20 and re.sub(r"[\s:：]", "", first).casefold() in TOTALS


def _why_no_key(column: str, text: str) -> Text | None:
    if not text:
        return Text(f"键 {column} 是空的", f"has no {column}, which is its key")
    if SHORTENED.fullmatch(text):
        return Text(
            f"键 {column} 被 Excel 缩成了 {text};请把该列设为文本后重新导出",
            f"has the key {column} shortened to {text} by Excel; format that column as text and export again",
        )
    if text.startswith(("=", "#REF!", "#N/A", "#VALUE!", "#NAME?")):
        return Text(f"键 {column} 是没有结果的公式 {text}", f"has a formula without a result as its {column}: {text}")
    return None


def _short(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())
