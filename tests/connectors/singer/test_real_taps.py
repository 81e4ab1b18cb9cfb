"""Real taps from the package index, unmodified; they run on this machine alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from kamsync.net import SystemClock
from kamsync.plugin import Page, Session
from kamsync_singer import connector
from tests.connectors.singer.conftest import WINDOW, stream

PAGE = 2


class Shop(BaseHTTPRequestHandler):
    """GET /orders?offset=…: two orders a page, changed at `updated_since` or later."""

    rows: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        since, start = asked.get("since", [""])[0], int(asked.get("offset", ["0"])[0])
        rows = [row for row in self.rows if row["updated_at"] >= since]
        place = {"offset": start, "limit": PAGE, "total": len(rows)}
        body = json.dumps({"orders": rows[start : start + PAGE], "pagination": place}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: Any) -> None:
        """The test's output is no place for an access log."""


@pytest.fixture
def shop() -> Iterator[str]:
    Shop.rows = [{"id": n, "total": n * 10.5, "updated_at": f"2026-03-0{n}T00:00:00Z"} for n in range(1, 6)]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def opened(program: Path, config: dict[str, Any], folder: Path) -> Session:
    (folder / "tap.json").write_text(json.dumps(config))
    options = connector.options(command=[str(program)], config=folder / "tap.json")
    return connector.open(options, None, SystemClock())


def read(session: Session, name: str, cursor: str | None = None) -> list[Page]:
    return list(session.read(stream(session, name), WINDOW, cursor))


def test_tap_rest_api_msdk_pages_through_an_api_and_goes_on_from_its_state(taps: Path, shop: str, tmp_path: Path):
    config = {
        "api_url": shop,
        "pagination_request_style": "offset_paginator",
        "pagination_response_style": "offset",
        "pagination_page_size": PAGE,
        "pagination_initial_offset": 0,
        "pagination_limit_per_page_param": "limit",
        "pagination_next_page_param": "offset",
        "streams": [
            {"name": "orders", "path": "/orders", "records_path": "$.orders[*]", "primary_keys": ["id"]}
            | {"replication_key": "updated_at", "start_date": "2026-01-01T00:00:00Z"}
            | {"source_search_field": "since", "source_search_query": "$last_run_date"}
        ],
    }
    session = opened(taps / "tap-rest-api-msdk", config, tmp_path)

    first = read(session, "orders")
    again = read(session, "orders", first[-1].cursor)

    assert [record.id for page in first for record in page.records] == ["1", "2", "3", "4", "5"]
    assert "2026-03-05" in (first[-1].cursor or "")
    assert [record.id for page in again for record in page.records] == ["5"]


def test_tap_jsonl_reads_the_files_that_changed(taps: Path, tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"id": "C1", "name": "华为"}\nnot json\n{"id": "C2", "name": "比亚迪"}\n')
    config = {"path": str(tmp_path / "*.jsonl"), "stream_name": "customers", "primary_keys": ["id"]}
    session = opened(taps / "tap-jsonl", config, tmp_path)

    records = [record for page in read(session, "customers") for record in page.records]

    assert [(record.id, record.body["name"]) for record in records] == [("C1", "华为"), ("C2", "比亚迪")]
    assert all(record.modified is not None for record in records)
