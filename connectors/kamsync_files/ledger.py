"""What has been read so far, as the stream's cursor: each file with the stamp that it had then.

Text in, text out. A ledger that other settings made, or nobody can read, counts for nothing: all is read again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from kamsync_files.folder import Found
from kamsync_files.options import FileSet

EDITION = 1  # of how rows become records; a new one reads everything again


@dataclass(slots=True)
class Ledger:
    """Files that were read whole, and how many records of one more."""

    settings: str
    read: dict[str, str] = field(default_factory=dict)
    within: tuple[str, str, int] | None = None

    @staticmethod
    def of(cursor: str | None, wanted: FileSet) -> Ledger:
        """The ledger in a cursor."""
        settings = _digest(wanted)
        try:
            told = json.loads(cursor or "")
            if told["settings"] == settings:
                within = told["within"]
                return Ledger(settings, dict(told["read"]), tuple(within) if within else None)
        except (ValueError, KeyError, TypeError):
            pass
        return Ledger(settings)

    def text(self) -> str:
        """The ledger as a cursor."""
        told = {"settings": self.settings, "read": self.read, "within": self.within}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def is_read(self, file: Found) -> bool:
        return self.read.get(file.name) == file.stamp

    def begun(self, file: Found) -> int:
        """How many records of this very file have landed already."""
        return self.within[2] if self.within and self.within[:2] == (file.name, file.stamp) else 0

    def reach(self, file: Found, records: int) -> None:
        self.within = (file.name, file.stamp, records)

    def finish(self, file: Found) -> None:
        self.read[file.name] = file.stamp
        self.within = None

    def forget_all_but(self, names: set[str]) -> None:
        """Files that are no longer there."""
        self.read = {name: stamp for name, stamp in self.read.items() if name in names}


def _digest(wanted: FileSet) -> str:
    told = f"{EDITION} {wanted.model_dump_json()}"
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
