"""A tiny tap of our own, and where to find real ones.

Real taps run where KAMSYNC_TEST_TAPS names a folder with their programs: a virtual environment's bin, or one that
holds links to several.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kamsync.net import SystemClock
from kamsync.plugin import Page, Record, Session, Stream, Window
from kamsync_singer import connector

TINY = Path(__file__).with_name("tiny_tap.py")
WINDOW = Window(None, datetime(2100, 1, 1, tzinfo=UTC))

ROWS = {
    "customers": {
        "keys": ["id"],
        "bookmark": "updated_at",
        "rows": [
            {"id": "C1", "name": "华为技术有限公司", "updated_at": "2026-03-01T08:00:00Z"},
            {"id": "C2", "name": "比亚迪股份有限公司", "updated_at": "2026-03-02T08:00:00Z"},
        ],
    },
    "orders": {
        "keys": ["id"],
        "bookmark": "updated_at",
        "rows": [
            {"id": "O1", "customer_id": "C1", "total": 1234.5, "updated_at": "2026-03-03T08:00:00Z"},
            {"id": "O2", "customer_id": "C2", "total": 880, "updated_at": "2026-03-04T08:00:00Z"},
        ],
    },
}


@dataclass
class Tap:
    """The tiny tap with its files; `vices` go into its config, `options` into ours."""

    folder: Path
    streams: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(ROWS)))
    vices: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def open(self) -> Session:
        config = {"file": str(self.folder / "rows.json"), "password": "hunter22", "runs": str(self.runs)} | self.vices
        (self.folder / "rows.json").write_text(json.dumps(self.streams), "utf-8")
        (self.folder / "tap.json").write_text(json.dumps(config), "utf-8")
        command = [sys.executable, str(TINY)]
        given = {"command": command, "config": self.folder / "tap.json"} | self.options
        return connector.open(connector.options(**given), None, SystemClock())

    def pages(self, name: str = "orders", cursor: str | None = None) -> Iterator[Page]:
        session = self.open()
        return session.read(stream(session, name), WINDOW, cursor)

    def records(self, name: str = "orders", cursor: str | None = None) -> list[Record]:
        return [record for page in self.pages(name, cursor) for record in page.records]

    @property
    def runs(self) -> Path:
        return self.folder / "runs.jsonl"

    def told(self) -> list[Mapping[str, Any]]:
        """What each sync was given."""
        return [json.loads(line) for line in self.runs.read_text().splitlines()]


def stream(session: Session, name: str) -> Stream:
    return next(one for one in session.streams() if one.object == name)


@pytest.fixture
def tap(tmp_path: Path) -> Tap:
    return Tap(tmp_path)


@pytest.fixture
def taps() -> Path:
    """The folder of real taps; a test that needs one is skipped, saying so, where there is none."""
    named = os.environ.get("KAMSYNC_TEST_TAPS")
    if not named:
        pytest.skip("real Singer taps: set KAMSYNC_TEST_TAPS to the bin folder they are installed in")
    return Path(named)
