"""Pull: every stream to its end, whatever dies on the way, and nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from kamsync.engine.reading import Ended, Errand, Event, Fetched, Readers
from kamsync.engine.walking import Step, walk
from kamsync.plugin import ConfigError, KamsyncError
from kamsync.testing.faults import Fault
from kamsync_zoho.sim import ZohoTenant
from tests.engine.desk import PEOPLE, ROOT, Desk, Died, of, when

STREAMS = PEOPLE | {"orders", "deals", "contracts"}

CONTACTS = "/crm/v8/Contacts"
PAGE = 200


def _people(desk: Desk, count: int) -> None:
    """Contacts, each a second older than the next, in a CRM that shows 200 at a time."""
    desk.by_lists()
    for place in range(count):
        desk.zoho.add(
            "contact", name=f"李雷 {place:04d}", modified=desk.clock.now() - timedelta(hours=1, seconds=-place)
        )


def _pages(desk: Desk) -> int:
    return desk.calls(f"GET {CONTACTS}$")


def test_a_pull_that_dies_goes_on_where_it_was_and_repeats_nothing(each_desk: Desk) -> None:
    _people(each_desk, 3 * PAGE + 50)
    with each_desk.dies(on="INSERT INTO cursor", after=2), pytest.raises(Died):
        each_desk.pull("contacts")
    landed = len(each_desk.rows("contact"))
    asked = _pages(each_desk)

    report = each_desk.pull("contacts")

    assert landed == 2 * PAGE
    assert {row["remote_id"] for row in each_desk.rows("contact")} == set(each_desk.zoho.ids("contact"))
    assert (of(report, "contacts").tally.records, of(report, "contacts").tally.pages) == (PAGE + 50, 2)
    assert _pages(each_desk) - asked == 2


KILLED = """
import os, re, signal, sys
from pathlib import Path
from sqlalchemy import event
from kamsync.engine import verbs, workspace
from kamsync.engine.pull import pull
from kamsync.net import SystemClock

landed = 0

def watch(connection):
    global landed
    landed += 1
    if landed == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

with workspace.opened(Path(sys.argv[1]), SystemClock()) as opened, verbs.connected_at_work(opened) as at_work:
    writer, ready, _ = at_work
    opened.say = lambda what, **_: watch(what) if what == "pull.page" else None
    pull(opened, writer, ready, {}, stream="contacts")
