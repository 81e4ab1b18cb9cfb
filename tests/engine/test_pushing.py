"""Pushing and settling: whatever happens to an answer, the CRM ends with each task and tag exactly once."""

from __future__ import annotations

import pytest

from kamsync.engine.cycle import apply
from kamsync.plugin import KamsyncError
from kamsync.testing.faults import Fault
from tests.engine.desk import BASIC, WRITING, Desk, Died

STREAMS = BASIC
STAYS_OPEN = True
LOW, HIGH = "KAM·三级及以下", "KAM·二级"
MAKES_TASK, MAKES_TAG = r"/Tasks$|data/create$", r"add_tags$|data/update$"
NAME = "中国一拖集团有限公司"


def _ready(desk: Desk) -> str:
    """One task and one tag are planned."""
    id = desk.overdue()
    desk.pull()
    desk.judge()
    return id


def _state(desk: Desk, kind: str) -> str:
    return next(state for key, state in desk.intents.items() if key.startswith(kind))


# ---- answers that do not come


def test_a_task_whose_answer_was_lost_ends_as_exactly_one(task_desk: Desk) -> None:
    """Five customers, one batch after another; each time something else goes wrong on the way."""
    faults = [
        Fault("drop_after", on=MAKES_TASK),
        Fault("drop_before", on=MAKES_TASK),
        Fault("error_after", on=MAKES_TASK, status=502, body="<html>Bad Gateway</html>"),
        Fault("answer", on=MAKES_TASK, status=503),
        Fault("truncate", on=MAKES_TASK),
    ]
    names = ("安徽合力", "中国一拖", "福耀玻璃", "三一重工", "格力电器")
    ids = []
    for name, fault in zip(names, faults, strict=True):
        ids.append(task_desk.overdue(name=f"{name}有限公司"))
        task_desk.pull()
        task_desk.judge()
        task_desk.tenant.fault(fault)
        task_desk.apply()

    task_desk.cycle()

    assert sorted(task.target or "" for task in task_desk.our_tasks()) == sorted(ids)
    assert set(task_desk.intents.values()) == {"done"}


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_a_tag_whose_answer_was_lost_ends_as_one_of_ours(tag_desk: Desk, kind: str) -> None:
    id = _ready(tag_desk)
    tag_desk.tenant.fault(Fault(kind, on=MAKES_TAG))  # type: ignore[arg-type]  # two of the kinds there are

    tag_desk.apply()
    tag_desk.cycle()

    assert tag_desk.tenant.tags(id) == (LOW,)
    assert [row["value"] for row in tag_desk.rows("owned")] == [LOW]


def test_a_task_that_is_made_long_after_we_gave_up_is_still_the_only_one(task_desk: Desk) -> None:
    """The CRM takes 1.2 seconds, we wait 0.6, and a task surely shows 1.8 seconds after it was sent."""
    id = _ready(task_desk)
    task_desk.deadline, task_desk.clock.patient = 0.6, True
    task_desk.options[task_desk.connections[0]]["settle_seconds"] = 1.8
    task_desk.configure()
    task_desk.tenant.fault(Fault("late", on=MAKES_TASK, seconds=1.2))

    task_desk.apply()
    task_desk.apply()

    assert [task.target for task in task_desk.our_tasks()] == [id]
    assert _state(task_desk, "task") == "done"


def test_what_is_unknown_waits_for_its_time_and_is_not_sent_again_before(fxiaoke_desk: Desk) -> None:
    """A settle wait of a minute is not sat out: the daemon comes by again."""
    _ready(fxiaoke_desk)
    fxiaoke_desk.options["fxiaoke"]["settle_seconds"] = 60
    fxiaoke_desk.configure()
    fxiaoke_desk.tenant.fault(Fault("drop_before", on=MAKES_TASK))
    fxiaoke_desk.apply()
    sent = fxiaoke_desk.calls("data/create$")

    early = fxiaoke_desk.apply()
    again = fxiaoke_desk.calls("data/create$")
    fxiaoke_desk.wait(minutes=1)
    first_look = fxiaoke_desk.apply()
    fxiaoke_desk.wait(minutes=1)
    fxiaoke_desk.apply()

    assert (early.settled.waiting, again) == (1, sent)
    assert (first_look.settled.waiting, _state(fxiaoke_desk, "task")) == (1, "done")
    assert len(fxiaoke_desk.our_tasks()) == 1


