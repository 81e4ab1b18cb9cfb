"""Spoilt readers: odd lists, every kind of record, bad weather."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kamsync.plugin import (
    BadRecord,
    ConnectorError,
    Field,
    Forecast,
    Gotten,
    Page,
    Record,
    Refused,
    Reply,
    Request,
    Stream,
    Throttled,
    Unavailable,
    Window,
    same,
)
from kamsync.testing.suite import ConnectorTests as Suite
from kamsync.testing.suite_lists import READERS
from kamsync_zoho import connector as zoho
from kamsync_zoho.session import ZohoSession
from kamsync_zoho.sim import ZohoTenant
from tests.connectors.acme import AcmeWriter, connector
from tests.connectors.broken import Read, each_record, enter, fails, sends, spoils, wired

sound: Any = connector.wire


# ---- odd lists


@spoils("read", Suite.test_a_tenant_without_records_is_read_to_its_end)
def never_says_that_it_ends(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    for page in read(stream, window, cursor):
        yield replace(page, cursor=page.cursor or "end")


@spoils("read", Suite.test_a_list_that_just_fills_its_answers_is_whole, more=1)
def takes_one_row_more_for_none(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    for page in read(stream, window, cursor):
        if len(page.records) > 1:
            yield page


@spoils("read", Suite.test_rows_out_of_order_lose_nothing_and_claim_nothing)
def trusts_the_order(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    seen = [""]

    def behind(one: Record) -> Record | None:
        place = f"{one.modified}"
        seen[0], last = max(seen[0], place), seen[0]
        return one if place > last else None

    return each_record(read(stream, window, cursor), behind)


@spoils("read", Suite.test_a_list_that_stands_still_can_be_seen_to)
def makes_up_cursors(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    for number in itertools.count():
        yield replace(next(iter(read(stream, window, None))), cursor=str(number))


class StopsAtTheWall(ZohoSession):
    """A list that ends where the CRM's usual way does."""

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        left = 400
        for page in super().read(stream, window, cursor):
            yield replace(page, records=page.records[:left])
            left = max(0, left - len(page.records))


enter(
    "StopsAtTheWall",
    replace(zoho, open=StopsAtTheWall),
    Suite.test_a_list_beyond_the_wall_is_whole,
    Suite.test_one_second_with_more_records_than_the_wall_is_whole,
    tenant=ZohoTenant,
)


