"""The kill switch, and the trail that people's decisions and our writes leave."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from threading import Thread
from typing import Any

from kamsync.engine import auditing, holds, pausing
from tests.engine.desk import PEOPLE, WRITING, Desk

STREAMS = PEOPLE
STAYS_OPEN = True
LOW = "KAM·三级及以下"
KAMSYNC = (sys.executable, "-c", "import sys; from kamsync.cli import main; sys.exit(main())")


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


def test_a_pause_from_another_process_stops_a_large_push_after_the_batch_under_way(fxiaoke_desk: Desk) -> None:
    """Three hundred rows in batches of twenty; the command is typed when the first has gone out."""
    ids = [fxiaoke_desk.fxiaoke.add("account", name=f"第{number}机械有限公司") for number in range(300)]
    workspace, batches = fxiaoke_desk.workspace, Counter[str]()
    command = [*KAMSYNC, "pause", "push", "--config", str(fxiaoke_desk.path)]
    noted: list[int] = []
    person: list[Thread] = []

    def type_it() -> None:
        subprocess.run(command, check=True, capture_output=True)
        noted.append(fxiaoke_desk.calls(WRITING))

    def as_batches_go(event: str, **facts: Any) -> None:
        batches[event] += 1
        if batches["push.batch"] == 1 and not person:
            person.append(Thread(target=type_it))
            person[0].start()
        if batches["push.batch"] == 12:
            person[0].join()  # slow to type: it has to come before the end

    workspace.say = as_batches_go
    done = fxiaoke_desk.cycle()
    person[0].join()
    left = fxiaoke_desk.calls(WRITING)

    assert done.applied is not None
    written = sum(fxiaoke_desk.fxiaoke.tags(id) == (LOW,) for id in ids)
    assert left - noted[0] <= 20
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
        ("wangfang", "mapping.published"),
        ("wangfang", "hold.approved"),
        *[("kamsync", "write.applied")] * 3,
        ("wangfang", "push.paused"),
        ("wangfang", "push.resumed"),
        ("wangfang", "plan.applied"),
        *[("kamsync", "write.applied")] * 1,
    ]
    assert auditing.is_whole(auditing.verify(each_desk.workspace))
