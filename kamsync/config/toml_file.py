"""Read a TOML file from disk as a document whose mistakes can be pointed at.

Reading only: what the keys mean is for the reader of each file.
"""

from __future__ import annotations

from pathlib import Path

from kamsync.plugin.document import Document, Problem, Problems, did_you_mean, nearest, parse, spell
from kamsync.plugin.text import Text

__all__ = ["Document", "Problem", "Problems", "did_you_mean", "nearest", "parse", "read", "read_text", "spell"]


def read(path: Path) -> Document:
    """The document at `path`; raises `Problems` when it is missing, is not UTF-8 or is not TOML."""
    return parse(read_text(path), path)


def read_text(path: Path) -> str:
    """The text at `path`; raises `Problems` when it is missing or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError as missing:
        raise Problems([_missing(path)]) from missing
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise Problems([Problem(str(path), None, "", Text(f"读不了：{why}", f"cannot be read: {why}"))]) from broken
    except UnicodeDecodeError as broken:
        raise Problems([_not_utf8(path, broken)]) from broken


def _missing(path: Path) -> Problem:
    hint = Text("新建一个工作区：kamsync init DIR", "make a workspace with: kamsync init DIR")
    return Problem(str(path), None, "", Text("文件不存在", "there is no such file"), hint)


def _not_utf8(path: Path, broken: UnicodeDecodeError) -> Problem:
    line = broken.object.count(b"\n", 0, broken.start) + 1
    hint = Text("用编辑器另存为 UTF-8(不是 GBK)", "save it as UTF-8 (not GBK) in your editor")
    return Problem(str(path), line, "", Text("不是 UTF-8 文本", "is not UTF-8 text"), hint)
