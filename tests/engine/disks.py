"""Disks that fail a desk's store: full, broken, held by somebody else, not to be written. No root is needed.

Each lasts as long as its context; afterwards the disk is as it was.
"""

from __future__ import annotations

import os
import re
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from kamsync.store import Store

PAGE = 4096
NOBODY = 65534


@contextmanager
def full(store: Store, table: str) -> Iterator[None]:
    """There is no room for what comes into this table: SQLite says so, and takes its whole unit back."""

    def no_room(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        if re.match(f"INSERT INTO {table}\\b", statement):
            cursor.connection.execute("PRAGMA max_page_count=1")  # not below what there is: no page more

    with closing(sqlite3.connect(str(store.path))) as hand:
        hand.execute("CREATE TABLE ballast (weight BLOB)")  # so that no free bytes of a page are room enough
        hand.execute(f"CREATE TRIGGER heavy AFTER INSERT ON {table} BEGIN INSERT INTO ballast VALUES "
                     f"(zeroblob({16 * PAGE})); END")  # fmt: skip
        event.listen(store.engine, "before_cursor_execute", no_room)
        try:
            yield
        finally:
            event.remove(store.engine, "before_cursor_execute", no_room)
            store.engine.dispose()
            hand.execute("DROP TRIGGER heavy")
            hand.execute("DROP TABLE ballast")


@contextmanager
def broken(store: Store) -> Iterator[None]:
    """Whatever would make the store's log longer fails with the system's own error."""
    log = Path(f"{store.path}-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size if log.exists() else 0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def held(store: Store, seconds: float) -> Iterator[None]:
    """A backup tool has the file to itself, and lets go after a while."""
    taken = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(str(store.path), isolation_level=None)) as tool:
            tool.execute("BEGIN IMMEDIATE")
            taken.set()
            over.wait(seconds)
            tool.execute("ROLLBACK")

    over = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def as_nobody(*, may_not_write: Path) -> Iterator[None]:
    """This file or folder is not to be written, by us least of all; root, who may do anything, is somebody else."""
    mode, root = may_not_write.stat().st_mode, os.geteuid() == 0
    may_not_write.chmod(mode & ~0o222 | 0o444)
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        may_not_write.chmod(mode)


def scribble(path: Path, page: int) -> None:
    """One page is not what was written there."""
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(bytes((page * 31 + place * 7) % 256 for place in range(PAGE)))


def roots(path: Path, *tables: str) -> list[int]:
    """The first page of each of these tables, counted from 0."""
    with closing(sqlite3.connect(path)) as hand:
        hand.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = dict(hand.execute("SELECT name, rootpage FROM sqlite_master").fetchall())
    return [found[table] - 1 for table in tables]
