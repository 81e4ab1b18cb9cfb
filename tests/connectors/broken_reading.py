"""Spoilt readers: windows, cursors, types, deletions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from kamsync.plugin import CursorLost, Gone, Gotten, Page, Position, Record, Request, Stream, Window
from kamsync.testing.suite import ConnectorTests as Suite
from tests.connectors.acme import AcmeWriter, connector
from tests.connectors.broken import Read, each_record, enter, fails, spoils

# ---- windows and cursors


@spoils(
    "read",
    Suite.test_a_window_includes_its_beginning_and_leaves_out_its_end,
    Suite.test_windows_laid_edge_to_edge_lose_nothing,
)
def strictly_above(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    lo = window.lo + timedelta(seconds=1) if window.lo else None
    return read(stream, replace(window, lo=lo), cursor)


@spoils("read", Suite.test_a_window_without_changes_is_empty_and_ends)
def reads_all_there_is(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return read(stream, replace(window, lo=None), cursor)


@spoils("read", Suite.test_every_record_arrives_once_over_several_pages)
def drops_the_last_page(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    *pages, _ = read(stream, window, cursor)
    yield from pages[:-1]
    yield replace(pages[-1], cursor=None)


@spoils("read", Suite.test_every_record_arrives_once_over_several_pages)
def repeats_the_edge_of_each_page(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    last: tuple[Record, ...] = ()
    for page in read(stream, window, cursor):
        yield replace(page, records=last + page.records)
        last = page.records[-1:]


@spoils("read", Suite.test_records_that_share_one_second_all_arrive_once)
def keeps_one_record_a_second(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    for page in read(stream, window, cursor):
        yield replace(page, records=tuple({record.modified: record for record in page.records}.values()))


@spoils("read", Suite.test_a_record_that_changes_while_we_read_pushes_no_other_out)
def counts_places(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    start, rows = 0, 50
    while True:
        came = [record for page in read(stream, window, None) for record in page.records]
        more = len(came) > start + rows
        yield Page(tuple(came[start : start + rows]), cursor="on" if more else None)
        start += rows
        if not more:
            return


@spoils(
    "read",
    Suite.test_reading_resumes_after_any_page_without_loss_or_repeat,
    Suite.test_a_slice_resumes_after_any_page,
)
def begins_again_after_a_restart(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return read(stream, window, None)


@spoils(
    "read",
    Suite.test_a_cursor_that_nobody_wrote_is_lost_and_says_so,
    Suite.test_a_cursor_that_the_crm_forgot_loses_no_record,
)
def takes_any_cursor_for_the_end(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    try:
        yield from read(stream, window, cursor)
    except CursorLost:
        yield Page()


@spoils("read", Suite.test_what_a_page_says_it_reached_is_true)
def says_it_reached_the_end_of_the_window(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    for page in read(stream, window, cursor):
        yield replace(page, through=Position(window.hi, "0"))


@spoils("read", Suite.test_each_record_bears_the_stamp_that_the_crm_gave_it)
def takes_stamps_for_local_time(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    eight = timedelta(hours=8)
    return each_record(
        read(stream, window, cursor), lambda one: replace(one, modified=one.modified and one.modified - eight)
    )


@fails(
    Suite.test_a_change_is_in_the_next_window_with_what_it_changed,
    Suite.test_a_change_of_every_kind_is_in_the_next_window,
)
class RemembersBodies(AcmeWriter):
    kept: dict[str, Any] = {}  # noqa: RUF012  it is to outlive the session

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        pages = super().read(stream, window, cursor)
        return each_record(pages, lambda one: replace(one, body=self.kept.setdefault(one.id, {"id": one.id})))


@spoils("read", Suite.test_every_field_that_the_mapping_reads_is_asked_for)
def asks_for_stamps_only(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return each_record(
        read(stream, window, cursor), lambda one: replace(one, body={"id": one.id, "changed": one.body["changed"]})
    )


@spoils("read", Suite.test_a_record_without_an_id_is_a_problem_and_the_rest_arrive)
def passes_over_odd_rows(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return each_record(read(stream, window, cursor), lambda one: one if one.problem is None else None)


# ---- further ways


@spoils("ids", Suite.test_the_sweep_lists_every_id_once)
def sweeps_the_first_page(ids: Any, stream: Stream, cursor: str | None) -> Read:
    yield replace(next(iter(ids(stream, cursor))), cursor=None)


@spoils("ids", Suite.test_the_sweep_resumes_after_any_page)
def sweeps_from_the_beginning(ids: Any, stream: Stream, cursor: str | None) -> Read:
    return ids(stream, None)


@spoils("get", Suite.test_each_id_looked_up_is_found_or_gone_one_by_one)
def answers_only_for_what_is_there(get: Any, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
    return [each for each in get(stream, ids) if each.state == "found"]


@spoils(
    "slices",
    Suite.test_slices_together_are_the_whole_window,
    Suite.test_slices_read_at_one_time_are_the_whole_window,
)
def forgets_a_slice(slices: Any, stream: Stream, window: Window, want: int) -> Sequence[Window]:
    return slices(stream, window, want)[1:]


# ---- types


@spoils("read", Suite.test_ids_are_texts_that_survive_whatever_their_size)
def counts_ids(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    wrong: Any = int
    return each_record(read(stream, window, cursor), lambda one: replace(one, id=wrong(one.id)))


@spoils("read", Suite.test_ids_are_texts_that_survive_whatever_their_size)
def passes_ids_through_a_float(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return each_record(read(stream, window, cursor), lambda one: replace(one, id=f"{float(one.id):.0f}"))


@spoils("read", Suite.test_amounts_are_exact, Suite.test_bodies_hold_plain_values_only)
def reads_amounts_as_floats(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    def floats(one: Record) -> Record:
        told = {name: float(value) if isinstance(value, Decimal) else value for name, value in one.body.items()}
        return replace(one, body=told)

    return each_record(read(stream, window, cursor), floats)


@spoils("read", Suite.test_hostile_text_arrives_unchanged)
def cleans_texts(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    def cleaned(one: Record) -> Record:
        return replace(one, body={**one.body, "name": str(one.body["name"]).replace("\u200b", "")})

    return each_record(read(stream, window, cursor), cleaned)


@spoils("read", Suite.test_stamps_know_their_offset)
def forgets_the_offset(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return each_record(
        read(stream, window, cursor),
        lambda one: replace(one, modified=one.modified and one.modified.replace(tzinfo=None)),
    )


# ---- deletions


@spoils("gone", Suite.test_a_deletion_is_told, Suite.test_a_record_in_the_bin_is_told_as_gone)
def tells_no_deletion(gone: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    yield Page()


@spoils("gone", Suite.test_many_deletions_are_all_told)
def tells_the_first_page_of_deletions(gone: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    yield replace(next(iter(gone(stream, window, cursor))), cursor=None)


@spoils("gone", Suite.test_the_list_of_deletions_resumes_after_any_page)
def tells_no_more_deletions_after_a_restart(gone: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    return gone(stream, window, cursor) if cursor is None else iter([Page()])


@fails(Suite.test_a_record_in_the_bin_is_no_longer_read_as_a_live_one)
class ReadsTheBin(AcmeWriter):
    def read(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        yield from super().read(stream, window, cursor)
        for page in self.gone(stream, window, None):
            yield Page(tuple(Record(each.id, None, {}) for each in page.gone))


@fails(Suite.test_the_sweep_no_longer_lists_what_was_deleted, Suite.test_a_deletion_of_every_kind_is_noticed)
class SweepsTheBin(AcmeWriter):
    def ids(self, stream: Stream, cursor: str | None) -> Read:
        yield from super().ids(stream, cursor)
        told = self._http.call(Request("GET", f"/deleted/{stream.object}")).json()
        yield Page(tuple(Record(row["id"], None, {}) for row in told["rows"]))

    def gone(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        yield Page()


class _ReadsOnly:
    """A session with no way to notice a deletion."""

    def __init__(self, whole: Any) -> None:
        self.check, self.streams, self.read = whole.check, whole.streams, whole.read


enter(
    "hears_of_no_deletion",
    replace(connector, open=lambda options, http, clock: _ReadsOnly(AcmeWriter(options, http))),
    Suite.test_a_deletion_can_be_noticed_one_way_or_another,
)


# ---- people meanwhile


@spoils("read", Suite.test_a_record_that_was_restored_is_there_again)
def takes_a_restored_record_for_dead(read: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    day = timedelta(days=1)
    return each_record(
        read(stream, window, cursor), lambda one: one if one.modified and one.modified < window.hi - day else None
    )


@spoils("get", Suite.test_a_restored_record_is_swept_and_found_as_alive)
def finds_nobody_alive(get: Any, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
    return [Gotten(id, "gone") for id in ids]


@spoils("gone", Suite.test_an_account_that_was_merged_away_is_told_as_gone)
def forgets_the_winner(gone: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    for page in gone(stream, window, cursor):
        yield replace(page, gone=tuple(replace(each, into=None) for each in page.gone))


@spoils("gone", Suite.test_deletions_in_windows_laid_edge_to_edge_are_all_told)
def tells_deletions_strictly_above(gone: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    lo = window.lo + timedelta(seconds=2) if window.lo else None
    return gone(stream, replace(window, lo=lo), cursor)


@spoils("gone", Suite.test_a_window_without_deletions_tells_none_and_ends)
def invents_a_deletion(gone: Any, stream: Stream, window: Window, cursor: str | None) -> Read:
    yield Page(gone=(Gone("1", "deleted"),))