def test_a_connection_that_cannot_be_looked_at_keeps_no_other_from_settling(desk: Desk) -> None:
    for tenant, name in ((desk.zoho, "安徽合力股份有限公司"), (desk.fxiaoke, NAME)):
        desk.overdue(tenant, name=name)
        tenant.fault(Fault("drop_before", on=MAKES_TASK, times=1))
    desk.options = {name: {"settle_seconds": 60} for name in desk.connections}
    desk.pull()
    desk.judge()
    desk.apply()
    desk.wait(minutes=2)
    desk.hide("ScheduleObj")

    done = desk.cycle()

    assert done.pull.verdict == "degraded"
    assert [task.target for task in desk.our_tasks()] == desk.zoho.ids("account")


# ---- what surely did not happen


def test_what_a_busy_crm_turned_away_is_sent_again_in_the_same_apply(tag_desk: Desk) -> None:
    id = _ready(tag_desk)
    answer = tag_desk.tenant.too_fast()
    body = answer.wire()[0]
    tag_desk.tenant.fault(
        Fault("answer", on=WRITING, times=2, status=answer.status, body=body, headers=dict(answer.headers))
    )

    done = tag_desk.apply()

    assert done.push.counts == {"applied": 2}
    assert tag_desk.tenant.tags(id) == (LOW,)
    assert len(tag_desk.our_tasks()) == 1


def test_what_a_spent_quota_kept_back_is_sent_the_next_day(zoho_desk: Desk) -> None:
    id = _ready(zoho_desk)
    answer = zoho_desk.zoho.spent()
    body = answer.wire()[0]
    zoho_desk.zoho.fault(
        Fault("answer", on=WRITING, times=-1, status=answer.status, body=body, headers=dict(answer.headers))
    )
    first = zoho_desk.apply()
    zoho_desk.heal()
    zoho_desk.wait(days=1)

    zoho_desk.cycle()

    assert first.push.counts == {"not_sent": 2}
    assert zoho_desk.zoho.tags(id) == (LOW,)
    assert len(zoho_desk.our_tasks()) == 1


# ---- people's edits in between


def test_a_row_is_stale_when_someone_changed_our_tag_between_plan_and_apply(tag_desk: Desk) -> None:
    id = _ready(tag_desk)
    plan = tag_desk.plan()
    tag_desk.tenant.set_tags(id, [HIGH])

    done = tag_desk.apply(plan.id)

    assert {result.row["kind"]: result.outcome for result in done.push.results} == {"tags": "stale", "task": "applied"}
    assert tag_desk.tenant.tags(id) == (HIGH,)


def test_a_person_s_own_tag_in_between_is_kept_and_ours_is_written(tag_desk: Desk) -> None:
    id = _ready(tag_desk)
    plan = tag_desk.plan()
    tag_desk.tenant.set_tags(id, ["展会"])

    tag_desk.apply(plan.id)

    assert set(tag_desk.tenant.tags(id)) == {"展会", LOW}


def test_a_record_deleted_between_plan_and_apply_gets_nothing(tag_desk: Desk) -> None:
    id = _ready(tag_desk)
    plan = tag_desk.plan()
    tag_desk.tenant.remove("account", id)

    done = tag_desk.apply(plan.id)

    assert {result.outcome for result in done.push.results} == {"stale"}
    assert tag_desk.our_tasks() == []


def test_a_plan_whose_wish_has_changed_since_is_not_applied(zoho_desk: Desk) -> None:
    id = _ready(zoho_desk)
    plan = zoho_desk.plan()
    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=90)
    zoho_desk.pull()
    zoho_desk.judge()

    done = zoho_desk.apply(plan.id)

    assert [row["kind"] for row, _ in done.accepted.skipped] == ["tags", "task"]
    assert zoho_desk.zoho.tags(id) == ()
    assert zoho_desk.our_tasks() == []