"""


def test_a_pull_killed_by_the_system_loses_and_repeats_nothing(zoho_desk: Desk, tmp_path: Path) -> None:
    _people(zoho_desk, 3 * PAGE + 50)
    zoho_desk.configure()
    script = tmp_path / "killed.py"
    script.write_text(KILLED, "utf-8")
    path = os.pathsep.join([str(ROOT), str(ROOT / "connectors")])

    dead = subprocess.run(
        [sys.executable, str(script), str(zoho_desk.path), "2"], env=os.environ | {"PYTHONPATH": path}, check=False
    )
    report = zoho_desk.pull("contacts")

    assert dead.returncode == -signal.SIGKILL
    assert {row["remote_id"] for row in zoho_desk.rows("contact")} == set(zoho_desk.zoho.ids("contact"))
    assert of(report, "contacts").tally.records == PAGE + 50


def test_a_place_in_a_list_that_the_crm_forgot_costs_no_page_that_had_landed(zoho_desk: Desk) -> None:
    """Page tokens live a day; kamsync comes back after two."""
    _people(zoho_desk, 3 * PAGE + 50)
    with zoho_desk.dies(on="INSERT INTO cursor", after=2), pytest.raises(Died):
        zoho_desk.pull("contacts")
    zoho_desk.wait(days=2)

    report = zoho_desk.pull("contacts")

    assert of(report, "contacts").trouble is None
    assert {row["remote_id"] for row in zoho_desk.rows("contact")} == set(zoho_desk.zoho.ids("contact"))
    assert of(report, "contacts").tally.records == PAGE + 50 + 1  # the last one that had landed comes again


def test_a_pull_that_dies_between_its_last_page_and_its_end_starts_no_stream_anew(zoho_desk: Desk) -> None:
    _people(zoho_desk, 2 * PAGE + 50)
    zoho_desk.one_by_one()
    with zoho_desk.dies(on="INSERT INTO cursor", after=3), pytest.raises(Died):
        zoho_desk.pull("contacts")

    report = zoho_desk.pull("contacts")

    assert of(report, "contacts").tally.records <= 1
    assert len(zoho_desk.rows("contact")) == 2 * PAGE + 50


class Breaking(Readers):
    """Each stream's first page waits with its end, which is a connector's bug."""

    def fetch(self, errands: Sequence[Errand]) -> Iterator[Iterator[Event]]:
        for errand in errands:
            window, page, odd = next(walk(Step(errand, errand.window, None, None), self._clock, self._stop))
            yield iter([Fetched(errand, window, page, odd), Ended(errand, crash=ZeroDivisionError())])


def test_what_came_before_the_end_of_a_pull_has_landed(zoho_desk: Desk) -> None:
    contact = zoho_desk.zoho.add("contact", name="李雷")
    zoho_desk.workspace.readers = Breaking

    with pytest.raises(ZeroDivisionError):
        zoho_desk.pull("contacts")

    assert [row["remote_id"] for row in zoho_desk.rows("contact")] == [contact]


def test_a_place_from_an_older_window_is_never_taken_for_one_of_the_new(zoho_desk: Desk) -> None:
    """
    window 1   read to its end, through 10:00
    window 2   Zoho breaks the order, so nothing says how far it is; then it dies, and the token with it
    """
    _people(zoho_desk, PAGE)
    zoho_desk.pull("contacts")
    zoho_desk.wait(hours=1)
    late = zoho_desk.zoho.add("contact", name="韩梅梅", modified=zoho_desk.clock.now() - timedelta(minutes=61))
    zoho_desk.one_by_one()
    with zoho_desk.dies(on="INSERT INTO cursor", after=1), pytest.raises(Died):
        zoho_desk.pull("contacts")

    zoho_desk.pull("contacts")

    assert late in {row["remote_id"] for row in zoho_desk.rows("contact")}


def test_one_failing_stream_leaves_the_others_green_and_its_own_place_unmoved(zoho_desk: Desk) -> None:
    account = zoho_desk.zoho.add("account", name="宁德时代新能源科技股份有限公司")
    zoho_desk.pull()
    before = _cursor(zoho_desk, "deals")
    zoho_desk.wait(minutes=10)
    zoho_desk.zoho.add("deal", name="电池模组", account=account)
    zoho_desk.zoho.add("order", account=account, gross=100)
    zoho_desk.hide("Deals")

    report = zoho_desk.pull()

    assert report.verdict == "degraded"
    assert [one.stream for one in report.streams if one.trouble] == ["deals"]
    assert _cursor(zoho_desk, "deals") == before
    assert of(report, "orders").tally.new == 1


def test_a_stream_that_failed_catches_up_when_it_answers_again(zoho_desk: Desk) -> None:
    zoho_desk.pull()
    zoho_desk.zoho.add("deal", name="电池模组")
    zoho_desk.hide("Deals")
    zoho_desk.pull()
    zoho_desk.heal()
    zoho_desk.wait(hours=8)

    report = zoho_desk.pull()

    assert (report.verdict, of(report, "deals").tally.new) == ("ok", 1)


def test_a_change_of_this_very_second_is_seen_at_once_and_its_time_looked_at_again(zoho_desk: Desk) -> None:
    """A record that becomes visible late carries a stamp from before the last pull."""
    zoho_desk.zoho.add("contact", name="早的")
    first = zoho_desk.pull("contacts")
    zoho_desk.zoho.add("contact", name="晚显示的", modified=zoho_desk.clock.now() - timedelta(seconds=50))

    second = zoho_desk.pull("contacts")

    assert (of(first, "contacts").tally.new, of(second, "contacts").tally.new) == (1, 1)
    assert _cursor(zoho_desk, "contacts")["position"] <= zoho_desk.clock.now() - timedelta(seconds=59)


def test_a_record_stamped_in_the_far_future_is_left_and_moves_no_cursor(zoho_desk: Desk) -> None:
    zoho_desk.zoho.add("contact", name="未来", modified=when("2031-01-01"))

    zoho_desk.pull("contacts")

    assert _cursor(zoho_desk, "contacts")["position"] < zoho_desk.clock.now()


def test_another_tenant_under_a_known_name_is_refused_before_anything_is_read(zoho_desk: Desk) -> None:
    zoho_desk.pull("users")
    known = [row["remote_id"] for row in zoho_desk.rows("raw")]
    with ZohoTenant(org_id="700999999") as other:
        other.offset = zoho_desk.zoho.offset
        zoho_desk.zoho = other
        zoho_desk.configure()

        report = zoho_desk.pull("users")

    assert report.verdict == "failed"
    trouble = report.troubles["zoho"]
    assert isinstance(trouble, ConfigError)
    assert "700123456" in str(trouble)
    assert "700999999" in str(trouble)
    assert [row["remote_id"] for row in zoho_desk.rows("raw")] == known


def test_an_object_that_the_tenant_lacks_is_skipped_and_told(zoho_desk: Desk) -> None:
    del zoho_desk.zoho.org.modules["Contracts"]

    report = zoho_desk.pull()

    assert report.verdict == "ok"
    assert report.missing == [("zoho", "contracts", "Contracts")]


def test_an_object_that_was_read_before_and_vanished_is_a_trouble(zoho_desk: Desk) -> None:
    zoho_desk.pull()
    del zoho_desk.zoho.org.modules["Contracts"]

    report = zoho_desk.pull()

    assert report.verdict == "degraded"
    assert [one.stream for one in report.streams if one.trouble] == ["contracts"]


def test_a_connection_that_is_down_stops_no_other(desk: Desk) -> None:
    desk.fxiaoke.add("account", name="比亚迪股份有限公司")
    desk.zoho.fault(Fault("answer", times=-1, status=503))

    report = desk.pull()

    assert report.verdict == "degraded"
    assert isinstance(report.troubles["zoho"], KamsyncError)
    assert of(report, "accounts", "fxiaoke").tally.new == 1


def test_a_dead_token_costs_no_record(desk: Desk) -> None:
    for tenant in (desk.zoho, desk.fxiaoke):
        tenant.add("account", name="比亚迪股份有限公司")
    desk.pull("users")
    for tenant in (desk.zoho, desk.fxiaoke):
        tenant.expire_token()

    report = desk.pull()

    assert report.verdict == "ok"
    assert len(desk.rows("member")) == 2


def test_a_full_pull_reads_all_again_and_counts_only_what_is_new(zoho_desk: Desk) -> None:
    _people(zoho_desk, PAGE + 1)
    zoho_desk.pull("contacts")
    zoho_desk.wait(days=1)

    report = zoho_desk.pull("contacts", full=True)

    tally = of(report, "contacts").tally
    assert (tally.records, tally.new, tally.changed) == (PAGE + 1, 0, 0)


def test_a_stream_that_no_crm_has_is_named_with_those_there_are(zoho_desk: Desk) -> None:
    with pytest.raises(ConfigError) as refused:
        zoho_desk.pull("contacs")

    assert "contacts" in str(refused.value)


def _cursor(desk: Desk, stream: str) -> dict[str, object]:
    return next(row for row in desk.rows("cursor") if (row["stream"], row["lane"]) == (stream, "records"))
