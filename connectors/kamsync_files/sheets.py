"""Read an Excel file row by row, with the values that its formulas had when it was saved.

Streams the rows; macros and links are never followed. It gives meaning to no cell.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from kamsync.plugin import Text
from kamsync_files.cells import SINCE_1900, SINCE_1904
from kamsync_files.lines import Line, Source, bad_file
from kamsync_files.options import FileSet

MOST = 2 << 30  # unpacked bytes
BLOCK = 1 << 20
BROKEN = (zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, KeyError, ValueError, EOFError, TypeError)
SAVE_AGAIN = Text("用 Excel 打开并另存为 xlsx", "open it in Excel and save it as xlsx")


def open_sheet(path: Path, name: str, wanted: FileSet) -> Source:
    """The rows of one sheet: the one that is named, else the first that is visible. Raises Refused."""
    try:
        calculated = _has_formulas(path, name)
        book = _load(path, values=True)
    except BROKEN as broken:
        raise bad_file(name, f"不是完好的 xlsx({broken})", f"is not a sound xlsx ({broken})", SAVE_AGAIN) from broken
    visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    book.close()
    if wanted.sheet is not None and wanted.sheet not in book.sheetnames:
        listed = ", ".join(book.sheetnames)
        raise bad_file(
            name, f"没有工作表 {wanted.sheet};有:{listed}", f"has no sheet {wanted.sheet}; there are: {listed}"
        )
    if not visible and wanted.sheet is None:
        raise bad_file(name, "没有可见的工作表", "has no visible sheet", SAVE_AGAIN)
    sheet = wanted.sheet or visible[0]
    odd: tuple[Text, ...] = ()
    if wanted.sheet is None and len(visible) > 1:
        rest = ", ".join(visible[1:])
        odd = (Text(f"{name}:只读工作表 {sheet},没有读 {rest}", f"{name}: reads the sheet {sheet} only, not {rest}"),)
    since = SINCE_1904 if book.epoch.year == 1904 else SINCE_1900
    lines = _lines(path, name, sheet, calculated)
    return Source(lines, Text(f"工作表 {sheet}", f"sheet {sheet}"), strict=False, since=since, odd=odd)


def _lines(path: Path, name: str, sheet: str, calculated: bool) -> Iterator[Line]:
    try:
        rows = _rows(path, sheet, values=True)
        if not calculated:
            yield from (Line(number, list(row)) for number, row in enumerate(rows, 1))
            return
        for number, (row, formulas) in enumerate(zip(rows, _rows(path, sheet, values=False), strict=False), 1):
            yield Line(number, [_value(*pair) for pair in zip(row, formulas, strict=False)])
    except BROKEN as broken:
        raise bad_file(name, f"读到一半坏了({broken})", f"breaks off ({broken})", SAVE_AGAIN) from broken


def _value(value: Any, formula: Any) -> Any:
    """A formula that no program has worked out yet stays visible as such: it is not an empty cell."""
    return formula if value is None else value


def _rows(path: Path, sheet: str, *, values: bool) -> Iterator[tuple[Any, ...]]:
    book = _load(path, values=values)
    try:
        found = book[sheet]
        found.reset_dimensions()  # what a file claims of its own size is often wrong
        yield from found.iter_rows(values_only=True)
    finally:
        book.close()


def _load(path: Path, *, values: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and validations that openpyxl does not keep: nothing we read
        return load_workbook(path, read_only=True, data_only=values, keep_links=False)


def _has_formulas(path: Path, name: str) -> bool:
    with zipfile.ZipFile(path) as packed:
        if sum(member.file_size for member in packed.infolist()) > MOST:
            raise bad_file(name, "解压后超过 2 GiB", "is larger than 2 GiB when unpacked")
        sheets = [member for member in packed.namelist() if member.startswith("xl/worksheets/")]
        return any(_mentions(packed, member) for member in sheets)


def _mentions(packed: zipfile.ZipFile, member: str) -> bool:
    with packed.open(member) as handle:
        rest = b""
        while block := handle.read(BLOCK):
            if b"<f>" in (text := rest + block) or b"<f " in text:
                return True
            rest = block[-2:]
    return False
