"""Linking: one customer however many records stand for it, and everything that hangs on them follows."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from kamsync.rules import identity
from kamsync.store.entities import TABLES
from tests.engine.desk import BASIC, Desk, when

STREAMS = BASIC | {"orders", "deals", "calls", "order_lines", "returns"}
STAYS_OPEN = True


def test_one_company_in_two_crms_is_one_account_with_the_evidence_kept(desk: Desk) -> None:
    ours = desk.zoho.add("account", name="华新水泥股份有限公司", phone="027-87773898")
    theirs = desk.fxiaoke.add("account", name="华新水泥股份有限公司", phone="027-87773898")

    report = desk.pull()

    assert (report.linked.accounts, report.linked.shared) == (1, 1)
    assert desk.account_of(ours) == desk.account_of(theirs)
    said = [one for row in desk.rows("link") for one in row["evidence"]]
    assert {one["with"].split("/")[0] for one in said} == {"zoho", "fxiaoke"}
    assert all(one["evidence"][0]["zh"] and one["evidence"][0]["en"] for one in said)


def test_facts_of_every_member_belong_to_the_one_account(desk: Desk) -> None:
    ours = desk.zoho.add("account", name="华新水泥股份有限公司")
    theirs = desk.fxiaoke.add("account", name="华新水泥股份有限公司")
    desk.zoho.add("order", account=ours, gross=100, date=date(2026, 1, 5))
    desk.fxiaoke.add("order", account=theirs, gross=200, date=date(2026, 1, 6), counts=True)

    desk.pull()

    assert {row["account_id"] for row in desk.rows("order")} == {desk.account_of(ours)}


def test_a_fact_whose_customer_has_not_arrived_is_attached_when_it_does(each_desk: Desk) -> None:
    account = each_desk.zoho.add("account", name="华新水泥股份有限公司")
    order = each_desk.zoho.add("order", account=account, gross=100)
    each_desk.pull("orders")
    alone = each_desk.account_of(order, "order")

    each_desk.pull("accounts")

    assert alone is None
    assert each_desk.account_of(order, "order") == each_desk.account_of(account) is not None


def test_an_activity_that_hangs_on_a_contact_or_a_deal_reaches_the_account(each_desk: Desk) -> None:
    account = each_desk.zoho.add("account", name="华新水泥股份有限公司")
    contact = each_desk.zoho.add("contact", name="李雷", account=account)
    deal = each_desk.zoho.add("deal", name="熟料", account=account)
    for about in (contact, deal):
        each_desk.zoho.add("activity", kind="call", about=about, at=when("2026-02-03"))

    each_desk.pull()

    assert {row["account_id"] for row in each_desk.rows("activity")} == {each_desk.account_of(account)}


def test_an_activity_that_came_before_its_contact_is_attached_when_the_contact_comes(zoho_desk: Desk) -> None:
    """Contacts could not be read for a while; the customer itself was known all along."""
    account = zoho_desk.zoho.add("account", name="华新水泥股份有限公司")
    contact = zoho_desk.zoho.add("contact", name="李雷", account=account)
    call = zoho_desk.zoho.add("activity", kind="call", about=contact, at=when("2026-02-03"))
    zoho_desk.pull("accounts")
    zoho_desk.pull("calls")

    zoho_desk.pull("contacts")

    assert zoho_desk.account_of(call, "activity") == zoho_desk.account_of(account)


def test_lines_and_returns_that_name_only_their_order_belong_to_its_customer(desk: Desk) -> None:
    """A line came before its order; then the order moved to another customer, and its lines with it."""
    first = desk.fxiaoke.add("account", name="华新水泥股份有限公司")
    second = desk.fxiaoke.add("account", name="江苏恒立液压股份有限公司")
    order = desk.fxiaoke.add("order", account=first, gross=100, counts=True)
    line = desk.fxiaoke.add("order_line", order=order, product="熟料", quantity=2, amount=100)
    back = desk.fxiaoke.add("return", order=order, amount=40)
    desk.pull("order_lines")
    alone = desk.account_of(line, "order_line")

    desk.pull()
    known = {desk.account_of(line, "order_line"), desk.account_of(back, "return")}
    desk.fxiaoke.change("order", order, account=second)
    desk.pull()

    assert alone is None
    assert known == {desk.account_of(first)}
    assert {desk.account_of(line, "order_line"), desk.account_of(back, "return")} == {desk.account_of(second)}


def test_a_fact_that_moves_to_another_customer_makes_both_look_again(zoho_desk: Desk) -> None:
    first = zoho_desk.zoho.add("account", name="华新水泥股份有限公司")
    second = zoho_desk.zoho.add("account", name="湖北宏源电缆制造有限公司")
    order = zoho_desk.zoho.add("order", account=first, gross=100)
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.wait(minutes=1)
    zoho_desk.zoho.change("order", order, account=second)

    zoho_desk.pull()

    assert zoho_desk.account_of(order, "order") == zoho_desk.account_of(second)
    assert {row["id"]: row["dirty"] for row in zoho_desk.rows("account")} == {
        zoho_desk.account_of(first): True,
        zoho_desk.account_of(second): True,
    }


def test_accounts_that_turn_out_to_be_one_keep_the_older_id_and_its_history(desk: Desk) -> None:
    older = desk.zoho.add("account", name="华新水泥股份有限公司", strategic=90)
    desk.pull()
    desk.judge(on=date(2026, 2, 1))
    younger = desk.fxiaoke.add("account", name="湖北宏源电缆制造有限公司")
    desk.pull()
    desk.judge(on=date(2026, 2, 2))
    kept, joined = desk.account_of(older), desk.account_of(younger)
    desk.wait(minutes=1)
    desk.fxiaoke.change("account", younger, name="华新水泥股份有限公司")

    desk.pull()
    desk.judge(on=date(2026, 2, 3))

    assert desk.account_of(younger) == desk.account_of(older) == kept
    assert {row["id"]: row["into"] for row in desk.rows("account")} == {kept: None, joined: kept}
    history = [(row["as_of"].day, row["tier"]) for row in desk.rows("evaluation") if row["account"] == kept]
    assert history == [(1, "二级"), (2, "二级"), (3, "二级")]
    assert desk.duties == []  # to be joined is no change of tier


def test_equal_duties_of_joined_accounts_are_one_and_the_one_that_went_out_stays(desk: Desk) -> None:
    """Both were last visited on one day, so both owe the same call; the younger's task is out already."""
    older = desk.overdue(desk.zoho, name="华新水泥股份有限公司")
    desk.pull()
    desk.judge()
    younger = desk.overdue(desk.fxiaoke, name="湖北宏源电缆制造有限公司")
    desk.writes["zoho"] = "off"
    desk.configure()
    desk.cycle()
    desk.writes["zoho"] = "plan"
    desk.configure()
    before = desk.duties
    desk.wait(minutes=1)
    desk.fxiaoke.change("account", younger, name="华新水泥股份有限公司")

    desk.cycle()

    assert before == [("R01", older, "wanted"), ("R01", younger, "wanted")]
    assert desk.duties == [("R01", younger, "wanted")]
    assert [task.target for task in desk.our_tasks()] == [younger]
    assert [key for key in desk.intents if key.startswith("task:")] == [f"task:{desk.wanted[0]['id']}"]


