"""The page on mappings: its tables are the reader's own, its examples can be read."""

from __future__ import annotations

import re
from pathlib import Path

from kamsync.mapping import read_mapping
from kamsync.mapping.formula import read_formula
from kamsync.mapping.reference import filled

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"
AGAIN = "python -c \"from pathlib import Path; from kamsync.mapping.reference import filled; p = Path('docs/mapping.md'); p.write_text(filled(p.read_text()))\""  # noqa: E501  a command to copy


def test_the_tables_are_the_readers_own() -> None:
    text = PAGE.read_text("utf-8")

    assert filled(text) == text, f"run: {AGAIN}"
    assert set(re.findall(r"<!-- (\w+) -->", text)) == {"stream", "kinds", "keys", "functions", "entities", "end"}


def test_the_example_is_a_mapping() -> None:
    examples = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    example = next(text for text in examples if "[accounts]" in text)

    assert read_mapping(example, "mappings/example.toml").streams == ("accounts",)


def test_every_formula_on_the_page_can_be_read() -> None:
    formulas = re.findall(r'formula = "([^"]+)"', PAGE.read_text("utf-8"))

    assert len(formulas) >= 4
    assert all(read_formula(text).paths for text in formulas)