def test_an_accepted_row_that_could_not_go_out_is_superseded_by_a_new_wish(zoho_desk: Desk) -> None:
    id = _ready(zoho_desk)
    answer = zoho_desk.zoho.spent()
    zoho_desk.zoho.fault(
        Fault("answer", on=WRITING, times=-1, status=429, body=answer.wire()[0], headers=dict(answer.headers))
    )
    zoho_desk.apply()
    zoho_desk.heal()
    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=90)

    zoho_desk.cycle()

    assert zoho_desk.zoho.tags(id) == (HIGH,)
    states = {key.rsplit(":", 1)[1]: state for key, state in zoho_desk.intents.items() if key.startswith("tags")}
    assert states == {"r1": "superseded", "r2": "done"}


def test_applying_a_plan_twice_writes_once(tag_desk: Desk) -> None:
    _ready(tag_desk)
    plan = tag_desk.plan()
    tag_desk.apply(plan.id)
    written = tag_desk.calls(WRITING)

    tag_desk.apply(plan.id)

    assert tag_desk.calls(WRITING) == written
    assert len(tag_desk.our_tasks()) == 1


# ---- a process that dies


def test_a_crash_after_the_call_left_is_settled_by_what_the_crm_holds(task_desk: Desk) -> None:
    """Both writes were done and their receipts were not: nobody knows that, so nobody sends them again."""
    id = _ready(task_desk)
    with task_desk.dies(on="INSERT INTO receipt"), pytest.raises(Died):
        task_desk.apply()
    left = set(task_desk.intents.values())

    task_desk.cycle()
    task_desk.cycle()

    assert "sending" in left
    assert task_desk.tenant.tags(id) == (LOW,)
    assert [task.target for task in task_desk.our_tasks()] == [id]
    assert set(task_desk.intents.values()) == {"done"}


def test_a_crash_before_the_call_left_loses_nothing(each_desk: Desk) -> None:
    id = _ready(each_desk)
    with each_desk.dies(on="UPDATE intent SET .*sent_at="), pytest.raises(Died):
        each_desk.apply()
    written = each_desk.calls(WRITING)

    each_desk.cycle()

    assert written == 0
    assert each_desk.zoho.tags(id) == (LOW,)
    assert len(each_desk.our_tasks()) == 1


def test_no_call_leaves_before_its_intent_is_durable(each_desk: Desk) -> None:
    _ready(each_desk)
    with each_desk.dies(on="INSERT INTO intent"), pytest.raises(Died):
        each_desk.apply()

    assert each_desk.calls(WRITING) == 0
    assert each_desk.our_tasks() == []


def test_what_an_earlier_writer_was_sending_is_unknown_to_the_next(each_desk: Desk) -> None:
    _ready(each_desk)
    with each_desk.dies(on="INSERT INTO receipt"), pytest.raises(Died):
        each_desk.apply()
    each_desk.options["zoho"]["settle_seconds"] = 3600
    each_desk.configure()

    each_desk.apply()

    assert _state(each_desk, "tags") == "unknown"


def test_every_attempt_leaves_its_receipt(fxiaoke_desk: Desk) -> None:
    _ready(fxiaoke_desk)
    fxiaoke_desk.tenant.fault(Fault("drop_before", on=MAKES_TASK))

    fxiaoke_desk.apply()

    task = next(key for key in fxiaoke_desk.intents if key.startswith("task"))
    assert fxiaoke_desk.receipts(task) == ["unknown", "looked", "settled planned", "applied"]


def test_trouble_while_sending_is_told_and_the_other_crm_gets_its_own(desk: Desk) -> None:
    desk.zoho.add("account", name=NAME)
    theirs = desk.fxiaoke.add("account", name="安徽合力股份有限公司")
    desk.pull()
    desk.judge()
    plan = desk.plan()

    with desk.at_work() as (workspace, writer, ready, _):
        desk.zoho.fault(Fault("answer", on="GET /crm/v8/Accounts", times=-1, status=500))
        done = apply(workspace, writer, ready, plan.id, by_person=True)

    assert isinstance(done.push.troubles["zoho"], KamsyncError)
    assert desk.fxiaoke.tags(theirs) == (LOW,)
    assert {result.outcome for result in done.push.results} == {"applied", "not_sent"}
