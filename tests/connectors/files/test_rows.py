"""Rows become records: named by their key, told once, and only read again when their file has changed."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kamsync.plugin import Refused, Unavailable, Window
from tests.connectors.files.conftest import WINDOW, Shelf

ORDERS = '订单号,客户名称,金额\nSO-1,华为技术有限公司,"1,234.50"\nSO-2,比亚迪,88\n'


def test_a_row_is_known_by_its_key_columns(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    shelf.put("orders.csv", ORDERS)

    records = shelf.read("orders")

    assert [record.id for record in records] == ["SO-1", "SO-2"]
    assert records[0].body == {"订单号": "SO-1", "客户名称": "华为技术有限公司", "金额": "1,234.50"}


def test_a_key_of_several_columns_cannot_be_mistaken_for_another(shelf: Shelf):
    shelf.sets = {"lines": {"path": "lines.csv", "key": ["单号", "行号"]}}
    shelf.put("lines.csv", "单号,行号,数量\na|b,c,1\na,b|c,2\n")

    assert [record.id for record in shelf.read("lines")] == ["a\\|b|c", "a|b\\|c"]


def test_without_a_key_a_row_is_its_content_and_equal_rows_are_two(shelf: Shelf):
    shelf.put("payments.csv", "客户,金额\n华为,100\n华为,100\n比亚迪,5\n")

    first = [record.id for record in shelf.read("payments")]
    shelf.put("payments.csv", "客户,金额\n比亚迪,5\n华为,100\n华为,100\n")

    assert len(set(first)) == 3
    assert {record.id for record in shelf.read("payments")} == set(first)


def test_a_key_that_comes_twice_with_another_content_replaces_nothing(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    shelf.put("orders.csv", "订单号,品名,金额\nSO-1,电缆,100\nSO-1,光纤,200\nSO-1,电缆,100\n")

    records = shelf.read("orders")

    assert [record.id for record in records] == ["SO-1", "orders.csv:3"]
    assert records[1].problem.en == (
        "orders.csv:3 has the key SO-1 of line 2 and says something else; add a column to key"
    )


def test_what_has_not_changed_is_not_read_again(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders-*.csv", "key": "订单号"}}
    shelf.put("orders-1.csv", ORDERS)
    shelf.read("orders")

    shelf.put("orders-2.csv", "订单号,客户名称,金额\nSO-3,宁德时代,7\n")

    assert [record.id for record in shelf.read("orders")] == ["SO-3"]
    assert list(shelf.open().read(shelf.stream("orders"), WINDOW, shelf.cursor)) == []


def test_a_backup_that_is_put_back_with_its_old_date_is_read(shelf: Shelf, tmp_path: Path):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    path = shelf.put("orders.csv", ORDERS)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    backup = Path(shutil.copy2(path, tmp_path / "kept.bak"))
    shelf.put("orders.csv", ORDERS.replace("88", "99"))
    shelf.read("orders")

    shutil.copy2(backup, path)
    records = shelf.read("orders")

    assert [record.body["金额"] for record in records] == ["1,234.50", "88"]
    assert all(record.modified > datetime(2026, 1, 1, tzinfo=UTC) for record in records)


def test_a_file_dated_in_the_future_is_no_newer_than_now(shelf: Shelf):
    path = shelf.put("orders.csv", ORDERS)
    os.utime(path, (4_000_000_000, 4_000_000_000))

    assert all(record.modified < datetime(2090, 1, 1, tzinfo=UTC) for record in shelf.read("orders"))


def test_reading_goes_on_where_it_stopped(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    shelf.put("orders.csv", "订单号,金额\n" + "".join(f"SO-{n},{n}\n" for n in range(2500)))
    pages = shelf.open().read(shelf.stream("orders"), WINDOW, None)

    shelf.cursor = next(pages).cursor
    rest = shelf.read("orders")

    assert [record.id for record in rest] == [f"SO-{n}" for n in range(1000, 2500)]


def test_a_window_without_a_cursor_leaves_out_the_files_that_are_older(shelf: Shelf):
    shelf.put("orders.csv", ORDERS)
    stream = shelf.stream("orders")
    now = datetime.now(UTC)

    older = [Window(now + timedelta(days=days), WINDOW.hi) for days in (-1, 1)]

    assert [[len(page.records) for page in shelf.open().read(stream, one, None)] for one in older] == [[2], [0]]


def test_other_settings_read_everything_again(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv"}}
    shelf.put("orders.csv", ORDERS)
    shelf.read("orders")

    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}

    assert [record.id for record in shelf.read("orders")] == ["SO-1", "SO-2"]


def test_customers_are_taken_out_of_a_file_of_orders_each_once(shelf: Shelf):
    shelf.sets = {"accounts": {"path": "orders.csv", "key": "客户", "columns": ["客户", "税号"]}}
    shelf.put("orders.csv", "订单号,客户,税号,金额\n1,华为,91A,5\n2,华为,91A,6\n3,,,7\n4,比亚迪,,8\n")

    records = shelf.read("accounts")

    assert [(record.id, record.body) for record in records] == [
        ("华为", {"客户": "华为", "税号": "91A"}),
        ("比亚迪", {"客户": "比亚迪"}),
    ]


def test_a_row_may_say_itself_when_it_was_changed(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号", "modified": "更新时间"}}
    shelf.put("orders.csv", "订单号,更新时间\nSO-1,2026/3/2 8:05\nSO-2,不详\n")

    assert [record.modified for record in shelf.read("orders")] == [datetime(2026, 3, 2, 0, 5, tzinfo=UTC), None]


def test_a_removed_row_is_missing_from_the_ids(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders-*.csv", "key": "订单号"}}
    shelf.put("orders-1.csv", ORDERS)
    shelf.put("orders-2.csv", "订单号,客户名称,金额\nSO-3,宁德时代,7\n")
    before = shelf.ids("orders")

    shelf.put("orders-1.csv", ORDERS.replace("SO-2,比亚迪,88\n", ""))

    assert (before, shelf.ids("orders")) == (["SO-1", "SO-2", "SO-3"], ["SO-3", "SO-1"])


def test_nothing_is_gone_while_a_row_cannot_be_read(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    shelf.put("orders.csv", ORDERS + "SO-3,宁德")

    with pytest.raises(Refused, match=r"it cannot be told which rows were removed: orders\.csv:4"):
        shelf.ids("orders")


@pytest.mark.parametrize(("last", "state"), [("", "gone"), ("SO-4,", "hidden")])
def test_a_row_looked_up_is_found_or_gone_unless_nobody_can_tell(shelf: Shelf, last: str, state: str):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    shelf.put("orders.csv", ORDERS + last)

    told = shelf.open().get(shelf.stream("orders"), ["SO-2", "SO-3"])

    assert [(one.id, one.state) for one in told] == [("SO-2", "found"), ("SO-3", state)]
    assert told[0].page.records[0].body["金额"] == "88"


@pytest.mark.parametrize("look", ["read", "ids"])
def test_a_stream_without_any_file_is_trouble_not_emptiness(shelf: Shelf, look: str):
    shelf.sets = {"orders": {"path": "orders*.csv", "key": "订单号"}}

    with pytest.raises(Unavailable, match=r"orders: there is no file .*orders\*\.csv"):
        getattr(shelf, look)("orders")


def test_a_folder_that_is_not_there_is_trouble_before_anything_is_read(tmp_path: Path):
    with pytest.raises(Unavailable, match="cannot be opened"):
        Shelf(tmp_path / "unmounted").open().check()


def test_a_bad_file_does_not_stop_the_others_and_is_named_each_time(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders-*.csv", "key": "订单号"}}
    shelf.put("orders-1.csv", "单号,金额\nSO-1,5\n")
    shelf.put("orders-2.csv", "订单号,金额\nSO-2,6\n")

    first, again = [], []
    with pytest.raises(Refused, match=r"orders-1\.csv: has no column 订单号; line 1 names: 单号, 金额"):
        shelf.follow("orders", first)
    with pytest.raises(Refused, match=r"orders-1\.csv"):
        shelf.follow("orders", again)

    assert (first, again) == (["SO-2"], [])


def test_each_kind_of_file_is_a_stream_when_nothing_is_said(shelf: Shelf):
    for name in ("orders-2026-01.csv", "orders-2026-02.xlsx.csv", "orders_returned.csv", "~$orders.xlsx", "notes.pdf"):
        shelf.put(name, ORDERS)
    shelf.put("surveys (2).csv", "客户,评分\n华为,5\n")

    assert [one.object for one in shelf.open().streams()] == [
        "orders",
        "orders-2026-02.xlsx",
        "orders_returned",
        "surveys",
    ]
    assert len(shelf.read("orders")) == 2


def test_a_column_in_ten_thousands_says_so(shelf: Shelf):
    shelf.put("orders.csv", "订单号,金额(万元),备注(万元)\nSO-1,12.5,无\n")

    assert {name: one.scale for name, one in shelf.fields("orders").items()} == {
        "订单号": 1, "金额(万元)": 10_000, "备注(万元)": 1,
    }  # fmt: skip


def test_columns_that_are_not_taken_are_not_described(shelf: Shelf):
    """Or doctor would find a mapped field there that is never read."""
    shelf.put("orders.csv", "订单号,客户名称,电话\nSO-1,华为,021-1\n")
    shelf.sets = {"accounts": {"path": "orders.csv", "key": "客户名称", "columns": ["电话"]}}

    assert list(shelf.fields("accounts")) == ["客户名称", "电话"]
