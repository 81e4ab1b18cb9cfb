"""Changes of tasks that are there, from the plan to the receipt: made once, on that task, or told as what they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kamsync.engine.accept import accept
from kamsync.engine.cycle import Applied, apply
from kamsync.engine.push import push
from kamsync.engine.rows import change_key, change_row
from kamsync.plugin import LiveTask, ReadsTasks, Target, TaskChange, TaskRef, Text, Write
from kamsync.store import plans
from kamsync.testing.faults import Fault
from kamsync.testing.tenant import TrueTask
from tests.engine.desk import BASIC, Desk, Died

STREAMS = BASIC
STAYS_OPEN = True
LATER = date(2026, 4, 1)
ALTERS = r"(PUT|DELETE) .*/Tasks(/\d+)?$|data/(update|changeOwner|invalid)$"
EACH = ["close", "due", "owner", "delete"]


class Handed:
    """A session that remembers what it was handed to write, and claims no more changes than it is told to."""

    def __init__(self, session: Any, claims: frozenset[Any] | None = None) -> None:
        self._session, self._claims = session, claims
        self.batches: list[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def writes(self) -> list[Write]:
        told: list[Write] = list(self._session.writes())
        return told if self._claims is None else [replace(one, changes=self._claims) for one in told]

    def live(self, targets: Any) -> Any:
        return self._session.live(targets)

    def find(self, probes: Any) -> Any:
        return self._session.find(probes)

    def ours(self, since: Any) -> Any:
        return self._session.ours(since)

    def write(self, intents: Any) -> Any:
        self.batches.append([type(one.body).__name__ for one in intents])
        return self._session.write(intents)


def reminded(desk: Desk) -> TrueTask:
    """A reminder of ours is in the CRM, by plan, intent and receipt."""
    desk.overdue()
    desk.pull()
    desk.judge()
    desk.apply()
    (task,) = desk.our_tasks()
    return task


def look(desk: Desk, task: TrueTask) -> LiveTask:
    with desk.at_work() as (_, _, ready, _):
        session = ready[desk.connections[0]].session
        assert isinstance(session, ReadsTasks)
        (live,) = session.tasks([TaskRef(str(task.marker), task.id)])
        return live


def planned(desk: Desk, task: TrueTask, live: LiveTask | None, **asked: Any) -> int:
    """A plan of one change; its number."""
    duty = next(row for row in desk.rows("duty") if row["marker"] == task.marker)
    target = Target(duty["stream"], duty["object"], duty["remote_id"])
    modified = live.modified if live else None
    change = TaskChange(target, task.id, str(task.marker), modified=modified, **asked)
    row = change_row(duty, change, live, Text("事由已消失", "its cause is gone"), Decimal(1))
    with desk.workspace.store.write() as tx:
        plan = {"as_of": desk.today, "made_at": desk.clock.now(), "digest": "", "credits": Decimal(1)}
        return plans.put(tx, plan, [row])


def changed(desk: Desk, task: TrueTask, **asked: Any) -> Applied:
    return desk.apply(planned(desk, task, look(desk, task), **asked))


def words(desk: Desk, name: str) -> dict[str, Any]:
    owner = desk.tenant.add("user", name="李小三", email="li@example.cn") if name == "owner" else None
    asked: dict[str, dict[str, Any]] = {"close": {"close": True}, "due": {"due": LATER}, "owner": {"owner": owner}}
    return asked.get(name, {"delete": True})


def as_wanted(desk: Desk, task: TrueTask, asked: dict[str, Any]) -> bool:
    now = {each.id: each for each in desk.tenant.tasks()}.get(task.id)
    if now is None:
        return "delete" in asked
    told = {"close": now.done, "due": now.due, "owner": now.owner}
    return all(told.get(name) == (value.isoformat() if name == "due" else value) for name, value in asked.items())


def intent(desk: Desk) -> dict[str, Any]:
    (row,) = [row for row in desk.rows("intent") if row["kind"] == "task_change"]
    return row


# ---- the way through


@pytest.mark.parametrize("name", EACH)
def test_a_change_goes_from_its_plan_to_its_receipt(task_desk: Desk, name: str) -> None:
    task = reminded(task_desk)
    asked = words(task_desk, name)

    done = changed(task_desk, task, **asked)

    kept = intent(task_desk)
    assert done.push.counts == {"applied": 1}
    assert (kept["state"], kept["payload"]["marker"], kept["before"]["now"]["done"]) == ("done", task.marker, False)
    assert task_desk.receipts(kept["key"]) == ["applied"]
    assert as_wanted(task_desk, task, asked)


def test_what_was_changed_stays_so_and_is_never_made_again(task_desk: Desk) -> None:
    """Its duty is still owed: a task that we closed is done, one that we deleted is not made anew."""
    task = reminded(task_desk)
    changed(task_desk, task, delete=True)

    task_desk.cycle()
    task_desk.cycle()

    assert task_desk.our_tasks() == []


def test_the_same_plan_applied_twice_changes_once(task_desk: Desk) -> None:
    task = reminded(task_desk)
    plan = planned(task_desk, task, look(task_desk, task), close=True)
    task_desk.apply(plan)
    calls = task_desk.calls(ALTERS)

    task_desk.apply(plan)

    assert task_desk.calls(ALTERS) == calls
    assert task_desk.receipts(intent(task_desk)["key"]) == ["applied"]


def test_each_kind_goes_in_a_batch_of_its_own(zoho_desk: Desk) -> None:
    """Tags, new tasks and changes of tasks are due at one time; no connector is handed a mixture."""
    task = reminded(zoho_desk)
    change = planned(zoho_desk, task, look(zoho_desk, task), close=True)
    zoho_desk.overdue(name="安徽合力股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge()
    new = zoho_desk.plan().id

    with zoho_desk.at_work() as (workspace, writer, ready, _):
        handed = Handed(ready["zoho"].session)
        keys = [key for plan in (change, new) for key in accept(workspace, writer, plan, ready, by_person=True).keys]
        push(workspace, writer, {"zoho": replace(ready["zoho"], session=handed)}, keys)

    assert handed.batches == [["TagChange"], ["Task"], ["TaskChange"]]
    assert set(zoho_desk.intents.values()) == {"done"}


def test_two_wishes_for_one_task_are_two_intents_and_the_same_wish_is_one() -> None:
    asked = {"marker": "kam:R01:1:x", "task": "7", "close": True, "modified": None}

    assert change_key("zoho", asked) == change_key("zoho", dict(reversed(asked.items())))
    assert len({change_key("zoho", asked | more) for more in ({}, {"close": False}, {"modified": "2026-03-02"})}) == 3
    assert change_key("zoho", asked) != change_key("other", asked)


# ---- people, and what the connection cannot


def test_a_task_that_people_moved_since_the_plan_is_stale(task_desk: Desk) -> None:
    task = reminded(task_desk)
    plan = planned(task_desk, task, look(task_desk, task), due=LATER)
    task_desk.wait(seconds=5)
    task_desk.tenant.reword_task(task.id, "已约好下周三")

    done = task_desk.apply(plan)

    (now,) = task_desk.our_tasks()
    assert done.push.counts == {"stale": 1}
    assert (now.subject, now.due) == ("已约好下周三", task.due)


def test_a_task_whose_customer_is_gone_can_still_be_closed(task_desk: Desk) -> None:
    """The reason why is often that the customer is gone: only the task is asked about."""
    task = reminded(task_desk)
    plan = planned(task_desk, task, look(task_desk, task), close=True)
    task_desk.tenant.remove("account", str(task.target))

    done = task_desk.apply(plan)

    assert done.push.counts == {"applied": 1}


def test_an_owner_whom_the_crm_does_not_take_is_kept_as_the_cause(task_desk: Desk) -> None:
    task = reminded(task_desk)

    done = changed(task_desk, task, owner="987654321987654321")

    kept = intent(task_desk)
    assert done.push.counts == {"refused": 1}
    assert (kept["state"], kept["cause"], done.push.results[0].cause) == ("refused", "owner", "owner")


def test_what_a_connection_does_not_claim_is_refused_before_its_connector_is_asked(zoho_desk: Desk) -> None:
    """One written before there were changes would not know what it was handed."""
    task = reminded(zoho_desk)
    plan = planned(zoho_desk, task, look(zoho_desk, task), delete=True)

    with zoho_desk.at_work() as (workspace, writer, ready, _):
        older = Handed(ready["zoho"].session, claims=frozenset())
        done = apply(workspace, writer, {"zoho": replace(ready["zoho"], session=older)}, plan, by_person=True)

    assert done.push.counts == {"refused": 1}
    assert (intent(zoho_desk)["cause"], older.batches) == ("unsupported", [])
    assert zoho_desk.calls(ALTERS) == 0


# ---- answers that do not come


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_a_change_whose_answer_was_lost_ends_by_what_the_task_is(task_desk: Desk, name: str, fault: Any) -> None:
    """Made and unheard it is done; lost on the way it is to be planned anew; it is sent once in either case."""
    task = reminded(task_desk)
    asked = words(task_desk, name)
    task_desk.tenant.fault(Fault(fault, on=ALTERS))
    before = task_desk.calls(ALTERS)

    changed(task_desk, task, **asked)

    kept = intent(task_desk)
    made = fault == "drop_after" and as_wanted(task_desk, task, asked)
    assert (kept["state"], made) == (("done", True) if fault == "drop_after" else ("stale", False))
    assert task_desk.calls(ALTERS) - before == 1
    assert task_desk.receipts(kept["key"])[0] == "unknown"
    assert len(task_desk.our_tasks()) == (0 if made and name == "delete" else 1)


def test_an_unknown_change_waits_its_time_even_where_new_tasks_need_not(zoho_desk: Desk) -> None:
    """A unique key makes sending a new task again safe at once; of a change it says nothing."""
    task = reminded(zoho_desk)
    zoho_desk.options["zoho"]["settle_seconds"] = 60
    zoho_desk.configure()
    zoho_desk.tenant.fault(Fault("drop_after", on=ALTERS))
    changed(zoho_desk, task, close=True)
    before = intent(zoho_desk)["state"]

    early = zoho_desk.apply()
    zoho_desk.wait(minutes=2)
    late = zoho_desk.apply()

    assert (before, early.settled.waiting) == ("unknown", 1)
    assert (late.settled.done, intent(zoho_desk)["state"]) == (1, "done")


def test_an_unknown_change_of_a_task_that_nobody_may_see_is_neither_done_nor_lost(fxiaoke_desk: Desk) -> None:
    task = reminded(fxiaoke_desk)
    plan = planned(fxiaoke_desk, task, look(fxiaoke_desk, task), delete=True)
    fxiaoke_desk.tenant.fault(Fault("drop_after", on="data/invalid$"))
    no_right = {"errorCode": 20014, "errorMessage": "no right"}
    hidden = Fault("answer", on="data/get$", times=-1, status=200, body=no_right, skip=1)
    fxiaoke_desk.tenant.fault(hidden)

    first = fxiaoke_desk.apply(plan)
    fxiaoke_desk.heal()
    fxiaoke_desk.wait(minutes=5)
    fxiaoke_desk.apply()

    assert first.push.counts == {"unknown": 1}
    assert fxiaoke_desk.receipts(intent(fxiaoke_desk)["key"])[:2] == ["unknown", "looked"]
    assert intent(fxiaoke_desk)["state"] == "done"


# ---- a process that dies


@pytest.mark.parametrize("name", EACH)
def test_a_change_that_left_before_the_process_died_is_settled_and_not_sent_again(each_desk: Desk, name: str) -> None:
    task = reminded(each_desk)
    asked = words(each_desk, name)
    plan = planned(each_desk, task, look(each_desk, task), **asked)
    with each_desk.dies(on="INSERT INTO receipt"), pytest.raises(Died):
        each_desk.apply(plan)
    left, calls = intent(each_desk)["state"], each_desk.calls(ALTERS)

    each_desk.cycle()
    each_desk.cycle()

    assert (left, intent(each_desk)["state"]) == ("sending", "done")
    assert each_desk.calls(ALTERS) == calls == 1
    assert as_wanted(each_desk, task, asked)


@pytest.mark.parametrize("on", ["INSERT INTO intent", "UPDATE intent SET .*sent_at="])
def test_no_change_leaves_before_it_is_durable_and_none_is_forgotten(each_desk: Desk, on: str) -> None:
    task = reminded(each_desk)
    plan = planned(each_desk, task, look(each_desk, task), close=True)
    with each_desk.dies(on=on), pytest.raises(Died):
        each_desk.apply(plan)
    calls = each_desk.calls(ALTERS)

    each_desk.apply(plan)

    assert calls == 0
    assert [each.done for each in each_desk.our_tasks()] == [True]
    assert intent(each_desk)["state"] == "done"
