"""The outbox beside people: of two who decide about one write at the same moment, one wins, and both know which."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from kamsync.store import Store, outbox
from kamsync.store.outbox import Ending

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ROUNDS = 100


def _put(store: Store, number: int, **more: Any) -> str:
    row: dict[str, Any] = {
        "id": f"i{number}", "key": f"task:{number}", "plan": 1, "kind": "task", "connection": "zoho",
        "stream": "accounts", "object": "Accounts", "remote_id": "1", "account": "a", "payload": {}, "before": {},
        "state": "planned", "attempt": 0, "epoch": 1, "sent_at": None, "written_id": None, "code": "", "cause": "",
        "message": "", "run": 1,
    }  # fmt: skip
    with store.write() as tx:
        outbox.put_intents(tx, [row | more])
    return f"i{number}"


def _state(store: Store, id: str) -> str:
    with store.read() as tx:
        [row] = outbox.named(tx, id)
    return str(row["state"])


def _race(store: Store, one: Callable[[Any], Any], other: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Both at the same moment, each in a write unit of its own."""
    gate = threading.Barrier(2)

    def run(act: Callable[[Any], Any]) -> Any:
        gate.wait()
        with store.write() as tx:
            return act(tx)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(run, one), pool.submit(run, other)
        return first.result(), second.result()


def _drop(id: str) -> Callable[[Any], bool]:
    states: tuple[Any, ...] = ("planned", "unknown", "refused", "stale")
    return lambda tx: outbox.decide(tx, id, states, "dropped", "wangfang", "dropped", NOW)


def test_what_a_person_drops_as_it_leaves_either_leaves_or_is_dropped(store: Store) -> None:
    for number in range(ROUNDS):
        id = _put(store, number)

        left, dropped = _race(store, lambda tx, id=id: outbox.send(tx, [id], 1, NOW), _drop(id))

        assert (left == {id}) is not dropped
        assert _state(store, id) == ("dropped" if dropped else "sending")


def test_evidence_that_comes_as_a_person_drops_it_is_not_sent_again(store: Store) -> None:
    """A look finds nothing and plans it again; at that moment somebody gives it up: nobody sends it."""
    for number in range(ROUNDS):
        id = _put(store, number, state="unknown", attempt=1)
        with store.read() as tx:
            [intent] = outbox.named(tx, id)
        absent = Ending(intent, "planned", "settled planned", evidence="nothing there")

        settled, dropped = _race(store, lambda tx, absent=absent: outbox.settle(tx, [absent], 1, NOW), _drop(id))

        assert dropped or settled
        assert _state(store, id) == ("dropped" if dropped else "planned")


def test_what_is_dropped_is_not_taken_up_by_a_plan(store: Store) -> None:
    id = _put(store, 1, state="refused")
    with store.write() as tx:
        assert _drop(id)(tx)

    _put(store, 1)

    assert _state(store, id) == "dropped"


def test_of_two_people_who_replay_one_write_one_is_told_that_it_moved_on(store: Store) -> None:
    for number in range(ROUNDS):
        id = _put(store, number, state="refused", attempt=1)

        def again(tx: Any, id: str = id) -> bool:
            return outbox.decide(tx, id, ("refused",), "stale", "wangfang", "replayed", NOW)

        assert sorted(_race(store, again, again)) == [False, True]

    with store.read() as tx:
        assert len(outbox.receipts(tx, id)) == 1
