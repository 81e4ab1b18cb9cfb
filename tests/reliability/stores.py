"""The stores that the rig tries: an empty one of each kind, which can be kept as it is and put back."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.databases import postgres_database, postgres_server

KINDS = ("sqlite", "postgres")
SHM = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a killed process loses no page of the file cache


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty store."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/kamsync.db"
        return
    with postgres_server() as server, postgres_database(server) as url:
        yield url


@dataclass
class Kept:
    """A store as it was at a moment. Nobody may use it while it is kept or put back."""

    url: str
    copy: str = ""

    def __post_init__(self) -> None:
        if self.url.startswith("sqlite"):
            self.copy = f"{self._file}.kept"
            with create_engine(self.url).connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copyfile(self._file, self.copy)
            return
        self.copy = f"kept_{uuid.uuid4().hex[:12]}"
        self._sql(f"CREATE DATABASE {self.copy} TEMPLATE {self._name}")

    def put_back(self) -> None:
        if self.url.startswith("sqlite"):
            for ending in ("", "-wal", "-shm"):
                Path(f"{self._file}{ending}").unlink(missing_ok=True)
            shutil.copyfile(self.copy, self._file)
            return
        self._sql(f"DROP DATABASE {self._name} WITH (FORCE)", f"CREATE DATABASE {self._name} TEMPLATE {self.copy}")

    def drop(self) -> None:
        if not self.url.startswith("sqlite"):
            self._sql(f"DROP DATABASE {self.copy}")

    @property
    def _file(self) -> str:
        return make_url(self.url).database or ""

    @property
    def _name(self) -> str:
        return make_url(self.url).database or ""

    def _sql(self, *statements: str) -> None:
        server = create_engine(make_url(self.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        server.dispose()


def let_lease_end(url: str) -> None:
    """On PostgreSQL a dead writer's lease runs out by the database's clock: let that time have passed."""
    if url.startswith("sqlite"):
        return
    engine = create_engine(url)
    with engine.begin() as tx:
        tx.execute(text("UPDATE lease SET expires_at = now() - interval '1 second'"))
    engine.dispose()
