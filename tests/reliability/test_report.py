"""The rig's figures and what the page says of them are the same; what the page names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.reliability import report
from tests.reliability.part import at_least, at_most, exactly, parts, told


def test_the_pages_table_is_that_of_the_figures_that_are_kept():
    page = report.PAGE.read_text("utf-8")

    assert report.written(page) == page, "run: python -m tests.reliability --table"


def test_no_kept_figure_missed_its_goal():
    runs = [run for by_part in report.kept().values() for run in by_part.values()]

    assert [one["name"] for run in runs for one in run["figures"] if not one["passed"]] == []


@pytest.mark.parametrize(
    "named",
    sorted(set(re.findall(r"`((?:tests|kamsync/testing)/[\w/]+\.py(?:::\w+)?)`", report.PAGE.read_text("utf-8")))),
)
def test_every_test_that_the_page_names_is_there(named: str):
    path, _, name = named.partition("::")
    tree = ast.parse((report.ROOT / path).read_text("utf-8"))

    assert not name or name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_part_that_the_page_names_is_there_and_every_part_is_named():
    named = set(re.findall(r"rig: `(\w+)`", report.PAGE.read_text("utf-8")))

    assert named == {part.NAME for part in parts()}


def test_every_fault_of_writing_and_of_the_store_has_its_row():
    named = re.findall(r"(?m)^\| F(\d+) \|", report.PAGE.read_text("utf-8"))
    wanted = {*range(1, 5), 6, *range(16, 26), 38, 39, 42, 46, 48, *range(76, 98)}

    assert len(named) == len(set(named))
    assert wanted <= set(map(int, named))


def test_sizes_and_names_of_parts_are_told_apart():
    sizes = [name for part in parts() for name in part.SIZES]
    names = [part.NAME for part in parts()]

    assert len(sizes) == len(set(sizes))
    assert len(names) == len(set(names))


def test_a_figure_passes_when_it_reaches_its_goal():
    assert [
        exactly("lost", 0, 1, "").passed,
        at_most("time", 2, 2.5, "s").passed,
        at_least("kills", 9, 9, "").passed,
    ] == [
        False,
        False,
        True,
    ]
    assert told("strawman", 15.1, "%").passed


def test_a_run_takes_the_place_of_the_same_parts_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(report, "KEPT", tmp_path / "reliability.json")
    for got in (3, 0):
        report.keep(
            "pr", [report.told("kills", {"kills": 9}, 1, "2026-11-22", (1.0, 0.9), [exactly("lost", 0, got, "rows")])]
        )
    report.keep(
        "long", [report.told("kills", {"kills": 90}, 1, "2026-11-22", (9.0, 8.0), [exactly("lost", 0, 0, "rows")])]
    )

    assert [one["got"] for one in report.kept()["pr"]["kills"]["figures"]] == [0]
    assert "| kills | lost | = 0 | 0 rows | 0 rows |" in report.table()
