"""What becomes of a change of a task that need not, or may not, be sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kamsync.plugin import LiveTask, Target, TaskChange, TaskRef, as_asked, without_a_call

MARKER = "kam:R08:INV-1-30:" + "abcdefgh23456" * 2
ALL: Any = frozenset({"close", "reopen", "due", "owner", "delete"})
SEEN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def change(**asked: Any) -> TaskChange:
    return TaskChange(Target("accounts", "Accounts", "1"), "7", MARKER, **asked)


def live(state: Any = "found", **facts: Any) -> LiveTask:
    now = {"done": False, "owner": "1001", "due": date(2026, 3, 2), "modified": SEEN}
    return LiveTask(TaskRef(MARKER, "7"), state, "7", **(now | facts if state == "found" else facts))


def told(asked: TaskChange, now: LiveTask, able: Any = ALL) -> tuple[str, str | None] | None:
    outcome = without_a_call("i1", asked, now, able)
    return None if outcome is None else (outcome.state, outcome.cause)


@pytest.mark.parametrize(
    ("asked", "now", "verdict"),
    [
        (change(close=True), live(), None),
        (change(close=True), live(done=True), ("applied", None)),
        (change(close=False), live(), ("applied", None)),
        (change(due=date(2026, 3, 2), owner="1001"), live(), ("applied", None)),
        (change(due=date(2026, 3, 2), owner="1002"), live(), None),
        (change(due=date(2026, 3, 2)), live(due=None), None),
        (change(), live(), ("applied", None)),
        (change(delete=True), live(done=True), None),
        (change(delete=True), live("gone"), ("applied", None)),
        (change(close=True), live("gone"), ("applied", None)),
        (change(close=False), live("gone"), ("refused", "gone")),
        (change(close=True, owner="1002"), live("gone"), ("refused", "gone")),
        (change(close=True), live("foreign"), ("refused", "foreign")),
        (change(delete=True), live("foreign"), ("refused", "foreign")),
        (change(delete=True), live("hidden"), ("refused", None)),
        (change(close=True), live(locked=True), ("refused", "locked")),
        (change(close=True, modified=SEEN), live(), None),
        (change(close=True, modified=SEEN), live(modified=SEEN + timedelta(seconds=1)), ("stale", None)),
        (change(close=True, modified=SEEN), live(modified=None), None),
        (change(close=True, modified=SEEN), live(done=True, modified=SEEN + timedelta(days=1)), ("applied", None)),
    ],
)
def test_what_a_task_is_now_decides_whether_a_change_goes(
    asked: TaskChange, now: LiveTask, verdict: tuple[str, str | None] | None
) -> None:
    assert told(asked, now) == verdict


def test_what_a_connection_cannot_change_is_refused_before_anything_else() -> None:
    asked = change(close=True, owner="1002")

    assert told(asked, live("gone"), frozenset({"close"})) == ("refused", "unsupported")
    assert told(change(close=True), live(), frozenset({"close"})) is None


def test_a_change_that_deletes_asks_for_nothing_else() -> None:
    asked = change(delete=True, close=True, owner="1002")

    assert asked.asks == {"delete"}
    assert not as_asked(asked, live(done=True, owner="1002"))
