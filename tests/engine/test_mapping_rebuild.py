"""Entities made anew from the records that are kept: what changes, what does not, and what survives a kill."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from kamsync.engine import keeping, mapping_rebuild
from kamsync.engine.mapping_verbs import publish_verb, roll_back_verb
from kamsync.engine.verbs import at_work, tier_verb
from kamsync.store import AlreadyWriting, mappings, writing
from kamsync.testing.world_make import make_world
from kamsync_fxiaoke.sim import seed as seed_fxiaoke
from kamsync_zoho.sim import seed as seed_zoho
from tests.engine.desk import Desk, Died
from tests.engine.paper import Paper

STAYS_OPEN = True


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two records at a time."""
    monkeypatch.setattr(mapping_rebuild, "AT_ONCE", 2)


def publish(desk: Desk) -> dict[str, tuple[int, int, int]]:
    """(records, changed, left) of each stream in which something differs."""
    done = publish_verb(desk.workspace, None, "for a test")
    return {one.stream: (one.records, one.changed, one.left) for one in done.rebuilt if one.changed or one.left}


def sizes(desk: Desk) -> dict[str, str | None]:
    return {row["name"]: row["size"] for row in desk.rows("member")}


def test_a_new_field_fills_history_and_no_crm_is_called(each_desk: Desk) -> None:
    paper = Paper(each_desk, "accounts", "orders")
    line = paper.line("cost")
    paper.edit(line, "")
    account = each_desk.zoho.add("account", name="大连华锐重工集团股份有限公司")
    each_desk.zoho.add(
        "order", account=account, number="SO-1", date=date(2026, 2, 1), counts=True, gross=1000, cost=600
    )
    each_desk.pull()
    before, calls = each_desk.metrics(account), each_desk.calls(".")
    paper.edit("returned = ", f"{line}returned = ")

    done = publish(each_desk)

    assert done == {"orders": (1, 1, 0)}
    assert each_desk.rows("order")[0]["cost_minor"] == 60_000
    assert each_desk.rows("order")[0]["account_id"] == each_desk.account_of(account)
    assert each_desk.metrics(account) != before
    assert each_desk.calls(".") == calls


