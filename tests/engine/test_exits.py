"""The exit code of a run says how it ended; a refusal counts as one only where nothing else was done."""

from __future__ import annotations

import pytest

from kamsync.engine import exits
from kamsync.engine.pull import PullReport, StreamReport
from kamsync.plugin import ConfigError, KamsyncError, Refused, Throttled, Unavailable, same

REFUSED, BUSY, AWAY, WRONG = (
    Refused(same("no")),
    Throttled(same("slow")),
    Unavailable(same("?")),
    ConfigError(same("x")),
)


@pytest.mark.parametrize(
    ("troubles", "done", "code"),
    [
        ([], False, 0),
        ([REFUSED], False, 8),
        ([BUSY], False, 8),
        ([REFUSED], True, 7),
        ([AWAY], False, 7),
        ([AWAY, REFUSED], False, 8),
        ([WRONG], False, 2),
        ([WRONG, AWAY], True, 7),
    ],
)
def test_troubles_become_one_code(troubles: list[KamsyncError], done: bool, code: int) -> None:
    found = exits.of_troubles(troubles, anything_done=done)

    assert found == code


def test_a_pull_in_which_one_crm_refused_and_another_answered_is_degraded() -> None:
    report = PullReport(1, streams=[StreamReport("fxiaoke", "accounts", "AccountObj")], troubles={"zoho": REFUSED})

    code = exits.of_pull(report)

    assert (report.verdict, code) == ("degraded", 7)


def test_a_pull_that_every_stream_refused_is_refused() -> None:
    report = PullReport(1, streams=[StreamReport("zoho", "accounts", "Accounts", trouble=REFUSED)])

    code = exits.of_pull(report)

    assert (report.verdict, code) == ("failed", 8)


def test_deletions_that_are_held_degrade_a_pull() -> None:
    report = PullReport(1, streams=[StreamReport("zoho", "accounts", "Accounts", held=9)])

    code = exits.of_pull(report)

    assert code == 7
