"""Hold what stands in the CRMs beside what must stand there. Knows nothing of kamsync: no import, no store.

Run: python -m tests.reliability.checker FILE …   each a JSON that the kill harness left, see `Case`.
Ends with 1 when anything is lost, doubled, foreign or unasked for.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

TIERS = (("一级", 75), ("二级", 55), ("三级及以下", 0))


@dataclass
class Case:
    """All that a verdict needs.

    `ratings`: for each day on which kamsync judged, in order, company -> rating. `places`: company -> connection ->
    record; the first one is home of its reminders. `swap`: how many writes it takes a CRM to put one tag in another's
    place. `before`, `after`: the CRMs' truth, at the last time that people acted and now.
    """

    days: list[str]
    ratings: list[dict[str, int]]
    places: dict[str, dict[str, str]]
    swap: dict[str, int]
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass
class Found:
    """`needed`: writes that it takes in all; the rest, each with samples, is what went wrong."""

    needed: int = 0
    lost: int = 0
    doubled: int = 0
    foreign: int = 0
    unasked: int = 0
    samples: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return self.lost + self.doubled + self.foreign + self.unasked

    def and_then(self, later: Found) -> Found:
        """Both together; what was needed is told by the later one for all."""
        sums = (getattr(self, name) + getattr(later, name) for name in ("lost", "doubled", "foreign", "unasked"))
        return Found(later.needed, *sums, self.samples + later.samples[:3])


def check(case: Case) -> Found:
    found = Found()
    _tags(case, found)
    _tasks(case, found)
    for name in case.before:
        _people(name, case.before[name]["people"], case.after[name]["people"], found)
    return found


def tiers(ratings: list[dict[str, int]], company: str) -> list[str]:
    """A company's tier on each day: by its rating; up at once, down one step a day."""
    ranks: list[int] = []
    for rating in (day[company] for day in ratings):
        scored = next(rank for rank, (_, floor) in enumerate(TIERS) if rating >= floor)
        ranks.append(min(scored, ranks[-1] + 1) if ranks else scored)
    return [TIERS[rank][0] for rank in ranks]


def _tags(case: Case, found: Found) -> None:
    """Each record of a company carries the tag of its newest tier, and no other one of ours."""
    for company, places in case.places.items():
        every = tiers(case.ratings, company)
        changes = sum(before != after for before, after in pairwise(every))
        for connection, id in places.items():
            found.needed += 1 + changes * case.swap[connection]
            want, got = f"KAM·{every[-1]}", case.after[connection]["tags"].get(id, [])
            if want not in got:
                found.lost += 1
                found.samples.append(f"lost: {want} on {connection} {id}, which has {got}")
            if extra := [tag for tag in got if tag != want]:
                found.unasked += 1
                found.samples.append(f"unasked: {extra} on {connection} {id}")


def _tasks(case: Case, found: Found) -> None:
    """A reminder of each change of tier, at its company's home, once."""
    wanted = set()
    for company, places in case.places.items():
        home = next(iter(places.items()))
        for (before, after), day in zip(pairwise(tiers(case.ratings, company)), case.days[1:], strict=True):
            if before != after:
                wanted.add((*home, day))
    found.needed += len(wanted)
    there: Counter[tuple[str, str, str]] = Counter()
    for connection, truth in case.after.items():
        for task in truth["tasks"]:
            there[connection, task["target"], (task["marker"] or "::").split(":")[2]] += 1
    for key in wanted:
        if not there[key]:
            found.lost += 1
            found.samples.append(f"lost: the reminder {key}")
    for key, count in there.items():
        if count > 1:
            found.doubled += count - 1
            found.samples.append(f"doubled: the reminder {key}, {count} times")
        if key not in wanted:
            found.unasked += 1
            found.samples.append(f"unasked: the reminder {key}")


def _people(name: str, before: dict[str, Any], after: dict[str, Any], found: Found) -> None:
    """Whatever is people's own is as they left it."""
    for kind in ("tags", "tasks", "records"):
        for id in before[kind].keys() | after[kind].keys():
            if before[kind].get(id) != after[kind].get(id):
                found.foreign += 1
                found.samples.append(f"foreign: {kind} {name} {id}: {before[kind].get(id)} -> {after[kind].get(id)}")


def main(files: list[str]) -> int:
    wrong = 0
    for file in files:
        found = check(Case(**json.loads(Path(file).read_text("utf-8"))))
        wrong += found.wrong
        print(json.dumps(asdict(found), ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
