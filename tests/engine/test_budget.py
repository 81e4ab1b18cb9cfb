"""Credits: one ledger for every process, shares by purpose, the cost of a job before and after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamsync.engine import backfill, forecasting
from kamsync.engine.backfill import Wanted
from kamsync.engine.budgeting import StoredLedger
from kamsync.engine.connections import connected
from kamsync.engine.counting import doing
from kamsync.plugin import QuotaSpent
from tests.engine.desk import Desk, of, when


def _ledger(desk: Desk, total: int | None = 1_000, reserve: float = 0.4) -> StoredLedger:
    ledger = StoredLedger(desk.workspace.store, desk.clock, "zoho", reserve)
    ledger.total = total
    return ledger


def _spend(ledger: StoredLedger, credits: int, purpose: str = "delta") -> None:
    with doing("accounts", purpose), ledger.turn(credits):
        ledger.note(credits)


@pytest.mark.parametrize(("purpose", "most"), [("urgent", 1_000), ("delta", 600), ("backfill", 540)])
def test_each_purpose_stops_before_its_share_of_the_day(zoho_desk: Desk, purpose: str, most: int) -> None:
    ledger = _ledger(zoho_desk)
    for _ in range(most // 20):
        _spend(ledger, 20, purpose)

    with pytest.raises(QuotaSpent):
        _spend(ledger, 20, purpose)


def test_what_an_ended_process_spent_is_remembered_and_comes_back_after_a_day(zoho_desk: Desk) -> None:
    first = _ledger(zoho_desk)
    _spend(first, 590)
    first.write()
    second = _ledger(zoho_desk)

    with pytest.raises(QuotaSpent) as stopped:
        _spend(second, 20)
    zoho_desk.wait(seconds=stopped.value.after or 0)
    _spend(_ledger(zoho_desk), 20)

    assert timedelta(hours=23) < timedelta(seconds=stopped.value.after or 0) <= timedelta(hours=24, minutes=1)


def test_two_processes_share_one_budget(zoho_desk: Desk) -> None:
    one, two = _ledger(zoho_desk), _ledger(zoho_desk)
    _spend(two, 10)
    _spend(one, 580)
    one.write()
    zoho_desk.wait(seconds=31)

    with pytest.raises(QuotaSpent):
        _spend(two, 20)


def test_calls_under_way_count_before_they_are_answered(zoho_desk: Desk) -> None:
    ledger = _ledger(zoho_desk, total=100, reserve=0.0)
    with doing("accounts", "delta"), ledger.turn(60), pytest.raises(QuotaSpent), ledger.turn(60):
        pass


def test_a_stream_whose_budget_is_spent_is_named_parked_and_goes_on_when_it_is_back(zoho_desk: Desk) -> None:
    zoho_desk.options["zoho"] = {"daily_credits": 240, "reserve": "50%"}
    for number in range(3):
        zoho_desk.zoho.add("account", name=f"第{number}机床有限公司")
    reports = [zoho_desk.pull(full=True) for _ in range(6)]
    parked = [one.trouble for report in reports for one in report.streams if one.trouble]
    zoho_desk.wait(hours=25)

    after = zoho_desk.pull()

    assert {type(trouble).__name__ for trouble in parked} == {"QuotaSpent"}
    assert "50% stay for people and writes" in parked[0].text.en
    assert "reading goes on after 2026-03-03 " in parked[0].text.en
    assert after.verdict == "ok"


def test_a_full_pull_is_reckoned_from_what_the_last_one_took(zoho_desk: Desk) -> None:
    for number in range(30):
        zoho_desk.zoho.add("contact", name=f"李雷{number}")
    before = backfill.prospect(zoho_desk.workspace, "zoho", "contacts", Wanted())
    zoho_desk.pull()

    found = backfill.prospect(zoho_desk.workspace, "zoho", "contacts", Wanted())
    report = zoho_desk.pull("contacts", full=True)

    assert [one.credits for one in before.estimates if one.basis == "none"] == [None] * len(before.estimates)
    [estimate] = found.estimates
    told = of(report, "contacts")
    assert estimate.records == 30
    assert abs(told.credits - (estimate.credits or 0)) <= 1  # the list of deletions is asked for from the second on
    assert found.purses[0].left is not None


def test_a_window_is_read_again_without_moving_the_streams_place(zoho_desk: Desk) -> None:
    old = zoho_desk.zoho.add("contact", name="旧", modified=when("2026-01-15"))
    zoho_desk.zoho.add("contact", name="新", modified=when("2026-02-20"))
    zoho_desk.pull()
    zoho_desk.zoho.change("contact", old, modified=when("2026-01-16"), title="补登的职务")
    before = [row for row in zoho_desk.rows("cursor") if row["stream"] == "contacts"]
    window = Wanted(since=when("2026-01-01").date(), until=when("2026-01-31").date())

    report = backfill.backfill(zoho_desk.workspace, "zoho", "contacts", window)

    assert (of(report, "contacts").tally.records, of(report, "contacts").tally.changed) == (1, 1)
    assert [row for row in zoho_desk.rows("cursor") if row["stream"] == "contacts"] == before


def test_records_are_read_again_by_their_ids(zoho_desk: Desk) -> None:
    ids = [zoho_desk.zoho.add("contact", name=f"李雷{number}", modified=when("2026-01-15")) for number in range(3)]
    zoho_desk.pull()
    zoho_desk.zoho.change("contact", ids[0], modified=when("2026-01-15"), title="补登的职务")

    report = backfill.backfill(zoho_desk.workspace, "zoho", "contacts", Wanted(ids=tuple(ids[:2])))

    assert of(report, "contacts").tally.changed == 1
    assert next(row["title"] for row in zoho_desk.rows("contact") if row["remote_id"] == ids[0]) == "补登的职务"


def test_what_a_connection_may_still_spend_is_told_by_purpose(zoho_desk: Desk) -> None:
    with connected(zoho_desk.workspace) as (ready, _):
        [purse] = forecasting.purses(ready.values())

        credits = ready["zoho"].health.credits

    assert purse.allowed == int(credits * 0.6 * 0.9)
