"""Credits: one ledger for every process, shares by purpose, the cost of a job before and after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamsync.engine import forecasting
from kamsync.engine.budgeting import StoredLedger
from kamsync.engine.connections import connected
from kamsync.engine.counting import doing
from kamsync.plugin import QuotaSpent
from tests.engine.desk import Desk


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


@pytest.mark.parametrize(("granted", "allowed"), [(None, 52_000), (20_000, 20_000), (90_000, 52_000)])
def test_the_owner_may_grant_less_than_the_tenant_allows_and_never_more(
    zoho_desk: Desk, granted: int | None, allowed: int
) -> None:
    zoho_desk.options["zoho"] = {"daily_credits": granted}

    with connected(zoho_desk.workspace) as (ready, _):
        told = ready["zoho"].ledger.total

    assert told == allowed


@pytest.mark.parametrize(("edition", "wished", "used"), [("free", None, 3), ("free", 9, 5), ("ultimate", 12, 12)])
def test_calls_at_one_time_stay_within_what_the_tenant_allows(
    zoho_desk: Desk, edition: str, wished: int | None, used: int
) -> None:
    zoho_desk.zoho.knobs.edition = edition
    zoho_desk.options["zoho"] = {"concurrency": wished}

    with connected(zoho_desk.workspace) as (ready, _):
        at_once = ready["zoho"].door.concurrency

    assert at_once == used


def test_a_quota_that_others_spent_is_not_touched_below_what_people_need(zoho_desk: Desk) -> None:
    ledger = _ledger(zoho_desk, total=1_000, reserve=0.4)
    _spend(ledger, 10)

    ledger.left(405)

    with pytest.raises(QuotaSpent):
        _spend(ledger, 10)
    _spend(ledger, 10, "urgent")


def test_a_quota_that_the_crm_calls_spent_is_not_asked_for_by_any_process_until_it_is_back(zoho_desk: Desk) -> None:
    _ledger(zoho_desk).park(3_600.0)
    other = _ledger(zoho_desk)

    with pytest.raises(QuotaSpent) as parked:
        _spend(other, 1)
    _spend(other, 1, "urgent")
    zoho_desk.wait(seconds=parked.value.after or 0)
    _spend(other, 1)

    assert 3_500 < (parked.value.after or 0) <= 3_600


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


def test_what_a_connection_may_still_spend_is_told_by_purpose(zoho_desk: Desk) -> None:
    with connected(zoho_desk.workspace) as (ready, _):
        [purse] = forecasting.purses(ready.values())

        credits = ready["zoho"].health.credits

    assert purse.allowed == int(credits * 0.6 * 0.9)
