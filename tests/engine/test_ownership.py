"""What is whose: people's hands win, at any moment; what we sent is not sent again, whatever rule or reading comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from kamsync.engine.cycle import apply
from kamsync.engine.plan import plan
from kamsync.testing.faults import Fault
from tests.engine.desk import BASIC, THREE_RULES, WRITING, Desk, Died, when

STREAMS = BASIC
STAYS_OPEN = True
LOW, HIGH = "KAM·三级及以下", "KAM·二级"
NAME = "中国一拖集团有限公司"
LATE = "2026-04-15"


@contextmanager
def _at(desk: Desk, statement: str, act: Callable[[], None]) -> Iterator[None]:
    """Somebody acts in the CRM at the very moment of this statement of ours, once."""
    once = [act]

    def watch(_c: Any, _cursor: Any, said: str, *_: Any) -> None:
        if once and re.match(statement, said):
            once.pop()()

    event.listen(desk.workspace.store.engine, "before_cursor_execute", watch)
    try:
        yield
    finally:
        event.remove(desk.workspace.store.engine, "before_cursor_execute", watch)


def _ready(desk: Desk) -> str:
    """One task and one tag are planned."""
    id = desk.overdue()
    desk.pull()
    desk.judge()
    return id


def _rules(desk: Desk, edit: Callable[[str], str]) -> None:
    """The admin edits the reminder rules."""
    text = edit(THREE_RULES.read_text("utf-8"))
    path = desk.folder / "reminders.toml"
    path.write_text(text, "utf-8")
    desk.policy["reminders"] = str(path)
    desk.configure()


def _without_r01(text: str) -> str:
    blocks = re.split(r"(?m)^(?=\[R\d\d)", text)
    return "".join(block for block in blocks if not block.startswith("[R01"))


def _tasks(desk: Desk) -> dict[str, str]:
    return {key: state for key, state in desk.intents.items() if key.startswith("task:")}


def _busy(desk: Desk) -> None:
    """The day's quota is gone: what is accepted waits."""
    answer = desk.zoho.spent()
    body, headers = answer.wire()[0], dict(answer.headers)
    desk.zoho.fault(Fault("answer", on=WRITING, times=-1, status=429, body=body, headers=headers))


# ---- people act between our look and our call


def test_a_tag_that_people_set_after_our_last_look_survives_our_write(tag_desk: Desk) -> None:
    id = _ready(tag_desk)

    with _at(tag_desk, "UPDATE intent SET state=", lambda: tag_desk.tenant.set_tags(id, ["展会", "老客户"])):
        tag_desk.apply()

    assert set(tag_desk.tenant.tags(id)) == {"展会", "老客户", LOW}


def test_a_tag_of_ours_that_people_took_off_after_our_last_look_is_not_put_back_by_a_later_run(tag_desk: Desk) -> None:
    id = _ready(tag_desk)
    tag_desk.apply()
    tag_desk.wait(days=1)
    tag_desk.tenant.change("account", id, strategic=90)
    with _at(tag_desk, "UPDATE intent SET state=", lambda: tag_desk.tenant.set_tags(id, ["展会"])):
        tag_desk.cycle()
    tag_desk.tenant.set_tags(id, ["展会"])

    done = tag_desk.cycle()

    assert tag_desk.tenant.tags(id) == ("展会",)
    assert [row["en"] for row in done.plan.skipped] == [f"someone removed {HIGH}: it stays away until the tier changes"]


# ---- what people do to a reminder of ours is respected


def test_a_reminder_that_people_gave_to_another_or_put_off_stays_as_they_left_it(tag_desk: Desk) -> None:
    tag_desk.overdue()
    tag_desk.cycle()
    [task] = tag_desk.our_tasks()
    other = tag_desk.tenant.add("user", name="韩梅梅")
    tag_desk.tenant.change("activity", task.id, owner=other)
    tag_desk.tenant.change("activity", task.id, at=when(LATE))
    [before] = tag_desk.our_tasks()

    for _ in range(3):
        tag_desk.wait(days=1)
        done = tag_desk.cycle()

    assert tag_desk.our_tasks() == [before]
    assert (before.owner, before.due) == (other, LATE)
    assert [row for row in done.plan.changes if row["kind"] != "tags"] == []


