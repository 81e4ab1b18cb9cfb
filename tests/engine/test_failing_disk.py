"""A disk that is full, broken, held or not to be written: nothing is lost, nothing is sent twice, and it is said."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from kamsync.daemon import serve
from kamsync.store import StoreDamaged, StoreUnusable, open_store, writing
from kamsync.store.entities import TABLES
from tests.engine import disks
from tests.engine.desk import BASIC, WRITING, Desk

STREAMS = BASIC
LOW = "KAM·三级及以下"
MAKES = r"POST .*(add_tags|data/update|/Tasks|data/create)$"


def _ready(desk: Desk) -> str:
    """One task and one tag are planned."""
    id = desk.overdue()
    desk.pull()
    desk.judge()
    return id


def _place(desk: Desk) -> tuple[datetime, str]:
    """How far accounts were read."""
    (row,) = [row for row in desk.rows("cursor") if (row["stream"], row["lane"]) == ("accounts", "records")]
    return row["position"], row["cursor"]


# ---- no room


@pytest.mark.parametrize("table", ["raw", TABLES["account"].name])
def test_a_disk_that_is_full_while_a_page_lands_costs_no_record_and_no_place(zoho_desk: Desk, table: str) -> None:
    zoho_desk.pull()
    ids = [zoho_desk.overdue(name=f"安徽合力{number}股份有限公司") for number in range(3)]
    place = _place(zoho_desk)

    with disks.full(zoho_desk.workspace.store, table), pytest.raises(StoreUnusable, match="full") as told:
        zoho_desk.pull("accounts")
    landed = zoho_desk.raw("zoho", "accounts")
    left = _place(zoho_desk)
    zoho_desk.pull()

    assert (told.value.exit_code, (told.value.next or "").split()[0]) == (4, "df")
    assert (landed, left) == ({}, place)
    assert zoho_desk.raw("zoho", "accounts") == dict.fromkeys(ids, "live")


def test_no_call_leaves_while_there_is_no_room_for_its_intent(zoho_desk: Desk) -> None:
    id = _ready(zoho_desk)

    with disks.full(zoho_desk.workspace.store, "intent"), pytest.raises(StoreUnusable):
        zoho_desk.apply()
    sent = zoho_desk.calls(WRITING)
    zoho_desk.cycle()

    assert sent == 0
    assert ([task.target for task in zoho_desk.our_tasks()], zoho_desk.zoho.tags(id)) == ([id], (LOW,))


def test_a_receipt_that_found_no_room_leaves_its_row_to_evidence(task_desk: Desk) -> None:
    """The call was made, the disk filled up, nothing could be written down: the next run looks and does not resend."""
    id = _ready(task_desk)
    task_desk.options[task_desk.connections[0]]["settle_seconds"] = 0.1
    task_desk.configure()

    with disks.full(task_desk.workspace.store, "receipt"), pytest.raises(StoreUnusable):
        task_desk.apply()
    left, sent = set(task_desk.intents.values()), task_desk.calls(MAKES)
    task_desk.cycle()
    task_desk.cycle()

    assert (left, sent) == ({"sending", "planned"}, 1)
    assert [task.target for task in task_desk.our_tasks()] == [id]
    assert task_desk.tenant.tags(id) == (LOW,)
    assert set(task_desk.intents.values()) == {"done"}


def test_a_full_disk_is_the_stores_trouble_and_no_connections(desk: Desk) -> None:
    """It is not told as two CRMs that failed, and the second is not written to after the first could not be noted."""
    for tenant, name in ((desk.zoho, "安徽合力股份有限公司"), (desk.fxiaoke, "福耀玻璃工业集团股份有限公司")):
        tenant.add("account", name=name)
    desk.pull()
    desk.judge()

    with disks.full(desk.workspace.store, "receipt"), pytest.raises(StoreUnusable):
        desk.apply()

    assert (desk.calls("add_tags$"), desk.calls("data/(update|create)$")) == (1, 0)


# ---- a broken disk


def test_a_write_that_the_disk_refuses_is_no_success_and_ends_the_process(zoho_desk: Desk) -> None:
    id = _ready(zoho_desk)
    plan = zoho_desk.plan()

    with disks.broken(zoho_desk.workspace.store), pytest.raises(StoreDamaged, match="I/O"):
        zoho_desk.apply(plan.id)
    sent = zoho_desk.calls(WRITING)
    zoho_desk.close()
    zoho_desk.apply(plan.id)

    assert sent == 0
    assert [task.target for task in zoho_desk.our_tasks()] == [id]


@pytest.mark.parametrize("table", ["intent", "raw", "receipt", "sqlite_autoindex_intent_1"])
def test_on_a_store_with_a_broken_page_nothing_is_written_anywhere(zoho_desk: Desk, table: str) -> None:
    _ready(zoho_desk)
    store = zoho_desk.workspace.store
    path = store.path
    assert path is not None
    zoho_desk.close()
    (page,) = disks.roots(path, table)
    disks.scribble(path, page)
    before = path.read_bytes()

    with pytest.raises(StoreDamaged) as told:
        zoho_desk.cycle()

    assert (told.value.exit_code, told.value.next) == (4, "kamsync doctor")
    assert zoho_desk.calls(WRITING) == 0
    assert path.read_bytes() == before


def test_a_daemon_ends_when_its_store_breaks_under_it(zoho_desk: Desk) -> None:
    """Whoever starts it again has the file looked over first; trying again on a disk that failed proves nothing."""
    _ready(zoho_desk)
    workspace = zoho_desk.workspace
    assert workspace.store.path is not None
    (page,) = disks.roots(workspace.store.path, "run")
    workspace.store.engine.dispose()
    disks.scribble(workspace.store.path, page)
    told: list[str] = []

    with pytest.raises(StoreDamaged):
        serve.run(workspace, lambda event, **_: told.append(event), driver=lambda beat, _: beat())

    assert told[-2:] == ["job.failed", "daemon.stop"]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_store_that_was_cut_off_is_not_written_on(zoho_desk: Desk, share: float) -> None:
    _ready(zoho_desk)
    path = zoho_desk.workspace.store.path
    assert path is not None
    zoho_desk.close()
    disks.roots(path)
    size = int(path.stat().st_size * share) // disks.PAGE * disks.PAGE
    with path.open("r+b") as file:
        file.truncate(size)

    with pytest.raises(StoreDamaged):
        zoho_desk.cycle()

    assert zoho_desk.calls(WRITING) == 0
    assert path.stat().st_size == size


def test_a_store_whose_log_was_lost_sends_nothing_twice(task_desk: Desk) -> None:
    """It is whole and older: what it no longer knows of is found in the CRM."""
    id = _ready(task_desk)
    store = task_desk.workspace.store
    assert store.path is not None
    disks.roots(store.path)
    older = shutil.copy(store.path, task_desk.folder / "older.db")
    task_desk.cycle()
    task_desk.close()
    for ending in ("-wal", "-shm"):
        Path(f"{store.path}{ending}").unlink(missing_ok=True)
    shutil.copy(older, store.path)

    task_desk.cycle()
    task_desk.cycle()

    assert [task.target for task in task_desk.our_tasks()] == [id]
    assert task_desk.tenant.tags(id) == (LOW,)


def test_a_large_store_is_looked_over_once_a_day(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kamsync.store.soundness.SMALL", 0)
    looks: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        looks.extend(re.findall("quick_check", statement))

    for _ in range(2):
        store = open_store(sqlite_url)
        event.listen(store.engine, "before_cursor_execute", note)
        for _ in range(2):
            with writing(store):
                pass
        store.close()

    assert looks == ["quick_check"]


# ---- somebody else has it


def test_a_store_that_a_backup_holds_is_waited_for(zoho_desk: Desk) -> None:
    ids = [zoho_desk.overdue(name=f"安徽合力{number}股份有限公司") for number in range(3)]

    with disks.held(zoho_desk.workspace.store, 0.5):
        zoho_desk.pull()

    assert zoho_desk.raw("zoho", "accounts") == dict.fromkeys(ids, "live")


def test_a_store_is_waited_for_as_long_as_a_minute(sqlite_url: str) -> None:
    store = open_store(sqlite_url)

    with store.read() as tx:
        waits = tx.exec_driver_sql("PRAGMA busy_timeout").scalar_one()

    assert waits == 60_000
    store.close()


def test_a_store_that_is_held_for_good_is_said_and_nothing_is_lost(zoho_desk: Desk) -> None:
    id = _ready(zoho_desk)
    store = zoho_desk.workspace.store
    event.listen(store.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=50"))

    with disks.held(store, 60), pytest.raises(StoreUnusable, match="locked") as told:
        zoho_desk.cycle()
    zoho_desk.close()
    zoho_desk.cycle()

    assert (told.value.exit_code, told.value.next) == (4, "kamsync status")
    assert [task.target for task in zoho_desk.our_tasks()] == [id]


def test_whatever_writes_has_said_so_before_it_read(zoho_desk: Desk) -> None:
    """A unit that reads first and then wants to write is turned away at once, however patient it is."""
    _ready(zoho_desk)
    begun: dict[int, str] = {}
    late: list[str] = []

    def watch(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("BEGIN"):
            begun[id(cursor.connection)] = statement
        elif re.match("INSERT|UPDATE|DELETE", statement) and begun[id(cursor.connection)] != "BEGIN IMMEDIATE":
            late.append(statement)

    event.listen(zoho_desk.workspace.store.engine, "before_cursor_execute", watch)

    zoho_desk.cycle()

    assert "BEGIN IMMEDIATE" in begun.values()
    assert late == []


# ---- not to be written


@pytest.fixture
def shelf(empty_store: Path) -> Iterator[Path]:
    """A store in a folder that everybody may look into."""
    folder = Path(tempfile.mkdtemp(prefix="kamsync-"))
    folder.chmod(0o777)
    file = Path(shutil.copy(empty_store, folder / "kamsync.db"))
    file.chmod(0o666)
    yield file
    shutil.rmtree(folder)


@pytest.mark.parametrize("what", ["kamsync.db", ".", "kamsync.db.lock"])
def test_a_store_that_may_not_be_written_says_so_and_how_to_look(shelf: Path, what: str) -> None:
    """The file, its folder, or the lock that somebody else left beside it."""
    url = f"sqlite:///{shelf}"
    (shelf.parent / "kamsync.db.lock").touch()

    with disks.as_nobody(may_not_write=shelf.parent / what):  # noqa: SIM117  goes in first
        with pytest.raises(StoreUnusable) as told:
            _write_on(url)

    assert told.value.exit_code == 4
    assert told.value.next
    _write_on(url)


def _write_on(url: str) -> None:
    store = open_store(url)
    try:
        with writing(store):
            pass
    finally:
        store.close()
