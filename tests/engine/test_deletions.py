"""Deletions: few take effect when all has landed, many wait for a person, and what comes back is back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pytest

from kamsync.engine import holds
from kamsync.testing.faults import Fault
from tests.engine.desk import PEOPLE, Desk, of, when

STREAMS = PEOPLE | {"orders", "events"}
STAYS_OPEN = True

Behaviour = Literal["always", "filtered", "never"]


def _companies(desk: Desk, count: int) -> list[str]:
    """Customers whose names have nothing in common, all judged and tagged."""
    names = [
        f"{first}{second}{kind}有限公司"
        for first in "海天龙凤金玉"
        for second in "晟霖骅琦"
        for kind in ("水泥", "纺织")
    ]
    return [desk.zoho.add("account", name=name) for name in names[:count]]


def test_a_deleted_record_leaves_its_account_once_everything_has_landed(each_desk: Desk) -> None:
    account = each_desk.zoho.add("account", name="福耀玻璃工业集团股份有限公司")
    order = each_desk.zoho.add("order", account=account, gross=100, date=date(2026, 1, 5))
    each_desk.pull()
    each_desk.judge()
    each_desk.wait(minutes=5)
    each_desk.zoho.remove("order", order)

    report = each_desk.pull()

    assert of(report, "orders").tally.deleted == 1
    assert each_desk.rows("order") == []
    assert each_desk.raw("zoho", "orders") == {order: "gone"}
    assert [row["dirty"] for row in each_desk.rows("account")] == [True]


def test_the_schedule_asks_for_deletions_every_half_hour_and_a_person_at_once(zoho_desk: Desk) -> None:
    first, second = (zoho_desk.zoho.add("contact", name=name) for name in ("李雷", "韩梅梅"))
    zoho_desk.pull()
    zoho_desk.zoho.remove("contact", first)
    zoho_desk.wait(minutes=10)
    asked = zoho_desk.calls("GET .*/deleted$")

    soon = zoho_desk.pull(routine=True)
    spared = zoho_desk.calls("GET .*/deleted$") - asked
    zoho_desk.wait(minutes=25)
    late = zoho_desk.pull(routine=True)
    zoho_desk.zoho.remove("contact", second)
    at_once = zoho_desk.pull()

    assert spared == 0
    assert [of(report, "contacts").tally.deleted for report in (soon, late, at_once)] == [0, 1, 1]


def test_what_was_deleted_counts_once(zoho_desk: Desk) -> None:
    contact = zoho_desk.zoho.add("contact", name="李雷")
    zoho_desk.pull()
    zoho_desk.zoho.remove("contact", contact)
    zoho_desk.pull()

    report = zoho_desk.pull()

    assert of(report, "contacts").tally.deleted == 0


def test_children_first_show_where_they_moved_when_their_customer_was_merged_away(zoho_desk: Desk) -> None:
    winner = zoho_desk.zoho.add("account", name="潍柴动力股份有限公司")
    loser = zoho_desk.zoho.add("account", name="重庆嘉陵特种装备有限公司")
    contact = zoho_desk.zoho.add("contact", name="李雷", account=loser)
    zoho_desk.pull()
    zoho_desk.wait(minutes=5)
    zoho_desk.zoho.merge(winner, loser)

    zoho_desk.pull()

    assert zoho_desk.account_of(contact, "contact") == zoho_desk.account_of(winner)
    assert [row["remote_id"] for row in zoho_desk.rows("member")] == [winner]


def test_a_customer_that_is_gone_is_neither_judged_nor_planned_any_more(zoho_desk: Desk) -> None:
    kept, gone = _companies(zoho_desk, 2)
    zoho_desk.cycle()
    zoho_desk.zoho.remove("account", gone)
    zoho_desk.pull()

    report = zoho_desk.judge()
    plan = zoho_desk.plan()

    assert report.judged <= 1
    assert [row["remote_id"] for row in zoho_desk.rows("member")] == [kept]
    assert (plan.changes, plan.skipped) == ([], [])


def test_too_many_deletions_at_once_wait_for_a_person(each_desk: Desk) -> None:
    """Ten customers, the guard is 3: four of them vanish from the CRM."""
    ids = _companies(each_desk, 10)
    each_desk.pull()
    for id in ids[:4]:
        each_desk.zoho.remove("account", id)

    report = each_desk.pull()

    assert report.verdict == "degraded"
    assert (of(report, "accounts").held, of(report, "accounts").tally.deleted) == (4, 0)
    assert len(each_desk.rows("member")) == 10
    [hold] = each_desk.holds
    assert (hold["guard"], hold["subject"], hold["count"], hold["of"]) == ("gone", "accounts", 4, 10)
    assert sorted(hold["sample"]) == sorted(ids[:4])


def test_an_account_whose_deletion_is_held_is_neither_judged_nor_written(zoho_desk: Desk) -> None:
    ids = _companies(zoho_desk, 10)
    zoho_desk.pull()
    for id in ids[:4]:
        zoho_desk.zoho.remove("account", id)
    zoho_desk.pull()

    report = zoho_desk.judge()
    plan = zoho_desk.plan()

    assert (report.judged, report.held) == (6, 4)
    assert {row["remote_id"] for row in plan.changes} == set(ids[4:])


def test_a_hold_stays_until_a_person_decides_however_often_we_pull(zoho_desk: Desk) -> None:
    """Eight of ten are brought back later: two would pass the guard by themselves, but nobody has decided yet."""
    ids = _companies(zoho_desk, 10)
    zoho_desk.pull()
    for id in ids:
        zoho_desk.zoho.remove("account", id)
    zoho_desk.pull()
    for id in ids[:8]:
        zoho_desk.zoho.restore(id)

    report = zoho_desk.pull("accounts", full=True)

    assert of(report, "accounts").held == 2
    assert len(zoho_desk.rows("member")) == 10
    assert [hold["count"] for hold in zoho_desk.holds] == [2]


def test_a_hold_is_over_when_everything_came_back(zoho_desk: Desk) -> None:
    ids = _companies(zoho_desk, 10)
    zoho_desk.pull()
    for id in ids:
        zoho_desk.zoho.remove("account", id)
    zoho_desk.pull()
    for id in ids:
        zoho_desk.zoho.restore(id)

    report = zoho_desk.pull("accounts", full=True)

    assert report.verdict == "ok"
    assert zoho_desk.holds == []


def test_approving_a_hold_lets_its_deletions_take_effect(each_desk: Desk) -> None:
    ids = _companies(each_desk, 10)
    each_desk.pull()
    for id in ids[:4]:
        each_desk.zoho.remove("account", id)
    each_desk.pull()

    done = holds.approve_verb(each_desk.workspace, each_desk.holds[0]["id"])

    assert done.deleted == 4
    assert each_desk.holds == []
    assert {row["remote_id"] for row in each_desk.rows("member")} == set(ids[4:])
    after = each_desk.pull()
    assert [(one.stream, one.trouble, one.held) for one in after.streams if one.trouble or one.held] == []


def test_a_record_that_comes_back_is_back_in_its_account_with_its_history(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="福耀玻璃工业集团股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge(on=date(2026, 2, 1))
    account = zoho_desk.account_of(id)
    zoho_desk.zoho.remove("account", id)
    zoho_desk.pull()
    zoho_desk.zoho.restore(id)

    zoho_desk.pull(full=True)

    assert zoho_desk.account_of(id) == account
    assert zoho_desk.raw("zoho", "accounts") == {id: "live"}
    assert [(row["account"], row["as_of"]) for row in zoho_desk.rows("evaluation")] == [(account, date(2026, 2, 1))]


def test_deletions_older_than_the_first_pull_are_nobodys_news(zoho_desk: Desk) -> None:
    zoho_desk.zoho.remove("contact", zoho_desk.zoho.add("contact", name="早已删除"))
    zoho_desk.wait(days=1)

    report = zoho_desk.pull()

    assert report.verdict == "ok"
    assert zoho_desk.rows("hold") == []


@pytest.mark.parametrize("seen", ["always", "filtered"])
def test_a_voided_record_leaves_and_comes_back_wherever_the_crm_shows_it(fxiaoke_desk: Desk, seen: Behaviour) -> None:
    """作废, then 恢复."""
    fxiaoke_desk.fxiaoke.knobs.void_rows = seen
    id = fxiaoke_desk.fxiaoke.add(
        "account", name="万华化学集团股份有限公司", modified=fxiaoke_desk.clock.now() - timedelta(days=1)
    )
    fxiaoke_desk.pull()
    fxiaoke_desk.wait(minutes=5)

    fxiaoke_desk.fxiaoke.invalidate("account", id)
    voided = fxiaoke_desk.pull()
    lives = [fxiaoke_desk.raw("fxiaoke", "accounts")[id]]
    _recover(fxiaoke_desk, id)
    fxiaoke_desk.pull()

    assert of(voided, "accounts", "fxiaoke").tally.deleted == 1
    assert [*lives, fxiaoke_desk.raw("fxiaoke", "accounts")[id]] == ["gone", "live"]
    assert len(fxiaoke_desk.rows("member")) == 1


def test_a_voided_record_that_the_crm_no_longer_shows_is_never_written(fxiaoke_desk: Desk) -> None:
    fxiaoke_desk.fxiaoke.knobs.void_rows = "never"
    id = fxiaoke_desk.fxiaoke.add("account", name="万华化学集团股份有限公司")
    fxiaoke_desk.pull()
    fxiaoke_desk.judge()
    fxiaoke_desk.fxiaoke.invalidate("account", id)

    done = fxiaoke_desk.cycle()

    assert done.plan.changes == []
    assert [(row["remote_id"], row["en"]) for row in done.plan.skipped] == [
        (id, "the record cannot be seen in the CRM")
    ]


def test_a_stream_whose_deletions_cannot_be_read_is_a_trouble_and_loses_none(zoho_desk: Desk) -> None:
    contact = zoho_desk.zoho.add("contact", name="李雷")
    zoho_desk.pull()
    zoho_desk.zoho.remove("contact", contact)
    zoho_desk.zoho.fault(Fault("answer", on="Contacts/deleted", times=-1, status=500))
    broken = zoho_desk.pull()
    zoho_desk.heal()
    zoho_desk.wait(hours=5)

    report = zoho_desk.pull()

    assert [one.stream for one in broken.streams if one.trouble] == ["contacts"]
    assert of(report, "contacts").tally.deleted == 1


def test_a_visit_that_was_deleted_is_no_contact_any_more(zoho_desk: Desk) -> None:
    account = zoho_desk.zoho.add("account", name="福耀玻璃工业集团股份有限公司")
    zoho_desk.zoho.add("activity", kind="visit", about=account, at=when("2025-11-01"))
    visit = zoho_desk.zoho.add("activity", kind="visit", about=account, at=when("2026-02-20"))
    zoho_desk.pull()
    zoho_desk.judge()
    quiet = zoho_desk.duties
    zoho_desk.zoho.remove("activity", visit)

    zoho_desk.pull()
    zoho_desk.judge()

    assert quiet == []
    assert zoho_desk.duties == [("R01", account, "wanted")]


def _recover(desk: Desk, id: str) -> None:
    """A person takes a record out of the bin."""
    crm = desk.fxiaoke.crm
    crm.alter(
        crm.row("AccountObj", id),
        {"life_status": "normal"},
        by=crm.person(),
        at=int(desk.clock.now().timestamp() * 1000),
    )