def test_a_record_that_turns_out_to_be_another_company_leaves_with_what_is_its_own(desk: Desk) -> None:
    """A link is as good as its evidence is today; the account stays with who did not change."""
    ours = desk.zoho.add("account", name="华新水泥股份有限公司")
    theirs = desk.fxiaoke.add("account", name="华新水泥股份有限公司")
    contact = desk.fxiaoke.add("contact", name="李雷", account=theirs)
    orders = [
        desk.zoho.add("order", account=ours, gross=100, date=date(2026, 1, 5)),
        desk.fxiaoke.add("order", account=theirs, gross=200, date=date(2026, 1, 6), counts=True),
    ]
    desk.pull()
    before = desk.account_of(ours)
    desk.judge()
    desk.wait(minutes=1)
    desk.fxiaoke.change("account", theirs, name="湖北宏源电缆制造有限公司")

    desk.pull()

    kept, new = desk.account_of(ours), desk.account_of(theirs)
    assert before == kept != new
    assert [desk.account_of(order, "order") for order in orders] == [kept, new]
    assert desk.account_of(contact, "contact") == new
    assert {row["id"] for row in desk.rows("account") if row["dirty"]} == {kept, new}


def test_a_record_that_left_and_is_as_before_is_back_with_its_account(desk: Desk) -> None:
    ours = desk.zoho.add("account", name="华新水泥股份有限公司")
    theirs = desk.fxiaoke.add("account", name="华新水泥股份有限公司")
    desk.pull()
    before = desk.account_of(ours)
    for name in ("湖北宏源电缆制造有限公司", "华新水泥股份有限公司"):
        desk.wait(minutes=1)
        desk.fxiaoke.change("account", theirs, name=name)
        desk.pull()

    assert (desk.account_of(ours), desk.account_of(theirs)) == (before, before)


