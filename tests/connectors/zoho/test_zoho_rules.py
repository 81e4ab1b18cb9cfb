"""The table of rules names tests that exist, for every rule."""

from __future__ import annotations

import re
from pathlib import Path

TABLE = Path("docs/zoho-rules.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", TABLE, re.MULTILINE)


def test_every_rule_has_a_line_and_a_test():
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 51))
    assert [number for number, _, tests in ROWS if "`test_" not in tests] == []


def test_every_test_that_is_named_exists():
    files = [*Path("tests").rglob("*.py"), *Path("kamsync/testing").glob("suite*.py")]
    there = {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))}

    named = {name for _, _, tests in ROWS for name in re.findall(r"`(test_\w+)`", tests)}

    assert named - there == set()
