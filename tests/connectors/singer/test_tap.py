"""A tap as a connector: its streams, its records with the state they have reached, and its end."""

import json
import os
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kamsync.plugin import ConfigError, Gone, Unavailable
from tests.connectors.singer.conftest import Tap, stream


def test_the_streams_are_those_that_the_tap_discovers(tap: Tap):
    tap.streams["rates"] = {"keys": [], "rows": [{"pair": "USDCNY"}]}

    session = tap.open()

    assert [(one.object, one.incremental, one.keeps_cursor) for one in session.streams()] == [
        ("customers", True, True),
        ("orders", True, True),
        ("rates", False, False),
    ]
    assert [finding.detail.en for finding in session.check().findings] == [
        "tiny_tap.py offers 3 streams",
        "have no key, so a changed record becomes another one: rates",
    ]


def test_one_stream_is_read_with_its_key_its_stamp_and_exact_figures(tap: Tap):
    records = tap.records("orders")

    assert [record.id for record in records] == ["O1", "O2"]
    assert records[0].modified == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert records[0].body["total"] == Decimal("1234.5")


def test_the_state_that_records_have_reached_comes_with_them(tap: Tap):
    *_, last = tap.pages("orders")

    assert json.loads(last.cursor or "") == {"bookmarks": {"orders": "2026-03-04T08:00:00Z"}}


def test_the_next_run_is_given_the_state(tap: Tap):
    *_, last = tap.pages("orders")
    tap.streams["orders"]["rows"].append({"id": "O3", "updated_at": "2026-03-05T08:00:00Z"})

    assert [record.id for record in tap.records("orders", last.cursor)] == ["O2", "O3"]
    assert [told["state"] for told in tap.told()] == [{}, json.loads(last.cursor or "")]


@pytest.mark.parametrize("deletes", [True, False])
def test_what_a_run_leaves_out_is_gone_only_where_the_admin_says_so(tap: Tap, deletes: bool):
    tap.options["deletes"] = deletes

    assert {(one.lists_all, one.incremental) for one in tap.open().streams()} == {(deletes, not deletes)}


@pytest.mark.parametrize("vice", ["ignores_selection", "cannot_discover"])
def test_what_other_streams_say_is_passed_over(tap: Tap, vice: str):
    tap.vices[vice] = True
    tap.options["discover"] = vice != "cannot_discover"

    assert [record.id for record in tap.records("customers")] == ["C1", "C2"]


def test_many_records_come_in_pages_and_no_cursor_is_ahead_of_them(tap: Tap):
    rows = [{"id": f"O{n}", "updated_at": f"2026-03-03T08:{n // 60:02}:{n % 60:02}Z"} for n in range(2500)]
    tap.streams["orders"]["rows"] = rows
    tap.vices["state_every"] = 700
    landed: set[str] = set()

    for page in tap.pages("orders"):
        landed |= {record.id for record in page.records}
        reached = json.loads(page.cursor)["bookmarks"]["orders"] if page.cursor else ""

        assert {row["id"] for row in rows if row["updated_at"] <= reached} <= landed
    assert len(landed) == 2500


@pytest.mark.parametrize(
    "line", ["Traceback (most recent call last):", '{"type": "RECORD", "stream": "orders"}', '{"a": NaN}', "[1]"]
)
def test_a_line_that_is_no_message_is_kept_as_a_problem(tap: Tap, line: str):
    tap.vices["noise"] = [line + " hunter22"]

    records = tap.records("orders")

    assert [record.id for record in records[:2]] == ["O1", "O2"]
    assert records[2].problem is not None
    assert "***" in records[2].body["line"]
    assert "hunter22" not in repr(records)


def test_a_record_without_its_key_is_a_problem(tap: Tap):
    tap.streams["orders"]["rows"] = [{"id": None, "updated_at": "2026-03-03T08:00:00Z"}]

    assert [record.problem.en for record in tap.records("orders")] == ["has no value of its key id"]


