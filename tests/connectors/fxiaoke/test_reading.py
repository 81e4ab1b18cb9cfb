"""Nothing is lost, whatever moves while we read, and no call is made for nothing."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kamsync.plugin import CursorLost, Stream
from kamsync.testing.server import Answer

QUERY = "/cgi/crm/v2/data/query"
SIMPLE = "/cgi/crm/custom/v2/data/findSimple"


def calls(desk: Any, path: str = QUERY) -> int:
    return int(desk.tenant.traffic.calls[f"POST {path}"])


# ---- economy


@pytest.mark.parametrize(("rows", "pages"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (300, 3), (350, 4)])
def test_a_full_last_page_is_known_to_be_the_last(desk, rows, pages):
    one = desk(calls_per_20s=10_000)
    one.many(rows)

    assert len(one.ids()) == rows
    assert calls(one) == pages


def test_the_total_is_asked_for_on_the_first_page_and_where_the_end_is_due(desk):
    one = desk(calls_per_20s=10_000)
    one.many(500)

    one.ids()

    assert [body["data"]["find_explicit_total_num"] for body in one.sent("/query")] == [True, False, False, False, True]


def test_a_tenant_that_does_not_count_is_read_to_its_empty_page(desk):
    one = desk(totals=False)
    ids = one.many(200)

    assert set(one.ids()) == set(ids)
    assert calls(one) == 3


def test_a_total_that_ends_at_ten_thousand_cuts_nothing_off(desk):
    """A search index may count no further than its own wall; here it counts to 150."""
    one = desk(calls_per_20s=10_000)
    ids = one.many(420)

    def capped(call, answer):
        if call.path == QUERY:
            answer.body["data"]["total"] = min(answer.body["data"]["total"], 150)
        return answer

    one.tamper = capped

    assert set(one.ids()) == set(ids)


def test_a_row_that_comes_in_between_pushes_none_over_the_end(desk):
    """Counting the first page alone, the last row would be taken for one too many."""
    one = desk()
    ids = one.many(300)
    pages = one.session.read(one.accounts, one.window(), None)
    found = [record.id for record in next(pages).records]
    old = one.tenant.crm.tables["AccountObj"].rows[ids[150]]
    one.tenant.crm.tables["AccountObj"].put({**old, "_id": ids[150][:-1] + "z"})

    found += [record.id for page in pages for record in page.records]

    assert set(ids) <= set(found)


def test_a_short_page_in_the_middle_does_not_end_the_list(desk):
    """Rows that the acting employee may not see can be struck from a page after it was cut."""
    one = desk()
    ids = one.many(250)

    def struck(call, answer):
        rows = answer.body["data"]["dataList"] if call.path == QUERY else []
        if len(rows) == 100 and rows[0]["_id"] == ids[0]:
            del rows[50:60]
        return answer

    one.tamper = struck

    assert set(ids) - set(one.ids()) <= set(ids[50:60])


def test_a_quiet_tenant_is_asked_once_a_stream_when_void_rows_show_by_themselves(desk):
    one = desk(tenant_void_rows="always")
    one.tenant.invalidate("account", one.many(2, modified=datetime(2026, 1, 5, tzinfo=UTC))[0])
    one.tenant.offset = timedelta(hours=3)
    now = one.window(datetime.now(UTC) + timedelta(hours=2))
    one.read(within=now)
    learned = calls(one)

    for name in ("ContactObj", "SalesOrderObj", "PaymentObj"):
        one.read(Stream(name, name), now)

    assert calls(one) - learned == 3


def test_a_quiet_tenant_is_asked_once_a_stream_when_one_filter_brings_both(desk):
    one = desk(tenant_void_rows="filtered")
    one.tenant.invalidate("account", one.many(1)[0])
    one.read(within=one.lately())
    learned = calls(one)

    one.read(Stream("ContactObj", "ContactObj"), one.lately())

    assert calls(one) - learned == 1


def test_a_first_load_asks_for_no_void_rows(desk):
    one = desk(tenant_void_rows="filtered")
    ids = one.many(5)
    one.tenant.invalidate("account", ids[0])

    assert one.ids() == ids[1:]
    assert calls(one) == 1


# ---- the walls


def test_reading_goes_past_the_wall_of_offsets_while_rows_change(desk):
    """10,300 rows and 5 of them touched after every page: each arrives, none by an offset beyond 10,000."""
    one = desk(calls_per_20s=100_000)
    at = datetime(2026, 1, 5, tzinfo=UTC)
    ids = one.many(10_300, modified=at)
    dice = random.Random(7)
    found: list[str] = []
    for page in one.session.read(one.accounts, one.window(), None):
        found += [record.id for record in page.records]
        for id in dice.sample(ids, 5):
            one.tenant.change("account", id, address="改过")

    assert Counter(found) == Counter(ids)
    assert {body["data"]["search_query_info"]["offset"] for body in one.sent("/query")} == {0}


def test_ten_thousand_changes_of_one_millisecond_all_arrive(desk):
    one = desk(calls_per_20s=100_000)
    at = datetime(2026, 1, 5, tzinfo=UTC)
    ids = one.many(1_050, modified=at)

    assert Counter(one.ids(within=one.window(at))) == Counter(ids)


def test_the_window_includes_the_watermark_itself(desk):
    one = desk()
    at = datetime(2026, 1, 5, tzinfo=UTC)
    (id,) = one.many(1, modified=at)

    assert one.ids(within=one.window(at)) == [id]
    assert {
        "field_name": "last_modified_time",
        "operator": "GTE",
        "field_values": [str(int(at.timestamp()) * 1000)],
    } in (one.sent("/query")[-1]["data"]["search_query_info"]["filters"])


def test_the_window_is_laid_on_the_servers_clock(desk):
    one = desk()
    one.tenant.offset = timedelta(hours=5)
    one.session.check()

    assert abs((one.door.now() - one.tenant.now()).total_seconds()) < 2


def test_a_lagging_list_is_admitted_by_every_stream(desk):
    """The engine reads again from where it can be sure: it must know how far a list may run behind."""
    one = desk(lag=60.0)
    (id,) = one.many(1)

    assert one.ids() == []
    assert [each.state for each in one.session.get(one.accounts, [id])] == ["found"]
    assert all(stream.lag >= timedelta(minutes=5) for stream in one.session.streams() if stream.incremental)


def test_the_order_of_ids_is_asked_for_in_camel_case_and_filters_in_snake_case(desk):
    one = desk()

    one.read(within=one.lately())

    search = one.sent("/query")[-1]["data"]["search_query_info"]
    assert search["orders"] == [{"fieldName": "_id", "isAsc": True}]
    assert all(set(each) == {"field_name", "operator", "field_values"} for each in search["filters"])


def test_a_smaller_page_than_asked_for_is_taken_as_it_is(desk):
    one = desk(max_limit=30)
    ids = one.many(95)

    assert Counter(one.ids()) == Counter(ids)


def test_old_and_new_ids_are_read_in_one_order(desk):
    one = desk()
    ids = one.many(120)
    table = one.tenant.crm.tables["AccountObj"]
    old = []
    for number in range(80):
        old.append(f"{number * 3:02x}{'0' * 28}{number:02x}")
        table.put({**table.rows[ids[0]], "_id": old[-1]})

    assert Counter(one.ids()) == Counter([*ids, *old])


# ---- in parts


def parted(desk: Any, rows: int, want: int = 4, **words: Any) -> tuple[Any, list[str], list[Any]]:
    one = desk(calls_per_20s=100_000, **words)
    ids = one.many(rows, modified=datetime(2026, 1, 5, tzinfo=UTC))
    return one, ids, one.session.slices(one.accounts, one.window(), want)


def test_parts_together_are_the_whole_and_cost_no_call_more(desk):
    one, ids, parts = parted(desk, 4_000)

    found = [id for part in parts for id in one.ids(within=part)]

    assert len(parts) == 4
    assert Counter(found) == Counter(ids)
    assert calls(one) == 40


def test_parts_beyond_the_wall_of_offsets_are_found_by_footholds(desk):
    one, ids, parts = parted(desk, 24_000, want=2)

    found = [id for part in parts for id in one.ids(within=part)]

    assert len(parts) == 2
    assert Counter(found) == Counter(ids)
    assert max(body["data"]["search_query_info"]["offset"] for body in one.sent("/query")) == 10_000
    assert calls(one) <= 241


def test_parts_lose_nothing_while_rows_come_go_and_change(desk):
    one, ids, parts = parted(desk, 3_000)
    gone, stay = ids[700:760], set(ids) - set(ids[700:760])
    dice = random.Random(7)
    found: list[str] = []
    for part in parts:
        for page in one.session.read(one.accounts, part, None):
            found += [record.id for record in page.records]
            for id in dice.sample(sorted(stay), 5):
                one.tenant.change("account", id, address="改过")
            if gone:
                one.tenant.remove("account", gone.pop())

    assert stay <= set(found)
    assert max(Counter(found).values()) == 1


def test_parts_are_read_side_by_side(desk):
    one, ids, parts = parted(desk, 3_000)

    with ThreadPoolExecutor(4) as pool:
        found = [id for got in pool.map(lambda part: one.ids(within=part), parts) for id in got]

    assert Counter(found) == Counter(ids)


def test_a_part_resumes_from_its_cursor_in_another_session(desk):
    one, ids, parts = parted(desk, 2_400, want=3)
    first = next(iter(one.session.read(one.accounts, parts[1], None)))

    rest = one.ids(within=parts[1], cursor=first.cursor)
    others = [id for part in (parts[0], parts[2]) for id in one.ids(within=part)]

    assert Counter([record.id for record in first.records] + rest + others) == Counter(ids)


def test_the_second_path_takes_every_other_part_when_it_is_allowed(desk):
    one, ids, parts = parted(desk, 4_000, second_path=True)

    found = [id for part in parts for id in one.ids(within=part)]

    assert Counter(found) == Counter(ids)
    assert calls(one, SIMPLE) >= 18
    assert calls(one) <= 22


def test_a_short_list_stays_whole(desk):
    one, ids, parts = parted(desk, 300)

    assert parts == [replace(parts[0], slice=None)]
    assert one.ids(within=parts[0]) == ids
    assert calls(one) == 3


def test_a_part_that_nobody_cut_is_lost_not_guessed(desk):
    one = desk()

    with pytest.raises(CursorLost):
        one.read(within=replace(one.window(), slice="nonsense"))


# ---- void, back, gone


@pytest.mark.parametrize(("how", "told"), [("always", True), ("filtered", True), ("named", True), ("never", False)])
@pytest.mark.parametrize("setting", ["auto", "same"])
def test_a_void_row_is_told_in_each_behaviour_of_tenants(desk, how, told, setting):
    setting = {"named": "filtered"}.get(how, how) if setting == "same" else "auto"
    one = desk(tenant_void_rows=how, void_rows=setting)
    kept, void = one.many(2)
    one.tenant.invalidate("account", void)
    contact = one.tenant.add("contact", name="王芳", account=kept)
    one.tenant.invalidate("contact", contact)

    assert one.gone(within=one.lately()) == ({(void, "void")} if told else set())
    assert one.gone(Stream("contacts", "ContactObj"), one.lately()) == ({(contact, "void")} if told else set())
    assert one.ids(within=one.lately()) == [kept]
    assert [each.state for each in one.session.get(one.accounts, [kept, void])] == ["found", "gone"]


def test_voiding_without_a_new_stamp_is_found_by_the_sweep(desk):
    one = desk(tenant_void_rows="filtered", invalid_touches=False)
    kept, void = one.many(2, modified=datetime(2026, 1, 5, tzinfo=UTC))
    one.tenant.invalidate("account", void)

    assert one.gone(within=one.lately()) == set()
    assert [record.id for page in one.session.ids(one.accounts, None) for record in page.records] == [kept]


def test_a_recovered_row_comes_back_with_its_id(desk):
    one = desk()
    (id,) = one.many(1)
    one.tenant.invalidate("account", id)
    one.tenant.recover("account", id)

    assert one.ids(within=one.lately()) == [id]
    assert one.gone(within=one.lately()) == set()


def test_a_row_that_was_deleted_for_good_is_gone_and_one_that_may_not_be_seen_is_hidden(desk):
    one = desk()
    there, deleted = one.many(2)
    one.tenant.remove("account", deleted)
    found = one.session.get(one.accounts, [there, deleted])
    one.tamper = lambda call, answer: Answer(200, {"errorCode": 20014, "errorMessage": "no right"})

    hidden = one.session.get(one.accounts, [there])

    assert [each.state for each in (*found, *hidden)] == ["found", "gone", "hidden"]


def test_an_object_without_a_life_status_is_read_all_the_same(desk):
    one = desk(void_rows="filtered")
    ids = one.many(3)

    def knows_no_life_status(call, answer):
        if "life_status" in str(call.json()):
            return Answer(200, {"errorCode": 10001, "errorMessage": "field_name (life_status)"})
        return answer

    one.tamper = knows_no_life_status

    assert one.ids(within=one.lately()) == ids


def test_the_sweep_asks_for_ids_and_stamps_only(desk):
    one = desk()
    ids = one.many(150)

    pages = list(one.session.ids(one.accounts, None))

    assert [record.id for page in pages for record in page.records] == ids
    assert one.sent("/query")[0]["data"]["search_query_info"]["fieldProjection"][:2] == ["_id", "last_modified_time"]
    assert calls(one) == 2


# ---- shapes


def test_rows_are_found_wherever_a_custom_query_puts_them(desk):
    one = desk(custom_list="top", strict_paths=True)
    (account,) = one.many(1)
    surveys = Stream("surveys", "satisfaction__c", "survey", custom=True)
    ids = [one.tenant.add("survey", account=account, score=9, max_score=10, kind="csat") for _ in range(130)]

    assert Counter(one.ids(surveys)) == Counter(ids)


def test_what_only_describes_the_query_is_dropped_and_the_unknown_is_kept(desk):
    one = desk()
    one.many(1)

    def newer(call, answer):
        for row in answer.body.get("data", {}).get("dataList", []):
            row["field_new99__c"] = {"odd": [1, None]}
        return answer

    one.tamper = newer
    (page,) = one.read()

    assert not {"searchAfterId", "total_num"} & set(page.records[0].body)
    assert page.records[0].body["field_new99__c"] == {"odd": [1, None]}


def test_empty_fields_are_told_so_that_a_cleared_one_is_seen(desk):
    one = desk()
    one.many(1)

    (page,) = one.read()

    assert "address" in page.records[0].body
    assert all(body["includeNull"] is True for body in one.sent("/query"))


def test_objects_that_stand_in_for_others_say_so(desk):
    one = desk()
    one.tenant.crm.objects["NewOpportunityObj"].active = False
    one.tenant.crm.objects["OpportunityObj"].active = True

    deals = next(stream for stream in one.session.streams() if stream.entity == "deal")

    assert (deals.name, deals.object, deals.stands_for) == ("deals", "OpportunityObj", ("NewOpportunityObj",))


def test_custom_objects_are_discovered(desk):
    one = desk()

    offered = {stream.object: stream.custom for stream in one.session.streams()}

    assert offered["satisfaction__c"] is True
    assert offered["AccountObj"] is False
