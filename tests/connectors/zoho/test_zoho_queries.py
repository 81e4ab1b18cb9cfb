"""Reading by query: the keyset, its price, what heals it, and what it leaves to lists."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kamsync.plugin import Position, Refused, Stream, Window
from kamsync.testing.faults import Fault
from kamsync.testing.server import Answer, Call
from kamsync_zoho import coql
from tests.connectors.zoho.conftest import ACCOUNTS, SECOND, START, TASKS

NO_QUERIES = ("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ")


def queries(org: Any) -> list[str]:
    """Every query from now on, as it is sent."""
    heard: list[str] = []
    handle = org.tenant.server.handle

    def listen(call: Call) -> Answer:
        if call.path.endswith("/coql"):
            heard.append(str(call.json()["select_query"]))
        answer: Answer = handle(call)
        return answer

    org.tenant.server.handle = listen
    return heard


def test_a_thousand_rows_of_one_second_arrive_once_each(org):
    there = org.accounts(1_250, apart=0 * SECOND)

    assert Counter(org.ids()) == Counter(there)


def test_ids_are_compared_as_numbers_of_any_size(org):
    heard = queries(org)
    org.accounts(250, apart=0 * SECOND)

    org.pages()

    assert re.search(r"id > \d{19}\)", heard[1])


def test_criteria_are_nested_in_pairs():
    where = coql.both(coql.after(Position(START, "7")), coql.before(START), "id is not null")

    assert where == (
        "((Modified_Time > '2026-01-01T00:00:00+00:00' or (Modified_Time = '2026-01-01T00:00:00+00:00' and id > 7)) "
        "and (Modified_Time < '2026-01-01T00:00:00+00:00' and id is not null))"
    )


@pytest.mark.parametrize("name", ["Name; drop", "a b", "x'", "", "名称"])
def test_only_what_looks_like_a_field_becomes_a_column(name):
    with pytest.raises(Refused):
        coql.select([name], "Accounts", "id is not null")


def test_a_quiet_stream_costs_one_credit_and_a_long_one_grows(org):
    heard = queries(org)
    org.accounts(3_300)
    org.session.fields(ACCOUNTS)
    before = org.credits

    org.pages(window=org.window(START))

    assert [re.findall(r"limit (\d+)", query) for query in heard] == [["200"], ["1000"], ["2000"], ["2000"]]
    assert org.credits - before == 1 + 2 + 3 + 3
    assert org.session.check()


def test_nothing_changed_is_one_call_of_one_credit(org):
    org.accounts(3)
    org.session.fields(ACCOUNTS)
    before = org.credits

    pages = org.pages(window=org.window(START + timedelta(days=1)))

    assert (org.credits - before, [len(page.records) for page in pages]) == (1, [0])


def test_rows_edited_between_two_pages_are_not_lost(org):
    there = org.accounts(450)
    reading = org.session.read(ACCOUNTS, org.window(), None)
    first = next(reading)
    for id in (there[0], there[300]):
        org.tenant.change("account", id, name="改名", modified=START + timedelta(hours=1))

    rest = [record.id for page in reading for record in page.records]

    assert {record.id for record in first.records} | set(rest) == set(there)


def test_reading_by_query_resumes_from_any_page_in_another_session(open_org):
    org = open_org()
    there = org.accounts(3_000)
    first, *_ = org.pages()

    rest = org.ids(cursor=first.cursor)

    assert [record.id for record in first.records] + rest == there


def test_the_module_of_a_polymorphic_parent_is_asked_for_in_quotes(org):
    heard = queries(org)
    (account,) = org.accounts(1)
    org.tenant.add("activity", kind="task", subject="回访", about=account, modified=START)

    (record,) = org.records(TASKS)

    assert "'$se_module'" in heard[0]
    assert (record.body["What_Id"], record.body["$se_module"]) == ({"id": account}, "Accounts")


def test_a_column_that_a_query_does_not_take_is_dropped_and_the_rest_arrives(org):
    there = org.accounts(3)
    org.session.fields(ACCOUNTS)
    org.tenant.hide_field("Accounts", "Fax")

    (page,) = org.pages()

    assert [record.id for record in page.records] == there
    assert page.fields is not None
    assert ("Fax" in page.fields, "Account_Name" in page.fields) == (False, True)


def test_a_wanted_field_that_no_query_gives_is_read_from_lists(org):
    there = org.accounts(3)
    no = {"code": "INVALID_QUERY", "details": {"column_name": "Phone"}, "message": "x", "status": "error"}
    org.tenant.fault(Fault("answer", on="POST /crm/v8/coql$", status=400, body=no))

    (page,) = org.pages(window=org.window(want=frozenset({"Phone"})))

    assert ([record.id for record in page.records], "Phone" in (page.fields or ())) == (there, True)
    assert org.spent("/crm/v8/Accounts") == 1


def test_more_columns_than_a_query_takes_come_in_slices(open_org):
    org = open_org(extra_fields=80)
    org.accounts(3)
    want = frozenset(f"Extra_{number}" for number in range(1, 81))

    (page,) = org.pages(window=org.window(want=want))

    assert [want <= set(record.body) for record in page.records] == [True] * 3


def test_an_old_zoho_that_takes_fifty_columns_is_asked_for_fifty(open_org):
    org = open_org(extra_fields=80)
    heard = queries(org)
    org.accounts(3)

    org.pages(window=org.window(want=frozenset(f"Extra_{number}" for number in range(1, 81))))

    wide = [query.split(" from ")[0].count(",") + 1 for query in heard]
    assert wide[0] > 50
    assert max(wide[1:]) <= 50


def test_a_row_edited_between_two_column_slices_is_read_again_whole(open_org):
    org = open_org({"coql_columns": 50}, extra_fields=80)
    first, second = org.accounts(2)
    handle, calls = org.tenant.server.handle, []

    def edit_before_the_second(call: Call) -> Answer:
        calls.append(call.path)
        if calls.count("/crm/v8/coql") == 2 and call.path == "/crm/v8/coql":
            org.tenant.change("account", first, name="新名", modified=START + timedelta(hours=1))
        answer: Answer = handle(call)
        return answer

    org.tenant.server.handle = edit_before_the_second
    want = frozenset({"Account_Name", *(f"Extra_{number}" for number in range(1, 81))})

    records = {record.id: record for record in org.records(window=org.window(want=want))}

    assert (records[first].modified, records[first].body["Account_Name"]) == (START + timedelta(hours=1), "新名")
    assert set(records[first].body) == set(records[second].body)


def test_without_the_right_to_query_records_come_from_lists_and_it_is_asked_once(open_org):
    org = open_org(scopes=NO_QUERIES)
    there = org.accounts(3)

    read = [org.ids(), org.ids()]

    assert read == [there, there]
    assert org.spent("/coql") == 1


def test_one_module_that_cannot_be_queried_does_not_stop_the_others(org):
    there = org.accounts(2)
    no = {"code": "INVALID_QUERY", "details": {"module": "Accounts"}, "message": "x", "status": "error"}
    org.tenant.fault(Fault("answer", on="POST /crm/v8/coql$", status=400, body=no))

    by_list, by_query = org.ids(), org.pages(TASKS)

    assert (by_list, org.spent("/crm/v8/Accounts"), org.spent("/crm/v8/Tasks")) == (there, 1, 0)
    assert by_query[-1].cursor is None


def test_a_query_that_does_not_keep_its_order_is_left_for_lists(org):
    there = org.accounts(4)
    rows = [{"id": id, "Modified_Time": f"2026-01-0{9 - n}T00:00:00+00:00"} for n, id in enumerate(there[:3])]
    body = {"data": rows, "info": {"more_records": True}}
    org.tenant.fault(Fault("answer", on="POST /crm/v8/coql$", status=200, body=body))

    assert org.ids() == there


def test_a_query_that_gives_one_page_for_ever_ends_in_lists(org):
    there = org.accounts(3)
    rows = [{"id": id, "Modified_Time": "2026-01-01T00:00:00+00:00"} for id in there]
    body = {"data": rows, "info": {"more_records": True}}
    org.tenant.fault(Fault("answer", on="POST /crm/v8/coql$", times=-1, status=200, body=body))

    assert set(org.ids()) == set(there)


def test_notes_and_leads_are_read_from_lists(org):
    (account,) = org.accounts(1)
    org.tenant.add("activity", kind="note", about=account, text="备注", modified=START)

    (note,) = org.records(Stream("notes", "Notes", "activity"))
    org.pages(Stream("leads", "Leads"))

    assert note.body["Parent_Id"] == {"id": account, "module": {"api_name": "Accounts"}}
    assert org.spent("/coql") == 0


def test_leads_that_were_converted_are_read_too(org):
    with org.tenant.lock:
        lead = org.tenant.org.insert(
            "Leads", {"Last_Name": "王", "Company": "新客户"}, at=START.timestamp(), by=org.tenant.crm.admin
        )
    org.tenant.convert(lead.id)

    (record,) = org.records(Stream("leads", "Leads"))

    assert (record.id, record.body["Converted__s"], "id" in record.body["Converted_Account"]) == (lead.id, True, True)


def test_a_long_window_is_cut_into_slices_that_together_are_the_whole(org, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kamsync_zoho.ways.PART", 400)
    there = org.accounts(1_000)
    window = org.window()

    parts = org.session.slices(ACCOUNTS, window, 4)

    assert len(parts) == 3
    assert (parts[0].lo, parts[-1].hi) == (window.lo, window.hi)
    assert [id for part in parts for id in org.ids(window=part)] == there


def test_a_short_window_is_not_cut_and_what_was_read_to_know_is_not_read_again(org):
    there = org.accounts(5)
    org.session.fields(ACCOUNTS)
    before = org.credits
    window = org.window()

    parts = org.session.slices(ACCOUNTS, window, 8)

    assert (parts, org.ids(window=window), org.credits - before) == ((window,), there, 1)


def test_a_window_that_is_not_worth_cutting_costs_one_question(org):
    there = org.accounts(700)
    org.session.fields(ACCOUNTS)
    before = org.credits
    window = org.window()

    (part,) = org.session.slices(ACCOUNTS, window, 8)

    assert (org.ids(window=part), org.credits - before) == (there, 1 + 1 + 3)


def test_a_slice_begins_with_the_largest_answer(org):
    org.accounts(5)
    heard = queries(org)

    org.pages(window=Window(START, START + timedelta(days=1), frozenset(), "1/2"))

    assert "limit 2000" in heard[0]


def test_the_sweep_by_query_lists_every_id_once(org):
    there = org.accounts(2_100, apart=0 * SECOND)

    swept = [record.id for page in org.session.ids(ACCOUNTS, None) for record in page.records]

    assert swept == there
    assert org.spent("/coql") == 2


def test_a_page_of_a_query_tells_what_was_asked_for(org):
    org.accounts(1)

    (page,) = org.pages()

    (record,) = page.records
    assert page.fields == set(record.body)


def test_a_cursor_of_a_query_that_nobody_wrote_is_lost(org):
    from kamsync.plugin import CursorLost

    for cursor in ('{"way":"coql"}', '{"way":"coql","fields":"a","limit":"x"}', '{"way":"bulk","job":1}', "{"):
        with pytest.raises(CursorLost):
            org.pages(cursor=cursor)


def test_a_page_that_is_just_full_asks_for_no_other(org):
    org.accounts(200)
    org.session.fields(ACCOUNTS)

    pages = org.pages(window=org.window(START))

    assert json.dumps([len(page.records) for page in pages]) == "[200]"


def test_a_label_tells_the_unit_that_a_figure_counts_in(org):
    fields = org.tenant.org.modules["Accounts"].fields
    fields["Wallet_Estimate"] = replace(fields["Wallet_Estimate"], label="年采购额(万元)")
    fields["Website"] = replace(fields["Website"], label="网站(万元)")

    told = {field.name: field.scale for field in org.session.fields(ACCOUNTS)}

    assert (told["Wallet_Estimate"], told["Website"]) == (10_000, 1)
