"""What several rooms' tests stand on: an empty database of each kind, and logs that no test has set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.databases import postgres_database, postgres_server


@pytest.fixture(autouse=True)
def logs_as_they_come() -> Iterator[None]:
    """A command sets how its process logs; the next test is not to inherit it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server to make databases on."""
    try:
        with postgres_server() as address:
            yield address
    except ImportError:
        pytest.skip("no PostgreSQL: set KAMSYNC_TEST_POSTGRES or install the dev extra")


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kamsync.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as address:
        yield address
