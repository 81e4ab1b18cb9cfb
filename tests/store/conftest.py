"""A store on each database: SQLite in a file; PostgreSQL by KAMSYNC_TEST_POSTGRES or a private one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kamsync.store import Store, open_store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
