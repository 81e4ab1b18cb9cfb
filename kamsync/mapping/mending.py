"""Find every place where a text is no TOML, not only the first: each such line is named and left out of what follows.

Pure. What is left is looked at by whoever reads the mapping; what is missing because it was left out is no new mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kamsync.plugin.document import Document, Problem, Problems, nearest, parse
from kamsync.plugin.text import Text

MOST = 20  # broken lines that are looked for in one file
_KEY = re.compile(r'\s*\[*\s*("[^"]*"|[^=\]\s]+)')
TWICE = re.compile("overwrite|twice|Duplicate|already")


@dataclass(frozen=True, slots=True)
class Mended:
    """A text as far as it is TOML. `document` None: nothing can be made of it. `torn`: keys may be missing."""

    document: Document | None
    problems: tuple[Problem, ...]
    torn: bool


def mended(text: str, name: str) -> Mended:
    """The document in `text`, broken lines left out, and a problem for each of them."""
    lines = text.removeprefix("\ufeff").split("\n")
    found: list[Problem] = []
    torn, seen = False, 0
    while len(found) < MOST:
        try:
            return Mended(parse("\n".join(lines), name), tuple(found), torn)
        except Problems as broken:
            (problem,) = broken.problems
        line = problem.line or 0
        if not 0 < line <= len(lines) or line <= seen or not lines[line - 1].strip():
            found += [] if found else [problem]  # an echo of what was left out, or nothing to be left out
            break
        twice = bool(TWICE.search(problem.text.en))
        found.append(_named(problem, lines, twice=twice))
        torn, seen = torn or not twice, line - 1
        lines[line - 1] = ""
    return Mended(None, tuple(found), torn=True)


def _named(problem: Problem, lines: list[str], *, twice: bool) -> Problem:
    """The problem with the key that it is about and a way out."""
    line = problem.line or 1
    match = _KEY.match(lines[line - 1])
    key = match[1].strip('"') if match else ""
    if twice:
        first = next((at for at, row in enumerate(lines[: line - 1], 1) if _says(row, lines[line - 1])), None)
        where = Text(f"第 {first} 行已有;删去其中一个", f"line {first} has it already; take one of them out")
        once = Text("删去其中一个", "take one of them out")
        return Problem(problem.file, line, key, Text("写了两次", "is there twice"), where if first else once)
    return Problem(problem.file, line, key, problem.text, _way_out(lines[line - 1]))


def _says(row: str, other: str) -> bool:
    """Do both lines say the same key, or open the same table?"""
    a, b = _KEY.match(row), _KEY.match(other)
    if a is None or b is None or a[1] != b[1]:
        return False
    return row.lstrip().startswith("[") == other.lstrip().startswith("[")


def _way_out(line: str) -> Text:
    """What is most likely wrong with a line that is no TOML."""
    said, _, value = line.partition("=")
    value = value.split(" #")[0].strip()
    if line.lstrip().startswith("["):
        return Text("应写成 [名字.fields]", "a heading is written [name.fields]")
    if not value:
        return Text('应写成 名字 = "字段"', 'should be name = "Field"')
    if value.count('"') % 2:
        return Text("少了一个引号", "a quote is missing")
    if value.count("{") != value.count("}") or value.count("[") != value.count("]"):
        return Text("少了一个括号", "a bracket is missing")
    if not said.isascii() and '"' not in said:
        key = said.strip()
        return Text(f'不是英文的名字要加引号:"{key}" = …', f'a name that is not English goes in quotes: "{key}" = …')
    word = nearest(value, ("true", "false"), close=0.7)
    if word is not None and value.isalpha():
        return Text(f"是不是想写 {word}？", f"did you mean {word}?")
    quoted = value.strip("\"'")
    return Text(f'文字要加引号:{said.strip()} = "{quoted}"', f'texts go in quotes: {said.strip()} = "{quoted}"')
