"""Which files are there, which stream each belongs to, and whether one has changed since it was read.

Looks at names and stamps; it opens no file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kamsync.plugin import Text, Unavailable
from kamsync_files.options import FileSet, FilesOptions

KINDS = frozenset([".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls"])
RUNNING = re.compile(r"[\s_.-]*\(?\d[\d\s_.-]*\)?$")  # orders-2026-01, orders_3, orders (2): the same kind of file


@dataclass(frozen=True, slots=True)
class Found:
    """One file. `stamp` changes whenever the file does; `changed` is when it became so on this machine."""

    path: Path
    name: str
    stamp: str
    changed: datetime


def reachable(folder: Path) -> None:
    """Raises Unavailable when the folder cannot be looked into: nothing in it may be taken for gone."""
    try:
        next(folder.iterdir(), None)
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise Unavailable(
            Text(f"打不开文件夹 {folder}:{why}", f"the folder {folder} cannot be opened: {why}"), next="kamsync doctor"
        ) from broken


def sets(options: FilesOptions) -> dict[str, FileSet]:
    """The streams: as the config names them, else one for each name in the folder less its running number."""
    if options.files:
        return dict(options.files)
    names: dict[str, FileSet] = {}
    for path in sorted(options.folder.iterdir()):
        if path.is_file() and path.suffix.lower() in KINDS and not _is_passing(path):
            stem = _stem(path)
            names.setdefault(stem, FileSet(path=f"{_literal(stem)}*"))
    return names


def files_of(folder: Path, wanted: FileSet, now: datetime, *, stem: str | None = None) -> list[Found]:
    """The files of a stream, the one that changed last at the end: where two hold one row, it is right.

    `stem`: only those that are called so, but for a running number.
    """
    found = []
    for path in folder.glob(wanted.path):
        if not path.is_file() or path.suffix.lower() not in KINDS or _is_passing(path):
            continue
        if stem is not None and _stem(path) != stem:
            continue
        found.append(_found(folder, path, now))
    return sorted(found, key=lambda one: (one.changed, one.name))


def _stem(path: Path) -> str:
    """orders of orders-2026-01.csv; that of orders-returned.csv is orders-returned."""
    return RUNNING.sub("", path.stem) or path.stem


def _is_passing(path: Path) -> bool:
    """Left by Excel or by a copy that is still under way."""
    return path.name.startswith((".", "~$"))


def _literal(stem: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", stem)


def _found(folder: Path, path: Path, now: datetime) -> Found:
    """A copy may bring an old date with it, or one of the future; the moment that it came to lie here cannot."""
    stat = path.stat()
    changed = max(stat.st_mtime, stat.st_ctime)
    return Found(
        path=path,
        name=path.relative_to(folder).as_posix(),
        stamp=f"{stat.st_size:x}-{stat.st_mtime_ns:x}-{stat.st_ctime_ns:x}",
        changed=min(datetime.fromtimestamp(changed, UTC), now),
    )
