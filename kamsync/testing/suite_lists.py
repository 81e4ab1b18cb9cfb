"""Checks of long, odd and crowded lists: edges of answers, lost order, walls, future stamps, many readers at once.

The plain promises of reading are in the checks of reading.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from kamsync.net import Spent
from kamsync.plugin import ConnectorError, Forecast, Page
from kamsync.testing.server import Answer, Call
from kamsync.testing.suite_bench import HOUR, SECOND, Bench, able, ids, records, skip, states, with_rows

READERS = 4
FORECAST = 2  # calls that one may cost
NEAR = 0.05  # of what it says, or one call
MANY = 230  # more ids than one call takes, most likely


class Lists:
    """What lists do when they are not as in the manual."""

    def test_a_tenant_without_records_is_read_to_its_end(self, bench: Bench) -> None:
        """The first day of a new tenant: nothing is there, and that is no trouble."""
        stream = bench.stream()

        pages = bench.pages(stream)

        assert ids(pages) == []
        assert bench.ends(pages)

    @pytest.mark.parametrize("more", [0, 1])
    def test_a_list_that_just_fills_its_answers_is_whole(self, bench: Bench, more: int) -> None:
        """Exactly one full answer, or one row above it: where counting pages goes wrong by one."""
        there = bench.accounts(bench.tenant.most_rows + more)

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)

    def test_rows_out_of_order_lose_nothing_and_claim_nothing(self, bench: Bench) -> None:
        """A CRM sorts by another stamp than it says: a pager that trusts the last row skips what lies behind it."""
        there = bench.several_pages()
        bench.stream()
        bench.tamper(lambda call, answer: with_rows(answer, lambda rows: rows[::-1]))

        try:
            pages = bench.pages()
        except ConnectorError:
            return  # named, and nothing believed

        assert set(ids(pages)) == set(there)
        for number, page in enumerate(pages):
            reached = page.through
            later = [record.modified for record in records(pages[number + 1 :]) if record.modified]
            assert reached is None or all(stamp >= reached.modified for stamp in later)

    def test_a_list_that_stands_still_can_be_seen_to(self, bench: Bench) -> None:
        """The CRM gives the same answer again and again: the engine stops it if the cursor stands still, too."""
        bench.several_pages()
        on = bench.listing()
        kept: list[Answer] = []

        def again(call: Call, answer: Answer) -> Answer:
            if re.search(on, f"{call.method} {call.path}") is None:
                return answer
            kept.append(answer)
            return kept[0]

        bench.tamper(again)
        pages: list[Page] = []

        try:
            pages += itertools.islice(bench.session.read(bench.stream(), bench.window(bench.stream()), None), 12)
        except ConnectorError:
            return  # the connector saw it by itself

        cursors = [page.cursor for page in pages]
        assert len(pages) < 12 or any(one == two for one, two in itertools.pairwise(cursors))

    def test_a_list_beyond_the_wall_is_whole(self, bench: Bench) -> None:
        """Beyond 2,000 rows, or 10,000, many a CRM stops listing, and says nothing."""
        rows = bench.tenant.most_rows * 2
        able(bench.tenant.wall, rows)
        there = bench.accounts(rows * 2 + 3)

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)

    def test_one_second_with_more_records_than_the_wall_is_whole(self, bench: Bench) -> None:
        """An import stamps 12,000 records alike: halving the window by time never ends there."""
        rows = bench.tenant.most_rows * 2
        able(bench.tenant.wall, rows)
        there = bench.accounts(rows + 3, apart=timedelta(0))

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)

    def test_a_record_stamped_in_the_future_is_read_when_its_time_has_come(self, bench: Bench) -> None:
        """An import writes tomorrow's date: the record belongs to tomorrow's window, and to no other."""
        bench.by_windows()
        stream = bench.stream()
        now = bench.tenant.now().replace(microsecond=0)
        early = bench.tenant.add("account", name="未来之星有限公司", modified=now + 3 * HOUR)
        (usual,) = bench.accounts(1)

        today = bench.pages(window=bench.window(stream, None, now + HOUR))
        tomorrow = bench.pages(window=bench.window(stream, now + HOUR, now + 5 * HOUR))

        assert (ids(today), ids(tomorrow)) == ([usual], [early])

    def test_a_quiet_poll_costs_two_calls_at_most(self, bench: Bench) -> None:
        """Twenty streams, every ten minutes, and nothing new: a call for the changed, one for those that are gone."""
        stream = bench.stream()
        bench.accounts(3)
        bench.pages(window=bench.window(stream, bench.start + HOUR))
        bench.quiet()
        before = bench.tenant.traffic.total

        bench.pages(window=bench.window(stream, bench.start + HOUR))

        assert bench.tenant.traffic.total - before <= 2

    def test_a_forecast_is_cheap_and_comes_true(self, bench: Bench) -> None:
        """Before a large read people are told its cost; a forecast that is wrong, or dear, is worse than none."""
        bench.several_pages()
        forecasts, stream = bench.forecasts(), bench.stream()
        window = bench.window(stream)
        bench.pages(window=bench.window(stream, bench.start + HOUR))
        began = bench.spent

        told = forecasts.forecast(stream, window)
        asked = bench.spent
        bench.pages(window=window)

        assert asked.requests - began.requests <= FORECAST
        _came_true(bench, told, asked)

    def test_a_forecast_of_a_window_is_about_that_window(self, bench: Bench) -> None:
        """A month is to be read again: what the years before it would cost is no answer."""
        bench.several_pages()
        forecasts, stream = bench.forecasts(), bench.stream()
        later = bench.start + timedelta(seconds=bench.tenant.most_rows * 5 // 2 - 3)
        window = bench.window(stream, later)
        bench.pages(window=window)

        told = forecasts.forecast(stream, window)
        asked = bench.spent
        pages = bench.pages(window=window)

        _came_true(bench, told, asked)
        assert told is None or told.records in (None, len(ids(pages)))

    def test_a_forecast_in_parts_counts_the_cutting_too(self, bench: Bench) -> None:
        """Large lists are read in parts: finding where to cut is paid like everything else."""
        bench.several_pages()
        forecasts, stream = bench.forecasts(), bench.stream()
        window = bench.window(stream)
        bench.pages(window=bench.window(stream, bench.start + HOUR))

        told = forecasts.forecast(stream, window, READERS)
        asked = bench.spent
        for part in bench.slices().slices(stream, window, READERS):
            bench.pages(window=part)

        _came_true(bench, told, asked)

    # ---- what is asked for

    def test_a_window_that_wants_no_field_still_tells_ids_and_stamps(self, bench: Bench) -> None:
        """A stream that nothing maps is still kept raw and swept."""
        there = bench.accounts(2)
        stream = bench.stream()

        window = bench.window(stream, want=frozenset())

        came = records(bench.pages(window=window))
        assert {record.id: record.modified for record in came} == dict(
            zip(there, (bench.start, bench.start + SECOND), strict=True)
        )

    def test_a_field_that_the_tenant_lacks_hides_no_record(self, bench: Bench) -> None:
        """The mapping names a field that an admin has removed: the rest of the stream must not go with it."""
        there = bench.accounts(3)
        stream = bench.stream()
        want = bench.want(stream) | {"No_Such_Field__c"}

        pages = bench.pages(window=bench.window(stream, want=want))

        assert sorted(ids(pages)) == sorted(there)
        assert all("No_Such_Field__c" not in record.body for record in records(pages))

    def test_a_record_read_twice_looks_the_same(self, bench: Bench) -> None:
        """Changes are told by comparing: a body in another shape is a change that nobody made."""
        bench.accounts(3)

        first, second = records(bench.pages()), records(bench.pages(session=bench.open()))

        assert [record.body for record in first] == [record.body for record in second]

    def test_a_record_looked_up_by_its_id_looks_as_in_the_list(self, bench: Bench) -> None:
        """Two shapes of one record would be two changes a day, for ever."""
        (id,) = bench.accounts(1)
        (listed,) = records(bench.pages())

        (gotten,) = bench.gets().get(bench.stream(), [id])

        assert gotten.page is not None
        (alone,) = gotten.page.records
        both = listed.body.keys() & alone.body.keys()
        assert bench.want(bench.stream()) & listed.body.keys() <= both
        assert {name: listed.body[name] for name in both} == {name: alone.body[name] for name in both}

    def test_many_ids_are_looked_up_in_order_and_none_costs_nothing(self, bench: Bench) -> None:
        """A sample of a deletion is hundreds of ids; no id at all is no question."""
        there = bench.accounts(MANY)[::-1]

        gotten = bench.gets().get(bench.stream(), there)

        assert [each.id for each in gotten] == there
        assert set(states(gotten)) == {"found"}
        assert list(bench.gets().get(bench.stream(), [])) == []

    def test_an_id_that_never_was_is_not_found(self, bench: Bench) -> None:
        """A typo in a link must not come to life."""
        (there,) = bench.accounts(1)
        never = f"{there[:-4]}{'0000' if there[-4:] != '0000' else '1111'}"

        (each,) = bench.gets().get(bench.stream(), [never])

        assert each.state in ("gone", "hidden")

    # ---- many readers

    def test_readers_at_one_time_do_not_disturb_each_other(self, bench: Bench) -> None:
        """The engine reads streams in parallel through one session."""
        there = bench.several_pages()
        bench.stream()

        parts = bench.at_once([bench.pages] * READERS)

        assert all(Counter(ids(pages)) == Counter(there) for pages in parts)

    def test_slices_read_at_one_time_are_the_whole_window(self, bench: Bench) -> None:
        """In parallel they are read, and in parallel they must be whole, within the calls that may be in flight."""
        there = bench.several_pages()
        window = bench.window(bench.stream())
        parts = list(bench.slices().slices(bench.stream(), window, READERS))

        came = bench.at_once([partial(bench.pages, window=part) for part in parts])

        assert Counter(id for pages in came for id in ids(pages)) == Counter(there)
        assert bench.tenant.traffic.most_in_flight <= bench.concurrency

    def test_a_slice_resumes_after_any_page(self, bench: Bench) -> None:
        """Each slice keeps its own cursor; a restart goes on with all of them."""
        bench.several_pages()
        window = bench.window(bench.stream())

        for part in bench.slices().slices(bench.stream(), window, 2):
            pages = bench.pages(window=part)
            for number, page in enumerate(pages[:-1]):
                rest = bench.pages(window=part, cursor=page.cursor, session=bench.open())
                assert Counter(ids(pages[: number + 1]) + ids(rest)) == Counter(ids(pages))

    def test_one_slice_is_the_window_itself(self, bench: Bench) -> None:
        """Where the tenant allows one call at a time, nothing is cut."""
        there = bench.accounts(5)

        parts = bench.slices().slices(bench.stream(), bench.window(bench.stream()), 1)

        assert sorted(id for part in parts for id in ids(bench.pages(window=part))) == sorted(there)
        assert len(parts) == 1


def _came_true(bench: Bench, told: Forecast | None, began: Spent) -> None:
    """What was read since is what the forecast had said."""
    if told is None:
        skip("a forecast of this window")
    assert abs(told.calls - (bench.spent.requests - began.requests)) <= max(1, NEAR * told.calls)
    assert abs(told.credits - (bench.spent.credits - began.credits)) <= max(1, NEAR * told.credits)
