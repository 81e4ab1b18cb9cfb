"""Files as they really are: each oddity is read rightly, or named with file and line."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from kamsync.plugin import Refused
from tests.connectors.files.conftest import WINDOW, Shelf

TEXT = "订单号,客户,金额\nSO-1,华为,100\n"
WHAT = {"订单号": "SO-1", "客户": "华为", "金额": "100"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be-bom"])
def test_the_encoding_is_found_out(shelf: Shelf, encoding: str):
    content = b"\xfe\xff" + TEXT.encode("utf-16-be") if encoding.endswith("bom") else TEXT.encode(encoding)
    shelf.put("orders.csv", content)

    assert shelf.bodies("orders") == [WHAT]


def test_chinese_that_begins_late_in_a_long_file_is_still_found(shelf: Shelf):
    rows = "".join(f"SO-{n},x,1\n" for n in range(200_000))
    shelf.put("orders.csv", ("no,customer,amount\n" + rows + "SO-Z,华为,1\n").encode("gb18030"))

    assert shelf.bodies("orders")[-1]["customer"] == "华为"


def test_a_damaged_place_in_utf8_costs_one_row_and_no_mojibake(shelf: Shelf):
    damaged = "编号,客户\n1,华为\n2,比亚".encode() + b"\xe4\xb8\n" + "3,宁德\n".encode()
    shelf.put("orders.csv", damaged)

    records = shelf.read("orders")

    assert damaged.decode("gb18030")  # so that it could be taken for that
    assert [record.problem.en if record.problem else record.body["客户"] for record in records] == [
        "华为",
        "orders.csv:3 holds bytes that are not utf-8",
        "宁德",
    ]


def test_a_wrong_encoding_in_the_config_is_named_by_its_lines(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv", "encoding": "utf-8", "header": 1}}
    shelf.put("orders.csv", b"no,customer\n1," + "华为".encode("gb18030") + b"\n")

    assert shelf.problems("orders") == ["orders.csv:2 holds bytes that are not utf-8"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(shelf: Shelf, delimiter: str):
    shelf.put("orders.csv", TEXT.replace(",", delimiter))

    assert shelf.bodies("orders") == [WHAT]


def test_excels_own_word_for_the_delimiter_is_heard(shelf: Shelf):
    shelf.put("orders.csv", "sep=;\n" + TEXT.replace(",", ";"))

    assert shelf.bodies("orders") == [WHAT]


def test_titles_above_the_header_are_skipped(shelf: Shelf):
    shelf.put("orders.csv", "2026年一季度订单,,\n制表:张三,,\n\n" + TEXT)

    assert shelf.bodies("orders") == [WHAT]


def test_merged_titles_above_a_sheets_header_are_skipped(shelf: Shelf):
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "2026年一季度订单明细表"
    sheet.merge_cells("A1:C2")
    for row in (["订单号", "客户", "金额"], ["SO-1", "华为", 100]):
        sheet.append(row)
    book.save(shelf.folder / "orders.xlsx")

    assert shelf.bodies("orders") == [WHAT | {"金额": 100}]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("SO-2,华为", "orders.csv:3 has 2 cells where 3 columns are named"),
        ("SO-2,华为,1,234.50", "orders.csv:3 has 4 cells where 3 columns are named"),
        ('SO-2,"华"为,5', "orders.csv:3 has a stray quote"),
        ('SO-2,"华为,5\nSO-3,比亚迪,6', "orders.csv:3 a quote is never closed; nothing can be read up to line 4"),
        (",华为,5", "orders.csv:3 has no 订单号, which is its key"),
        ("1.23457E+11,华为,5", "orders.csv:3 has the key 订单号 shortened to 1.23457E+11 by Excel"),
        ("合 计,,105", "orders.csv:3 looks like a sum, not a record"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_placed_is_named(shelf: Shelf, row: str, said: str):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    shelf.put("orders.csv", TEXT + row + "\n")

    records = shelf.read("orders")

    assert [record.id for record in records] == ["SO-1", "orders.csv:3"]
    assert records[1].problem.en.startswith(said)


def test_lines_are_counted_through_cells_of_several_lines(shelf: Shelf):
    shelf.put("orders.csv", 'no,note,amount\n1,"two\nlines",5\n2,x\n')

    assert shelf.problems("orders")[0].startswith("orders.csv:4 has 2 cells")


def test_columns_of_one_name_are_told_apart_and_reported(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    shelf.put("orders.csv", "订单号,金额,金额,No.\nSO-1,100,200,7\n")

    assert shelf.bodies("orders") == [{"订单号": "SO-1", "金额": "100", "金额#2": "200", "No_": "7"}]
    assert [one.detail.en for one in shelf.open().check().findings if one.state == "warn"] == [
        "orders.csv: the column 金额 is there more than once; the later one is called 金额#2"
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("１，２３４．５０", "1,234.50"),
        ("￥１００", "¥100"),
        ("ＳＯ－１００１", "SO-1001"),
        ("−5", "-5"),
        ('"=""00123"""', "00123"),
        ("\u3000华为(中国)\u00a0", "华为(中国)"),
        ("华为（中国）", "华为（中国）"),
        ("2026/3/2 8:05", "2026-03-02T08:05:00"),
        ("2026年3月2日", "2026-03-02"),
        ("２０２６－０３－０２", "2026-03-02"),
        ("2026-02-30", "2026-02-30"),
        ("45292", "45292"),
    ],
)
def test_figures_and_dates_are_spelled_one_way_and_words_stay(shelf: Shelf, written: str, read: str):
    shelf.put("orders.csv", f"编号,值\n1,{written}\n" if "," not in written else f"编号;值\n1;{written}\n")

    assert shelf.bodies("orders")[0]["值"] == read


