"""`kamsync export`: what was gathered, as JSON lines or CSV on stdout."""

from __future__ import annotations

import csv
import json
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


class Format(StrEnum):
    """How lines are written."""

    jsonl = "jsonl"
    csv = "csv"


KINDS = (
    "accounts", "contacts", "activities", "deals", "orders", "order_lines", "returns", "contracts", "invoices",
    "payments", "cases", "surveys", "inspections", "trainings",
)  # fmt: skip
LISTED = " ".join(KINDS)


def read_kind(text: str) -> str:
    """One of the kinds that can be exported."""
    if text in KINDS:
        return text
    raise typer.BadParameter(f"{text!r} ∉ {LISTED}")


def register(app: typer.Typer) -> None:
    command(
        app,
        "export",
        Text(
            "导出客户及其档案,一行一条。CSV 中像公式的文字前加单引号。",
            "Export accounts and what belongs to them, one a line. In CSV a text like a formula gets a leading '.",
        ),
        "kamsync export accounts > accounts.jsonl",
        "kamsync export orders --format csv > orders.csv",
    )(export)


What = Annotated[
    str,
    typer.Argument(metavar="KIND", parser=read_kind, help=both(f"导出什么:{LISTED}", f"what: {LISTED}")),
]
As = Annotated[Format, typer.Option("--format", help=both("jsonl 或 csv", "jsonl or csv"))]


def export(asked: Asked, kind: What, format: As = Format.jsonl) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import views_export

    screen = Screen(asked)
    written = 0
    with looking(asked) as workspace:
        sheet = Sheet(views_export.columns(kind)) if format is Format.csv else None
        for line in views_export.export(workspace, kind):
            if sheet is None:
                screen.emit(line)
            else:
                sheet.put(line)
            written += 1
    sys.stdout.flush()
    if not written:
        screen.note("没有可导出的。接下来:kamsync pull", "there is nothing to export. next: kamsync pull")
    return 0


class Sheet:
    """CSV with fixed columns: lists joined, unknown left empty, no cell that a spreadsheet would run."""

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        self.writer = csv.writer(sys.stdout, lineterminator="\n")
        self.writer.writerow(columns)

    def put(self, line: dict[str, Any]) -> None:
        self.writer.writerow([cell(line.get(name)) for name in self.columns])


def cell(value: Any) -> str:
    """One value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return harmless("; ".join(_item(item) for item in value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return harmless(str(value))


def _item(item: Any) -> str:
    """A member as connection/stream/id, anything else as it is."""
    return "/".join(map(str, item.values())) if isinstance(item, dict) else str(item)


def harmless(text: str) -> str:
    """The text, with a leading ' where a spreadsheet would take it for a formula; plain numbers stay numbers."""
    if not text.startswith(FORMULA) or _is_number(text):
        return text
    return "'" + text


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
