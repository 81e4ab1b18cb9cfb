"""What a plan asks the CRM: all that may have changed, and a fair share of the rest."""

from __future__ import annotations

from kamsync.engine.plan import LOOK_AGAIN
from tests.engine.desk import Desk

LOW = "KAM·三级及以下"
MORE = 60  # records beyond what a plan looks at though nothing is known to have changed
A_CALL = 50  # records that Zoho tells by their ids in one call
BY_ID = "^GET /crm/v8/Accounts$"  # pulls read accounts by query: what is left are looks


def _companies(desk: Desk, count: int) -> list[str]:
    return [desk.zoho.add("account", name=f"苏州工业园区第{number}精密机械厂") for number in range(count)]


def test_a_quiet_plan_looks_at_a_share_of_a_large_book_and_comes_round_to_every_record(zoho_desk: Desk) -> None:
    ids = _companies(zoho_desk, LOOK_AGAIN + MORE)
    zoho_desk.cycle()
    zoho_desk.zoho.set_tags(ids[-1], [])
    before = zoho_desk.calls(BY_ID)

    plans = [zoho_desk.plan(), zoho_desk.plan(), zoho_desk.plan()]

    told = [[row["remote_id"] for row in plan.skipped] for plan in plans]
    assert [plan.changes for plan in plans] == [[], [], []]
    assert (ids[-1] in told[1], told[1] == told[2]) == (True, True)
    assert zoho_desk.calls(BY_ID) - before <= 3 * (LOOK_AGAIN // A_CALL + 1)


def test_a_record_that_someone_edited_is_looked_at_out_of_turn(zoho_desk: Desk) -> None:
    ids = _companies(zoho_desk, LOOK_AGAIN + MORE)
    zoho_desk.cycle()
    zoho_desk.wait(minutes=10)
    zoho_desk.zoho.set_tags(ids[-1], [])
    zoho_desk.zoho.change("account", ids[-1], phone="0512-55501234")

    done = zoho_desk.cycle()

    assert [(row["remote_id"], row["en"]) for row in done.plan.skipped] == [
        (ids[-1], f"someone removed {LOW}: it stays away until the tier changes")
    ]


def test_many_tags_that_were_taken_off_do_not_keep_the_others_from_being_looked_at(zoho_desk: Desk) -> None:
    ids = _companies(zoho_desk, LOOK_AGAIN + MORE)
    zoho_desk.cycle()
    for id in ids[:LOOK_AGAIN]:
        zoho_desk.zoho.set_tags(id, [])
    zoho_desk.plan()
    zoho_desk.zoho.set_tags(ids[-1], [])

    told = {row["remote_id"] for row in zoho_desk.plan().skipped}

    assert told == {*ids[:LOOK_AGAIN], ids[-1]}
