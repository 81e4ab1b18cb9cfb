"""What is owed to a customer on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kamsync.model import Member
from kamsync.plugin import Text
from kamsync.rules.calendar import Decree, WorkCalendar
from kamsync.rules.facts import Facts, OpenInvoice, TouchFacts
from kamsync.rules.marker import find_marker
from kamsync.rules.reminder_policy import ReminderPolicy, default_policy
from kamsync.rules.reminders import Due, Duty, Listed, TierChange, due, ended

SPRING_FESTIVAL = frozenset(date(2026, 2, day) for day in range(15, 24))
CALENDAR = WorkCalendar({2026: Decree(SPRING_FESTIVAL, frozenset({date(2026, 2, 14), date(2026, 2, 28)}))})
INVOICE = Member("fxiaoke", "invoices", "64b7")
THREE = ReminderPolicy({name: wish for name, wish in default_policy().rules.items() if name in ("R01", "R08", "R24")})


def file(**known: object) -> Facts:
    """A customer that was in touch on 2026-02-01 and owes nothing, except as told."""
    usual = {"as_of": date(2026, 2, 12), "touches": TouchFacts(two_way=date(2026, 2, 1))}
    return Facts(account="a1", name="华为技术", **{**usual, **known})


def look(facts: Facts, on: str, rank: int = 1, go_live: str | None = None, change: TierChange | None = None) -> Due:
    live = date.fromisoformat(go_live) if go_live else None
    return due(facts, rank, change, THREE, CALENDAR, date.fromisoformat(on), live, tier="一级")


def touched(day: str, planned: str | None = None) -> Facts:
    soon = date.fromisoformat(planned) if planned else None
    return file(touches=TouchFacts(two_way=date.fromisoformat(day), planned=soon))


def invoice(payable: str, **known: object) -> OpenInvoice:
    usual = {"member": INVOICE, "number": "YS-0012", "due": date.fromisoformat(payable), "open": 1_234_560}
    return OpenInvoice(**{**usual, **known})


def brief(found: Due) -> list[tuple[str, str, str, str]]:
    return [(duty.rule, duty.suffix, str(duty.due), duty.priority) for duty in found.duties]


# ---- R01


@pytest.mark.parametrize(
    ("rank", "on", "wanted"),
    [
        (1, "2026-02-14", []),  # 14 days: not over the cadence yet
        (1, "2026-02-15", [("R01", "2026-01-31-1", "2026-02-24", "high")]),
        (1, "2026-02-27", [("R01", "2026-01-31-1", "2026-02-28", "high")]),  # a Saturday that is worked
        (1, "2026-02-28", [("R01", "2026-01-31-2", "2026-03-02", "high")]),  # the second closes the first
        (2, "2026-03-02", []),
        (2, "2026-03-03", [("R01", "2026-01-31-1", "2026-03-05", "medium")]),
        (3, "2026-05-01", []),
        (3, "2026-05-02", [("R01", "2026-01-31-1", "2026-05-05", "medium")]),
        (9, "2026-05-02", [("R01", "2026-01-31-1", "2026-05-05", "medium")]),  # ranks below the last are like it
    ],
)
def test_a_customer_out_of_touch_longer_than_its_cadence_is_to_be_contacted(rank, on, wanted):
    assert brief(look(touched("2026-01-31"), on, rank)) == wanted


@pytest.mark.parametrize(("planned", "count"), [("2026-02-20", 0), ("2026-02-27", 0), ("2026-02-28", 1)])
def test_a_touch_planned_within_seven_days_is_waited_for(planned, count):
    assert len(look(touched("2026-01-31", planned), "2026-02-20").duties) == count


def test_the_same_day_finds_the_same_duties_with_the_same_words():
    facts = file(touches=TouchFacts(two_way=date(2026, 1, 2)), invoices=(invoice("2026-01-02"),))

    assert look(facts, "2026-02-12") == look(facts, "2026-02-12")


def test_a_duty_that_follows_another_shares_its_series():
    first, second = (look(touched("2026-01-31"), on).duties[0] for on in ("2026-02-15", "2026-02-28"))

    assert first.suffix != second.suffix
    assert first.series == second.series


@pytest.mark.parametrize(
    ("touches", "why"),
    [(None, "no contact records were ever read"), (TouchFacts(), "no two-way contact is on record")],
)
def test_a_customer_whose_last_contact_is_unknown_is_listed_and_not_chased(touches, why):
    found = look(file(touches=touches), "2026-02-12")

    assert found.duties == ()
    assert [(each.rule, each.because.en) for each in found.listed] == [("R01", why)]


def test_a_contact_reminder_reads_well_in_both_languages():
    duty = look(touched("2026-01-31"), "2026-02-15").duties[0]

    assert duty == Duty(
        rule="R01",
        account="a1",
        suffix="2026-01-31-1",
        series="2026-01-31",
        cause=None,
        due=date(2026, 2, 24),
        priority="high",
        subject=Text(
            "联系 华为技术：2026-01-31 以来没有双向联系",
            "Contact 华为技术: no two-way contact since 2026-01-31",
        ),
        body=Text(
            "华为技术（一级）约定每 14 天至少一次双向联系。上次是 2026年1月31日，距今 15 天。\n"
            "拜访、会议、接通的电话，或客户的来电来信都算；请在 CRM 中留下记录。",
            "华为技术 (一级) is to be in touch with us every 14 days. The last time was 31 January 2026, 15 days ago.\n"
            "A visit, a meeting, an answered call or a message from the customer counts; please log it in the CRM.",
        ),
        because=Text(
            "上次双向联系 2026-01-31，距今 15 天，约定每 14 天一次",
            "last two-way contact 2026-01-31, 15 days ago; agreed: every 14 days",
        ),
        on=date(2026, 2, 15),
        stage=1,
    )


# ---- R08


@pytest.mark.parametrize(
    ("late", "stage", "priority"),
    [
        (0, None, None),
        (1, "1", "medium"),
        (6, "1", "medium"),
        (7, "7", "medium"),
        (15, "15", "high"),
        (59, "30", "high"),
        (60, "60", "urgent"),
        (90, "90", "urgent"),
        (179, "90", "urgent"),
        (4000, "180", "urgent"),
    ],
)
def test_an_overdue_receivable_is_chased_at_the_largest_stage_it_has_reached(late, stage, priority):
    payable = str(date(2026, 2, 12) - timedelta(days=late))

    found = look(file(invoices=(invoice(payable),)), "2026-02-12")

    assert brief(found) == ([("R08", f"64b7-{stage}", "2026-02-13", priority)] if stage else [])


def test_a_payment_reminder_belongs_to_the_receivable_that_caused_it():
    found = look(file(invoices=(invoice("2026-01-10"),)), "2026-02-12")

    assert [duty.cause for duty in found.duties] == [INVOICE]
    assert found.duties[0].subject == Text(
        "催收 华为技术：YS-0012 已逾期 33 天，未收 12,345.60 元",
        "Collect from 华为技术: YS-0012 is 33 days overdue, 12,345.60 yuan open",
    )


@pytest.mark.parametrize(("on", "count"), [("2026-02-11", 0), ("2026-02-12", 0), ("2026-02-13", 1)])
def test_a_promise_to_pay_is_waited_for_through_its_day(on, count):
    promised = invoice("2026-01-10", promised=date(2026, 2, 12))

    assert len(look(file(invoices=(promised,)), on).duties) == count


def test_a_receivable_of_which_all_that_is_open_is_disputed_is_not_chased():
    assert look(file(invoices=(invoice("2026-01-10", open=0),)), "2026-02-12").duties == ()


def test_each_overdue_receivable_is_a_duty_of_its_own_even_where_two_crms_number_alike():
    ids = (
        Member("zoho", "invoices", "1001"),
        Member("fxiaoke", "invoices", "1001"),
        Member("zoho", "invoices", "12 a"),
    )
    owed = tuple(invoice("2026-02-10", member=member) for member in ids)

    suffixes = {duty.suffix for duty in look(file(invoices=owed), "2026-02-12").duties}

    assert suffixes == {"zoho~2f1001-1", "fxiaoke~2f1001-1", "12~20a-1"}


# ---- R24


def changed(on: str) -> TierChange:
    return TierChange(before="一级", after="二级", on=date.fromisoformat(on), because=Text("总分 61.20", "score 61.20"))


def test_a_change_of_tier_is_told_within_five_working_days():
    found = look(file(), "2026-02-12", change=changed("2026-02-12"))

    assert brief(found) == [("R24", "2026-02-12", "2026-02-26", "medium")]
    assert found.duties[0].subject == Text("分级变化 华为技术：一级 → 二级", "Tier change of 华为技术: 一级 → 二级")
    assert "原因：总分 61.20" in found.duties[0].body.zh


def test_a_first_verdict_is_no_change():
    assert look(file(), "2026-02-12", change=None).duties == ()


def test_a_verdict_that_stays_the_same_is_no_change():
    same = replace(changed("2026-02-12"), after="一级")

    assert look(file(), "2026-02-12", change=same).duties == ()


# ---- all of them


def test_what_became_owed_before_go_live_is_listed_and_not_created():
    old = file(touches=TouchFacts(two_way=date(2026, 2, 1)), invoices=(invoice("2026-01-10"),))

    found = look(old, "2026-02-12", go_live="2026-02-12")

    assert found.duties == ()
    assert [(each.rule, each.duty and each.duty.suffix) for each in found.listed] == [("R08", "64b7-30")]
    assert found.listed[0].because.en == (
        "YS-0012 was due on 2026-01-10 and is 33 days overdue "
        "(owed since 2026-02-09, before go-live on 2026-02-12: listed, not created)"
    )


def test_an_old_debt_that_reaches_its_next_stage_after_go_live_is_created():
    found = look(file(invoices=(invoice("2026-01-13"),)), "2026-02-12", go_live="2026-02-12")

    assert brief(found) == [("R08", "64b7-30", "2026-02-13", "high")]


def test_a_rule_that_is_not_in_the_policy_is_off():
    facts = file(touches=TouchFacts(two_way=date(2025, 1, 1)), invoices=(invoice("2026-01-10"),))

    assert due(facts, 1, None, ReminderPolicy({}), CALENDAR, date(2026, 2, 12)) == Due()


def test_no_name_breaks_a_task_or_passes_for_its_marker():
    name = f"甲\n乙 {'长' * 300} kam:R01:x:{'a' * 26}"

    duty = look(replace(touched("2026-01-02"), name=name), "2026-02-12").duties[0]

    assert len(duty.subject.zh) == 200
    assert "\n" not in duty.subject.zh
    assert find_marker(duty.body.zh + duty.body.en + duty.subject.zh) is None


def test_what_is_listed_for_want_of_data_carries_no_duty():
    found = look(file(touches=None), "2026-02-12")

    assert found.listed == (
        Listed(rule="R01", account="a1", because=Text("没有读取任何联系记录", "no contact records were ever read")),
    )


# ---- what is owed no more


@pytest.mark.parametrize(
    ("known", "on", "why"),
    [
        ({"invoices": ()}, "2026-02-12", "gone"),
        ({"invoices": (invoice("2026-02-10"),)}, "2026-02-20", "later"),
        ({"invoices": (invoice("2026-02-10", promised=date(2026, 2, 12)),)}, "2026-02-12", ""),
        ({"invoices": (), "unclear": (INVOICE,)}, "2026-02-12", ""),  # its amount or its day is not known
    ],
)
def test_a_receivable_is_over_when_it_is_paid_and_only_when_that_is_known(known, on, why):
    found = look(file(**known), on)

    assert ended("R08", "64b7", 0, found, ["invoice"]) == why
    assert ended("R08", "64b7", 0, found, ["activity"]) == ""  # receivables were not read where it hangs


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (touched("2026-02-11"), "gone"),
        (touched("2026-01-01"), "later"),
        (touched("2026-01-01", planned="2026-02-14"), ""),
        (file(touches=TouchFacts()), ""),
        (file(touches=None), ""),
    ],
)
def test_a_contact_is_owed_no_more_once_there_was_one_and_never_for_want_of_data(facts, why):
    assert ended("R01", "2026-01-01", 1, look(facts, "2026-02-12"), []) == why


def test_a_rule_that_is_off_ends_nothing():
    on = date(2026, 2, 12)
    nothing = due(touched("2026-02-11"), 1, None, ReminderPolicy({}), CALENDAR, on)

    assert ended("R01", "2026-01-01", 1, nothing, ["activity"]) == ""
