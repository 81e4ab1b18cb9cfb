"""Planning: what is wanted less what is live and ours; people's edits win, and nothing is asked for twice."""

from __future__ import annotations

from datetime import date

import pytest

from kamsync.engine.cycle import cycle
from kamsync.testing.faults import Fault
from tests.engine.desk import BASIC, Desk, when

STREAMS = BASIC | {"invoices"}
STAYS_OPEN = True

LOW, HIGH = "KAM·三级及以下", "KAM·二级"
NAME = "中国一拖集团有限公司"


def _tiered(desk: Desk, id: str, strategic: int | None) -> None:
    """The customer's rating is set by hand, and a day later kamsync looks: 90 makes it 二级, none 三级及以下."""
    desk.wait(days=1)
    desk.tenant.change("account", id, strategic=strategic)
    desk.cycle()


# ---- tags


def test_every_member_record_gets_the_tag_of_its_accounts_tier(desk: Desk) -> None:
    ours = desk.zoho.add("account", name=NAME, strategic=90)
    theirs = desk.fxiaoke.add("account", name=NAME)

    desk.cycle()

    assert (desk.zoho.tags(ours), desk.fxiaoke.tags(theirs)) == ((HIGH,), (HIGH,))


def test_a_persons_own_tags_are_left_as_they_are(tag_desk: Desk) -> None:
    id = tag_desk.tenant.add("account", name=NAME)
    tag_desk.tenant.set_tags(id, ["展会", "老客户"])
    tag_desk.cycle()

    _tiered(tag_desk, id, 90)

    assert set(tag_desk.tenant.tags(id)) == {"展会", "老客户", HIGH}


def test_a_tag_of_ours_that_someone_removed_stays_away_until_the_tier_changes(tag_desk: Desk) -> None:
    id = tag_desk.tenant.add("account", name=NAME)
    tag_desk.cycle()
    tag_desk.tenant.set_tags(id, ["展会"])

    done = tag_desk.cycle()
    away = tag_desk.tenant.tags(id)
    _tiered(tag_desk, id, 90)

    assert [(row["remote_id"], row["en"]) for row in done.plan.skipped] == [
        (id, f"someone removed {LOW}: it stays away until the tier changes")
    ]
    assert away == ("展会",)
    assert set(tag_desk.tenant.tags(id)) == {"展会", HIGH}


def test_a_tag_that_someone_else_put_there_is_not_ours_to_remove(tag_desk: Desk) -> None:
    id = tag_desk.tenant.add("account", name=NAME)
    tag_desk.tenant.set_tags(id, [LOW])

    first = tag_desk.cycle()
    _tiered(tag_desk, id, 90)

    assert first.plan.changes == []
    assert set(tag_desk.tenant.tags(id)) == {LOW, HIGH}


def test_a_tier_that_goes_there_and_back_again_is_followed_each_time(tag_desk: Desk) -> None:
    id = tag_desk.tenant.add("account", name=NAME)
    tag_desk.cycle()
    seen = [tag_desk.tenant.tags(id)]

    for rating in (90, 10, 90):
        _tiered(tag_desk, id, rating)
        seen.append(tag_desk.tenant.tags(id))

    assert seen == [(LOW,), (HIGH,), (LOW,), (HIGH,)]


def test_a_change_of_mind_that_was_never_written_leaves_what_stands(zoho_desk: Desk) -> None:
    """A → B → A while nobody applied B."""
    id = zoho_desk.zoho.add("account", name=NAME)
    zoho_desk.cycle()
    for rating in (90, None):
        zoho_desk.wait(days=1)
        zoho_desk.zoho.change("account", id, strategic=rating)
        zoho_desk.pull()
        zoho_desk.judge()

    plan = zoho_desk.plan()

    assert [row for row in plan.changes if row["kind"] == "tags"] == []
    assert zoho_desk.zoho.tags(id) == (LOW,)


def test_a_record_that_is_gone_needs_no_word_about_the_tag_it_had(zoho_desk: Desk) -> None:
    kept, gone = (zoho_desk.zoho.add("account", name=NAME) for _ in range(2))
    zoho_desk.cycle()
    zoho_desk.zoho.remove("account", gone)

    done = zoho_desk.cycle()

    assert zoho_desk.zoho.tags(kept) == (LOW,)
    assert (done.plan.changes, done.plan.skipped) == ([], [])


# ---- tasks


def test_a_duty_becomes_one_task_on_its_record_for_its_owner(tag_desk: Desk) -> None:
    id = tag_desk.overdue()

    tag_desk.cycle()
    tag_desk.cycle()

    [task] = tag_desk.our_tasks()
    assert (task.target, task.due, task.done, task.by_us) == (id, "2026-03-04", False, True)
    assert task.subject == f"联系 {NAME}：2025-11-20 以来没有双向联系"
    assert "每 90 天" in task.body
    assert task.owner is not None
    assert task.marker == tag_desk.wanted[0]["marker"]


