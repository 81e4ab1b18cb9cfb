"""The page for engineers, acted out: a tap pulled through the engine into a store, twice."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import select

from kamsync.engine.connections import connected
from kamsync.engine.pull import PullReport, pull
from kamsync.engine.workspace import Workspace, opened
from kamsync.mapping import read_mapping
from kamsync.net import SystemClock
from kamsync.store import writing
from kamsync.store.entities import TABLES
from kamsync_singer import connector
from kamsync_singer.options import SingerOptions
from tests.connectors.singer.conftest import TINY

PAGE = Path("docs/singer.md").read_text("utf-8")
POLICY = '\n[policy]\ntiers = "policies/value4.toml"\nreminders = "policies/reminders.toml"\n'
SHOP, MAPPING = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
(TAP,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
(LINES,) = re.findall(r"```jsonl\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with the page's config, mapping, tap config and records."""
    copytree("policies", tmp_path / "policies")
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings/shop.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "taps").mkdir()
    (tmp_path / "taps/jsonl.json").write_text(TAP, "utf-8")
    (tmp_path / "taps/orders.jsonl").write_text(LINES, "utf-8")
    (tmp_path / "config.toml").write_text(SHOP + POLICY, "utf-8")
    return tmp_path


def with_our_own_tap(folder: Path, bookmark: str | None = "at", **vices: object) -> Path:
    """The tiny tap in place of the page's, telling the same records; the path of its rows."""
    rows = [json.loads(line) | {"at": f"2026-03-0{n}T00:00:00Z"} for n, line in enumerate(LINES.splitlines(), 1)]
    (folder / "taps/rows.json").write_text(json.dumps({"orders": {"keys": ["id"], "bookmark": bookmark, "rows": rows}}))
    (folder / "taps/jsonl.json").write_text(json.dumps({"file": "rows.json", "password": "hunter22"} | vices))
    command = json.dumps([sys.executable, str(TINY.absolute())])
    text = SHOP.replace('["taps/jsonl/bin/tap-jsonl"]', command)
    (folder / "config.toml").write_text(text + POLICY, "utf-8")
    return folder / "taps/rows.json"


@contextmanager
def pulled(folder: Path, **asked: bool) -> Iterator[tuple[Workspace, PullReport]]:
    with (
        opened(folder / "config.toml", SystemClock()) as workspace,
        writing(workspace.store) as writer,
        connected(workspace) as (ready, troubles),
    ):
        yield workspace, pull(workspace, writer, ready, troubles, **asked)


def orders(workspace: Workspace) -> list[tuple[object, ...]]:
    table = TABLES["order"]
    query = select(table.c.remote_id, table.c.gross_minor, table.c.counts).order_by(table.c.remote_id)
    with workspace.store.read() as tx:
        return [tuple(row) for row in tx.execute(query)]


AS_ON_THE_PAGE = [("SO-1", 123_450, True), ("SO-2", 88_000, False)]


def test_a_tap_is_pulled_and_a_second_pull_changes_nothing(folder: Path):
    with_our_own_tap(folder)
    with pulled(folder) as (workspace, first):
        assert (first.verdict, orders(workspace)) == ("ok", AS_ON_THE_PAGE)

    with pulled(folder) as (workspace, again):
        told = again.streams[0].tally

    assert (again.verdict, told.records, told.new, told.changed) == ("ok", 1, 0, 0)


def test_a_tap_that_broke_off_goes_on_from_the_state_that_landed(folder: Path):
    rows = with_our_own_tap(folder, fails_after=1)
    with pulled(folder) as (workspace, broken):
        assert broken.verdict == "failed"
        assert orders(workspace) == AS_ON_THE_PAGE[:1]
        assert "login failed for password ***" in broken.streams[0].trouble.text.en
    with_our_own_tap(folder)
    told = json.loads(rows.read_text())
    told["orders"]["rows"][0]["total"] = 1  # behind the state: nobody looks at it again
    told["orders"]["rows"][0]["at"] = "2026-02-01T00:00:00Z"
    rows.write_text(json.dumps(told))

    with pulled(folder) as (workspace, healed):
        assert (healed.verdict, orders(workspace)) == ("ok", AS_ON_THE_PAGE)


@pytest.mark.parametrize("deletes", [False, True])
@pytest.mark.parametrize("bookmark", ["at", None])
def test_a_record_that_the_tap_no_longer_brings_stays_unless_the_admin_says_otherwise(
    folder: Path, deletes: bool, bookmark: str | None
):
    rows = with_our_own_tap(folder, bookmark=bookmark)
    config = folder / "config.toml"
    config.write_text(config.read_text("utf-8").replace("[policy]", "[guards]\nmax_gone = 9\n[policy]"), "utf-8")
    config.write_text(config.read_text("utf-8").replace("writes =", f"deletes = {str(deletes).lower()}\nwrites ="))
    with pulled(folder):
        pass
    told = json.loads(rows.read_text())
    told["orders"]["rows"].pop(0)
    rows.write_text(json.dumps(told))

    for _ in range(2):
        with pulled(folder, sweep=True) as (workspace, report):
            left = orders(workspace)

    assert (report.verdict, left) == ("ok", AS_ON_THE_PAGE[1:] if deletes else AS_ON_THE_PAGE)


def test_the_page_holds_with_the_real_tap_of_its_example(folder: Path, taps: Path):
    (folder / "config.toml").write_text(SHOP.replace("taps/jsonl/bin", str(taps)) + POLICY, "utf-8")
    with pulled(folder) as (workspace, first):
        assert (first.verdict, orders(workspace)) == ("ok", AS_ON_THE_PAGE)

    with pulled(folder) as (workspace, again):
        told = again.streams[0].tally

    assert (again.verdict, told.new, told.changed) == ("ok", 0, 0)


def test_every_setting_is_on_the_page():
    inherited = set(SingerOptions.__mro__[1].model_fields)

    assert set(SingerOptions.model_fields) - inherited <= set(re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE))


def test_the_mapping_by_example_is_sound():
    assert read_mapping(connector.mapping(), "singer.toml").streams == ("accounts", "orders")
