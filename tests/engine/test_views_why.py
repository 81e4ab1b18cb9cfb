"""From a task or a tag back to its source."""

from __future__ import annotations

import pytest

from kamsync.engine import views_why
from kamsync.engine.views_find import NoSuchAccount
from kamsync.engine.views_why import Chain
from tests.engine.desk import BASIC, Desk

STREAMS = BASIC
STAYS_OPEN = True
LOW = "KAM·三级及以下"


def _steps(chain: Chain) -> list[str]:
    return [step.name for step in chain.steps]


@pytest.fixture
def written(zoho_desk: Desk) -> tuple[Desk, str]:
    """A customer whom nobody has called for long: a tag and a task were written."""
    id = zoho_desk.overdue()
    zoho_desk.workspace.who = "wangfang"
    zoho_desk.cycle()
    return zoho_desk, id


def test_a_tag_leads_to_the_plan_the_person_the_verdict_and_the_record(written: tuple[Desk, str]) -> None:
    desk, id = written

    [chain] = views_why.why(desk.workspace, f"tag:zoho/{id}")

    assert _steps(chain) == ["write", "plan", "wish", "verdict", "record"]
    write, plan, wish, verdict, record = chain.steps
    assert (write.facts["state"], [text.en.split()[-1] for text in write.more[:-1]]) == ("done", ["applied"])
    assert "applied by wangfang" in plan.text.en
    assert LOW in wish.text.en
    assert verdict.facts["policy"] == desk.workspace.policy.version
    assert (record.facts["remote_id"], record.facts["run"]) == (id, 1)


def test_an_account_leads_to_all_that_is_wanted_for_it(written: tuple[Desk, str]) -> None:
    desk, _ = written

    chains = views_why.why(desk.workspace, "中国一拖")

    assert [(chain.thing.split(":")[0], _steps(chain)[0]) for chain in chains] == [("tag", "write"), ("task", "write")]


@pytest.mark.parametrize("by", ["id in the CRM", "marker", "duty"])
def test_a_task_leads_to_the_rule_and_what_it_was_owed_for(written: tuple[Desk, str], by: str) -> None:
    desk, id = written
    [task], [duty] = desk.our_tasks(), desk.rows("duty")
    name = {"id in the CRM": task.id, "marker": duty["marker"], "duty": duty["id"]}[by]

    [chain] = views_why.why(desk.workspace, f"task:{name}")

    assert _steps(chain) == ["write", "plan", "duty", "verdict", "record"]
    assert (chain.steps[2].facts["rule"], chain.steps[0].facts["written_id"]) == ("R01", task.id)
    assert chain.steps[4].facts["remote_id"] == id


def test_what_was_never_wanted_is_said_with_the_next_command(zoho_desk: Desk) -> None:
    zoho_desk.zoho.add("account", name="安徽合力股份有限公司")
    zoho_desk.pull()

    with pytest.raises(NoSuchAccount) as told:
        views_why.why(zoho_desk.workspace, "安徽合力")

    assert (told.value.next, told.value.exit_code) == ("kamsync plan", 2)


def test_a_tag_that_waits_says_what_the_plan_makes_of_it(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="安徽合力股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge()
    before = views_why.why(zoho_desk.workspace, f"tag:zoho/{id}")[0]
    zoho_desk.plan()

    after = views_why.why(zoho_desk.workspace, f"tag:zoho/{id}")[0]

    assert before.steps[0].text.en == "no plan has spoken of it yet"
    assert "plan 1: it was –" in after.steps[0].text.en