def test_a_reminder_that_people_gave_to_another_stays_theirs_after_a_lost_database(tag_desk: Desk) -> None:
    tag_desk.overdue()
    tag_desk.cycle()
    [task] = tag_desk.our_tasks()
    tag_desk.tenant.change("activity", task.id, owner=tag_desk.tenant.add("user", name="韩梅梅"))
    before = tag_desk.our_tasks()
    tag_desk.lose_database()

    tag_desk.cycle()
    tag_desk.cycle()

    assert tag_desk.our_tasks() == before


# ---- a tier that wavers


def test_a_tier_that_wavers_all_day_is_told_once_and_written_twice(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name=NAME, owner=zoho_desk.zoho.add("user", name="王芳"))
    zoho_desk.cycle()
    zoho_desk.wait(days=1)
    for rating in (90, 10, 90, 10, 90):
        zoho_desk.zoho.change("account", id, strategic=rating)
        zoho_desk.cycle()
        zoho_desk.wait(minutes=40)

    told = [task for task in zoho_desk.our_tasks() if ":R24:" in str(task.marker)]
    assert len(told) == 1
    assert [row["state"] for row in zoho_desk.rows("intent") if row["kind"] == "tags"] == ["done"] * 3
    assert zoho_desk.zoho.tags(id) == (LOW,)  # the day's second; a third was wanted


# ---- a rule is edited while its intents wait


def test_a_rule_that_is_switched_off_takes_back_what_was_not_sent_and_touches_nothing_that_was(zoho_desk: Desk) -> None:
    zoho_desk.overdue()
    zoho_desk.cycle()
    sent = zoho_desk.our_tasks()
    for number in range(3):
        zoho_desk.overdue(name=f"第{number}重型机械有限公司")
    _busy(zoho_desk)
    zoho_desk.cycle()
    queued = _tasks(zoho_desk)
    zoho_desk.heal()
    zoho_desk.wait(days=1)
    _rules(zoho_desk, _without_r01)

    zoho_desk.cycle()
    zoho_desk.cycle()

    assert sorted(queued.values()) == ["done", "planned", "planned", "planned"]
    assert sorted(_tasks(zoho_desk).values()) == ["done", "superseded", "superseded", "superseded"]
    assert zoho_desk.our_tasks() == sent


def test_taking_back_what_was_queued_is_one_step_even_if_we_die_in_it(each_desk: Desk) -> None:
    for number in range(3):
        each_desk.overdue(name=f"第{number}重型机械有限公司")
    _busy(each_desk)
    each_desk.cycle()
    each_desk.heal()
    each_desk.wait(days=1)
    _rules(each_desk, _without_r01)
    each_desk.pull()
    each_desk.judge()
    with each_desk.dies(on="INSERT INTO receipt"), pytest.raises(Died):
        each_desk.apply()
    died = set(_tasks(each_desk).values())

    each_desk.cycle()

    assert (died, set(_tasks(each_desk).values())) == ({"planned"}, {"superseded"})
    assert each_desk.our_tasks() == []


def test_a_rule_whose_words_are_edited_doubles_nothing_and_rewords_no_task(zoho_desk: Desk) -> None:
    zoho_desk.overdue()
    zoho_desk.cycle()
    sent = zoho_desk.our_tasks()
    zoho_desk.overdue(name="第二重型机械有限公司")
    _busy(zoho_desk)
    zoho_desk.cycle()
    zoho_desk.heal()
    zoho_desk.wait(days=1)
    _rules(zoho_desk, lambda text: _without_r01(text) + '\n[R01]\nsubject.zh = "请联系 {{account}}"\n')

    zoho_desk.cycle()
    zoho_desk.cycle()

    assert len(zoho_desk.our_tasks()) == 2
    assert [task for task in zoho_desk.our_tasks() if task.id == sent[0].id] == sent
    assert set(_tasks(zoho_desk).values()) == {"done"}


# ---- reading everything again


def test_reading_everything_again_writes_nothing_new(desk: Desk) -> None:
    for tenant, name in ((desk.zoho, "中国一拖"), (desk.fxiaoke, "安徽合力")):
        desk.overdue(tenant, name=f"{name}集团有限公司")
    desk.cycle()
    truth = desk.zoho.truth(), desk.fxiaoke.truth()
    desk.poison_writing()
    desk.wait(minutes=5)

    desk.pull(full=True)
    desk.judge()
    with desk.at_work() as (workspace, writer, ready, troubles):
        made = plan(workspace, writer, ready, troubles, desk.today)
        done = apply(workspace, writer, ready, made.id, by_person=True)

    assert (made.changes, made.adopted, done.push.results) == ([], 0, [])
    assert (desk.zoho.truth(), desk.fxiaoke.truth()) == truth
