"""The database is lost, or an old copy is in its place: each task and tag is there once, what people did stays so."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from kamsync.engine import doctor_tenant, views_status
from kamsync.engine.recovering import Recovery, recover_verb
from kamsync.engine.rows import to_write
from kamsync.rules.marker import marker
from kamsync.store.tables import metadata
from tests.engine.desk import BASIC, WRITING, Desk, Died

STREAMS = BASIC
STAYS_OPEN = True
LOW, HIGH = "KAM·三级及以下", "KAM·二级"
NAME, OTHER = "中国一拖集团有限公司", "安徽合力股份有限公司"
SENDING = "UPDATE intent SET .*sent_at="
loose = pytest.mark.parametrize("task_desk", ["E2", "fxiaoke"], indirect=True)  # would take a second one with our key


def judged(desk: Desk) -> str:
    """A task and a tag are wanted."""
    id = desk.overdue()
    desk.pull()
    desk.judge()
    return id


def copied(desk: Desk) -> None:
    """A backup is made of the database, with what its log holds beside it."""
    desk.close()
    (desk.folder / "backup").mkdir()
    for file in desk.folder.glob("kamsync.db*"):
        shutil.copy(file, desk.folder / "backup")


def restored(desk: Desk) -> None:
    """Somebody puts the backup in its place."""
    desk.lose_database()
    for file in (desk.folder / "backup").iterdir():
        shutil.copy(file, desk.folder)


def truth(desk: Desk, id: str) -> tuple[Any, ...]:
    """What the CRM holds of ours."""
    return desk.tenant.tags(id), [(task.marker, task.target, task.done) for task in desk.our_tasks()]


# ---- deleted


@pytest.mark.parametrize(
    ("moment", "task_desk"),
    [("planned", "E2"), ("accepted", "fxiaoke"), ("sent", "E2"), ("sent", "fxiaoke"), ("written", "E3")],
    indirect=["task_desk"],
)
def test_a_database_that_is_lost_at_any_moment_makes_nothing_twice(task_desk: Desk, moment: str) -> None:
    """Before anything left, with the call under way, and long after: then the daemon comes by, unaware."""
    id = judged(task_desk)
    dies = {"accepted": SENDING, "sent": "INSERT INTO receipt"}
    if moment == "planned":
        task_desk.plan()
    elif moment == "written":
        task_desk.apply()
    else:
        with task_desk.dies(on=dies[moment]), pytest.raises(Died):
            task_desk.apply()
    task_desk.lose_database()

    task_desk.cycle()
    quiet = task_desk.cycle()

    tags, tasks = truth(task_desk, id)
    assert (tags, [done for _, _, done in tasks]) == ((LOW,), [False])
    assert quiet.plan.changes == []
    assert set(task_desk.intents.values()) == {"done"}


@loose
def test_what_people_ticked_off_stays_so_and_what_they_deleted_comes_back_once_at_most(task_desk: Desk) -> None:
    """Zoho's list of deletions does not tell markers, Fxiaoke's bin does: there even a deleted one is remembered."""
    first, second = task_desk.overdue(), task_desk.overdue(name=OTHER)
    task_desk.cycle()
    made = {task.target: task for task in task_desk.our_tasks()}
    task_desk.tenant.close_task(made[first].id)
    task_desk.tenant.discard("activity", made[second].id)
    task_desk.lose_database()

    for _ in range(3):
        task_desk.wait(hours=1)
        task_desk.cycle()

    again = [task for task in task_desk.our_tasks() if task.target == second]
    assert [task.id for task in task_desk.our_tasks() if task.target == first] == [made[first].id]
    assert len(again) == (0 if task_desk.connections == ("fxiaoke",) else 1)
    assert task_desk.tenant.tags(first) == (LOW,)


def test_a_task_of_another_deployment_is_left_alone(zoho_desk: Desk) -> None:
    """A trial run of kamsync writes to the same tenant."""
    id = judged(zoho_desk)
    zoho_desk.apply()
    (ours,) = [row for row in zoho_desk.rows("intent") if row["kind"] == "task"]
    with zoho_desk.at_work() as (_, _, ready, _):
        writer, health = ready["zoho"].writer, ready["zoho"].health
        assert writer is not None
        assert health is not None
        theirs = marker("trial", health.org, "R01", id, "2025-11-20-1")
        writer.write([to_write(ours | {"payload": ours["payload"] | {"marker": theirs, "target_name": NAME}})])
    zoho_desk.lose_database()

    zoho_desk.cycle()

    figures = zoho_desk.rows("known")[0]["figures"]
    assert (figures["adopted"], figures["strangers"]) == (1, 1)
    assert len(zoho_desk.our_tasks()) == 2


def test_a_task_that_was_under_way_when_the_database_was_lost_is_waited_for(fxiaoke_desk: Desk) -> None:
    """The list shows a new task a minute late. The one that shows tells that there was an earlier life."""
    judged(fxiaoke_desk)
    fxiaoke_desk.apply()
    fxiaoke_desk.options["fxiaoke"]["settle_seconds"] = 120
    fxiaoke_desk.configure()
    fxiaoke_desk.wait(minutes=5)
    fxiaoke_desk.overdue(name=OTHER)
    fxiaoke_desk.pull()
    fxiaoke_desk.judge()
    fxiaoke_desk.tenant.delay(60)
    with fxiaoke_desk.dies(on="INSERT INTO receipt", after=1), pytest.raises(Died):
        fxiaoke_desk.apply()
    fxiaoke_desk.lose_database()
    there = len(fxiaoke_desk.our_tasks())

    early = fxiaoke_desk.cycle()
    fxiaoke_desk.wait(minutes=3)
    late = fxiaoke_desk.cycle()

    assert there == 2
    assert (type(early.plan.troubles["fxiaoke"]).__name__, late.plan.troubles) == ("NotReady", {})
    assert len(fxiaoke_desk.our_tasks()) == 2
    assert set(fxiaoke_desk.intents.values()) == {"done"}


# ---- an old copy


@pytest.mark.parametrize(("then", "task_desk"), [("cycle", "fxiaoke"), ("apply", "E2")], indirect=["task_desk"])
def test_an_old_copy_makes_nothing_twice(task_desk: Desk, then: str) -> None:
    """The backup knows the plan, and not that it was applied."""
    id = judged(task_desk)
    plan = task_desk.plan()
    copied(task_desk)
    task_desk.apply(plan.id)
    before = truth(task_desk, id)
    restored(task_desk)

    if then == "apply":
        task_desk.apply(plan.id)
    task_desk.cycle()

    assert truth(task_desk, id) == before
    assert {state for key, state in task_desk.intents.items() if key.startswith("task")} == {"done"}


@pytest.mark.parametrize("task_desk", ["E2"], indirect=True)
def test_a_copy_with_a_task_still_to_be_sent_does_not_send_it_again(task_desk: Desk) -> None:
    """It was accepted and not sent when the backup was made, and is long since there."""
    id = judged(task_desk)
    plan = task_desk.plan().id
    with task_desk.dies(on=SENDING), pytest.raises(Died):
        task_desk.apply(plan)
    copied(task_desk)
    task_desk.apply(plan)
    before = truth(task_desk, id)
    restored(task_desk)
    left = set(task_desk.intents.values())

    task_desk.apply(plan)

    assert (left, truth(task_desk, id), len(before[1])) == ({"planned"}, before, 1)


def test_a_standby_that_lacks_the_last_commits_makes_nothing_twice(each_desk: Desk) -> None:
    """On each database: the newest rows of every table are gone, as after a failover."""
    each_desk.zoho.knobs.task_key_field = False
    id = judged(each_desk)
    each_desk.apply()
    before = truth(each_desk, id)
    with each_desk.workspace.store.write() as tx:
        for name in ("receipt", "intent", "change", "plan", "owned", "known", "lease"):
            tx.execute(metadata.tables[name].delete())

    each_desk.cycle()
    quiet = each_desk.cycle()

    assert truth(each_desk, id) == before
    assert quiet.plan.changes == []


# ---- tags


def test_after_a_lost_database_a_tag_of_ours_gives_way_to_the_next(tag_desk: Desk) -> None:
    """On a person's word. A tag in our namespace that is no tier is a person's all the same."""
    id, other = tag_desk.overdue(), tag_desk.tenant.add("account", name=OTHER)
    tag_desk.tenant.set_tags(id, ["展会", "KAM·重点跟进"])
    tag_desk.cycle()
    tag_desk.tenant.set_tags(other, ["KAM·重点跟进"])
    tag_desk.lose_database()
    recovered(tag_desk)
    tag_desk.cycle()
    kept = set(tag_desk.tenant.tags(id))

    tag_desk.wait(days=1)
    tag_desk.tenant.change("account", id, strategic=90)
    tag_desk.cycle()

    assert kept == {"展会", "KAM·重点跟进", LOW}
    assert set(tag_desk.tenant.tags(id)) == {"展会", "KAM·重点跟进", HIGH}
    assert set(tag_desk.tenant.tags(other)) == {"KAM·重点跟进", LOW}


def test_an_old_copy_that_believes_in_an_older_tag_takes_the_newer_for_ours(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name=NAME)
    zoho_desk.cycle()
    copied(zoho_desk)
    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=90)
    zoho_desk.overdue(name=OTHER)
    zoho_desk.cycle()
    restored(zoho_desk)
    recovered(zoho_desk)
    zoho_desk.cycle()

    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=None)
    zoho_desk.cycle()

    assert zoho_desk.zoho.tags(id) == (LOW,)


def test_no_tag_is_taken_for_ours_without_a_persons_word(zoho_desk: Desk) -> None:
    """A person laid a tag that we would have laid, too; then the database is lost, and a daemon goes on unaware."""
    id = zoho_desk.overdue()
    zoho_desk.zoho.set_tags(id, [LOW])
    zoho_desk.cycle()
    zoho_desk.lose_database()
    zoho_desk.cycle()

    zoho_desk.wait(days=1)
    zoho_desk.zoho.change("account", id, strategic=90)
    zoho_desk.cycle()

    assert set(zoho_desk.zoho.tags(id)) == {LOW, HIGH}


# ---- what is quiet stays quiet


def test_after_a_lost_database_nothing_at_all_is_written_where_nothing_changed(desk: Desk) -> None:
    ids = [desk.overdue(tenant, name=name) for tenant, name in ((desk.zoho, NAME), (desk.fxiaoke, OTHER))]
    desk.cycle()
    before = desk.zoho.truth(), desk.fxiaoke.truth()
    desk.lose_database()
    desk.poison_writing()
    written = desk.calls(WRITING)

    done = desk.cycle()

    assert (done.plan.adopted, done.plan.changes) == (2, [])
    assert desk.calls(WRITING) == written
    assert (desk.zoho.truth(), desk.fxiaoke.truth()) == before
    assert {row["kind"] for row in desk.rows("concern")} == {"lost"}
    assert len(ids) == 2


# ---- by hand


def recovered(desk: Desk) -> Recovery:
    done = recover_verb(desk.workspace, lambda _: True)
    assert done is not None
    return done


@loose
def test_recover_rebuilds_an_empty_store_and_says_that_all_adds_up(task_desk: Desk) -> None:
    id = judged(task_desk)
    task_desk.apply()
    task_desk.wait(hours=1)
    before = truth(task_desk, id)
    task_desk.lose_database()
    task_desk.poison_writing()

    done = recovered(task_desk)

    (one,) = done.compared.reckonings
    assert (done.found, done.verdict, one.adds_up) == ("empty", "ok", True)
    assert (one.receipts, one.found, one.adopted, one.tags) == (1, 1, 1, 1)
    assert task_desk.plan().changes == []
    assert truth(task_desk, id) == before


@pytest.mark.parametrize("tag_desk", ["fxiaoke"], indirect=True)
def test_recover_takes_tags_back_where_nothing_else_was_ever_written(tag_desk: Desk) -> None:
    """No reminder is there to prove an earlier life: then only a person's word does."""
    id = tag_desk.tenant.add("account", name=NAME)
    tag_desk.cycle()
    tag_desk.lose_database()
    done = recovered(tag_desk)

    tag_desk.wait(days=1)
    tag_desk.tenant.change("account", id, strategic=90)
    tag_desk.cycle()

    assert (done.found, done.compared.reckonings[0].tags) == ("empty", 1)
    assert tag_desk.tenant.tags(id) == (HIGH,)


