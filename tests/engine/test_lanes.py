"""Lanes: parts side by side, what came late, what is there at all; nothing lost, nothing taken out without proof."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamsync.engine.lanes import horizon
from kamsync.engine.reading import window_from
from tests.engine.desk import Desk, Died, when
from tests.engine.shelf import Shelf

HOUR = timedelta(hours=1)


@pytest.fixture
def shelf(zoho_desk: Desk) -> Shelf:
    return Shelf(zoho_desk)


@pytest.fixture
def each_shelf(each_desk: Desk) -> Shelf:
    """A shelf before each database."""
    return Shelf(each_desk)


def _lanes(desk: Desk) -> set[str]:
    return {row["lane"] for row in desk.rows("cursor")}


# ---- parts


def test_a_first_load_is_read_in_parts_and_ends_as_one_window(each_shelf: Shelf) -> None:
    each_shelf.parts = 4
    ids = each_shelf.many(95)

    told = each_shelf.told()

    assert set(each_shelf.kept) == set(ids)
    assert sorted(each_shelf.asked)[-4:] == ["read 0/4", "read 1/4", "read 2/4", "read 3/4"]
    assert told.lanes == ["records"]
    assert not any(lane.startswith("records:") for lane in _lanes(each_shelf.desk))


def test_a_first_load_in_parts_asks_after_no_record_it_has_just_read(shelf: Shelf) -> None:
    shelf.page, shelf.cap = 2_500, 5_500  # too long in one piece: read in halves, each with more than is remembered
    shelf.many(5_400)
    shelf.add("很久以前", at=when("2020-01-01"))
    shelf.add(*(f"从前{number}" for number in range(200)), at=when("2020-01-02"))

    told = shelf.told()

    assert told.lanes == ["records"]
    assert [call for call in shelf.asked if call.startswith("get")] == []


@pytest.mark.parametrize("after", range(1, 14, 2))
def test_a_load_in_parts_that_dies_anywhere_loses_and_repeats_no_page(shelf: Shelf, after: int) -> None:
    shelf.parts = 3
    ids = shelf.many(95)
    with shelf.desk.dies(on="INSERT INTO raw", after=after // 2), pytest.raises(Died):
        shelf.pull()
    landed = len(shelf.kept)

    told = shelf.told()

    assert set(shelf.kept) == set(ids)
    assert told.tally.records == len(ids) - landed


def test_a_load_in_parts_is_whole_only_when_every_part_is(shelf: Shelf) -> None:
    shelf.parts, shelf.cap = 3, 40
    shelf.many(95)
    with shelf.desk.dies(on="INSERT INTO raw", after=5), pytest.raises(Died):
        shelf.pull()

    begun = next(row for row in shelf.desk.rows("cursor") if row["lane"] == "records")

    assert (begun["completed"], begun["position"]) == (0, None)
    assert begun["hi"] is not None


def test_a_list_longer_than_the_crm_gives_is_halved_until_it_fits(shelf: Shelf) -> None:
    shelf.cap = 20
    ids = shelf.many(150)

    told = shelf.told()

    assert told.trouble is None
    assert set(shelf.kept) == set(ids)


def test_more_records_of_one_second_than_the_crm_lists_are_a_trouble_and_no_loop(shelf: Shelf) -> None:
    shelf.cap = 20
    shelf.add(*map(str, range(30)), at=shelf.desk.clock.now() - HOUR)

    told = shelf.told()

    assert type(told.trouble).__name__ == "Truncated"


def test_a_job_that_is_not_ready_is_waited_for_and_its_place_kept(shelf: Shelf) -> None:
    shelf.waits = 3
    ids = shelf.many(5)
    with shelf.desk.dies(on="INSERT INTO raw"), pytest.raises(Died):
        shelf.pull()
    place = next(row["cursor"] for row in shelf.desk.rows("cursor") if row["lane"] == "records")

    shelf.pull()

    assert place == "job"
    assert set(shelf.kept) == set(ids)


def test_a_place_that_was_forgotten_is_found_again_from_what_landed(shelf: Shelf) -> None:
    shelf.loses = True
    ids = shelf.many(35)

    told = shelf.told()

    assert told.trouble is None
    assert set(shelf.kept) == set(ids)


# ---- what came late


def test_a_change_that_shows_an_hour_late_is_found_by_the_look_back(shelf: Shelf) -> None:
    shelf.many(3)
    shelf.pull()
    [late] = shelf.add("晚到", at=shelf.desk.clock.now() - timedelta(minutes=20))
    shelf.late.add(late)
    for _ in range(5):
        shelf.desk.wait(minutes=11)
        shelf.pull()
    before = late in shelf.kept
    shelf.late.clear()
    shelf.desk.wait(minutes=11)

    told = shelf.told()

    assert not before
    assert "lookback" in told.lanes
    assert late in shelf.kept


def test_the_look_back_is_not_due_twice_within_an_hour(shelf: Shelf) -> None:
    shelf.many(3)
    shelf.pull()
    shelf.desk.wait(minutes=70)
    first = shelf.told()
    shelf.desk.wait(minutes=10)

    second = shelf.told()

    assert ("lookback" in first.lanes, "lookback" in second.lanes) == (True, False)


def test_lateness_that_was_seen_widens_the_look_back(each_shelf: Shelf) -> None:
    """A tenant whose changes show five hours late: the sweep finds the first, the look-back the next."""
    each_shelf.many(3)
    each_shelf.pull()
    [first] = each_shelf.add("第一", at=each_shelf.desk.clock.now() + HOUR)
    each_shelf.late.add(first)
    for _ in range(5):
        each_shelf.desk.wait(hours=1)
        each_shelf.pull()
    each_shelf.late.clear()
    each_shelf.desk.wait(minutes=30)
    each_shelf.pull(sweep=True)
    [second] = each_shelf.add("第二", at=each_shelf.desk.clock.now() - 4 * HOUR)
    each_shelf.desk.wait(minutes=61)

    each_shelf.pull()

    assert {first, second} <= set(each_shelf.kept)


@pytest.mark.parametrize(
    ("lateness", "hours"),
    [([], 2), ([(0, 5000), (30720, 4)], 2), ([(0, 500), (30720, 4)], 30720 / 3600), ([(0, 1), (122880, 1)], 24)],
    ids=["nothing known", "rarer than one in a thousand", "often late", "never beyond a day"],
)
def test_the_look_back_reaches_as_far_as_changes_were_late(lateness: list[tuple[int, int]], hours: float) -> None:
    assert horizon(lateness) == timedelta(hours=hours)


def test_a_window_begins_in_the_servers_own_past_when_its_clock_was_set_back(shelf: Shelf) -> None:
    stood = shelf.desk.clock.now()
    now = stood - 3 * HOUR

    window = window_from(stood, now, shelf.stream, frozenset(), timedelta(minutes=5))

    assert window.lo == now - timedelta(minutes=5)


# ---- what is there at all


def test_the_sweep_fetches_what_every_other_lane_missed(each_shelf: Shelf) -> None:
    known = each_shelf.many(3)
    each_shelf.pull()
    [missed] = each_shelf.add("补录", at=each_shelf.desk.clock.now() - timedelta(days=400))
    each_shelf.change(known[0], at=each_shelf.desk.clock.now() - timedelta(days=30), Title="总监")
    each_shelf.desk.wait(hours=25)

    told = each_shelf.told()

    assert "sweep" in told.lanes
    assert missed in each_shelf.kept
    assert each_shelf.stored(known[0])["title"] == "总监"


def test_the_sweep_is_due_once_a_day_or_when_asked_for(shelf: Shelf) -> None:
    shelf.many(3)
    shelf.pull()
    shelf.desk.wait(hours=3)

    due = "sweep" in shelf.told().lanes
    asked = "sweep" in shelf.told(sweep=True).lanes

    assert (due, asked) == (False, True)


def test_a_sweep_that_dies_goes_on_where_it_was(shelf: Shelf) -> None:
    shelf.many(95)
    shelf.pull()
    shelf.desk.wait(hours=3)
    with shelf.desk.dies(on="INSERT INTO seen", after=6), pytest.raises(Died):
        shelf.pull(sweep=True)
    listed = len(shelf.desk.rows("seen"))

    told = shelf.told()

    assert listed == 60
    assert (told.trouble, "sweep" in told.lanes, set(shelf.kept.values())) == (None, True, {"live"})


def test_a_record_leaves_after_two_whole_lists_and_the_crms_own_word(each_shelf: Shelf) -> None:
    ids = each_shelf.many(9)
    each_shelf.pull()
    del each_shelf.rows[ids[0]]
    each_shelf.desk.wait(hours=3)

    once = (each_shelf.pull(sweep=True), each_shelf.kept[ids[0]])[1]
    each_shelf.desk.wait(hours=3)
    told = each_shelf.told(sweep=True)

    assert once == "live"
    assert (each_shelf.kept[ids[0]], told.tally.deleted) == ("gone", 1)


def test_a_record_that_lists_leave_out_and_the_crm_still_has_stays(shelf: Shelf) -> None:
    ids = shelf.many(9)
    shelf.pull()
    shelf.unlisted.add(ids[0])
    for _ in range(3):
        shelf.desk.wait(hours=3)
        shelf.pull(sweep=True)

    assert shelf.kept[ids[0]] == "live"
    assert f"get {ids[0]}" in shelf.asked


def test_a_record_that_the_crm_will_not_speak_of_never_leaves(shelf: Shelf) -> None:
    ids = shelf.many(9)
    shelf.pull()
    shelf.hidden.add(ids[0])
    for _ in range(4):
        shelf.desk.wait(hours=3)
        shelf.pull(sweep=True)

    assert shelf.kept[ids[0]] == "live"


def test_a_record_that_was_missed_once_and_came_back_begins_anew(shelf: Shelf) -> None:
    ids = shelf.many(9)
    shelf.pull()
    for missing in (True, False, True):
        (shelf.unlisted.add if missing else shelf.unlisted.discard)(ids[0])
        shelf.desk.wait(hours=3)
        shelf.pull(sweep=True)

    assert f"get {ids[0]}" not in shelf.asked


def test_a_stream_without_stamps_is_read_whole_and_compared(shelf: Shelf) -> None:
    shelf.incremental = False
    ids = shelf.many(25)
    for id in ids:
        shelf.rows[id] = (None, shelf.rows[id][1])
    shelf.pull()
    shelf.rows[ids[3]] = (None, shelf.rows[ids[3]][1] | {"Title": "总监"})
    del shelf.rows[ids[4]]

    told = shelf.told()
    shelf.pull()

    assert (told.tally.records, told.tally.changed) == (24, 1)
    assert shelf.kept[ids[4]] == "gone"


def test_records_deleted_and_restored_and_deleted_again_end_as_the_crm_has_them(shelf: Shelf) -> None:
    ids = shelf.many(9)
    shelf.pull()
    row = shelf.rows.pop(ids[0])
    lives = []
    for deed in ("gone", "gone", "back", "gone", "gone"):
        if deed == "back":
            shelf.rows[ids[0]] = row
        else:
            shelf.rows.pop(ids[0], None)
        shelf.desk.wait(hours=3)
        shelf.pull(sweep=True)
        lives.append(shelf.kept[ids[0]])

    assert lives == ["live", "gone", "live", "live", "gone"]
