"""Lists that lag: however far behind a CRM is, and whenever it falls behind, each task is made exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kamsync.engine import lagging
from kamsync.engine.lagging import Learned
from kamsync.store import lags
from kamsync.testing.faults import Fault
from tests.engine.desk import BASIC, Desk

STREAMS = BASIC
STAYS_OPEN = True
MAKES_TASK = r"POST .*(/Tasks|data/create)$"
NAMES = ("安徽合力", "中国一拖", "福耀玻璃", "三一重工", "格力电器", "海尔智家", "京东方", "比亚迪")


@pytest.fixture
def lagging_desk(task_desk: Desk) -> Desk:
    """A desk whose settle wait is left out of the config: it is learned. What people add shows at once."""
    task_desk.options[task_desk.connections[0]]["settle_seconds"] = None
    task_desk.configure()
    for name, table in task_desk.fxiaoke.crm.tables.items():
        if name != "ScheduleObj":
            table._lag = lambda: 0.0
    return task_desk


both = pytest.mark.parametrize("task_desk", ["E2", "fxiaoke"], indirect=True)
one = pytest.mark.parametrize("task_desk", ["E2"], indirect=True)


def _send(desk: Desk, name: str, fault: str | None = None) -> str:
    """One more customer is owed a call, and something happens to the call that makes its task."""
    id = desk.overdue(name=f"{name}有限公司")
    desk.pull()
    desk.judge()
    if fault is not None:
        desk.tenant.fault(Fault(fault, on=MAKES_TASK))  # type: ignore[arg-type]  # two of the kinds there are
    desk.apply()
    return id


def _wait_until_done(desk: Desk, most: int = 30) -> int:
    """The daemon comes by every five minutes; how many minutes until nothing is open."""
    for turn in range(most):
        if set(desk.intents.values()) == {"done"}:
            return 5 * turn
        desk.wait(minutes=5)
        desk.apply()
    raise AssertionError(desk.intents)


def _learned(desk: Desk) -> Learned:
    with desk.workspace.store.read() as tx:
        return lagging.learned(tx, desk.connections[0])


def _targets(desk: Desk) -> list[str]:
    return sorted(task.target or "" for task in desk.our_tasks())


@both
def test_a_crm_whose_lists_are_15_minutes_behind_from_the_first_day_gets_no_task_twice(lagging_desk: Desk) -> None:
    """Nothing is known yet, and the very first answer is lost: there is nothing to compare with."""
    lagging_desk.tenant.delay(900)

    ids = [_send(lagging_desk, NAMES[0], "drop_after")]
    _wait_until_done(lagging_desk)
    ids += [_send(lagging_desk, NAMES[1]), _send(lagging_desk, NAMES[2], "drop_after"), _send(lagging_desk, NAMES[3])]
    _wait_until_done(lagging_desk)

    assert _targets(lagging_desk) == sorted(ids)
    assert 600 <= _learned(lagging_desk).longest.total_seconds() <= 1200
    assert _learned(lagging_desk).wait(150) == 1.5 * _learned(lagging_desk).longest


@both
def test_a_crm_that_falls_behind_in_the_middle_gets_no_task_twice(lagging_desk: Desk) -> None:
    ids = [_send(lagging_desk, NAMES[0]), _send(lagging_desk, NAMES[1])]
    before = _learned(lagging_desk)
    lagging_desk.tenant.delay(1800)

    ids += [_send(lagging_desk, NAMES[2]), _send(lagging_desk, NAMES[3], "drop_after")]
    between = _learned(lagging_desk)
    _wait_until_done(lagging_desk)

    assert (before.longest.total_seconds(), before.behind) == (0, False)
    assert between.behind
    assert _targets(lagging_desk) == sorted(ids)


@both
def test_what_never_arrived_goes_out_again_once_the_list_is_proven(lagging_desk: Desk) -> None:
    """A newer task is shown: then what is not shown is not there, and nobody waits a quarter of an hour."""
    ids = [_send(lagging_desk, NAMES[0], "drop_before"), _send(lagging_desk, NAMES[1])]

    minutes = _wait_until_done(lagging_desk)

    assert minutes <= 10
    assert _targets(lagging_desk) == sorted(ids)


@both
def test_what_never_arrived_waits_longer_where_nothing_proves_the_list(lagging_desk: Desk) -> None:
    ids = [_send(lagging_desk, NAMES[0], "drop_before")]
    lagging_desk.wait(minutes=10)
    lagging_desk.apply()
    early = len(lagging_desk.our_tasks())

    minutes = _wait_until_done(lagging_desk)

    assert (early, minutes >= 5) == (0, True)
    assert _targets(lagging_desk) == ids


@one
def test_a_task_that_a_person_deleted_at_once_holds_nothing_up_for_ever(lagging_desk: Desk) -> None:
    """It was made and nobody ever sees it: after four hours it proves nothing any more."""
    desk = lagging_desk
    desk.tenant.delay(60)
    first = _send(desk, NAMES[0])
    desk.tenant.remove_task(desk.our_tasks()[0].id)
    second = _send(desk, NAMES[1], "drop_before")
    desk.wait(hours=1)
    desk.apply()
    held_up = [task.target for task in desk.our_tasks()]

    desk.wait(hours=3, minutes=1)
    desk.apply()
    _wait_until_done(desk)

    assert held_up == []
    assert first != second
    assert [task.target for task in desk.our_tasks()] == [second]


@both
def test_a_wait_that_a_person_set_is_kept_and_nothing_is_measured(task_desk: Desk) -> None:
    _send(task_desk, NAMES[0])

    assert task_desk.rows("lag") == []


def test_the_longest_of_what_was_missed_is_waited_and_half_as_long_again() -> None:
    known = Learned(40, longest=timedelta(minutes=10))

    assert known.wait(150).total_seconds() == 900
    assert known.wait(3600).total_seconds() == 3600
    assert Learned(40, longest=timedelta(hours=9)).wait(150) == lagging.MOST
    assert Learned().wait(150).total_seconds() == 150


def test_an_absence_counts_only_once_it_is_proven(zoho_desk: Desk) -> None:
    """Each case: how old the doubt is, and of each task that surely is there when it was sent after it and how it is
    seen (None: it is not shown at this moment)."""
    sent = zoho_desk.clock.now()
    cases: list[tuple[float, list[tuple[float, float | None]], bool]] = [
        (150, [], False),
        (990, [], True),
        (150, [(0, 2)], True),
        (150, [(0, 150)], False),
        (240, [(0, 150)], True),
        (150, [(90, 60)], True),
        (150, [(-10, 2)], False),
        (2000, [(100, 2), (0, None)], False),
    ]
    for age, others, counts in cases:
        with zoho_desk.workspace.store.write() as tx:
            tx.execute(lags.LAG.delete())
            lags.note(tx, "zoho", [
                {"connection": "zoho", "intent": f"i{number}", "sent_at": sent + timedelta(seconds=later),
                 "missed": 0.0 if seen is not None else age, "seen": seen}
                for number, (later, seen) in enumerate(others)
            ])  # fmt: skip

            why = lagging.doubt(tx, "zoho", {"sent_at": sent}, sent + timedelta(seconds=age))

        assert (why == "") is counts, (age, others, why)
