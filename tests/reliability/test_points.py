"""Nothing commits and nothing is called but at the two places that the rig breaks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kamsync.store import open_store
from tests.reliability.points import watched
from tests.reliability.report import ROOT

SOURCES = [
    path
    for folder in ("kamsync", "connectors")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "sim" not in path.parts and "testing" not in path.parts
]
DOORS = {"requests", "urllib3", "http.client", "urllib.request", "httpx", "aiohttp", "ftplib", "smtplib", "telnetlib"}


def calls(path: Path) -> Iterator[tuple[str, str]]:
    """(function it stands in, name called) of every call of an attribute or a name."""
    tree = ast.parse(path.read_text("utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    yield function.name, name


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def where(name: str) -> set[tuple[str, str]]:
    return {
        (str(path.relative_to(ROOT)), function) for path in SOURCES for function, each in calls(path) if each == name
    }


def test_only_a_unit_of_work_commits():
    """Units do, and who makes the tables of a new store or brings those of an old one up to date."""
    assert where("commit") == {("kamsync/store/database.py", name) for name in ("write", "make", "migrate")}


def test_only_the_store_opens_a_database():
    assert {path for path, _ in where("create_engine")} == {"kamsync/store/database.py"}
    assert {path for path, _ in where("connect") if path.startswith("kamsync/")} <= {
        "kamsync/store/database.py",
        "kamsync/store/soundness.py",
        "kamsync/net/transport.py",
    }


def test_only_the_transport_calls():
    found = {
        str(path.relative_to(ROOT)) for path in SOURCES for name in imports(path)
        if name in DOORS or name.split(".")[0] in DOORS
    }  # fmt: skip

    assert found == {"kamsync/net/transport.py"}


def test_both_sides_of_a_commit_are_told_and_a_unit_that_fails_has_only_none(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path / 'kamsync.db'}")
    told: list[str] = []

    with watched(lambda name, when: told.append(f"{when} {name}")):
        with store.write():
            pass
        with pytest.raises(ZeroDivisionError), store.write():
            raise ZeroDivisionError
    store.close()

    assert [each.split(" ")[:2] for each in told] == [["before", "commit"], ["after", "commit"]]
