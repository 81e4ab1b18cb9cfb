"""Landing a page: what becomes true together, what is not written again, what is set aside."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from kamsync.testing.faults import Fault
from tests.engine.desk import PEOPLE, Desk, Died, of

STREAMS = PEOPLE | {"orders", "tasks"}
STAYS_OPEN = True


def test_records_cursor_and_dirty_marks_become_true_together_or_not_at_all(each_desk: Desk) -> None:
    each_desk.zoho.add("account", name="山东临工工程机械有限公司")

    with each_desk.dies(on="INSERT INTO cursor"), pytest.raises(Died):
        each_desk.pull("accounts")

    assert [each_desk.rows(name) for name in ("raw", "account", "cursor", "link")] == [[], [], [], []]


def test_what_did_not_change_is_not_written_again(zoho_desk: Desk) -> None:
    zoho_desk.zoho.add("account", name="徐工集团工程机械股份有限公司")
    zoho_desk.pull()
    before = zoho_desk.rows("raw"), zoho_desk.rows("account")

    with zoho_desk.dies(on=r"(INSERT INTO|UPDATE|DELETE FROM) (raw|member|quarantine)"):
        report = zoho_desk.pull(full=True)

    assert of(report, "accounts").tally.records == 1
    assert (of(report, "accounts").tally.new, of(report, "accounts").tally.changed) == (0, 0)
    assert (zoho_desk.rows("raw"), zoho_desk.rows("account")) == before


def test_a_changed_record_is_landed_in_its_newest_version(each_desk: Desk) -> None:
    id = each_desk.zoho.add("account", name="三一重工股份有限公司", city="长沙")
    each_desk.pull()
    each_desk.wait(minutes=3)
    each_desk.zoho.change("account", id, city="北京")

    report = each_desk.pull()

    assert of(report, "accounts").tally.changed == 1
    assert [row["city"] for row in each_desk.rows("member")] == ["北京"]


def test_an_older_version_that_comes_late_does_not_win(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="中联重科股份有限公司", city="长沙")
    zoho_desk.pull()
    zoho_desk.zoho.change("account", id, city="株洲", modified=zoho_desk.clock.now() - timedelta(hours=1))

    zoho_desk.pull(full=True)

    assert [row["city"] for row in zoho_desk.rows("member")] == ["长沙"]


def test_a_record_edited_without_moving_its_stamp_is_seen_when_it_is_read(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="柳州五菱汽车工业有限公司")
    zoho_desk.pull()
    zoho_desk.zoho.calculate(id, Influence=70)

    zoho_desk.pull(full=True)

    assert [row["influence"] for row in zoho_desk.rows("member")] == [70]


def test_a_bad_record_is_set_aside_with_its_reason_and_the_page_goes_on(each_desk: Desk) -> None:
    bad = each_desk.zoho.add("account", name="广州白云电器设备股份有限公司")
    good = each_desk.zoho.add("account", name="珠海格力电器股份有限公司")
    each_desk.zoho.org.must(bad).body["Wallet_Estimate"] = "很多很多"

    report = each_desk.pull()

    assert of(report, "accounts").tally.quarantined == 1
    assert [row["remote_id"] for row in each_desk.rows("member")] == [good]
    [aside] = each_desk.rows("quarantine")
    assert (aside["remote_id"], aside["field"]) == (bad, "wallet")
    assert "很多很多" in aside["zh"]
    assert "很多很多" in aside["en"]


def test_a_bad_record_leaves_quarantine_when_it_is_healed(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="广州白云电器设备股份有限公司")
    zoho_desk.zoho.org.must(id).body["Wallet_Estimate"] = "很多很多"
    zoho_desk.pull()
    zoho_desk.wait(minutes=1)
    zoho_desk.zoho.change("account", id, wallet=5_000_000)

    zoho_desk.pull()

    assert zoho_desk.rows("quarantine") == []
    assert [row["wallet_base"] for row in zoho_desk.rows("member")] == [500_000_000]


def test_a_record_that_turns_bad_leaves_the_account_and_says_so(zoho_desk: Desk) -> None:
    """
    account   天津渤海化工集团     order 100 yuan
    later     the order's amount becomes a word
    """
    account = zoho_desk.zoho.add("account", name="天津渤海化工集团有限责任公司")
    order = zoho_desk.zoho.add("order", account=account, gross=100, date=date(2026, 2, 1))
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.wait(minutes=1)
    zoho_desk.zoho.org.update(
        zoho_desk.zoho.org.must(order), {"Grand_Total": "一百"}, at=zoho_desk.zoho.epoch(), by=zoho_desk.zoho.crm.admin
    )

    zoho_desk.pull()

    assert [row["remote_id"] for row in zoho_desk.rows("quarantine")] == [order]
    assert zoho_desk.rows("order") == []
    assert [row["dirty"] for row in zoho_desk.rows("account")] == [True]


def test_records_without_an_id_are_each_set_aside_once(zoho_desk: Desk) -> None:
    _answers(zoho_desk, {"id": None, "Last_Name": "甲"}, {"id": None, "Last_Name": "乙"})
    zoho_desk.pull("contacts")

    report = zoho_desk.pull("contacts", full=True)

    assert of(report, "contacts").tally.new == 0
    assert sorted(json.loads(row["body"])["Last_Name"] for row in zoho_desk.rows("quarantine")) == ["乙", "甲"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("上海\x00宝钢 🏭 有限公司", "上海\ufffd宝钢 🏭 有限公司"),
        ("上海\ud83d宝钢有限公司", "上海?宝钢有限公司"),
        (r"上海\u0000宝钢有限公司", r"上海\u0000宝钢有限公司"),
        ("“引号”\\反斜杠\n换行", "“引号”\\反斜杠\n换行"),
    ],
    ids=["NUL", "lone surrogate", "a backslash that only looks like NUL", "quotes and breaks"],
)
def test_text_that_a_database_would_choke_on_lands_on_both(each_desk: Desk, sent: str, kept: str) -> None:
    _answers(each_desk, {"id": "5725767000000100003", "Last_Name": sent, "Modified_Time": "2026-03-01T10:00:00+08:00"})

    report = each_desk.pull("contacts")

    assert of(report, "contacts").trouble is None
    [row] = each_desk.rows("raw")
    assert json.loads(row["body"])["Last_Name"] == kept
    assert len(each_desk.rows("contact")) == 1


def _answers(desk: Desk, *rows: dict[str, object]) -> None:
    """What Zoho's list of contacts shows from now on."""
    desk.by_lists()
    desk.zoho.add("contact", name="占位")
    page = json.dumps({"data": rows, "info": {"more_records": False}}).encode()
    desk.zoho.fault(Fault("answer", on="GET /crm/v8/Contacts$", times=-1, status=200, body=page))