@pytest.mark.parametrize("name", ["zoho", "fxiaoke"])
def test_records_that_are_kept_say_what_they_said_when_they_came(
    name: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(desk.today, companies=12, both=4)
    seed_zoho(desk.zoho, world)
    seed_fxiaoke(desk.fxiaoke, world)
    desk.pull()
    with desk.workspace.store.write() as tx:
        tx.execute(update(mappings.MAPPED).values(digest="another"))

    done = publish_verb(desk.workspace, name, "nothing new")

    assert sum(one.records for one in done.rebuilt) > 500
    assert [(one.stream, one.changed, one.left) for one in done.rebuilt if one.changed or one.left] == []


def test_what_is_said_in_other_words_is_not_made_anew(zoho_desk: Desk) -> None:
    paper = Paper(zoho_desk, "accounts")
    zoho_desk.zoho.add("account", name="杭叉集团股份有限公司")
    zoho_desk.pull()
    publish(zoho_desk)
    paper.edit('industry = "Industry"', '# 行业\nindustry = ["Industry"]')

    done = publish(zoho_desk)

    assert done == {}
    assert [row["version"] for row in zoho_desk.rows("mapping")] == [1, 2]


def test_only_customers_whose_file_differs_are_judged_anew(zoho_desk: Desk) -> None:
    paper = Paper(zoho_desk, "accounts")
    for name, size in (("常柴股份有限公司", "大"), ("安徽合力股份有限公司", "小")):
        zoho_desk.zoho.add("account", name=name, size=size)
    zoho_desk.pull()
    zoho_desk.judge()
    paper.edit('"大型" = "大"', '"大型" = "中"')

    publish(zoho_desk)

    assert [row["name"] for row in zoho_desk.rows("account") if row["dirty"]] == ["常柴股份有限公司"]


def test_a_record_that_can_no_longer_be_read_is_set_aside_and_comes_back(each_desk: Desk) -> None:
    paper = Paper(each_desk, "accounts")
    each_desk.zoho.add("account", name="一汽解放汽车有限公司", size="大", city="长春")
    each_desk.pull()
    publish(each_desk)
    paper.edit('since = "Cooperation_Since"', 'since = "Billing_City"')

    done = publish(each_desk)

    assert done == {"accounts": (1, 0, 1)}
    assert [row["field"] for row in each_desk.rows("quarantine")] == ["since"]
    assert each_desk.rows("member") == []

    roll_back_verb(each_desk.workspace, "zoho", 1)

    assert each_desk.rows("quarantine") == []
    assert sizes(each_desk) == {"一汽解放汽车有限公司": "大"}


def test_what_no_connector_could_place_no_mapping_makes_an_entity_of(zoho_desk: Desk) -> None:
    paper = Paper(zoho_desk, "accounts")
    zoho_desk.zoho.add("account", name="广西柳工机械股份有限公司")
    zoho_desk.pull()
    row = zoho_desk.rows("raw")[0] | {"remote_id": "?4711"}
    bad = {name: row[name] for name in ("connection", "stream", "remote_id", "body", "run")}
    bad |= {"field": "", "zh": "没有编号", "en": "no id", "seen_at": zoho_desk.clock.now()}
    with zoho_desk.workspace.store.write() as tx:
        tx.execute(mapping_rebuild.raw.RAW.insert(), [row])
        tx.execute(mapping_rebuild.rebuilding.QUARANTINE.insert(), [bad])
    paper.edit('industry = "Industry"', 'industry = "Ownership"')

    publish(zoho_desk)

    assert [row["remote_id"] for row in zoho_desk.rows("quarantine")] == ["?4711"]
    assert len(zoho_desk.rows("member")) == 1


def test_a_stream_that_becomes_another_entity_leaves_nothing_behind(each_desk: Desk) -> None:
    paper = Paper(each_desk, "accounts", "deals")
    account = each_desk.zoho.add("account", name="潍柴动力股份有限公司")
    each_desk.zoho.add("deal", account=account, name="发动机 200 台", amount=5000, status="open")
    each_desk.pull()
    paper.leave_out("deals")
    paper.path.write_text(
        paper.text + '[deals]\nobject = "Deals"\nentity = "contract"\n[deals.fields]\n'
        'account = { from = "Account_Name", to = "accounts" }\nnumber = "Deal_Name"\n',
        "utf-8",
    )

    publish(each_desk)

    assert each_desk.rows("deal") == []
    assert [(row["number"], row["account_id"]) for row in each_desk.rows("contract")] == [
        ("发动机 200 台", each_desk.account_of(account))
    ]


def test_a_stream_that_is_mapped_no_more_leaves_the_files_and_is_back_without_a_call(zoho_desk: Desk) -> None:
    paper = Paper(zoho_desk, "accounts", "deals")
    account = zoho_desk.zoho.add("account", name="中国重汽集团有限公司")
    zoho_desk.zoho.add("deal", account=account, name="牵引车", amount=5000, status="open")
    zoho_desk.pull()
    whole, calls = paper.text, zoho_desk.calls(".")
    paper.leave_out("deals")
    publish(zoho_desk)
    left = zoho_desk.rows("deal")
    paper.path.write_text(whole, "utf-8")

    publish(zoho_desk)

    assert left == []
    assert [row["account_id"] for row in zoho_desk.rows("deal")] == [zoho_desk.account_of(account)]
    assert zoho_desk.calls(".") == calls


def test_records_that_are_void_by_the_new_mapping_leave_under_the_guard(zoho_desk: Desk) -> None:
    paper = Paper(zoho_desk, "accounts")
    for number in range(8):
        zoho_desk.zoho.add("account", name=f"三一重工第{number}分公司", city="长沙")
    zoho_desk.pull()
    paper.edit('entity = "account"\n', 'entity = "account"\ngone_when = { Billing_City = "长沙" }\n')
    publish(zoho_desk)

    zoho_desk.pull()

    assert len(zoho_desk.rows("member")) == 8
    assert [(hold["guard"], hold["count"]) for hold in zoho_desk.holds] == [("gone", 8)]


# ---- killed, stopped, beside others


def test_what_was_killed_goes_on_where_it_was_and_nobody_judges_before(each_desk: Desk, few: None) -> None:
    paper = Paper(each_desk, "accounts")
    for number in range(7):
        each_desk.zoho.add("account", name=f"徐工集团第{number}分公司", size="大")
    each_desk.pull()
    paper.edit('"大型" = "大"', '"大型" = "中"')
    with each_desk.dies(on="INSERT INTO member", after=2), pytest.raises(Died):
        publish(each_desk)
    half = list(sizes(each_desk).values())
    said: list[int] = []
    each_desk.workspace.say = lambda event, **facts: said.append(facts["records"]) if event == "map.page" else None

    tier_verb(each_desk.workspace)

    assert sorted(half) == ["中"] * 4 + ["大"] * 3
    assert set(sizes(each_desk).values()) == {"中"}
    assert said == [2, 3]
    assert len(each_desk.rows("evaluation")) == 7


def test_another_version_on_the_way_begins_anew(zoho_desk: Desk, few: None) -> None:
    paper = Paper(zoho_desk, "accounts")
    for number in range(5):
        zoho_desk.zoho.add("account", name=f"柳工第{number}分公司", size="大")
    zoho_desk.pull()
    paper.edit('"大型" = "大"', '"大型" = "中"')
    with zoho_desk.dies(on="INSERT INTO member", after=1), pytest.raises(Died):
        publish(zoho_desk)
    paper.edit('"大型" = "中"', '"大型" = "小"')

    publish(zoho_desk)

    assert set(sizes(zoho_desk).values()) == {"小"}


def test_whoever_publishes_beside_a_writer_leaves_the_work_to_it(zoho_desk: Desk) -> None:
    paper = Paper(zoho_desk, "accounts")
    zoho_desk.zoho.add("account", name="雷沃重工集团有限公司", size="大")
    zoho_desk.pull()
    paper.edit('"大型" = "大"', '"大型" = "中"')

    with writing(zoho_desk.workspace.store):
        done = publish_verb(zoho_desk.workspace, None, "beside")

    assert (done.waits, done.rebuilt) == (True, [])
    assert set(sizes(zoho_desk).values()) == {"大"}
    with pytest.raises(AlreadyWriting), writing(zoho_desk.workspace.store), at_work(zoho_desk.workspace):
        pass
    with at_work(zoho_desk.workspace):
        pass
    assert set(sizes(zoho_desk).values()) == {"中"}


def test_a_pull_takes_a_new_version_up_between_pages_and_mixes_none(
    zoho_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoho_desk.by_lists()
    paper = Paper(zoho_desk, "accounts")
    for number in range(450):
        zoho_desk.zoho.add("account", name=f"山推工程机械第{number}分公司", size="大")
    keep_up, seen, versions = keeping.keep_up, [], []

    def keeping_up(*given: Any) -> None:
        if given[-1].stream != "accounts":
            keep_up(*given)
            return
        before = set(sizes(zoho_desk).values())
        if before and not versions:  # a page has landed; somebody publishes while the pull goes on
            paper.edit('"大型" = "大"', '"大型" = "中"')
            versions.append(publish_verb(zoho_desk.workspace, None, "meanwhile"))
        keep_up(*given)
        seen.append((before, set(sizes(zoho_desk).values())))

    monkeypatch.setattr(keeping, "keep_up", keeping_up)

    zoho_desk.pull()

    assert [one.waits for one in versions] == [True]
    assert [one for one in seen if one[0]] == [({"大"}, {"中"}), ({"中"}, {"中"})]
    assert set(sizes(zoho_desk).values()) == {"中"}
    assert len(zoho_desk.rows("member")) == 450
