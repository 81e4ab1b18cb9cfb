"""What a CRM may do wrong while it is read: each is named, handled or held, and never silently green."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from kamsync.engine import holds, views_status
from kamsync.engine.walking import StreamStuck
from kamsync.store import cursors
from kamsync.store.landing import Place
from tests.engine.desk import Desk, Died, of
from tests.engine.shelf import Shelf

HOUR = timedelta(hours=1)


@pytest.fixture
def shelf(zoho_desk: Desk) -> Shelf:
    return Shelf(zoho_desk)


def _concerns(desk: Desk) -> list[tuple[str, str]]:
    return [(row["stream"], row["kind"]) for row in desk.rows("concern")]


def _position(desk: Desk) -> object:
    return next(row["position"] for row in desk.rows("cursor") if row["lane"] == "records")


# ---- lists that do not end or do not hold their order


@pytest.mark.parametrize("habit", ["repeats", "stands"])
def test_a_list_that_goes_on_for_ever_is_stopped_and_named(shelf: Shelf, habit: str) -> None:
    shelf.many(95)
    setattr(shelf, habit, True)
    if habit == "stands":
        shelf.page = 1

    told = shelf.told()

    assert isinstance(told.trouble, StreamStuck)
    assert told.trouble.next == "kamsync pull zoho contacts"


def test_a_stream_that_stuck_is_read_again_from_what_it_reached(shelf: Shelf) -> None:
    ids = shelf.many(95)
    shelf.stands, shelf.page = True, 1
    shelf.pull()
    shelf.stands, shelf.page = False, 10

    told = shelf.told()

    assert told.trouble is None
    assert set(shelf.kept) == set(ids)


def test_ten_thousand_records_of_one_second_all_arrive_once(shelf: Shelf) -> None:
    shelf.page = 500
    shelf.add(*map(str, range(10_000)), at=shelf.desk.clock.now() - HOUR)

    told = shelf.told()

    assert (told.trouble, told.tally.records, len(shelf.kept)) == (None, 10_000, 10_000)


def test_a_broken_order_is_told_and_costs_no_record_when_the_pull_then_dies(shelf: Shelf) -> None:
    """The newer half comes first. Going on from it after a crash would lose the older."""
    ids = shelf.many(60)
    shelf.ordered = False
    with shelf.desk.dies(on="INSERT INTO raw", after=4), pytest.raises(Died):
        shelf.pull()
    with shelf.desk.workspace.store.write() as tx:  # and the CRM forgets the place
        kept = cursors.of(tx, Place("zoho", "contacts", "contact"))
        kept.put("records", cursor=None)
        cursors.write(tx, kept)

    told = shelf.told()

    assert set(shelf.kept) == set(ids)
    assert any("order" in note.en for note in told.notes)


def test_a_record_stamped_in_the_far_future_is_kept_and_not_followed(shelf: Shelf) -> None:
    shelf.many(3)
    [future] = shelf.add("未来", at=shelf.desk.clock.now() + timedelta(days=730))
    shelf.pull()

    shelf.pull(sweep=True)
    told = shelf.told(sweep=True)

    assert future in shelf.kept
    assert _position(shelf.desk) < shelf.desk.clock.now()
    assert told.trouble is None


# ---- records that are no longer there


@pytest.mark.parametrize("asked", [{"full": True}, {"sweep": True}], ids=["full", "sweep"])
def test_a_stream_that_is_suddenly_empty_is_a_trouble_and_nothing_is_taken_out(
    shelf: Shelf, asked: dict[str, bool]
) -> None:
    ids = shelf.many(12)
    shelf.pull()
    shelf.desk.wait(hours=3)
    before = _position(shelf.desk)
    shelf.unlisted = set(ids)

    troubles = [type(shelf.told(**asked).trouble).__name__ for _ in range(3)]

    assert troubles == ["StreamSuddenlyEmpty"] * 3
    assert set(shelf.kept.values()) == {"live"}
    if asked == {"full": True}:
        assert _position(shelf.desk) == before


def test_an_emptiness_that_a_person_accepts_takes_effect(shelf: Shelf) -> None:
    ids = shelf.many(12)
    shelf.pull()
    shelf.rows.clear()
    shelf.pull(full=True)

    told = shelf.told(full=True, accept_empty=True)

    assert (told.trouble, told.tally.deleted) == (None, len(ids))
    assert set(shelf.kept.values()) == {"gone"}


def test_most_rows_vanishing_is_told_until_they_are_back_and_none_leaves(shelf: Shelf) -> None:
    ids = shelf.many(50)
    shelf.pull()
    shelf.hidden = set(ids[:30])
    verdicts = []
    for _ in range(3):
        shelf.desk.wait(hours=3)
        verdicts.append(shelf.pull(sweep=True).verdict)
    told = shelf.told()
    status = views_status.status(shelf.desk.workspace)
    shelf.hidden.clear()
    shelf.desk.wait(hours=3)
    shelf.pull(sweep=True)

    assert verdicts == ["degraded"] * 3
    assert set(shelf.kept.values()) == {"live"}
    assert "30 of 50" in told.concerns[0].text.en
    assert any("30 of 50" in reason.text.en for reason in status.reasons)
    assert _concerns(shelf.desk) == []


def test_most_rows_really_deleted_wait_for_a_person(shelf: Shelf) -> None:
    ids = shelf.many(50)
    shelf.pull()
    for id in ids[:30]:
        del shelf.rows[id]
    for _ in range(2):
        shelf.desk.wait(hours=3)
        report = shelf.pull(sweep=True)

    [hold] = shelf.desk.holds
    assert (hold["guard"], hold["count"], of(report, "contacts").held) == ("gone", 30, 30)
    assert "gone" not in shelf.kept.values()


# ---- time


def test_a_server_clock_that_goes_back_is_followed_and_told(shelf: Shelf) -> None:
    shelf.many(3)
    shelf.pull()
    shelf.clock_behind = HOUR

    report = shelf.pull()

    assert (report.verdict, of(report, "contacts").trouble) == ("degraded", None)
    assert _concerns(shelf.desk) == [("", "clock")]
    assert _position(shelf.desk) <= shelf.desk.clock.now() - HOUR


def test_a_change_made_while_the_servers_clock_was_behind_is_found(shelf: Shelf) -> None:
    """Its stamp lies three hours before where reading stood."""
    ids = shelf.many(3)
    shelf.pull()
    shelf.clock_behind = 3 * HOUR
    shelf.change(ids[0], at=shelf.desk.clock.now() - 3 * HOUR, Title="总监")

    told = shelf.told()

    assert told.trouble is None
    assert shelf.stored(ids[0])["title"] == "总监"


def test_a_tenant_restored_from_a_backup_is_noticed_and_its_writes_wait_for_a_person(zoho_desk: Desk) -> None:
    """Two days of work are gone in the CRM: one customer is older there than here, one does not exist any more."""
    kept = zoho_desk.zoho.add("account", name="福耀玻璃工业集团股份有限公司")
    backup = deepcopy(zoho_desk.zoho.dump())
    zoho_desk.wait(days=2)
    zoho_desk.zoho.change("account", kept, phone="0591-85383777")
    lost = zoho_desk.zoho.add("account", name="宁德时代新能源科技股份有限公司")
    zoho_desk.pull()
    zoho_desk.zoho.load(backup)
    zoho_desk.wait(minutes=2)

    zoho_desk.pull()
    plan = zoho_desk.cycle()

    assert [hold["guard"] for hold in zoho_desk.holds] == ["restored"]
    assert zoho_desk.our_tasks() == []
    assert zoho_desk.zoho.tags(kept) == ()
    assert {why.en for _, why in plan.applied.accepted.skipped} == {
        "the tenant seems restored from a backup, writes are held: kamsync hold list"
    }
    assert next(row["phone"] for row in zoho_desk.rows("member") if row["remote_id"] == kept) is None
    assert zoho_desk.raw("zoho", "accounts")[lost] == "live"  # one list without it proves nothing


def test_a_restored_tenant_is_written_again_when_a_person_says_so(zoho_desk: Desk) -> None:
    kept = zoho_desk.zoho.add("account", name="福耀玻璃工业集团股份有限公司")
    backup = deepcopy(zoho_desk.zoho.dump())
    zoho_desk.wait(days=2)
    zoho_desk.zoho.change("account", kept, phone="0591-85383777")
    zoho_desk.pull()
    zoho_desk.zoho.load(backup)
    zoho_desk.wait(minutes=2)
    zoho_desk.cycle()

    holds.approve_verb(zoho_desk.workspace, zoho_desk.holds[0]["id"])
    zoho_desk.cycle()

    assert zoho_desk.holds == []
    assert zoho_desk.zoho.tags(kept) != ()
