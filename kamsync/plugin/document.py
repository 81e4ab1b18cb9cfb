"""Read a TOML text a person wrote, and say where in it each mistake is.

Pure: the text is handed in, problems are values. It opens no file and judges no key.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from pathlib import Path, PurePath
from typing import Any

from kamsync.plugin.errors import KamsyncError
from kamsync.plugin.text import Text

Key = str | int


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one file. `key` is where, `text` goes on from it, `hint` is the way out."""

    file: str
    line: int | None
    key: str
    text: Text
    hint: Text | None = None


class Problems(KamsyncError):
    """Files that people wrote have mistakes; all of them are listed, nothing was started."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem], *, next: str | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__(Text(_render(self.problems, "zh"), _render(self.problems, "en")), next=next)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed TOML text that remembers the line of every key; fractions are Decimal."""

    path: Path
    text: str
    data: dict[str, Any]
    lines: Mapping[tuple[Key, ...], int] = field(default_factory=dict, repr=False)

    def line(self, *keys: Key) -> int:
        """The line of a key, or of the nearest table around it; 1 for the file as a whole."""
        while keys:
            if keys in self.lines:
                return self.lines[keys]
            keys = keys[:-1]
        return 1

    def problem(self, keys: Sequence[Key], text: Text, hint: Text | None = None) -> Problem:
        """A mistake at a key of this document."""
        return Problem(str(self.path), self.line(*keys), spell(keys), text, hint)


def parse(text: str, path: str | Path) -> Document:
    """The document in `text`; `path` is only its name. Raises `Problems` with the line of a syntax error."""
    text = text.removeprefix("\ufeff")  # Notepad on Windows writes one
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as broken:
        raise Problems([_syntax(str(path), text, str(broken))]) from broken
    return Document(Path(path), text, data, _Places(text).all())


def nearest(word: str, choices: Iterable[str], *, close: float = 0.65) -> str | None:
    """The choice that `word` was probably meant to be; None when nothing is `close`, of 1 for the same."""
    folded: dict[str, str] = {}
    for choice in choices:
        folded.setdefault(choice.casefold(), choice)
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=close)
    return folded[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str]) -> Text | None:
    """The hint for a word that is not among the choices, if one of them is close."""
    meant = nearest(word, choices)
    return Text(f'是不是想写 "{meant}"？', f'did you mean "{meant}"?') if meant else None


def spell(keys: Sequence[Key]) -> str:
    """A key path as its owner would write it: accounts.fields."Deal Name".from[1]."""
    out = ""
    for key in keys:
        if isinstance(key, int):
            out += f"[{key + 1}]"
        else:
            bare = re.fullmatch(r"[\w-]+", key)
            out += ("." if out else "") + (key if bare else f'"{key}"')
    return out


def _syntax(name: str, text: str, said: str) -> Problem:
    place = re.search(r"line (\d+)", said)
    last = text.count("\n") + 1 if "end of document" in said else None
    line = int(place[1]) if place else last
    what = re.sub(r" \(at [^)]*\)$", "", said)
    return Problem(name, line, "", Text(f"不是合法的 TOML：{what}", f"is not TOML: {what}"))


# ---- printing


def _render(problems: Sequence[Problem], language: str) -> str:
    blocks = [_block(name, list(group), language) for name, group in groupby(problems, lambda problem: problem.file)]
    return "\n".join(blocks)


def _block(name: str, problems: list[Problem], language: str) -> str:
    count = len(problems)
    unit = "个问题" if language == "zh" else ("problem" if count == 1 else "problems")
    places = [PurePath(name).name + (f":{p.line}" if p.line else "") for p in problems]
    left = max(map(_width, places)) + 4
    middle = max(_width(p.key) for p in problems)
    out = [f"{name}: {count} {unit}"]
    for place, problem in zip(places, problems, strict=True):
        key = _pad(problem.key, middle) + "   " if middle else ""
        out.append(_pad(f"  {place}", left) + key + problem.text.say(language))
        if problem.hint:
            out += [" " * left + row for row in problem.hint.say(language).splitlines()]
    return "\n".join(out)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


# ---- where each key stands

_STRING = (
    r'"""(?:[^\\]|\\.)*?"""(?:"){0,2}' r"|'''.*?'''(?:'){0,2}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'"
)  # fmt: skip
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_WORD = re.compile(rf"{_STRING}|[A-Za-z0-9_-]+", re.DOTALL)
_SCALAR = re.compile(rf"{_STRING}|[^,\]}}#\n]+", re.DOTALL)


class _Places:
    """One walk over a text that is known to be TOML, noting the line where each key begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.table: tuple[Key, ...] = ()
        self.found: dict[tuple[Key, ...], int] = {}
        self.last: dict[tuple[Key, ...], int] = {}  # array of tables -> index of its newest table

    def all(self) -> dict[tuple[Key, ...], int]:
        self._blank()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                self._header()
            else:
                self._pair(self.table)
            self._blank()
        return self.found

    def _header(self) -> None:
        many = self.text.startswith("[[", self.at)
        line = self._line()
        self._step(2 if many else 1)
        path: tuple[Key, ...] = ()
        keys = self._keys()
        for depth, key in enumerate(keys, 1):
            path += (key,)
            self.found.setdefault(path, line)
            if depth < len(keys) and path in self.last:
                path += (self.last[path],)
        if many:
            self.last[path] = self.last.get(path, -1) + 1
            path += (self.last[path],)
            self.found[path] = line
        self._step(2 if many else 1)
        self.table = path

    def _pair(self, table: tuple[Key, ...]) -> None:
        line = self._line()
        for key in self._keys():
            table += (key,)
            self.found.setdefault(table, line)
        self._step(1)  # the equals sign
        self._value(table)

    def _value(self, path: tuple[Key, ...]) -> None:
        self.found.setdefault(path, self._line())
        opened = self.text[self.at]
        if opened not in "[{":
            self._take(_SCALAR)
            return
        self._step(1)
        index = 0
        while self.text[self.at] not in "]}":
            if opened == "[":
                self._value((*path, index))
            else:
                self._pair(path)
            index += 1
            self._blank()
            if self.text[self.at] == ",":
                self._step(1)
        self.at += 1

    def _keys(self) -> list[str]:
        keys = [self._key()]
        while self.text[self.at] == ".":
            self._step(1)
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        word = self._take(_WORD)
        self._blank()
        return str(tomllib.loads(f"k = {word}")["k"]) if word[0] in "\"'" else word

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise AssertionError(f"the position index lost its place at {self.at}")
        self.at = match.end()
        return match[0]

    def _step(self, count: int) -> None:
        self.at += count
        self._blank()

    def _blank(self) -> None:
        self._take(_BLANK)

    def _line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