def test_a_record_that_the_tap_calls_deleted_is_gone(tap: Tap):
    tap.streams["orders"]["rows"][0]["_sdc_deleted_at"] = "2026-03-03T09:00:00Z"

    gone = [one for page in tap.pages("orders") for one in page.gone]

    assert gone == [Gone("O1", "deleted")]


def test_when_a_tap_fails_what_came_is_kept_and_its_complaint_told_without_secrets(tap: Tap):
    tap.vices["fails_after"] = 1
    pages = tap.pages("orders")

    first = next(pages)
    with pytest.raises(Unavailable) as raised:
        next(pages)

    assert [record.id for record in first.records] == ["O1"]
    assert json.loads(first.cursor or "")["bookmarks"] == {"orders": "2026-03-03T08:00:00Z"}
    assert "ended with 1:\nlogin failed for password ***" in raised.value.text.en


def test_a_tap_is_ended_when_its_reader_stops(tap: Tap, tmp_path: Path):
    tap.vices["hangs"] = str(tmp_path / "pid")
    pages = tap.pages("orders")
    next(pages)  # silent for a while: what came is handed over

    pages.close()

    assert not is_alive(int((tmp_path / "pid").read_text()))
    assert (tmp_path / "pid.asked").exists()  # it was asked first


def test_a_tap_that_falls_silent_is_ended(tap: Tap, tmp_path: Path):
    tap.vices["hangs"] = str(tmp_path / "pid")
    tap.options["silence_seconds"] = 0.1

    with pytest.raises(Unavailable, match=r"said nothing for 0 s and was ended"):
        tap.records("orders")

    assert not is_alive(int((tmp_path / "pid").read_text()))


def is_alive(process: int) -> bool:
    """Is it still there, give or take the moment that the system needs to bury it?"""
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.02)
    return True


def test_a_tap_sees_nothing_of_our_environment_but_what_it_was_promised(tap: Tap, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ZOHO_CLIENT_SECRET", "x")
    monkeypatch.setenv("TAP_REGION", "cn")
    tap.options["environment"] = ["TAP_REGION"]

    tap.records("orders")

    names = tap.told()[0]["environment"]
    assert ("ZOHO_CLIENT_SECRET" in names, "TAP_REGION" in names, "PATH" in names) == (False, True, True)


@pytest.mark.parametrize("key", ["catalog", "properties"])
def test_a_catalog_of_the_admins_own_decides_streams_and_fields(tap: Tap, tmp_path: Path, key: str):
    fields = {"id": True, "total": True, "customer_id": False, "updated_at": True}
    metadata = [{"breadcrumb": [], "metadata": {"table-key-properties": ["id"]}}]
    metadata += [{"breadcrumb": ["properties", name], "metadata": {"selected": on}} for name, on in fields.items()]
    entry = {"tap_stream_id": "orders", "stream": "orders", "schema": {"properties": {}}, "metadata": metadata}
    (tmp_path / "own.json").write_text(json.dumps({"streams": [entry]}))
    tap.options[key] = tmp_path / "own.json"

    assert [one.object for one in tap.open().streams()] == ["orders"]
    assert set(tap.records("orders")[0].body) == {"id", "total", "updated_at"}


def test_a_program_that_is_not_there_is_a_mistake_in_the_config(tap: Tap):
    tap.options["command"] = ["tap-of-nobody"]

    with pytest.raises(ConfigError, match="tap-of-nobody cannot be started: No such file"):
        tap.open().check()


def test_a_program_that_is_no_tap_is_named(tap: Tap):
    tap.options["command"] = ["echo"]

    with pytest.raises(ConfigError, match="what echo gave is not a Singer catalog"):
        tap.open().streams()


def test_the_fields_are_those_of_the_schema(tap: Tap):
    session = tap.open()

    fields = session.fields(stream(session, "orders"))

    assert {one.name: (one.type, one.required) for one in fields}["id"] == ("string", True)