@spoils("read", Suite.test_a_record_stamped_in_the_future_is_read_when_its_time_has_come)
def reads_beyond_the_window(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return read(stream, replace(window, hi=window.hi + timedelta(days=1)), cursor)


@fails(Suite.test_a_quiet_poll_costs_two_calls_at_most)
class AsksForItsFieldsEachTime(AcmeWriter):
    def read(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        self.streams()
        self.fields(stream)
        return super().read(stream, window, cursor)


@spoils("forecast", Suite.test_a_forecast_is_cheap_and_comes_true)
def promises_less(forecast: Any, stream: Stream, window: Window, parts: int = 1) -> Forecast:
    return replace(forecast(stream, window, parts), calls=0, credits=0)


@spoils("forecast", Suite.test_a_forecast_of_a_window_is_about_that_window)
def counts_whatever_is_there(forecast: Any, stream: Stream, window: Window, parts: int = 1) -> Forecast:
    told: Forecast = forecast(stream, replace(window, lo=None), parts)
    return told


@spoils("forecast", Suite.test_a_forecast_in_parts_counts_the_cutting_too)
def takes_each_part_for_the_whole(forecast: Any, stream: Stream, window: Window, parts: int = 1) -> Forecast:
    told: Forecast = forecast(stream, window)
    return replace(told, calls=told.calls * parts, credits=told.credits * parts)


@spoils("read", Suite.test_a_window_that_wants_no_field_still_tells_ids_and_stamps)
def tells_stamps_when_asked(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    pages = read(stream, window, cursor)
    return pages if window.want else each_record(pages, lambda one: replace(one, modified=None))


@spoils("read", Suite.test_a_field_that_the_tenant_lacks_hides_no_record)
def refuses_what_it_does_not_know(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    if any(name.endswith("__c") for name in window.want):
        raise Refused(same("no such field"))
    return read(stream, window, cursor)


@spoils("read", Suite.test_a_record_read_twice_looks_the_same)
def numbers_its_records(
    read: Any,
    stream: Stream,
    window: Window,
    cursor: str | None,
    numbers: Any = itertools.count(),
) -> Read:
    return each_record(
        read(stream, window, cursor), lambda one: replace(one, body={**one.body, "number": next(numbers)})
    )


@spoils("get", Suite.test_a_record_looked_up_by_its_id_looks_as_in_the_list)
def looks_up_another_shape(get: Any, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
    def bare(one: Record) -> Record:
        return replace(one, body={"id": one.id, "name": one.body["name"]})

    return [
        replace(each, page=each.page and replace(each.page, records=tuple(map(bare, each.page.records))))
        for each in get(stream, ids)
    ]


@spoils("get", Suite.test_many_ids_are_looked_up_in_order_and_none_costs_nothing)
def looks_up_a_hundred(get: Any, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
    return get(stream, ids[:100])


@spoils("get", Suite.test_an_id_that_never_was_is_not_found)
def finds_whatever_it_is_asked_for(get: Any, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
    return [Gotten(id, "found", Page((Record(id, None, {}),))) for id in ids]


@fails(Suite.test_readers_at_one_time_do_not_disturb_each_other)
class ReadsOneAtATime(AcmeWriter):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.together = threading.Barrier(READERS)

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        place = self.together.wait(timeout=10)
        return super().read(stream, window, cursor) if place == 0 else iter([Page()])


@spoils("slices", Suite.test_one_slice_is_the_window_itself)
def cuts_without_need(slices: Any, stream: Stream, window: Window, want: int) -> Sequence[Window]:
    return slices(stream, window, max(want, 2))


# ---- every kind


@spoils("read", Suite.test_a_record_of_every_kind_arrives)
def reads_accounts_only(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return read(stream, window, cursor) if stream.entity == "account" else iter([Page()])


@spoils("read", Suite.test_a_record_of_every_kind_is_understood)
def renames_fields(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    def renamed(one: Record) -> Record:
        return replace(one, body={name.upper(): value for name, value in one.body.items()})

    return each_record(read(stream, window, cursor), renamed)


@spoils("read", Suite.test_what_a_record_belongs_to_is_known)
def leaves_out_links(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return each_record(read(stream, window, cursor), lambda one: replace(one, body={**one.body, "customer": None}))


# ---- rights and fields


@fails(Suite.test_records_that_may_not_be_seen_are_a_refusal_and_no_empty_list)
class OffersWhatItMayNotSee(AcmeWriter):
    def streams(self) -> Sequence[Stream]:
        return [Stream("customers", "customers", "account")]

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        try:
            yield from super().read(stream, window, cursor)
        except Refused:
            yield Page()


@spoils("read", Suite.test_a_field_that_is_hidden_costs_no_record)
def wants_every_field(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    for page in read(stream, window, cursor):
        for record in page.records:
            if window.want - record.body.keys():
                raise BadRecord(same("a field is missing"))
        yield page


@fails(Suite.test_a_field_that_is_hidden_is_no_longer_described)
class DescribesByHeart(AcmeWriter):
    known: dict[str, Sequence[Field]] = {}  # noqa: RUF012  it is to outlive the session

    def fields(self, stream: Stream) -> Sequence[Field]:
        return self.known.setdefault(stream.name, super().fields(stream))


# ---- bad weather


def _takes_trouble_for_a_no(request: Request, reply: Reply) -> None:
    try:
        sound.check(request, reply)
    except Unavailable as broken:
        raise Refused(broken.text) from broken


def _takes_a_pause_for_a_no(request: Request, reply: Reply) -> None:
    try:
        sound.check(request, reply)
    except Throttled as pause:
        raise Refused(pause.text) from pause


def _takes_the_day_for_a_moment(request: Request, reply: Reply) -> None:
    try:
        sound.check(request, reply)
    except Throttled as pause:
        raise Throttled(pause.text, after=1.0) from pause


wired(
    "takes_trouble_for_a_no",
    Suite.test_a_server_in_trouble_is_asked_again,
    Suite.test_an_answer_that_is_no_list_is_asked_for_again,
    check=_takes_trouble_for_a_no,
)
wired("takes_a_pause_for_a_no", Suite.test_a_crm_that_says_slow_down_is_waited_for, check=_takes_a_pause_for_a_no)
wired(
    "takes_the_day_for_a_moment",
    Suite.test_a_day_whose_calls_are_used_up_ends_reading_at_once,
    check=_takes_the_day_for_a_moment,
)


@sends(Suite.test_a_read_that_breaks_off_is_made_again)
def reads_as_if_it_wrote(options: Any, request: Request) -> Request:
    return replace(request, write=True)


@spoils(
    "read",
    Suite.test_a_login_page_for_ever_is_unavailable_and_never_an_empty_list,
    Suite.test_a_crm_that_is_not_there_is_unavailable,
)
def takes_trouble_for_an_empty_list(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    try:
        yield from read(stream, window, cursor)
    except Unavailable:
        yield Page()


@spoils("read", Suite.test_a_crm_that_says_slow_down_for_ever_is_left_alone)
def knocks_on(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    for _ in range(4):
        try:
            return iter(list(read(stream, window, cursor)))
        except ConnectorError:
            continue
    return read(stream, window, cursor)


@fails(Suite.test_reading_changes_nothing)
class TagsWhatItReads(AcmeWriter):
    def read(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        for page in super().read(stream, window, cursor):
            rows = [{"ref": one.id, "id": one.id, "add": ["seen"], "remove": [], "seen": None} for one in page.records]
            self._http.call(Request("POST", "/tags", json={"quiet": True, "rows": rows[:50]}, write=True))
            yield page