def test_unknown_picklist_values_are_noted_and_stop_nothing(zoho_desk: Desk) -> None:
    account = zoho_desk.zoho.add("account", name="青岛海尔股份有限公司")
    for _ in range(3):
        zoho_desk.zoho.add("order", account=account, gross=100, status="待定")

    report = zoho_desk.pull()

    assert of(report, "orders").tally.quarantined == 0
    assert [(row["stream"], row["field"], row["value"], row["count"]) for row in zoho_desk.rows("notice")] == [
        ("orders", "counts", '"待定"', 3)
    ]


def test_a_task_of_ours_is_never_an_activity(zoho_desk: Desk) -> None:
    account = zoho_desk.zoho.add("account", name="青岛海尔股份有限公司")
    marker = "kam:R01:2026-01-02-3:abcdefghijklmnopqrstuvwxyz"
    zoho_desk.zoho.add("activity", kind="task", about=account, marker=marker, status="done", at=date(2026, 3, 1))
    zoho_desk.zoho.add("activity", kind="task", about=account, subject="人写的任务", at=date(2026, 3, 1))

    zoho_desk.pull()

    assert [row["subject"] for row in zoho_desk.rows("activity")] == ["人写的任务"]
    assert [(row["marker"], row["done"]) for row in zoho_desk.rows("ours")] == [(marker, True)]
