"""What a person says of two records holds: above all rules, for whole clusters, after merges, till it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from kamsync.engine import deciding
from kamsync.engine.deciding import CannotDecide, Forbidden, Taken, Wish, Word
from kamsync.model import Member
from kamsync.rules import identity
from kamsync.store import writing
from tests.engine.desk import BASIC, Desk, when

STREAMS = BASIC | {"orders", "deals", "calls"}
STAYS_OPEN = True

ONE, OTHER, BRAND = "华新水泥股份有限公司", "湖北宏源电缆制造有限公司", "宏源电缆"


def member(desk: Desk, id: str) -> Member:
    row = next(row for row in desk.rows("member") if row["remote_id"] == id)
    return Member(row["connection"], row["stream"], id)


def say(desk: Desk, word: Word, a: str, b: str, *, despite: Sequence[str] = ()) -> Taken:
    wish = Wish(word, member(desk, a), member(desk, b), "说好的", despite)
    taken = deciding.decide(desk.workspace, [wish])
    assert deciding.carry_out(desk.workspace, [taken])
    return taken


def split(desk: Desk, *leaving: str) -> Taken:
    account = desk.account_of(leaving[0]) or ""
    taken = deciding.split(desk.workspace, account, [member(desk, id) for id in leaving], "两家公司")
    deciding.carry_out(desk.workspace, [taken])
    return taken


def undo(desk: Desk, number: int | None = None) -> None:
    deciding.carry_out(desk.workspace, [deciding.take_back(desk.workspace, number, "弄错了")])


def parts(desk: Desk, *ids: str) -> list[int]:
    """Which of these records are one customer: equal numbers."""
    accounts = [desk.account_of(id) for id in ids]
    return [accounts.index(account) for account in accounts]


def namesakes(desk: Desk, many: int = 2) -> list[str]:
    """Records of one name and telephone that the rules join."""
    ids = [desk.zoho.add("account", name=ONE, phone="027-87773898") for _ in range(many)]
    desk.pull()
    assert parts(desk, *ids) == [0] * many
    return ids


def strangers(desk: Desk) -> tuple[str, str]:
    one, other = (desk.zoho.add("account", name=name) for name in (ONE, BRAND))
    desk.pull()
    assert parts(desk, one, other) == [0, 1]
    return one, other


def test_different_parts_an_account_and_its_facts_follow(each_desk: Desk) -> None:
    one, other = namesakes(each_desk)
    order = each_desk.zoho.add("order", account=other, gross=100, date=date(2026, 1, 5))
    contact = each_desk.zoho.add("contact", name="李雷", account=other)
    call = each_desk.zoho.add("activity", kind="call", about=contact, at=when("2026-02-03"))
    each_desk.pull()

    split(each_desk, other)

    assert parts(each_desk, one, other) == [0, 1]
    mine = each_desk.account_of(other)
    assert each_desk.account_of(order, "order") == each_desk.account_of(contact, "contact") == mine
    assert each_desk.account_of(call, "activity") == mine


def test_what_was_called_different_stays_so_when_it_changes_and_under_new_rules(
    each_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = namesakes(each_desk)
    split(each_desk, other)
    each_desk.wait(minutes=1)
    each_desk.zoho.change("account", one, website="huaxin.example")
    each_desk.zoho.change("account", other, website="huaxin.example")
    each_desk.pull()
    after_a_change = parts(each_desk, one, other)
    monkeypatch.setattr(identity, "RULES", "rules of tomorrow")
    each_desk.zoho.change("account", one, address="港口路 1 号")

    each_desk.pull()

    assert after_a_change == parts(each_desk, one, other) == [0, 1]


def test_a_third_record_that_is_like_both_does_not_bring_them_together(each_desk: Desk) -> None:
    """ "Different" holds for all that is linked with either."""
    one, other = namesakes(each_desk)
    split(each_desk, other)
    third = each_desk.zoho.add("account", name=ONE, phone="027-87773898")

    each_desk.pull()

    assert parts(each_desk, one, other)[1] == 1
    assert len({each_desk.account_of(id) for id in (one, other, third)}) == 2


def test_the_account_and_its_history_stay_with_those_that_stay(zoho_desk: Desk) -> None:
    ids = namesakes(zoho_desk, 3)
    zoho_desk.judge(on=date(2026, 2, 1))
    account = zoho_desk.account_of(ids[0])

    split(zoho_desk, ids[0], ids[1])

    assert zoho_desk.account_of(ids[2]) == account
    assert parts(zoho_desk, *ids) == [0, 0, 2]
    assert {row["account"] for row in zoho_desk.rows("evaluation")} == {account}


def test_a_split_taken_back_is_as_if_it_had_not_been(each_desk: Desk) -> None:
    ids = namesakes(each_desk, 3)
    account = each_desk.account_of(ids[0])
    split(each_desk, ids[1])

    undo(each_desk)

    assert {each_desk.account_of(id) for id in ids} == {account}
    assert all(row["ended_at"] for row in each_desk.rows("decision"))


def test_a_split_made_again_gives_the_part_its_former_account(zoho_desk: Desk) -> None:
    _, other = namesakes(zoho_desk)
    split(zoho_desk, other)
    first = zoho_desk.account_of(other)
    undo(zoho_desk)

    split(zoho_desk, other)

    assert zoho_desk.account_of(other) == first


def test_same_joins_what_no_rule_would_and_keeps_the_older_history(each_desk: Desk) -> None:
    one, other = strangers(each_desk)
    kept = each_desk.account_of(one)

    say(each_desk, "same", one, other)

    assert each_desk.account_of(one) == each_desk.account_of(other) == kept


def test_same_taken_back_gives_each_its_own_account_again(each_desk: Desk) -> None:
    one, other = strangers(each_desk)
    each_desk.judge(on=date(2026, 2, 1))
    before = each_desk.account_of(one), each_desk.account_of(other)
    order = each_desk.zoho.add("order", account=other, gross=100, date=date(2026, 1, 5))
    say(each_desk, "same", one, other)
    each_desk.pull()

    undo(each_desk)

    assert (each_desk.account_of(one), each_desk.account_of(other)) == before
    assert each_desk.account_of(order, "order") == before[1]
    assert {row["id"]: row["into"] for row in each_desk.rows("account")} == dict.fromkeys(before)


def test_what_the_rules_forbid_is_not_joined_in_silence(zoho_desk: Desk) -> None:
    one = zoho_desk.zoho.add("account", name=ONE, uscc="914403001922038216")
    other = zoho_desk.zoho.add("account", name=ONE, uscc="91420200707134563E")
    zoho_desk.pull()

    with pytest.raises(Forbidden) as refused:
        say(zoho_desk, "same", one, other)
    untouched = (zoho_desk.rows("decision"), parts(zoho_desk, one, other))
    say(zoho_desk, "same", one, other, despite=[refused.value.rule])

    assert refused.value.rule == "code_differs"
    assert untouched == ([], [0, 1])
    assert parts(zoho_desk, one, other) == [0, 0]
    assert zoho_desk.rows("decision")[0]["facts"]["despite"] == ["code_differs"]


def test_two_words_that_contradict_one_another_are_named(zoho_desk: Desk) -> None:
    one, other = namesakes(zoho_desk)
    split(zoho_desk, other)
    third = zoho_desk.zoho.add("account", name=BRAND)
    zoho_desk.pull()
    say(zoho_desk, "same", other, third)

    with pytest.raises(CannotDecide, match="1"):
        say(zoho_desk, "same", one, third)

    assert parts(zoho_desk, one, other, third) == [0, 1, 1]


def test_the_newer_word_about_the_very_same_records_holds(zoho_desk: Desk) -> None:
    one, other = namesakes(zoho_desk)
    split(zoho_desk, other)

    say(zoho_desk, "same", one, other)

    assert parts(zoho_desk, one, other) == [0, 0]
    assert [(row["said"], bool(row["ended_at"])) for row in zoho_desk.rows("decision")] == [
        ("different", True),
        ("same", False),
    ]


def test_a_decision_follows_its_record_into_what_it_was_merged_into(zoho_desk: Desk) -> None:
    one, other = namesakes(zoho_desk)
    split(zoho_desk, other)
    winner = zoho_desk.zoho.add("account", name=OTHER)
    for _ in range(3):
        zoho_desk.zoho.add("contact", name="李雷", account=other)
    zoho_desk.pull()
    zoho_desk.wait(minutes=1)
    zoho_desk.zoho.merge(winner, other)
    zoho_desk.zoho.change("account", winner, name=ONE, phone="027-87773898")

    zoho_desk.pull()
    zoho_desk.pull()

    assert zoho_desk.rows("decision")[0]["b_now"] == winner
    assert zoho_desk.account_of(winner) != zoho_desk.account_of(one)


def test_tasks_go_with_the_record_they_hang_on_and_none_is_made_twice(zoho_desk: Desk) -> None:
    one, other = (zoho_desk.overdue(name=ONE, phone="027-87773898") for _ in range(2))
    zoho_desk.cycle()
    before = [(task.target, task.marker) for task in zoho_desk.our_tasks()]
    mine = zoho_desk.wanted[0]["remote_id"]
    split(zoho_desk, mine)

    zoho_desk.cycle()

    after = [(task.target, task.marker) for task in zoho_desk.our_tasks()]
    assert len(before) == 1
    assert before[0] in after
    assert sorted(target for target, _ in after) == sorted((one, other))
    assert {row["account"] for row in zoho_desk.wanted if row["remote_id"] == mine} == {zoho_desk.account_of(mine)}


def test_who_decided_when_and_why_is_in_the_audit_trail(zoho_desk: Desk) -> None:
    zoho_desk.workspace.who = "王丽"
    one, other = strangers(zoho_desk)

    say(zoho_desk, "same", one, other)
    undo(zoho_desk)

    deeds = [row for row in zoho_desk.rows("audit") if row["deed"].startswith("identity.")]
    told = [(row["who"], row["deed"], row["facts"]["reason"]) for row in deeds]
    assert told == [("王丽", "identity.same", "说好的"), ("王丽", "identity.undone", "弄错了")]


def test_a_decision_is_taken_down_while_another_process_writes_and_carried_out_by_it(zoho_desk: Desk) -> None:
    one, other = strangers(zoho_desk)
    wish = Wish("same", member(zoho_desk, one), member(zoho_desk, other), "同一家")
    with writing(zoho_desk.workspace.store):
        taken = deciding.decide(zoho_desk.workspace, [wish])
        carried = deciding.carry_out(zoho_desk.workspace, [taken])

    zoho_desk.link()

    assert not carried
    assert parts(zoho_desk, one, other) == [0, 0]


def test_an_id_that_is_another_records_now_inherits_no_decision(zoho_desk: Desk) -> None:
    one, other = namesakes(zoho_desk)
    split(zoho_desk, other)
    zoho_desk.wait(hours=1)
    zoho_desk.zoho.purge(other)
    zoho_desk.zoho.org.last_id = int(other) - 1
    zoho_desk.wait(minutes=1)
    zoho_desk.zoho.add("account", name=ONE, phone="027-87773898")

    zoho_desk.pull()

    assert [row["ended_by"] for row in zoho_desk.rows("decision")] == ["kamsync"]
    assert parts(zoho_desk, one, other) == [0, 0]


def test_linking_again_after_a_decision_writes_nothing(each_desk: Desk) -> None:
    _, other = namesakes(each_desk)
    split(each_desk, other)
    each_desk.judge()

    with each_desk.counts(r"(INSERT|UPDATE|DELETE)") as touched:
        each_desk.link()

    assert touched.rows == 0
