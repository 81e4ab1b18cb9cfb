"""What a database's own words mean for whoever goes on, and whether a SQLite file still hangs together.

A file or a disk that cannot be relied on ends the process that holds it open: nothing may be sent on its word.
PostgreSQL looks after its own pages.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from kamsync.plugin import KamsyncError, Text
from kamsync.store.sql import upsert
from kamsync.store.tables import LeaseRow, table

LEASE = table(LeaseRow)
SMALL = 1 << 30  # bytes; a file up to here is looked over in less than a second, at every start
DAILY = timedelta(days=1)  # a larger one so often
BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}


class StoreUnusable(KamsyncError):
    """The store cannot be opened or written."""

    exit_code = 4


class StoreDamaged(StoreUnusable):
    """The file, or the disk it lies on, cannot be relied on: a process that holds it open ends, and writes no CRM."""

    def __init__(self, text: Text, where: str) -> None:
        super().__init__(text, next="kamsync doctor")
        self.where = where


def unusable(where: str, broken: Exception) -> StoreUnusable:
    """The database's own words, as an error with a next step."""
    orig = getattr(broken, "orig", None) or broken
    why = str(orig).splitlines()[0]
    code = getattr(orig, "sqlite_errorcode", 0) & 0xFF  # what is above says more than anybody needs
    if code in BROKEN:
        return damaged(where, why)
    folder = Path(where).parent
    more, next = {
        sqlite3.SQLITE_FULL: (Text(";腾出空间后再来", "; make room, then come again"), f"df -h {folder}"),
        sqlite3.SQLITE_READONLY: (Text(";检查文件权限", "; see who may write it"), f"ls -ld {where} {folder}"),
        sqlite3.SQLITE_BUSY: (Text(";有别的程序占着它", "; another program holds it"), "kamsync status"),
    }.get(code, (Text("", ""), "kamsync doctor"))
    words = Text(f"数据库 {where} 不能使用:{why}{more.zh}", f"the store {where} cannot be used: {why}{more.en}")
    return StoreUnusable(words, next=next)


def damaged(where: str, why: str) -> StoreDamaged:
    """The store and what is wrong with it; the doctor knows the way back."""
    zh = f"数据库 {where} 已损坏({why});修好之前不再写入任何 CRM"
    en = f"the store {where} is damaged ({why}); no CRM is written to until it is mended"
    return StoreDamaged(Text(zh, en), where)


def flaw(tx: Connection) -> str | None:
    """The first thing that does not hang together in this SQLite file, in SQLite's words; None: it is sound."""
    said: str = tx.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    return None if said == "ok" else " ".join(said.split())


def is_due(tx: Connection, path: Path) -> bool:
    """Is this file to be looked over before anything is written?"""
    if not is_large(path):
        return True
    until = tx.execute(select(LEASE.c.expires_at).where(LEASE.c.resource == "sound")).scalar()
    return until is None or until <= datetime.now(UTC)


def is_large(path: Path) -> bool:
    return path.stat().st_size > SMALL


def was_sound(tx: Connection) -> None:
    """It was looked over just now."""
    now = datetime.now(UTC)
    upsert(tx, LEASE, [{"resource": "sound", "owner": "", "epoch": 0, "taken_at": now, "expires_at": now + DAILY}])
