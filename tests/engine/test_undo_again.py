"""Undo, in the middle of what goes wrong: lost answers, dying processes, undone undos, what may not be written."""

from __future__ import annotations

from typing import Any

import pytest

from kamsync.engine import auditing, views_why
from kamsync.engine.undoing import NothingToUndo
from kamsync.engine.verbs import undo_verb
from kamsync.testing.faults import Fault
from tests.engine.desk import BASIC, Desk, Died
from tests.engine.test_undo import ALTERS, LOW, forward, lets_delete, open_tasks, written

STREAMS = BASIC
STAYS_OPEN = True


def undone(desk: Desk, id: str) -> None:
    """Everything as before the apply, each of it written once, and nothing under way."""
    assert (desk.tenant.tags(id), open_tasks(desk)) == ((), [])
    assert {state for key, state in desk.intents.items() if not key.startswith("undo")} == {"undone"}
    assert {state for key, state in desk.intents.items() if key.startswith("undo")} == {"done"}


# ---- an undo of an undo


def test_an_undo_that_is_undone_gives_the_forward_state_again(tag_desk: Desk) -> None:
    """The task is opened again (Zoho), or made anew where it was deleted (Fxiaoke)."""
    id = written(tag_desk)
    if tag_desk.connections == ("fxiaoke",):
        lets_delete(tag_desk)
    run = tag_desk.undo().accepted.run

    tag_desk.undo(run)

    forward(tag_desk, id)
    assert tag_desk.cycle().plan.changes == []


def test_undone_redone_and_undone_again_it_stays_undone(tag_desk: Desk) -> None:
    id = written(tag_desk)
    first = tag_desk.undo().accepted.run
    tag_desk.undo(first)
    tag_desk.undo()

    tag_desk.cycle()

    assert (tag_desk.tenant.tags(id), open_tasks(tag_desk)) == ((), [])
    assert [hold["count"] for hold in tag_desk.holds] == [2]


def test_the_last_apply_undone_twice_goes_no_further_back(zoho_desk: Desk) -> None:
    id = written(zoho_desk)
    zoho_desk.undo()

    plan = zoho_desk.plan_undo()

    assert (plan.changes, {row["en"] for row in plan.skipped}) == ([], {"it was undone already"})
    assert zoho_desk.zoho.tags(id) == ()


def test_an_undo_is_not_undone_where_the_wish_has_changed_since(zoho_desk: Desk) -> None:
    id = zoho_desk.tenant.add("account", name="中国一拖集团有限公司")
    zoho_desk.cycle()
    run = zoho_desk.undo().accepted.run
    zoho_desk.wait(days=1)
    zoho_desk.tenant.change("account", id, strategic=90)
    zoho_desk.pull()
    zoho_desk.judge()

    plan = zoho_desk.plan_undo(run)

    assert (plan.changes, [row["en"] for row in plan.skipped]) == (
        [], ["what is wanted changed since: a plan will tell"]
    )  # fmt: skip


# ---- answers that do not come, processes that die


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_an_undo_whose_answer_was_lost_ends_by_what_stands_in_the_crm(tag_desk: Desk, fault: Any) -> None:
    id = written(tag_desk)
    tag_desk.tenant.fault(Fault(fault, on=ALTERS, times=2))

    tag_desk.undo()
    tag_desk.undo()

    undone(tag_desk, id)
    assert tag_desk.cycle().plan.changes == []


SENT, TOLD, TURNED = ("UPDATE intent SET state=", 1), ("INSERT INTO receipt", 0), ("INSERT INTO hold", 0)


@pytest.mark.parametrize(("on", "after"), [("INSERT INTO intent", 0), SENT, TOLD, TURNED])
def test_an_undo_that_died_on_the_way_is_carried_on(each_desk: Desk, on: str, after: int) -> None:
    id = written(each_desk)
    plan = each_desk.plan_undo()
    with each_desk.dies(on, after), pytest.raises(Died):
        each_desk.apply(plan.id)

    each_desk.apply(plan.id)
    each_desk.cycle()

    undone(each_desk, id)


def test_an_undo_that_was_accepted_and_not_sent_goes_out_with_the_next_push(each_desk: Desk) -> None:
    each_desk.writes["zoho"] = "on"
    id = written(each_desk)
    with each_desk.dies(*SENT), pytest.raises(Died):
        each_desk.undo()
    left = {state for key, state in each_desk.intents.items() if key.startswith("undo")}

    each_desk.cycle(by_person=False)

    assert left == {"planned"}
    undone(each_desk, id)


# ---- what may not be


def test_nothing_is_undone_where_nothing_may_be_written(zoho_desk: Desk) -> None:
    id = written(zoho_desk)
    run = max(row["run"] for row in zoho_desk.rows("intent"))
    zoho_desk.writes["zoho"] = "off"
    zoho_desk.configure()

    with pytest.raises(NothingToUndo) as told:
        undo_verb(zoho_desk.workspace, run, None, lambda plan: True)

    assert (told.value.next, told.value.exit_code) == (f"kamsync undo --run {run}", 2)
    assert zoho_desk.zoho.tags(id) == (LOW,)


def test_a_run_that_wrote_nothing_is_named_with_those_that_did(zoho_desk: Desk) -> None:
    written(zoho_desk)
    run = max(row["run"] for row in zoho_desk.rows("intent"))

    with pytest.raises(NothingToUndo) as told:
        zoho_desk.undo(1)

    assert told.value.text.en == f"run 1 wrote nothing; the latest that did: {run}"


def test_something_that_landed_since_keeps_no_undo_back(zoho_desk: Desk) -> None:
    """A person who says stop does not wait until everybody is judged again."""
    id = written(zoho_desk)
    zoho_desk.zoho.change("account", id, phone="021-5555")
    zoho_desk.pull()

    zoho_desk.undo()

    undone(zoho_desk, id)


# ---- who did it, and why it is so


def test_the_person_who_asked_is_in_the_trail(zoho_desk: Desk) -> None:
    written(zoho_desk)
    zoho_desk.workspace.who = "wangfang"

    zoho_desk.undo()

    deeds = list(auditing.export(zoho_desk.workspace))
    applied = [row for row in deeds if (row["who"], row["deed"]) == ("wangfang", "plan.applied")]
    assert [row["facts"]["undoes"] for row in applied][-1] == min(row["run"] for row in zoho_desk.rows("intent"))
    assert [row["deed"] for row in deeds].count("write.undone") == 2
    assert auditing.is_whole(auditing.verify(zoho_desk.workspace))


@pytest.mark.parametrize("kind", ["tag", "task"])
def test_why_walks_over_an_undo(zoho_desk: Desk, kind: str) -> None:
    id = written(zoho_desk)
    thing = f"tag:zoho/{id}" if kind == "tag" else f"task:{zoho_desk.our_tasks()[0].id}"
    zoho_desk.undo()

    [chain] = views_why.why(zoho_desk.workspace, thing)

    names = [step.name for step in chain.steps]
    assert names[:6] == ["write", "plan", "undo", "write", "plan", "hold"]
    assert [step.facts["state"] for step in chain.steps if step.name == "write"] == ["done", "undone"]
