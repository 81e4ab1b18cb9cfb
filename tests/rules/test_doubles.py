"""Tasks with one marker: people's copies are theirs, what people touched stays, and doubt touches nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from kamsync.plugin import Ours
from kamsync.rules.doubles import Known, roles

MADE = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
US, LILY = "1000", "1001"


def task(id: str, after: int = 0, *, by: str | None = US, touched: int = 0, done: bool = False) -> Ours:
    """A task made so many minutes later than the first; touched so many minutes after it was made."""
    made = MADE + timedelta(minutes=after)
    return Ours(id, "kam:R01:x:y", None, done, modified=made + timedelta(minutes=touched), created=made, creator=by)


FIRST, SECOND, THIRD = task("9"), task("10", 1), task("11", 2)
CASES = [
    ("one alone", [FIRST], "9", {"9": ""}),
    ("one of another's hand alone: the integration user is another by now", [task("9", by=LILY)], "9", {"9": ""}),
    ("a person's copy", [FIRST, task("10", 5, by=LILY, touched=9)], "9", {"9": "", "10": "copy"}),
    ("a copy of which we hold no receipt", [FIRST, task("10", 5, by=LILY)], None, {"9": "", "10": "copy"}),
    ("twice by us: the older stays", [FIRST, SECOND], "10", {"9": "", "10": "spare"}),
    ("three times", [FIRST, SECOND, THIRD], "9", {"9": "", "10": "spare", "11": "spare"}),
    ("the younger was touched: it stays", [FIRST, task("10", 1, touched=60)], "9", {"9": "spare", "10": ""}),
    ("the younger was ticked off", [FIRST, task("10", 1, done=True)], "9", {"9": "spare", "10": ""}),
    ("both were touched", [task("9", touched=5), task("10", 1, touched=60)], "9", {"9": "", "10": "unclear"}),
    ("no stamps, nobody can say", [FIRST, replace(SECOND, created=None)], "9", {"9": "", "10": "unclear"}),
    ("a workflow's hand at once is none", [FIRST, replace(SECOND, modified=MADE)], "9", {"9": "", "10": "spare"}),
    ("who made it is not told", [FIRST, replace(SECOND, creator=None)], "9", {"9": "", "10": "spare"}),
    ("ours is older than the receipt's", [FIRST, task("10", 5, by=LILY)], "10", {"9": "", "10": "spare"}),
    (
        "a copy beside two of ours",
        [FIRST, SECOND, task("12", 9, by=LILY)],
        "9",
        {"9": "", "10": "spare", "12": "copy"},
    ),
]


@pytest.mark.parametrize(("tasks", "written", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_role_of_each(tasks: list[Ours], written: str | None, told: dict[str, str]) -> None:
    assert {tuple(sorted(roles(order, Known(written, US)).items())) for order in permutations(tasks)} == {
        tuple(sorted(told.items()))
    }
