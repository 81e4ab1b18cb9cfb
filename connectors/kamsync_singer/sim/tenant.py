"""A source behind a tap: rows that people add, edit and delete, and the tap that tells of them.

The tap runs as any tap does: a program of its own, with a config of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

from kamsync.testing.offline import OfflineTenant, Row
from kamsync.testing.server import dumps
from kamsync.testing.tenant import Tenant

PASSWORD = "simulated-tap-password-7d1e"
TAP = Path(__file__).with_name("tap.py")
FILES = {"account": "customers.jsonl", "order": "orders.jsonl"}
NAMES: Mapping[str, Mapping[str, str]] = {  # by kamsync's words
    "account": {"name": "name", "uscc": "tax_id", "phone": "phone", "website": "website", "city": "city"},
    "order": {
        "account": "customer_id", "number": "number", "date": "ordered_at", "gross": "total",
        "refunded": "refunded", "currency": "currency", "status": "status",
    },
}  # fmt: skip


class SingerTenant(OfflineTenant):
    """Customers and orders, and a tap that tells deletions as taps do: with `_sdc_deleted_at`."""

    prefixes: ClassVar = {"account": "C", "order": "O"}
    most_rows = 1000  # of one page

    def start(self) -> Tenant:
        super().start()
        self._configure()
        return self

    def _configure(self, **more: Any) -> None:
        config = {"folder": str(self.folder), "password": PASSWORD, **more}
        path = self.folder / "tap.json"
        path.write_text(json.dumps(config), "utf-8")
        path.chmod(0o600)

    def options(self) -> Mapping[str, Any]:
        return {"command": [sys.executable, str(TAP)], "config": str(self.folder / "tap.json")}

    @property
    def secrets(self) -> Sequence[str]:
        return (PASSWORD,)

    def break_down(self) -> None:
        self._configure(breaks=True)

    def data_files(self) -> Sequence[str]:
        return list(FILES.values())

    def row(self, entity: str, id: str, neutral: Mapping[str, Any], before: Row, modified: datetime) -> Row:
        names = NAMES[entity]
        told = {names[name]: _plain(value) for name, value in neutral.items() if name in names}
        stamp = modified.astimezone(UTC).isoformat(timespec="microseconds")
        return {**dict.fromkeys(names.values()), **before, **told, "id": id, "updated_at": stamp}

    def remove(self, entity: str, id: str) -> None:
        """The source keeps a mark where the row was."""
        now = self.now().isoformat(timespec="microseconds")
        row = self._table(entity).pop(id)
        self.append(entity, {**row, "updated_at": now, "_sdc_deleted_at": now})

    def change(self, entity: str, id: str, *, modified: datetime | None = None, **neutral: Any) -> None:
        table = self._table(entity)
        table[id] = self.row(entity, id, neutral, table[id], modified or self.now())
        self.append(entity, table[id])

    def append(self, entity: str, row: Row) -> None:
        with (self.folder / FILES[entity]).open("ab") as file:
            file.write(dumps(row) + b"\n")

    def write(self, entity: str) -> None:
        (self.folder / FILES[entity]).write_bytes(b"".join(dumps(row) + b"\n" for row in self.tables[entity].values()))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else getattr(value, "id", value)
