"""Checks of reading: nothing is lost, nothing comes twice, and a place in a list can be gone on from.

What a page holds is for the checks of typing; what goes wrong on the way for those of faults.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

from kamsync.plugin import CursorLost, Page, Position, Window
from kamsync.testing.server import Answer
from kamsync.testing.suite_bench import HOUR, SECOND, Bench, body_of, ids, records, skip, states

NOTHING = timedelta(0)


class Reading:
    """Lists, windows and cursors."""

    def test_every_record_arrives_once_over_several_pages(self, bench: Bench) -> None:
        """An account that is never read gets no tier and no reminder, and nobody notices that it is missing."""
        there = bench.several_pages()

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)
        assert len(pages) > 1
        assert bench.ends(pages)

    def test_records_that_share_one_second_all_arrive_once(self, bench: Bench) -> None:
        """A bulk import stamps thousands of records alike; a pager that steps by time alone loses or repeats them."""
        there = bench.several_pages(apart=NOTHING)

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)

    def test_a_window_includes_its_beginning_and_leaves_out_its_end(self, bench: Bench) -> None:
        """Windows are laid edge to edge: a strict "later than" at the lower edge drops the record on it for good."""
        bench.by_windows()
        there = bench.accounts(6)
        window = bench.window(bench.stream(), bench.start + 2 * SECOND, bench.start + 5 * SECOND)

        pages = bench.pages(window=window)

        assert sorted(ids(pages)) == sorted(there[2:5])

    def test_windows_laid_edge_to_edge_lose_nothing(self, bench: Bench) -> None:
        """The engine cuts long lists into windows; each record belongs to one of them."""
        bench.by_windows()
        there = bench.accounts(9)
        edges = [None, *(bench.start + number * SECOND for number in (1, 4, 8)), None]

        parts = [bench.pages(window=bench.window(bench.stream(), lo, hi)) for lo, hi in pairwise(edges)]

        assert Counter(id for part in parts for id in ids(part)) == Counter(there)

    def test_a_window_without_changes_is_empty_and_ends(self, bench: Bench) -> None:
        """Most polls find nothing; that is an answer, not an error, and no reason to go on asking."""
        bench.by_windows()
        bench.accounts(3)
        later = bench.start + timedelta(days=1)

        pages = bench.pages(window=bench.window(bench.stream(), later, later + HOUR))

        assert (ids(pages), [page.cursor for page in pages][-1:]) in (([], [None]), ([], []))

    def test_each_record_bears_the_stamp_that_the_crm_gave_it(self, bench: Bench) -> None:
        """The engine's place in time is made of these stamps; one without its offset is hours off."""
        (id,) = bench.accounts(1)

        (record,) = records(bench.pages())

        assert (record.id, record.modified) == (id, bench.start)

    def test_reading_resumes_after_any_page_without_loss_or_repeat(self, bench: Bench) -> None:
        """The daemon is killed between two pages; the next goes on from the cursor that was stored with the last."""
        there = bench.several_pages()
        window = bench.window(bench.stream())
        pages = bench.pages(window=window)

        for number, page in enumerate(pages[:-1]):
            rest = bench.pages(window=window, cursor=page.cursor, session=bench.open())
            assert bench.are_all(ids(pages[: number + 1]) + ids(rest), there)

    def test_a_cursor_that_nobody_wrote_is_lost_and_says_so(self, bench: Bench) -> None:
        """After a change of version the stored cursor may be of another make: the window then starts again."""
        there = bench.accounts(1)

        for cursor in ("not a place", "{}", '{"row": 7}'):
            with suppress(CursorLost):
                came = bench.pages(cursor=cursor)
                assert bench.stream().keeps_cursor, "it went on from nowhere"
                assert ids(came) == there  # a place that is kept may also begin anew by itself

    def test_a_cursor_that_the_crm_forgot_loses_no_record(self, bench: Bench) -> None:
        """Page tokens die after a day; a weekend later the list either goes on or is started again, never cut off."""
        there = bench.several_pages()
        window = bench.window(bench.stream())
        first = next(iter(bench.session.read(bench.stream(), window, None)))
        bench.tenant.forget_places()

        try:
            rest = ids(bench.pages(window=window, cursor=first.cursor))
        except CursorLost:
            rest = ids(bench.pages(window=window))

        assert set(ids([first]) + rest) == set(there)

    def test_what_a_page_says_it_reached_is_true(self, bench: Bench) -> None:
        """After a lost cursor the engine starts again from there: a record behind it would never be read."""
        bench.several_pages()

        pages = bench.pages()

        told = [(number, page.through) for number, page in enumerate(pages) if page.through is not None]
        if not told:
            skip("through")
        for number, through in told:
            assert _newest(pages[: number + 1]) == through
            assert all(
                record.modified and record.modified >= through.modified for record in records(pages[number + 1 :])
            )

    def test_a_record_that_changes_while_we_read_pushes_no_other_out(self, bench: Bench) -> None:
        """A salesperson saves an account we have read already: where places are counted, the next page skips one."""
        there = bench.several_pages()
        began = bench.tenant.now() - SECOND
        seen: list[Page] = []
        for page in bench.session.read(bench.stream(), bench.window(bench.stream()), None):
            if not seen:
                bench.tenant.change("account", page.records[0].id, name="改名公司")
            seen.append(page)

        assert set(there) <= set(ids(seen))
        assert ids(seen[:1])[0] in ids(bench.pages(window=bench.window(bench.stream(), began)))

    def test_a_change_is_in_the_next_window_with_what_it_changed(self, bench: Bench) -> None:
        """An account is renamed after it was read; the next poll brings the new name."""
        bench.by_windows()
        stream = bench.stream()
        if not stream.incremental:
            skip("incremental")
        changed, _ = bench.accounts(2)
        began = bench.tenant.now() - SECOND
        bench.tenant.change("account", changed, name="改名后的公司")

        (record,) = records(bench.pages(window=bench.window(stream, began)))

        assert record.id == changed
        assert "改名后的公司" in record.body.values()

    def test_every_field_that_the_mapping_reads_is_asked_for(self, bench: Bench) -> None:
        """A field that was not asked for looks like an empty one: the customer's credit code is "gone"."""
        stream = bench.stream()
        known = {field.name for field in bench.describes().fields(stream)}
        bench.accounts(1)
        want = bench.want(stream) & known
        assert want

        (page,) = [page for page in bench.pages() if page.records]

        assert page.fields is None or want <= page.fields
        assert want <= page.records[0].body.keys()

    def test_a_record_without_an_id_is_a_problem_and_the_rest_arrive(self, bench: Bench) -> None:
        """One odd row of a customised tenant must not cost the hundred that came with it."""
        there = bench.accounts(3)
        bench.stream()
        bench.tamper(lambda call, answer: _without(there[1], answer))

        came = records(bench.pages())

        assert sorted(record.id for record in came if record.problem is None) == [there[0], there[2]]
        assert [record.id for record in came if record.problem is not None] == [""]

    # ---- further ways to read

    def test_the_sweep_lists_every_id_once(self, bench: Bench) -> None:
        """The nightly sweep finds what no list of changes told; an id it leaves out is taken for deleted."""
        there = bench.several_pages(apart=NOTHING)

        pages = bench.drain(bench.sweep().ids(bench.stream(), None))

        assert Counter(ids(pages)) == Counter(there)

    def test_the_sweep_resumes_after_any_page(self, bench: Bench) -> None:
        """A sweep of a large tenant takes longer than one run."""
        there = bench.several_pages()
        pages = bench.drain(bench.sweep().ids(bench.stream(), None))

        for number, page in enumerate(pages[:-1]):
            if page.cursor is None:
                skip("a sweep that is gone on with; it starts again")
            rest = bench.drain(bench.sweep().ids(bench.stream(), page.cursor))
            assert Counter(ids(pages[: number + 1]) + ids(rest)) == Counter(there)

    def test_each_id_looked_up_is_found_or_gone_one_by_one(self, bench: Bench) -> None:
        """Before many deletions are believed, a sample is looked up: one missing record must not hide the others."""
        there = bench.accounts(3)
        bench.tenant.remove("account", there[1])

        gotten = bench.gets().get(bench.stream(), there)

        assert [each.id for each in gotten] == there
        assert states(gotten) == ["found", "gone", "found"]
        assert [ids([each.page]) for each in gotten if each.page] == [[there[0]], [there[2]]]

    def test_slices_together_are_the_whole_window(self, bench: Bench) -> None:
        """Slices are read in parallel; what falls between two of them is read by nobody."""
        there = bench.several_pages()
        window = bench.window(bench.stream())

        parts: list[Window] = list(bench.slices().slices(bench.stream(), window, 4))

        assert 1 <= len(parts) <= 4
        assert Counter(id for part in parts for id in ids(bench.pages(window=part))) == Counter(there)


def _newest(pages: list[Page]) -> Position | None:
    stamped = [Position(record.modified, record.id) for record in records(pages) if record.modified]
    newest = max((position.modified for position in stamped), default=None)
    return next((position for position in reversed(stamped) if position.modified == newest), None)


def _without(id: str, answer: Answer) -> Answer:
    """The answer with this id struck from whatever names it."""
    body = body_of(answer)
    return Answer(answer.status, _struck(body, id), answer.headers) if body is not None else answer


def _struck(value: Any, id: str) -> Any:
    if isinstance(value, dict):
        return {name: _struck(inner, id) for name, inner in value.items() if inner != id}
    return [_struck(inner, id) for inner in value] if isinstance(value, list) else value
