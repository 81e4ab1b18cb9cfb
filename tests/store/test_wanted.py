"""Wishes and what was seen of them: which states a plan must look at, and what an older epoch may not settle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from kamsync.store import Store, outbox, wanted
from kamsync.store.outbox import Ending
from kamsync.store.sql import insert_new, upsert
from kamsync.store.tables import RawRow, StateRow, table
from kamsync.store.tables_outbox import IntentRow, ReceiptRow

RAW, STATE, INTENT, RECEIPT = table(RawRow), table(StateRow), table(IntentRow), table(ReceiptRow)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


def _state(id: str, wish: str | None = "KAM·一级", account: str = "A1") -> dict[str, Any]:
    place = {"connection": "zoho", "stream": "accounts", "remote_id": id, "facet": "tags", "object": "Accounts"}
    return place | {"account": account, "wanted": wish, "zh": "", "en": ""}


def _landed(tx: Connection, id: str, at: datetime) -> None:
    row = {"connection": "zoho", "stream": "accounts", "remote_id": id, "hash": "", "body": "{}", "run": 1}
    upsert(tx, RAW, [row | {"landed_at": at}])


def _seen(tx: Connection, at: datetime, *ids: str) -> None:
    wanted.note_looks(tx, [row for row in wanted.to_look_at(tx, again=99) if row["remote_id"] in ids], at)


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["remote_id"] for row in rows]


def test_a_state_is_looked_at_until_it_was_seen_as_wanted(store: Store) -> None:
    with store.write() as tx:
        wanted.want(tx, ["A1"], [_state("1"), _state("2"), _state("3", wish=None)])
        _seen(tx, NOON, "2")

        left = wanted.to_look_at(tx, again=0)

    assert _ids(left) == ["1"]


def test_a_record_that_landed_after_the_look_is_looked_at_again(store: Store) -> None:
    with store.write() as tx:
        for id, at in (("1", EARLIER), ("2", LATER)):
            _landed(tx, id, at)
        wanted.want(tx, ["A1"], [_state("1"), _state("2")])
        _seen(tx, NOON, "1", "2")

        left = wanted.to_look_at(tx, again=0)

    assert _ids(left) == ["2"]


def test_a_change_of_mind_is_looked_at_though_the_old_mind_was_seen(store: Store) -> None:
    with store.write() as tx:
        wanted.want(tx, ["A1"], [_state("1"), _state("2")])
        _seen(tx, NOON, "1", "2")
        wanted.want(tx, ["A1"], [_state("1", wish="KAM·二级"), _state("2")])

        left = wanted.to_look_at(tx, again=0)

    assert [(row["remote_id"], row["revision"]) for row in left] == [("1", 2)]


def test_a_look_says_nothing_of_a_mind_that_has_changed_meanwhile(store: Store) -> None:
    with store.write() as tx:
        wanted.want(tx, ["A1"], [_state("1")])
        looked_at = wanted.to_look_at(tx, again=0)
        wanted.want(tx, ["A1"], [_state("1", wish="KAM·二级")])

        wanted.note_looks(tx, looked_at, NOON)

        assert _ids(wanted.to_look_at(tx, again=0)) == ["1"]


def test_those_not_looked_at_for_longest_take_their_turn(store: Store) -> None:
    with store.write() as tx:
        wanted.want(tx, ["A1"], [_state(id) for id in "12345"])
        _seen(tx, NOON, "1", "2", "3", "4", "5")
        turns = []
        for hour in (1, 2, 3):
            turn = wanted.to_look_at(tx, again=2)
            wanted.note_looks(tx, turn, NOON + timedelta(hours=hour))
            turns.append(_ids(turn))

    assert turns == [["1", "2"], ["3", "4"], ["1", "5"]]


def test_what_we_wrote_ourselves_counts_as_seen(store: Store) -> None:
    with store.write() as tx:
        wanted.want(tx, ["A1"], [_state("1"), _state("2")])
        mine = {name: _state("1")[name] for name in wanted.FACET_KEY}
        wanted.own(tx, [mine | {"value": "KAM·一级", "revision": 1, "intent": "i1", "written_at": NOON}])

        left = wanted.to_look_at(tx, again=0)

    assert _ids(left) == ["2"]


def test_a_state_of_a_record_that_moved_to_another_account_keeps_its_revision(store: Store) -> None:
    with store.write() as tx:
        wanted.want(tx, ["A1"], [_state("1")])
        wanted.want(tx, ["A2"], [_state("1", account="A2")])

        [row] = tx.execute(select(STATE.c.account, STATE.c.revision)).all()

    assert tuple(row) == ("A2", 1)


# ---- the outbox


def _intent(id: str, epoch: int) -> dict[str, Any]:
    names = {"kind": "tags", "connection": "zoho", "stream": "accounts", "object": "Accounts", "remote_id": id}
    return names | {"id": id, "key": f"tags:{id}", "plan": 1, "account": "A1", "payload": {}, "before": None,
                    "state": "sending", "attempt": 1, "epoch": epoch, "sent_at": EARLIER, "run": 1}  # fmt: skip


def test_an_intent_that_a_newer_writer_took_over_is_not_settled_by_the_older_one(store: Store) -> None:
    intents = [_intent("1", epoch=3), _intent("2", epoch=4)]
    with store.write() as tx:
        insert_new(tx, INTENT, intents)

        settled = outbox.settle(tx, [Ending(one, "done", "applied", remote_id="9") for one in intents], 3, NOON)

        states = tx.execute(select(INTENT.c.id, INTENT.c.state, INTENT.c.written_id).order_by(INTENT.c.id)).all()
        receipts = tx.execute(select(RECEIPT.c.intent)).scalars().all()
    assert settled == {"1"}
    assert [tuple(row) for row in states] == [("1", "done", "9"), ("2", "sending", None)]
    assert receipts == ["1"]


def test_an_outcome_without_an_id_keeps_the_id_that_was_written_before(store: Store) -> None:
    with store.write() as tx:
        insert_new(tx, INTENT, [_intent("1", epoch=1) | {"written_id": "77"}])

        outbox.settle(tx, [Ending(_intent("1", epoch=1), "unknown", "unknown")], 1, NOON)

        assert tx.execute(select(INTENT.c.written_id)).scalar() == "77"


def test_a_refused_intent_is_taken_up_again_and_a_done_one_is_not(store: Store) -> None:
    with store.write() as tx:
        insert_new(tx, INTENT, [_intent("1", 1) | {"state": "refused"}, _intent("2", 1) | {"state": "done"}])

        outbox.put_intents(tx, [_intent(id, 2) | {"state": "planned", "plan": 2} for id in "123"])

        rows = tx.execute(select(INTENT.c.id, INTENT.c.state, INTENT.c.plan).order_by(INTENT.c.id)).all()
    assert [tuple(row) for row in rows] == [("1", "planned", 2), ("2", "done", 1), ("3", "planned", 2)]
