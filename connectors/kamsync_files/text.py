"""Read a CSV file line by line: guess its encoding and delimiter, name each line that is broken.

Streams: never the whole file in memory. It gives meaning to no cell.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kamsync.plugin import Text, same
from kamsync_files.lines import Line, Source, at, bad_file
from kamsync_files.options import FileSet

BLOCK = 1 << 20
FEW = 3
BROKEN = re.compile("[\ud800-\udfff]")  # what stands for a byte that the encoding does not have
DELIMITERS = (",", "\t", ";", "|")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LAST_LINE = Text("文件可能还没复制完", "the file may still be being copied")


def open_text(path: Path, name: str, wanted: FileSet) -> Source:
    """The lines of a CSV file. Raises Refused when no encoding fits."""
    encoding = wanted.encoding or guess_encoding(path)
    with path.open("r", encoding=encoding, errors="surrogateescape", newline="") as handle:
        start = handle.read(1 << 16)
    if "\x00" in start:
        raise bad_file(name, "不是文本文件", "is not a text file", Text("另存为 CSV 或 xlsx", "save it as CSV or xlsx"))
    delimiter = wanted.delimiter or guess_delimiter(start)
    shown = {"\t": "Tab"}.get(delimiter, delimiter)
    return Source(_lines(path, name, encoding, delimiter), same(f"{encoding}, {shown}"), strict=True)


def guess_encoding(path: Path) -> str:
    """utf-8 where the whole file is, or was until one damaged place; else what Chinese Windows writes."""
    with path.open("rb") as handle:
        head = handle.read(4)
        for mark, encoding in MARKS:
            if head.startswith(mark):
                return encoding
        handle.seek(0)
        decoder, foreign = codecs.getincrementaldecoder("utf-8")(), 0
        while block := handle.read(BLOCK):
            try:
                foreign += len(block) - len(decoder.decode(block))  # bytes beyond one a character
            except UnicodeDecodeError as broken:
                return _not_utf8(path, broken, foreign)
    return "utf-8"


def _not_utf8(path: Path, broken: UnicodeDecodeError, foreign: int) -> str:
    """Characters that were read before the break are no accident: then it is utf-8 with a damaged line."""
    before = bytes(broken.object[: broken.start]).decode("utf-8", "replace")
    if foreign + sum(char > "\x7f" for char in before) >= FEW:
        return "utf-8"
    with path.open("rb") as handle:
        sample = handle.read(BLOCK)
    try:
        codecs.getincrementaldecoder("gb18030")().decode(sample)
    except UnicodeDecodeError:
        return "utf-8"  # neither: each line that cannot be read is named
    return "gb18030"


def guess_delimiter(start: str) -> str:
    """The character that cuts most lines into equally many parts."""
    first = start.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[-1]
    lines = [line for line in start.splitlines()[:60] if line.strip()]
    lines = lines[:-1] if len(start) >= 1 << 16 and len(lines) > 1 else lines

    def score(delimiter: str) -> int:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter))
        return max(((width - 1) * count for width, count in widths.items()), default=0)

    return max(DELIMITERS, key=lambda delimiter: (score(delimiter), -DELIMITERS.index(delimiter)))


def _lines(path: Path, name: str, encoding: str, delimiter: str) -> Iterator[Line]:
    with path.open("r", encoding=encoding, errors="surrogateescape", newline="") as handle:
        reader = csv.reader(_checked(handle, path, name), delimiter=delimiter, strict=True)
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as broken:
                yield Line(number, [], _quotes(name, number, reader.line_num, str(broken)))
                continue
            if any(BROKEN.search(cell) for cell in cells if not cell.isascii()):
                shown = [BROKEN.sub("\ufffd", cell) for cell in cells]
                yield Line(number, shown, _bytes(name, number, encoding))
            else:
                yield Line(number, cells)


def _checked(handle: io.TextIOBase, path: Path, name: str) -> Iterator[str]:
    """The file's lines; UTF-16 and the like cannot be read on after a broken place."""
    try:
        yield from handle
    except UnicodeDecodeError as broken:
        raise bad_file(name, f"不是 {broken.encoding} 编码", f"is not {broken.encoding}", SET_ENCODING) from broken


SET_ENCODING = Text('在 [connections.….files.…] 里写 encoding = "…"', 'set encoding = "…" in [connections.….files.…]')


def _bytes(name: str, number: int, encoding: str) -> Text:
    return at(name, number, f"有不是 {encoding} 的字节", f"holds bytes that are not {encoding}")


def _quotes(name: str, number: int, last: int, said: str) -> Text:
    if last > number or "end of data" in said:
        return Text(
            f"{name}:{number} 引号没有闭合,到第 {last} 行的内容都没法读",
            f"{name}:{number} a quote is never closed; nothing can be read up to line {last}",
        )
    return at(name, number, f"引号用错了({said})", f"has a stray quote ({said})")
