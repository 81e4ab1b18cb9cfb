"""Print: reports for people, JSON for programs. Plain text everywhere but on a terminal.

With --json, stdout carries the JSON alone; everything said beside it goes to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from kamsync.cli.common import Asked
from kamsync.plugin.text import Text

STATES = {
    "ok": "green", "never": "yellow", "warn": "yellow", "degraded": "yellow", "late": "yellow", "bad": "red",
    "failed": "red",
}  # fmt: skip
VERDICTS = {
    "ok": Text("正常", "ok"),
    "degraded": Text("有欠缺", "degraded"),
    "failed": Text("失败", "failed"),
    "never": Text("还没有拉取过", "never pulled"),
    "interrupted": Text("被中断", "interrupted"),
}


class Screen:
    """Where a command's words go. Words of people are never read as markup."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.language = asked.language
        self.out = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self.err = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
        self.end_progress: Callable[[], None] = lambda: None  # what moves on a terminal ends before a report begins

    @property
    def is_zh(self) -> bool:
        return self.language == "zh"

    # ---- for programs

    def emit(self, shape: Any) -> None:
        """One JSON value on one line of stdout."""
        self.end_progress()
        encoding = (sys.stdout.encoding or "").lower()
        sys.stdout.write(json.dumps(shape, ensure_ascii="utf" not in encoding) + "\n")
        sys.stdout.flush()

    # ---- for people

    def _print(self, what: RenderableType, *, soft_wrap: bool = False) -> None:
        self.end_progress()
        self.out.print(what, soft_wrap=soft_wrap)

    def say(self, zh: str, en: str, style: str = "") -> None:
        """A line of the report."""
        self._print(Styled(zh if self.is_zh else en, style=style))

    def line(self, *parts: str | tuple[str, str]) -> None:
        """A line of pieces, some of them (text, style)."""
        self._print(Styled.assemble(*parts))

    def cut(self, *parts: str | tuple[str, str]) -> None:
        """A line of pieces that ends with … where the terminal does."""
        self.end_progress()
        self.out.print(Styled.assemble(*parts), no_wrap=True, overflow="ellipsis")

    def copyable(self, text: str) -> None:
        """Lines of which a long one is left to the terminal to break, so that it can be copied whole."""
        for line in text.splitlines():
            longest = max((len(word) for word in line.split()), default=0)
            self._print(Styled(line), soft_wrap=longest > self.out.width)

    def put(self, what: RenderableType) -> None:
        self._print(what)

    def note(self, zh: str, en: str, style: str = "") -> None:
        """Something said beside the report: on stderr."""
        self.err.print(Styled(zh if self.is_zh else en, style=style))

    def next(self, *commands: str) -> None:
        """The next sensible commands, each on its own line where there are several."""
        word = "接下来:" if self.is_zh else "next: "
        lead = Styled(word, style="dim")
        for place, command in enumerate(commands):
            head = lead if place == 0 else Styled(" " * lead.cell_len)
            self._print(head + Styled(command, style="bold"), soft_wrap=True)

    def verdict(self, verdict: str) -> tuple[str, str]:
        """A verdict as a styled word."""
        said = VERDICTS.get(verdict, Text(verdict, verdict))
        return said.say(self.language), f"bold {STATES.get(verdict, '')}".strip()

    def trouble(self, where: str, text: Text) -> None:
        """Something that did not work, on its own line."""
        self.line(("✗ ", "red"), (f"{where}: " if not self.is_zh else f"{where}:", "bold"), text.say(self.language))


def table(*columns: str | tuple[str, str], rows: Iterable[Sequence[str | Styled]]) -> Table:
    """A plain table: headings as (name, "right") where figures stand below them."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        name, side = column if isinstance(column, tuple) else (column, "left")
        made.add_column(name, justify="right" if side == "right" else "left", overflow="fold", no_wrap=side == "right")
    for row in rows:
        made.add_row(*row)
    return made


def lined_up(*columns: tuple[str, int], rows: Iterable[Sequence[str | Styled]]) -> Table:
    """One line a row whatever is in it: columns as (name, width), cut with …; width 0 takes the rest of the line."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    for name, width in columns:
        made.add_column(name, no_wrap=True, overflow="ellipsis", width=width or None, ratio=None if width else 1)
    for row in rows:
        made.add_row(*row)
    return made


def count(number: int) -> str:
    """A count with thousands set apart; nothing is a dash, easy to overlook."""
    return f"{number:,}" if number else "–"
