"""Files and taps become connections by one command, and are read by the next."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kamsync.cli import main
from kamsync_singer.sim import SingerTenant
from kamsync_singer.sim.tenant import TAP
from tests.cli.office import Answer, width

ORDERS = """\
2026年3月订单,,,,,
订单号,客户名称,统一社会信用代码,下单日期,金额,状态
SO-1001,华为技术有限公司,914403001922038216,2026/3/2,"1,234.50",已完成
SO-1002,比亚迪股份有限公司,91440300192317458F,2026/3/5,８８０,已取消
SO-1003,比亚迪股份有限公司,91440300192317458F,2026/3/9,不详,已完成
"""
PAYMENTS = (
    "流水号,客户名称,回款日期,回款金额\nP-1,华为技术有限公司,2026-03-20,1000\nP-2,华为技术有限公司,2026-03-21,500\n"
)
BARE = '[store]\nurl = "sqlite:///kamsync.db"\n\n# what follows is ours\n[guards]\nmax_writes = 7\n'


@dataclass
class Desk:
    """A folder with a config that knows no connection yet, and a keyboard."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def type(self, *words: str) -> Answer:
        self.capsys.readouterr()
        code = main([*words, "--config", str(self.config), "--lang", "en"])
        told = self.capsys.readouterr()
        return Answer(code, told.out, told.err)

    def put(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    def pull(self) -> dict[str, tuple[int, int]]:
        """(new, changed) of each stream."""
        streams = self.type("pull", "shop", "--json").json["streams"]
        return {one["stream"]: (one["new"], one["changed"]) for one in streams}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    desk = Desk(tmp_path, capsys)
    desk.put("config.toml", BARE)
    desk.put("exports/orders-2026-03.csv", ORDERS)
    desk.put("exports/payments.csv", PAYMENTS)
    return desk


def test_files_are_shown_as_they_would_be_read_before_anything_is_configured(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    before = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()}

    answer = desk.type("files", "preview", str(desk.folder / "exports"))

    assert answer.code == 0
    assert "line 2 names 6 columns" in answer.out
    assert "key  订单号" in answer.out
    assert "gross=1,234.50 CNY" in answer.out
    assert "✗ SO-1003  gross: should be a number" in answer.out  # the amount that is no amount
    assert width(answer.out.partition("next:")[0]) <= 80
    assert {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()} == before


def test_one_file_is_shown_alone_and_for_programs(desk: Desk) -> None:
    answer = desk.type("files", "preview", str(desk.folder / "exports/payments.csv"), "--rows", "1", "--json")

    told = {one["object"]: one for one in answer.json["files"]}
    assert told["payments"]["key"] == ["流水号"]
    assert told["payments"]["rows"] == [
        {"id": "P-1", "account": "华为技术有限公司", "date": "2026-03-20", "amount": "1,000.00 CNY"}
    ]
    assert "orders" not in told


def test_a_folder_is_added_whole_and_what_was_there_stays(desk: Desk) -> None:
    answer = desk.type("files", "add", "shop", str(desk.folder / "exports"), "--json")

    streams = {one["stream"]: one["entity"] for one in answer.json["streams"]}
    config = desk.config.read_text("utf-8")
    assert streams == {"accounts": "account", "orders": "order", "payments": "payment"}
    assert 'folder = "exports"' in config
    assert 'columns = ["客户名称", "统一社会信用代码"]' in config
    assert config.startswith(BARE.rstrip())
    assert desk.type("doctor", "--json").json["ok"]


def test_the_same_files_twice_change_nothing_and_an_edited_row_changes_that_one(desk: Desk) -> None:
    desk.type("files", "add", "shop", str(desk.folder / "exports"))

    first, again = desk.pull(), desk.pull()
    desk.put("exports/payments.csv", PAYMENTS.replace("1000", "1100"))
    edited = desk.pull()

    assert first == {"accounts": (2, 0), "orders": (3, 0), "payments": (2, 0)}
    assert again == {"accounts": (0, 0), "orders": (0, 0), "payments": (0, 0)}
    assert edited == {"accounts": (0, 0), "orders": (0, 0), "payments": (0, 1)}


def test_a_tap_is_added_from_what_it_discovers_and_read(desk: Desk) -> None:
    with SingerTenant(seed=True) as tenant:
        tap = f"{shlex.quote(sys.executable)} {shlex.quote(str(TAP))}"
        config = str(tenant.options()["config"])

        added = desk.type("singer", "add", "shop", "--tap", tap, "--tap-config", config)
        pulled = desk.pull()

        told = desk.type("export", "accounts").lines
    assert (added.code, "next: kamsync doctor" in added.out) == (0, True)
    assert desk.type("singer", "add", "shop", "--tap", tap).code == 2
    assert pulled["accounts"] == (len(tenant.ids("account")), 0)
    assert len(told) == len(tenant.ids("account"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("files", "add", "shop", "{0}/nowhere"), "cannot be opened"),
        (("files", "add", "bad name", "{0}/exports"), "is no name for a connection"),
        (("files", "preview", "{0}/nowhere"), "there is no"),
        (("singer", "add", "shop", "--tap", "{0}/tap-that-is-not-there"), "cannot be started"),
        (("singer", "add", "shop", "--tap", "false"), "false ended with 1"),
        (("singer", "add", "shop", "--tap", "true"), "not a Singer catalog"),
    ],
)
def test_where_looking_fails_nothing_is_written(desk: Desk, words: tuple[str, ...], said: str) -> None:
    answer = desk.type(*(word.format(desk.folder) for word in words))

    assert answer.code != 0
    assert said in " ".join(answer.err.split())
    assert desk.config.read_text("utf-8") == BARE
    assert not (desk.folder / "mappings").exists()


def test_what_exists_is_never_written_over(desk: Desk) -> None:
    desk.put("mappings/shop.toml", "# mine")

    answer = desk.type("files", "add", "shop", str(desk.folder / "exports"))

    assert answer.code == 2
    assert (desk.folder / "mappings/shop.toml").read_text("utf-8") == "# mine"
    assert desk.config.read_text("utf-8") == BARE


def test_a_name_that_is_taken_is_refused_before_anything_is_looked_at(desk: Desk) -> None:
    taken = BARE + '\n[connections.shop]\nconnector = "files"\n'
    desk.put("config.toml", taken)

    answer = desk.type("singer", "add", "shop", "--tap", f"{desk.folder}/tap-that-is-not-there")

    assert answer.code == 2
    assert "has a connection shop already" in answer.err
    assert desk.config.read_text("utf-8") == taken


def test_a_block_is_put_behind_the_last_connection(desk: Desk) -> None:
    desk.put("config.toml", '[connections.a]\nconnector = "files"\n\n# ours\n[guards]\nmax_writes = 7\n')

    desk.type("files", "add", "shop", str(desk.folder / "exports"))

    heads = [line for line in desk.config.read_text("utf-8").splitlines() if line.startswith(("[", "# ours"))]
    assert heads[:2] == ["[connections.a]", "[connections.shop]"]
    assert heads[-2:] == ["# ours", "[guards]"]


def test_either_word_alone_says_what_comes_next(desk: Desk) -> None:
    assert json.loads(desk.type("files", "--json").out)["next"][0].startswith("kamsync files preview")
    assert "kamsync singer add NAME" in desk.type("singer").out
