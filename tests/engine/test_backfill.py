"""Reading again: what it costs first, and its place, which outlives whatever happens to the process."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kamsync.engine import verbs
from kamsync.engine.backfill import NOTHING, Wanted
from kamsync.engine.forecasting import Prospect
from kamsync.engine.pull import PullReport
from kamsync.store import spending
from tests.engine.desk import Desk, Died, of, when

STREAMS = frozenset(["accounts", "contacts", "users"])
JANUARY = Wanted(since=date(2026, 1, 1), until=date(2026, 1, 31))


def told(desk: Desk, wanted: Wanted = NOTHING, stream: str = "contacts", **how: bool) -> Prospect:
    """What a job would cost, without doing it."""
    seen: list[Prospect] = []
    connection = desk.connections[0]
    report = verbs.reckoned_pull(
        desk.workspace, lambda found: bool(seen.append(found)), connection, stream, wanted=wanted, **how
    )
    assert report is None
    return seen[0]


def again(desk: Desk, wanted: Wanted, stream: str = "contacts") -> PullReport:
    report = verbs.reckoned_pull(desk.workspace, lambda _: True, desk.connections[0], stream, wanted=wanted)
    assert report is not None
    return report


def places(desk: Desk) -> list[dict[str, Any]]:
    return [row for row in desk.rows("cursor") if row["stream"] == "contacts"]


def kept(desk: Desk) -> list[tuple[Any, ...]]:
    """Every contact as it is stored, whenever it came."""
    return [(row["remote_id"], row["hash"], row["life"]) for row in desk.rows("raw") if row["stream"] == "contacts"]


def spoil(desk: Desk) -> None:
    """What is stored of the contacts is not what the CRM has, and nothing would tell."""
    with desk.workspace.store.write() as tx:
        tx.exec_driver_sql("UPDATE raw SET hash = 'spoilt', modified_at = NULL WHERE stream = 'contacts'")


def contacts(desk: Desk, count: int) -> list[str]:
    """So many contacts, changed one after another through January."""
    return [
        desk.tenant.add("contact", name=f"李雷{number}", modified=when(f"2026-01-{1 + number * 31 // count:02}"))
        for number in range(count)
    ]


# ---- what it costs


@pytest.mark.parametrize("job", [JANUARY, NOTHING, Wanted(since=date(2026, 1, 20))], ids=["month", "full", "since"])
@pytest.mark.parametrize("crm", ["zoho", "fxiaoke"])
def test_a_job_costs_what_was_said(request: pytest.FixtureRequest, crm: str, job: Wanted) -> None:
    desk: Desk = request.getfixturevalue(f"{crm}_desk")
    contacts(desk, 450)
    desk.pull()
    seen: list[Prospect] = []

    report = verbs.reckoned_pull(
        desk.workspace, lambda found: not seen.append(found), crm, "contacts", wanted=job, full=job == NOTHING
    )

    assert report is not None
    assert report.prospect is seen[0]
    [said] = seen[0].estimates
    took = of(report, "contacts", crm)
    assert said.basis == "count"
    assert said.records == took.tally.records
    assert abs(took.requests - (said.calls or 0)) <= max(1, 0.05 * took.requests)
    assert abs(took.credits - (said.credits or 0)) <= max(1, 0.05 * took.credits)


def test_where_nobody_counts_the_last_read_tells_and_before_that_nothing(zoho_desk: Desk) -> None:
    zoho_desk.zoho.knobs.scopes = tuple(
        scope for scope in zoho_desk.zoho.knobs.scopes if "coql" not in scope and "Search" not in scope
    )
    contacts(zoho_desk, 450)
    before = told(zoho_desk, full=True)
    zoho_desk.pull()

    after = told(zoho_desk, full=True)
    report = zoho_desk.pull("contacts", full=True)

    assert [(one.credits, one.basis) for one in before.estimates] == [(None, "none")]
    [said] = after.estimates
    assert said.basis == "history" or said.records == 450
    assert abs(of(report, "contacts").credits - (said.credits or 0)) <= 1


def test_the_changes_of_a_quiet_stream_are_reckoned_only_when_asked(zoho_desk: Desk) -> None:
    contacts(zoho_desk, 3)
    zoho_desk.pull()

    quiet, all_ = told(zoho_desk), told(zoho_desk, changes_too=True)

    assert quiet.estimates == []
    assert [one.stream for one in all_.estimates] == ["contacts"]
    assert all_.purses[0].opening > (0, 0)


# ---- what it does


def test_a_window_is_read_again_without_moving_the_streams_place(zoho_desk: Desk) -> None:
    old = zoho_desk.zoho.add("contact", name="旧", modified=when("2026-01-15"))
    zoho_desk.zoho.add("contact", name="新", modified=when("2026-02-20"))
    zoho_desk.pull()
    zoho_desk.zoho.change("contact", old, modified=when("2026-01-16"), title="补登的职务")
    before = places(zoho_desk)

    report = again(zoho_desk, JANUARY)

    assert (of(report, "contacts").tally.records, of(report, "contacts").tally.changed) == (1, 1)
    assert places(zoho_desk) == before


def test_records_are_read_again_by_their_ids(zoho_desk: Desk) -> None:
    ids = [zoho_desk.zoho.add("contact", name=f"李雷{number}", modified=when("2026-01-15")) for number in range(3)]
    zoho_desk.pull()
    zoho_desk.zoho.change("contact", ids[0], modified=when("2026-01-15"), title="补登的职务")

    report = again(zoho_desk, Wanted(ids=tuple(ids[:2])))

    assert of(report, "contacts").tally.changed == 1
    assert next(row["title"] for row in zoho_desk.rows("contact") if row["remote_id"] == ids[0]) == "补登的职务"


# ---- and when it is broken off


@pytest.mark.parametrize(("crm", "statement"), [("zoho", 0), ("zoho", 1), ("fxiaoke", 1), ("fxiaoke", 4)])
def test_a_window_that_was_broken_off_goes_on_where_it_was(
    request: pytest.FixtureRequest, crm: str, statement: int
) -> None:
    desk: Desk = request.getfixturevalue(f"{crm}_desk")
    contacts(desk, 500)
    desk.pull()
    whole = kept(desk)
    spoil(desk)

    with pytest.raises(Died), desk.dies(r"INSERT INTO raw", statement):
        again(desk, JANUARY)
    desk.close()
    read = len([row for row in kept(desk) if row[1] != "spoilt"])
    report = again(desk, JANUARY)

    assert (read > 0) == (statement > 0)
    assert kept(desk) == whole
    assert of(report, "contacts", crm).tally.records == 500 - read
    assert not [row for row in places(desk) if row["lane"].startswith("backfill")]


def test_a_list_of_ids_that_was_broken_off_goes_on_behind_those_that_are_done(zoho_desk: Desk) -> None:
    wanted = Wanted(ids=tuple(contacts(zoho_desk, 120)))
    zoho_desk.pull()
    whole = kept(zoho_desk)
    spoil(zoho_desk)

    with pytest.raises(Died), zoho_desk.dies(r"INSERT INTO raw", 1):
        again(zoho_desk, wanted)
    zoho_desk.close()
    said = told(zoho_desk, wanted)
    report = again(zoho_desk, wanted)

    assert [one.calls for one in said.estimates] == [70]
    assert of(report, "contacts").requests == 70
    assert kept(zoho_desk) == whole


def test_another_wish_takes_the_place_of_one_that_was_broken_off(zoho_desk: Desk) -> None:
    contacts(zoho_desk, 450)
    zoho_desk.pull()
    spoil(zoho_desk)
    with pytest.raises(Died), zoho_desk.dies(r"INSERT INTO raw", 1):
        again(zoho_desk, JANUARY)
    zoho_desk.close()

    report = again(zoho_desk, Wanted(since=date(2026, 1, 30), until=date(2026, 1, 31)))

    assert of(report, "contacts").tally.records == 29
    assert not [row for row in places(zoho_desk) if row["lane"].startswith("backfill")]


def test_every_pull_goes_on_with_it_after_what_is_new(zoho_desk: Desk) -> None:
    contacts(zoho_desk, 450)
    zoho_desk.pull()
    whole = kept(zoho_desk)
    spoil(zoho_desk)
    with pytest.raises(Died), zoho_desk.dies(r"INSERT INTO raw", 1):
        again(zoho_desk, JANUARY)
    zoho_desk.close()

    report = zoho_desk.pull()

    assert "backfill" in of(report, "contacts").lanes
    assert report.verdict == "ok"
    assert kept(zoho_desk) == whole


def test_while_credits_are_out_it_waits_and_the_stream_is_well(zoho_desk: Desk) -> None:
    contacts(zoho_desk, 450)
    zoho_desk.pull()
    zoho_desk.wait(hours=25)
    zoho_desk.pull()
    whole = kept(zoho_desk)
    spoil(zoho_desk)
    zoho_desk.options["zoho"] = {"daily_credits": 1_000, "reserve": "50%"}  # 450 for such a job
    zoho_desk.configure()
    with zoho_desk.workspace.store.write() as tx:
        spending.spend(tx, "zoho", zoho_desk.clock.now(), {"delta": (430, 430)})

    first = again(zoho_desk, JANUARY)
    zoho_desk.wait(minutes=30)
    meanwhile = zoho_desk.pull("contacts")
    zoho_desk.wait(hours=25)
    after = zoho_desk.pull("contacts")

    assert type(of(first, "contacts").trouble).__name__ == "QuotaSpent"
    assert (meanwhile.verdict, "backfill" in of(meanwhile, "contacts").lanes) == ("ok", False)
    assert "used up" in of(meanwhile, "contacts").notes[0].en
    assert (after.verdict, "backfill" in of(after, "contacts").lanes) == ("ok", True)
    assert kept(zoho_desk) == whole
