"""What a run of the rig found: on the screen, in `reliability.json`, and as the table of docs/reliability.md."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import kamsync
from tests.reliability.part import Figure

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "docs" / "reliability.json"  # the newest run of each part, by gate
PAGE = ROOT / "docs" / "reliability.md"
GATES = ("pr", "long")
BEGIN, END = "<!-- figures: made by `python -m tests.reliability --table` -->", "<!-- figures end -->"


def versions() -> dict[str, str]:
    return {
        "kamsync": kamsync.__version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }


def told(
    name: str, sizes: Mapping[str, int], seed: int, at: str, took: tuple[float, float], figures: Iterable[Figure]
) -> dict[str, Any]:
    """One part's run, as JSON. `took`: seconds by the clock, and of a core."""
    return {
        "part": name,
        "at": at,
        "seed": seed,
        "sizes": dict(sizes),
        "seconds": round(took[0], 1),
        "core_seconds": round(took[1], 1),
        "cores": os.cpu_count(),
        "versions": versions(),
        "figures": [asdict(one) | {"seconds": round(one.seconds, 1)} for one in figures],
    }


def show(figures: Sequence[Figure]) -> None:
    """A part's figures, 80 columns."""
    for one in figures:
        mark = "ok  " if one.passed else "MISS"
        got = f"{number(one.got)} {one.unit}"
        print(f"  {mark if one.goal else '    '} {one.name:<44.44} {got:>16.16} {one.goal:>9.9}")
        if not one.passed:
            print(f"       {one.how}")
    sys.stdout.flush()


def number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


# ---- what is kept


def kept() -> dict[str, dict[str, Any]]:
    """gate -> part -> its newest run."""
    found: dict[str, dict[str, Any]] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    return {gate: found.get(gate, {}) for gate in GATES}


def keep(gate: str, runs: Iterable[Mapping[str, Any]]) -> None:
    """Put these runs in the place of their parts' earlier ones."""
    all = kept()
    all[gate] |= {run["part"]: dict(run) for run in runs}
    KEPT.write_text(dumps(all), "utf-8")


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def table() -> str:
    """The figures that are kept, as the page shows them."""
    lines = [BEGIN, "", "| part | figure | goal | PR gate | long gate | how |", "|---|---|---|---|---|---|"]
    by_gate = kept()
    for part in sorted({name for runs in by_gate.values() for name in runs}):
        lines += _rows(part, [by_gate[gate].get(part) for gate in GATES])
    runs = [f"{gate}: {name} seed {run['seed']}, {run['seconds']:g} s ({run['core_seconds']:g} s of a core, "
            f"{run['cores']} there), {run['at'][:10]}"
            for gate in GATES for name, run in sorted(by_gate[gate].items())]  # fmt: skip
    return "\n".join([*lines, "", *(f"- {run}" for run in runs), *[""] * bool(runs), END])


def _rows(part: str, runs: Sequence[Mapping[str, Any] | None]) -> list[str]:
    by_name: dict[str, list[Mapping[str, Any] | None]] = {}
    for column, run in enumerate(runs):
        for figure in run["figures"] if run else ():
            by_name.setdefault(figure["name"], [None] * len(runs))[column] = figure
    lines = []
    for name, found in by_name.items():
        one = next(figure for figure in found if figure)
        cells = [f"{number(figure['got'])} {figure['unit']}" if figure else "–" for figure in found]
        lines.append(f"| {part} | {name} | {one['goal'] or '–'} | {cells[0]} | {cells[1]} | {one['how']} |")
    return lines


def written(page: str) -> str:
    """The page with its table made anew."""
    before, rest = page.split(BEGIN)
    return before + table() + rest.split(END)[1]
