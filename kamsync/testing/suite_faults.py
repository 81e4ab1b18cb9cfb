"""Checks of bad weather while reading: what did not come whole is asked for again, and never taken for an empty list.

Writes in bad weather are for the checks of sending.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest

from kamsync.plugin import QuotaSpent, Throttled, Unavailable
from kamsync.testing.faults import PORTAL, FaultKind
from kamsync.testing.server import Answer
from kamsync.testing.suite_bench import Bench, ids, skip
from kamsync.testing.tenant import Lacks

MOST_CALLS = 12  # for one read that goes wrong for ever


class Faults:
    """Lost, cut, foreign and missing answers; limits."""

    @pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate"])
    def test_a_read_that_breaks_off_is_made_again(self, bench: Bench, kind: FaultKind) -> None:
        """A line drops in the middle of a list; half an answer is no answer."""
        there = bench.several_pages()
        bench.fault(kind, bench.listing(), skip=1)

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_server_in_trouble_is_asked_again(self, bench: Bench, status: int) -> None:
        """A gateway times out now and then; the night's run must not end for it."""
        there = bench.several_pages()
        bench.answer(Answer(status, PORTAL), bench.listing())

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)

    @pytest.mark.parametrize("body", [PORTAL, "", b"", b"{}", b"[]", b"null", b"{", b'"ok"'])
    def test_an_answer_that_is_no_list_is_asked_for_again(self, bench: Bench, body: str | bytes) -> None:
        """HTTP 200 with a login page, or with nothing: a list read from it would end early, and look complete."""
        there = bench.several_pages()
        on = bench.listing()
        bench.fault("answer", on, skip=1, status=200, body=body)

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)

    def test_a_login_page_for_ever_is_unavailable_and_never_an_empty_list(self, bench: Bench) -> None:
        """Behind a captive portal every call "succeeds"; to the engine that must look like no CRM at all."""
        bench.accounts(3)
        on = bench.listing()
        before = bench.times(on)
        bench.answer(Answer(200, PORTAL), on, times=-1)

        with pytest.raises(Unavailable):
            bench.pages()

        assert bench.times(on) - before <= MOST_CALLS

    def test_a_crm_that_is_not_there_is_unavailable(self, bench: Bench) -> None:
        """The network is down: the run says so and ends."""
        bench.accounts(1)
        bench.pages()
        bench.tenant.stop()

        with pytest.raises(Unavailable):
            bench.pages()

    def test_a_crm_that_says_slow_down_is_waited_for(self, bench: Bench) -> None:
        """Others use the same tenant and its limits; a pause costs no record."""
        there = bench.several_pages()
        bench.answer(bench.tenant.too_fast(), bench.listing(), times=2)

        pages = bench.pages()

        assert Counter(ids(pages)) == Counter(there)
        assert sum(bench.clock.slept) > 0

    def test_a_crm_that_says_slow_down_for_ever_is_left_alone(self, bench: Bench) -> None:
        """Knocking on is what gets an integration blocked."""
        bench.accounts(1)
        on = bench.listing()
        before = bench.times(on)
        bench.answer(bench.tenant.too_fast(), on, times=-1)

        with pytest.raises(Throttled):
            bench.pages()

        assert bench.times(on) - before <= MOST_CALLS

    def test_a_day_whose_calls_are_used_up_ends_reading_at_once(self, bench: Bench) -> None:
        """No pause helps before midnight; people who work in the CRM need what little comes back."""
        said = bench.tenant.spent()
        if said is None:
            skip("a limit of calls a day")
        bench.accounts(1)
        on = bench.listing()
        before = bench.times(on)
        bench.answer(said, on, times=-1)

        with pytest.raises(QuotaSpent):
            bench.pages()

        assert bench.times(on) - before == 1

    def test_reading_changes_nothing(self, bench: Bench) -> None:
        """A pull may be run at any time by anybody: tags and tasks are the same afterwards."""
        (id, *_) = bench.accounts(3)
        with suppress(Lacks):
            bench.tenant.set_tags(id, ["老客户"])
        before = bench.tenant.truth()

        bench.pages()
        bench.session.check()

        assert bench.tenant.truth() == before
        assert not bench.tenant.workflows_fired
