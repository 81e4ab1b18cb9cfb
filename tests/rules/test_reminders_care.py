"""R18 to R35: greetings, the file, risk, sales, training, partners."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kamsync.model import Birthday
from kamsync.rules.care_facts import CareFacts, ContactFact, ContractFact, OpenDealFact, ProfileFacts
from kamsync.rules.facts import OrderFacts
from kamsync.rules.reminder_policy import default_policy
from kamsync.rules.reminders import ManualTier
from tests.rules.owing import brief, day, file, look, record


def contact(id: str = "p1", **known: object) -> ContactFact:
    return ContactFact(**{"member": record(id), "name": "王芳", "consent": True, **known})


def people(*those: ContactFact) -> CareFacts:
    return CareFacts(contacts=those)


# ---- R18 to R20


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("2026-09-20", []),
        ("2026-09-21", []),
        ("2026-09-22", [("p1-2026", "2026-09-24", "low")]),  # 09-25 is 中秋节: three working days ahead
        ("2026-09-25", [("p1-2026", "2026-09-24", "low")]),
        ("2026-09-26", []),
    ],
)
def test_a_lunar_birthday_is_told_three_working_days_ahead(on, wanted):
    born = contact(birthday=Birthday(month=8, day=15, lunar=True))

    assert brief(look("R18", file(people(born)), on)) == wanted


def test_a_lunar_birthday_over_the_turn_of_the_year_is_told_each_year_once():
    born = contact(birthday=Birthday(month=12, day=30, lunar=True))

    told = [look("R18", file(people(born)), on)[0] for on in ("2026-02-16", "2027-02-05")]

    assert [duty.suffix for duty in told] == ["p1-2025", "p1-2026"]
    assert str(told[0].due) == "2026-02-14"  # a Saturday worked: the last day before the festival


def test_the_29th_of_february_is_kept_on_the_28th():
    born = contact(birthday=Birthday(month=2, day=29))

    assert brief(look("R18", file(people(born)), "2026-02-28")) == [("p1-2026", "2026-02-28", "low")]
    assert brief(look("R18", file(people(born)), "2028-02-29")) == [("p1-2028", "2028-02-29", "low")]


@pytest.mark.parametrize("known", [{"consent": None}, {"consent": False}, {"left": True}, {"birthday": None}])
def test_nobody_is_congratulated_who_did_not_agree_has_left_or_whose_day_is_unknown(known):
    born = contact(**{"birthday": Birthday(month=3, day=4), **known})

    assert look("R18", file(people(born)), "2026-03-04") == []


@pytest.mark.parametrize(
    ("ownership", "spoken_of"),
    [("private", True), ("foreign", True), ("state_owned", False), ("public_body", False), (None, False)],
)
def test_presents_are_spoken_of_only_where_they_are_surely_allowed(ownership, spoken_of):
    care = replace(people(contact(birthday=Birthday(month=3, day=4))), profile=ProfileFacts(ownership=ownership))

    duty = look("R18", file(care), "2026-03-04")[0]

    assert ("小礼品" in duty.body.zh) is ("small present" in duty.body.en) is spoken_of
    assert ("不送礼" in duty.body.zh) is ("no present" in duty.body.en) is not spoken_of


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("2026-02-11", []),
        ("2026-02-12", [("spring-2026", "2026-02-14", "low")]),
        ("2026-02-17", [("spring-2026", "2026-02-14", "low")]),
        ("2026-02-18", []),
        ("2026-06-16", [("dragon-boat-2026", "2026-06-18", "low")]),
        ("2026-09-22", [("mid-autumn-2026", "2026-09-24", "low")]),
        ("2026-09-28", [("national-2026", "2026-09-30", "low")]),
        ("2026-12-29", [("new-year-2027", "2026-12-31", "low")]),
    ],
)
def test_a_festival_is_told_three_working_days_ahead_to_the_owner(on, wanted):
    found = look("R19", file(people(contact())), on)

    assert brief(found) == wanted
    assert {duty.each for duty in found} <= {"owner"}


def test_no_festival_where_nobody_agreed():
    assert look("R19", file(people(contact(consent=None))), "2026-02-12") == []


@pytest.mark.parametrize(
    ("since", "on", "wanted"),
    [
        ("2020-03-04", "2026-02-27", []),
        ("2020-03-04", "2026-02-28", [("2026", "2026-03-04", "low")]),  # a Saturday worked
        ("2020-03-04", "2026-03-04", [("2026", "2026-03-04", "low")]),
        ("2020-03-04", "2026-03-05", []),
        ("2026-03-04", "2026-03-04", []),  # the day itself is no anniversary
        ("2020-02-29", "2026-02-28", [("2026", "2026-02-28", "low")]),
    ],
)
def test_an_anniversary_is_told_three_working_days_ahead(since, on, wanted):
    assert brief(look("R20", file(people(contact()), since=day(since)), on)) == wanted


# ---- R21, R22, R28, R32 to R34


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("2026-04-04", []),
        ("2026-04-05", [("2026-01-05-1", "2026-04-13", "medium")]),
        ("2026-07-04", [("2026-01-05-2", "2026-07-10", "medium")]),
    ],
)
def test_a_file_is_to_be_verified_once_a_cycle(on, wanted):
    good = ProfileFacts(verified=day("2026-01-05"), filled=dict.fromkeys(("name", "uscc", "owner"), True))

    assert brief(look("R21", file(CareFacts(profile=good)), on)) == wanted


def test_a_poor_file_is_told_once_a_quarter_with_what_is_missing():
    poor = ProfileFacts(filled={"name": True, "uscc": False, "industry": False, "phone": True})

    first, again, later = (
        look("R21", file(CareFacts(profile=poor)), on)[0] for on in ("2026-02-12", "2026-03-31", "2026-04-07")
    )

    assert (first.suffix, again.suffix, later.suffix) == ("dq-2026Q1", "dq-2026Q1", "dq-2026Q2")
    assert "统一社会信用代码、行业" in first.body.zh
    assert look("R21", file(), "2026-02-12") == []


@pytest.mark.parametrize(
    ("those", "rank", "kind"),
    [
        ([("decision_maker", None)] * 4, 1, None),
        ([("decision_maker", None)] * 3, 1, "few"),
        ([("decision_maker", None)] * 2, 2, None),
        ([("decision_maker", None)], 3, None),
        ([("user", None)] * 4, 1, "no-decider"),
        ([(None, None)] * 4, 1, None),  # nobody's role is known
        ([("decision_maker", True), *[("user", None)] * 4], 1, "left"),
        ([("decision_maker", True), *[("decision_maker", None)] * 4], 1, None),
        ([], 3, "few"),
    ],
)
def test_thin_contacts_are_told_by_what_is_the_matter(those, rank, kind):
    care = people(*(contact(f"p{n}", role=role, left=left) for n, (role, left) in enumerate(those)))

    found = brief(look("R22", file(care), "2026-02-12", rank))

    assert found == ([(f"{kind}-2026Q1", "2026-02-26", "high")] if kind else [])


@pytest.mark.parametrize(("owner", "count"), [("none", 1), ("left", 1), ("here", 0), (None, 0)])
def test_an_account_that_nobody_keeps_is_told(owner, count):
    found = brief(look("R28", file(CareFacts(profile=ProfileFacts(owner=owner))), "2026-02-12"))

    assert found == [(f"{owner}-2026Q1", "2026-02-13", "high")] * count


def test_records_that_may_be_double_and_fields_that_differ_are_told():
    double = look("R32", file(CareFacts(profile=ProfileFacts(twins=("zoho/accounts/9",)))), "2026-02-12")
    differ = look("R33", file(conflicts=("uscc", "phone")), "2026-02-12")

    assert "zoho/accounts/9" in double[0].body.en
    assert differ[0].subject.zh == "华为技术 的 统一社会信用代码、电话 两边不一致"
    assert [duty.suffix for duty in differ] == ["phone-uscc-2026Q1"]
    assert [look(rule, file(CareFacts(profile=ProfileFacts())), "2026-02-12") for rule in ("R32", "R33")] == [[], []]


@pytest.mark.parametrize(("on", "count"), [("2026-02-12", 0), ("2026-02-13", 1)])
def test_an_estimate_of_spend_grows_too_old_after_a_year(on, count):
    found = look("R34", file(wallet=500_000_000, wallet_date=day("2025-02-12")), on)

    assert [duty.suffix for duty in found] == ["2025-02-12"] * count


# ---- R23, R25


@pytest.mark.parametrize(
    ("risks", "rank", "crossed"),
    [
        ([60, 69, 70], 2, 2),
        ([60, 69, 69], 2, None),
        ([70, 65, 61, 60], 2, 0),  # not ten below yet
        ([70, 59, 69, 70], 2, 3),  # armed again at 59
        ([70, 59, 69], 2, None),
        ([50], 1, 0),
        ([49], 1, None),
        ([], 1, None),
    ],
)
def test_a_risk_is_told_when_it_crosses_its_bar_and_again_only_after_it_fell(risks, rank, crossed):
    first = day("2026-02-09")
    history = [(first + timedelta(days=n), Decimal(risk)) for n, risk in enumerate(risks)]

    found = look("R23", file(), "2026-02-12", rank, churn=history)

    assert brief(found) == ([(str(history[crossed][0]), "2026-02-14", "high")] if crossed is not None else [])


@pytest.mark.parametrize(("on", "count"), [("2026-09-18", 0), ("2026-09-19", 1), ("2026-10-03", 1), ("2026-10-04", 0)])
def test_a_tier_set_by_hand_is_told_two_weeks_before_it_ends(on, count):
    manual = ManualTier(tier="一级", until=day("2026-10-03"), author="王芳")

    assert brief(look("R25", file(), on, manual=manual)) == [("2026-10-03", "2026-09-30", "medium")] * count


# ---- R26, R27, R30, R31


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("2026-02-12", []),
        ("2026-02-13", [("2026-02-12-1", "2026-02-13", "medium")]),
        ("2026-02-18", [("2026-02-12-1", "2026-02-13", "medium")]),
        ("2026-02-19", [("2026-02-12-7", "2026-02-24", "medium")]),  # a holiday: the next working day
        ("2026-03-14", [("2026-02-12-30", "2026-03-16", "medium")]),
        ("2026-04-13", [("2026-02-12-60", "2026-04-13", "medium")]),
        ("2026-05-13", [("2026-02-12-90", "2026-05-13", "medium")]),
        ("2026-06-11", [("2026-02-12-90", "2026-05-13", "medium")]),
        ("2026-06-12", []),
    ],
)
def test_a_new_customer_is_looked_after_at_each_step(on, wanted):
    assert brief(look("R26", file(orders=OrderFacts(first=day("2026-02-12"), days=1)), on)) == wanted


def ordered(*days: str) -> OrderFacts:
    dates = tuple(map(day, days))
    return OrderFacts(first=dates[0], last=dates[-1], days=len(dates), recent_days=dates, days_12m=len(dates))


MONTHLY = ordered("2026-01-05", "2026-02-04", "2026-03-06", "2026-04-05")  # every 30 days: next on 05-05


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("2026-04-20", []),
        ("2026-04-21", [("2026-05-05-ahead", "2026-04-30", "medium")]),  # 05-05 is a holiday
        ("2026-05-19", [("2026-05-05-ahead", "2026-04-30", "medium")]),
        ("2026-05-20", [("2026-05-05-late", "2026-05-20", "medium")]),
    ],
)
def test_the_next_order_is_told_by_the_customers_own_rhythm(on, wanted):
    assert brief(look("R27", file(orders=MONTHLY), on)) == wanted


def test_three_order_days_are_no_rhythm_and_a_weekly_customer_is_told_only_when_late():
    few, weekly = (
        ordered("2026-01-05", "2026-02-04", "2026-03-06"),
        ordered("2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"),
    )

    assert look("R27", file(orders=few), "2026-12-01") == []
    assert look("R27", file(orders=weekly), "2026-02-05") == []
    assert brief(look("R27", file(orders=weekly), "2026-02-06")) == [("2026-02-02-late", "2026-02-06", "medium")]


@pytest.mark.parametrize(
    ("moved", "on", "wanted"),
    [
        ("2026-01-13", "2026-02-11", []),
        ("2026-01-13", "2026-02-12", [("d1-2026-01-13-1", "2026-02-24", "medium")]),
        ("2026-01-13", "2026-03-14", [("d1-2026-01-13-2", "2026-03-18", "medium")]),
        (None, "2026-03-14", []),
    ],
)
def test_a_deal_that_stands_still_is_told_every_thirty_days(moved, on, wanted):
    deal = OpenDealFact(member=record("d1"), name="二期扩容", moved=day(moved) if moved else None)

    assert brief(look("R30", file(CareFacts(deals=(deal,))), on)) == wanted


@pytest.mark.parametrize(("end", "count"), [("2026-04-04", 1), ("2026-04-05", 0), (None, 0)])
def test_orders_without_a_contract_are_told(end, count):
    care = CareFacts(contracts=(ContractFact(member=record("k1"), number="HT-7", end=day(end) if end else None),))

    assert len(look("R31", file(care, orders=MONTHLY), "2026-04-20")) == count
    assert brief(look("R31", file(CareFacts(contracts=()), orders=MONTHLY), "2026-04-20")) == [
        ("none", "2026-04-27", "medium")
    ]


# ---- R29, R35


@pytest.mark.parametrize(
    ("rank", "on", "wanted"),
    [
        (1, "2026-07-03", []),
        (1, "2026-07-04", [("2026-01-05-1", "2026-07-17", "low")]),
        (2, "2027-01-04", []),
        (2, "2027-01-05", [("2026-01-05-1", "2027-01-19", "low")]),
        (3, "2028-01-01", []),
    ],
)
def test_a_training_is_owed_each_cycle(rank, on, wanted):
    assert brief(look("R29", file(CareFacts(trainings=(date(2026, 1, 5),))), on, rank)) == wanted
    assert look("R29", file(), on, rank) == []


@pytest.mark.parametrize(
    ("flags", "on", "wanted"),
    [
        (("渠道",), "2026-06-30", [("2026-01", "2026-07-14", "medium")]),
        (("渠道",), "2026-07-01", [("2026-07", "2026-07-15", "medium")]),
        (("Partner",), "2026-07-01", [("2026-07", "2026-07-15", "medium")]),
        (("老客户",), "2026-07-01", []),
    ],
)
def test_a_partner_is_reviewed_every_half_year(flags, on, wanted):
    assert brief(look("R35", file(CareFacts(profile=ProfileFacts(flags=flags))), on)) == wanted


# ---- all of them


@pytest.mark.parametrize("rule", sorted(default_policy().rules))
def test_what_is_unknown_is_never_owed(rule):
    assert look(rule, file(), "2026-03-04") == []
