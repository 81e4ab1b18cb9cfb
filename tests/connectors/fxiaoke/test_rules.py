"""Each trap that the table names has its test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "docs" / "fxiaoke-rules.md").read_text("utf-8")
NAMED = set(re.findall(r"`(test_\w+)`", TABLE))
WRITTEN = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^\s*def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}


def test_every_test_that_the_table_names_exists():
    assert len(NAMED) > 70
    assert not NAMED - WRITTEN


def test_every_row_of_the_table_names_a_test():
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(("| trap", "| ---"))]

    assert [row for row in rows if not re.search(r"`test_\w+` \|$", row)] == []


def test_every_setting_that_the_table_names_exists():
    from kamsync_fxiaoke import connector

    last = TABLE.split("## Unknown")[1]
    named = set(re.findall(r"`(\w+)`", last))

    assert named <= set(connector.options.model_fields)
