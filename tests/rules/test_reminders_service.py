"""R10 to R17: cases, inspections, surveys."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kamsync.rules.care_facts import AnswerFact, CareFacts, CaseFact, ContactFact, InspectionFact
from kamsync.rules.facts import OrderFacts
from tests.rules.owing import at, brief, day, file, look, record

# ---- R10, R11, R12: in hours


def case(opened: str = "2026-04-30 17:00", **known: object) -> CareFacts:
    usual = {
        "member": record("c1"), "number": "CS-9", "kind": "service", "open": True, "opened": at(opened),
        "responses_told": True,
    }  # fmt: skip
    return CareFacts(cases=(CaseFact(**{**usual, **known}),))


@pytest.mark.parametrize(
    ("now", "step"),
    [
        ("2026-04-30 17:59", None),
        ("2026-05-05 23:00", None),
        ("2026-05-06 09:59", None),
        ("2026-05-06 10:00", "50"),  # two of four working hours: one before the holidays, one after
        ("2026-05-06 11:11", "50"),
        ("2026-05-06 11:12", "80"),
        ("2026-05-06 11:59", "80"),
        ("2026-05-06 12:00", "100"),
        ("2026-05-20 12:00", "100"),
    ],
)
def test_a_first_response_is_told_at_each_step_of_its_working_hours(now, step):
    found = brief(look("R10", file(case()), now[:10], now=now))

    assert found == ([(f"c1-{step}", "2026-05-06", "high")] if step else [])


@pytest.mark.parametrize(
    ("kind", "rank", "before", "full"),
    [
        ("service", 2, "2026-05-06 15:59", "2026-05-06 16:00"),
        ("service", 3, "2026-05-07 14:59", "2026-05-07 15:00"),
        ("complaint", 1, "2026-05-06 09:59", "2026-05-06 10:00"),
        ("complaint", 2, "2026-05-06 11:59", "2026-05-06 12:00"),
        ("complaint", 3, "2026-05-06 15:59", "2026-05-06 16:00"),
        ("emergency", 1, "2026-04-30 17:14", "2026-04-30 17:15"),  # round the clock
        ("emergency", 2, "2026-04-30 17:29", "2026-04-30 17:30"),
        ("emergency", 3, "2026-04-30 18:59", "2026-04-30 19:00"),
        (None, 1, "2026-05-06 11:59", "2026-05-06 12:00"),
    ],
)
def test_the_time_to_answer_goes_by_kind_and_rank(kind, rank, before, full):
    steps = [look("R10", file(case(kind=kind)), now[:10], rank, now)[0].suffix for now in (before, full)]

    assert steps == ["c1-80", "c1-100"]


@pytest.mark.parametrize("known", [{"open": False}, {"responded": at("2026-05-01 10:00")}, {"responses_told": False}])
def test_a_case_that_is_answered_closed_or_of_which_nobody_can_tell_waits_for_no_answer(known):
    assert look("R10", file(case(**known)), "2026-05-20") == []


def test_a_day_asked_about_as_a_whole_counts_to_its_end():
    assert brief(look("R10", file(case()), "2026-05-06")) == [("c1-100", "2026-05-06", "high")]
    assert look("R10", file(case()), "2026-05-05") == []


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("2026-03-04 13:35", []),  # 21.6 of 27 working hours after Monday 10:00 are over at 13:36
        ("2026-03-04 13:36", [("c1-80", "2026-03-05", "high")]),
        ("2026-03-05 09:59", [("c1-80", "2026-03-05", "high")]),
        ("2026-03-05 10:00", [("c1-100", "2026-03-05", "high")]),
        ("2026-03-10 09:59", [("c1-100", "2026-03-05", "high")]),
        ("2026-03-10 10:00", [("c1-200", "2026-03-05", "high")]),
    ],
)
def test_a_complaint_is_told_at_each_step_of_its_working_days(now, wanted):
    complaint = case("2026-03-02 10:00", kind="complaint")

    assert brief(look("R11", file(complaint), now[:10], now=now)) == wanted


@pytest.mark.parametrize(
    ("opened", "rank", "deadline"),
    [
        ("2026-03-02 09:00", 1, "2026-03-05"),  # three working days after a Monday
        ("2026-03-02 08:00", 1, "2026-03-05"),
        ("2026-03-02 20:00", 1, "2026-03-05"),
        ("2026-03-01 12:00", 1, "2026-03-04"),  # a Sunday
        ("2026-02-12 15:00", 1, "2026-02-24"),  # over the Spring Festival
        ("2026-03-02 10:00", 2, "2026-03-09"),
        ("2026-03-02 10:00", 3, "2026-03-16"),
    ],
)
def test_a_complaint_is_to_be_solved_in_working_days(opened, rank, deadline):
    complaint = case(opened, kind="complaint")

    assert {str(duty.due) for duty in look("R11", file(complaint), "2026-06-30", rank)} == {deadline}


def test_only_open_complaints_are_complaints():
    assert look("R11", file(case()), "2026-06-30") == []
    assert look("R11", file(case(kind="complaint", open=False)), "2026-06-30") == []


@pytest.mark.parametrize(
    ("now", "step"),
    [
        ("2026-04-30 16:59", None),
        ("2026-04-30 17:00", 0),
        ("2026-04-30 20:59", 0),
        ("2026-04-30 21:00", 1),
        ("2026-05-01 01:00", 2),
        ("2026-05-02 17:00", 12),
    ],
)
def test_an_emergency_is_told_at_once_and_every_four_hours_round_the_clock(now, step):
    found = look("R12", file(case(kind="emergency")), now[:10], now=now)

    assert brief(found) == ([(f"c1-{step}", now[:10], "urgent")] if step is not None else [])


@pytest.mark.parametrize(
    ("known", "on", "count"),
    [
        ({"confirmed": False}, "2026-05-06", 0),
        ({"confirmed": False}, "2026-05-07", 1),
        ({"confirmed": True}, "2026-05-07", 0),
        ({"confirmed": None}, "2026-05-07", 0),
        ({"confirmed": False, "open": True}, "2026-05-07", 0),
    ],
)
def test_a_closed_case_that_the_customer_did_not_confirm_is_called_back(known, on, count):
    closed = case(**{"open": False, "closed": day("2026-05-07"), **known})

    assert brief(look("R13", file(closed), on)) == [("c1", "2026-05-09", "medium")] * count  # a Saturday worked


# ---- R14, R15: inspections


def inspected(*done: InspectionFact) -> CareFacts:
    return CareFacts(inspections=done)


def inspection(done: str, site: str = "", id: str = "i1", **known: object) -> InspectionFact:
    return InspectionFact(member=record(id), site=site, done=day(done), **known)


@pytest.mark.parametrize(
    ("rank", "on", "wanted"),
    [
        (1, "2026-03-21", []),
        (1, "2026-03-22", [("site-2026-01-05", "2026-04-03", "medium")]),
        (2, "2026-06-19", []),
        (2, "2026-06-20", [("site-2026-01-05", "2026-07-03", "medium")]),
        (3, "2026-12-21", []),
        (3, "2026-12-22", [("site-2026-01-05", "2027-01-05", "medium")]),
    ],
)
def test_an_inspection_is_told_two_weeks_before_its_day(rank, on, wanted):
    assert brief(look("R14", file(inspected(inspection("2026-01-05"))), on, rank)) == wanted


def test_each_site_goes_by_its_own_last_inspection_and_its_own_cycle():
    care = inspected(
        inspection("2025-06-01", "苏州一厂"),
        inspection("2026-01-05", "苏州一厂"),
        inspection("2026-01-05", "二厂", cycle_days=30),
    )

    found = look("R14", file(care), "2026-01-30")

    assert [(str(duty.due), duty.because.zh[:2]) for duty in found] == [("2026-02-04", "二厂")]


@pytest.mark.parametrize("care", [CareFacts(), inspected()])
def test_a_site_that_was_never_inspected_has_no_day(care):
    assert look("R14", file(care), "2026-06-20") == []


@pytest.mark.parametrize(
    ("reported", "on", "count"),
    [(False, "2026-02-23", 0), (False, "2026-02-24", 1), (True, "2026-02-24", 0), (None, "2026-02-24", 0)],
)
def test_a_report_is_missing_three_working_days_after_the_inspection(reported, on, count):
    care = inspected(inspection("2026-02-12", reported=reported))

    assert brief(look("R15", file(care), on)) == [("site-2026-02-12", "2026-02-26", "medium")] * count


# ---- R16, R17: satisfaction


def answer(
    on: str, score: str, kind: str = "csat", of: str = "5", id: str = "q1", contact: str | None = None
) -> AnswerFact:
    got, most = Decimal(score), Decimal(of)
    percent = got * 10 if kind == "nps" else (got - 1) / (most - 1) * 100
    return AnswerFact(
        member=record(id), kind=kind, score=got, out_of=most, percent=percent, on=day(on), contact=contact
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rank", "on", "wanted"),
    [
        (1, "2026-04-04", []),
        (1, "2026-04-05", [("2026-01-05-1", "2026-04-13", "low")]),  # asked in a holiday: five working days after
        (1, "2026-07-03", [("2026-01-05-1", "2026-07-10", "low")]),
        (1, "2026-07-04", [("2026-01-05-2", "2026-07-10", "low")]),
        (2, "2026-07-03", []),
        (2, "2026-07-04", [("2026-01-05-1", "2026-07-10", "low")]),
        (3, "2027-01-04", []),
        (3, "2027-01-05", [("2026-01-05-1", "2027-01-12", "low")]),
    ],
)
def test_a_survey_is_owed_each_cycle_after_the_last_answer(rank, on, wanted):
    care = CareFacts(answers=(answer("2026-01-05", "4"),))

    assert brief(look("R16", file(care), on, rank)) == wanted


def test_a_customer_that_was_never_asked_goes_by_its_first_order():
    never = CareFacts(answers=())

    assert look("R16", file(never), "2026-04-05") == []
    found = look("R16", file(never, orders=OrderFacts(first=day("2026-01-05"), days=1)), "2026-04-05")
    assert brief(found) == [("2026-01-05-1", "2026-04-13", "low")]
    assert look("R16", file(orders=OrderFacts(first=day("2026-01-05"))), "2026-04-05") == []  # surveys never read


def test_nobody_is_asked_amid_an_open_complaint():
    care = CareFacts(
        answers=(answer("2026-01-05", "4"),), cases=case("2026-04-01 10:00", kind="complaint").cases
    )  # fmt: skip

    assert look("R16", file(care), "2026-04-05") == []


@pytest.mark.parametrize(
    ("kind", "score", "of", "low"),
    [
        ("csat", "3", "5", True), ("csat", "3.1", "5", False), ("csat", "4", "5", False), ("csat", "1", "5", True),
        ("nps", "6", "10", True), ("nps", "7", "10", False), ("nps", "0", "10", True),
    ],
)  # fmt: skip
def test_a_low_answer_is_followed_up(kind, score, of, low):
    care = CareFacts(answers=(answer("2026-02-12", score, kind, of),))

    assert brief(look("R17", file(care), "2026-02-12", 1)) == [("q1", "2026-02-13", "high")] * low
    assert brief(look("R17", file(care), "2026-02-12", 2)) == [("q1", "2026-02-14", "high")] * low
    assert look("R17", file(care), "2026-02-11") == []


def test_a_better_answer_of_the_same_person_ends_it():
    low, better = answer("2026-02-12", "2", contact="p1"), answer("2026-03-01", "5", id="q2", contact="p1")
    other = answer("2026-03-01", "5", id="q2", contact="p2")

    assert look("R17", file(CareFacts(answers=(low, better))), "2026-03-02") == []
    assert len(look("R17", file(CareFacts(answers=(low, other))), "2026-03-02")) == 1


def test_nobody_is_asked_twice_within_ninety_days_but_somebody_else_may_be():
    people = tuple(ContactFact(member=record(id), name=id) for id in ("p1", "p2"))
    asked = answer("2026-01-05", "4", contact="p1")
    often = {"answers": (asked, answer("2026-03-01", "4", id="q2", contact="p2"))}

    assert len(look("R16", file(CareFacts(answers=(asked,), contacts=people)), "2026-04-05")) == 1
    assert look("R16", file(CareFacts(contacts=people, **often)), "2026-04-05") == []
