"""Quiet: what we wrote ourselves is no news, and where nothing happened nothing is written."""

from __future__ import annotations

from kamsync.store import wanted
from tests.engine.desk import BASIC, WRITING, Desk, when

STREAMS = BASIC
STAYS_OPEN = True


def test_two_quiet_cycles_write_nothing(desk: Desk) -> None:
    """A day apart, too: what was offered yesterday is not offered again today."""
    ids = [desk.overdue(tenant, name=name) for tenant, name in ((desk.zoho, "中国一拖"), (desk.fxiaoke, "安徽合力"))]
    desk.cycle()
    truth = desk.zoho.truth(), desk.fxiaoke.truth()
    desk.poison_writing()
    written = desk.calls(WRITING)

    first = desk.cycle()
    desk.wait(days=1)
    second = desk.cycle()

    assert (first.plan.changes, second.plan.changes) == ([], [])
    assert desk.calls(WRITING) == written
    assert (desk.zoho.truth(), desk.fxiaoke.truth()) == truth
    assert {task.target for task in desk.our_tasks()} == set(ids)


def test_a_quiet_pull_asks_the_store_once_a_connection_where_it_stands(desk: Desk) -> None:
    """However many streams there are: what a small tenant's pull takes is statements."""
    desk.pull()
    desk.wait(minutes=5)

    with desk.counts("SELECT cursor.connection, cursor.stream, cursor.lane") as asked:
        report = desk.pull()

    assert len(report.streams) > 4
    assert asked.times == 2


def test_what_we_wrote_ourselves_makes_no_account_look_changed(tag_desk: Desk) -> None:
    """Zoho that stamps records when their tags change, too."""
    tag_desk.zoho.knobs.tags_move_modified = True
    tag_desk.overdue()
    tag_desk.cycle()
    tag_desk.wait(minutes=10)

    done = tag_desk.cycle()

    assert done.plan.changes == []
    assert [touch for touch in [tag_desk.facts(tag_desk.tenant.ids("account")[0]).touches] if touch] != []
    with tag_desk.workspace.store.read() as tx:
        assert [row["state"] for row in wanted.open_duties(tx)] == ["wanted"]


def test_our_own_reminder_ticked_off_is_no_contact_with_the_customer(tag_desk: Desk) -> None:
    id = tag_desk.overdue()
    tag_desk.cycle()
    tag_desk.tenant.close_task(tag_desk.our_tasks()[0].id)
    tag_desk.wait(minutes=5)

    tag_desk.cycle()

    touches = tag_desk.facts(id).touches
    assert touches is not None
    assert touches.two_way == when("2025-11-20").date()
