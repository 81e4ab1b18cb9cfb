"""One writer per store, and one daemon: locks that die with their process, and an epoch that only rises.

SQLite: an operating-system lock on a file beside the database. PostgreSQL: a lease row on the database's clock. Epochs
keep above the clock's milliseconds, so that none comes twice, whatever copy of the database is put in its place.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from filelock import FileLock, Timeout
from sqlalchemy import ColumnElement, Connection, func, select

from kamsync.plugin import KamsyncError, Text
from kamsync.store import soundness
from kamsync.store.database import Store
from kamsync.store.sql import insert_new, upsert
from kamsync.store.tables import LeaseRow, table

TTL = timedelta(seconds=15)
LEASE = table(LeaseRow)


class AlreadyWriting(KamsyncError):
    """Another kamsync is writing here; reading commands still work."""

    exit_code = 3


class LeaseLost(KamsyncError):
    """Our lease ran out and another took over; what was under way is left to its evidence."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Writer:
    """Proof of being the one writer. Rows carry `epoch`; an older epoch never settles a newer one's."""

    epoch: int
    owner: str


def _me() -> str:
    return f"pid {os.getpid()} on {socket.gethostname()}"


@contextmanager
def writing(store: Store) -> Iterator[Writer]:
    """Be the one writer of this store, or raise AlreadyWriting (exit 3) naming who is."""
    with _holding(store, "writer", "lock") as writer:
        yield writer


@contextmanager
def serving(store: Store) -> Iterator[None]:
    """Be the one daemon of this store, or raise AlreadyWriting (exit 3) naming who is; it writes only as a writer."""
    with _holding(store, "daemon", "daemon.lock"):
        yield


@contextmanager
def _holding(store: Store, resource: str, ending: str) -> Iterator[Writer]:
    if store.path is None:
        with _by_lease(store, resource) as writer:
            yield writer
        return
    lock = FileLock(f"{store.path}.{ending}")
    try:
        lock.acquire(timeout=0.3)  # a moment of patience: `kamsync status` may be trying the door
    except Timeout as busy:
        raise _busy(store, resource) from busy
    except OSError as closed:
        raise soundness.unusable(store.where, closed) from closed
    try:
        store.look_over()
        with store.write() as tx:
            writer = _take(tx, resource, datetime.now(UTC))
        yield writer
    finally:
        lock.release()


def _busy(store: Store, resource: str) -> AlreadyWriting:
    with store.read() as tx:
        row = tx.execute(select(LEASE.c.owner, LEASE.c.taken_at).where(LEASE.c.resource == resource)).first()
    who = f"{row.owner}, {row.taken_at:%Y-%m-%d %H:%M:%S} UTC" if row else "?"
    if resource == "daemon":
        why = Text(f"此数据库已有一个 kamsync run 在运行({who})", f"a kamsync run serves this store already ({who})")
    else:
        why = Text(f"另一个 kamsync 正在写入此数据库({who})", f"another kamsync is writing to this store ({who})")
    return AlreadyWriting(why, next="kamsync status")


def _take(tx: Connection, resource: str, now: datetime) -> Writer:
    last = tx.execute(select(LEASE.c.epoch).where(LEASE.c.resource == resource)).scalar() or 0
    epoch = max(last + 1, int(now.timestamp() * 1000))
    row = {"resource": resource, "owner": _me(), "epoch": epoch, "taken_at": now, "expires_at": now + TTL}
    upsert(tx, LEASE, [row])
    return Writer(epoch, _me())


@contextmanager
def _by_lease(store: Store, resource: str) -> Iterator[Writer]:
    with store.write() as tx:
        now = tx.execute(select(func.now())).scalar_one()
        vacant = {"resource": resource, "owner": "", "epoch": 0, "taken_at": now, "expires_at": now}
        insert_new(tx, LEASE, [vacant])  # a row to lock: of two who come first, one waits here
        row = tx.execute(select(LEASE).where(LEASE.c.resource == resource).with_for_update()).one()
        if row.expires_at > now:
            raise _busy(store, resource)
        writer = _take(tx, resource, now)
    stop = threading.Event()
    beat = threading.Thread(target=_renew, args=(store, resource, writer, stop), daemon=True)
    beat.start()
    try:
        yield writer
    finally:
        stop.set()
        beat.join()
        with store.write() as tx:
            now = tx.execute(select(func.now())).scalar_one()
            tx.execute(LEASE.update().where(_mine(resource, writer)).values(expires_at=now))


def _mine(resource: str, writer: Writer) -> ColumnElement[bool]:
    return (LEASE.c.resource == resource) & (LEASE.c.epoch == writer.epoch)


def _renew(store: Store, resource: str, writer: Writer, stop: threading.Event) -> None:
    while not stop.wait(TTL.total_seconds() / 3):
        with store.write() as tx:
            now = tx.execute(select(func.now())).scalar_one()
            tx.execute(LEASE.update().where(_mine(resource, writer)).values(expires_at=now + TTL))


# Nobody takes over before the unit that asks has ended.
_EPOCH = select(LEASE.c.epoch).where(LEASE.c.resource == "writer").with_for_update(read=True)


def still_ours(tx: Connection, writer: Writer) -> None:
    """Raise LeaseLost unless this writer's epoch is the newest: asked inside every write unit that matters."""
    epoch = tx.execute(_EPOCH).scalar()
    if epoch != writer.epoch:
        raise LeaseLost(
            Text(
                f"写入权已被第 {epoch} 任取代(本进程是第 {writer.epoch} 任)",
                f"the writer's epoch is now {epoch}, ours was {writer.epoch}",
            ),
            next="kamsync status",
        )
