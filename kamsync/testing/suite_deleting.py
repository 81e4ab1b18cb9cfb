"""Checks of deletions: a customer who left the CRM leaves kamsync too, and nobody else does.

How many deletions are believed at once is the engine's affair.
"""

from __future__ import annotations

from kamsync.plugin import ListsIds, ReadsGone
from kamsync.testing.suite_bench import HOUR, Bench, gone, ids, skip


class Deleting:
    """What the CRM tells of records that are no more."""

    def test_a_deletion_is_told(self, bench: Bench) -> None:
        """A customer was deleted; without word of it they would keep their tier and their reminders."""
        there = bench.accounts(3)
        bench.tenant.remove("account", there[1])
        now = bench.tenant.now()

        pages = bench.drain(bench.gone().gone(bench.stream(), bench.window(bench.stream(), now - HOUR), None))

        assert [each.id for each in gone(pages)] == [there[1]]

    def test_many_deletions_are_all_told(self, bench: Bench) -> None:
        """A clean-up deletes hundreds at once: more than one answer holds."""
        lists = bench.gone()
        there = bench.several_pages()
        for id in there:
            bench.tenant.remove("account", id)
        now = bench.tenant.now()

        pages = bench.drain(lists.gone(bench.stream(), bench.window(bench.stream(), now - HOUR), None))

        assert {each.id for each in gone(pages)} == set(there)

    def test_the_list_of_deletions_resumes_after_any_page(self, bench: Bench) -> None:
        """The daemon is killed between two pages of deletions."""
        lists = bench.gone()
        there = bench.several_pages()
        for id in there:
            bench.tenant.remove("account", id)
        window = bench.window(bench.stream(), bench.tenant.now() - HOUR)
        pages = bench.drain(lists.gone(bench.stream(), window, None))

        for number, page in enumerate(pages[:-1]):
            rest = bench.drain(lists.gone(bench.stream(), window, page.cursor))
            assert {each.id for each in gone([*pages[: number + 1], *rest])} == set(there)

    def test_a_record_in_the_bin_is_no_longer_read_as_a_live_one(self, bench: Bench) -> None:
        """Void records that look alive keep getting visits planned (57 of them did, in a sync we know of)."""
        there = bench.accounts(3)
        bench.tenant.discard("account", there[1])

        pages = bench.pages()

        assert sorted(ids(pages)) == [there[0], there[2]]

    def test_a_record_in_the_bin_is_told_as_gone(self, bench: Bench) -> None:
        """Whether deleted or void: the next poll says so, by the lane that this CRM has for it."""
        there = bench.accounts(3)
        began = bench.tenant.now() - HOUR
        bench.tenant.discard("account", there[1])
        window = bench.window(bench.stream(), began)

        told = gone(bench.pages(window=window))
        if isinstance(bench.session, ReadsGone):
            told += gone(bench.drain(bench.session.gone(bench.stream(), window, None)))
        elif bench.is_offline and not told and isinstance(bench.session, ListsIds):
            skip("word of a deletion; only the sweep shows it")

        assert {each.id for each in told} == {there[1]}
        assert all(each.kind in ("deleted", "void", "merged") for each in told)

    def test_the_sweep_no_longer_lists_what_was_deleted(self, bench: Bench) -> None:
        """Where no list of deletions tells it, absence from the sweep does."""
        there = bench.accounts(3)
        bench.tenant.remove("account", there[1])

        pages = bench.drain(bench.sweep().ids(bench.stream(), None))

        assert sorted(ids(pages)) == [there[0], there[2]]

    def test_a_deletion_can_be_noticed_one_way_or_another(self, bench: Bench) -> None:
        """A CRM that only ever tells what changed keeps its dead for ever: a list of deletions or a sweep is a must."""
        if isinstance(bench.session, ReadsGone | ListsIds):
            return
        there = bench.accounts(3)
        cursor = bench.pages()[-1].cursor
        bench.tenant.remove("account", there[1])

        pages = bench.pages(cursor=cursor if bench.stream().keeps_cursor else None)

        assert {each.id for each in gone(pages)} == {there[1]}