def test_an_overdue_invoice_is_collected_where_it_is_kept(desk: Desk) -> None:
    """One company in both CRMs, the debt in Fxiaoke."""
    desk.zoho.add("account", name=NAME)
    theirs = desk.fxiaoke.add("account", name=NAME)
    invoice = desk.fxiaoke.add("invoice", account=theirs, number="YS-7", amount=8000, due=date(2026, 2, 20))

    desk.cycle()

    [task] = desk.our_tasks()
    assert task.target == invoice
    assert task.subject == f"催收 {NAME}：YS-7 已逾期 10 天，未收 8,000.00 元"
    assert list(desk.zoho.tasks()) == []


def test_a_later_stage_follows_and_the_earlier_is_over(desk: Desk) -> None:
    theirs = desk.fxiaoke.add("account", name=NAME)
    desk.fxiaoke.add("invoice", account=theirs, number="YS-7", amount=8000, due=date(2026, 2, 20))
    desk.cycle()

    desk.wait(days=6)
    desk.cycle()

    assert [(duty[0], duty[2]) for duty in desk.duties] == [("R08", "over"), ("R08", "wanted")]
    assert len(desk.our_tasks()) == 2


def test_a_task_that_someone_ticked_off_or_threw_away_does_not_come_back(tag_desk: Desk) -> None:
    first, second = tag_desk.overdue(), tag_desk.overdue(name="安徽合力股份有限公司")
    tag_desk.cycle()
    by_target = {task.target: task.id for task in tag_desk.our_tasks()}
    tag_desk.tenant.close_task(by_target[first])
    tag_desk.tenant.remove_task(by_target[second])

    done = tag_desk.cycle()

    assert done.plan.changes == []
    assert [(task.target, task.done) for task in tag_desk.our_tasks()] == [(first, True)]


def test_after_a_lost_database_the_tasks_in_the_crm_are_ours_again(task_desk: Desk) -> None:
    task_desk.overdue()
    task_desk.cycle()
    before = task_desk.our_tasks()
    task_desk.lose_database()

    done = task_desk.cycle()

    assert (done.plan.adopted, done.plan.changes) == (1, [])
    assert task_desk.our_tasks() == before
    assert [state for key, state in task_desk.intents.items() if key.startswith("task:")] == ["done"]


def test_after_a_lost_database_a_task_is_not_made_again_in_the_customers_other_crm(desk: Desk) -> None:
    """
    Fxiaoke   keeps the customer, and the task about a call that is overdue
    Zoho      keeps it, too, since yesterday, and comes first
    """
    desk.overdue(desk.fxiaoke, uscc="91410300171074489A")
    desk.cycle()
    desk.wait(days=1)
    desk.zoho.add("account", name=NAME, uscc="91410300171074489A")
    desk.cycle()
    before = desk.our_tasks()
    desk.lose_database()

    desk.cycle()

    assert len(before) == 1
    assert desk.our_tasks() == before


@pytest.mark.parametrize("hidden", ["Accounts", "Tasks"])
def test_after_a_lost_database_no_task_is_made_before_the_customers_other_crm_was_read(desk: Desk, hidden: str) -> None:
    """Zoho holds the task, but cannot tell today; Fxiaoke, which has the customer, too, answers."""
    desk.overdue(desk.zoho, uscc="91410300171074489A")
    desk.fxiaoke.add("account", name=NAME, uscc="91410300171074489A")
    desk.fxiaoke.add("activity", kind="visit", about=desk.fxiaoke.ids("account")[0], at=when("2025-11-20"))
    desk.cycle()
    before = desk.our_tasks()
    desk.lose_database()

    with desk.at_work() as (workspace, writer, ready, troubles):
        desk.hide(hidden)
        done = cycle(workspace, writer, ready, troubles, desk.today, by_person=True)

    assert [task.target for task in before] == [desk.zoho.ids("account")[0]]
    assert desk.our_tasks() == before
    assert "zoho have not been read yet" in " ".join(row["en"] for row in done.plan.skipped) or hidden == "Tasks"


def test_after_a_lost_database_no_task_is_made_before_those_in_the_crm_were_read(task_desk: Desk) -> None:
    """The list of tasks cannot be read today; what it holds is unknown."""
    task_desk.overdue()
    task_desk.cycle()
    before = task_desk.our_tasks()
    task_desk.lose_database()

    with task_desk.at_work() as (workspace, writer, ready, troubles):
        task_desk.hide("Tasks", "ScheduleObj")
        done = cycle(workspace, writer, ready, troubles, task_desk.today, by_person=True)

    assert task_desk.our_tasks() == before
    assert [row for row in done.plan.changes if row["kind"] == "task"] == []
    assert [row["en"] for row in done.plan.skipped] == ["this CRM's tasks have not been read yet: it may hold this one"]


