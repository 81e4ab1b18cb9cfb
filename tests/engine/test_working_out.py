"""Working out what a page means: each record once, in its newest version, whatever the page's length."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kamsync.engine.land import AT_ONCE, Reading, Tally, body_text, work_out
from kamsync.mapping import read_mapping
from kamsync.plugin import Page, Record
from kamsync.store.landing import Place
from kamsync_zoho import connector

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
READING = Reading(
    Place("zoho", "accounts", "account"),
    read_mapping(connector.mapping(), "zoho.toml"),
    ZoneInfo("Asia/Shanghai"),
    "CNY",
    run=1,
)


def _account(number: int, name: str, minutes: int = 0) -> Record:
    return Record(str(number), NOON + timedelta(minutes=minutes), {"id": str(number), "Account_Name": name})


def test_a_record_that_a_long_page_repeats_is_worked_out_once_in_its_newest_version() -> None:
    others = [_account(number, f"青岛岚帆{number}有限公司") for number in range(1, 2 * AT_ONCE)]
    page = Page((_account(0, "新的名字", minutes=5), *others, _account(0, "旧的名字")))

    parts = list(work_out(READING, page, {}, NOON, tally := Tally()))

    first = [row["name"] for part in parts for row in part.entities if row["remote_id"] == "0"]
    assert (first, tally.new, tally.records) == (["新的名字"], 2 * AT_ONCE, 2 * AT_ONCE + 1)
    assert [len(part.raw) for part in parts] == [AT_ONCE, AT_ONCE]


def test_what_is_odd_in_a_page_is_counted_over_its_records() -> None:
    accounts = [Record(str(number), NOON, {"id": str(number), "Account_Name": "沈阳机床", "Customer_Size": "特大"})
                for number in range(3)]  # fmt: skip

    [part] = work_out(READING, Page(tuple(accounts)), {}, NOON, Tally())

    assert part.notices == {("size", '"特大"'): 3}


def test_half_of_a_character_is_replaced_and_the_rest_kept() -> None:
    assert body_text({"name": "上海\ud83d电气", "b": 1, "a": "\x00"}) == '{"a":"\ufffd","b":1,"name":"上海?电气"}'
