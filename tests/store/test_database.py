"""Opening a store: schema, versions, units, one writer."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, select, text

from kamsync.store import AlreadyWriting, LeaseLost, Store, StoreNewer, StoreUnusable, open_store, still_ours, writing
from kamsync.store.database import migrate
from kamsync.store.sql import upsert
from kamsync.store.tables import LeaseRow, RunRow, TenantRow, table

TENANT, RUN = table(TenantRow), table(RunRow)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_migrations_make_exactly_the_tables_that_the_code_speaks_of_and_a_new_store_has(store: Store) -> None:
    """In words where the database keeps them, else by what it tells of itself."""
    with store.engine.begin() as connection:
        made = _schema(connection)
        inspected = inspect(connection)
        for name in inspected.get_table_names():
            connection.execute(text(f'DROP TABLE "{name}"'))

    migrate(store.engine)

    with store.engine.connect() as connection:
        assert _schema(connection) == made


def _schema(connection: Connection) -> dict[str, object]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master"))
        return {row.name: " ".join((row.sql or "").split()) for row in rows}
    told = inspect(connection)
    return {
        name: (
            [{**column, "type": str(column["type"])} for column in told.get_columns(name)],
            told.get_pk_constraint(name),
            sorted(told.get_indexes(name), key=lambda index: str(index["name"])),
        )
        for name in told.get_table_names()
    }


def test_opening_a_store_twice_changes_nothing(store_url: str) -> None:
    open_store(store_url).close()

    again = open_store(store_url)

    with again.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    again.close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store_url: str) -> None:
    open_store(store_url).close()
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreNewer) as refused:
        open_store(store_url)

    assert refused.value.exit_code == 5
    assert "9999" in str(refused.value)
    assert refused.value.next == "pip install --upgrade kamsync"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    engine.dispose()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "kamsync.db"
    broken.write_text("大客户" * 1000)

    with pytest.raises(StoreUnusable, match="not a database") as refused:
        open_store(f"sqlite:///{broken}")

    assert refused.value.exit_code == 4
    assert broken.read_text() == "大客户" * 1000


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="no folder"):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'kamsync.db'}")


def test_a_unit_that_fails_leaves_nothing(store: Store) -> None:
    def cut_off() -> None:
        with store.write() as tx:
            upsert(tx, TENANT, [{"connection": "zoho", "org": "1", "user": "2", "facts": None}])
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        cut_off()

    with store.read() as tx:
        assert tx.execute(select(TENANT.c.org)).all() == []


def test_instants_come_back_aware_and_equal(store: Store) -> None:
    moment = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
    with store.write() as tx:
        tx.execute(RUN.insert().values(kind="pull", started_at=moment, epoch=1))

    with store.read() as tx:
        found = tx.execute(select(RUN.c.started_at)).scalar_one()

    assert found == moment
    assert found.tzinfo is UTC


def test_each_writer_has_a_higher_epoch(store: Store) -> None:
    with writing(store) as first:
        pass

    with writing(store) as second:
        assert second.epoch > first.epoch


def test_no_epoch_comes_twice_though_the_newest_commits_are_lost(store: Store) -> None:
    """A copy took the database's place, or its replica did, and knows nothing of the latest writers."""
    with writing(store) as lost:
        pass
    with store.write() as tx:
        tx.execute(table(LeaseRow).delete())

    with writing(store) as next_one:
        assert next_one.epoch > lost.epoch


def test_a_clock_that_was_set_back_does_not_bring_an_older_epoch(store: Store) -> None:
    with store.write() as tx:
        ahead = {"resource": "writer", "owner": "", "epoch": 2**52, "taken_at": NOON, "expires_at": NOON}
        upsert(tx, table(LeaseRow), [ahead])

    with writing(store) as writer:
        assert writer.epoch == 2**52 + 1


@pytest.mark.parametrize("again", [True, False])
def test_a_file_that_was_taken_away_under_us_is_written_no_more(tmp_path: Path, again: bool) -> None:
    """A daemon still has the deleted file open: what it noted there, nobody would ever read."""
    path = tmp_path / "kamsync.db"
    store = open_store(f"sqlite:///{path}")
    with store.write() as tx:
        upsert(tx, TENANT, [{"connection": "zoho", "org": "1", "user": "2", "facts": None}])
    path.rename(tmp_path / "old.db")
    if again:
        open_store(f"sqlite:///{path}").close()

    with pytest.raises(StoreUnusable, match="deleted or replaced"), store.write():
        pass

    store.close()


def test_a_second_writer_is_refused_and_told_who_writes(store: Store, store_url: str) -> None:
    other = open_store(store_url)

    with writing(store), pytest.raises(AlreadyWriting, match="pid") as refused, writing(other):
        pass

    assert refused.value.exit_code == 3
    other.close()


def test_reading_works_beside_a_writer(store: Store, store_url: str) -> None:
    reader = open_store(store_url)
    with writing(store), store.write() as tx:
        upsert(tx, TENANT, [{"connection": "zoho", "org": "1", "user": "2", "facts": None}])

        with reader.read() as look:
            seen = look.execute(select(TENANT.c.org)).all()

    assert seen == []
    reader.close()


def test_a_writer_that_was_overtaken_may_not_commit(store: Store) -> None:
    with writing(store) as old:
        pass
    with writing(store), store.write() as tx, pytest.raises(LeaseLost):
        still_ours(tx, old)


def test_a_killed_writer_leaves_the_store_free(tmp_path: Path) -> None:
    """The lock dies with its process: no stale file keeps the next one out."""
    url = f"sqlite:///{tmp_path / 'kamsync.db'}"
    code = (
        "import os, signal\nfrom kamsync.store import open_store, writing\n"
        f"with writing(open_store({url!r})):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    store = open_store(url)

    with writing(store) as writer:
        epoch = writer.epoch

    assert killed.returncode == -9
    assert epoch > 0
    store.close()
