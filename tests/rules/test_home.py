"""Where a duty goes, and to whom."""

from __future__ import annotations

import pytest

from kamsync.model import Member
from kamsync.rules.assignee import Person, assignee
from kamsync.rules.home import Place, home

ZOHO = Member("zoho", "accounts", "4876001")
OTHER_ZOHO = Member("zoho", "accounts", "4876002")
FXIAOKE = Member("fxiaoke", "accounts", "64a1")
INVOICE = Member("fxiaoke", "invoices", "64b7")


def test_a_duty_goes_to_the_record_that_caused_it_before_any_preference():
    places = [Place(ZOHO, True, True), Place(FXIAOKE, True, False)]

    assert home(INVOICE, places, ["zoho"]) == INVOICE


def test_a_cause_in_a_crm_that_may_not_be_written_leaves_the_duty_to_the_account():
    places = [Place(ZOHO, True, True), Place(FXIAOKE, False, True)]

    assert home(INVOICE, places) == ZOHO


@pytest.mark.parametrize(
    ("zoho_owner", "fxiaoke_owner", "prefer", "where"),
    [
        (True, True, [], ZOHO),  # the order of the config
        (True, True, ["fxiaoke"], FXIAOKE),
        (False, True, ["zoho"], FXIAOKE),  # an active owner is worth more than a preference
        (None, True, ["zoho"], ZOHO),  # not known to have left
        (False, False, ["fxiaoke", "zoho"], FXIAOKE),
        (True, True, ["gone", "fxiaoke"], FXIAOKE),  # a preference for a connection the account is not in
    ],
)
def test_a_duty_without_a_cause_goes_where_someone_looks_after_the_account(zoho_owner, fxiaoke_owner, prefer, where):
    places = [Place(ZOHO, True, zoho_owner), Place(FXIAOKE, True, fxiaoke_owner)]

    assert home(None, places, prefer) == where


def test_two_records_of_one_crm_are_told_apart_by_id_whatever_order_they_come_in():
    one, two = Place(OTHER_ZOHO, True, True), Place(ZOHO, True, True)

    assert home(None, [one, two]) == home(None, [two, one]) == ZOHO


def test_there_is_no_home_where_nothing_may_be_written():
    assert home(INVOICE, [Place(FXIAOKE, False, True)]) is None


@pytest.mark.parametrize(
    ("owner", "backup", "manager", "user"),
    [
        (Person("o", True), Person("b", True), Person("m", True), "o"),
        (Person("o", None), Person("b", True), Person("m", True), "o"),
        (Person("o", False), Person("b", True), Person("m", True), "b"),
        (Person("o", True, away=True), None, Person("m", True), "m"),
        (None, Person("b", False), Person("m", False), "queue"),
    ],
)
def test_a_duty_goes_to_the_first_in_line_who_is_there(owner, backup, manager, user):
    assert assignee(owner, backup, manager, "queue").user == user


def test_without_anyone_the_default_of_the_crm_decides_and_that_is_said():
    nobody = assignee(None, None, None, None)

    assert nobody.user is None
    assert nobody.because.en == "no responsible person is available and no queue is set"
