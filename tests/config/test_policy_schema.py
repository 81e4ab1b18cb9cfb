"""The schema of policy files in docs/schema is what their reader reads: made from it, and kept beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kamsync.config.policies import policy_schema
from kamsync.config.toml_file import read

ROOT = Path(__file__).parents[2]
POLICIES = ("value4", "vip_two_stage", "abc_matrix", "sabc")
KEPT = ROOT / "docs" / "schema" / "policy.schema.json"


def made() -> dict:
    files = [ROOT / "policies" / f"{name}.toml" for name in POLICIES]
    return policy_schema([read(path) for path in (*files, ROOT / "docs" / "schema" / "every-key.toml")])


def test_the_schema_in_the_docs_is_the_readers_own():
    """To bring it up to date: python -m tests.config.test_policy_schema"""
    assert json.loads(KEPT.read_text("utf-8")) == made()


def test_a_key_that_no_file_shows_cannot_be_left_out():
    with pytest.raises(LookupError, match="no file shows: labels, matrix"):
        policy_schema([read(ROOT / "policies" / "value4.toml")])


def test_the_schema_knows_kinds_bounds_and_the_metrics_there_are():
    shape = made()["properties"]

    assert shape["kind"] == {"enum": ["weighted", "two_stage", "matrix"]}
    assert shape["tiers"]["items"]["properties"]["floor"] == {"type": "number", "minimum": 0, "maximum": 100}
    metrics = shape["dimensions"]["additionalProperties"]["properties"]["metrics"]
    assert "avg_days_late" in metrics["propertyNames"]["enum"]
    assert metrics["additionalProperties"]["additionalProperties"] is False


if __name__ == "__main__":
    KEPT.write_text(json.dumps(made(), ensure_ascii=False, indent=2) + "\n", "utf-8")
