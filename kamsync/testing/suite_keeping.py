"""Checks of going on from a kept place: what is new comes, what was read does not, and a restart changes nothing.

For sources that know themselves what was read (files, taps); those that are asked by windows of time are in the checks
of reading.
"""

from __future__ import annotations

from kamsync.plugin import Page, Record
from kamsync.testing.suite_bench import Bench, ids, records


class Keeping:
    """A cursor that outlives the read."""

    def test_what_was_read_does_not_come_again_while_nothing_changes(self, bench: Bench) -> None:
        """A folder of a million rows is looked at every ten minutes; it must not be read every ten minutes."""
        bench.by_place()
        bench.accounts(3)
        place = bench.pages()[-1].cursor

        pages = bench.pages(cursor=place)

        assert ids(pages) == []

    def test_a_record_that_is_new_comes_from_the_kept_place(self, bench: Bench) -> None:
        """Tonight's export has one more customer."""
        bench.by_place()
        bench.accounts(3)
        place = bench.pages()[-1].cursor
        fresh = bench.tenant.add("account", name="新客户有限公司")

        pages = bench.pages(cursor=place)

        assert fresh in ids(pages)
        assert ids(bench.pages(cursor=_last(pages, place))) == []

    def test_a_record_that_changed_comes_again_with_what_changed(self, bench: Bench) -> None:
        """A name is put right in the middle of the file: that row counts from now on."""
        bench.by_place()
        there = bench.accounts(3)
        place = bench.pages()[-1].cursor
        bench.tenant.change("account", there[1], name="改名后的公司")

        came = {record.id: record for record in records(bench.pages(cursor=place))}

        assert there[1] in came
        assert "改名后的公司" in came[there[1]].body.values()

    def test_what_did_not_change_looks_the_same_when_it_comes_again(self, bench: Bench) -> None:
        """One edited row brings its whole file: the others must not look like changes."""
        bench.by_place()
        there = bench.accounts(3)
        pages = bench.pages()
        before = _by_id(records(pages))
        bench.tenant.change("account", there[1], name="改名后的公司")

        came = _by_id(records(bench.pages(cursor=pages[-1].cursor)))

        others = came.keys() - {there[1]}
        assert {id: came[id].body for id in others} == {id: before[id].body for id in others}

    def test_a_kept_place_is_good_after_a_restart(self, bench: Bench) -> None:
        """The daemon stops on Friday; on Monday another process goes on from there."""
        bench.by_place()
        bench.accounts(3)
        place = bench.pages()[-1].cursor
        fresh = bench.tenant.add("account", name="新客户有限公司")

        resumed = bench.pages(cursor=place, session=bench.open())
        again = bench.pages(cursor=_last(resumed, place), session=bench.open())

        assert fresh in ids(resumed)
        assert ids(again) == []


def _last(pages: list[Page], place: str | None) -> str | None:
    """Where the next read goes on."""
    return next((page.cursor for page in reversed(pages) if page.cursor is not None), place)


def _by_id(came: list[Record]) -> dict[str, Record]:
    return {record.id: record for record in came}
