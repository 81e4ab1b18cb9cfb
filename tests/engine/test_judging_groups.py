"""Groups, policies that look at the whole book, and verdicts that can be worked out again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kamsync.config.policies import read_policy
from kamsync.engine import replay, views_explain
from kamsync.store import verdicts
from tests.engine.desk import PEOPLE, Desk

STREAMS = PEOPLE | {"orders"}
STAYS_OPEN = True
TODAY = date(2026, 3, 2)
WAN = 10_000
POLICIES = Path(__file__).parents[2] / "policies"

# One metric, so that a tier can be told at a glance: VIP from 100万 of sales, key from 50万.
BY_SALES = """
name = "by sales"
labels = "vip"
[[tiers]]
floor = 100
[[tiers]]
floor = 50
[[tiers]]
floor = 0
[dimensions.sales]
weight = 100
[dimensions.sales.metrics.revenue_12m]
weight = 100
anchors = [[0, 0], ["100万", 100]]
[gates]
group_below = 1
"""


def use(desk: Desk, text: str) -> None:
    path = desk.folder / "own.toml"
    path.write_text(text, "utf-8")
    desk.policy["tiers"] = str(path)
    desk.configure()


def customer(desk: Desk, name: str, sales: int, **more: object) -> str:
    """A customer with so many 万 of sales this year."""
    id = desk.zoho.add("account", name=name, **more)
    if sales:
        desk.zoho.add("order", account=id, gross=sales * WAN, date=date(2026, 2, 2), counts=True)
    return id


@pytest.fixture
def group(zoho_desk: Desk) -> list[str]:
    """
    东方集团  60万 ── 东方电气 45万 ── 东方照明 1万          苏州小河五金店 1万
    """
    use(zoho_desk, BY_SALES)
    top = customer(zoho_desk, "东方集团有限公司", 60)
    child = customer(zoho_desk, "东方电气股份有限公司", 45, parent=top)
    grandchild = customer(zoho_desk, "东方照明科技有限公司", 1, parent=child)
    other = customer(zoho_desk, "苏州小河五金店", 1)
    zoho_desk.pull()
    return [top, child, grandchild, other]


def test_a_group_is_judged_at_its_top_and_its_companies_are_not_far_below(zoho_desk: Desk, group: list[str]) -> None:
    """106万 together: VIP at the top, and nobody of the group below key."""
    zoho_desk.judge(on=TODAY)

    assert [zoho_desk.tier_of(id) for id in group] == ["VIP客户", "重点客户", "重点客户", "普通客户"]


def test_a_change_of_one_company_is_a_change_of_its_group(zoho_desk: Desk, group: list[str]) -> None:
    zoho_desk.judge(on=TODAY)
    zoho_desk.zoho.add("order", account=group[3], gross=99 * WAN, date=date(2026, 2, 3), counts=True)
    zoho_desk.pull()

    assert zoho_desk.judge(on=TODAY).judged == 1

    zoho_desk.zoho.add("order", account=group[2], gross=1 * WAN, date=date(2026, 2, 3), counts=True)
    zoho_desk.pull()
    assert zoho_desk.judge(on=TODAY).judged == 3


def test_a_group_that_the_crms_do_not_tell_can_be_written_into_the_policy(zoho_desk: Desk, group: list[str]) -> None:
    use(zoho_desk, BY_SALES + f'[[groups]]\naccount = "zoho/{group[3]}"\nparent = "zoho/{group[0]}"\n')

    zoho_desk.judge(on=TODAY)

    assert zoho_desk.tier_of(group[3]) == "重点客户"


def test_a_matrix_looks_at_the_whole_book(zoho_desk: Desk) -> None:
    use(zoho_desk, (POLICIES / "abc_matrix.toml").read_text("utf-8"))
    ids = [customer(zoho_desk, f"苏州第{place}精密机械有限公司", sales) for place, sales in enumerate((80, 16, 4, 0))]
    zoho_desk.pull()

    zoho_desk.judge(on=TODAY)

    assert [zoho_desk.tier_of(id) for id in ids] == list("ABCC")
    assert zoho_desk.judge(on=TODAY).judged == 0
    zoho_desk.zoho.add("order", account=ids[3], gross=900 * WAN, date=date(2026, 2, 3), counts=True)
    zoho_desk.pull()
    assert zoho_desk.judge(on=TODAY).judged == 4  # one who outgrows the others moves everybody's bars


@pytest.mark.parametrize("policy", ["abc_matrix", "vip_two_stage", "sabc", "value4"])
def test_stored_evaluations_are_worked_out_again_to_the_last_digit(zoho_desk: Desk, policy: str) -> None:
    use(zoho_desk, (POLICIES / f"{policy}.toml").read_text("utf-8"))
    top = customer(zoho_desk, "东方集团有限公司", 1080)
    customer(zoho_desk, "东方电气股份有限公司", 16, parent=top, strategic=85, size="大", industry="制造业")
    customer(zoho_desk, "苏州小河五金店", 4)
    zoho_desk.pull()
    for day in (TODAY, date(2026, 3, 9)):
        zoho_desk.judge(on=day)

    rows = zoho_desk.rows("evaluation")
    read = read_policy(zoho_desk.folder / "own.toml")

    assert len(rows) == 6
    for row in rows:
        again = replay.replayed(row, read)
        figures = ("tier", "rank", "scored_tier", "score", "coverage", "since", "pending_down")
        assert {name: getattr(again, name) for name in figures} == {name: row[name] for name in figures}


def test_an_explanation_stands_on_what_judged_even_when_everything_changed_since(zoho_desk: Desk) -> None:
    use(zoho_desk, BY_SALES)
    id = customer(zoho_desk, "东方电气股份有限公司", 60)
    zoho_desk.pull()
    zoho_desk.judge(on=TODAY)
    zoho_desk.zoho.change("account", id, blacklisted=True)
    zoho_desk.zoho.add("order", account=id, gross=99 * WAN, date=date(2026, 2, 3), counts=True)
    zoho_desk.pull()

    told = views_explain.explain(zoho_desk.workspace, f"zoho/{id}", TODAY)

    assert (told.verdict.tier, str(told.verdict.score)) == ("重点客户", "60.00")
    with zoho_desk.workspace.store.read() as tx:
        row = verdicts.evaluation(tx, zoho_desk.account_of(id) or "", TODAY)
    assert row is not None
    assert (told.verdict.tier, told.verdict.score) == (row["tier"], row["score"])
    assert "revenue_12m" in told.drifted
    assert sum(part.points for part in told.verdict.dimensions) == told.verdict.score
