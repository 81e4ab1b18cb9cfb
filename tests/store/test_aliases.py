"""Aliases: chains lead to their end, never in a circle, and end when the loser is alive."""

from __future__ import annotations

from datetime import UTC, datetime

from kamsync.plugin import Gone
from kamsync.store import Store, aliases, landing
from kamsync.store.landing import Place

AT = datetime(2026, 3, 2, tzinfo=UTC)
PLACE = ("zoho", "accounts")


def test_a_chain_leads_to_its_end_in_whichever_order_it_is_told(store: Store) -> None:
    with store.write() as tx:
        landing.mark_gone(tx, Place(*PLACE, "account"), [Gone("B", "merged", into="C")], AT)
        landing.mark_gone(tx, Place(*PLACE, "account"), [Gone("A", "merged", into="B")], AT)

        found = aliases.finals(tx, "zoho")

    assert found == {("accounts", "A"): "C", ("accounts", "B"): "C"}


def test_the_newest_word_breaks_a_circle(store: Store) -> None:
    """A went into B; later B into C, and C into A: then A is there."""
    with store.write() as tx:
        for loser, winner in (("A", "B"), ("B", "C"), ("C", "A")):
            aliases.put(tx, PLACE, {loser: winner}, AT)

        found = aliases.finals(tx, "zoho")

    assert found == {("accounts", "B"): "A", ("accounts", "C"): "A"}


def test_who_is_back_is_itself_and_its_own_losers_follow_it(store: Store) -> None:
    with store.write() as tx:
        aliases.put(tx, PLACE, {"A": "B", "B": "C"}, AT)

        back = aliases.back(tx, PLACE, ["B", "X"])

        assert (back, aliases.finals(tx, "zoho")) == (["B"], {("accounts", "A"): "B"})


def test_an_id_that_is_another_records_now_has_neither_losers_nor_winner(store: Store) -> None:
    with store.write() as tx:
        aliases.put(tx, PLACE, {"A": "B", "B": "C", "D": "C"}, AT)

        aliases.forget(tx, PLACE, ["B"])

        assert aliases.finals(tx, "zoho") == {("accounts", "D"): "C"}


def test_a_proposal_leads_nowhere_until_it_is_said(store: Store) -> None:
    with store.write() as tx:
        aliases.put(tx, PLACE, {"A": "B"}, AT, source="proposed")
        before = aliases.finals(tx, "zoho")
        aliases.put(tx, PLACE, {"A": "B"}, AT)

        after = aliases.finals(tx, "zoho")

    assert (before, after) == ({}, {("accounts", "A"): "B"})
