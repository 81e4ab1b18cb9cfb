"""The audit trail: a chain that tells of every row changed, taken out or put in."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from kamsync.store import Store, audit
from kamsync.store.audit import AUDIT, Deed, Head

NOW = datetime(2026, 11, 3, 8, 30, 0, 125_000, tzinfo=UTC)


@pytest.fixture
def ten(store: Store) -> Store:
    """A store in which ten things were done, in two transactions."""
    for first in (1, 6):
        deeds = [
            Deed("write.applied", f"task:{number}", {"名": "华为", "rows": number})
            for number in range(first, first + 5)
        ]
        with store.write() as tx:
            audit.append(tx, "王芳", NOW + timedelta(minutes=first), deeds)
    return store


def verify(store: Store, noted: str | None = None) -> audit.Verdict:
    with store.read() as tx:
        return audit.verify(tx, noted)


def test_what_was_done_is_read_back_in_its_order_and_fits(ten: Store) -> None:
    with ten.read() as tx:
        rows = list(audit.walk(tx))

    assert [(row["seq"], row["subject"], row["facts"]["rows"]) for row in rows] == [
        (number, f"task:{number}", number) for number in range(1, 11)
    ]
    assert verify(ten) == audit.Verdict(Head(10, rows[-1]["digest"]))


@pytest.mark.parametrize("change", ["who", "deed", "subject", "facts", "at"])
def test_a_row_that_somebody_changed_is_named(ten: Store, change: str) -> None:
    new = {"at": NOW + timedelta(seconds=1), "facts": {"名": "华为", "rows": 5}}.get(change, "somebody else's")
    with ten.write() as tx:
        tx.execute(update(AUDIT).where(AUDIT.c.seq == 4).values({change: new}))

    assert verify(ten).broken == (4, "changed")


def test_a_row_changed_together_with_its_digest_is_named_by_the_next(ten: Store) -> None:
    with ten.write() as tx:
        row = {**next(iter(audit.walk(tx, 3))), "who": "somebody else"}
        tx.execute(
            update(AUDIT).where(AUDIT.c.seq == 4).values(who=row["who"], digest=audit._digest(row["previous"], row))
        )

    assert verify(ten).broken == (5, "changed")


def test_a_row_that_was_taken_out_is_named(ten: Store) -> None:
    with ten.write() as tx:
        tx.execute(delete(AUDIT).where(AUDIT.c.seq == 6))

    assert verify(ten).broken == (7, "missing")


def test_a_tail_that_was_cut_off_is_told_by_a_head_noted_before(ten: Store) -> None:
    noted = verify(ten).head.digest
    with ten.write() as tx:
        tx.execute(delete(AUDIT).where(AUDIT.c.seq > 8))

    alone, beside_the_note = verify(ten), verify(ten, noted)

    assert (alone.broken, alone.head.deeds) == (None, 8)
    assert (beside_the_note.broken, beside_the_note.met) == (None, False)


def test_a_head_noted_before_is_met_again_when_more_was_done(ten: Store) -> None:
    noted = verify(ten).head.digest
    with ten.write() as tx:
        audit.append(tx, "kamsync", NOW, [Deed("push.paused", "all")])

    assert verify(ten, noted).met is True


def test_nothing_done_is_a_chain_too(store: Store) -> None:
    with store.write() as tx:
        audit.append(tx, "kamsync", NOW, [])

    assert verify(store) == audit.Verdict(Head(0, ""))


def test_those_who_write_at_one_time_wait_for_each_other(store: Store) -> None:
    def write(who: str) -> None:
        for number in range(20):
            with store.write() as tx:
                audit.append(tx, who, NOW, [Deed("write.applied", str(number))] * 3)

    at_work = [threading.Thread(target=write, args=(who,)) for who in ("a", "b", "c")]
    for each in at_work:
        each.start()
    for each in at_work:
        each.join()

    assert (verify(store).broken, verify(store).head.deeds) == (None, 180)


def test_a_deed_is_undone_with_the_transaction_that_was_to_make_it_true(ten: Store) -> None:
    def fail_on_the_way() -> None:
        with ten.write() as tx:
            audit.append(tx, "kamsync", NOW, [Deed("write.applied", "x")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_on_the_way()

    assert verify(ten).head.deeds == 10