def test_debts_from_before_go_live_are_listed_and_not_created(zoho_desk: Desk) -> None:
    zoho_desk.policy["go_live"] = date(2026, 3, 1)
    zoho_desk.overdue()

    done = zoho_desk.cycle()

    assert zoho_desk.our_tasks() == []
    [row] = [row for row in done.plan.skipped if row["kind"] == "task"]
    assert "go-live" in row["en"]
    assert "上线日" in row["zh"]


def test_a_debt_that_was_only_listed_becomes_a_task_when_go_live_is_moved(zoho_desk: Desk) -> None:
    zoho_desk.policy["go_live"] = date(2026, 3, 1)
    zoho_desk.overdue()
    zoho_desk.cycle()
    zoho_desk.policy["go_live"] = date(2025, 1, 1)
    zoho_desk.configure()
    zoho_desk.wait(days=1)

    zoho_desk.cycle()

    assert len(zoho_desk.our_tasks()) == 1


def test_what_the_crm_refused_is_left_until_tomorrow(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name=NAME)
    zoho_desk.zoho.lock_record(id)
    first = zoho_desk.cycle()
    asked = zoho_desk.calls("add_tags$")

    today = zoho_desk.cycle()
    still = zoho_desk.calls("add_tags$")
    zoho_desk.zoho.lock_record(id, locked=False)
    zoho_desk.wait(days=1)
    tomorrow = zoho_desk.cycle()

    assert first.applied is not None
    assert first.applied.push.counts == {"refused": 1}
    assert (today.plan.changes, still) == ([], asked)
    assert "RECORD_LOCKED" in today.plan.skipped[0]["en"]
    assert tomorrow.applied is not None
    assert zoho_desk.zoho.tags(id) == (LOW,)


# ---- who else


def test_a_connection_that_is_down_has_no_rows_and_the_others_theirs(desk: Desk) -> None:
    desk.zoho.add("account", name=NAME)
    theirs = desk.fxiaoke.add("account", name="安徽合力股份有限公司")
    desk.pull()
    desk.judge()
    desk.zoho.fault(Fault("answer", times=-1, status=503))

    plan = desk.plan()

    assert [row["remote_id"] for row in plan.changes] == [theirs]
    assert list(plan.troubles) == ["zoho"]


def test_a_connection_that_breaks_while_planning_keeps_nobody_else_back(desk: Desk) -> None:
    desk.zoho.add("account", name=NAME)
    theirs = desk.fxiaoke.add("account", name="安徽合力股份有限公司")
    desk.pull()
    desk.judge()
    desk.zoho.fault(Fault("answer", on="GET /crm/v8/Accounts$", times=-1, status=500))

    plan = desk.plan()

    assert [row["remote_id"] for row in plan.changes] == [theirs]
    assert list(plan.troubles) == ["zoho"]


def test_nothing_is_planned_for_an_account_that_waits_to_be_judged_again(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name=NAME)
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.wait(minutes=1)
    zoho_desk.zoho.change("account", id, strategic=90)
    zoho_desk.pull()

    plan = zoho_desk.plan()

    assert plan.changes == []


def test_two_plans_of_the_same_state_carry_the_same_digest(zoho_desk: Desk) -> None:
    zoho_desk.overdue()
    zoho_desk.pull()
    zoho_desk.judge()

    first, second = zoho_desk.plan(), zoho_desk.plan()

    assert (first.digest, len(first.changes)) == (second.digest, 2)
    assert first.id != second.id


def test_an_owner_who_has_left_is_stood_in_for_by_the_manager(zoho_desk: Desk) -> None:
    boss = zoho_desk.zoho.add("user", name="王经理")
    left = zoho_desk.zoho.add("user", name="已离职", active=False, manager=boss)
    zoho_desk.overdue(owner=left)

    zoho_desk.cycle()

    assert [task.owner for task in zoho_desk.our_tasks()] == [boss]


def test_a_duty_keeps_its_words_owner_and_date_from_when_it_was_first_offered(zoho_desk: Desk) -> None:
    id = zoho_desk.overdue()
    zoho_desk.pull()
    zoho_desk.judge()
    first = zoho_desk.wanted
    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, name="改了名字的公司", owner=zoho_desk.zoho.add("user", name="新人"))
    zoho_desk.pull()
    zoho_desk.judge()

    assert zoho_desk.wanted == first


def test_a_visit_settles_the_debt_and_the_task_is_no_longer_wanted(zoho_desk: Desk) -> None:
    id = zoho_desk.overdue()
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.zoho.add("activity", kind="visit", about=id, at=when("2026-03-01"))
    zoho_desk.pull()
    zoho_desk.judge()

    plan = zoho_desk.plan()

    assert [row["kind"] for row in plan.changes] == ["tags"]
    assert zoho_desk.wanted == []