def test_excels_days_are_dates_in_a_column_of_dates_only(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.*", "key": "订单号", "dates": ["签约"]}}
    shelf.sheet("orders.xlsx", [["订单号", "下单日期", "签约", "金额"], ["SO-1", 45292, 45292.5, 45292]])

    assert shelf.bodies("orders") == [
        {"订单号": "SO-1", "下单日期": "2024-01-01", "签约": "2024-01-01T12:00:00", "金额": 45292}
    ]


def test_a_sheets_cells_keep_their_kind(shelf: Shelf):
    when = datetime(2026, 3, 2, 8, 5)  # noqa: DTZ001  a sheet has no zone
    shelf.sheet("orders.xlsx", [["编号", "a", "b", "c", "d"], ["1", 0.1 + 0.2, 7.0, True, when]])

    assert shelf.bodies("orders") == [{"编号": "1", "a": Decimal("0.3"), "b": 7, "c": True, "d": "2026-03-02T08:05:00"}]


def test_a_formula_nobody_has_worked_out_stays_visible(shelf: Shelf):
    shelf.sheet("orders.xlsx", [["订单号", "单价", "金额"], ["SO-1", 5, "=B2*20"]])

    assert shelf.bodies("orders") == [{"订单号": "SO-1", "单价": 5, "金额": "=B2*20"}]


def test_the_first_visible_sheet_is_read_and_the_others_are_named(shelf: Shelf):
    book = Workbook()
    book.active.title = "设置"
    book.active.sheet_state = "hidden"
    for title in ("一月", "二月"):
        sheet = book.create_sheet(title)
        sheet.append(["订单号", "金额"])
        sheet.append([f"SO-{title}", 5])
    book.save(shelf.folder / "orders.xlsx")

    assert [body["订单号"] for body in shelf.bodies("orders")] == ["SO-一月"]
    said = [one.detail.en for one in shelf.open().check().findings]
    assert "orders.xlsx: reads the sheet 一月 only, not 二月" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("orders.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "is an Excel file of the old kind, or has a password"),
        ("orders.xlsx", b"PK\x03\x04" + bytes(60), "is not a sound xlsx"),
        ("orders.csv", b"a,b\x00\x01\n1,2\n", "is not a text file"),
        ("orders.csv", b"\n\n", "is empty"),
        ("orders.csv", b"1,2\n3,4\n", "no line looks like the names of columns. set header"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_way_out(shelf: Shelf, name: str, content: bytes, said: str):
    shelf.put(name, content)

    with pytest.raises(Refused) as raised:
        shelf.read("orders")

    assert raised.value.text.en.startswith(f"{name}: {said}")


def test_a_csv_that_is_called_xls_is_read_as_what_it_is(shelf: Shelf):
    shelf.put("orders.xls", TEXT.replace(",", "\t").encode("gb18030"))

    assert shelf.bodies("orders") == [WHAT]


def test_columns_are_shown_with_samples_and_what_they_seem_to_hold(shelf: Shelf):
    shelf.sets = {"orders": {"path": "orders.csv", "key": "订单号"}}
    shelf.put(
        "orders.csv",
        '订单号,下单日期,金额,数量,备注,邮编\n001,2026/3/2,"1,234.50",3,急,010010\n002,2026/3/3,5,4,,020020\n',
    )

    fields = shelf.fields("orders")

    assert {name: one.type for name, one in fields.items()} == {
        "订单号": "text", "下单日期": "date", "金额": "number", "数量": "integer", "备注": "text", "邮编": "text",
    }  # fmt: skip
    assert fields["金额"].samples == ("1,234.50", "5")


def test_a_pattern_never_leaves_the_folder(tmp_path: Path):
    with pytest.raises(ValueError, match="below the folder"):
        Shelf(tmp_path, {"orders": {"path": "../secret.csv"}}).open()


def test_a_long_file_is_read_page_by_page(shelf: Shelf):
    shelf.put("orders.csv", "no,amount\n" + "".join(f"{n},1\n" for n in range(5000)))
    pages = shelf.open().read(shelf.stream("orders"), WINDOW, None)

    assert [len(page.records) for page in pages] == [1000] * 5
