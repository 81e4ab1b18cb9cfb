"""R02 to R09: visits, contracts, payments."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kamsync.plugin import Text
from kamsync.rules.care_facts import CareFacts, ContractFact
from kamsync.rules.facts import OpenInvoice, TouchFacts
from tests.rules.owing import brief, day, file, look, record

# ---- R02, R03: visits


@pytest.mark.parametrize(
    ("rank", "on", "wanted"),
    [
        (1, "2026-03-03", []),  # 30 days end on 03-11: from seven days before
        (1, "2026-03-04", [("2026-02-09", "2026-03-11", "medium")]),
        (1, "2026-03-05", [("2026-02-09", "2026-03-11", "medium")]),
        (2, "2026-05-02", []),
        (2, "2026-05-03", [("2026-02-09", "2026-05-09", "medium")]),  # 05-10 is a Sunday; 05-09 a Saturday worked
        (3, "2027-02-01", []),
        (3, "2027-02-02", [("2026-02-09", "2027-02-04", "medium")]),  # 02-09 of 2027 lies in the Spring Festival
    ],
)
def test_a_visit_is_told_a_week_before_its_day(rank, on, wanted):
    touches = TouchFacts(visit=day("2026-02-09"))

    assert brief(look("R02", file(touches=touches), on, rank)) == wanted


@pytest.mark.parametrize(
    ("rank", "on", "wanted"),
    [
        (1, "2026-05-31", []),
        (1, "2026-06-01", [("2026-01-02", "2026-07-01", "high")]),  # 180 days after 01-02
        (2, "2026-12-02", []),
        (2, "2026-12-03", [("2026-01-02", "2026-12-31", "high")]),  # 01-02 of 2027: off in a year not published
        (3, "2028-01-01", []),  # the third rank has none
    ],
)
def test_an_executive_visit_is_told_a_month_before_its_day(rank, on, wanted):
    touches = TouchFacts(exec_visit=day("2026-01-02"))

    assert brief(look("R03", file(touches=touches), on, rank)) == wanted


@pytest.mark.parametrize("rule", ["R02", "R03"])
@pytest.mark.parametrize("touches", [None, TouchFacts(two_way=day("2020-01-01"))])
def test_a_last_visit_that_nobody_knows_of_is_not_made_up(rule, touches):
    assert look(rule, file(touches=touches), "2026-06-01") == []


# ---- R04: renewal


def contract(end: str | None = "2026-10-08", **known: object) -> CareFacts:
    usual = {"member": record("k1"), "number": "HT-7", "end": end and day(end)}
    return CareFacts(contracts=(ContractFact(**{**usual, **known}),))


@pytest.mark.parametrize(
    ("rank", "on", "wanted"),
    [
        (1, "2026-04-10", []),
        (1, "2026-04-11", [("k1-2026-10-08-180", "2026-04-16", "medium")]),
        (1, "2026-04-12", [("k1-2026-10-08-180", "2026-04-17", "medium")]),
        (1, "2026-07-10", [("k1-2026-10-08-90", "2026-07-15", "medium")]),
        (1, "2026-08-09", [("k1-2026-10-08-60", "2026-08-14", "medium")]),
        (1, "2026-09-08", [("k1-2026-10-08-30", "2026-09-11", "high")]),  # 09-13 is a Sunday
        (1, "2026-09-30", [("k1-2026-10-08-30", "2026-09-30", "high")]),  # 10-05 is a holiday
        (1, "2026-10-01", [("k1-2026-10-08-7", "2026-09-30", "urgent")]),
        (1, "2026-10-08", [("k1-2026-10-08-7", "2026-10-08", "urgent")]),  # never later than the end
        (2, "2026-07-09", []),
        (2, "2026-07-10", [("k1-2026-10-08-90", "2026-07-15", "medium")]),
        (3, "2026-08-08", []),
        (3, "2026-08-09", [("k1-2026-10-08-60", "2026-08-14", "medium")]),
        (3, "2026-10-07", [("k1-2026-10-08-30", "2026-10-08", "high")]),
        (1, "2026-11-07", [("k1-2026-10-08-7", "2026-10-08", "urgent")]),  # it stays a while
        (1, "2026-11-08", []),
    ],
)
def test_a_contract_that_none_follows_is_told_at_each_stage_before_its_end(rank, on, wanted):
    assert brief(look("R04", file(contract()), on, rank)) == wanted


def test_a_later_stage_of_a_renewal_follows_the_earlier():
    first, last = (look("R04", file(contract()), on)[0] for on in ("2026-04-11", "2026-10-01"))

    assert first.series == last.series
    assert first.stage < last.stage


@pytest.mark.parametrize("known", [{"renewed": True}, {"end": None}])
def test_a_contract_that_is_renewed_or_has_no_end_is_not_to_be_renewed(known):
    assert look("R04", file(contract(**known)), "2026-10-01") == []


def test_contracts_that_were_never_read_are_not_told_of():
    for rule in ("R04", "R05", "R06", "R31"):
        assert look(rule, file(), "2026-10-01") == []


# ---- R05, R06: notice and review


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("2026-07-09", []),
        ("2026-07-10", [("k1-2026-10-08", "2026-08-07", "high")]),  # notice until 08-09, a Sunday
        ("2026-08-09", [("k1-2026-10-08", "2026-08-07", "high")]),
        ("2026-08-10", []),  # too late to say anything
    ],
)
def test_the_last_day_of_notice_is_told_a_month_ahead(on, wanted):
    renews = contract(auto_renew=True, notice_days=60)

    assert brief(look("R05", file(renews), on)) == wanted


@pytest.mark.parametrize("known", [{"auto_renew": True}, {"notice_days": 60}, {"auto_renew": False, "notice_days": 60}])
def test_a_notice_that_is_not_surely_agreed_is_not_told(known):
    assert look("R05", file(contract(**known)), "2026-07-10") == []


@pytest.mark.parametrize(
    ("known", "rank", "on", "wanted"),
    [
        ({"reviewed": day("2026-01-05")}, 1, "2026-03-21", []),
        ({"reviewed": day("2026-01-05")}, 1, "2026-03-22", [("k1-2026-01-05", "2026-04-03", "medium")]),  # 04-05 is off
        ({"reviewed": day("2026-01-05")}, 2, "2026-06-19", []),
        ({"reviewed": day("2026-01-05")}, 2, "2026-06-20", [("k1-2026-01-05", "2026-07-03", "medium")]),
        ({"start": day("2026-01-05")}, 1, "2026-03-22", [("k1-2026-01-05", "2026-04-03", "medium")]),
        ({"start": day("2026-01-05"), "review_days": 30}, 1, "2026-01-21", [("k1-2026-01-05", "2026-02-04", "medium")]),
        ({"reviewed": day("2026-01-05"), "end": "2026-03-21"}, 1, "2026-03-22", []),  # over
        ({}, 1, "2026-03-22", []),
    ],
)  # fmt: skip
def test_a_review_is_told_two_weeks_before_its_day(known, rank, on, wanted):
    assert brief(look("R06", file(contract(**known)), on, rank)) == wanted


# ---- R07, R09


def invoice(payable: str, **known: object) -> OpenInvoice:
    usual = {"member": record("64b7"), "number": "YS-0012", "due": day(payable), "open": 1_234_560}
    return OpenInvoice(**{**usual, **known})


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("2026-09-25", []),
        ("2026-09-26", [("64b7", "2026-09-30", "medium")]),  # payable on 10-03, in the holidays
        ("2026-10-03", [("64b7", "2026-09-30", "medium")]),
        ("2026-10-04", []),  # overdue by now
    ],
)
def test_a_payment_is_told_of_a_week_before_it_is_due(on, wanted):
    assert brief(look("R07", file(invoices=(invoice("2026-10-03"),)), on)) == wanted


@pytest.mark.parametrize("known", [{"open": 0}, {"promised": day("2026-10-01")}])
def test_a_payment_that_is_made_disputed_or_promised_is_not_asked_for(known):
    assert look("R07", file(invoices=(invoice("2026-10-03", **known),)), "2026-09-26") == []


@pytest.mark.parametrize(
    ("late", "before", "count"),
    [("15", "10", 1), ("14.9", "1", 0), ("15", "10.1", 0), ("20", "0", 1), ("20", None, 0), (None, "1", 0)],
)
def test_a_customer_that_pays_later_is_told_once_a_month(late, before, count):
    figures = {"paid_late": late and Decimal(late), "paid_late_before": before and Decimal(before)}

    found = brief(look("R09", file(CareFacts(**figures)), "2026-02-12"))

    assert found == [("2026-02", "2026-02-24", "medium")] * count


def test_money_reads_well_in_both_languages():
    duty = look("R04", file(contract()), "2026-09-08")[0]

    assert duty.subject == Text("续签 华为技术 的合同 HT-7：2026-10-08 到期", "Renew HT-7 of 华为技术: ends 2026-10-08")
    assert duty.body.en.splitlines()[0] == (
        "Contract HT-7 of 华为技术 (一级) ends on 8 October 2026 and none follows it."
    )
    assert duty.because.en == "contract HT-7 ends on 2026-10-08, in 30 days; none follows it"
    assert duty.on == day("2026-10-08") - timedelta(days=30)
    assert duty.cause == record("k1")
