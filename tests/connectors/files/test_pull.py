"""The page for admins, acted out: its files and its config, pulled through the engine into a store, twice."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import select

from kamsync.engine.adding import block_of
from kamsync.engine.adding_files import guess
from kamsync.engine.connections import connected
from kamsync.engine.pull import PullReport, pull
from kamsync.engine.workspace import Workspace, opened
from kamsync.net import SystemClock
from kamsync.plugin.document import Problems
from kamsync.store import writing
from kamsync.store.entities import TABLES
from kamsync_files import connector
from kamsync_files.options import FileSet, FilesOptions

PAGE = Path("docs/files.md").read_text("utf-8")
POLICY = '\n[policy]\ntiers = "policies/value4.toml"\nreminders = "policies/reminders.toml"\n'


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    copytree("policies", tmp_path / "policies")
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings/exports.toml").write_text(connector.mapping(), "utf-8")
    (tmp_path / "exports").mkdir()
    orders, payments = blocks("csv")
    (tmp_path / "exports/orders-2026-03.csv").write_text(orders, "gb18030")
    (tmp_path / "exports/payments.csv").write_text(payments, "utf-8-sig")
    (tmp_path / "config.toml").write_text(blocks("toml")[0] + POLICY, "utf-8")
    return tmp_path / "config.toml"


@contextmanager
def pulled(config: Path, **asked: bool) -> Iterator[tuple[Workspace, PullReport]]:
    with (
        opened(config, SystemClock()) as workspace,
        writing(workspace.store) as writer,
        connected(workspace) as (ready, troubles),
    ):
        yield workspace, pull(workspace, writer, ready, troubles, **asked)


def figures(report: PullReport) -> dict[str, tuple[int, int, int]]:
    return {one.stream: (one.tally.new, one.tally.changed, one.tally.quarantined) for one in report.streams}


def test_the_files_of_the_page_become_orders_of_their_customers(config: Path):
    with pulled(config) as (workspace, report):
        orders, accounts = TABLES["order"], TABLES["account"]
        query = select(orders.c.remote_id, orders.c.gross_minor, orders.c.counts, accounts.c.name, accounts.c.uscc)
        query = query.join(accounts, accounts.c.account_id == orders.c.account_id).order_by(orders.c.remote_id)
        with workspace.store.read() as tx:
            found = [tuple(row) for row in tx.execute(query)]

    assert found == [
        ("SO-1001", 123_450, True, "华为技术有限公司", "914403001922038216"),
        ("SO-1002", 88_000, False, "比亚迪股份有限公司", "91440300192317458F"),
    ]
    assert (report.verdict, figures(report)["payments"]) == ("ok", (1, 0, 0))


def test_the_command_of_the_page_writes_the_block_of_the_page(config: Path):
    given = guess(Path("exports"), config.parent, SystemClock())

    block = block_of("exports", "files", "mappings/exports.toml", given, "kamsync files add exports exports")

    assert tomllib.loads(block) == tomllib.loads(blocks("toml")[0])


def test_a_second_pull_changes_nothing_and_a_third_brings_what_changed(config: Path):
    with pulled(config):
        pass
    with pulled(config) as (_, again):
        assert (again.verdict, {one.tally.records for one in again.streams}) == ("ok", {0})
    path = config.parent / "exports/orders-2026-03.csv"
    path.write_text(path.read_text("gb18030").replace("已取消", "已完成"), "gb18030")

    with pulled(config) as (_, third):
        assert figures(third) == {"accounts": (0, 0, 0), "orders": (0, 1, 0), "payments": (0, 0, 0)}


def test_a_full_pull_reads_everything_and_changes_nothing(config: Path):
    with pulled(config):
        pass

    with pulled(config, full=True) as (_, report):
        told = [(one.tally.records, one.tally.new, one.tally.changed) for one in report.streams]

    assert told == [(2, 0, 0), (2, 0, 0), (1, 0, 0)]


def test_a_row_that_was_removed_leaves_when_two_sweeps_did_not_find_it(config: Path):
    with pulled(config):
        pass
    path = config.parent / "exports/orders-2026-03.csv"
    path.write_text("\n".join(path.read_text("gb18030").splitlines()[:-1]) + "\n", "gb18030")

    gone = []
    for _ in range(2):
        with pulled(config, sweep=True) as (_, report):
            gone.append({one.stream: one.tally.deleted for one in report.streams})

    assert gone == [
        {"accounts": 0, "orders": 0, "payments": 0},
        {"accounts": 1, "orders": 1, "payments": 0},
    ]


def test_a_slip_in_a_files_table_is_named_with_the_key_that_was_meant(config: Path):
    config.write_text(
        config.read_text("utf-8").replace('key = "订单号"', 'keyy = "订单号"\nencoding = "utf-9"'), "utf-8"
    )

    with pytest.raises(Problems) as raised, opened(config, SystemClock()):
        pass

    told = [(problem.key, problem.text.en, problem.hint and problem.hint.en) for problem in raised.value.problems]
    assert told == [
        ("connections.exports.files.orders.keyy", "is not a setting here", 'did you mean "key"?'),
        ("connections.exports.files.orders.encoding", "is no encoding; usual ones are utf-8, utf-8-sig, gb18030", None),
    ]


def test_every_setting_is_on_the_page():
    named = set(re.findall(r"`(\w+)`", PAGE))

    assert set(FileSet.model_fields) | {"folder", "timezone"} <= named
    assert {"folder", "files", "timezone"} <= set(FilesOptions.model_fields)
