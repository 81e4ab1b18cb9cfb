"""Run the rig: `python -m tests.reliability [--gate pr|long] [--only PART,…] [--seed N] [SIZE=NUMBER …]`.

Ends with 1 when a figure misses its goal.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.reliability import report
from tests.reliability.part import Part, parts
from tests.reliability.story.stories import tell


def main(asked: argparse.Namespace) -> int:
    if asked.story is not None:
        return _story(asked.story, trace=asked.trace, amnesia="amnesia" in asked.only and len(asked.only) == 1)
    if asked.table:
        report.PAGE.write_text(report.written(report.PAGE.read_text("utf-8")), "utf-8")
        return 0
    chosen = [part for part in parts() if part.NAME in asked.only]
    given = _given(asked.sizes, chosen)
    began, runs, missed = time.monotonic(), [], 0
    for part in chosen:
        sizes = {name: given.get(name, both[asked.gate == "long"]) for name, both in part.SIZES.items()}
        print(f"{part.NAME}: {', '.join(f'{name} {size:,}' for name, size in sizes.items())}, seed {asked.seed}")
        at, start, before = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic(), _cpu()
        figures = list(part.run(sizes, asked.seed, Progress()))
        took, cpu = time.monotonic() - start, _cpu() - before
        print(f"{Progress.CLEAR}  {took:.0f} s, {cpu:.0f} s of a core")
        report.show(figures)
        runs.append(report.told(part.NAME, sizes, asked.seed, at, (took, cpu), figures))
        missed += sum(not one.passed for one in figures)
    took = time.monotonic() - began
    asked.json.write_text(report.dumps({"gate": asked.gate, "seconds": round(took, 1), "parts": runs}), "utf-8")
    if asked.keep:
        report.keep(asked.gate, runs)
    print(f"{took:.0f} s; {missed} missed; written to {asked.json}")
    return 1 if missed else 0


def _story(number: int, *, trace: bool, amnesia: bool) -> int:
    """Tell one story again."""
    story = tell(number, print if trace else lambda line: None, amnesia=amnesia)
    print(f"story {number}: {story.digest}, {story.days:.0f} days, {dict(story.figures)}")
    for broken in story.broken:
        print(f"  broken: {broken}")
    return 1 if story.broken else 0


def _given(sizes: Sequence[str], chosen: Sequence[Part]) -> Mapping[str, int]:
    """KILLS=2000 as {"kills": 2000}; a name that no part has is a mistake."""
    given = {name.lower(): int(number) for name, _, number in (size.partition("=") for size in sizes)}
    odd = given.keys() - {name for part in chosen for name in part.SIZES}
    if odd:
        raise SystemExit(f"no part has a size named {', '.join(sorted(odd))}")
    return given


def _cpu() -> float:
    """Seconds of a core that this process and its children took, databases' servers aside."""
    took = os.times()
    return took.user + took.system + took.children_user + took.children_system


class Progress:
    """One line that changes on a terminal; elsewhere a line every twenty seconds."""

    CLEAR = "\r\x1b[K" if sys.stdout.isatty() else ""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def __call__(self, what: str) -> None:
        if sys.stdout.isatty():
            print(f"{self.CLEAR}  {what[:76]}", end="", flush=True)
        elif time.monotonic() - self.last > 20:
            self.last = time.monotonic()
            print(f"  {what[:76]}", flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    names = [part.NAME for part in parts()]
    parser.add_argument("--gate", choices=report.GATES, default="pr")
    parser.add_argument(
        "--only", type=lambda told: told.split(","), metavar="PART,…", default=names, help=", ".join(names)
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=Path("reliability.json"))
    parser.add_argument("--keep", action="store_true", help="also as the newest figures of docs/reliability.json")
    parser.add_argument("--table", action="store_true", help="only make the table of docs/reliability.md anew")
    parser.add_argument(
        "--story",
        type=int,
        metavar="N",
        help="only tell this story again, and its digest; one of the amnesia part with --only amnesia",
    )
    parser.add_argument("--trace", action="store_true", help="with all that happens in it")
    parser.add_argument("sizes", nargs="*", metavar="SIZE=NUMBER", help="as kills=2000")
    asked = parser.parse_intermixed_args()
    if odd := set(asked.only) - set(names):
        parser.error(f"no part is named {', '.join(sorted(odd))}")
    return asked


if __name__ == "__main__":
    raise SystemExit(main(_asked()))
