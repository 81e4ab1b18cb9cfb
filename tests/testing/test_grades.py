"""Grades follow from results by a rule that people can read."""

from __future__ import annotations

import pytest

from kamsync.testing.grades import GROUPS, RULES, Result, grade
from kamsync.testing.suite import ConnectorTests

WHOLE = ("task", "tags")


@pytest.mark.parametrize(
    ("results", "facets", "wanted"),
    [
        ([("Reading", "passed"), ("Tags", "passed"), ("Tasks", "passed")], WHOLE, "A"),
        ([("Reading", "passed"), ("Lists", "skipped")], WHOLE, "A"),
        ([("Reading", "passed")], (), "B"),
        ([("Reading", "passed"), ("Tags", "passed")], ("tags",), "B"),
        ([("Reading", "passed"), ("Metadata", "failed")], WHOLE, "C"),
        ([("Metadata", "failed"), ("Sending", "failed")], WHOLE, "F"),
        ([("Redaction", "failed")], (), "F"),
    ],
)
def test_a_grade_is_what_became_of_the_checks(
    results: list[tuple[str, Result]], facets: tuple[str, ...], wanted: str
) -> None:
    assert grade(results, facets) == wanted
    assert wanted in RULES


def test_every_part_of_the_suite_has_a_title_and_a_weight() -> None:
    assert list(GROUPS) == [part.__name__ for part in ConnectorTests.__bases__]
