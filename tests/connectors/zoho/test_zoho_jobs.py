"""Reading by bulk file: a job is paid once, waited for, and its file streamed; and the one shape of all ways."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kamsync.plugin import Stream, Unavailable
from kamsync.testing.faults import Fault
from kamsync.testing.server import Answer, Call
from kamsync_zoho import jobs
from tests.connectors.zoho.conftest import ACCOUNTS, START, TASKS

READ = "/crm/bulk/v8/read"


def whole(org: Any, **more: Any) -> Any:
    """A window that is read by bulk file."""
    return replace(org.window(**more), slice="whole")


def test_a_bulk_job_is_waited_for_and_read_whole(open_org):
    org = open_org(bulk_seconds=30.0)
    there = org.accounts(5)

    pages = org.pages(window=whole(org))

    waits = [page.wait for page in pages if page.wait]
    assert [record.id for page in pages for record in page.records] == there
    assert (waits == sorted(waits), len(waits) > 3, sum(waits) >= 30) == (True, True, True)
    assert (org.spent(READ), org.spent("/coql"), pages[-1].cursor) == (1, 0, None)


@pytest.mark.parametrize("after", [0, 1])
def test_a_restart_goes_on_waiting_and_does_not_pay_for_another_job(open_org, after):
    org = open_org(bulk_seconds=60.0)
    there = org.accounts(5)
    reading = org.session.read(ACCOUNTS, whole(org), None)
    pages = [next(reading) for _ in range(after + 1)]
    reading.close()
    org.sleep(60)

    rest = org.ids(window=org.window(), cursor=pages[-1].cursor)

    assert (rest, org.spent(READ)) == (there, 1)


def test_a_restart_in_the_middle_of_a_file_repeats_no_row(org, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "MOST_ROWS", 2)
    there = org.accounts(5)
    pages = org.pages(window=whole(org))
    first = next(page for page in pages if page.records)

    rest = org.ids(cursor=first.cursor)

    assert ([record.id for record in first.records] + rest, org.spent(READ)) == (there, 1)


@pytest.mark.parametrize("end", ["FAILURE", "FAILED"])
def test_a_job_that_fails_is_followed_by_queries(open_org, end):
    org = open_org(bulk_ends=end)
    there = org.accounts(5)

    assert org.ids(window=whole(org)) == there
    assert org.spent("/coql") == 1


def test_a_job_that_takes_for_ever_is_given_up_after_two_hours(open_org):
    org = open_org(bulk_seconds=1e9)
    there = org.accounts(5)

    assert org.ids(window=whole(org)) == there
    assert 2 * 3600 <= sum(org.slept) < 2.2 * 3600


def test_without_the_right_to_bulk_files_queries_serve(open_org):
    org = open_org(scopes=("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.coql.READ"))
    there = org.accounts(5)

    assert org.ids(window=whole(org)) == there


def test_an_export_of_several_parts_is_read_to_its_end(open_org):
    org = open_org(bulk_rows=4)
    there = org.accounts(10)

    assert org.ids(window=whole(org)) == there
    assert org.spent(READ) == 3


def test_a_module_that_was_emptied_by_a_job_is_an_empty_end(org):
    pages = org.pages(window=whole(org))

    assert ([record for page in pages for record in page.records], pages[-1].cursor) == ([], None)


def test_the_file_is_fetched_by_path_from_the_host_of_the_token(org):
    there = org.accounts(2)
    handle = org.tenant.server.handle

    def elsewhere(call: Call) -> Answer:
        given: Answer = handle(call)
        if isinstance(given.body, bytes) and b"download_url" in given.body:
            body = given.body.replace(b'"/crm/bulk', b'"https://evil.example/crm/bulk')
            return replace(given, body=body)
        return given

    org.tenant.server.handle = elsewhere

    assert org.ids(window=whole(org)) == there


def test_the_eleventh_download_in_a_minute_waits(org):
    org.accounts(1)

    for _ in range(11):
        org.pages(window=whole(org))

    statuses = [seen.status for seen in org.tenant.traffic.log if seen.name.endswith("/result")]
    assert statuses == [200] * 11
    assert max(org.slept) > 30


def test_a_file_that_lacks_rows_is_not_taken_for_the_whole(org):
    there = org.accounts(5)
    names = sorted(org.pages()[0].fields - {"id"})
    cells = {"Modified_Time": "2026-01-01T08:00:00+08:00"}
    short = packed("Id," + ",".join(names) + "\n7," + ",".join(cells.get(name, "") for name in names) + "\n")
    org.tenant.fault(
        Fault("answer", on="/result$", status=200, body=short, headers={"Content-Type": "application/zip"})
    )

    assert set(org.ids(window=whole(org))) >= set(there)


def test_a_damaged_file_is_no_answer(org):
    org.accounts(5)
    org.tenant.fault(Fault("answer", on="/result$", times=-1, status=200, body=b"PK\x03\x04 broken"))

    with pytest.raises(Unavailable):
        org.pages(window=whole(org))


def test_a_file_as_it_comes_from_some_tenants_is_understood(org):
    """A byte order mark, the id column in small letters, quoted line ends."""
    org.accounts(1)
    names = sorted(org.pages()[0].fields - {"id"})
    cells = {"Account_Name": '"北京\n“甲”,公司"', "Modified_Time": "2026-01-01T08:00:00+08:00", "Employees": "12"}
    text = "\ufeffid," + ",".join(names) + "\r\n7," + ",".join(cells.get(name, "") for name in names) + "\r\n"
    org.tenant.fault(Fault("answer", on="/result$", status=200, body=packed(text)))

    (record,) = org.records(window=whole(org))

    assert (record.id, record.modified, record.body["Employees"]) == ("7", START, 12)
    assert record.body["Account_Name"] == "北京\n“甲”,公司"


def packed(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("1.csv", text)
    return made.getvalue()


def test_a_long_first_load_goes_on_by_bulk_file_where_that_is_cheaper(open_org, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kamsync_zoho.ways.PART", 2_000)
    org = open_org({"bulk_above": 500})
    there = org.accounts(3_000)

    ids = org.ids()

    assert (set(ids), org.spent(READ)) == (set(there), 1)


def test_a_load_that_is_not_so_long_stays_with_queries(open_org, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kamsync_zoho.ways.PART", 2_000)
    org = open_org({"bulk_above": 5_000})
    org.accounts(3_000)

    org.pages()

    assert org.spent(READ) == 0


def test_slices_leave_a_very_long_window_to_one_bulk_file(open_org, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kamsync_zoho.ways.PART", 100)
    org = open_org({"bulk_above": 300})
    there = org.accounts(700)

    (part,) = org.session.slices(ACCOUNTS, org.window(), 8)

    assert part.slice == "whole"
    assert (set(org.ids(window=part)), org.spent(READ)) == (set(there), 1)


# ---- one shape


def world(org: Any) -> None:
    """A record of every shape: amounts, tags, owner, lookups, yes and no, nothing."""
    tenant = org.tenant
    boss = tenant.add("user", name="王磊", email="wl@example.cn")
    parent = tenant.add("account", name="集团", modified=START)
    tenant.add(
        "account", name="“华为”😀", parent=parent, owner=boss, wallet=Decimal("128000000.50"), employees=12,
        blacklisted=True, tags=["老客户", "KAM·一级"], since=START.date(), industry="-None-", modified=START,
    )  # fmt: skip
    tenant.add("activity", kind="task", subject="回访", about=parent, text="逗号,\n换行", modified=START)
    tenant.add("deal", name="商机", account=parent, amount=100, probability=Decimal("0.3"), modified=START)


@pytest.mark.parametrize("stream", [ACCOUNTS, TASKS, Stream("deals", "Deals", "deal")], ids=lambda one: one.name)
def test_a_record_has_one_shape_whichever_way_it_came(open_org, stream):
    org = open_org()
    world(org)
    by_query = org.records(stream)
    by_file = org.records(stream, whole(org))
    org.tenant.knobs.scopes = tuple(scope for scope in org.tenant.knobs.scopes if "coql" not in scope)
    by_list = org.records(stream)

    assert {record.id: record.body for record in by_query} == {record.id: record.body for record in by_list}
    assert {record.id: record.body for record in by_file} == {record.id: record.body for record in by_list}


def test_lookups_come_in_three_shapes_and_leave_in_one(open_org):
    org = open_org()
    world(org)
    by_file = org.records(window=whole(org))[-1]
    by_query = org.records()[-1]
    org.tenant.knobs.scopes = tuple(scope for scope in org.tenant.knobs.scopes if "coql" not in scope)
    by_list = org.records()[-1]

    shapes = [record.body["Parent_Account"] for record in (by_list, by_query, by_file)]
    assert shapes == [{"id": by_list.body["Parent_Account"]["id"]}] * 3
    assert [list(record.body["Owner"]) for record in (by_list, by_query, by_file)] == [["id"]] * 3


def test_what_a_picklist_calls_none_is_nothing_and_tags_are_names(org):
    world(org)

    record = org.records()[-1]

    assert record.body["Industry"] is None
    assert record.body["Tag"] == [{"name": "KAM·一级"}, {"name": "老客户"}]
    assert record.body["Wallet_Estimate"] == Decimal("128000000.5")


def test_a_bulk_file_costs_fifty_credits_and_queries_one_and_a_half_a_thousand(org):
    org.accounts(10)
    org.session.fields(ACCOUNTS)
    before = org.credits

    org.pages(window=whole(org))

    assert org.credits - before == org.door.spent.credits - before
    assert 50 < org.credits - before <= 56


def test_a_window_of_a_job_has_its_bounds(org):
    there = org.accounts(6)
    window = replace(org.window(START + timedelta(seconds=2)), slice="whole", hi=START + timedelta(seconds=5))

    assert org.ids(window=window) == there[2:5]
