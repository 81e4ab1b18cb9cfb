"""The connectors that come with kamsync hold their grades, and claim what they claimed.

The suite itself is run on each of them elsewhere, and a check that fails there is a test that fails; what could be lost
beside without a test that fails is a claim: a check for what is not claimed is skipped.
"""

from __future__ import annotations

import pytest

from kamsync.engine.certificates import kept
from kamsync.engine.connectors import find
from kamsync.testing.claims import claims
from kamsync.testing.grades import GROUPS, Result, grade

READERS = ["read", "fields"]
CRMS = [*READERS, "gone", "ids", "get", "slices", "forecast", "hint"]
PASSED: list[tuple[str, Result]] = [(group, "passed") for group in GROUPS]  # as the conformance tests say


@pytest.mark.parametrize(
    ("name", "wanted", "capabilities", "levels"),
    [
        ("zoho", "A", [*CRMS, "watch", "write", "tasks"], {"task": "E3", "tags": "S2"}),
        ("fxiaoke", "A", [*(one for one in CRMS if one != "gone"), "write", "tasks"], {"task": "E1", "tags": "S1"}),
        ("files", "B", [*READERS, "ids", "get"], {}),
        ("singer", "B", READERS, {}),
    ],
)
def test_a_connector_that_comes_with_kamsync_holds_its_grade(
    name: str, wanted: str, capabilities: list[str], levels: dict[str, str]
) -> None:
    told = claims(find().connectors[name])

    assert [one for one in capabilities if one not in told["capabilities"]] == []
    assert told["levels"] == levels
    assert grade(PASSED, told["levels"]) == wanted


@pytest.mark.parametrize(("name", "wanted"), [("zoho", "A"), ("fxiaoke", "A"), ("files", "B"), ("singer", "B")])
def test_the_grade_travels_with_the_package(name: str, wanted: str) -> None:
    """`make certify` writes it; `kamsync connector list` shows it, and says so where the code is another by now."""
    paper = kept(find().origins[name].package)

    assert paper is not None
    assert (paper.grade, paper.report["failed"], paper.report["checks"]) == (wanted, 0, [])