def test_a_company_that_comes_between_two_parts_them(desk: Desk) -> None:
    """A short name is its company's as long as no other could be meant."""
    short = desk.zoho.add("account", name="砚澜精密")
    long = desk.fxiaoke.add("account", name="苏州砚澜精密机械有限公司")
    desk.pull()
    before = desk.account_of(short) == desk.account_of(long)
    another = desk.fxiaoke.add("account", name="无锡砚澜精密仪器有限公司")

    desk.pull()

    assert before
    assert len({desk.account_of(id) for id in (short, long, another)}) == 3
    assert {(row["a"], row["b"]) for row in desk.rows("review")} == {
        tuple(sorted((f"zoho/accounts/{short}", f"fxiaoke/accounts/{id}"))) for id in (long, another)
    }


def test_linking_again_with_nothing_new_writes_nothing(zoho_desk: Desk) -> None:
    account = zoho_desk.zoho.add("account", name="华新水泥股份有限公司")
    zoho_desk.zoho.add("contact", name="李雷", account=account)
    zoho_desk.zoho.add("contact", name="没有公司的人")
    zoho_desk.pull()
    zoho_desk.judge()

    with zoho_desk.counts(r"(INSERT|UPDATE|DELETE)") as touched:
        zoho_desk.link()

    assert touched.rows == 0


NAMES = ("苏州砚澜精密机械有限公司", "苏州砚澜精密仪械有限公司", "青岛晨曜机械有限公司")


def _of_many(desk: Desk) -> list[str]:
    """Two records that their telephone number would join, were it not another company's too."""
    ids = [desk.zoho.add("account", name=name, phone="0512-55501234") for name in NAMES]
    desk.pull()
    assert desk.account_of(ids[0]) != desk.account_of(ids[1])
    desk.wait(minutes=1)
    return ids


def test_a_number_that_is_no_longer_that_of_many_joins_whom_it_belongs_to(each_desk: Desk) -> None:
    """Neither of the two changed."""
    one, other, third, *_ = _of_many(each_desk)
    each_desk.zoho.change("account", third, phone="0532-55507788")

    each_desk.pull()

    assert each_desk.account_of(one) == each_desk.account_of(other)


def test_a_number_that_many_had_and_one_of_them_is_gone_joins_whom_it_belongs_to(each_desk: Desk) -> None:
    one, other, third, *_ = _of_many(each_desk)
    each_desk.zoho.remove("account", third)

    each_desk.pull()

    assert each_desk.account_of(one) == each_desk.account_of(other)


def _made_alike_unseen(desk: Desk) -> list[str]:
    """Two records are made alike behind its back: only looking at them could join them."""
    ids = [desk.zoho.add("account", name=name) for name in ("华新水泥股份有限公司", "福耀玻璃工业集团股份有限公司")]
    desk.pull()
    member = TABLES["account"]
    with desk.workspace.store.write() as tx:
        tx.execute(update(member).where(member.c.remote_id.in_(ids)).values(name="湖北宏源电缆制造有限公司"))
    desk.wait(minutes=1)
    return ids


def test_who_has_nothing_in_common_with_what_changed_is_not_looked_at(zoho_desk: Desk) -> None:
    _, _, third = _of_many(zoho_desk)
    one, other = _made_alike_unseen(zoho_desk)
    zoho_desk.zoho.change("account", third, phone="0532-55507788")

    zoho_desk.pull()

    assert zoho_desk.account_of(one) != zoho_desk.account_of(other)


def test_new_rules_look_at_everything_once_more(each_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, third = _of_many(each_desk)
    one, other = _made_alike_unseen(each_desk)
    monkeypatch.setattr(identity, "RULES", "rules of tomorrow")
    each_desk.zoho.change("account", third, address="港口路 1 号")

    each_desk.pull()

    assert each_desk.account_of(one) == each_desk.account_of(other)
    assert [row["told"] for row in each_desk.rows("face") if not row["remote_id"]] == ["rules of tomorrow"]
