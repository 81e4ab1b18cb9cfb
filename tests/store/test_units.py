"""Units and looks: what one sees while another writes, and who may be the writer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from kamsync.store import AlreadyWriting, Store, StoreUnusable, database, open_store, still_ours, writing
from kamsync.store.sql import upsert
from kamsync.store.tables import LeaseRow, TenantRow, table

TENANT, LEASE = table(TenantRow), table(LeaseRow)
MANY = 6


def _tenant(name: str) -> dict[str, object]:
    return {"connection": name, "org": "1", "user": "2", "facts": None}


def test_one_look_sees_one_state_whatever_is_written_meanwhile(store: Store) -> None:
    count = select(func.count()).select_from(TENANT)
    with store.write() as tx:
        upsert(tx, TENANT, [_tenant("zoho")])

    with store.read() as look:
        before = look.execute(count).scalar()
        with store.write() as tx:
            upsert(tx, TENANT, [_tenant("fxiaoke")])
        after = look.execute(count).scalar()

    assert (before, after) == (1, 1)


def test_of_many_who_start_on_an_empty_store_at_once_one_is_the_writer(store: Store) -> None:
    start, finish = threading.Barrier(MANY), threading.Barrier(MANY)

    def begin(_: int) -> bool:
        start.wait()
        try:
            with writing(store):
                finish.wait()
                return True
        except AlreadyWriting:
            finish.wait()
            return False

    with ThreadPoolExecutor(MANY) as pool:
        writers = list(pool.map(begin, range(MANY)))

    assert writers.count(True) == 1


def test_nobody_takes_over_in_the_middle_of_a_unit(store: Store) -> None:
    """PostgreSQL: a lease may run out while a unit is open; who follows waits for its end."""
    if store.is_sqlite:
        pytest.skip("SQLite lets one unit write at a time")
    with writing(store) as writer, store.write() as unit:
        still_ours(unit, writer)

        with store.engine.connect() as other:
            other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                other.execute(select(LEASE).where(LEASE.c.resource == "writer").with_for_update())


def test_a_writer_that_stands_still_in_a_unit_keeps_nobody_waiting_for_ever(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL: stopped in the middle of a unit (SIGSTOP, a laptop that sleeps), it would hold its locks."""
    if store_url.startswith("sqlite"):
        pytest.skip("SQLite: whoever follows is told who holds the lock, and waits for nobody")
    open_store(store_url).close()
    monkeypatch.setattr(database, "STANDING_STILL", 0.1)
    still, other = open_store(store_url), open_store(store_url)
    went_on = 0

    with pytest.raises(StoreUnusable), writing(still) as writer, still.write() as unit:  # noqa: PT012  one unit
        still_ours(unit, writer)
        with other.write() as tx:
            tx.execute(text("SET LOCAL lock_timeout = '15s'"))
            newer = LEASE.update().where(LEASE.c.resource == "writer").values(epoch=LEASE.c.epoch + 1)
            went_on = tx.execute(newer).rowcount
        still_ours(unit, writer)

    assert went_on == 1
    still.close()
    other.close()
