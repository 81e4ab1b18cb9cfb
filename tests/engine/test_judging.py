"""Judging: once a date, against the date before, for whom the policy's book admits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.engine.desk import PEOPLE, Desk, Died, when

STREAMS = PEOPLE | {"events", "orders", "deals"}
STAYS_OPEN = True


def test_judging_twice_on_one_date_writes_nothing(each_desk: Desk) -> None:
    account = each_desk.zoho.add("account", name="隆基绿能科技股份有限公司", strategic=90)
    each_desk.zoho.add("activity", kind="visit", about=account, at=when("2025-11-20"))
    each_desk.pull()
    each_desk.judge()

    with each_desk.dies(on=r"(INSERT INTO|UPDATE|DELETE FROM) (evaluation|duty|state|account)\b"):
        report = each_desk.judge()

    assert (report.accounts, report.judged) == (1, 0)


def test_a_verdict_and_what_it_wants_become_true_together(each_desk: Desk) -> None:
    each_desk.zoho.add("account", name="隆基绿能科技股份有限公司")
    each_desk.pull()

    with each_desk.dies(on="INSERT INTO state"), pytest.raises(Died):
        each_desk.judge()

    assert (each_desk.rows("evaluation"), each_desk.rows("duty"), each_desk.rows("state")) == ([], [], [])
    assert [row["dirty"] for row in each_desk.rows("account")] == [True]


def test_a_tier_is_compared_with_the_date_before_not_with_the_run_before(zoho_desk: Desk) -> None:
    """
    1 Feb   三级及以下
    2 Feb   strategic: 二级; judged three times as data trickles in
    """
    id = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge(on=date(2026, 2, 1))
    for rating in (85, 90, 95):
        zoho_desk.wait(minutes=1)
        zoho_desk.zoho.change("account", id, strategic=rating)
        zoho_desk.pull()
        zoho_desk.judge(on=date(2026, 2, 2))

    [before, after] = zoho_desk.rows("evaluation")

    assert (before["tier"], after["tier"]) == ("三级及以下", "二级")
    assert (after["changed_from"], after["changed_on"]) == ("三级及以下", date(2026, 2, 2))
    assert [duty for duty in zoho_desk.duties if duty[0] == "R24"] == [("R24", id, "wanted")]


def test_a_change_of_mind_within_one_day_is_no_change_of_tier(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge(on=date(2026, 2, 1))
    for rating in (90, None):
        zoho_desk.wait(minutes=1)
        zoho_desk.zoho.change("account", id, strategic=rating)
        zoho_desk.pull()
        zoho_desk.judge(on=date(2026, 2, 2))

    after = zoho_desk.rows("evaluation")[-1]

    assert (after["tier"], after["changed_from"], after["changed_on"]) == ("三级及以下", None, None)
    assert zoho_desk.duties == [("R24", id, "over")]


def test_a_first_verdict_is_no_change_of_tier(zoho_desk: Desk) -> None:
    zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司", strategic=90)
    zoho_desk.pull()

    report = zoho_desk.judge()

    assert (report.judged, report.changed, zoho_desk.duties) == (1, 0, [])


def test_only_the_accounts_that_something_landed_about_are_judged_again(zoho_desk: Desk) -> None:
    quiet = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司")
    busy = zoho_desk.zoho.add("account", name="安徽海螺水泥股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.zoho.add("order", account=busy, gross=100, date=date(2026, 2, 2))
    zoho_desk.pull()

    report = zoho_desk.judge()

    assert (report.accounts, report.judged) == (2, 1)
    runs = {row["account"]: row["run"] for row in zoho_desk.rows("evaluation")}
    assert runs[zoho_desk.account_of(busy)] > runs[zoho_desk.account_of(quiet)]


def test_another_day_judges_the_whole_book(zoho_desk: Desk) -> None:
    for name in ("隆基绿能科技股份有限公司", "安徽海螺水泥股份有限公司"):
        zoho_desk.zoho.add("account", name=name)
    zoho_desk.pull()
    zoho_desk.judge(on=date(2026, 3, 2))

    report = zoho_desk.judge(on=date(2026, 3, 3))

    assert report.judged == 2


def test_a_look_back_changes_nothing_that_is_wanted_today(zoho_desk: Desk) -> None:
    """
    visit     2025-11-20
    today     2 March: overdue      looked back at 1 January: it was not yet
    """
    account = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司", strategic=90)
    zoho_desk.zoho.add("activity", kind="visit", about=account, at=when("2025-11-20"))
    zoho_desk.pull()
    zoho_desk.judge()
    today = zoho_desk.rows("duty"), zoho_desk.rows("state")

    report = zoho_desk.judge(on=date(2025, 12, 1))

    assert report.judged == 1
    assert (zoho_desk.rows("duty"), zoho_desk.rows("state")) == today


def test_a_look_back_leaves_what_landed_to_be_judged_today(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.wait(minutes=1)
    zoho_desk.zoho.change("account", id, strategic=90)
    zoho_desk.pull()
    zoho_desk.judge(on=date(2025, 12, 1))

    zoho_desk.judge()

    assert zoho_desk.tier_of(id) == "二级"


def test_a_stream_that_was_never_read_is_unknown_and_one_read_empty_is_zero(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司")
    zoho_desk.pull("accounts")
    before = zoho_desk.metrics(id)

    zoho_desk.pull("orders")

    assert before.value("revenue_12m") is None
    assert zoho_desk.metrics(id).value("revenue_12m") == Decimal(0)
    assert zoho_desk.metrics(id).value("weighted_pipeline_12m") is None


def test_a_stream_that_broke_off_is_unknown_until_it_was_read_to_the_end(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司")
    for _ in range(201):
        zoho_desk.zoho.add("order", account=id, gross=1, date=date(2026, 2, 2))
    zoho_desk.pull("accounts")
    with zoho_desk.dies(on="INSERT INTO cursor", after=1), pytest.raises(Died):
        zoho_desk.pull("orders")
    half = zoho_desk.metrics(id).value("revenue_12m")

    zoho_desk.pull("orders")

    assert (half, zoho_desk.metrics(id).value("revenue_12m")) == (None, Decimal(201))


def test_the_book_admits_whom_the_policy_names_and_tags_nobody_else(desk: Desk) -> None:
    inside = desk.fxiaoke.add("account", name="隆基绿能科技股份有限公司")
    outside = desk.zoho.add("account", name="安徽海螺水泥股份有限公司")
    desk.use_policy('[[book.admit]]\nconnections = ["fxiaoke"]')

    done = desk.cycle()

    assert (done.tier.accounts, [row["account"] for row in desk.rows("evaluation")]) == (1, [desk.account_of(inside)])
    assert (desk.fxiaoke.tags(inside), desk.zoho.tags(outside)) == (("KAM·三级及以下",), ())


def test_an_account_that_leaves_the_book_loses_our_tag_and_keeps_peoples(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="安徽海螺水泥股份有限公司", tags=["展会"])
    zoho_desk.cycle()
    tagged = zoho_desk.zoho.tags(id)
    zoho_desk.use_policy('[[book.admit]]\nconnections = ["fxiaoke"]')

    zoho_desk.cycle()

    assert set(tagged) == {"展会", "KAM·三级及以下"}
    assert zoho_desk.zoho.tags(id) == ("展会",)


def test_a_tier_that_is_worth_no_tag_gets_none(zoho_desk: Desk) -> None:
    ordinary = zoho_desk.zoho.add("account", name="安徽海螺水泥股份有限公司")
    better = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司", strategic=90)
    zoho_desk.use_policy(tagged=["一级", "二级"])

    zoho_desk.cycle()

    assert (zoho_desk.zoho.tags(ordinary), zoho_desk.zoho.tags(better)) == ((), ("KAM·二级",))


def test_another_policy_judges_the_same_date_again(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司", strategic=70)
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.use_policy(strategic_rating=60)

    report = zoho_desk.judge()

    assert (report.judged, zoho_desk.tier_of(id)) == (1, "二级")
    assert len(zoho_desk.rows("policy")) == 2


def test_how_the_connections_are_preferred_decides_whose_words_count(desk: Desk) -> None:
    ours = desk.zoho.add("account", name="隆基绿能科技股份有限公司", influence=20)
    desk.fxiaoke.add("account", name="隆基绿能科技股份有限公司", influence=80)
    desk.policy["prefer"] = ["fxiaoke", "zoho"]
    desk.configure()

    desk.pull()

    assert desk.metrics(ours).value("influence") == 80


def test_a_meeting_planned_soon_holds_a_reminder_back(zoho_desk: Desk) -> None:
    """Zoho's meetings have no status: one that lies ahead is planned."""
    id = zoho_desk.zoho.add("account", name="隆基绿能科技股份有限公司")
    zoho_desk.zoho.add("activity", kind="visit", about=id, at=when("2025-11-20"))
    zoho_desk.zoho.add("activity", kind="meeting", about=id, at=zoho_desk.clock.now() + timedelta(days=3))
    zoho_desk.pull()

    zoho_desk.judge()

    assert zoho_desk.duties == []
