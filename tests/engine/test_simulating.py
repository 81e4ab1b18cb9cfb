"""Trying policies on history: who would stand elsewhere, and how often a policy changes its mind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kamsync.config.policies import policy_of
from kamsync.engine.simulate import simulate, to_json
from kamsync.plugin.document import parse
from kamsync.rules.policy import Policy, Steadiness
from tests.engine.desk import PEOPLE, Desk
from tests.engine.test_judging_groups import BY_SALES, customer, use

STREAMS = PEOPLE | {"orders"}
STAYS_OPEN = True
RESTLESS = Steadiness(up_days=0, down_days=0, down_runs=1, grace_days=0, up_margin=Decimal(0), down_margin=Decimal(0))


@pytest.fixture
def history(zoho_desk: Desk) -> Desk:
    """
    sales of a year     2 December 2025   2 January 2026   2 February   2 March
    华东精密机械              40万              40万             40万       40万
    东方电气                  0                60万             60万       60万
    """
    use(zoho_desk, BY_SALES)
    one = customer(zoho_desk, "华东精密机械有限公司", 0)
    zoho_desk.zoho.add("order", account=one, gross=400_000, date=date(2025, 6, 2), counts=True)
    other = customer(zoho_desk, "东方电气股份有限公司", 0)
    zoho_desk.zoho.add("order", account=other, gross=600_000, date=date(2025, 12, 20), counts=True)
    zoho_desk.pull()
    return zoho_desk


def draft(floor: int) -> Policy:
    """The same policy with another floor for key customers."""
    text = BY_SALES.replace("floor = 50", f"floor = {floor}").replace('"by sales"', f'"key from {floor}"')
    return policy_of(parse(text, "draft.toml"))


def test_who_would_stand_elsewhere_is_told_with_reasons_and_revenue(history: Desk) -> None:
    found = simulate(history.workspace, [draft(40)], months=1)

    (course,) = found.drafts
    assert found.now.tiers == {"VIP客户": 0, "重点客户": 1, "普通客户": 1}
    assert course.tiers == {"VIP客户": 0, "重点客户": 2, "普通客户": 0}
    assert [(one.name, one.before, one.after, one.up) for one in course.movers] == [
        ("华东精密机械有限公司", "普通客户", "重点客户", True)
    ]
    assert course.revenue_moved == 400_000
    assert course.movers[0].reasons[0].en == "12-month net sales ¥400,000 gave most: 40.00 points"


def test_months_are_walked_one_after_the_other_and_measured_where_nobody_judged(history: Desk) -> None:
    history.judge(on=date(2026, 3, 2))

    found = simulate(history.workspace, [replace(draft(50), steadiness=RESTLESS)], months=4)

    assert found.dates == [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 2)]
    assert found.measured == found.dates[:3]
    assert (found.drafts[0].changes, found.drafts[0].flapped) == (0, 0)


def test_a_policy_that_goes_back_and_forth_is_seen_to(history: Desk) -> None:
    """东方电气 buys much in December 2025; a return in February takes it back, March's order brings it again."""
    id = customer(history, "北辰仪表有限公司", 0)
    for day, gross, returned in [("2025-12-20", 600_000, 0), ("2026-02-03", 1, 300_000), ("2026-03-01", 300_000, 0)]:
        history.zoho.add("order", account=id, gross=gross, returned=returned, date=date.fromisoformat(day), counts=True)
    history.pull()

    found = simulate(history.workspace, [replace(draft(50), steadiness=RESTLESS)], months=4)

    assert (found.now.changes, found.now.flapped) == (0, 0)
    assert (found.drafts[0].changes, found.drafts[0].flapped) == (2, 1)


def test_two_drafts_stand_side_by_side_and_nothing_is_written(history: Desk) -> None:
    history.judge(on=date(2026, 3, 2))
    before = history.rows("evaluation")

    told = to_json(simulate(history.workspace, [draft(40), draft(70)], months=2), "en")

    assert [(one["name"], one["up"], one["down"], one["revenue_moved"]) for one in told["policies"]] == [
        ("by sales", 0, 0, "0"),
        ("key from 40", 1, 0, "400000.00"),
        ("key from 70", 0, 1, "600000.00"),
    ]
    assert history.rows("evaluation") == before
