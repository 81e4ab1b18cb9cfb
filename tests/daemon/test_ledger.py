"""The run ledger: a business time is worked off once, and one that was cut off stays owed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kamsync.engine import ledger
from kamsync.engine.workspace import Workspace, opened
from kamsync.net import SystemClock

CYCLE, PULL = ("cycle", "2026-11-23 07:30"), ("pull", "2026-11-22T23:30:00Z/600")
CONFIG = """
[policy]
tiers = "value4.toml"
reminders = "reminders.toml"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A deployment without any connection."""
    for name in ("value4.toml", "reminders.toml"):
        (tmp_path / name).touch()
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    with opened(tmp_path / "config.toml", SystemClock()) as workspace:
        yield workspace


def test_a_business_time_that_ended_is_not_taken_up_again(workspace: Workspace):
    assert ledger.begin(workspace, [CYCLE, PULL])
    ledger.end(workspace, [CYCLE, PULL], "ok")

    again = ledger.begin(workspace, [CYCLE])

    assert not again
    assert ledger.look(workspace, [CYCLE, PULL]) == ledger.Ledger(
        frozenset({CYCLE, PULL}), frozenset({"cycle", "pull"})
    )


def test_a_business_time_that_was_cut_off_is_taken_up_again(workspace: Workspace):
    ledger.begin(workspace, [CYCLE])

    seen = ledger.look(workspace, [CYCLE])

    assert seen == ledger.Ledger(frozenset(), frozenset({"cycle"}))
    assert ledger.begin(workspace, [CYCLE])


def test_a_store_has_one_daemon_and_names_it(workspace: Workspace):
    with ledger.on_duty(workspace):
        with pytest.raises(ledger.AlreadyWriting, match="pid") as refused, ledger.on_duty(workspace):
            pass

        assert refused.value.exit_code == 3
