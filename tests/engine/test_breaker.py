"""No war over tags: where others change back what we write, we stop and ask; their tags are never touched."""

from __future__ import annotations

from kamsync.engine import holds
from kamsync.engine.views_status import status
from tests.engine.desk import PEOPLE, WRITING, Desk

STREAMS = PEOPLE
STAYS_OPEN = True
LOW, HIGH = "KAM·三级及以下", "KAM·二级"
NAME = "中国一拖集团有限公司"


def _account(desk: Desk) -> str:
    id = desk.tenant.add("account", name=NAME)
    desk.tenant.set_tags(id, ["展会"])
    return id


def _workflow(desk: Desk, id: str, hours: float = 1) -> None:
    """Somebody's rule in the CRM: whatever tag we set, it changes the rating, so that another one is wanted."""
    desk.wait(hours=hours)
    rating = 10 if HIGH in desk.tenant.tags(id) else 90
    desk.tenant.change("account", id, strategic=rating)


def _round(desk: Desk, id: str, hours: float = 1) -> list[str]:
    """The rule fires and we look again; why we leave the record alone, if we do."""
    _workflow(desk, id, hours)
    return [row["en"] for row in desk.cycle().plan.skipped]


def test_a_workflow_that_answers_every_write_gets_two_writes_a_day(tag_desk: Desk) -> None:
    id = _account(tag_desk)
    tag_desk.cycle()
    said = [_round(tag_desk, id) for _ in range(5)]

    written = [row for row in tag_desk.rows("intent") if row["state"] == "done"]
    assert len(written) == 2
    assert said[0] == []
    assert all(why.startswith("someone keeps changing it") for [why] in said[1:])
    assert set(tag_desk.tenant.tags(id)) == {"展会", HIGH}


def test_a_contest_is_named_in_plan_hold_and_status(zoho_desk: Desk) -> None:
    id = _account(zoho_desk)
    zoho_desk.cycle()
    for _ in range(2):
        _round(zoho_desk, id)

    [hold] = zoho_desk.holds
    reasons = [reason for reason in status(zoho_desk.workspace).reasons if "keeps changing" in reason.text.en]

    assert (hold["guard"], hold["subject"], hold["count"]) == ("contest", "tags", 1)
    assert hold["sample"] == {"keys": [f"accounts/{id}"]}
    assert "反复改动" in hold["zh"]
    assert {reason.next for reason in reasons} == {"kamsync hold list"}
    assert [row["kind"] for row in zoho_desk.rows("concern")] == ["contest"]


def test_a_contest_lasts_while_the_same_is_wanted_however_many_days_pass(zoho_desk: Desk) -> None:
    id = _account(zoho_desk)
    zoho_desk.cycle()
    for _ in range(2):
        _round(zoho_desk, id)
    written = zoho_desk.calls(WRITING)

    for _ in range(3):
        zoho_desk.wait(days=2)
        zoho_desk.cycle()

    assert zoho_desk.calls(WRITING) == written
    assert [hold["guard"] for hold in zoho_desk.holds] == ["contest"]


def test_a_new_wish_a_day_later_is_written_again(zoho_desk: Desk) -> None:
    id = _account(zoho_desk)
    zoho_desk.cycle()
    for _ in range(3):
        _round(zoho_desk, id)
    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=90)
    zoho_desk.cycle()
    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=10)

    zoho_desk.cycle()

    assert set(zoho_desk.zoho.tags(id)) == {"展会", LOW}
    assert (zoho_desk.holds, zoho_desk.rows("contest"), zoho_desk.rows("concern")) == ([], [], [])


def test_a_wish_that_goes_on_changing_on_the_same_day_is_not_written(zoho_desk: Desk) -> None:
    id = _account(zoho_desk)
    zoho_desk.cycle()
    for rating in (90, 10, 90, 10):
        zoho_desk.wait(hours=1)
        zoho_desk.zoho.change("account", id, strategic=rating)
        zoho_desk.cycle()

    assert set(zoho_desk.zoho.tags(id)) == {"展会", HIGH}
    assert zoho_desk.rows("state")[0]["revision"] == 5


def test_a_person_may_let_us_go_on_and_the_days_count_begins_anew(each_desk: Desk) -> None:
    id = _account(each_desk)
    each_desk.cycle()
    for _ in range(2):
        _round(each_desk, id)

    holds.approve_verb(each_desk.workspace, each_desk.holds[0]["id"])
    each_desk.cycle()
    allowed = each_desk.zoho.tags(id)
    again = [_round(each_desk, id) for _ in range(2)]

    assert set(allowed) == {"展会", LOW}
    assert [len(one) for one in again] == [0, 1]
    assert [hold["guard"] for hold in each_desk.holds] == ["contest"]


def test_a_contest_on_one_record_leaves_the_others_as_they_are(zoho_desk: Desk) -> None:
    id = _account(zoho_desk)
    zoho_desk.cycle()
    for _ in range(2):
        _round(zoho_desk, id)
    other = zoho_desk.zoho.add("account", name="安徽合力股份有限公司")

    zoho_desk.cycle()

    assert zoho_desk.zoho.tags(other) == (LOW,)


def test_a_rival_that_rewrites_all_tags_has_its_way_and_we_do_not_answer(tag_desk: Desk) -> None:
    id = _account(tag_desk)
    tag_desk.cycle()
    for turn in range(4):
        tag_desk.tenant.set_tags(id, ["展会", f"营销{turn % 2}"])
        tag_desk.wait(hours=1)
        tag_desk.cycle()

    assert len([row for row in tag_desk.rows("intent") if row["state"] == "done"]) == 1
    assert set(tag_desk.tenant.tags(id)) == {"展会", "营销1"}


def test_a_slow_change_of_mind_is_no_contest(zoho_desk: Desk) -> None:
    """One change a day, for five days."""
    id = _account(zoho_desk)
    zoho_desk.cycle()

    said = [_round(zoho_desk, id, hours=24) for _ in range(5)]

    assert said == [[]] * 5
    assert zoho_desk.holds == []


def test_a_contest_that_ends_as_we_want_it_is_over_a_day_later(zoho_desk: Desk) -> None:
    id = _account(zoho_desk)
    zoho_desk.cycle()
    for _ in range(2):
        _round(zoho_desk, id)
    zoho_desk.zoho.set_tags(id, ["展会", LOW])
    zoho_desk.cycle()
    same_day = len(zoho_desk.holds)
    zoho_desk.wait(days=1)

    zoho_desk.cycle()

    assert (same_day, zoho_desk.holds) == (1, [])
