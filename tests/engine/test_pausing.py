"""The kill switch, and the trail that people's decisions and our writes leave."""

from __future__ import annotations

from typing import Any

from kamsync.engine import auditing, holds, pausing
from tests.engine.desk import PEOPLE, WRITING, Desk

STREAMS = PEOPLE
STAYS_OPEN = True
LOW = "KAM·三级及以下"


def _companies(desk: Desk, count: int) -> list[str]:
    return [desk.zoho.add("account", name=f"第{number}机械有限公司") for number in range(count)]


def _deeds(desk: Desk) -> list[tuple[str, str]]:
    return [(row["who"], row["deed"]) for row in auditing.export(desk.workspace)]


def test_while_writes_are_paused_everything_else_goes_on(each_desk: Desk) -> None:
    [id] = _companies(each_desk, 1)
    pausing.pause(each_desk.workspace)

    done = each_desk.cycle()

    assert done.applied is not None
    assert (len(done.plan.changes), done.applied.push.counts) == (1, {"not_sent": 1})
    assert done.applied.push.results[0].message == "writes are paused: kamsync resume push"
    assert (each_desk.calls(WRITING), each_desk.zoho.tags(id)) == (0, ())


def test_what_was_accepted_during_a_pause_leaves_once_after_it(each_desk: Desk) -> None:
    [id] = _companies(each_desk, 1)
    pausing.pause(each_desk.workspace)
    each_desk.cycle()

    pausing.resume(each_desk.workspace)
    each_desk.cycle()

    [key] = each_desk.intents
    assert (each_desk.receipts(key), each_desk.zoho.tags(id)) == (["applied"], (LOW,))


def test_a_pause_of_one_connection_stops_no_other(desk: Desk) -> None:
    ours, theirs = _companies(desk, 1)[0], desk.fxiaoke.add("account", name="福耀玻璃工业集团股份有限公司")
    pausing.pause(desk.workspace, "zoho")

    desk.cycle()

    assert (desk.zoho.tags(ours), desk.fxiaoke.tags(theirs)) == ((), (LOW,))


def test_a_pause_in_the_middle_of_a_push_lets_no_further_batch_leave(zoho_desk: Desk) -> None:
    """The person's command comes while the first batch of a hundred is on its way."""
    ids = _companies(zoho_desk, 150)
    workspace = zoho_desk.workspace

    def at_the_first_batch(event: str, **facts: Any) -> None:
        if event == "push.batch":
            pausing.pause(workspace)

    workspace.say = at_the_first_batch
    done = zoho_desk.cycle()

    assert done.applied is not None
    written = sum(zoho_desk.zoho.tags(id) == (LOW,) for id in ids)
    assert done.applied.push.counts == {"applied": written, "not_sent": len(ids) - written}
    assert 0 < written < len(ids)


def test_a_pause_is_one_however_often_it_is_said_and_a_hold_like_others(zoho_desk: Desk) -> None:
    said = [pausing.pause(zoho_desk.workspace), pausing.pause(zoho_desk.workspace)]
    [hold] = zoho_desk.holds

    holds.approve_verb(zoho_desk.workspace, hold["id"])

    assert (said, zoho_desk.holds, pausing.resume(zoho_desk.workspace)) == ([True, False], [], False)


def test_every_write_and_every_decision_leaves_a_deed(each_desk: Desk) -> None:
    each_desk.writes["zoho"], each_desk.guards["max_writes"] = "on", 2
    _companies(each_desk, 3)
    each_desk.workspace.who = "wangfang"
    each_desk.cycle(by_person=False)
    holds.approve_verb(each_desk.workspace, each_desk.holds[0]["id"])
    pausing.pause(each_desk.workspace)
    pausing.resume(each_desk.workspace)
    _companies(each_desk, 1)
    each_desk.pull()
    each_desk.judge()
    each_desk.apply()

    assert _deeds(each_desk) == [
        ("wangfang", "hold.approved"),
        *[("kamsync", "write.applied")] * 3,
        ("wangfang", "push.paused"),
        ("wangfang", "push.resumed"),
        ("wangfang", "plan.applied"),
        *[("kamsync", "write.applied")] * 1,
    ]
    assert auditing.is_whole(auditing.verify(each_desk.workspace))
