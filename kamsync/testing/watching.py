"""Run a file of checks with pytest, quietly, and note what became of each.

It tells nobody; who asked decides what is shown. Meant for a process of its own: pytest changes the one it runs in.
"""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kamsync.testing.grades import GROUPS, Result

NAME = "KAMSYNC_CERTIFIES"  # in the environment: the connector that case.py is about
LONGEST = 600  # characters of a failure that are told


@dataclass(slots=True)
class Outcome:
    """One check, as it was tried. `why`: what it is there for. `message`: what went wrong, or why it was skipped."""

    check: str
    group: str
    why: str
    result: Result = "passed"
    message: str = ""
    place: str = ""
    calls: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in Outcome.__slots__}


class Watch:
    """A pytest plugin that keeps the outcomes, in order."""

    def __init__(self, only: str, each: Callable[[Outcome], None]) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.done: list[Outcome] = []
        self._only = only
        self._each = each

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [item for item in items if self._only in item.name]
        items.sort(key=lambda item: list(GROUPS).index(_group(item)) if _group(item) in GROUPS else len(GROUPS))
        for item in items:
            why = " ".join((inspect.getdoc(item.function) or "").split())
            self.outcomes[item.nodeid] = Outcome(item.name, _group(item), why)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        one = self.outcomes[report.nodeid]
        if report.failed and one.result != "failed":
            one.result = "failed"
            one.message, one.place = _said(report)
        elif report.skipped:
            one.result = "skipped"
            one.message = (
                str(report.longrepr[2]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
            )
        if report.when == "teardown":
            kept: Any = dict(report.user_properties).get("calls", [])
            one.calls = list(kept)
            self.done.append(one)
            self._each(one)


def watched(module: str, only: str = "", each: Callable[[Outcome], None] = lambda one: None) -> list[Outcome]:
    """Run the checks of a module (those with these words in their name) and tell what became of each."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # nobody else's plugins: the same result everywhere
    watch = Watch(only, each)
    with tempfile.TemporaryDirectory(prefix="kamsync-certify-") as folder:
        words = ["--pyargs", module, "--noconftest", "-c", os.devnull, "--rootdir", folder, "-p", "no:cacheprovider"]
        words += ["-p", "no:terminal", "-p", "no:faulthandler"]
        pytest.main(words, plugins=[watch])
    return watch.done


def _group(item: Any) -> str:
    """The part of the suite that a check belongs to."""
    name = item.function.__name__
    return next((str(part.__name__) for part in item.cls.__mro__[1:] if name in vars(part)), str(item.cls.__name__))


def _said(report: pytest.TestReport) -> tuple[str, str]:
    """What went wrong, in a few lines, and where."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message if crash is not None else report.longrepr)
    place = f"{Path(crash.path).name}:{crash.lineno}" if crash is not None else ""
    return text[:LONGEST], place
