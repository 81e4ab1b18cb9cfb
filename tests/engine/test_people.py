"""People over the book: found by the store whatever way a number is written, told once, and nobody marked as gone."""

from __future__ import annotations

from kamsync.engine import views_people
from tests.engine.desk import BASIC, Desk

STREAMS = BASIC
STAYS_OPEN = True

ONE, OTHER = "华新水泥股份有限公司", "福耀玻璃工业集团股份有限公司"


def test_a_person_who_turns_up_at_another_customer_is_proposed_and_not_marked(each_desk: Desk) -> None:
    one, other = (each_desk.zoho.add("account", name=name) for name in (ONE, OTHER))
    each_desk.zoho.add("contact", name="李雷", account=one, mobile="138 1724 6035")
    each_desk.zoho.add("contact", name="韩梅梅", account=one, mobile="13926604183")
    each_desk.wait(minutes=5)
    each_desk.zoho.add("contact", name="李雷", account=other, mobile="+86-13817246035")

    each_desk.pull()

    found = views_people.moved(each_desk.workspace)
    assert [(told.old_name, told.new_name, told.move.noted) for told in found] == [(ONE, OTHER, False)]
    assert {row["left_company"] for row in each_desk.rows("contact")} <= {None, False}
    told = views_people.people(each_desk.workspace, each_desk.account_of(one) or "")
    assert {person.name for person in told.persons} == {"李雷", "韩梅梅"}
    assert len(told.moved) == 1


def test_records_of_both_crms_are_one_person(desk: Desk) -> None:
    ours, theirs = desk.zoho.add("account", name=ONE), desk.fxiaoke.add("account", name=ONE)
    desk.zoho.add("contact", name="Li Lei", account=ours, mobile="13817246035")
    desk.fxiaoke.add("contact", name="李雷", account=theirs, mobile="13817246035")

    desk.pull()

    told = views_people.people(desk.workspace, desk.account_of(ours) or "")
    assert [(person.name, len(person.records)) for person in told.persons] == [("李雷", 2)]
    assert views_people.moved(desk.workspace) == []