def test_recover_on_a_store_that_lacks_nothing_takes_no_tag_of_a_persons(zoho_desk: Desk) -> None:
    id, other = (zoho_desk.zoho.add("account", name=name) for name in (NAME, OTHER))
    zoho_desk.zoho.set_tags(other, [LOW])
    zoho_desk.cycle()

    done = recovered(zoho_desk)
    zoho_desk.wait(days=1)
    for each in (id, other):
        zoho_desk.zoho.change("account", each, strategic=90)
    zoho_desk.cycle()

    assert (done.found, done.verdict) == ("whole", "ok")
    assert zoho_desk.zoho.tags(id) == (HIGH,)
    assert set(zoho_desk.zoho.tags(other)) == {LOW, HIGH}


def test_a_recovery_that_broke_off_lets_no_reminder_out_before_it_is_made_good(zoho_desk: Desk) -> None:
    id = judged(zoho_desk)
    zoho_desk.apply()
    before = truth(zoho_desk, id)
    zoho_desk.lose_database()
    with zoho_desk.dies(on="INSERT INTO intent"), pytest.raises(Died):
        recovered(zoho_desk)

    status = views_status.status(zoho_desk.workspace)
    zoho_desk.cycle()

    assert {reason.next for reason in status.reasons if "books were lost" in reason.text.en} == {"kamsync recover"}
    assert truth(zoho_desk, id) == before


def test_the_doctor_names_a_store_that_is_younger_than_its_crm(zoho_desk: Desk) -> None:
    judged(zoho_desk)
    zoho_desk.apply()
    well = books(zoho_desk)
    zoho_desk.lose_database()

    lost = books(zoho_desk)
    recovered(zoho_desk)

    assert (well, lost, books(zoho_desk)) == (("ok", ""), ("bad", "kamsync recover"), ("ok", ""))


def books(desk: Desk) -> tuple[str, str]:
    (found,) = [one for one, _ in doctor_tenant.look(desk.workspace, "zoho") if one.check == "zoho.books"]
    return found.state, found.fix.en if found.fix else ""
