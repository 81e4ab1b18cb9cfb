"""A policy's way into force: drafted, approved by another person, published from a day on, and back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from kamsync.engine import publishing
from kamsync.engine.publishing import NotYet
from kamsync.plugin.document import Problems
from tests.engine.desk import PEOPLE, Desk
from tests.engine.test_judging_groups import BY_SALES, customer, use

STREAMS = PEOPLE | {"orders"}
STAYS_OPEN = True
LOWER = BY_SALES.replace("floor = 50", "floor = 40").replace('"by sales"', '"lower"')


@pytest.fixture
def desk(zoho_desk: Desk) -> Desk:
    use(zoho_desk, BY_SALES)
    return zoho_desk


def written(desk: Desk, text: str = LOWER) -> Path:
    path = desk.folder / "draft.toml"
    path.write_text(text, "utf-8")
    return path


def by(desk: Desk, who: str) -> None:
    desk.workspace.who = who


def in_force(desk: Desk) -> str:
    """The policy that judges, as a process that opens the workspace now sees it."""
    desk.close()
    return desk.workspace.policy.name


def test_what_is_published_judges_and_its_version_stands_in_every_verdict(desk: Desk) -> None:
    id = customer(desk, "华东精密机械有限公司", 45)
    desk.pull()
    desk.judge()
    assert desk.tier_of(id) == "普通客户"

    row = publishing.draft(desk.workspace, written(desk), "lower the bar")
    publishing.publish(desk.workspace, row["id"], desk.today)

    assert in_force(desk) == "lower"
    desk.judge()
    assert {one["policy"] for one in desk.rows("evaluation")} == {row["version"]}


def test_it_judges_from_its_day_on_and_not_before(desk: Desk) -> None:
    row = publishing.draft(desk.workspace, written(desk))
    publishing.publish(desk.workspace, row["id"], desk.today + timedelta(days=1))
    assert in_force(desk) == "by sales"

    desk.clock.pass_by(timedelta(days=1))

    assert in_force(desk) == "lower"


def test_a_bad_file_is_no_draft_and_the_published_policy_stays_in_force(desk: Desk) -> None:
    row = publishing.draft(desk.workspace, written(desk))
    publishing.publish(desk.workspace, row["id"], desk.today)
    Path(desk.policy["tiers"]).write_text("tiers = 7", "utf-8")

    with pytest.raises(Problems):
        publishing.draft(desk.workspace, Path(desk.policy["tiers"]))

    assert in_force(desk) == "lower"
    assert desk.judge().accounts == 0


def test_where_two_people_are_asked_for_nobody_approves_their_own(desk: Desk) -> None:
    desk.policy["two_people"] = True
    desk.configure()
    by(desk, "王敏")
    row = publishing.draft(desk.workspace, written(desk))

    with pytest.raises(NotYet, match="no second person's approval"):
        publishing.publish(desk.workspace, row["id"], desk.today)
    with pytest.raises(NotYet, match="another person has to approve it"):
        publishing.approve(desk.workspace, row["id"])

    by(desk, "陈立")
    assert publishing.approve(desk.workspace, row["id"])["approver"] == "陈立"
    assert publishing.publish(desk.workspace, row["id"], desk.today)["starts"] == desk.today


def test_rolling_back_brings_back_what_judged_before(desk: Desk) -> None:
    numbers = [publishing.draft(desk.workspace, written(desk, LOWER.replace("lower", name)))["id"] for name in "ab"]
    for number in numbers:
        publishing.publish(desk.workspace, number, desk.today)
    assert in_force(desk) == "b"

    row, now = publishing.rollback(desk.workspace)
    assert (row["name"], now and now["name"], in_force(desk)) == ("b", "a", "a")
    row, now = publishing.rollback(desk.workspace)
    assert (row["name"], now, in_force(desk)) == ("a", None, "by sales")
    with pytest.raises(NotYet, match="nothing was published"):
        publishing.rollback(desk.workspace)


def test_every_step_is_a_deed_of_whoever_took_it(desk: Desk) -> None:
    by(desk, "王敏")
    row = publishing.draft(desk.workspace, written(desk), "lower the bar")
    by(desk, "陈立")
    publishing.approve(desk.workspace, row["id"])
    publishing.publish(desk.workspace, row["id"], desk.today)
    publishing.rollback(desk.workspace)

    deeds = [(one["who"], one["deed"]) for one in desk.rows("audit") if one["subject"] == row["version"]]
    first, *others = deeds
    assert first == ("王敏", "policy.drafted")
    assert others == [("陈立", f"policy.{step}") for step in ("approved", "published", "rolled_back")]


def test_nothing_is_published_twice_or_into_the_past(desk: Desk) -> None:
    row = publishing.draft(desk.workspace, written(desk))

    with pytest.raises(NotYet, match="is in the past"):
        publishing.publish(desk.workspace, row["id"], date(2020, 1, 1))
    publishing.publish(desk.workspace, row["id"], desk.today)
    with pytest.raises(NotYet, match="was published already"):
        publishing.publish(desk.workspace, row["id"], desk.today)
    with pytest.raises(NotYet, match="there is no draft 99"):
        publishing.approve(desk.workspace, 99)


def test_what_a_simulation_showed_is_kept_with_the_draft(desk: Desk) -> None:
    row = publishing.draft(desk.workspace, written(desk))

    publishing.keep_simulation(desk.workspace, [{"version": row["version"], "up": 3, "movers": [1, 2]}])

    rows, now = publishing.versions(desk.workspace)
    assert (rows[0]["simulation"], now) == ({"version": row["version"], "up": 3}, None)
