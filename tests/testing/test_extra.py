"""One line installs all that the author of a connector needs: `pip install 'kamsync[kit]'`."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WHOLE = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, MODULES = WHOLE["project"], WHOLE["tool"]["deptry"]["package_module_name_map"]
OURS = {"kamsync", *(load.partition(":")[0] for load in PROJECT["entry-points"]["kamsync.connectors"].values())}


def packages(requirements: list[str]) -> set[str]:
    """What these bring, by the name it is imported under."""
    names = (re.split(r"[\[<>=~! ]", each)[0] for each in requirements)
    return {MODULES.get(name, name) for name in names}


def imported() -> Iterator[str]:
    """The top-level names that the room of the suite imports."""
    for path in (ROOT / "kamsync" / "testing").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (name.name.partition(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]


def test_the_kit_brings_what_the_suite_imports_and_nothing_that_the_daemon_has_already() -> None:
    daemons, kits = packages(PROJECT["dependencies"]), packages(PROJECT["optional-dependencies"]["kit"])

    foreign = set(imported()) - sys.stdlib_module_names - OURS

    assert foreign - daemons == kits
