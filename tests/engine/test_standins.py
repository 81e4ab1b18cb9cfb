"""Owners who have left: their tasks go to the fallback owner, once and with a word; without one they wait."""

from __future__ import annotations

import pytest

from kamsync.engine import dead, views_why
from kamsync.store import wanted
from tests.engine.desk import BASIC, WRITING, Desk

STREAMS = BASIC
STAYS_OPEN = True
LEFT = "987654321987654321"  # nobody whom either CRM knows


def _owed_by(desk: Desk, owner: str) -> str:
    """A call is owed by somebody who has left since it was offered."""
    id = desk.overdue()
    desk.pull()
    desk.judge()
    with desk.workspace.store.write() as tx:
        tx.execute(wanted.DUTY.update().values(owner=owner))
    return id


def _fallback(desk: Desk, owner: str) -> None:
    desk.options[desk.connections[0]]["fallback_owner"] = owner
    desk.configure()


def test_a_task_of_an_owner_who_has_left_goes_to_the_fallback_once_and_is_told(tag_desk: Desk) -> None:
    deputy = tag_desk.tenant.add("user", name="王小二", email="wang@example.cn")
    _fallback(tag_desk, deputy)
    id = _owed_by(tag_desk, LEFT)
    tag_desk.apply()
    refused = [letter.standing.kind for letter in dead.listed(tag_desk.workspace)]

    plan = tag_desk.plan()
    tag_desk.apply(plan.id)
    again = tag_desk.plan()

    assert refused == ["owner"]
    assert [row["payload"]["owner"] for row in plan.changes] == [deputy]
    assert f"given to {deputy}" in plan.changes[0]["en"]
    assert [(task.target, task.owner) for task in tag_desk.our_tasks()] == [(id, deputy)]
    assert (again.changes, dead.listed(tag_desk.workspace)) == ([], [])
    [chain] = views_why.why(tag_desk.workspace, tag_desk.our_tasks()[0].id)
    assert any(f"given to {deputy}" in text.en for step in chain.steps for text in step.more)


def test_where_the_fallback_has_left_too_the_task_waits_for_a_person(tag_desk: Desk) -> None:
    _fallback(tag_desk, LEFT + "0")
    _owed_by(tag_desk, LEFT)
    for _ in ("its owner", "the fallback"):
        tag_desk.apply()
    sent = tag_desk.calls(WRITING)

    tag_desk.apply()

    assert tag_desk.calls(WRITING) == sent
    assert [letter.standing.kind for letter in dead.listed(tag_desk.workspace)] == ["owner"]
    assert tag_desk.our_tasks() == []


def test_without_a_fallback_the_task_waits_for_a_person(zoho_desk: Desk) -> None:
    _owed_by(zoho_desk, LEFT)
    zoho_desk.apply()
    sent = zoho_desk.calls(WRITING)

    zoho_desk.apply()

    assert zoho_desk.calls(WRITING) == sent
    [letter] = dead.listed(zoho_desk.workspace)
    assert (letter.standing.kind, letter.standing.command) == ("owner", "kamsync plan")


@pytest.mark.parametrize("fallback", [None, "given"])
def test_an_owner_known_to_have_left_is_passed_over_from_the_first(zoho_desk: Desk, fallback: str | None) -> None:
    """The list of users says so already: nobody needs a refusal to learn it."""
    gone = zoho_desk.zoho.add("user", name="李雷", email="li@example.cn", active=False)
    deputy = zoho_desk.zoho.add("user", name="王小二", email="wang@example.cn") if fallback else None
    if deputy is not None:
        _fallback(zoho_desk, deputy)
    zoho_desk.overdue(owner=gone)
    zoho_desk.pull()
    zoho_desk.judge()

    assert [duty["owner"] for duty in zoho_desk.wanted] == [deputy]
