"""What the conformance suite found of a connector, kept in its package, and believed only while the code is the same.

It grades nothing itself: grades are computed where the checks are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FILE = "certificate.json"
CODE = (".py", ".toml")


@dataclass(frozen=True, slots=True)
class Certificate:
    """The report as it was kept. `stands`: the code is still the code that was tried."""

    report: dict[str, Any]
    stands: bool

    @property
    def grade(self) -> str:
        return str(self.report.get("grade", ""))


def folder_of(package: str) -> Path | None:
    """Where a connector's code lies; None when that is no folder of its own."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return None
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def digest(folder: Path) -> str:
    """One text that changes whenever the code or the mapping does."""
    found = hashlib.sha256()
    for path in _code(folder):
        found.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()


def _code(folder: Path) -> Iterator[Path]:
    return iter(sorted(path for path in folder.rglob("*") if path.suffix in CODE and path.is_file()))


def kept(package: str) -> Certificate | None:
    """The certificate that lies with a connector's code; None where there is none that can be read."""
    folder = folder_of(package)
    if folder is None:
        return None
    try:
        report = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return Certificate(report, report.get("code") == digest(folder)) if isinstance(report, dict) else None


def keep(package: str, report: dict[str, Any]) -> Path | None:
    """Lay a report beside the code it is about; the file, or None where nothing can be written."""
    folder = folder_of(package)
    if folder is None:
        return None
    text = json.dumps({**report, "code": digest(folder)}, ensure_ascii=False, indent=1)
    try:
        (folder / FILE).write_text(text + "\n", "utf-8")
    except OSError:
        return None
    return folder / FILE
