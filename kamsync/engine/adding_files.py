"""What can be guessed of files that nobody has described: which column names a row, and whose customers they are.

Opens files, by their connector; writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kamsync.engine.adding import offered, opened, vocabulary
from kamsync.mapping.drafting import Offered, Vocabulary, entity_of, plain
from kamsync.plugin import Clock, ConfigError, Text

LOOKED_AT = 500  # rows by which a column is taken for a key
KEY = re.compile(r"(编号|单号|流水号|序号|号码?|代码|编码|code|\bno\b\.?|number|\bid)$", re.IGNORECASE)


def guess(folder: Path, base: Path, clock: Clock, *, only: str | None = None) -> dict[str, Any]:
    """The keys of a block for the files in a folder (or one of them): their patterns and their keys."""
    given: dict[str, Any] = {"folder": str(folder)}
    if only is not None:
        given["files"] = {Path(only).stem: {"path": only}}
    with opened("files", given, base, clock) as session:
        patterns = {stream.object: stream.label.en if stream.label else "" for stream in session.streams()}
        found = offered(session, clock, rows=LOOKED_AT)
    if not found:
        raise ConfigError(
            Text(f"{folder} 里没有 CSV 或 Excel 文件", f"there is no CSV or Excel file in {folder}"),
            next="kamsync files preview FOLDER",
        )
    words = vocabulary()
    tables = {one.object: _table(one, found, _pattern(one.object, patterns), words) for one in found}
    if not any(entity_of(one.object, words) == "account" for one in found):
        tables = _customers(found, tables, words) | tables
    return {"folder": str(folder), "files": tables}


def _pattern(object: str, patterns: dict[str, str]) -> str:
    """orders* would take orders-returned, too, where that is a kind of its own."""
    crowded = any(other != object and other.startswith(object) for other in patterns)
    return f"{patterns[object].removesuffix('*')}[-. (0-9]*" if crowded else patterns[object]


def _table(one: Offered, found: Sequence[Offered], pattern: str, words: Vocabulary) -> dict[str, Any]:
    key = key_of(one, found, is_account=entity_of(one.object, words) == "account", words=words)
    return {"path": pattern} | ({"key": key} if key else {})


def key_of(one: Offered, found: Sequence[Offered], *, is_account: bool, words: Vocabulary) -> str | None:
    """The column that names a row: filled in each and never twice the same, and called like a key."""
    unique = [name for name in one.names if _is_unique([row.get(name) for row in one.rows])]
    called = [name for name in unique if KEY.search(name.strip())]
    if not is_account:
        return next(iter(called), None)
    # Others point to a customer by the very column that is its key.
    others = {name for other in found if other is not one for name in other.names}
    pointed = [name for name in (*called, *_names(one, words)) if name in unique and name in others]
    return next(iter((*pointed, *called, *(name for name in _names(one, words) if name in unique))), None)


def _is_unique(values: Sequence[Any]) -> bool:
    return bool(values) and None not in values and len(set(values)) == len(values)


def _names(one: Offered, words: Vocabulary) -> list[str]:
    """The columns that hold a customer's name."""
    known = words.fields.get("account", {})
    return [name for name in one.names if known.get(plain(name)) == "name"]


def _customers(found: Sequence[Offered], tables: dict[str, Any], words: Vocabulary) -> dict[str, Any]:
    """Without a file of customers they are taken out of the first file that names them."""
    known = words.fields.get("account", {})
    for one in found:
        names = _names(one, words)
        if names and "accounts" not in tables:
            columns = [name for name in one.names if name == names[0] or known.get(plain(name)) in ("uscc", "province")]
            return {"accounts": {"path": tables[one.object]["path"], "key": names[0], "columns": columns}}
    return {}
